"""Aligned tables on the terminal; colours follow NO_COLOR and pipes."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Given a title, column names and rows, print them aligned. Cell text is shown as it is, never as markup."""
    console = Console()
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        numeric = column in ("min", "minutes", "attempts", "#")
        table.add_column(column, justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    for row in rows:
        table.add_row(*(Text(_shown(cell)) for cell in row))
    if not console.is_terminal:
        console = Console(width=160)
    console.print(table)


def _shown(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return "".join(c if c.isprintable() else " " for c in text)
