"""The desk's calendar: which days hold a support hour, and what is going on at a moment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from triagebot.core.desk import Absence, Desk, Season, SupportHour, Weekday

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Calendar:
    """Support days of one desk. `holidays` are local dates without support."""

    hour: SupportHour
    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()

    def is_open(self, day: date) -> bool:
        """Given a local date, return whether it holds a support hour."""
        return (
            self.hour.minutes > 0
            and WEEKDAYS[day.weekday()] in self.hour.days
            and day not in self.holidays
            and self.absence_on(day) is None
        )

    def absence_on(self, day: date) -> Absence | None:
        """Given a local date, return the absence it falls into, or None."""
        return next((away for away in self.hour.absences if away.first <= day <= away.last), None)

    def local(self, moment: datetime) -> datetime:
        """Given an aware moment, return it in the desk's zone."""
        return moment.astimezone(self.zone)

    def opening(self, day: date) -> datetime:
        """Given a local date, return the moment its support hour starts, in UTC.

        Two moments of one zone are compared by their clocks alone, which show an hour twice in autumn.
        """
        return datetime.combine(day, self.hour.start, tzinfo=self.zone).astimezone(UTC)

    def first_plannable_day(self, now: datetime) -> date:
        """Given now, return the first local date whose support hour has not begun yet, open or not."""
        today = self.local(now).date()
        return today if now < self.opening(today) else today + timedelta(days=1)

    def open_days(self, first: date, horizon: int) -> list[date]:
        """Given a first local date and a number of days to look ahead, return the open days among them."""
        days = (first + timedelta(days=offset) for offset in range(horizon))
        return [day for day in days if self.is_open(day)]

    def in_hour(self, moment: datetime) -> bool:
        """Given an aware moment, return whether a support hour is running then."""
        local = self.local(moment)
        if not self.is_open(local.date()):
            return False
        start = self.opening(local.date())
        return start <= moment < start + timedelta(minutes=self.hour.minutes)


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
