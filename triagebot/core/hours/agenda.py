"""The agenda: which open ticket gets which minutes of the coming support hours.

Made anew whenever something changes, from tickets, capacity and calendar alone. It never changes a promise: it
keeps the order that keeps the promises (the earliest due first), and says which can no longer be kept.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil

from triagebot.core.desk import TIERS, Tier
from triagebot.core.hours.calendar import HORIZON_DAYS, Calendar
from triagebot.core.hours.planner import WorkClass, owner_of

_RANK: Mapping[WorkClass, int] = {"emergency": 0, "retainer": 1, "one-off": 2, "spare": 3}
_LEAST_LEFT = 5
"""Work that is over its estimate and not done takes at least so many minutes more."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is left to do for a ticket. `minutes` are those left by the estimate; `due` the local date told or aimed
    at; `not_before` the first date it may fill (spare time); `urgent` minutes go before all else: emergencies and
    the first answer a retainer is owed, which is an `answer`."""

    ticket: int
    minutes: int
    work: WorkClass
    opened_at: datetime
    due: date | None = None
    not_before: date | None = None
    urgent: bool = False
    answer: bool = False


@dataclass(frozen=True, slots=True)
class Assigned:
    """Minutes of one support hour for one ticket."""

    ticket: int
    day: date
    minutes: int
    urgent: bool = False
    answer: bool = False


@dataclass(frozen=True, slots=True)
class Agenda:
    """All assignments in the order in which the work is done, day by day; `unplaced` found no room at all."""

    assigned: tuple[Assigned, ...]
    unplaced: tuple[int, ...] = ()

    def finish_of(self, *, answers: bool = False) -> Mapping[int, date]:
        """Return the last day of each ticket's work, or the day of the first answer it is owed."""
        found: dict[int, date] = {}
        for one in self.assigned:
            if one.answer == answers:
                found[one.ticket] = max(one.day, found.get(one.ticket, one.day))
        return found

    def on(self, day: date) -> tuple[Assigned, ...]:
        """Given a local date, return what is done in its support hour, in order."""
        return tuple(one for one in self.assigned if one.day == day)


def minutes_left(estimate: int, done: float) -> int:
    """Given an estimate and the minutes worked, return what is left to plan; who is over it thinks that a quarter of
    it will do."""
    return max(1, ceil(estimate - done), estimate // 4, min(_LEAST_LEFT, estimate))


def make_agenda(works: Iterable[Work], calendar: Calendar, now: datetime) -> Agenda:
    """Given what is left to do, return the agenda from the next support hour on.

    Order: urgent minutes, the shortest first, then the earliest due date, then emergency, retainer, one-off, spare,
    then age. A tier's reserved minutes are for it alone, except in an hour of today: nothing else can come for that.
    """
    hours = _Hours(calendar, now)
    assigned: list[Assigned] = []
    unplaced = []
    for work in sorted(works, key=urgency):
        parts = hours.take(work)
        if not parts:
            unplaced.append(work.ticket)
        assigned += (Assigned(work.ticket, day, minutes, work.urgent, work.answer) for day, minutes in parts)
    return Agenda(tuple(sorted(assigned, key=lambda one: one.day)), tuple(dict.fromkeys(unplaced)))


def fill_today(agenda: Agenda, works: Collection[Work], calendar: Calendar, today: date) -> tuple[Assigned, ...]:
    """Given an agenda, what it was made from and the date of an hour, return what is done in that hour: its own
    assignments first, then, as far as minutes are left, what would come next anyway. No minute stays idle while
    somebody waits."""
    own = agenda.on(today)
    left = calendar.minutes_on(today) - sum(one.minutes for one in own)
    filled = list(own)
    held_back = {work.ticket for work in works if not work.urgent} & set(agenda.unplaced)
    for one in agenda.assigned:
        if left <= 0:
            break
        if one.day > today and one.ticket not in held_back:
            minutes = min(left, one.minutes)
            filled.append(replace(one, day=today, minutes=minutes))
            left -= minutes
    return _merge(filled)


def find_at_risk(agenda: Agenda, works: Iterable[Work], calendar: Calendar) -> tuple[Work, ...]:
    """Given an agenda and what it was made from, return the work whose due date has no slack left: it ends on that
    day itself, or later, or nowhere. Urgent work, such as an answer owed on a day, is at risk only when later."""
    finish, answers = agenda.finish_of(), agenda.finish_of(answers=True)
    found = []
    for work in works:
        if work.due is None:
            continue
        end = (answers if work.answer else finish).get(work.ticket)
        last_safe = work.due if work.urgent else calendar.open_day_before(work.due)
        if end is None or last_safe is None or end > last_safe:
            found.append(work)
    return tuple(found)


def urgency(work: Work) -> tuple[bool, int, date, int, datetime, int]:
    """Given work, return its place in the order of the agenda. Of what is urgent the shortest comes first: a first
    answer is given before an emergency's work fills the hour."""
    length = work.minutes if work.urgent else 0
    return not work.urgent, length, work.due or date.max, _RANK[work.work], work.opened_at, work.ticket


def _merge(parts: Iterable[Assigned]) -> tuple[Assigned, ...]:
    """Parts of one ticket as one, in the order of their first."""
    found: dict[tuple[int, bool], Assigned] = {}
    for one in parts:
        known = found.get((one.ticket, one.answer))
        found[one.ticket, one.answer] = replace(one, minutes=one.minutes + (known.minutes if known else 0))
    return tuple(found.values())


class _Hours:
    """What is free in the coming support hours: per tier what it alone may fill, for all, and the margin. Days are
    looked at when they are needed: mostly a few weeks of two years."""

    def __init__(self, calendar: Calendar, now: datetime) -> None:
        first = calendar.first_plannable_day(now)
        self._calendar, self._today = calendar, calendar.local(now).date()
        self._ahead = iter([first + timedelta(days=offset) for offset in range(HORIZON_DAYS)])
        self._days: list[date] = []
        self._own: dict[Tier, list[int]] = {tier: [] for tier in TIERS}
        self._shared: list[int] = []
        self._margin: list[int] = []
        # Per tier and for urgent work, from each day the next one that may have room; the last is not looked at yet.
        self._next: dict[Tier | None, list[int]] = {tier: [0] for tier in (*TIERS, None)}

    def take(self, work: Work) -> list[tuple[date, int]]:
        """Given work, take its minutes from the earliest days that have some; nothing when there are not enough."""
        tier = owner_of(work.work)
        pools = [self._own[tier], self._shared]
        if work.urgent:
            pools = [self._margin, *pools, *(self._own[other] for other in TIERS if other != tier)]
        following = self._next[None if work.urgent else tier]
        missing, parts = max(1, work.minutes), []
        index = self._first(work.not_before)
        while missing:
            index = _skip_full(following, index)
            if index == len(self._days) and not self._look_ahead():
                return []
            got = 0
            for pool in pools:
                part = min(missing - got, pool[index])
                pool[index] -= part
                got += part
            if got:
                parts.append((self._days[index], got))
                missing -= got
            if missing:
                following[index] = index + 1  # nothing more is to be had out of this day
        return parts

    def _first(self, not_before: date | None) -> int:
        """Where the days from a date on begin."""
        if not_before is None:
            return 0
        while not self._days or self._days[-1] < not_before:
            if not self._look_ahead():
                break
        return bisect_left(self._days, not_before)

    def _look_ahead(self) -> bool:
        """Add the next support day; False at the horizon."""
        calendar = self._calendar
        for day in self._ahead:
            if (whole := calendar.minutes_on(day)) > 0:
                free = whole if day == self._today else calendar.promised_minutes(day)
                reserve = {} if day == self._today else calendar.reserve_on(day)
                self._days.append(day)
                self._margin.append(whole - free)
                self._shared.append(max(0, free - sum(reserve.values())))
                for tier in TIERS:
                    self._own[tier].append(reserve.get(tier, 0))
                for following in self._next.values():
                    following.append(len(self._days))
                return True
        return False


def _skip_full(following: list[int], index: int) -> int:
    """The first day from `index` on that may have room; the way there is shortened for who comes next."""
    while following[index] != index:
        following[index] = following[following[index]]
        index = following[index]
    return index
