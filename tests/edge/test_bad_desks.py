"""Every folder of tests/bad_desks holds a family of mistakes, and expected.txt how they are told."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from triagebot.app.desk.check import check_desk_files
from triagebot.cli.main import triagebot
from triagebot.edge.config import load_desk
from triagebot.edge.rulebook import check_references, load_rules

BAD_DESKS = Path(__file__).parent.parent / "bad_desks"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

NEEDS_CHECK = {
    "90-missing-reply",
    "91-unknown-template-name",
    "92-bad-template-syntax",
    "93-bad-pattern",
    "94-failing-test",
    "95-shadowed-rule",
    "96-missing-texts",
    "97-missing-language",
}
"""Mistakes that only show when config, rules and replies are checked together."""

ALL_FOLDERS = sorted(BAD_DESKS.iterdir())


def problems_of(folder: Path) -> list[str]:
    """Given a desk's directory, return its problems as lines. Without rules/ it is about config.toml."""
    if folder.name in NEEDS_CHECK:
        return [str(problem) for problem in check_desk_files(folder / "config.toml", NOW).problems]
    desk, problems = load_desk(folder / "config.toml")
    if (folder / "rules").is_dir():
        rules, wrong = load_rules(folder / "rules")
        problems += wrong
        if desk is not None:
            problems += check_references(rules, desk)
    return [str(problem) for problem in sorted(problems)]


@pytest.mark.parametrize("folder", ALL_FOLDERS, ids=lambda folder: folder.name)
def test_bad_desk_is_refused_with_exactly_these_lines(folder: Path) -> None:
    """Every mistake is named once, with its file, line and key, and nothing else is."""
    expected = (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert expected, "a bad desk must have at least one problem"
    assert problems_of(folder) == expected


@pytest.mark.parametrize("folder", ALL_FOLDERS, ids=lambda folder: folder.name)
def test_check_tells_a_bad_desk_in_lines(folder: Path) -> None:
    """The command ends with 1 exactly where there is an error, prints a line per problem, and never a traceback."""
    result = CliRunner().invoke(triagebot, ["--config", str(folder / "config.toml"), "check"])
    lines = result.stdout.splitlines()
    errors = [line for line in lines if ": warning: " not in line and not line.startswith("Good: ")]
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code == (1 if errors else 0)
    assert all(re.match(r"[^:]+(:[1-9]\d*)?: \S", line) for line in lines)
    assert set(problems_of(folder)) <= set(lines)
    if errors:
        assert result.stderr == f"{len(errors)} to mend.\n"


def test_every_prepared_folder_exists() -> None:
    """The list of folders that need the full check names only folders that are there."""
    assert {folder.name for folder in ALL_FOLDERS} >= NEEDS_CHECK
