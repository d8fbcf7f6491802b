"""The monthly statement of a client: where its minutes came from and where they went."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from triagebot.core.money.entry import BILLINGS, Entry, balance
from triagebot.core.money.month import Month

StatementKind = Literal[
    "grant", "gift", "work", "hourly", "emergency", "fixed", "warranty", "courtesy", "adjustment", "expired", "overage"
]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry as the client reads it: `minutes` is its effect on the balance, 0 where it has none; `worked` what was
    worked, whoever pays (negative where it was taken back); `left` the balance after it."""

    day: date
    kind: StatementKind
    note: str
    minutes: int
    worked: int
    left: int
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """Recurring work of the plan that was done, and when."""

    name: str
    day: date


@dataclass(frozen=True, slots=True)
class Statement:
    """A client's month: opening + granted - used + adjusted - expired + overage = closing."""

    client: str
    month: Month
    opening: int
    granted: int
    used: int
    adjusted: int
    expired: int
    overage: int
    closing: int
    lines: tuple[StatementLine, ...]
    duties: tuple[Duty, ...] = ()


def make_statement(client: str, entries: Iterable[Entry], month: Month, duties: Iterable[Duty] = ()) -> Statement:
    """Given a client, all its entries, a month and the duties done in it, return the statement of that month."""
    known = [entry for entry in entries if entry.client == client]
    within = sorted((one for one in known if month.first <= one.day <= month.last), key=_order)
    opening = balance(known, month.previous.last)
    lines, left = [], opening
    for entry in within:
        left += balance([entry])
        if entry.minutes:
            lines.append(_line(entry, left))
    return Statement(
        client=client,
        month=month,
        opening=opening,
        granted=_moved(within, "granted", "balance") + _moved(within, "gift", "balance"),
        used=_moved(within, "balance", "worked"),
        adjusted=_moved(within, "adjusted", "balance"),
        expired=_moved(within, "balance", "expired"),
        overage=_moved(within, "overage", "balance"),
        closing=left,
        lines=tuple(lines),
        duties=tuple(sorted(duties, key=lambda duty: (duty.day, duty.name))),
    )


def _order(entry: Entry) -> tuple[date, int, str]:
    """Of a day, what the plan gives comes first and what its month's end takes last."""
    kind = _kind(entry)
    return entry.day, 0 if kind in ("grant", "gift") else 2 if kind in ("expired", "overage") else 1, entry.key


def _line(entry: Entry, left: int) -> StatementLine:
    worked = entry.minutes if entry.target == "worked" else -entry.minutes if entry.source == "worked" else 0
    return StatementLine(entry.day, _kind(entry), entry.note, balance([entry]), worked, left, entry.ticket)


def _kind(entry: Entry) -> StatementKind:
    accounts = (entry.source, entry.target)
    if "worked" in accounts:
        paid = next(one for one in BILLINGS if one in accounts)
        return "work" if paid == "balance" else paid
    named: dict[str, StatementKind] = {"granted": "grant", "gift": "gift", "expired": "expired", "overage": "overage"}
    return next((kind for account, kind in named.items() if account in accounts), "adjustment")


def _moved(entries: Iterable[Entry], source: str, target: str) -> int:
    """The minutes that went from one account to the other, less those that went back."""
    there = sum(entry.minutes for entry in entries if (entry.source, entry.target) == (source, target))
    return there - sum(entry.minutes for entry in entries if (entry.target, entry.source) == (source, target))
