"""Booking minutes and fees, and keeping each plan's months settled; jobs inside a transaction of whoever calls."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime

from triagebot.app.database import Database
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Client
from triagebot.core.errors import LedgerError
from triagebot.core.files.problem import propose
from triagebot.core.money.charge import Charge, Job, choose_charge
from triagebot.core.money.entry import Billing, Entry, Fee, adjust, balance, book_work, take_back
from triagebot.core.money.ledger import Terms, correct_ends, settle_fees, settle_months
from triagebot.core.money.month import Month
from triagebot.edge.store import Store


@dataclass(frozen=True, slots=True)
class Booking:
    """Minutes to be booked. `key` names the cause: the same cause twice is booked once. Negative minutes take back what
    was booked too much. `day` is None for today; `billing` None for whoever pays by the rules."""

    key: str
    client: str
    minutes: int
    note: str
    ticket: int | None = None
    day: date | None = None
    billing: Billing | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What booking did, in a sentence. `balance` is what the plan has left; None where it does not pay. `is_new` is
    False when the same cause was booked before: then nothing was."""

    entry: Entry
    sentence: str
    balance: int | None
    is_new: bool = True


def book_minutes(store: Store, view: DeskView, booking: Booking, now: datetime) -> Receipt:
    """Given minutes to be booked and now, inside a transaction, book them and count them on their ticket. Raise
    LedgerError when they cannot be booked like this.

    The plan of coming hours is left alone: whoever calls makes it anew when all of the change is done.
    """
    client = find_client(view, booking.client)
    today = view.calendar.local(now).date()
    day = check_day(store, booking.day or today, today)
    terms = settle_client(store, view, client, now)
    job = _find_job(store, view, client, booking.ticket)
    reported = view.calendar.local(job.opened_at).date() if job else day
    charge = choose_charge(view.desk, client, day, job, reported, booking.billing)
    known = store.ledger.entries(client.id)
    _check_plan(client, charge, terms, known)
    entry = _make_entry(booking, client, day, charge)
    ends = correct_ends(terms, known, entry) if terms is not None and charge.billing == "balance" else ()
    is_new = bool(store.ledger.add((entry,), now))
    if is_new:
        store.ledger.add(ends, now)
        _tell_ticket(store, booking, charge, now)
    left = balance(store.ledger.entries(client.id)) if charge.billing == "balance" else None
    return Receipt(entry, _say(booking, client, day, charge, left, is_new=is_new), left, is_new)


def settle_client(store: Store, view: DeskView, client: Client, now: datetime) -> Terms | None:
    """Given a client and now, write down what its plan has granted, carried over and cost until today. Return the
    plan's terms, or None when it has none."""
    terms, entries, fees = find_missing(store, view, client, now)
    store.ledger.add(entries, now)
    store.ledger.add_fees(fees, now)
    return terms


def find_missing(
    store: Store, view: DeskView, client: Client, now: datetime
) -> tuple[Terms | None, tuple[Entry, ...], tuple[Fee, ...]]:
    """Given a client and now, return its plan's terms, and the entries and fees that are not written down yet."""
    terms = find_terms(store, view, client)
    if terms is None:
        return None, (), ()
    today = view.calendar.local(now).date()
    entries = store.ledger.entries(client.id)
    keys = (fee.key for fee in store.ledger.fees(client.id))
    return terms, settle_months(terms, entries, today), settle_fees(terms, entries, keys, today)


def find_terms(store: Store, view: DeskView, client: Client) -> Terms | None:
    """Given a client, return the terms of its plan, or None when it has none, or none that has begun."""
    plan = next((plan for plan in view.desk.plan if plan.id == client.plan), None)
    if client.tier != "retainer" or plan is None or client.since is None:
        return None
    started = store.ledger.counted_since()
    return Terms(
        client=client.id,
        minutes=plan.minutes,
        since=client.since,
        carry=plan.carry,
        first_month_gift=plan.first_month_gift,
        ended=client.until,
        counted_from=view.calendar.local(started).date() if started else None,
        name=plan.name or plan.id,
        price=plan.price,
        rate=client.hourly if client.hourly is not None else view.desk.booking.rate,
    )


def settle_all(store: Store, view: DeskView, now: datetime) -> None:
    """Given now, settle every client's plan."""
    for client in view.desk.client:
        settle_client(store, view, client, now)


async def settle_nightly(database: Database, snapshot: Snapshot, key: bytes, now: datetime) -> None:  # noqa: ARG001
    """The daily chore: each month is granted on its first day and ended on the day after its last."""
    await asyncio.wrap_future(database.submit(lambda store: settle_all(store, snapshot, now)))


def find_client(view: DeskView, client_id: str) -> Client:
    """Given an id, return the client of the desk. Raise LedgerError."""
    client = view.desk.client_by_id(client_id)
    if client is None:
        mend = propose(client_id, [one.id for one in view.desk.client]) or "; see the [[client]] tables"
        raise LedgerError(f"there is no client {client_id!r}{mend}")
    return client


def check_day(store: Store, day: date, today: date) -> date:
    """Given a day something is to be booked on and today, return the day. Raise LedgerError for one to come, and for
    one of a month that is invoiced."""
    if day > today:
        raise LedgerError(f"{day} has not come yet; work is booked when it is done")
    closed = store.ledger.last_closed()
    if closed is not None and day <= Month.parse(closed).last:
        first = Month.parse(closed).next.first
        raise LedgerError(f"{day} lies in a month that is invoiced; book it on {first} or later, {first:%Y-%m} is open")
    return day


def _find_job(store: Store, view: DeskView, client: Client, ticket: int | None) -> Job | None:
    if ticket is None:
        return None
    job = store.ledger.job(ticket)
    if job is None:
        raise LedgerError(f"there is no ticket {ticket}; see `triagebot tickets --all`")
    if job.client not in (None, client.id):
        raise LedgerError(f"ticket {ticket} is of {job.client}, not of {client.id}; book it there")
    return replace(job, currency=job.currency or view.desk.booking.currency)


def _check_plan(client: Client, charge: Charge, terms: Terms | None, known: tuple[Entry, ...]) -> None:
    touched = any("balance" in (entry.source, entry.target) for entry in known)
    if charge.billing == "balance" and terms is None and not touched:
        raise LedgerError(f"{client.id} has no plan whose minutes could pay; book by the hour: --hourly")


def _make_entry(booking: Booking, client: Client, day: date, charge: Charge) -> Entry:
    if not booking.note.strip():
        raise LedgerError("say what was done: the note stands in statement and invoice")
    if not booking.minutes:
        raise LedgerError("0 minutes change nothing; write how long it took")
    note, minutes = " ".join(booking.note.split()), abs(booking.minutes)
    if booking.minutes < 0 and charge.billing == "balance":
        return adjust(booking.key, client.id, day, minutes, note, booking.ticket)
    make = book_work if booking.minutes > 0 else take_back
    return make(booking.key, client.id, day, minutes, charge.billing, note, booking.ticket, charge.rate)


def _tell_ticket(store: Store, booking: Booking, charge: Charge, now: datetime) -> None:
    if booking.ticket is not None:
        store.ledger.count_minutes(booking.ticket, booking.minutes, now)
        what = f"{booking.minutes} minutes booked"
        store.tickets.tell(booking.ticket, "developer", what, f"{charge.words}: {booking.note}", now)


def _say(booking: Booking, client: Client, day: date, charge: Charge, left: int | None, *, is_new: bool) -> str:
    if not is_new:
        return f"This was booked before for {client.name}; nothing has changed."
    what = f"Booked {booking.minutes} minutes" if booking.minutes > 0 else f"Took back {-booking.minutes} minutes"
    ticket = f", ticket {booking.ticket}" if booking.ticket is not None else ""
    if left is None:
        rest = "."
    elif left < 0:
        rest = f": overdrawn by {-left}."
    else:
        rest = f": {left} are left."
    return f"{what} for {client.name} on {day}{ticket}, {charge.words}{rest}"
