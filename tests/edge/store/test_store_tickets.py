"""Rows of tickets and of the slots they take in support hours."""

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from tests.edge.stores import ADA, BOB, DAY, NOW
from triagebot.core.decision import Slot, TicketPlan, TicketState
from triagebot.core.desk import Tier
from triagebot.edge.store import Store, open_store
from triagebot.edge.store.work.tickets import NewTicket

TODAY = date(2026, 11, 23)
TOMORROW = date(2026, 11, 24)


def open_ticket(
    store: Store,
    *days: date,
    tier: Tier = "retainer",
    state: TicketState = "planned",
    thread: int | None = None,
    client: str | None = "bakery",
    sender: str = ADA,
) -> int:
    """Given days, open a ticket with half an hour on each; return its number."""
    slots = tuple(Slot(day, 30) for day in days)
    plan = TicketPlan("work", 30 * len(days), state, days[-1] if days else None, slots)
    with store.transaction():
        new = NewTicket(plan, tier, "Subject", "Text", thread=thread, client=client, sender_key=sender)
        return store.tickets.open(new, NOW)


def close(store: Store, ticket: int) -> bool:
    """Given a ticket, close it; return whether it was open."""
    with store.transaction():
        return store.tickets.close(ticket, "developer", "solved", NOW, NOW.date())


def booked(store: Store, today: date = TODAY) -> dict[date, dict[Tier, int]]:
    """Return the minutes promised per day and tier."""
    return {day: dict(tiers) for day, tiers in store.slots.booked(today).minutes.items()}


def test_what_is_promised_is_booked_per_day_and_tier(store: Store) -> None:
    """From today on: the past takes no room."""
    open_ticket(store, TODAY, TOMORROW)
    open_ticket(store, TOMORROW)
    open_ticket(store, TOMORROW, tier="none")
    assert booked(store) == {TODAY: {"retainer": 30}, TOMORROW: {"retainer": 60, "none": 30}}
    assert booked(store, TOMORROW) == {TOMORROW: {"retainer": 60, "none": 30}}


def test_the_bookings_are_kept_until_something_changes(store: Store) -> None:
    """Ten thousand mails in a row are not ten thousand sums; a change shows at once."""
    open_ticket(store, TOMORROW)
    first = store.slots.booked(TODAY)
    assert store.slots.booked(TODAY) is first
    ticket = open_ticket(store, TOMORROW)
    assert booked(store) == {TOMORROW: {"retainer": 60}}
    assert close(store, ticket)
    assert booked(store) == {TOMORROW: {"retainer": 30}}


def test_the_bookings_of_another_connection_show(path: Path, store: Store) -> None:
    """The command line books while the daemon runs; both see it, also within the transaction that decides."""
    assert booked(store) == {}
    with closing(open_store(path)) as other:
        ticket = open_ticket(other, TOMORROW)
        with store.transaction():
            assert booked(store) == {TOMORROW: {"retainer": 30}}
        assert close(other, ticket)
        assert booked(store) == {}


@pytest.mark.parametrize("how", ["step", "transaction"])
def test_the_bookings_of_what_was_undone_do_not_show(store: Store, how: str) -> None:
    """Neither those read before nor those read within it."""
    open_ticket(store, TODAY)
    plan = TicketPlan("work", 30, "planned", TOMORROW, (Slot(TOMORROW, 30),))

    def fail() -> None:
        store.tickets.open(NewTicket(plan, "retainer", "Subject", "Text"), NOW)
        assert TOMORROW in booked(store)
        raise ValueError("undo")

    if how == "transaction":
        with pytest.raises(ValueError, match="undo"), store.transaction():
            fail()
        assert booked(store) == {TODAY: {"retainer": 30}}
    else:
        with store.transaction():
            with pytest.raises(ValueError, match="undo"), store.step():
                fail()
            assert booked(store) == {TODAY: {"retainer": 30}}


def test_a_closed_ticket_gives_its_coming_slots_back(store: Store) -> None:
    """Those of the past stay: they were worked. Closing twice is told."""
    ticket = open_ticket(store, date(2026, 11, 20), TODAY, TOMORROW)
    assert [close(store, number) for number in (ticket, ticket, 99)] == [True, False, False]
    assert booked(store, date(2026, 11, 1)) == {date(2026, 11, 20): {"retainer": 30}}
    found = store.tickets.find(ticket)
    assert found is not None
    assert (found["state"], found["version"]) == ("closed", 2)
    events = found["events"]
    assert isinstance(events, list)
    assert [event["what"] for event in events] == ["opened as planned", "closed"]


@pytest.mark.parametrize(
    ("client", "sender", "found"),
    [("bakery", ADA, True), ("bakery", BOB, True), (None, ADA, True), (None, BOB, False), ("cafe", BOB, False)],
)
def test_a_ticket_in_a_thread_is_found_by_who_takes_part(
    store: Store, client: str | None, sender: str, found: bool
) -> None:
    """The same address or the same client; a stranger who names an id of the thread joins nothing."""
    ticket = open_ticket(store, TOMORROW, thread=5)
    assert store.tickets.of_thread(5, client, sender) == (ticket if found else None)
    assert store.tickets.of_thread(6, client, sender) is None


def test_strangers_without_a_client_are_not_one_client(store: Store) -> None:
    """Two tickets of nobody's have no client in common."""
    open_ticket(store, TOMORROW, thread=5, client=None, sender=ADA)
    assert store.tickets.of_thread(5, None, BOB) is None
    assert store.tickets.open_of(None, BOB) == ()
    assert len(store.tickets.open_of(None, ADA)) == 1


def test_the_latest_open_ticket_of_a_thread_counts(store: Store) -> None:
    """A closed one is over."""
    first, second = (open_ticket(store, TOMORROW, thread=5) for _ in range(2))
    assert store.tickets.of_thread(5, "bakery", ADA) == second
    assert close(store, second)
    assert store.tickets.of_thread(5, "bakery", ADA) == first
    assert [one.id for one in store.tickets.open_of("bakery", BOB)] == [first]


def test_the_listing_has_what_breaks_first_on_top(store: Store) -> None:
    """By promise, those without one last."""
    late, none, early = (open_ticket(store, *days) for days in ([TOMORROW], [], [TODAY]))
    assert [one["id"] for one in store.tickets.listing()] == [early, late, none]


def test_a_task_is_done_once(path: Path, store: Store) -> None:
    """Whoever asks second, on whatever connection, is told no; a name is found by its beginning."""
    with closing(open_store(path)) as other:
        for number, owner in enumerate((store, other, store)):
            with owner.transaction():
                assert owner.health.do_once("digest 2026-11-23", NOW) is (number == 0)
    with store.transaction():
        assert store.health.do_once("digest 2026-11-24", NOW + DAY)
    assert store.health.last_once("digest ") == "digest 2026-11-24"
    assert store.health.last_once("alert ") is None


def test_a_problem_is_remembered_since_it_began(store: Store) -> None:
    """Another sentence about the same trouble keeps its beginning; work ends it."""
    with store.transaction():
        store.health.fails("inbox support", "no route", NOW)
        store.health.fails("inbox support", "refused", NOW + DAY)
    (part,) = store.health.parts()
    assert (part.problem, part.since) == ("refused", NOW)
    with store.transaction():
        store.health.works("inbox support", NOW + 2 * DAY)
    (part,) = store.health.parts()
    assert (part.problem, part.since) == ("", None)
