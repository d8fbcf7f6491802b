"""Days away: how they are written, and which dates that were told they move.

A promise never moves but by an absence that was not known when it was made, and then its client is told.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from triagebot.core.desk import Absence
from triagebot.core.errors import AbsenceError
from triagebot.core.hours.calendar import Calendar
from triagebot.core.hours.planner import slack_day

_DAYS = {"today": 0, "tomorrow": 1}
_LONGEST = 366
_HORIZON_DAYS = 730
_PLAIN = re.compile(r"[^\w\s.,:;'()!?/-]|_")
_LONGEST_MATTER = 80


@dataclass(frozen=True, slots=True)
class Promise:
    """A date that was told: with what the ticket aims at, and the day its work ends as planned now, and as it would be
    planned without the new absences (None: in no coming hour)."""

    ticket: int
    told: date
    due: date | None
    answer_due: date | None
    answered: bool
    end: date | None
    end_before: date | None

    @property
    def is_answer(self) -> bool:
        """Whether the date is that of a first answer; one the developer moved later is that of the work."""
        return self.answer_due is not None and self.told <= self.answer_due


@dataclass(frozen=True, slots=True)
class Shift:
    """A date that moves: the one told, the new one (None: there is no coming hour), and what the ticket aims at now."""

    ticket: int
    before: date
    after: date | None
    due: date | None
    answer_due: date | None


def parse_days(written: str, today: date) -> tuple[date, date]:
    """Given days as typed ("today", "tomorrow", "2026-12-24", "today..2026-12-31") and today's local date, return the
    first and the last. Raise AbsenceError."""
    first_text, dots, last_text = written.strip().lower().partition("..")
    first = _parse_day(first_text, today)
    last = _parse_day(last_text, today) if dots else first
    if last < first:
        raise AbsenceError(f"{last} lies before {first}; write FROM..TO")
    if last < today:
        raise AbsenceError(f"{last} is over; write days from today on")
    if (last - today).days > _HORIZON_DAYS:
        raise AbsenceError(f"{last} is more than two years away; write days within them")
    if (last - first).days >= _LONGEST:
        raise AbsenceError(f"{first} to {last} is longer than a year; write a shorter absence")
    return first, last


def _parse_day(text: str, today: date) -> date:
    if text in _DAYS:
        return today + timedelta(days=_DAYS[text])
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AbsenceError(f"{text!r} is no day; write today, tomorrow, 2026-12-24 or 2026-12-24..2026-12-31") from None


def name_absence(absence: Absence) -> str:
    """Given an absence, return the name it is remembered by once its dates were moved; other days are another one."""
    return f"absence/{absence.first.isoformat()}..{absence.last.isoformat()}"


def find_shifts(
    promises: Iterable[Promise], fresh: Iterable[Absence], calendar: Calendar, now: datetime
) -> tuple[Shift, ...]:
    """Given dates that were told, the absences that are new, the calendar with them in it and now, return which dates
    move: those that lie in a new absence, and those whose work would have been done in time without it."""
    away = tuple(fresh)
    found = (_shift(promise, away, calendar, now) for promise in promises)
    return tuple(shift for shift in found if shift is not None)


def _shift(promise: Promise, fresh: tuple[Absence, ...], calendar: Calendar, now: datetime) -> Shift | None:
    is_away = any(absence.first <= promise.told <= absence.last for absence in fresh)
    due = slack_day(calendar, now, promise.end, calendar.hour.slack_days) if promise.end is not None else None
    if promise.is_answer:
        if promise.answered or not is_away:
            return None
        after = _next_open(calendar, promise.told)
        later = [day for day in (promise.due, due, after) if day is not None]
        return Shift(promise.ticket, promise.told, after, max(later, default=None), after)
    if not is_away and not (_is_late(promise.end, promise.told) and not _is_late(promise.end_before, promise.told)):
        return None
    following = _next_open(calendar, promise.told)
    after = max(due, following) if due is not None and following is not None else None
    return Shift(promise.ticket, promise.told, after, after, promise.answer_due)


def _is_late(end: date | None, told: date) -> bool:
    return end is None or end > told


def _next_open(calendar: Calendar, day: date) -> date | None:
    return next(iter(calendar.open_days(day, _HORIZON_DAYS)), None)


def say_matter(subject: str) -> str:
    """Given the subject of a client's own ticket, return so much of it as may stand in a text: no marks that make links
    or bold words."""
    return " ".join(_PLAIN.sub(" ", subject).split())[:_LONGEST_MATTER]
