"""A desk left alone: work waits, and the developer does nothing for it. From then on clients are told no date."""

from datetime import datetime, timedelta

from triagebot.core.hours.calendar import Calendar


def hours_passed(calendar: Calendar, since: datetime, now: datetime) -> int:
    """Given two moments, return how many support hours came and ended between them, that of the first one's day apart.
    Absences, holidays and weekends hold none, so they are nobody's neglect."""
    first, today = calendar.local(since).date(), calendar.local(now).date()
    days = calendar.open_days(first + timedelta(days=1), (today - first).days)
    return sum(calendar.opening(day) + timedelta(minutes=calendar.minutes_on(day)) <= now for day in days)


def find_neglect(
    calendar: Calendar, waiting: datetime | None, last_act: datetime | None, most: int, now: datetime
) -> datetime | None:
    """Given since when work waits (None: none does), when the developer last did anything, how many support days that
    may last (0: for ever) and now, return since when the desk is left alone, or None when it is not."""
    if waiting is None or most <= 0:
        return None
    since = max(waiting, last_act) if last_act is not None else waiting
    return since if hours_passed(calendar, since, now) >= most else None
