"""An answer is overdue after 24 hours of support days, or after the day that was promised."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from triagebot.core.desk import SupportHour
from triagebot.core.hours.calendar import Calendar
from triagebot.core.hours.overdue import Owed, count_overdue, working_time

CALENDAR = Calendar(SupportHour(), ZoneInfo("Europe/Warsaw"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRIDAY = datetime(2026, 11, 20, 11, tzinfo=UTC)  # noon in Warsaw


@pytest.mark.parametrize(
    ("after", "late"),
    [(23 * HOUR, 0), (2 * DAY, 0), (3 * DAY - HOUR, 0), (3 * DAY, 0), (3 * DAY + HOUR, 1), (30 * DAY, 1)],
)
def test_the_clock_stands_still_on_days_without_a_support_hour(after: timedelta, late: int) -> None:
    """What was asked on a Friday at noon is late on Monday after noon."""
    assert count_overdue([Owed(FRIDAY)], DAY, CALENDAR, FRIDAY + after) == late


def test_a_promise_is_late_on_the_day_after_it() -> None:
    """The date that was told counts, and not when it was asked for; days are those of the desk's zone."""
    promised = [Owed(FRIDAY - 9 * DAY, date(2026, 11, 23))]
    before_midnight = datetime(2026, 11, 23, 22, 59, tzinfo=UTC)
    assert count_overdue(promised, DAY, CALENDAR, before_midnight) == 0
    assert count_overdue(promised, DAY, CALENDAR, before_midnight + timedelta(minutes=1)) == 1


def test_time_is_counted_over_the_change_to_winter_time() -> None:
    """A day of 25 hours has 25 hours."""
    calendar = Calendar(SupportHour(days=("sun",)), ZoneInfo("Europe/Warsaw"))
    saturday, monday = datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC)
    assert working_time(saturday, monday, calendar, 100 * DAY) == 25 * HOUR


def test_no_more_is_counted_than_has_to_be_known() -> None:
    """A ticket of years ago costs no more than one of last week; time that runs backwards is none."""
    assert DAY < working_time(FRIDAY - 3650 * DAY, FRIDAY, CALENDAR, DAY) < 3 * DAY
    assert working_time(FRIDAY, FRIDAY - DAY, CALENDAR, DAY) == timedelta(0)
