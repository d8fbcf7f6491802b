"""Aligned tables on the terminal; colours follow NO_COLOR and pipes."""

from collections.abc import Iterable, Sequence

import click

_NUMERIC = (
    *("min", "minutes", "attempts", "#", "carried", "granted", "used", "other", "left", "rate", "amount", "total"),
    *("net", "VAT", "gross", "requests", "by itself"),
)
_WRAPPED_ROWS = 200
"""Longer tables are for pipes and pagers: their cells are aligned but not wrapped, which takes no time."""
_PIPE_WIDTH = 160


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], styles: Sequence[str] = ()
) -> None:
    """Given a title, column names and rows, print them aligned. Cell text is shown as it is, never as markup. `styles`
    are those of rich, one a row; without a terminal they do nothing."""
    cells = [[_shown(cell) for cell in row] for row in rows]
    if len(cells) > _WRAPPED_ROWS:
        _print_long(title, columns, cells)
    else:
        _print_wrapped(title, columns, cells, styles)


def _print_long(title: str, columns: Sequence[str], rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    lines = [title] if title else []
    for row in (list(columns), *rows):
        padded = (
            cell.rjust(width) if name in _NUMERIC else cell.ljust(width)
            for name, cell, width in zip(columns, row, widths, strict=True)
        )
        lines.append("  ".join(padded).rstrip())
    click.echo("\n".join(lines))


def _print_wrapped(title: str, columns: Sequence[str], rows: list[list[str]], styles: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH)
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        numeric = column in _NUMERIC
        table.add_column(column, justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    for number, row in enumerate(rows):
        table.add_row(*map(Text, row), style=styles[number] if styles else None)
    console.print(table)


def _shown(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return "".join(c if c.isprintable() else " " for c in text)
