"""Standing duties: work a plan carries by itself, in each week, month or quarter.

A period is known by a name that sorts, such as "2026-W48", "2026-11" and "2026-Q4". Weeks are those of ISO 8601: they
begin on monday, and the first of a year is the one with its first thursday.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from triagebot.core.desk import Client, Desk, Duty
from triagebot.core.hours.calendar import Calendar

Every = Literal["week", "month", "quarter"]

LONGEST: Mapping[Every, int] = {"week": 7, "month": 31, "quarter": 92}
"""Days of the longest period of each kind."""
_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Period:
    """A week, month or quarter with its name; first and last are local dates, both included."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty a client's plan owes it in a period: to be done on `due` at the latest, a support day."""

    client: str
    duty: Duty
    period: Period
    due: date

    @property
    def key(self) -> str:
        """What it is known by among the client's tickets."""
        return f"{self.duty.id}/{self.period.name}"


def period_of(every: Every, day: date) -> Period:
    """Given a kind of period and a local date, return the period the date lies in."""
    if every == "week":
        year, week, weekday = day.isocalendar()
        first = day - timedelta(days=weekday - 1)
        return Period(f"{year}-W{week:02}", first, first + timedelta(days=6))
    if every == "month":
        return Period(f"{day:%Y-%m}", day.replace(day=1), _end_of_month(day.year, day.month))
    number = (day.month - 1) // _MONTHS
    last = number * _MONTHS + _MONTHS
    return Period(f"{day.year}-Q{number + 1}", date(day.year, last - 2, 1), _end_of_month(day.year, last))


def begin_of(duty: Duty, period: Period) -> date:
    """Given a duty and a period, return the local date from which it is to be done: day `on`, or the period's last one
    where it is shorter, as february is for the 31st."""
    return min(period.first + timedelta(days=duty.on - 1), period.last)


def list_owed(desk: Desk, calendar: Calendar, today: date) -> Iterator[Owed]:
    """Given a desk, its calendar and today's local date, yield the duties its retainer clients are owed in the periods
    today lies in, as far as those have come to their day. What was missed while the desk did not run, is not made up.
    """
    plans = {plan.id: plan for plan in desk.plan}
    for client in desk.client:
        plan = plans.get(client.plan)
        if plan is None or client.tier != "retainer" or not _is_covered(client, today):
            continue
        for duty in plan.duty:
            period = period_of(duty.every, today)
            if today >= begin_of(duty, period):
                yield Owed(client.id, duty, period, _last_support_day(calendar, today, period))


def _is_covered(client: Client, today: date) -> bool:
    """A client without a first day of the plan has it, as far as anybody knows."""
    return (client.since is None or client.since <= today) and (client.until is None or today <= client.until)


def _last_support_day(calendar: Calendar, today: date, period: Period) -> date:
    """The last one of the period that is still to come; the period's end where there is none."""
    days = calendar.open_days(today, (period.last - today).days + 1)
    return days[-1] if days else period.last


def _end_of_month(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
