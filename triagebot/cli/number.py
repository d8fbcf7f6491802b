"""What a user may type where a number is wanted."""

import click

ROW = click.IntRange(1, 2**63 - 1)
"""The number of a mail or ticket: what a database can hold."""


def is_row(text: str) -> bool:
    """Given a text, return whether it can be the number of a mail or ticket."""
    return text.isascii() and text.isdecimal() and len(text) < 19
