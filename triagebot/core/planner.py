"""The planner: which support hour new work goes into, and so which date can be told.

A promise once told is pinned: `Booked` holds what is already promised, and only what
is left is given out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from triagebot.core.calendar import Calendar
from triagebot.core.decision import Slot
from triagebot.core.desk import TIERS, Tier

WorkClass = Literal["emergency", "retainer", "one-off", "spare"]

HORIZON_DAYS = 730
SPARE_DAYS = 7
"""Work of who reserved no time waits at least this many days ("up to a week or more")."""

_OWNER: dict[WorkClass, Tier] = {
    "emergency": "retainer",
    "retainer": "retainer",
    "one-off": "one-off",
    "spare": "none",
}


@dataclass(frozen=True, slots=True)
class Booked:
    """Minutes already promised: local date -> tier -> minutes."""

    minutes: Mapping[date, Mapping[Tier, int]] = field(default_factory=dict)

    def of(self, day: date) -> Mapping[Tier, int]:
        """Given a local date, return the minutes promised on it per tier."""
        return self.minutes.get(day, {})

    def add(self, tier: Tier, slots: tuple[Slot, ...]) -> "Booked":
        """Given slots of a tier, return the bookings with them included."""
        days = dict(self.minutes)
        for slot in slots:
            tiers = days.get(slot.day, {})
            days[slot.day] = {**tiers, tier: tiers.get(tier, 0) + slot.minutes}
        return Booked(days)


def free_minutes(calendar: Calendar, booked: Booked, day: date, tier: Tier | None) -> int:
    """Given an open local day, return the minutes a tier may still fill; without a tier, all that are not promised.

    Minutes reserved for other tiers stay free for them, as far as those have not used them yet.
    """
    used = booked.of(day)
    others = [other for other in TIERS if other != tier] if tier else []
    held_back = sum(max(0, calendar.hour.reserve.get(other, 0) - used.get(other, 0)) for other in others)
    return max(0, calendar.hour.minutes - sum(used.values()) - held_back)


def place(minutes: int, work: WorkClass, calendar: Calendar, booked: Booked, now: datetime) -> tuple[Slot, ...]:
    """Given work of so many minutes, return the slots it gets, the earliest first; the last one is its date.

    Work longer than what one hour has left goes on in the next one. Without any open day within two
    years there are no slots. Nothing already booked is moved. An emergency has the first minutes nobody
    was promised, also those reserved for others.
    """
    first = soonest = calendar.first_plannable_day(now)
    if work == "spare":
        first = max(first, calendar.local(now).date() + timedelta(days=SPARE_DAYS))
    tier = _OWNER[work]
    slots: list[Slot] = []
    missing = max(1, minutes)
    for offset in range((first - soonest).days, HORIZON_DAYS):
        day = soonest + timedelta(days=offset)
        if not calendar.is_open(day):
            continue
        free = min(missing, free_minutes(calendar, booked, day, None if work == "emergency" else tier))
        if free > 0:
            slots.append(Slot(day, free))
            missing -= free
        if missing == 0:
            return tuple(slots)
    return ()


def is_long_wait(slots: tuple[Slot, ...], calendar: Calendar, now: datetime) -> bool:
    """Given the slots of some work, return whether its date is a week or more away (or unknown)."""
    if not slots:
        return True
    return slots[-1].day - calendar.local(now).date() >= timedelta(days=SPARE_DAYS)
