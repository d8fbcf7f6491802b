"""Pricing: on what terms a ticket is taken: under warranty, as a courtesy, or for a price that waits for a yes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from triagebot.core.decision import TicketPlan
from triagebot.core.desk import Client, Desk
from triagebot.core.hours.calendar import Calendar
from triagebot.core.money.charge import is_under_warranty
from triagebot.core.money.offer import price_work
from triagebot.core.rules.rule import Rule

FAULT = "fault"
"""How the reason of a rule begins that recognises something broken: `fault`, or `fault/…`."""


def set_terms(
    plan: TicketPlan | None,
    rules: Sequence[Rule],
    client: Client | None,
    desk: Desk,
    calendar: Calendar,
    reported: datetime,
    now: datetime,
    *,
    gifted: bool,
) -> TicketPlan | None:
    """Given the ticket of a mail, if it makes one, the rules that matched, its client, when it was reported and
    whether the client had a courtesy before, return the ticket on its terms.

    Work is taken without a yes where it costs nothing: a fault within the warranty, and the first small fix of a
    client without a plan. Anybody else without a plan is told a price; a retainer's work costs minutes.
    """
    if plan is None or plan.kind != "work":
        return plan
    ready = replace(plan, state="planned" if plan.slots else "new")
    if client is not None and _are_faults(rules) and is_under_warranty(client, calendar.local(reported).date()):
        return replace(ready, billing="warranty")
    if client is not None and client.tier == "retainer":
        return plan
    if client is not None and not gifted and plan.slots and plan.minutes <= desk.courtesy.minutes:
        return replace(ready, billing="courtesy")
    ends = offer_end(calendar, desk.booking.estimate_days, now)
    return replace(plan, price=price_work(plan.minutes, client, desk), expires_at=ends)


def offer_end(calendar: Calendar, days: int, now: datetime) -> datetime:
    """Given now, return the moment an offer of so many days ends: the end of the last of them at the desk, in UTC."""
    morning = calendar.local(now).date() + timedelta(days=days + 1)
    return datetime.combine(morning, time(0), tzinfo=calendar.zone).astimezone(UTC)


def _are_faults(rules: Sequence[Rule]) -> bool:
    """Is all the work that was asked for the mending of faults? A wish in the same mail is not covered."""
    reasons = [rule.reason for rule in rules if rule.kind == "work"]
    return bool(reasons) and all(reason == FAULT or reason.startswith(f"{FAULT}/") for reason in reasons)
