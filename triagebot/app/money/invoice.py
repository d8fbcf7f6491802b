"""Invoices: what is open for a month, closing it once and for all, and the table for an accountant."""

import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from triagebot.app.desk.opening import reading, writing
from triagebot.app.desk.view import DeskView
from triagebot.app.money.ledger import find_missing, settle_all
from triagebot.core.errors import LedgerError
from triagebot.core.money.document import Invoice, read_lines, write_lines
from triagebot.core.money.entry import Entry, Fee
from triagebot.core.money.invoice import Agreed, InvoiceLine, Open, make_invoice
from triagebot.core.money.month import Month
from triagebot.core.money.price import price_minutes
from triagebot.core.phrase import Words, say
from triagebot.edge.fault import crash_at
from triagebot.edge.store import Store
from triagebot.edge.store.work.ledger import StoredInvoice

_COLUMNS = (
    *("invoice", "month", "client", "name", "kind", "text", "tickets", "first", "last", "minutes", "rate", "amount"),
    *("currency", "vat", "entries"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read_invoice(view: DeskView, month: Month, now: datetime) -> Invoice:
    """Given a month and now, return its invoice: as it was closed, or what would be billed now."""
    with reading(view) as store:
        stored = store.ledger.invoices()
        closed = next((one for one in stored if one.month == str(month)), None)
        return _reopen(view, closed) if closed is not None else _draw_up(store, view, month, stored, now)


def find_unbilled(store: Store, view: DeskView, month: Month, now: datetime) -> Invoice | None:
    """Given a month that is over and now, return what would be billed for it, as far as it is written down (the nightly
    chore sees to that); None when the month is closed."""
    stored = store.ledger.invoices()
    if any(one.month >= str(month) for one in stored):
        return None
    return _write_up(store, view, month, stored, now, store.ledger.open_entries(), store.ledger.open_fees())


def last_month(view: DeskView, now: datetime) -> Month:
    """Given now, return the month before this one, in the desk's zone."""
    return Month.of(view.calendar.local(now).date()).previous


def close_invoice(view: DeskView, month: Month, now: datetime) -> Invoice:
    """Given a month that is over and now, close it: it gets a number, and what it bills is never billed again. Closed
    before, it is returned as it is. Raise LedgerError when there is nothing to bill, or a price is missing."""
    with writing(view) as store:
        invoice = close_month(store, view, month, now)
    crash_at("F15")
    return invoice


def close_month(store: Store, view: DeskView, month: Month, now: datetime) -> Invoice:
    """As `close_invoice`, inside a transaction: lines, number and marks are there together or not at all."""
    if view.calendar.local(now).date() <= month.last:
        raise LedgerError(f"{month} is not over; it can be closed from {month.next.first} on")
    stored = store.ledger.invoices()
    closed = next((one for one in stored if one.month == str(month)), None)
    if closed is not None:
        return _reopen(view, closed)
    settle_all(store, view, now)
    invoice = _draw_up(store, view, month, stored, now)
    _check(invoice)
    keys = [key for line in invoice.lines for key in line.entries]
    number = store.ledger.close(str(month), write_lines(invoice), keys, now)
    return replace(invoice, number=number, closed_on=view.calendar.local(now).date())


def write_csv(invoice: Invoice) -> str:
    """Given an invoice, return its lines as CSV (RFC 4180): a header, dates as 2026-11-30, a point in decimals, texts
    in quotes. A text that a spreadsheet would take for a formula is led by an apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for line in invoice.lines:
        writer.writerow([_cell(value) for value in _row(invoice, line)])
    return file.getvalue()


def _row(invoice: Invoice, line: InvoiceLine) -> tuple[object, ...]:
    return (
        *(invoice.number, invoice.month, line.client, invoice.names.get(line.client, line.client), line.kind),
        *(line.text, " ".join(f"#{ticket}" for ticket in line.tickets), line.first, line.last, line.minutes),
        *(line.rate, line.amount, line.currency, invoice.vat, " ".join(line.entries)),
    )


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, int | Decimal):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _reopen(view: DeskView, stored: StoredInvoice) -> Invoice:
    lines, vat, names = read_lines(stored.lines)
    return Invoice(stored.month, lines, vat, names, stored.number, view.calendar.local(stored.closed_at).date())


def _draw_up(store: Store, view: DeskView, month: Month, stored: tuple[StoredInvoice, ...], now: datetime) -> Invoice:
    missing = [find_missing(store, view, client, now) for client in view.desk.client]
    entries = (*store.ledger.open_entries(), *(entry for _, found, _ in missing for entry in found))
    fees = (*store.ledger.open_fees(), *(fee for _, _, found in missing for fee in found))
    return _write_up(store, view, month, stored, now, entries, fees)


def _write_up(
    store: Store,
    view: DeskView,
    month: Month,
    stored: tuple[StoredInvoice, ...],
    now: datetime,
    entries: tuple[Entry, ...],
    fees: tuple[Fee, ...],
) -> Invoice:
    entries = tuple(_price(view, entry) for entry in entries)
    agreed, foreign = _gather_agreed(store, view, [line for one in stored for line in read_lines(one.lines)[0]])
    lines = make_invoice(month, Open(entries, fees, agreed), view.desk.booking.currency)
    names = {client.id: client.name for client in view.desk.client}
    return Invoice(
        month=str(month),
        lines=lines,
        vat=view.desk.invoice.vat,
        names={line.client: names.get(line.client, line.client) for line in lines},
        notices=(
            *_tell_time(month, stored, view, now),
            *(
                say("{client}: there is no price for '{work}'", client=line.client, work=line.text)
                for line in lines
                if not line.is_priced
            ),
            *(
                say("ticket {number} was priced in another currency; look at what it is billed", number=one)
                for one in foreign
            ),
        ),
    )


def _price(view: DeskView, entry: Entry) -> Entry:
    """What went beyond a plan while there was no price of an hour costs what an hour costs now."""
    if entry.rate is not None:
        return entry
    client = view.desk.client_by_id(entry.client)
    own = client.hourly if client is not None else None
    return replace(entry, rate=own if own is not None else view.desk.booking.rate)


def _tell_time(month: Month, stored: tuple[StoredInvoice, ...], view: DeskView, now: datetime) -> Iterable[Words]:
    later = next((one for one in stored if one.month > str(month)), None)
    if later is not None:
        yield say("{month} was billed together with {later}", month=str(month), later=later.month)
    elif view.calendar.local(now).date() <= month.last:
        yield say("{month} is not over; this is what it comes to so far", month=str(month))


def _gather_agreed(
    store: Store, view: DeskView, billed: Iterable[InvoiceLine]
) -> tuple[dict[int, Agreed], tuple[int, ...]]:
    """The prices that were told, with what earlier invoices hold of them; and tickets priced in another currency."""
    currency = view.desk.booking.currency
    before: dict[tuple[int, bool], list[InvoiceLine]] = {}
    for line in billed:
        for ticket in line.tickets:
            before.setdefault((ticket, line.kind == "fixed"), []).append(line)
    agreed, foreign = {}, []
    for job in store.ledger.priced_jobs():
        if job.high is None or job.client is None:
            continue
        if job.currency not in ("", currency):
            foreign.append(job.ticket)
            continue
        lines = before.get((job.ticket, job.fixed), [])
        done = store.ledger.done_at(job.ticket) if job.fixed else None
        agreed[job.ticket] = Agreed(
            ticket=job.ticket,
            client=job.client,
            text=job.subject or f"ticket {job.ticket}",
            high=job.high,
            fixed=job.fixed,
            done=view.calendar.local(done).date() if done else None,
            billed=sum((line.amount for line in lines), Decimal(0)),
            worked=sum((price_minutes(one.minutes, one.rate or Decimal(0), currency) for one in lines), Decimal(0)),
        )
    return agreed, tuple(foreign)


def _check(invoice: Invoice) -> None:
    if not invoice.lines:
        raise LedgerError(f"there is nothing to bill for {invoice.month}")
    unpriced = [line for line in invoice.lines if not line.is_priced]
    if unpriced:
        clients = ", ".join(dict.fromkeys(line.client for line in unpriced))
        raise LedgerError(f"there is no price of an hour for {clients}; give `rate` to [booking], then close it again")
