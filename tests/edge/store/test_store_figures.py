"""Figures out of the database: each row counted once, in the period and on the day it belongs to."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.edge.stores import DAY, HOUR, NOW, TICK
from triagebot.core.decision import TicketPlan, TicketState
from triagebot.core.insight import Contacts, Moved, Promised
from triagebot.core.money.entry import Entry, adjust, book_work, take_back
from triagebot.edge.store import Store
from triagebot.edge.store.rows import stamp
from triagebot.edge.store.work.tickets import NewTicket

TODAY = date(2026, 11, 23)
WARSAW = ZoneInfo("Europe/Warsaw")
STATES = ("pending", "answered", "acknowledged", "planned", "merged", "held", "suppressed", "unreadable", "history")


def receive(store: Store, received: datetime, state: str = "answered", reason: str | None = "howto/menus") -> None:
    """Given when a mail came and what became of it, put it there."""
    with store.transaction():
        number = store._connection.execute("SELECT count(*) FROM mail").fetchone()[0]
        store._connection.execute(
            "INSERT INTO mail (inbox, folder, uidvalidity, uid, received_at, size, recorded_at, state, reason)"
            " VALUES ('support', 'INBOX', 7, ?, ?, 1, ?, ?, ?)",
            (number, stamp(received), stamp(received), state, reason),
        )


def begin(day: date) -> datetime:
    """Given a date, return when it begins in Warsaw."""
    return datetime.combine(day, time(0), WARSAW)


def promise(store: Store, day: date, answer: bool = False) -> int:
    """Given a promised date, and whether it is one of a first answer, open its ticket."""
    plan = TicketPlan("work", 30, "planned", day, (), day + 7 * timedelta(1), day if answer else None)
    with store.transaction():
        return store.tickets.open(NewTicket(plan, "retainer", "A matter", "A matter", client="bakery"), NOW)


def put(store: Store, number: int, state: TicketState, now: datetime) -> None:
    """Given a ticket, give it a state, as by hand."""
    with store.transaction():
        case = store.changes.find(number)
        assert case is not None
        store.changes.set_state(case, state, "developer", "by hand", now)


def told(store: Store, day: date) -> tuple[int, int, int]:
    """Given a date, return how many promises of it were told, kept, broken."""
    found = store.figures.promises({day: begin(day + timedelta(1))})
    assert len(found) <= 1
    return next(((one.told, one.kept, one.broken) for one in found), (0, 0, 0))


def test_contacts_are_those_that_asked(store: Store) -> None:
    """What asked for something counts by its reason; what goes on with a matter, machines and old mail do not."""
    for state in STATES:
        receive(store, NOW, state)
    receive(store, NOW, "held", None)
    found = store.figures.contacts([(NOW - DAY, NOW + DAY)])
    assert found == (Contacts("", 0, 0, 1), Contacts("howto/menus", 0, 1, 3))
    assert store.figures.contacts([(NOW + DAY, NOW + 2 * DAY)]) == ()


def test_a_period_ends_where_the_next_begins(store: Store) -> None:
    """A mail of the moment between two periods is in the later one alone."""
    for moment in (NOW - TICK, NOW, NOW + TICK):
        receive(store, moment)
    found = store.figures.contacts([(NOW - DAY, NOW), (NOW, NOW + DAY)])
    assert found == (Contacts("howto/menus", 0, 1, 0), Contacts("howto/menus", 1, 2, 0))


def test_contacts_against_counting_by_hand(store: Store) -> None:
    """Over eight weeks with both changes of the clock, every mail of some thousand is in the week of its local date."""
    draw = random.Random(5)
    first = date(2026, 2, 2)
    weeks = [first + number * timedelta(7) for number in range(9)]
    expected: Counter[tuple[str, int, bool]] = Counter()
    with store.transaction():
        for uid in range(3000):
            moment = datetime(2026, 1, 25, tzinfo=UTC) + draw.random() * timedelta(80)
            state, reason = draw.choice(STATES), draw.choice((None, "a/b", "a/c", "b", "b-c"))
            store._connection.execute(
                "INSERT INTO mail (inbox, folder, uidvalidity, uid, received_at, size, recorded_at, state, reason)"
                " VALUES ('support', 'INBOX', 7, ?, ?, 1, '', ?, ?)",
                (uid, stamp(moment), state, reason),
            )
            week = (moment.astimezone(WARSAW).date() - first).days // 7
            if 0 <= week < 8 and state in ("answered", "acknowledged", "planned", "held"):
                expected[reason or "", week, state == "answered"] += 1
    found = store.figures.contacts([(begin(one), begin(one + timedelta(7))) for one in weeks[:8]])
    counted = {(one.reason, one.period, True): one.by_itself for one in found}
    counted |= {(one.reason, one.period, False): one.by_hand for one in found}
    assert {key: count for key, count in counted.items() if count} == dict(expected)
    assert sum(expected.values()) > 500


def test_minutes_by_day_and_by_reason(store: Store) -> None:
    """Entries count on their day, with what was taken back; those of a ticket under its reason, others apart."""
    number = promise(store, TODAY)
    with store.transaction():
        store._connection.execute("UPDATE ticket SET reason = 'shop/tax' WHERE id = ?", (number,))
    plain = promise(store, TODAY)
    entries: list[Entry] = [
        book_work("1", "bakery", TODAY, 30, "balance", "", number),
        book_work("2", "bakery", TODAY, 20, "hourly", "", number),
        take_back("3", "bakery", TODAY, 5, "hourly", "", number),
        adjust("4", "bakery", TODAY, 10, "", number),
        book_work("5", "bakery", TODAY, 7, "courtesy", "", plain),
        book_work("6", "shop", TODAY - timedelta(1), 4, "hourly", ""),
        book_work("7", "shop", TODAY - timedelta(2), 1000, "hourly", "", number),
        Entry("8", "bakery", TODAY, "granted", "balance", 180),
    ]
    with store.transaction():
        store.ledger.add(entries, NOW)
    assert store.figures.worked_on(TODAY - timedelta(1), TODAY) == ({"shop/tax": 35, "": 7}, 4)
    moved = store.figures.moved(TODAY, TODAY)
    assert set(moved) == {
        Moved(TODAY, "balance", "worked", 30),
        Moved(TODAY, "hourly", "worked", 20),
        Moved(TODAY, "worked", "hourly", 5),
        Moved(TODAY, "adjusted", "balance", 10),
        Moved(TODAY, "courtesy", "worked", 7),
        Moved(TODAY, "granted", "balance", 180),
    }


@pytest.mark.parametrize(
    ("late", "kept"),
    [(timedelta(0), True), (DAY - TICK, True), (DAY, False), (DAY + HOUR, False)],
)
def test_a_promise_is_kept_until_its_day_is_over(store: Store, late: timedelta, kept: bool) -> None:
    """A ticket that is done on the promised date, until the desk's midnight, is a promise kept."""
    put(store, promise(store, TODAY), "done", begin(TODAY) + late)
    assert told(store, TODAY) == (1, kept, not kept)


def test_a_promise_of_an_answer_ends_with_it(store: Store) -> None:
    """Where the date told is that of the first answer, the answer keeps it, though the work goes on."""
    kept, late = promise(store, TODAY, answer=True), promise(store, TODAY, answer=True)
    with store.transaction():
        store.changes.set_answered(kept, begin(TODAY) + HOUR)
        store.changes.set_answered(late, begin(TODAY) + DAY + HOUR)
    assert told(store, TODAY) == (2, 1, 1)


def test_what_is_closed_after_it_was_done_was_in_time(store: Store) -> None:
    """The thanks that close a ticket days later change nothing, nor do minutes that are booked then; work that is taken
    up again and ends too late breaks the promise after all."""
    number = promise(store, TODAY)
    put(store, number, "done", begin(TODAY) + HOUR)
    with store.transaction():
        store.tickets.close(number, "jan@bakery.example", "thanks", NOW + 3 * DAY, TODAY)
        store.ledger.count_minutes(number, 20, NOW + 4 * DAY)
    assert told(store, TODAY) == (1, 1, 0)
    put(store, number, "planned", NOW + 5 * DAY)
    assert told(store, TODAY) == (1, 0, 1)
    put(store, number, "done", NOW + 6 * DAY)
    assert told(store, TODAY) == (1, 0, 1)


def test_promises_nobody_broke(store: Store) -> None:
    """What waits for the client is neither kept nor broken; what was declined or merged was not promised any more."""
    waiting, declined, merged, kept = (promise(store, TODAY) for _ in range(4))
    put(store, waiting, "waiting-client", NOW)
    with store.transaction():
        store._connection.execute(
            "UPDATE ticket SET state = 'closed', closed_as = 'declined' WHERE id = ?", (declined,)
        )
        cases = store.changes.find(kept), store.changes.find(merged)
        assert cases[0] is not None
        assert cases[1] is not None
        store.changes.merge(cases[0], cases[1], "developer", NOW)
        store.tickets.close(kept, "developer", "by hand", begin(TODAY) + HOUR, TODAY)
    assert told(store, TODAY) == (2, 1, 0)


def test_each_day_has_its_own_end(store: Store) -> None:
    """On the day the clock is set back a promise holds for an hour longer; days without a promise are left out."""
    sunday = date(2026, 10, 25)
    days = {sunday + number * timedelta(1): begin(sunday + (number + 1) * timedelta(1)) for number in range(3)}
    midnight = datetime(2026, 10, 25, 23, tzinfo=UTC)
    put(store, promise(store, sunday), "done", midnight - TICK)
    put(store, promise(store, sunday), "done", midnight)
    put(store, promise(store, sunday + timedelta(2)), "done", midnight)
    assert store.figures.promises(days) == (Promised(sunday, 2, 1, 1), Promised(sunday + timedelta(2), 1, 1, 0))


def test_balances_that_changed(store: Store) -> None:
    """A balance changes by what came and went since a moment, whatever day it was booked on."""
    old = book_work("1", "bakery", TODAY, 30, "balance", "")
    new = (
        book_work("2", "bakery", TODAY - timedelta(60), 50, "balance", ""),
        adjust("3", "bakery", TODAY, 20, ""),
        Entry("4", "shop", TODAY, "granted", "balance", 180),
        book_work("5", "choir", TODAY, 30, "hourly", ""),
    )
    with store.transaction():
        store.ledger.add((old,), NOW - TICK)
        store.ledger.add(new, NOW)
    assert store.figures.changes_since(NOW) == {"bakery": -30, "shop": 180}
    assert store.figures.changes_since(NOW + TICK) == {}


@pytest.mark.parametrize(
    ("table", "index", "sql"),
    [
        ("mail", "mail_contact", "contacts"),
        ("ticket", "ticket_promise", "promises"),
        ("event", "event_done", "promises"),
        ("entry", "entry_day", "moved"),
        ("entry", "entry_created", "changes_since"),
    ],
)
def test_only_indexes_are_read(store: Store, table: str, index: str, sql: str) -> None:
    """Beside 200,000 mails the figures are there at once, because none of them looks at a table row by row."""
    asked: list[str] = []
    calls: dict[str, Callable[[], object]] = {
        "contacts": lambda: store.figures.contacts([(NOW - DAY, NOW)]),
        "promises": lambda: store.figures.promises({TODAY: NOW}),
        "moved": lambda: store.figures.moved(TODAY, TODAY),
        "changes_since": lambda: store.figures.changes_since(NOW),
    }
    store._connection.set_trace_callback(asked.append)
    calls[sql]()
    store._connection.set_trace_callback(None)
    [statement] = asked
    steps = [row[3] for row in store._connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert any(index in step for step in steps), steps
    assert not any(step.startswith(f"SCAN {table}") for step in steps), steps
