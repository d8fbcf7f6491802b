"""What the pictures of a digest show, as values; edge/chart.py draws them.

They hold no words: names that are the same in every language, numbers, a check mark and a cross. The words stand in the
table beside them, in the reader's language.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar for each name, from left to right, with its number."""

    rows: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """A column for each name; `framed` is the outline around it, such as how much there was to fill. Above it stands
    the one number of the other: 120/140."""

    names: tuple[str, ...]
    filled: tuple[int, ...]
    framed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stacks:
    """A column for each name: what was kept, with a check mark, and on top of it what was broken, with a cross."""

    names: tuple[str, ...]
    kept: tuple[int, ...]
    broken: tuple[int, ...]


Drawing = Bars | Columns | Stacks


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawing as PNG, with its size in CSS pixels; it has twice as many, for fine screens."""

    png: bytes
    width: int
    height: int
