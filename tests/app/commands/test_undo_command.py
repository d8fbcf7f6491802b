"""`undo`: what a command changed is put back, all of it, as long as nobody has seen or changed it since."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.app.books import at, book, books
from tests.app.commanded import (
    MIRA,
    SAID,
    WINDOW,
    ask_again,
    commanded,
    do,
    leave,
    letters,
    said,
    ticket,
    whole,
    write_yourself,
)
from tests.app.quick_desks import HOUR, MINUTE, NOW, SECOND, QuickDesk, write
from triagebot.app.money.ledger import reverse_booking, settle_all
from triagebot.app.tickets.mails import quote
from triagebot.core.errors import TriagebotError
from triagebot.core.money.entry import balance

THIRD, FOURTH = date(2026, 12, 3), date(2026, 12, 4)
Say = tuple[str, str, dict[str, Any]]
CHANGES: list[Say] = [
    ("ok", "m3", {}),
    ("send", "1", {"text": "Hello"}),
    ("send", "m2", {"text": "Hello"}),
    ("no", "m2", {}),
    ("book", "1", {"minutes": 25, "text": "menu"}),
    ("book", "2", {"minutes": 25, "text": "footer"}),
    ("done", "1", {"minutes": 25, "text": "menu"}),
    ("done", "2", {"minutes": 45}),
    ("done", "1", {}),
    ("start", "1", {}),
    ("move", "1", {"day": THIRD}),
    ("quote", "1", {"minutes": 180, "price": Decimal(240)}),
    ("merge", "1", {"other": "3"}),
    ("hold", "1", {}),
    ("close", "1", {}),
    ("new", "", {"other": "bakery", "text": "Menu"}),
    ("mode", "", {"mode": "shadow"}),
    ("mode", "", {"mode": "draft", "target": "rule permalinks"}),
    ("away", "", {"first": date(2026, 11, 24), "last": date(2026, 11, 27), "text": "Sick"}),
]


@pytest.fixture
def live(tmp_path: Path) -> Iterator[QuickDesk]:
    """A live desk with tickets of two clients, a call, an answered question and a held mail; all mail has left."""
    with commanded(tmp_path / "live") as desk:
        fill(desk)
        yield desk


@pytest.fixture
def drafting(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk whose answers wait for a word."""
    with commanded(tmp_path / "drafting", "draft") as desk:
        yield desk


def fill(desk: QuickDesk) -> None:
    """Ticket 2 is the shop's, mail 2 a question that was answered, mail 3 held, ticket 3 a call of the bakery."""
    desk.receive(write("jan@bakery.example", "A question"), NOW + SECOND)
    desk.receive(write("who@else.test", "Hello", "Anything."), NOW + SECOND, "fail")
    desk.receive(write(MIRA, "Footer", "Please change the footer."), NOW + 2 * SECOND)
    do(desk, "new", at=NOW + MINUTE, other="bakery", text="Opening hours")
    leave(desk, NOW + MINUTE)
    with desk.store.transaction():
        desk.store._connection.execute("DELETE FROM command")
        settle_all(desk.store, desk.snapshot, NOW)


def again(desk: QuickDesk, ref: str = "", at: timedelta = MINUTE) -> str:
    """Take the last command about something back, some time after it was said."""
    return said(do(desk, "undo", ref, SAID + at))


@pytest.mark.parametrize(("verb", "ref", "values"), CHANGES, ids=[f"{ref}-{verb}" for verb, ref, _ in CHANGES])
def test_each_command_is_taken_back_whole(live: QuickDesk, verb: Any, ref: str, values: dict[str, Any]) -> None:
    """Tickets, mails, minutes, offers, modes and absences are as they were, nothing leaves, and nothing more is to be
    taken back."""
    before = whole(live)
    done = do(live, verb, ref, **values)
    assert whole(live) != before
    assert again(live, ref or done.ref).startswith("Taken back: ")
    assert whole(live) == before
    assert leave(live, SAID + 2 * HOUR) == []
    with pytest.raises(TriagebotError, match="can be taken back"):
        again(live, ref)
    assert live.rows("SELECT count(*) FROM command WHERE outcome = 'undone' AND undone_at IS NOT NULL") == [(1,)]


@pytest.mark.parametrize("filed", [None, "kept", "removed"])
@pytest.mark.parametrize(("verb", "values"), [("ok", {}), ("no", {}), ("send", {"text": "Hello"})])
def test_a_draft_waits_again(drafting: QuickDesk, verb: Any, values: dict[str, Any], filed: str | None) -> None:
    """With the bytes it had; where its copy was taken out of Drafts meanwhile, it is put there again."""
    shown = drafting.store.outbox.raw(1)
    if filed:
        with drafting.store.transaction():
            drafting.store.outbox.set_drafted(1, "", NOW)
    do(drafting, verb, "1", **values)
    if filed == "removed":
        with drafting.store.transaction():
            drafting.store.outbox.set_draft_removed(1)
    again(drafting, "1")
    state = "drafted" if filed == "kept" else "draft"
    assert drafting.rows("SELECT class, state, approved_at, stale_draft FROM outbox WHERE id = 1") == [
        ("auto", state, None, 0)
    ]
    assert leave(drafting, SAID + HOUR) == []
    do(drafting, "ok", "1", SAID + 2 * MINUTE)
    assert [one.raw for one in leave(drafting, SAID + HOUR)] == [shown]


def test_a_draft_that_is_taken_away_just_now_is_put_back(drafting: QuickDesk) -> None:
    """The watcher has removed the copy when the developer's `undo` comes before it could say so."""
    with drafting.store.transaction():
        drafting.store.outbox.set_drafted(1, "", NOW)
    do(drafting, "ok", "1")
    again(drafting, "1")
    with drafting.store.transaction():
        drafting.store.outbox.set_draft_removed(1)
    assert letters(drafting) == {1: "draft"}


def test_a_quote_in_place_of_another_one(live: QuickDesk) -> None:
    """The one before it, which was not sent yet, waits again."""
    with live.store.transaction():
        quote(live.store, live.snapshot, live.key, 1, 60, Decimal(80), NOW + HOUR - MINUTE)
    before = whole(live)
    do(live, "quote", "1", minutes=180, price=Decimal(240))
    again(live, "1")
    assert whole(live) == before


def test_minutes_that_were_offered_are_offered_again(live: QuickDesk) -> None:
    """And can be booked after all, once."""
    write_yourself(live, "It is done.\n\n25m", SAID - MINUTE)
    before = whole(live)
    for verb in ("ok", "no"):
        do(live, verb, "1")
        again(live, "1")
        assert whole(live) == before
    do(live, "book", "1", SAID + HOUR, minutes=25)
    assert live.rows("SELECT offer FROM sent_mail") == [("booked",)]
    assert ticket(live)["minutes_done"] == 25


def test_what_has_left_stays(live: QuickDesk) -> None:
    """All of the command does: the date stays moved, as the client was told."""
    do(live, "move", "1", day=THIRD)
    moved = ticket(live)
    leave(live, SAID + WINDOW)
    with pytest.raises(TriagebotError, match=r"the mail to jan@bakery.example has left; nothing was taken back"):
        again(live, "1", WINDOW)
    assert ticket(live) == moved


def test_an_approval_that_has_left_stays(drafting: QuickDesk) -> None:
    """Nothing of it is said to be a draft again."""
    do(drafting, "ok", "1")
    leave(drafting, SAID + WINDOW)
    with pytest.raises(TriagebotError, match=r"has left; nothing was taken back"):
        again(drafting, "1", WINDOW)
    assert drafting.rows("SELECT class, state FROM outbox") == [("approved", "sent")]


def test_a_state_can_be_taken_back_later(live: QuickDesk) -> None:
    """As long as nobody has changed the ticket; its story tells it."""
    do(live, "hold", "1")
    assert "Ticket 1 is planned again." in again(live, "1", timedelta(days=1))
    story = live.rows("SELECT who, what, why FROM event WHERE ticket = 1 ORDER BY id DESC LIMIT 1")
    assert story == [("developer", "undone", "1 hold")]


def test_what_was_changed_since_stays(live: QuickDesk) -> None:
    """The client has written, so it is the developer's turn whatever he said before."""
    do(live, "hold", "1")
    ask_again(live, SAID + MINUTE)
    assert ticket(live)["state"] == "new"
    with pytest.raises(TriagebotError, match="ticket 1 was changed since, so it stays"):
        again(live, "1", 2 * MINUTE)
    assert ticket(live)["state"] == "new"


def test_one_after_the_other(live: QuickDesk) -> None:
    """The last one first; of another ticket nothing changes."""
    before = whole(live)
    do(live, "start", "1")
    do(live, "move", "1", day=THIRD)
    do(live, "start", "2")
    do(live, "move", "1", day=FOURTH)
    for _ in range(3):
        again(live, "1")
    assert ticket(live, 2)["state"] == "doing"
    again(live)
    assert whole(live) == before


def test_a_split_is_one_again(live: QuickDesk) -> None:
    """The mail is part of its ticket again."""
    ask_again(live, NOW + HOUR)
    do(live, "split", "1", other=f"m{live.rows('SELECT max(id) FROM mail')[0][0]}")
    assert "part of ticket 1 again" in again(live, "1")
    assert live.rows("SELECT DISTINCT ticket FROM mail WHERE subject LIKE '%Phone%'") == [(1,)]


def test_an_absence_that_was_over_is_not(live: QuickDesk) -> None:
    """From the day it ended on."""
    do(live, "away", first=date(2026, 12, 1), last=date(2026, 12, 4), text="Sick")
    do(live, "back", first=date(2026, 12, 3))
    again(live)
    days = [(one.first.day, one.last.day, one.note) for one in live.snapshot.announced]
    assert days == [(1, 2, "Sick"), (3, 4, "Sick")]


def test_another_word_about_a_mode_stays(live: QuickDesk) -> None:
    """Only the last one is taken back."""
    do(live, "mode", mode="draft")
    with live.store.transaction():
        live.store._connection.execute("UPDATE command SET ref = 'm9' WHERE verb = 'mode'")
    do(live, "mode", mode="shadow")
    with pytest.raises(TriagebotError, match="was changed again since"):
        again(live, "m9")
    assert live.snapshot.desk.desk.mode == "shadow"


def test_a_booking_of_an_invoiced_month_stays(live: QuickDesk) -> None:
    """Nothing is taken off an invoice."""
    do(live, "book", "2", minutes=25)
    with live.store.transaction():
        live.store._connection.execute(
            "INSERT INTO invoice (month, closed_at, lines) VALUES ('2026-11', '2026-12-01', '')"
        )
    with pytest.raises(TriagebotError, match="a month that is invoiced"):
        again(live, "2")
    assert ticket(live, 2)["minutes_done"] == 25


def test_what_a_months_end_made_of_minutes_is_put_right(tmp_path: Path) -> None:
    """Booked late on a month that is over, and taken back: what it carried over is what it was without."""
    with books(tmp_path / "desk") as desk:
        book(desk, "florist", 10, "2026-10-20")
        before = month_ends(desk)
        book(desk, "florist", 90, "2026-10-21", now="2026-11-05", key="late")
        assert month_ends(desk) != before
        with desk.store.transaction():
            entry = reverse_booking(desk.store, desk.snapshot, "late", at("2026-11-05"))
            assert entry is not None
            assert reverse_booking(desk.store, desk.snapshot, "late", at("2026-11-05")) is None
        assert month_ends(desk) == before


def month_ends(desk: QuickDesk) -> list[int]:
    """Return what the florist had left at the end of each month."""
    with desk.store.transaction():
        settle_all(desk.store, desk.snapshot, at("2026-11-05"))
    entries = desk.store.ledger.entries("florist")
    return [balance(entries, day) for day in (date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 5))]


MONEY: dict[str, Callable[[int], dict[str, Any]]] = {
    "book": lambda minutes: {"minutes": minutes, "text": "work"},
    "done": lambda minutes: {"minutes": minutes, "text": "work"},
    "reopen": lambda _: {},
    "start": lambda _: {},
}
STEPS = st.lists(
    st.tuples(st.sampled_from([*MONEY, "undo"]), st.sampled_from(["1", "2", "3"]), st.integers(1, 90)), max_size=14
)


@settings(max_examples=15, deadline=None)
@given(steps=STEPS)
def test_any_sequence_leaves_what_was_not_taken_back(steps: list[tuple[Any, str, int]]) -> None:
    """Balances, and minutes on tickets, are those of the commands that stand, however they were said and taken back."""
    with TemporaryDirectory() as directory, commanded(Path(directory) / "desk") as desk:
        fill(desk)
        start = {one.id: balance(desk.store.ledger.entries(one.id)) for one in desk.snapshot.desk.client}
        standing: list[tuple[str, int]] = []
        for number, (verb, ref, minutes) in enumerate(steps):
            at = SAID + number * SECOND
            try:
                done = do(desk, verb, ref, at, **(MONEY[verb](minutes) if verb in MONEY else {}))
            except TriagebotError:
                continue
            if verb == "undo":
                last = max(index for index, one in enumerate(standing) if one[0] == ref)
                del standing[last]
            elif done.undo is not None:
                standing.append((ref, minutes if verb in ("book", "done") else 0))
        worked = {ref: sum(minutes for one, minutes in standing if one == ref) for ref in ("1", "2", "3")}
        assert {ref: ticket(desk, int(ref))["minutes_done"] for ref in worked} == worked
        assert balance(desk.store.ledger.entries("bakery")) == start["bakery"] - worked["1"] - worked["3"]
        assert balance(desk.store.ledger.entries("shop")) == start["shop"] == 0
        assert sum(minutes for _, minutes in whole(desk)["billed"]) == worked["2"]
