"""Rows of what came in: folders, mails, threads, and what is known when one is decided."""
