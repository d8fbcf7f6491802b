"""Rows about the desk itself, copies of it, and the end of what is kept."""
