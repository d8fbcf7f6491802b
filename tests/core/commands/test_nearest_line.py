"""A line that is not understood is answered with one that is, in English like the rest of the commands."""

from datetime import date

import pytest

from triagebot.core.commands.lines import read_commands
from triagebot.core.phrase import ENGLISH


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("1 Main St", "1 tomorrow"),  # not "demain"
        ("12 tomorow", "12 tomorrow"),
        ("12 fryday", "12 friday"),
        ("12 cloze", "12 close"),
        ("12 kapat", "12 ok"),
    ],
)
def test_the_nearest_line_is_said(line: str, nearest: str) -> None:
    """Of words of other languages the English one is proposed; where nothing is near, the usual command."""
    said = read_commands(line, date(2026, 11, 24))
    assert said.commands == ()
    (unclear,) = said.unclear
    assert ENGLISH.speak(unclear.why).endswith(f"write for example {nearest}")
    assert read_commands(nearest, date(2026, 11, 24)).commands
