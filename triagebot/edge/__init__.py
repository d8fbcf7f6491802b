"""One library or protocol per file: bytes and exceptions become core values; nothing is decided here."""
