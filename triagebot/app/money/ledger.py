"""Booking minutes and fees, and keeping each plan's months settled; jobs inside a transaction of whoever calls."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Client
from triagebot.core.errors import LedgerError
from triagebot.core.files.problem import propose
from triagebot.core.money.charge import Charge, Job, choose_charge
from triagebot.core.money.entry import Billing, Entry, Fee, adjust, balance, book_work, take_back
from triagebot.core.money.ledger import Terms, correct_ends, settle_fees, settle_months
from triagebot.core.money.month import Month
from triagebot.core.phrase import ENGLISH, Phrase, Value, Words, say
from triagebot.edge.store import Store

if TYPE_CHECKING:
    from triagebot.app.database import Database
    from triagebot.app.desk.snapshot import Snapshot


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
    sentence: Words
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


def reverse_booking(store: Store, view: DeskView, key: str, now: datetime) -> Entry | None:
    """Given the key of a booking, inside a transaction, add the entry that takes all of it back, on the same day and at
    the same price; what the ticket counts is left alone. Return it, or None when that was done before. Raise
    LedgerError when there is no such booking, or its month is invoiced."""
    booked = store.ledger.find(key)
    if booked is None:
        raise LedgerError(say("nothing was booked as {key}; see `triagebot ledger`", key=key))
    client = find_client(view, booked.client)
    check_day(store, booked.day, view.calendar.local(now).date())
    terms = settle_client(store, view, client, now)
    known = store.ledger.entries(client.id)
    cause = f"{key} taken back"
    if booked.source == "balance":
        entry = adjust(cause, client.id, booked.day, booked.minutes, booked.note, booked.ticket)
    else:
        entry = replace(booked, key=cause, source=booked.target, target=booked.source)
    ends = correct_ends(terms, known, entry) if terms is not None and "balance" in (entry.source, entry.target) else ()
    if not store.ledger.add((entry,), now):
        return None
    store.ledger.add(ends, now)
    return entry


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


async def settle_nightly(database: "Database", snapshot: "Snapshot", key: bytes, now: datetime) -> None:  # noqa: ARG001
    """The daily chore: each month is granted on its first day and ended on the day after its last."""
    await database.ask(lambda store: settle_all(store, snapshot, now))


def find_client(view: DeskView, client_id: str) -> Client:
    """Given an id, return the client of the desk. Raise LedgerError."""
    client = view.desk.client_by_id(client_id)
    if client is None:
        mend = propose(client_id, [one.id for one in view.desk.client]) or "; see the [[client]] tables"
        raise LedgerError(say("there is no client {client}{mend}", client=f"'{client_id}'", mend=mend))
    return client


def check_day(store: Store, day: date, today: date) -> date:
    """Given a day something is to be booked on and today, return the day. Raise LedgerError for one to come, and for
    one of a month that is invoiced."""
    if day > today:
        raise LedgerError(say("{day} has not come yet; work is booked when it is done", day=str(day)))
    closed = store.ledger.last_closed()
    if closed is not None and day <= Month.parse(closed).last:
        first = Month.parse(closed).next.first
        raise LedgerError(
            say(
                "{day} lies in a month that is invoiced; book it on {first} or later, {month} is open",
                day=str(day),
                first=str(first),
                month=f"{first:%Y-%m}",
            )
        )
    return day


def _find_job(store: Store, view: DeskView, client: Client, ticket: int | None) -> Job | None:
    if ticket is None:
        return None
    job = store.ledger.job(ticket)
    if job is None:
        raise LedgerError(say("there is no ticket {number}; see `triagebot tickets --all`", number=ticket))
    if job.client not in (None, client.id):
        raise LedgerError(
            say(
                "ticket {number} is of {owner}, not of {client}; book it there",
                number=ticket,
                owner=job.client or "nobody",
                client=client.id,
            )
        )
    return replace(job, currency=job.currency or view.desk.booking.currency)


def _check_plan(client: Client, charge: Charge, terms: Terms | None, known: tuple[Entry, ...]) -> None:
    touched = any("balance" in (entry.source, entry.target) for entry in known)
    if charge.billing == "balance" and terms is None and not touched:
        raise LedgerError(
            say("{client} has no plan whose minutes could pay; book by the hour: --hourly", client=client.id)
        )


def _make_entry(booking: Booking, client: Client, day: date, charge: Charge) -> Entry:
    if not booking.note.strip():
        raise LedgerError(say("say what was done: the note stands in statement and invoice"))
    if not booking.minutes:
        raise LedgerError(say("0 minutes change nothing; write how long it took"))
    note, minutes = " ".join(booking.note.split()), abs(booking.minutes)
    if booking.minutes < 0 and charge.billing == "balance":
        return adjust(booking.key, client.id, day, minutes, note, booking.ticket)
    make = book_work if booking.minutes > 0 else take_back
    return make(booking.key, client.id, day, minutes, charge.billing, note, booking.ticket, charge.rate)


def _tell_ticket(store: Store, booking: Booking, charge: Charge, now: datetime) -> None:
    if booking.ticket is not None:
        store.ledger.count_minutes(booking.ticket, booking.minutes, now)
        what = f"{booking.minutes} minutes booked"
        store.tickets.tell(booking.ticket, "developer", what, f"{ENGLISH.speak(charge.words)}: {booking.note}", now)


def _say(booking: Booking, client: Client, day: date, charge: Charge, left: int | None, *, is_new: bool) -> Words:
    if not is_new:
        return say("This was booked before for {client}; nothing has changed.", client=client.name)
    what = _say_booking(booking, client, day, charge)
    if left is None:
        return say("{what}.", what=what)
    if left < 0:
        return say("{what}: overdrawn by {minutes}.", what=what, minutes=-left)
    return say("{what}: {minutes} are left.", what=what, minutes=left)


def _say_booking(booking: Booking, client: Client, day: date, charge: Charge) -> Phrase:
    about: dict[str, Value | Phrase] = {
        "minutes": abs(booking.minutes),
        "client": client.name,
        "day": str(day),
        "paid": charge.words,
    }
    if booking.ticket is None and booking.minutes > 0:
        return say("Booked {minutes} minutes for {client} on {day}, {paid}", **about)
    if booking.ticket is None:
        return say("Took back {minutes} minutes for {client} on {day}, {paid}", **about)
    about["ticket"] = booking.ticket
    if booking.minutes > 0:
        return say("Booked {minutes} minutes for {client} on {day}, ticket {ticket}, {paid}", **about)
    return say("Took back {minutes} minutes for {client} on {day}, ticket {ticket}, {paid}", **about)
