"""What a person does to tickets: each command on a real database, in one transaction, with one sentence."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.book import BOOK, DESK, NOW
from triagebot.app.desk.view import DeskView
from triagebot.app.tickets.agenda import replan
from triagebot.app.tickets.handling import Outcome, close, finish, hold, move, open_call, reopen, start
from triagebot.app.tickets.listing import list_tickets, read_ticket
from triagebot.app.tickets.merging import merge, split, unmerge
from triagebot.core.decision import Decision, Guard, Sender
from triagebot.core.errors import StoreError, TriagebotError
from triagebot.core.mail import AddressList, Content, HeaderBlock, Mail
from triagebot.core.tickets.ticket import OPEN_STATES
from triagebot.edge.store import Store, open_store
from triagebot.edge.store.received.mails import Identity

FRIDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 30)
STRANGER = "sam@elsewhere.test"


def view_in(directory: Path) -> DeskView:
    """Given a directory, return the desk of tests/core/book.py in it, its retainer counted since spring."""
    bakery = replace(DESK.client[0], since=date(2026, 3, 1))
    desk = replace(DESK, client=(bakery, *DESK.client[1:]), support_hour=BOOK.desk.support_hour)
    return DeskView(directory, replace(desk, desk=replace(desk.desk, data=".")), BOOK.calendar)


@pytest.fixture
def view(tmp_path: Path) -> DeskView:
    """A desk whose database lies beside it."""
    return view_in(tmp_path)


@pytest.fixture
def store(view: DeskView) -> Iterator[Store]:
    """Its database."""
    with closing(open_store(view.data / "triagebot.db")) as opened:
        yield opened


def call(store: Store, view: DeskView, client: str = "bakery", matter: str = "The footer", **terms: Any) -> int:
    """Given what somebody asked for on the phone, open a ticket; return its number."""
    with store.transaction():
        return open_call(store, view, client, matter, NOW, **terms).ticket


def do(store: Store, view: DeskView, command: Any, *values: Any, **more: Any) -> Outcome:
    """Given a command and its values, do it."""
    with store.transaction():
        result: Outcome = command(store, view, *values, **more)
    return result


def add_mail(store: Store, ticket: int, thread: int | None = None) -> int:
    """Given a ticket, let one more mail join it, in a thread of its own or in one; return its number."""
    uid = 1 + int(store._connection.execute("SELECT count(*) FROM mail").fetchone()[0])
    with store.transaction():
        store.mails.open_folder("support", "INBOX", 7, NOW)
        store.mails.record_arrivals("support", "INBOX", 7, [(uid, 100, NOW)], NOW)
        row = store.mails.claim("support", "INBOX", 7, 1, uid - 1)[0].id
        message_id = f"<{row}@bakery.test>"
        mail = Mail(
            *(HeaderBlock(), Content("Words", "Words"), AddressList(), (), AddressList(), "Subject"),
            *(message_id, (), f"key {row}", NOW),
        )
        decision = Decision(Guard("ok"), Sender("jan@bakery.test", "pass", "bakery"), state="merged", kind="work")
        place = row if thread is None else thread
        store.threads.record(("client bakery",), (message_id,), place)
        store.mails.decide(row, mail, decision, Identity("", "jan@bakery.test", place), ticket, None, NOW)
    return row


def state_of(store: Store, *numbers: int) -> list[dict[str, Any]]:
    """Given tickets, return all that a person sees of them, and which mails and slots they have."""
    found = []
    for number in numbers:
        case = store.changes.find(number)
        assert case is not None
        mails = [(mail.id, mail.thread) for mail in store.changes.mails_of(number)]
        terms = {name: getattr(case, name) for name in ("state", "promise", "due", "minutes", "merged_into")}
        found.append(terms | {"mails": mails, "slots": store.changes.slots_of(number)})
    return found


def test_a_call_is_a_ticket_with_the_honest_date(store: Store, view: DeskView) -> None:
    """As a mail would be: planned, promised, with slots in the coming hours; a date told on the phone counts."""
    number = call(store, view, minutes=45)
    (ticket,) = state_of(store, number)
    assert (ticket["state"], ticket["minutes"]) == ("planned", 45)
    assert ticket["promise"] is not None
    assert sum(slot["minutes"] for slot in ticket["slots"]) >= 45
    told = call(store, view, "cafe", "The menu", promise=FRIDAY)
    assert state_of(store, told)[0]["promise"] == FRIDAY
    assert call(store, view, STRANGER, "A page") == 3


@pytest.mark.parametrize(
    ("client", "matter", "terms", "sentence"),
    [
        ("bakry", "The footer", {}, "there is no client 'bakry', did you mean 'bakery'?"),
        ("zzz", "The footer", {}, "write a client's id, or an address"),
        ("bakery", "  ", {}, "say what is to be done"),
        ("bakery", "Menu", {"minutes": 0}, "say what is to be done"),
        ("bakery", "Menu", {"kind": "hurry"}, "one of the kinds emergency"),
        ("bakery", "Menu", {"promise": date(2026, 11, 23)}, "has passed"),
        (
            "bakery",
            "Menu",
            {"promise": date(2026, 11, 28)},
            "there is no support hour on Saturday 28 November 2026; the next one is",
        ),
        ("bakery", "Menu", {"promise": date(2029, 11, 28)}, "more than two years away"),
    ],
)
def test_a_call_that_cannot_be_written_down(
    store: Store, view: DeskView, client: str, matter: str, terms: dict[str, Any], sentence: str
) -> None:
    """One sentence says how to mend it, and nothing is done."""
    with pytest.raises(StoreError, match=re.escape(sentence)):
        call(store, view, client, matter, **terms)
    assert store.tickets.listing() == []


def test_a_call_that_is_typed_twice_is_one(store: Store, view: DeskView) -> None:
    """Within a minute the same words are a double Enter."""
    number = call(store, view)
    with pytest.raises(StoreError, match=f"that is ticket {number}"):
        call(store, view)
    assert call(store, view, matter="Something else") == number + 1


def test_done_books_the_minutes_once(store: Store, view: DeskView) -> None:
    """On the ticket and on the plan; the first answer is given; a second time nothing is booked."""
    number = call(store, view)
    first = do(store, view, finish, number, NOW, 25, "footer changed")
    assert "25 min" in first.text
    case = store.changes.find(number)
    assert case is not None
    assert (case.state, case.minutes_done) == ("done", 25)
    assert case.answered_at == NOW
    assert [entry.minutes for entry in store.ledger.entries("bakery") if entry.ticket == number] == [25]
    assert not do(store, view, finish, number, NOW).changed
    with pytest.raises(StoreError, match="done already"):
        do(store, view, finish, number, NOW, 25)
    assert state_of(store, number)[0]["slots"] == []
    assert [one["minutes"] for one in read_ticket(view, number)["booked"]] == [25]


def test_minutes_of_nobodys_ticket_are_noted(store: Store, view: DeskView) -> None:
    """A stranger has no account; what it took is still known."""
    number = call(store, view, STRANGER)
    said = do(store, view, finish, number, NOW, 20).text
    assert "nobody is billed" in said
    case = store.changes.find(number)
    assert case is not None
    assert case.minutes_done == 20


def test_what_cannot_be_booked_leaves_the_ticket_as_it_was(store: Store, view: DeskView) -> None:
    """The state and the minutes are one change."""
    number = call(store, view)
    before = state_of(store, number)
    without = replace(view, desk=replace(view.desk, client=DESK.client[1:]))
    with pytest.raises(TriagebotError, match="there is no client 'bakery'"):
        do(store, without, finish, number, NOW, 25)
    assert state_of(store, number) == before


def test_a_promise_moves_by_hand_and_the_client_is_to_hear_of_it(store: Store, view: DeskView) -> None:
    """With the date they were told; to the same date is no change."""
    number = call(store, view, "cafe", promise=FRIDAY)
    moved = do(store, view, move, number, MONDAY, NOW)
    assert (moved.tell_client, moved.promise) == (FRIDAY, MONDAY)
    assert "The client was told Friday 27 November 2026" in moved.text
    assert state_of(store, number)[0]["promise"] == MONDAY
    assert not do(store, view, move, number, MONDAY, NOW).changed
    story = read_ticket(view, number)["events"]
    assert (story[-1]["who"], story[-1]["what"], story[-1]["why"]) == (
        "developer",
        "moved",
        f"from {FRIDAY} to {MONDAY}",
    )
    do(store, view, close, number, NOW)
    with pytest.raises(StoreError, match="is closed; there is nothing to move"):
        do(store, view, move, number, FRIDAY, NOW)


def test_each_state_follows_by_its_command_and_twice_is_once(store: Store, view: DeskView) -> None:
    """Every change has an event and a new version; a repetition changes nothing."""
    number = call(store, view)
    for command, state in ((start, "doing"), (hold, "waiting-client"), (start, "doing"), (close, "closed")):
        assert do(store, view, command, number, NOW).state == state
        version = store.changes.find(number).version  # type: ignore[union-attr]
        assert not do(store, view, command, number, NOW).changed
        assert store.changes.find(number).version == version  # type: ignore[union-attr]
    assert do(store, view, reopen, number, NOW).state == "planned"
    assert not do(store, view, reopen, number, NOW).changed
    assert [one["what"] for one in read_ticket(view, number)["events"]][1:] == [
        *("doing", "waiting-client", "doing", "closed", "planned")
    ]


def test_an_illegal_step_is_a_sentence(store: Store, view: DeskView) -> None:
    """It says what is possible, and nothing is done."""
    number = call(store, view)
    do(store, view, close, number, NOW)
    with pytest.raises(StoreError, match=r"is closed and cannot become doing; from there it can become new, planned$"):
        do(store, view, start, number, NOW)
    with pytest.raises(StoreError, match="there is no ticket 99"):
        do(store, view, start, 99, NOW)


def test_who_looked_at_an_older_version_is_refused(store: Store, view: DeskView) -> None:
    """An answer to an old digest does not undo what was done since."""
    number = call(store, view)
    version = store.changes.find(number).version  # type: ignore[union-attr]
    do(store, view, start, number, NOW, version=version)
    with pytest.raises(StoreError, match="was changed since"):
        do(store, view, close, number, NOW, version=version)


def test_merged_tickets_are_one_with_the_first_date(store: Store, view: DeskView) -> None:
    """The mails go along, the earlier promise holds, the other number leads to it; a repetition is none."""
    kept, gone = call(store, view, promise=MONDAY), call(store, view, matter="Footer!", promise=FRIDAY, minutes=60)
    mail = add_mail(store, gone)
    said = do(store, view, merge, kept, gone, NOW).text
    assert f"`undo {kept}`" in said
    (ticket,) = state_of(store, kept)
    assert (ticket["promise"], ticket["minutes"], ticket["mails"]) == (FRIDAY, 60, [(mail, mail)])
    assert not do(store, view, merge, kept, gone, NOW).changed
    with pytest.raises(StoreError, match=f"ticket {gone} is part of ticket {kept}"):
        do(store, view, start, gone, NOW)
    assert store.tickets.of_thread(mail, "bakery", "jan@bakery.test") == kept


@pytest.mark.parametrize(
    ("client", "ended", "sentence"), [("cafe", False, "different people"), ("bakery", True, "is closed")]
)
def test_what_is_not_merged(store: Store, view: DeskView, client: str, ended: bool, sentence: str) -> None:
    """Tickets of different people, ended ones, and one with itself."""
    kept, gone = call(store, view), call(store, view, client, "Menu")
    if ended:
        do(store, view, close, gone, NOW)
    with pytest.raises(StoreError, match=sentence):
        do(store, view, merge, kept, gone, NOW)
    with pytest.raises(StoreError, match="with itself"):
        do(store, view, merge, kept, kept, NOW)


DATES = st.sampled_from([None, FRIDAY, MONDAY, date(2026, 12, 4)])


@settings(max_examples=25, deadline=None)
@given(DATES, DATES, st.integers(5, 90), st.integers(5, 90), st.integers(0, 2), st.integers(1, 3))
def test_split_undoes_merge(
    one: date | None, other: date | None, first: int, second: int, mails: int, brought: int
) -> None:
    """States, dates, minutes, mails, threads and slots are as they were, whatever the tickets were like."""
    with TemporaryDirectory() as directory:
        view = view_in(Path(directory))
        with closing(open_store(view.data / "triagebot.db")) as store:
            kept = call(store, view, matter="One", promise=one, minutes=first)
            gone = call(store, view, matter="Other", promise=other, minutes=second)
            for _ in range(mails):
                add_mail(store, kept)
            moved = [add_mail(store, gone) for _ in range(brought)]
            do(store, view, start, gone, NOW)
            before = state_of(store, kept, gone)
            do(store, view, merge, kept, gone, NOW)
            assert do(store, view, split, kept, moved[-1], NOW).ticket == gone
            assert state_of(store, kept, gone) == before
            do(store, view, merge, kept, gone, NOW)
            do(store, view, unmerge, kept, gone, NOW)
            assert state_of(store, kept, gone) == before


def test_a_repeat_that_was_none_is_split_off(store: Store, view: DeskView) -> None:
    """Its whole conversation becomes a ticket of its own, and what is written there belongs to it; merging undoes."""
    number = call(store, view)
    kept, mail = add_mail(store, number), add_mail(store, number)
    later = add_mail(store, number, thread=mail)
    apart = do(store, view, split, number, mail, NOW).ticket
    assert [one["mails"] for one in state_of(store, number, apart)] == [[(kept, kept)], [(mail, mail), (later, mail)]]
    assert state_of(store, apart)[0]["state"] == "new"
    assert store.tickets.of_thread(mail, "bakery", "jan@bakery.test") == apart
    do(store, view, merge, number, apart, NOW)
    assert len(state_of(store, number)[0]["mails"]) == 3


def test_another_matter_in_the_same_conversation_is_split_off(store: Store, view: DeskView) -> None:
    """The mail goes alone, and answers to it follow it, though they name the older ids as well."""
    number = call(store, view)
    first = add_mail(store, number)
    with store.transaction():
        store._connection.execute("UPDATE ticket SET thread = ?, mail = ? WHERE id = ?", (first, first, number))
    mail = add_mail(store, number, thread=first)
    apart = do(store, view, split, number, mail, NOW).ticket
    assert [one["mails"] for one in state_of(store, number, apart)] == [[(first, first)], [(mail, mail)]]
    with store.transaction():
        links = ("<new@bakery.test>", f"<{mail}@bakery.test>", f"<{first}@bakery.test>")
        assert store.threads.place(("client bakery",), links) == mail
        assert store.threads.place(("client bakery",), ("<x@bakery.test>", f"<{first}@bakery.test>")) == first
    with pytest.raises(StoreError, match="was made from mail"):
        do(store, view, split, number, first, NOW)
    with pytest.raises(StoreError, match="is not of ticket"):
        do(store, view, split, number, mail, NOW)


def test_the_list_has_what_breaks_first_on_top(store: Store, view: DeskView) -> None:
    """Broken promises, today's, those at risk, then by date; by client and by state."""
    late = call(store, view, "cafe", "Late", promise=FRIDAY)
    far = call(store, view, "cafe", "Far", promise=date(2026, 12, 11))
    soon = call(store, view, "kiosk", "Soon", promise=MONDAY)
    with store.transaction():
        replan(store, view, NOW)
    monday = NOW + timedelta(days=6)
    listed = list_tickets(view, OPEN_STATES, monday)
    assert [(one["id"], one["urgency"], one["age"]) for one in listed][:2] == [(late, "broken", 6), (soon, "today", 6)]
    assert listed[2]["id"] == far
    assert listed[0]["left"] == 30
    assert [one["id"] for one in list_tickets(view, OPEN_STATES, monday, "kiosk")] == [soon]
    do(store, view, finish, late, NOW)
    assert [one["id"] for one in list_tickets(view, ("done",), monday)] == [late]
