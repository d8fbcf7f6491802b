"""The file of modes said by word: written and read, and every mistake in it told."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.desk import TIERS, Mode
from triagebot.core.errors import StoreError
from triagebot.core.files.problem import Problem
from triagebot.core.modes import DESK, Said
from triagebot.edge.modes import MODES, read_modes, write_modes

DAY = date(2026, 11, 22)
_modes: st.SearchStrategy[Mode] = st.sampled_from(["shadow", "draft", "live"])
_reasons = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)
_rules = st.builds(
    Said, st.from_regex(r"rule [a-z0-9-]{1,12}", fullmatch=True), _modes, st.just(DAY), _reasons, st.booleans()
)
_tiers = st.builds(Said, st.sampled_from([f"tier {tier}" for tier in TIERS]), _modes, st.dates(), _reasons)
_desk = st.builds(Said, st.just(DESK), _modes, st.dates(), _reasons)


@given(words=st.lists(_desk | _tiers | _rules, unique_by=lambda said: said.of, max_size=6))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, words: list[Said]) -> None:
    """Every word comes back as it was said, whatever its reason holds."""
    data = tmp_path_factory.mktemp("data")
    write_modes(data, words)
    assert read_modes(data, data) == (tuple(words), [])


def test_no_file_is_no_word(tmp_path: Path) -> None:
    """A fresh desk has none, and nothing is wrong with it."""
    assert read_modes(tmp_path, tmp_path) == ((), [])


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    """The file is made with the mode of everything in the directory of data, which is made too."""
    write_modes(tmp_path / "var", [])
    assert (tmp_path / "var" / MODES).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file in the place of the directory: the sentence says what to mend, and nothing is left half done."""
    (tmp_path / "var").write_text("")
    with pytest.raises(StoreError, match=r"cannot be written: .*; make .*var writable for this user"):
        write_modes(tmp_path / "var", [])


GOOD = '[[mode]]\nof = "desk"\nmode = "live"\nsince = 2026-11-22\n'


@pytest.mark.parametrize(
    ("text", "line", "key", "told"),
    [
        (GOOD.replace("live", "liv"), 3, "mode[1].mode", 'must be one of "shadow", "draft", "live", not "liv"'),
        (GOOD.replace("desk", "tier gold"), 2, "mode[1].of", 'is "desk", one of "tier retainer"'),
        (GOOD.replace("desk", "rule "), 2, "mode[1].of", "and the id of a rule"),
        (GOOD.replace('"desk"', "5"), 2, "mode[1].of", "must be text in quotes, not 5"),
        (GOOD.replace("2026-11-22", '"soon"'), 4, "mode[1].since", "a date is written as 2026-12-24"),
        (GOOD.replace("since = 2026-11-22\n", ""), 1, "mode[1].since", "is missing"),
        (GOOD + "until = 2026-11-24\n", 5, "mode[1].until", "unknown key 'until'"),
        (GOOD + "at_most = true\n", 2, "mode[1].of", "at_most is for tiers and rules"),
        (GOOD + GOOD, 6, "mode[2].of", "'desk' stands here twice"),
        (GOOD + "[desk]\n", 5, "desk", "is not known here; write [[mode]]"),
        (GOOD.replace("[[mode]]", "[[mode]"), 1, "", "is not valid TOML"),
    ],
)
def test_every_mistake_is_told_at_its_place(tmp_path: Path, text: str, line: int, key: str, told: str) -> None:
    """Whoever edits the file is told file, line and key, as with the desk's other files."""
    (tmp_path / MODES).write_text(text, "utf-8")
    ((problem),) = read_modes(tmp_path, tmp_path)[1]
    assert isinstance(problem, Problem)
    assert (problem.file, problem.line, problem.key, problem.severity) == (MODES, line, key, "error")
    assert told in problem.text
