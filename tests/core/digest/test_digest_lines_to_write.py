"""The lines an item offers to be answered with."""

import pytest

from triagebot.core.digest.content import Item
from triagebot.core.digest.wording import list_commands


@pytest.mark.parametrize(
    ("ref", "commands", "lines"),
    [
        ("12", ("ok", "25m"), ["12 ok", "12 25m"]),
        ("12", ("undo",), ["undo 12"]),
        ("", ("undo",), ["undo"]),
        ("", ("mode live",), ["mode live"]),
        ("m4", ("done", "undo"), ["m4 done", "undo m4"]),
    ],
)
def test_a_command_stands_where_it_is_written(ref: str, commands: tuple[str, ...], lines: list[str]) -> None:
    """After what it names, but `undo` before it: the form that every sentence uses."""
    assert list_commands(Item("Matter", ref=ref, commands=commands)) == lines
