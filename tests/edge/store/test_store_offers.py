"""Offers in the database: which one a mail answers, and who had a gift."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.edge.stores import ADA, DAY, NOW, add
from triagebot.core.decision import Slot, TicketPlan, TicketState, Turn
from triagebot.core.money.offer import Estimate
from triagebot.edge.store import Store
from triagebot.edge.store.work.tickets import NewTicket

TODAY, SOON = date(2026, 11, 23), date(2026, 11, 25)
PRICE = Estimate(30, Decimal("40"), Decimal("60"), "EUR")
PLAN = TicketPlan("work", 30, "waiting-client", SOON, (Slot(SOON, 30),), SOON, price=PRICE, expires_at=NOW + 14 * DAY)


def open_ticket(store: Store, plan: TicketPlan = PLAN, thread: int = 1) -> int:
    """Given a plan, open its ticket for the client cafe on its terms; return its number."""
    with store.transaction():
        number = store.tickets.open(
            NewTicket(plan, "one-off", "Subject", "Please change it", thread=thread, client="cafe", sender_key=ADA), NOW
        )
        store.offers.record_terms(number, plan, NOW)
    return number


def test_an_offer_reads_back_as_it_was_told(store: Store) -> None:
    """Price, end, date and held time are kept exactly; what was no offer is none."""
    offer = store.offers.find(open_ticket(store), TODAY)
    assert offer is not None
    assert (offer.price, offer.expires_at, offer.promise, offer.slots) == (PRICE, PLAN.expires_at, SOON, PLAN.slots)
    assert (offer.state, offer.told, offer.closed_as, offer.fixed) == ("waiting-client", False, "", False)
    assert store.offers.find(open_ticket(store, replace(PLAN, price=None, expires_at=None)), TODAY) is None


@pytest.mark.parametrize(
    ("state", "told"), [("sent", True), ("ambiguous", True), ("queued", False), ("drafted", False)]
)
def test_what_left_was_told(store: Store, state: str, told: bool) -> None:
    """An estimate counts as told in its thread when it left, and to whoever names its id in any case."""
    number = open_ticket(store)
    add(store, "told", ticket=number)
    with store.transaction():
        store._connection.execute("UPDATE outbox SET state = ?", (state,))
    in_thread, by_id = store.offers.answered((), 1, TODAY), store.offers.answered(("<told@desk.test>",), None, TODAY)
    assert in_thread is not None
    assert by_id is not None
    assert (in_thread.told, by_id.told) == (told, True)


def test_two_that_wait_in_a_thread_are_told_apart_only_by_id(store: Store) -> None:
    """Which of them a thread means, only a person can tell; the one left when the other is agreed to is clear."""
    first, second = open_ticket(store), open_ticket(store)
    add(store, "told", ticket=first)
    assert store.offers.answered((), 1, TODAY) is None
    named = store.offers.answered(("<told@desk.test>",), 1, TODAY)
    assert named is not None
    assert named.ticket == first
    with store.transaction():
        store.offers.turn(Turn(first, "planned", "yes"), ADA, None, TODAY, NOW)
    left = store.offers.answered((), 1, TODAY)
    assert left is not None
    assert left.ticket == second
    assert store.offers.answered((), 2, TODAY) is None


@pytest.mark.parametrize(
    ("turn", "state", "minutes", "closed_as"),
    [
        (lambda number: Turn(number, "planned", "yes"), "planned", 30, None),
        (lambda number: Turn(number, "closed", "no", closed_as="declined"), "closed", 0, "declined"),
        (lambda number: Turn(number, "new", "but"), "new", 30, None),
        (
            lambda number: Turn(number, "planned", "yes", plan=replace(PLAN, slots=(Slot(SOON, 20),))),
            "planned",
            20,
            None,
        ),
    ],
)
def test_a_turn_is_one_state_with_its_time_and_story(
    store: Store, turn: Callable[[int], Turn], state: TicketState, minutes: int, closed_as: str | None
) -> None:
    """State, slots and event change together, and what is known to be booked follows."""
    number = open_ticket(store)
    assert store.slots.booked(TODAY).of(SOON) == {"one-off": 30}
    with store.transaction():
        store.offers.turn(turn(number), ADA, None, TODAY, NOW)
    sql = "SELECT state, closed_as, version FROM ticket WHERE id = ?"
    assert store._connection.execute(sql, (number,)).fetchone() == (state, closed_as, 2)
    assert sum(store.slots.booked(TODAY).of(SOON).values()) == minutes
    who, why = store._connection.execute("SELECT who, why FROM event ORDER BY id DESC").fetchone()
    assert (who, why) == (ADA, turn(number).why)


def test_a_gift_is_remembered_for_ever(store: Store) -> None:
    """By the ticket, closed or not, or by minutes booked as a courtesy; a rehearsal in shadow does not count."""
    assert not store.offers.was_gifted("cafe")
    number = open_ticket(store, TicketPlan("work", 10, "planned", SOON, billing="courtesy"))
    add(store, "told", ticket=number, mode="shadow")
    assert not store.offers.was_gifted("cafe")
    with store.transaction():
        store._connection.execute("UPDATE outbox SET state = 'sent'")
        store.tickets.close(number, "developer", "done", NOW, TODAY)
    assert store.offers.was_gifted("cafe")
    assert not store.offers.was_gifted("kiosk")
    with store.transaction():
        store._connection.execute(
            "INSERT INTO entry (key, client, day, source, target, minutes, created_at)"
            " VALUES ('k', 'kiosk', '2026-11-23', 'courtesy', 'worked', 10, '')"
        )
    assert store.offers.was_gifted("kiosk")
