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


def test_rows_have_colours_on_a_terminal_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is urgent is red where colours can be seen, and plain words in a pipe."""
    table = ("", ("a", "b"), [("late", "[red]x"), ("calm", "y")], ["bold red", ""])
    print_table(*table)
    plain = capsys.readouterr().out
    assert "\x1b" not in plain
    assert "[red]x" in plain
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    print_table(*table)
    late, calm = capsys.readouterr().out.splitlines()[-2:]
    assert "\x1b[1;31m" in late
    assert "\x1b" not in calm
