"""The commands that change a ticket, as they are typed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.desks import client
from tests.app.quick_desks import quick_desk
from tests.cli.test_commands import invoke


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """A desk with a client and a database."""
    with quick_desk(tmp_path / "desk", clients=client("cafe", "tom@cafe.test", "one-off") + 'hourly = "80"\n') as desk:
        yield desk.config


def test_a_call_from_beginning_to_end(config: Path) -> None:
    """Written down, begun, moved, held, taken up, done with its minutes, closed; each says what it did."""
    assert (
        "Ticket 1 for cafe, 45 minutes; tell them"
        in invoke(config, "ticket", "new", "cafe", "Menu", "--minutes", "45m").out
    )
    assert invoke(config, "ticket", "doing", "1", "--json").object["state"] == "doing"
    moved = invoke(config, "ticket", "move", "1", "next", "week", "--json").object
    assert (moved["changed"], moved["tell_client"] is not None) == (True, True)
    for command, state in (("hold", "waiting-client"), ("doing", "doing")):
        assert invoke(config, "ticket", command, "1", "--json").object["state"] == state
    done = invoke(config, "ticket", "done", "1", "1h30", "menu mended")
    assert "90 min" in done.out
    assert invoke(config, "ticket", "close", "1", "paid").out == "Ticket 1 is closed.\n"
    shown = invoke(config, "ticket", "show", "1").out
    assert "developer: closed (paid)" in shown
    assert "90 min  hourly  menu mended" in shown
    assert invoke(config, "tickets", "--json").object == []
    assert [
        one["id"] for one in invoke(config, "tickets", "--state", "closed", "--client", "cafe", "--json").object
    ] == [1]


def test_two_that_are_one(config: Path) -> None:
    """Merged and split again."""
    for matter in ("Menu", "The menu"):
        assert invoke(config, "ticket", "new", "cafe", matter).status == 0
    assert "To undo: `undo 1`" in invoke(config, "ticket", "merge", "1", "2").out
    assert [one["id"] for one in invoke(config, "tickets", "--json").object] == [1]
    assert "one of its own again" in invoke(config, "ticket", "split", "1", "--ticket", "2").out


@pytest.mark.parametrize(
    ("command", "status", "sentence"),
    [
        (("done", "1", "soon"), 2, "'soon' is no length of time; write it like 45, 45m, 3h, 1h30 or 1.5h"),
        (("move", "1", "someday"), 2, "'someday' is no day; write it like 2026-12-01, today, tomorrow, fri"),
        (("quote", "1", "3h", "1.240,00"), 2, "is no price; write it like 240 or 240.50"),
        (("split", "1"), 2, "name a mail of the ticket"),
        (("split", "1", "2", "--ticket", "3"), 2, "name a mail of the ticket"),
        (("new", "caffe", "Menu"), 1, "there is no client 'caffe', did you mean 'cafe'?"),
        (("merge", "1", "2"), 1, "there is no ticket 1; see `triagebot tickets --all`"),
    ],
)
def test_what_was_typed_wrong(config: Path, command: tuple[str, ...], status: int, sentence: str) -> None:
    """One sentence tells how it is typed, and nothing is done."""
    said = invoke(config, "ticket", *command)
    assert (said.status, sentence in said.err) == (status, True), said.err
    assert invoke(config, "tickets", "--all", "--json").object == []
