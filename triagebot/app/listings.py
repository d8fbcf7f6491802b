"""What the command line reads from the desk's database, and the few things it changes there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from triagebot.app.desk.view import DeskView
from triagebot.app.digest import gather_digest, put_digest_into_outbox
from triagebot.app.status import gather_status
from triagebot.core.decision import TicketState
from triagebot.core.delivery import OutboxState
from triagebot.core.digest import Digest
from triagebot.core.errors import StoreError
from triagebot.edge.keys import load_key
from triagebot.edge.store import Store, open_store, open_store_to_read
from triagebot.edge.store.rows import instant
from triagebot.edge.wording import say_time

_AGAIN = timedelta(days=1)


@contextmanager
def reading(view: DeskView) -> Iterator[Store]:
    """Given a desk, its database for reading."""
    store = open_store_to_read(view.data / "triagebot.db")
    try:
        yield store
    finally:
        store.close()


@contextmanager
def writing(view: DeskView) -> Iterator[Store]:
    """Given a desk, its database inside one transaction. Raise StoreError when there is none yet."""
    with reading(view):
        pass  # a command never makes the database: only the daemon knows when the desk began
    store = open_store(view.data / "triagebot.db")
    try:
        with store.transaction():
            yield store
    finally:
        store.close()


def list_tickets(view: DeskView, states: Sequence[TicketState]) -> list[dict[str, Any]]:
    """Given a desk and states, return the tickets in them, what breaks first on top."""
    with reading(view) as store:
        return store.tickets.listing(states)


def find_ticket(view: DeskView, number: int) -> dict[str, Any]:
    """Given a ticket's number, return it with its story, times in the desk's zone. Raise StoreError."""
    with reading(view) as store:
        ticket: dict[str, Any] | None = store.tickets.find(number)
    if ticket is None:
        raise StoreError(f"there is no ticket {number}; see `triagebot tickets --all`")
    for entry in (ticket, *ticket["events"]):
        for key in {"opened_at", "at"} & entry.keys():
            entry[key] = say_time(instant(entry[key]), view.calendar.zone)
    return ticket


def close_ticket(view: DeskView, number: int, why: str, now: datetime) -> None:
    """Given a ticket's number, close it by the developer's hand. Raise StoreError when it is not open."""
    with writing(view) as store:
        if not store.tickets.close(number, "developer", why, now, view.calendar.local(now).date()):
            raise StoreError(f"there is no open ticket {number}; see `triagebot tickets --all`")


def list_hours(view: DeskView, now: datetime, days: int) -> list[tuple[date, list[dict[str, Any]]]]:
    """Given now and how many days to look ahead, return the support hours with their slots."""
    today = view.calendar.local(now).date()
    with reading(view) as store:
        slots = store.tickets.slots(today, today + timedelta(days=days - 1))
    by_day: dict[date, list[dict[str, Any]]] = {day: [] for day in view.calendar.open_days(today, days)}
    for slot in slots:
        by_day.setdefault(date.fromisoformat(str(slot["day"])), []).append(slot)
    return sorted(by_day.items())


def list_outbox(view: DeskView, states: Sequence[OutboxState]) -> list[dict[str, Any]]:
    """Given a desk and states, return the outgoing mails in them, the oldest first."""
    with reading(view) as store:
        return store.outbox.listing(states)


def change_outbox(
    view: DeskView, number: int, states: Sequence[OutboxState], new_state: OutboxState, now: datetime
) -> None:
    """Given an outgoing mail and the states it may be in, put it into a new one. Raise StoreError."""
    with writing(view) as store:
        if not store.outbox.change(number, states, new_state, now, now + _AGAIN):
            raise StoreError(f"mail {number} is not {' or '.join(states)}; see `triagebot outbox --all`")


def read_status(view: DeskView, now: datetime) -> dict[str, Any]:
    """Given now, return how the desk is."""
    with reading(view) as store:
        return gather_status(store, view, now)


def read_digest(view: DeskView, now: datetime) -> Digest:
    """Given now, return the digest of the last 24 hours."""
    with reading(view) as store:
        return gather_digest(store, view, now, now - timedelta(days=1))


def send_digest(view: DeskView, now: datetime) -> None:
    """Given now, put the digest of the last 24 hours into the outbox."""
    digest = read_digest(view, now)
    with writing(view) as store:
        put_digest_into_outbox(store, digest, view, load_key(view.data / "key"), now, now.isoformat())
