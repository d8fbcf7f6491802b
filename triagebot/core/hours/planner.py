"""The planner: where new work fits behind all that is planned already, and so which date can be told.

A promise once told is pinned: `Booked` holds the present plan, which keeps what is promised, and only what is left
is given out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from triagebot.core.decision import Slot
from triagebot.core.desk import TIERS, Tier
from triagebot.core.hours.calendar import HORIZON_DAYS, Calendar

WorkClass = Literal["emergency", "retainer", "one-off", "spare"]

FIRST_ANSWER_MINUTES = 5
"""What the first answer to a retainer's request takes, beside the work itself."""
SPARE_DAYS = 7
"""Work of who reserved no time waits at least this many days ("up to a week or more")."""
_DAYS_PER_SLACK = 6

_OWNER: dict[WorkClass, Tier] = {
    "emergency": "retainer",
    "retainer": "retainer",
    "one-off": "one-off",
    "spare": "none",
}


WORK_CLASS: dict[Tier, WorkClass] = {"retainer": "retainer", "one-off": "one-off", "none": "spare"}
"""The class of a tier's work that is no emergency."""


def owner_of(work: WorkClass) -> Tier:
    """Given a class of work, return the tier whose minutes it fills."""
    return _OWNER[work]


@dataclass(frozen=True, slots=True)
class Booked:
    """Minutes already planned: local date -> tier -> minutes, and of them per date those that are urgent."""

    minutes: Mapping[date, Mapping[Tier, int]] = field(default_factory=dict)
    urgent: Mapping[date, int] = field(default_factory=dict)

    def of(self, day: date) -> Mapping[Tier, int]:
        """Given a local date, return the minutes planned on it per tier."""
        return self.minutes.get(day, {})

    def urgent_on(self, day: date) -> int:
        """Given a local date, return how many of its minutes are urgent."""
        return self.urgent.get(day, 0)

    def add(self, tier: Tier, slots: tuple[Slot, ...]) -> "Booked":
        """Given slots of a tier, return the bookings with them included."""
        days, urgent = dict(self.minutes), dict(self.urgent)
        for slot in slots:
            tiers = days.get(slot.day, {})
            days[slot.day] = {**tiers, tier: tiers.get(tier, 0) + slot.minutes}
            if slot.urgent:
                urgent[slot.day] = urgent.get(slot.day, 0) + slot.minutes
        return Booked(days, urgent)


def free_minutes(calendar: Calendar, booked: Booked, day: date, tier: Tier | None) -> int:
    """Given an open local day, return the minutes a tier may still fill; without a tier, all that are not planned.

    Minutes reserved for other tiers stay free for them, as far as those have not used them yet. Urgent minutes use up
    the margin first: it is kept for them.
    """
    used = dict(booked.of(day))
    whole = calendar.minutes_on(day)
    if tier is None:
        return max(0, whole - sum(used.values()))
    promised, reserve = calendar.promised_minutes(day), calendar.reserve_on(day)
    hurried = owner_of("emergency")
    used[hurried] = used.get(hurried, 0) - min(booked.urgent_on(day), whole - promised, used.get(hurried, 0))
    held_back = sum(max(0, reserve.get(other, 0) - used.get(other, 0)) for other in TIERS if other != tier)
    return max(0, promised - sum(used.values()) - held_back)


def place(minutes: int, work: WorkClass, calendar: Calendar, booked: Booked, now: datetime) -> tuple[Slot, ...]:
    """Given work of so many minutes, return the slots it gets, the earliest first; it ends on the last one's day.

    Work longer than what one hour has left goes on in the next one. Without any open day within two
    years there are no slots. Nothing already booked is moved. An emergency has the first minutes nobody
    was promised, also those reserved for others.
    """
    first = soonest = calendar.first_plannable_day(now)
    if work == "spare":
        first = max(first, calendar.local(now).date() + timedelta(days=SPARE_DAYS))
    urgent = work == "emergency"
    slots: list[Slot] = []
    missing = max(1, minutes)
    for offset in range((first - soonest).days, HORIZON_DAYS):
        day = soonest + timedelta(days=offset)
        if not calendar.is_open(day):
            continue
        free = min(missing, free_minutes(calendar, booked, day, None if urgent else _OWNER[work]))
        if free > 0:
            slots.append(Slot(day, free, urgent))
            missing -= free
        if missing == 0:
            return tuple(slots)
    return ()


def slack_day(calendar: Calendar, now: datetime, last: date, days: int) -> date:
    """Given now and the day on which work ends by plan, return the date to promise: so many support days later, and
    one more for each six between, so that it is still kept when some of them go wrong."""
    today = calendar.local(now).date()
    wanted = days + len(calendar.open_days(today, (last - today).days)) // _DAYS_PER_SLACK
    day = last
    for offset in range(1, HORIZON_DAYS) if wanted else ():
        if calendar.is_open(last + timedelta(days=offset)):
            day, wanted = last + timedelta(days=offset), wanted - 1
        if wanted == 0:
            break
    return day


def promise_day(slots: tuple[Slot, ...], calendar: Calendar, now: datetime) -> date | None:
    """Given the slots of some work, return the date to promise for its end, or None when it has none."""
    return slack_day(calendar, now, slots[-1].day, calendar.hour.slack_days) if slots else None


def is_long_wait(day: date | None, calendar: Calendar, now: datetime) -> bool:
    """Given the date that is told, return whether it is a week or more away (or unknown)."""
    return day is None or day - calendar.local(now).date() >= timedelta(days=SPARE_DAYS)
