"""`triagebot log`: minutes and fees booked by hand, as they are typed."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from triagebot.app.desk.opening import writing
from triagebot.app.desk.view import DeskView
from triagebot.app.money.ledger import Booking, book_minutes, check_day, find_client
from triagebot.app.tickets.agenda import replan
from triagebot.core.errors import LedgerError
from triagebot.core.files.spelling import parse_date
from triagebot.core.money.entry import Billing, Fee
from triagebot.core.money.price import round_money
from triagebot.core.money.typed import parse_amount, parse_minutes
from triagebot.core.phrase import ENGLISH
from triagebot.edge.store.rows import stamp

_TWICE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: minutes, or a fee instead of them; "" for what was not."""

    client: str
    minutes: str
    note: str
    fee: str = ""
    ticket: int | None = None
    day: str = ""
    billing: Billing | None = None


def log_typed(view: DeskView, typed: Typed, now: datetime, *, again: bool) -> str:
    """Given what was typed and now, book it and return a sentence about what was done. Raise LedgerError when it cannot
    be booked, and when the same was booked within the last minute, unless it is wanted once more."""
    day = _read_day(typed.day)
    # The moment is the cause: two commands are two causes, however alike they are.
    key = f"log/{typed.client}/{stamp(now)}"
    if typed.fee:
        if typed.ticket is not None or typed.billing is not None:
            raise LedgerError("a fee is a flat amount: it has no ticket, and nobody but the client pays it")
        today = view.calendar.local(now).date()
        fee = Fee(key, typed.client, day or today, parse_amount(typed.fee), " ".join(typed.note.split()))
        return _log_fee(view, fee, now, again=again)
    minutes = parse_minutes(typed.minutes)
    booking = Booking(key, typed.client, minutes, typed.note, typed.ticket, day, typed.billing)
    return _log_minutes(view, booking, now, again=again)


def _log_minutes(view: DeskView, booking: Booking, now: datetime, *, again: bool) -> str:
    with writing(view) as store:
        receipt = book_minutes(store, view, booking, now)
        if not again and store.ledger.repeats(receipt.entry, now - _TWICE):
            raise LedgerError(_twice(booking.client))
        if booking.ticket is not None:
            replan(store, view, now)
    return ENGLISH.speak(receipt.sentence)


def _log_fee(view: DeskView, fee: Fee, now: datetime, *, again: bool) -> str:
    client, today = find_client(view, fee.client), view.calendar.local(now).date()
    currency = view.desk.booking.currency
    amount = round_money(fee.amount, currency)
    if not fee.note:
        raise LedgerError("say what it is for: the note stands on the invoice")
    if not amount or amount != fee.amount:
        raise LedgerError(f"{fee.amount} is no amount in {currency}; write whole coins, such as 250 or 79.50")
    fee = replace(fee, amount=amount)
    with writing(view) as store:
        check_day(store, fee.day, today)
        if not again and store.ledger.repeats_fee(fee, now - _TWICE):
            raise LedgerError(_twice(client.id))
        store.ledger.add_fees((fee,), now)
    what = "Booked" if amount > 0 else "Credited"
    return f"{what} {abs(amount)} {currency} for {client.name} on {fee.day}: {fee.note}."


def _read_day(text: str) -> date | None:
    try:
        return parse_date(text) if text else None
    except ValueError as error:
        raise LedgerError(str(error)) from None


def _twice(client: str) -> str:
    return f"the same was booked for {client} within the last minute; if it happened twice, say --again"
