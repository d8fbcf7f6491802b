"""Every folder of tests/bad_desks holds a family of mistakes, and expected.txt how they are told."""

from pathlib import Path

import pytest

from triagebot.edge.config import load_desk
from triagebot.edge.rulebook import check_references, load_rules

BAD_DESKS = Path(__file__).parent.parent / "bad_desks"

NEEDS_CHECK = {
    "90-missing-reply",
    "91-unknown-template-name",
    "92-bad-template-syntax",
    "93-bad-pattern",
    "94-failing-test",
    "95-shadowed-rule",
}
"""Mistakes that only show when config, rules and replies are checked together; no expected.txt yet."""

FOLDERS = sorted(folder for folder in BAD_DESKS.iterdir() if folder.name not in NEEDS_CHECK)


def problems_of(folder: Path) -> list[str]:
    """Given a desk's directory, return its problems as lines. Without rules/ it is about config.toml."""
    desk, problems = load_desk(folder / "config.toml")
    if (folder / "rules").is_dir():
        rules, wrong = load_rules(folder / "rules")
        problems += wrong
        if desk is not None:
            problems += check_references(rules, desk)
    return [str(problem) for problem in sorted(problems)]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_bad_desk_is_refused_with_exactly_these_lines(folder: Path) -> None:
    """Every mistake is named once, with its file, line and key, and nothing else is."""
    expected = (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert expected, "a bad desk must have at least one problem"
    assert problems_of(folder) == expected


def test_every_prepared_folder_exists() -> None:
    """The list of folders that wait for the full check names only folders that are there."""
    assert {folder.name for folder in BAD_DESKS.iterdir()} >= NEEDS_CHECK
