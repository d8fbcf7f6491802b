"""A client's account at a glance: what it had, used and has left, and what to do when that runs out of hand."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from triagebot.core.desk import Plan
from triagebot.core.money.entry import Entry
from triagebot.core.money.ledger import Terms
from triagebot.core.money.month import Month
from triagebot.core.money.statement import make_statement

Trend = Literal["", "overdrawn", "idle", "ended"]
IDLE_MONTHS = 2
"""So many whole months without work make a plan idle."""


@dataclass(frozen=True, slots=True)
class Account:
    """A client's minutes in a month: carried + granted - used + other = left. `other` are adjustments, and what expired
    or is billed. `advice` holds a sentence for each thing that can be done about `trend`."""

    client: str
    plan: str
    month: Month
    carried: int
    granted: int
    used: int
    other: int
    left: int
    trend: Trend = ""
    advice: tuple[str, ...] = ()


def sum_up(
    client: str, terms: Terms | None, entries: Iterable[Entry], month: Month, today: date, plans: Iterable[Plan]
) -> Account:
    """Given a client, its plan's terms if it has one, its entries, a month, today and the plans that are offered,
    return its account at the end of that month, or as it is now."""
    known = list(entries)
    one = make_statement(client, known, month)
    account = Account(
        client=client,
        plan=terms.name if terms else "",
        month=month,
        carried=one.opening,
        granted=one.granted,
        used=one.used,
        other=one.adjusted - one.expired + one.overage,
        left=one.closing,
    )
    if terms is None or month != Month.of(today):
        return account
    trend = _find_trend(account, terms, known, today)
    advice = {"overdrawn": _on_overdrawn, "idle": _on_idle, "ended": _on_ended}
    found = tuple(advice[trend](account, terms, list(plans))) if trend else ()
    return replace(account, trend=trend, advice=found)


def _find_trend(account: Account, terms: Terms, entries: list[Entry], today: date) -> Trend:
    if terms.ended is not None and terms.ended < today:
        return "ended"
    if account.left < 0:
        return "overdrawn"
    begun = max(terms.since, terms.counted_from or terms.since)
    quiet_since = Month.of(today).first
    for _ in range(IDLE_MONTHS):
        quiet_since = Month.of(quiet_since).previous.first
    worked = any(one.source == "balance" and one.target == "worked" and one.day >= quiet_since for one in entries)
    return "" if worked or begun > quiet_since else "idle"


def _on_overdrawn(account: Account, terms: Terms, plans: list[Plan]) -> Iterable[str]:
    over = -account.left
    larger = min((one for one in plans if one.minutes > terms.minutes), key=lambda one: one.minutes, default=None)
    if larger is not None:
        yield f"offer {larger.name or larger.id}: {larger.minutes} minutes for {larger.price} a month"
    yield (
        f'bill it: triagebot log {account.client} {over} "beyond the plan" --hourly,'
        f' then triagebot log {account.client} -{over} "billed by the hour" --balance'
    )
    if terms.minutes:
        months = -(-over // terms.minutes)
        yield f"let it stand: the grants of {months} more month{'s' * (months > 1)} pay it back"
    yield "for all months to come: a limit in [plan.carry] down, beyond which each month's end bills by itself"


def _on_idle(account: Account, terms: Terms, plans: list[Plan]) -> Iterable[str]:
    smaller = max((one for one in plans if one.minutes < terms.minutes), key=lambda one: one.minutes, default=None)
    if smaller is not None:
        yield f"offer {smaller.name or smaller.id}: {smaller.minutes} minutes for {smaller.price} a month"
    yield f"use them: {account.left} minutes for updates, a backup that is tried out, a check of the site"
    yield "carry less: a limit in [plan.carry] up, beyond which minutes expire"


def _on_ended(account: Account, terms: Terms, plans: list[Plan]) -> Iterable[str]:  # noqa: ARG001
    yield f'the plan ended on {terms.ended}: write tier = "one-off", or take `until` away if it goes on'
    if account.left > 0:
        yield f"{account.left} minutes are left: work on them is booked with --balance"
