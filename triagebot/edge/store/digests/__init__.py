"""Rows of what the developer was shown, what he answered, and how well the desk's own answers fitted."""
