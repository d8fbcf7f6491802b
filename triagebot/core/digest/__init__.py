"""The daily digest: what the developer reads, as values, and as the parts of a mail."""
