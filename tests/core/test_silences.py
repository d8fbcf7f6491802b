"""What kind of mail was left unanswered, in plain words: every code of the guard that says so has some."""

import ast
from pathlib import Path

import pytest

from triagebot.core.phrase import ENGLISH
from triagebot.core.silences import say_silence

GUARD = Path(__file__).parents[2] / "triagebot" / "core" / "guard"


def codes_of(*verdicts: str) -> set[str]:
    """Given verdicts, return the codes the guard's checks give with them."""
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in GUARD.glob("*_checks.py"))
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    findings = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Finding"]
    return {
        str(code.value)
        for finding in findings
        for code in finding.args[2:3]
        if isinstance(code, ast.Constant)
        and any(isinstance(node, ast.Constant) and node.value in verdicts for node in ast.walk(finding.args[1]))
    }


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ("auto-submitted ooo-subject suppress-header reply-to-auto", "an automatic reply"),
        ("list robot-sender", "a newsletter or a list"),
        ("robot-sender list", "a mail from a machine"),
        ("dsn null-return-path", "a bounce"),
        ("spam", "spam, as the mail provider marked it"),
        ("brand-new spam", "spam, as the mail provider marked it"),
        ("brand-new", "brand-new"),
        ("", ""),
    ],
)
def test_the_gravest_code_says_what_it_is(codes: str, words: str) -> None:
    """The first one that has words; without any, the code itself is better than nothing."""
    assert ENGLISH.speak(say_silence(codes)) == words


def test_every_machine_has_words() -> None:
    """A new check that silences a mail says in plain words what that is."""
    found = codes_of("never", "bounce", "report")
    assert len(found) > 10
    assert [code for code in sorted(found) if say_silence(code) == code] == []
