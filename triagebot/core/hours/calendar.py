"""The desk's calendar: which days hold a support hour, and what is going on at a moment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from triagebot.core.desk import TIERS, Absence, Desk, Season, SupportHour, Tier, Weekday

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON_DAYS = 730
"""How far ahead is planned at most."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Support days of one desk. `holidays` are local dates without support; of seasons only longer hours count."""

    hour: SupportHour
    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()
    seasons: tuple[Season, ...] = ()

    def is_open(self, day: date) -> bool:
        """Given a local date, return whether it holds a support hour."""
        return self.minutes_on(day) > 0

    def minutes_on(self, day: date) -> int:
        """Given a local date, return how long its support hour is, in minutes; 0 when there is none. A season's
        length goes before the weekday's, that before the usual one."""
        weekday = WEEKDAYS[day.weekday()]
        if weekday not in self.hour.days or day in self.holidays or self.absence_on(day) is not None:
            return 0
        in_season = max(
            (season.hour_minutes for season in self.seasons if season.first <= day <= season.last), default=0
        )
        return in_season or self.hour.minutes_on.get(weekday, self.hour.minutes)

    def promised_minutes(self, day: date) -> int:
        """Given a local date, return how many minutes of its support hour may be promised ahead: what the margin
        leaves. The margin is for work that takes longer than estimated, and for first answers."""
        return self.minutes_on(day) * (100 - self.hour.margin) // 100

    def reserve_on(self, day: date) -> dict[Tier, int]:
        """Given a local date, return the minutes of its support hour that only one tier may fill, margin taken off.
        Where an hour is shorter than all of them together, the first tiers have theirs first."""
        left, reserve = self.promised_minutes(day), {}
        for tier in TIERS if left else ():
            if tier in self.hour.reserve:
                reserve[tier] = min(left, self.hour.reserve[tier] * (100 - self.hour.margin) // 100)
                left -= reserve[tier]
        return reserve

    def first_of_month(self, day: date) -> date:
        """Given a local date, return the first support day of its month, or the day after it where there is none."""
        open_days = self.open_days(day.replace(day=1), 31)
        return open_days[0] if open_days else day + timedelta(days=1)

    def is_first_of_week(self, day: date) -> bool:
        """Given a local date, return whether it is the first support day of its week, which begins on Monday."""
        before = (day - timedelta(days=back) for back in range(1, day.weekday() + 1))
        return self.is_open(day) and not any(map(self.is_open, before))

    def open_day_before(self, day: date) -> date | None:
        """Given a local date, return the last support day before it, or None within a year."""
        return next((one for back in range(1, 366) if self.is_open(one := day - timedelta(days=back))), None)

    def absence_on(self, day: date) -> Absence | None:
        """Given a local date, return the absence it falls into, or None."""
        return next(iter(self.absences_on(day)), None)

    def absences_on(self, day: date) -> tuple[Absence, ...]:
        """Given a local date, return every absence it falls into, the longest lasting first: the one to be told."""
        found = [away for away in self.hour.absences if away.first <= day <= away.last]
        return tuple(sorted(found, key=lambda away: away.last, reverse=True))

    def local(self, moment: datetime) -> datetime:
        """Given an aware moment, return it in the desk's zone."""
        return moment.astimezone(self.zone)

    def opening(self, day: date) -> datetime:
        """Given a local date, return the moment its support hour starts, in UTC.

        Two moments of one zone are compared by their clocks alone, which show an hour twice in autumn.
        """
        return datetime.combine(day, self.hour.start, tzinfo=self.zone).astimezone(UTC)

    def last_day(self, ends: datetime) -> date:
        """Given the aware moment something ends, return the last local date on which it holds."""
        return (self.local(ends) - timedelta(seconds=1)).date()

    def first_plannable_day(self, now: datetime) -> date:
        """Given now, return the first local date whose support hour has not begun yet, open or not."""
        today = self.local(now).date()
        return today if now < self.opening(today) else today + timedelta(days=1)

    def open_days(self, first: date, horizon: int) -> list[date]:
        """Given a first local date and a number of days to look ahead, return the open days among them."""
        days = (first + timedelta(days=offset) for offset in range(horizon))
        return [day for day in days if self.is_open(day)]

    def next_hour(self, now: datetime) -> date | None:
        """Given now, return the date of the next support hour that has not begun yet, or None within two years."""
        first = self.first_plannable_day(now)
        days = (first + timedelta(days=offset) for offset in range(HORIZON_DAYS))
        return next((day for day in days if self.is_open(day)), None)

    def in_hour(self, moment: datetime) -> bool:
        """Given an aware moment, return whether a support hour is running then."""
        local = self.local(moment)
        if not self.is_open(local.date()):
            return False
        start = self.opening(local.date())
        return start <= moment < start + timedelta(minutes=self.minutes_on(local.date()))


def active_seasons(seasons: Collection[Season], day: date) -> tuple[str, ...]:
    """Given seasons and a local date, return the ids of those that are on."""
    return tuple(season.id for season in seasons if season.first <= day <= season.last)


def moments(desk: Desk, calendar: Calendar, now: datetime) -> frozenset[str]:
    """Given a desk and now, return what rules may ask for with `when`: closed, absence, season:ID."""
    today = calendar.local(now).date()
    named = {f"season:{season}" for season in active_seasons(desk.season, today)}
    if not calendar.in_hour(now):
        named.add("closed")
    if calendar.absence_on(today) is not None:
        named.add("absence")
    return frozenset(named)
