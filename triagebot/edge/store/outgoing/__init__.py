"""Rows of what leaves, and what keeps it from leaving."""
