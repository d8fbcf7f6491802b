"""What can be answered to the digest, typed: the same words, the same sentences, taken back the same way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy

import pytest

from tests.app.commanded import CHANGE, REPLIES
from tests.app.desks import client
from tests.app.quick_desks import QuickDesk, quick_desk, write
from tests.cli.test_commands import invoke

TOM = "tom@cafe.test"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk in draft mode with one ticket, whose answer waits, and a mail that was held."""
    clients = client("cafe", TOM, "one-off") + 'hourly = "80"\n'
    with quick_desk(tmp_path / "desk", mode="draft", clients=clients) as opened:
        for name in ("moved.md", "quote.md"):
            copy(REPLIES / name, opened.config.parent / "replies" / "en" / name)
        now = datetime.now(UTC)
        with opened.store.transaction():
            opened.store.mails.start_inbox("box0", now)
        opened.receive(write(TOM, "Menu", CHANGE), now)
        opened.receive(write("who@else.test", "Hello", "Anything."), now, "fail")
        yield opened


def states(desk: QuickDesk) -> list[str]:
    """Return the states of all mails."""
    return [row[0] for row in desk.rows("SELECT state FROM outbox ORDER BY id")]


def test_a_draft_is_approved_and_taken_back(desk: QuickDesk) -> None:
    """By ticket, mail or number in the outbox; with --json too."""
    for ref in ("1", "m1", "o1"):
        assert f"The mail to {TOM} leaves at" in invoke(desk.config, "ticket", "ok", ref).out
        assert states(desk) == ["queued"]
        undone = invoke(desk.config, "ticket", "undo", ref, "--json").object
        assert (undone["sentences"], undone["touched"]) == ([f"Taken back: {ref} ok"], undone["touched"])
        assert states(desk) == ["draft"]


def test_other_words_or_none(desk: QuickDesk) -> None:
    """`send` takes the draft's place, `no` drops it, `undo` alone takes back what was last."""
    assert "leaves at" in invoke(desk.config, "ticket", "send", "1", "It is done.").out
    assert states(desk) == ["dropped", "queued"]
    assert "is not sent" in invoke(desk.config, "ticket", "undo").out
    assert "is not sent" in invoke(desk.config, "ticket", "no", "1").out
    assert states(desk) == ["dropped", "dropped"]


def test_minutes(desk: QuickDesk) -> None:
    """Booked and taken back by an entry against them."""
    assert "Booked 25 minutes for Cafe" in invoke(desk.config, "ticket", "book", "1", "25m", "menu").out
    assert "25 minutes are taken back for Cafe." in invoke(desk.config, "ticket", "undo", "1").out
    assert desk.rows("SELECT source, target, minutes FROM entry ORDER BY created_at") == [
        ("hourly", "worked", 25),
        ("worked", "hourly", 25),
    ]


def test_what_was_typed_before_can_be_taken_back(desk: QuickDesk) -> None:
    """The commands that are not in the digest too: one after the other, back to the beginning."""
    before = desk.rows("SELECT state, promise, due, price_high FROM ticket")
    assert invoke(desk.config, "ticket", "new", "cafe", "Opening hours").status == 0
    today = datetime.now(UTC).date()
    monday = str(today + timedelta(days=28 - today.weekday()))
    for words in (("merge", "1", "2"), ("move", "1", monday), ("quote", "1", "3h", "240"), ("accept", "1")):
        said = invoke(desk.config, "ticket", *words)
        assert said.status == 0, said.err
    for words in (("doing", "1"), ("done", "1", "1h30", "menu"), ("reopen", "1"), ("hold", "1"), ("close", "1")):
        assert invoke(desk.config, "ticket", *words).status == 0
    undone = [invoke(desk.config, "ticket", "undo", "1").out.splitlines()[0] for _ in range(9)]
    assert undone == [
        *("Taken back: close 1", "Taken back: hold 1", "Taken back: reopen 1", "Taken back: done 1"),
        *("Taken back: doing 1", "Taken back: accept 1", "Taken back: quote 1 3h 240", f"Taken back: move 1 {monday}"),
        "Taken back: merge 1 2",
    ]
    assert invoke(desk.config, "ticket", "undo", "2").out.splitlines()[0] == "Taken back: new cafe Opening hours"
    assert desk.rows("SELECT state, promise, due, price_high FROM ticket WHERE id = 1") == before
    assert invoke(desk.config, "ticket", "undo", "1").err == "nothing was done to 1 that can be taken back"


def test_a_yes_on_the_phone(desk: QuickDesk) -> None:
    """It counts as the client's; where no price waits for one, it is refused."""
    assert invoke(desk.config, "ticket", "quote", "1", "1h", "80").status == 0
    agreed = invoke(desk.config, "ticket", "accept", "1", "--json").object
    assert (agreed["state"], agreed["sentences"][0].startswith("Ticket 1 is agreed to; tell them ")) == (
        "planned",
        True,
    )
    again = invoke(desk.config, "ticket", "accept", "1")
    assert (again.status, again.err) == (1, "ticket 1 is planned and waits for no yes to a price")


def test_a_held_mail_is_dealt_with(desk: QuickDesk) -> None:
    """Said once, and taken back like the rest."""
    assert invoke(desk.config, "mail", "done", "2").out == "Mail m2 is dealt with.\n"
    assert desk.rows("SELECT handled_at IS NOT NULL FROM mail WHERE id = 2") == [(1,)]
    assert "m2 is open again." in invoke(desk.config, "ticket", "undo", "m2").out
    assert "there is no mail 9" in invoke(desk.config, "mail", "done", "9").err


@pytest.mark.parametrize(
    ("command", "status", "sentence"),
    [
        (("book", "1", "soon"), 2, "'soon' is no length of time; write it like 45"),
        (("book", "1"), 2, "Missing argument"),
        (("ok", "9"), 1, "there is no ticket 9"),
        (("ok", "x"), 1, "x names nothing; write a number of the digest, such as 12, m40 or o7"),
        (("send", "m2", "Hello"), 1, "not proven to come from who@else.test"),
    ],
)
def test_what_was_typed_wrong(desk: QuickDesk, command: tuple[str, ...], status: int, sentence: str) -> None:
    """One sentence tells how it is typed, and nothing is done."""
    said = invoke(desk.config, "ticket", *command)
    assert (said.status, sentence in said.err) == (status, True), said.err
    assert states(desk) == ["draft"]
