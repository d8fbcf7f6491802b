"""Tables in plain text: cells in columns, wide letters counted twice, long texts broken into lines."""

import unicodedata
from collections.abc import Sequence
from itertools import zip_longest
from textwrap import wrap

_MOST = 44
_GAP = "  "


def lay_out(rows: Sequence[Sequence[str]], right: Sequence[bool], most: int = _MOST) -> str:
    """Given rows of cells, the first one being the heads, which columns stand to the right, and after how many letters
    a cell is broken, return lines of text. A head without any words is left out, with its rule."""
    broken = [[wrap(cell, most) or [""] for cell in row] for row in rows]
    widths = [max(measure(line) for cell in column for line in cell) for column in zip(*broken, strict=True)]
    lines = []
    for number, row in enumerate(broken):
        if number == 0 and not any(cell != [""] for cell in row):
            continue
        for parts in zip_longest(*row, fillvalue=""):
            cells = (_pad(part, width, to_right) for part, width, to_right in zip(parts, widths, right, strict=True))
            lines.append(_GAP.join(cells).rstrip())
        if number == 0:
            lines.append(_GAP.join("-" * width for width in widths).rstrip())
    return "\n".join(lines)


def measure(text: str) -> int:
    """Given a text, return how many columns of a terminal it takes (UAX 11: wide letters two, marks none)."""
    if text.isascii():
        return len(text)
    return len(text) + sum(
        -1 if unicodedata.combining(letter) else unicodedata.east_asian_width(letter) in "WF"
        for letter in text
        if letter > "\x7f"
    )


def _pad(text: str, width: int, to_right: bool) -> str:
    space = " " * (width - measure(text))
    return space + text if to_right else text + space
