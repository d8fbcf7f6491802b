"""What is to be billed for a month: lines an accountant can follow back to their tickets and entries."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from triagebot.core.money.entry import Entry, Fee
from triagebot.core.money.month import Month
from triagebot.core.money.price import price_minutes, round_money

LineKind = Literal["plan", "overage", "hourly", "emergency", "fixed", "fee"]
KINDS: tuple[LineKind, ...] = ("plan", "overage", "hourly", "emergency", "fixed", "fee")
_BY_MINUTE: dict[str, LineKind] = {"hourly": "hourly", "emergency": "emergency", "overage": "overage"}


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a client was told a ticket costs: at most `high`, whatever it took; exactly `high` when it is fixed, as
    soon as it is `done` (a local date; None: not yet). What is booked by the hour on a fixed one is beyond it.

    `billed` is what earlier invoices hold of this price, `worked` what the minutes on them cost without the limit.
    """

    ticket: int
    client: str
    text: str
    high: Decimal
    fixed: bool = False
    done: date | None = None
    billed: Decimal = Decimal(0)
    worked: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line. `entries` are the keys it stands for; `minutes` 0 where it is a flat amount."""

    client: str
    kind: LineKind
    text: str
    minutes: int
    rate: Decimal | None
    amount: Decimal
    currency: str
    tickets: tuple[int, ...] = ()
    entries: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None

    @property
    def is_priced(self) -> bool:
        """Whether the price of its hours is known."""
        return self.rate is not None or self.kind not in _BY_MINUTE.values()


@dataclass(frozen=True, slots=True)
class Open:
    """What no invoice holds yet: entries, fees, and agreed prices by ticket."""

    entries: tuple[Entry, ...] = ()
    fees: tuple[Fee, ...] = ()
    agreed: Mapping[int, Agreed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Total:
    """What a client is to pay in one currency."""

    client: str
    currency: str
    net: Decimal
    vat: Decimal
    gross: Decimal


def make_invoice(month: Month, to_bill: Open, currency: str) -> tuple[InvoiceLine, ...]:
    """Given a month, what is open and the currency, return what is due until its last day, the lines of a client
    together, each entry in at most one line.

    Work billed by the hour is one line a ticket; a price told is a price kept: above it nothing is billed. What was
    taken back before it was billed makes no line, afterwards a credit.
    """
    due = sorted((one for one in to_bill.entries if one.day <= month.last), key=lambda one: (one.day, one.key))
    lines = [*_work_lines(due, to_bill.agreed, currency), *_fixed_lines(month, due, to_bill.agreed, currency)]
    lines += [_fee_line(fee, currency) for fee in to_bill.fees if fee.day <= month.last]
    return tuple(sorted(lines, key=_order))


def add_up(lines: tuple[InvoiceLine, ...], vat: Decimal) -> tuple[Total, ...]:
    """Given lines and the percentage of value added tax, return each client's total. The tax is rounded once, on the
    net total."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[(line.client, line.currency)] += line.amount
    totals = []
    for (client, currency), amount in sums.items():
        net, tax = round_money(amount, currency), round_money(amount * vat / 100, currency)
        totals.append(Total(client, currency, net, tax, net + tax))
    return tuple(totals)


def _order(line: InvoiceLine) -> tuple[str, int, date, int, tuple[str, ...]]:
    first, ticket = line.first or date.min, line.tickets[0] if line.tickets else 0
    return line.client, KINDS.index(line.kind), first, ticket, line.entries


def _work_lines(due: list[Entry], agreed: Mapping[int, Agreed], currency: str) -> list[InvoiceLine]:
    groups: dict[tuple[str, LineKind, int | None, Decimal | None], list[Entry]] = defaultdict(list)
    for entry in due:
        kind = _BY_MINUTE.get(entry.source) or _BY_MINUTE.get(entry.target)
        if kind is not None:
            groups[(entry.client, kind, entry.ticket, entry.rate)].append(entry)
    limited = {number: one for number, one in agreed.items() if not one.fixed}
    spent = {number: (one.worked, one.billed) for number, one in limited.items()}
    lines = []
    for (_, kind, ticket, rate), entries in groups.items():
        minutes = sum(entry.minutes if entry.source in _BY_MINUTE else -entry.minutes for entry in entries)
        if not minutes:
            continue
        amount = price_minutes(minutes, rate or Decimal(0), currency)
        note = ""
        if ticket is not None and ticket in limited:
            high, (worked, billed) = limited[ticket].high, spent[ticket]
            left = min(high, worked + amount) - billed
            spent[ticket] = (worked + amount, billed + left)
            note = f" (agreed: at most {high} {currency})" if left != amount else ""
            amount = round_money(left, currency)
        lines.append(_line(kind, entries, minutes, rate, amount, currency, note))
    return lines


def _fixed_lines(month: Month, due: list[Entry], agreed: Mapping[int, Agreed], currency: str) -> list[InvoiceLine]:
    """A fixed price is due when the work is done, also if nobody wrote its minutes down. Work after that is free."""
    lines = []
    for one in agreed.values():
        if not one.fixed or one.done is None or one.done > month.last or one.billed >= one.high:
            continue
        entries = [entry for entry in due if entry.ticket == one.ticket and "fixed" in (entry.source, entry.target)]
        minutes = sum(entry.minutes if entry.source == "fixed" else -entry.minutes for entry in entries)
        lines.append(
            InvoiceLine(
                client=one.client,
                kind="fixed",
                text=one.text,
                minutes=minutes,
                rate=None,
                amount=round_money(one.high - one.billed, currency),
                currency=currency,
                tickets=(one.ticket,),
                entries=tuple(entry.key for entry in entries),
                first=entries[0].day if entries else one.done,
                last=one.done,
            )
        )
    return lines


def _line(
    kind: LineKind,
    entries: list[Entry],
    minutes: int,
    rate: Decimal | None,
    amount: Decimal,
    currency: str,
    note: str,
) -> InvoiceLine:
    notes = dict.fromkeys(entry.note for entry in entries if entry.note)
    return InvoiceLine(
        client=entries[0].client,
        kind=kind,
        text=("; ".join(notes) or "work") + note,
        minutes=minutes,
        rate=rate,
        amount=amount,
        currency=currency,
        tickets=tuple(dict.fromkeys(entry.ticket for entry in entries if entry.ticket is not None)),
        entries=tuple(entry.key for entry in entries),
        first=entries[0].day,
        last=entries[-1].day,
    )


def _fee_line(fee: Fee, currency: str) -> InvoiceLine:
    return InvoiceLine(
        client=fee.client,
        kind=fee.kind,
        text=fee.note,
        minutes=0,
        rate=None,
        amount=round_money(fee.amount, currency),
        currency=currency,
        entries=(fee.key,),
        first=fee.day,
        last=Month.of(fee.day).last if fee.kind == "plan" else fee.day,
    )
