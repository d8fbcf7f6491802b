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
from triagebot.core.phrase import Words, say, say_many

Trend = Literal["", "overdrawn", "idle", "ended"]
IDLE_MONTHS = 2
"""So many whole months without work make a plan idle."""
LOW_SHARE = 4
"""Less than this part of a month's minutes is low."""
Level = Literal["", "low", "overdrawn"]


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
    advice: tuple[Words, ...] = ()


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


def find_level(left: int, granted: int) -> Level:
    """Given the minutes a plan has left and those it gives a month, return whether they run short."""
    if left < 0:
        return "overdrawn"
    return "low" if left * LOW_SHARE < granted else ""


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


def _on_overdrawn(account: Account, terms: Terms, plans: list[Plan]) -> Iterable[Words]:
    over = -account.left
    larger = min((one for one in plans if one.minutes > terms.minutes), key=lambda one: one.minutes, default=None)
    if larger is not None:
        yield _offer(larger)
    yield say(
        'bill it: triagebot log {client} {over} "beyond the plan" --hourly,'
        ' then triagebot log {client} -{over} "billed by the hour" --balance',
        client=account.client,
        over=over,
    )
    if terms.minutes:
        yield say_many(
            "let it stand: the grants of {count} more month pay it back",
            "let it stand: the grants of {count} more months pay it back",
            -(-over // terms.minutes),
        )
    yield say("for all months to come: a limit in [plan.carry] down, beyond which each month's end bills by itself")


def _on_idle(account: Account, terms: Terms, plans: list[Plan]) -> Iterable[Words]:
    smaller = max((one for one in plans if one.minutes < terms.minutes), key=lambda one: one.minutes, default=None)
    if smaller is not None:
        yield _offer(smaller)
    yield say_many(
        "use them: {count} minute for updates, a backup that is tried out, a check of the site",
        "use them: {count} minutes for updates, a backup that is tried out, a check of the site",
        account.left,
    )
    yield say("carry less: a limit in [plan.carry] up, beyond which minutes expire")


def _on_ended(account: Account, terms: Terms, plans: list[Plan]) -> Iterable[Words]:  # noqa: ARG001
    if terms.ended is not None:
        yield say(
            'the plan ended on {day}: write tier = "one-off", or take `until` away if it goes on', day=terms.ended
        )
    if account.left > 0:
        yield say_many(
            "{count} minute is left: work on it is booked with --balance",
            "{count} minutes are left: work on them is booked with --balance",
            account.left,
        )


def _offer(plan: Plan) -> Words:
    return say_many(
        "offer {name}: {count} minute for {price} a month",
        "offer {name}: {count} minutes for {price} a month",
        plan.minutes,
        name=plan.name or plan.id,
        price=str(plan.price),
    )
