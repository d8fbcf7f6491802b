"""Rows of the plan: rewritten so that only what differs is touched."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.edge.store.test_store_tickets import open_ticket
from tests.edge.stores import NOW
from triagebot.core.decision import Slot, TicketPlan
from triagebot.core.desk import TIERS
from triagebot.edge.store import Store
from triagebot.edge.store.work.slots import Planned
from triagebot.edge.store.work.tickets import NewTicket

FIRST = date(2026, 11, 23)
plans = st.lists(
    st.builds(
        Planned,
        ticket=st.integers(1, 3),
        day=st.integers(0, 3).map(lambda days: FIRST + timedelta(days=days)),
        minutes=st.integers(1, 3),
        tier=st.sampled_from(TIERS),
        urgent=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda row: (row.ticket, row.day, row.urgent),
)


def read(path: Path) -> dict[Planned, int]:
    """Return the rows with their numbers."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT ticket, day, minutes, tier, urgent, id FROM slot").fetchall()
    return {Planned(one[0], date.fromisoformat(one[1]), one[2], one[3], bool(one[4])): one[5] for one in rows}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plans, plans)
def test_the_rows_become_the_plan(path: Path, store: Store, before: list[Planned], after: list[Planned]) -> None:
    """Exactly the plan is there afterwards, what stayed is not touched, and what is booked follows."""
    while len(store.slots.owed()) < 3:
        open_ticket(store)
    for wanted in (before, after):
        known = read(path)
        with store.transaction():
            changed = store.slots.rewrite(FIRST, wanted)
        found = read(path)
        assert set(found) == set(wanted)
        assert all(found[row] == known[row] for row in found.keys() & known.keys())
        assert changed == len(known.keys() ^ found.keys())
        booked = store.slots.booked(FIRST)
        assert sum(booked.urgent.values()) == sum(row.minutes for row in wanted if row.urgent)
        assert sum(sum(tiers.values()) for tiers in booked.minutes.values()) == sum(row.minutes for row in wanted)


def test_the_past_is_not_rewritten(store: Store, path: Path) -> None:
    """Slots before the first day were worked; they stay."""
    ticket = open_ticket(store, FIRST - timedelta(days=1), FIRST)
    with store.transaction():
        store.slots.rewrite(FIRST, [])
    assert list(read(path)) == [Planned(ticket, FIRST - timedelta(days=1), 30, "retainer")]


def test_dates_and_urgency_are_written_with_a_ticket(store: Store) -> None:
    """What was told, what is aimed at and when the first answer is owed."""
    slots = (Slot(FIRST, 5, urgent=True), Slot(FIRST, 30))
    plan = TicketPlan("work", 30, "planned", FIRST, slots, FIRST + timedelta(days=2), FIRST)
    with store.transaction():
        store.tickets.open(NewTicket(plan, "retainer", "Subject", "Text", client="bakery"), NOW)
    (owed,) = store.slots.owed()
    assert (owed.promise, owed.due, owed.answer_due) == (FIRST, FIRST + timedelta(days=2), FIRST)
    assert (owed.minutes, owed.minutes_done, owed.opened_at, owed.answered_at) == (30, 0, NOW, None)
    assert [row.urgent for row in store.slots.on(FIRST)] == [True, False]
    with store.transaction():
        store.tickets.close(owed.ticket, "developer", "done", NOW, FIRST)
    assert store.slots.owed() == []
    assert store.slots.on(FIRST) == []
