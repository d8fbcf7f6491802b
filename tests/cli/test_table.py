"""Tables on the terminal: aligned, complete, and never markup."""

import pytest

from triagebot.cli.table import print_table


@pytest.mark.parametrize("count", [2, 500])
def test_every_row_is_there_and_aligned(count: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Short or long, a table shows each row once, its columns under their names, control characters gone."""
    print_table("Things", ("#", "what"), [(number, f"[b]thing\x1b {number}") for number in range(count)])
    lines = [line for line in capsys.readouterr().out.splitlines() if "thing" in line]
    assert len(lines) == count
    assert {line.index("[b]thing ") for line in lines} == {lines[0].index("[b]thing ")}
