"""The digest as a whole: both parts tell the same day, in its order, above all the proof (safety.md E)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.digests import QUIET
from triagebot.core.digest.content import Digest, Item, Section
from triagebot.core.digest.page import render_html
from triagebot.core.digest.plain import render_text
from triagebot.core.phrase import ENGLISH

PARTS = pytest.mark.parametrize("render", [render_text, render_html], ids=["text", "html"])
Render = Callable[[Digest], str]


@PARTS
def test_a_quiet_day(render: Render) -> None:
    """A day without anything says so, and shows no empty section."""
    said = render(QUIET)
    assert "A quiet day: nothing needs you." in said
    assert "Needs you" not in said


@PARTS
def test_a_day_with_something_is_not_quiet(render: Render) -> None:
    """Sections come in order under their headings, the proof and the notices above them all, the hints below."""
    busy = replace(
        QUIET,
        notices=("The desk is in shadow mode",),
        sections=(
            Section("Needs you", (Item("Jan: Links"),)),
            Section("Money"),
            Section("Planned", (Item("Mia: Footer"),)),
        ),
        hints=("Answer this mail",),
    )
    said = render(busy)
    proof = ENGLISH.speak(busy.proof)
    order = (proof, "shadow mode", "Needs you", "Jan: Links", "Planned", "Mia: Footer", "Answer this mail")
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    assert "quiet" not in said
    assert "Money" not in said
