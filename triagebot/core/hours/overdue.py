"""Is an answer overdue? 24 hours, the clock standing still on days without a support hour (design.md section 8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from triagebot.core.hours.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Owed:
    """Work a retainer client waits for: when it was asked for, and the local date they were told, if any."""

    opened_at: datetime
    promise: date | None = None


def count_overdue(owed: Iterable[Owed], within: timedelta, calendar: Calendar, now: datetime) -> int:
    """Given what is owed, how soon it is answered, the calendar and now, return how much of it is late."""
    return sum(_is_overdue(one, within, calendar, now) for one in owed)


def _is_overdue(owed: Owed, within: timedelta, calendar: Calendar, now: datetime) -> bool:
    if owed.promise is not None:
        return owed.promise < calendar.local(now).date()
    return working_time(owed.opened_at, now, calendar, within) > within


def working_time(start: datetime, end: datetime, calendar: Calendar, enough: timedelta) -> timedelta:
    """Given two moments, the calendar and how much is enough to know, return how much time of support days lies
    between them; when it is more than enough, at least more than that."""
    passed = timedelta(0)
    moment = start
    while moment < end and passed <= enough:
        day = calendar.local(moment).date()
        midnight = datetime.combine(day + timedelta(days=1), time(0), tzinfo=calendar.zone)
        until = min(end, max(midnight.astimezone(start.tzinfo), moment + timedelta(minutes=1)))
        if calendar.is_open(day):
            passed += until - moment
        moment = until
    return passed
