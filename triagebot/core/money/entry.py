"""Entries: minutes as double entries, so that every balance is a sum and nothing appears or vanishes.

Each entry moves minutes from one account of a client to another. `balance` is the account of a retainer's
minutes; all others are where minutes come from (a plan's grant, a gift) or end (worked, expired). Entries are
only ever added; a mistake is mended by a further one. `key` names the cause: the same cause twice is one entry.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

Account = Literal[
    "balance",
    "granted",
    "gift",
    "adjusted",
    "expired",
    "overage",
    "worked",
    "hourly",
    "emergency",
    "fixed",
    "warranty",
    "courtesy",
]
Billing = Literal["balance", "hourly", "emergency", "fixed", "warranty", "courtesy"]
"""Who pays for work: the plan's minutes, the hour, the emergency hour, a fixed price told, or nobody."""
BILLINGS: tuple[Billing, ...] = get_args(Billing)


@dataclass(frozen=True, slots=True)
class Entry:
    """`minutes` (0 only at the end of a month) moved from `source` to `target` on a local date.

    `rate` is the price of an hour at which they are billed, as it was when they were booked.
    """

    key: str
    client: str
    day: date
    source: Account
    target: Account
    minutes: int
    note: str = ""
    ticket: int | None = None
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """A flat amount to bill, such as a package or a month of a plan: `key` names its cause."""

    key: str
    client: str
    day: date
    amount: Decimal
    note: str
    kind: Literal["plan", "fee"] = "fee"


def balance(entries: Iterable[Entry], day: date | None = None) -> int:
    """Given entries of one client, return the minutes in its balance at the end of a local date (None: of all)."""
    return sum(_effect(entry) for entry in entries if day is None or entry.day <= day)


def book_work(
    key: str,
    client: str,
    day: date,
    minutes: int,
    billing: Billing,
    note: str,
    ticket: int | None = None,
    rate: Decimal | None = None,
) -> Entry:
    """Given work that was done and who pays for it, return its entry. Raise ValueError unless minutes are 1 or more."""
    if minutes < 1:
        raise ValueError("work takes at least a minute; take minutes back with an adjustment")
    return Entry(key, client, day, billing, "worked", minutes, note, ticket, rate)


def take_back(
    key: str,
    client: str,
    day: date,
    minutes: int,
    billing: Billing,
    note: str,
    ticket: int | None = None,
    rate: Decimal | None = None,
) -> Entry:
    """Given work that was booked too much, return the entry that moves its minutes back to whoever pays for it. Raise
    ValueError unless minutes are 1 or more."""
    booked = book_work(key, client, day, minutes, billing, note, ticket, rate)
    return replace(booked, source=booked.target, target=booked.source)


def adjust(key: str, client: str, day: date, minutes: int, note: str, ticket: int | None = None) -> Entry:
    """Given minutes to add to a balance (or to take, if negative), return the entry. Raise ValueError for 0."""
    if minutes == 0:
        raise ValueError("an adjustment of 0 minutes changes nothing")
    source: Account = "adjusted" if minutes > 0 else "balance"
    target: Account = "balance" if minutes > 0 else "adjusted"
    return Entry(key, client, day, source, target, abs(minutes), note, ticket)


def _effect(entry: Entry) -> int:
    return (entry.minutes if entry.target == "balance" else 0) - (entry.minutes if entry.source == "balance" else 0)
