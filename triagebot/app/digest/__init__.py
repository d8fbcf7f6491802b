"""The daily digest: gathered from the database, sent once a support day."""
