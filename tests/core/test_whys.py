"""The reasons of a trail in the reader's language: every sentence known here is one that a check still gives."""

import ast
from pathlib import Path

import pytest

from triagebot.core.phrase import ENGLISH
from triagebot.core.whys import WHYS, say_why

CORE = Path(__file__).parents[2] / "triagebot" / "core"


def sentences_of_core() -> set[str]:
    """Return every text that stands in core as it is, but in the table of these sentences."""
    files = [file for file in CORE.rglob("*.py") if file.name != "whys.py"]
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in files)
    return {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_known_reason_is_still_given() -> None:
    """A check that is worded anew is worded anew here, or it would be told in English."""
    assert [why.text for why in WHYS if why.text not in sentences_of_core()] == []


@pytest.mark.parametrize("why", ["nothing proves the sender", "it passed 120 servers", "", "{strange} words {0}"])
def test_a_reason_is_said_as_it_was_written_down(why: str) -> None:
    """Known or not, and whatever stands in it."""
    assert ENGLISH.speak(say_why(why)) == why
