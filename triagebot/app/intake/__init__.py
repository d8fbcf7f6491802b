"""From the server to a decision: an inbox is watched, its mails are read in the limited child and decided."""
