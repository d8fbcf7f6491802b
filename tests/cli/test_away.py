"""`triagebot away`: announced, listed, ended; its dates and its file change together or not at all."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copy

import pytest

from tests.app.commanded import CHANGE, REPLIES
from tests.app.desks import PLAN, client
from tests.app.quick_desks import QuickDesk, quick_desk, write
from tests.cli.test_commands import invoke

TOM = "tom@cafe.test"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A live desk that has promised one date."""
    with quick_desk(tmp_path / "desk", clients=PLAN + client("cafe", TOM, "retainer")) as opened:
        copy(REPLIES / "moved.md", opened.config.parent / "replies" / "en" / "moved.md")
        opened.receive(write(TOM, "Menu", CHANGE), datetime.now(UTC))
        yield opened


def promise(desk: QuickDesk) -> date:
    """Return the date that was promised."""
    return date.fromisoformat(desk.rows("SELECT promise FROM ticket")[0][0])


def days(desk: QuickDesk, length: int = 7) -> str:
    """Return days that begin with the promised one, as typed."""
    first = promise(desk)
    return f"{first}..{first + timedelta(days=length)}"


def test_an_absence_from_beginning_to_end(desk: QuickDesk) -> None:
    """Its dates move and the client's mail waits; what is known is not announced twice; it is ended by a day of it."""
    told, typed = promise(desk), days(desk)
    said = invoke(desk.config, "away", typed, "Flu", "--json").object
    assert [one["before"] for one in said["moved"]] == [str(told)]
    assert promise(desk) > told + timedelta(days=7)
    assert desk.rows("SELECT count(*) FROM outbox WHERE answers = 'moved'") == [(1,)]
    assert "already" in invoke(desk.config, "away", typed).err
    (listed,) = invoke(desk.config, "away", "--json").object
    assert (listed["from"], listed["note"], listed["announced by"]) == (str(told), "Flu", "triagebot away")
    later = str(told + timedelta(days=3))
    assert "Ended: the absence from" in invoke(desk.config, "away", later, "--back").out
    (listed,) = invoke(desk.config, "away", "--json").object
    assert listed["to"] == str(told + timedelta(days=2))
    assert "holds" in invoke(desk.config, "away", later, "--back").err


def test_no_date_moves_when_the_days_cannot_be_written_down(desk: QuickDesk) -> None:
    """The file comes last: what it refuses is undone in the database."""
    told = promise(desk)
    (desk.snapshot.data / "absences.new").mkdir()
    said = invoke(desk.config, "away", days(desk))
    assert (said.status, "cannot be written" in said.err) == (1, True)
    assert promise(desk) == told
    assert desk.rows("SELECT count(*) FROM outbox WHERE answers = 'moved'") == [(0,)]


def test_a_file_that_cannot_be_read_is_not_written_over(desk: QuickDesk) -> None:
    """What stands in it is the developer's."""
    file = desk.snapshot.data / "absences.toml"
    typed = days(desk)
    file.write_text("[[absence]]\nfrom = 2027-02-01\nto = 2027-02-30\n", "utf-8")
    said = invoke(desk.config, "away", typed)
    assert said.status == 1
    assert "2027-02-30" in file.read_text("utf-8")
