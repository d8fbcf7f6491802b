"""The file of absences announced by a command: whatever a note says, it is read again."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.desk import Absence, Colleague
from triagebot.edge.absences import read_absences, write_absences

_texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)


@given(note=_texts, name=_texts.filter(str.strip))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, note: str, name: str) -> None:
    """Quotes, backslashes and emoji do not damage the file, which would stop the desk."""
    data = tmp_path_factory.mktemp("data")
    absence = Absence(date(2026, 12, 24), date(2026, 12, 31), note, Colleague(name, "eva@desk.test"))
    write_absences(data, [absence])
    assert read_absences(data, data) == ((absence,), [])
