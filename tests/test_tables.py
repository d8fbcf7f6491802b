"""The tables of tests/cases/README.md: no row of the law is missing, and what they name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLES = {"I": 46, "check": 25, "line": 16}
"""Rows of each table: safety.md I, its 25 checks, D with J. A row is only ever taken out together with the law's."""
_NAMED = re.compile(r"(?P<folder>\d{3}-[a-z0-9-]+)|(?P<file>tests/[\w/]+\.py)::(?P<test>\w+)")


def rows_of(table: str) -> list[tuple[int, str, str]]:
    """Given the head of a table's first column, return number, row and place of each of its rows."""
    text = (ROOT / "tests" / "cases" / "README.md").read_text("utf-8")
    body = text.partition(f"\n| {table} | ")[2].partition("\n\n")[0].splitlines()[2:]
    found = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in body]
    return [(int(number), row, where) for number, row, where in found]


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_there(table: str) -> None:
    """Each row of the law has its number and says where it is tested."""
    assert [number for number, _, _ in rows_of(table)] == list(range(1, TABLES[table] + 1))
    assert [row for _, row, where in rows_of(table) if not _NAMED.search(where)] == []


@pytest.mark.parametrize("table", TABLES)
def test_what_the_tables_name_is_there(table: str) -> None:
    """No folder and no test that a row names has been renamed or removed."""
    gone = []
    for _, row, where in rows_of(table):
        for named in _NAMED.finditer(where):
            if named["folder"]:
                good = any((ROOT / "tests" / "cases" / named["folder"]).glob("mail*"))
            else:
                file = ROOT / named["file"]
                good = file.is_file() and f"def {named['test']}(" in file.read_text("utf-8")
            gone += [] if good else [f"{row}: {named[0]}"]
    assert gone == []
