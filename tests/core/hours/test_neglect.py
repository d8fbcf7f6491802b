"""When a desk is left alone: support days count, and nothing else."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from triagebot.core.desk import Absence, SupportHour
from triagebot.core.hours.calendar import Calendar
from triagebot.core.hours.neglect import find_neglect

CALENDAR = Calendar(SupportHour(), ZoneInfo("Europe/Warsaw"))
FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WEDNESDAY_HOUR_ENDS = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)  # 10:00 in Warsaw
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("waiting", "act", "now", "expected"),
    [
        (FRIDAY, None, WEDNESDAY_HOUR_ENDS, FRIDAY),
        (FRIDAY, None, WEDNESDAY_HOUR_ENDS - SECOND, None),
        (None, None, WEDNESDAY_HOUR_ENDS, None),
        (FRIDAY, FRIDAY + timedelta(days=3), WEDNESDAY_HOUR_ENDS, None),
        (FRIDAY, FRIDAY - timedelta(days=30), WEDNESDAY_HOUR_ENDS, FRIDAY),
        (FRIDAY - timedelta(days=30), FRIDAY, WEDNESDAY_HOUR_ENDS, FRIDAY),
    ],
    ids=[
        "three hours passed",
        "not yet",
        "nothing waits",
        "acted since",
        "acted before it waited",
        "counts from the act",
    ],
)
def test_it_is_left_alone_after_three_support_hours(
    waiting: datetime | None, act: datetime | None, now: datetime, expected: datetime | None
) -> None:
    """From the later of two: when work began to wait, and when the developer last did anything."""
    assert find_neglect(CALENDAR, waiting, act, 3, now) == expected


def test_days_without_support_are_nobodys_neglect() -> None:
    """Two weeks away are not counted, and zero days mean never."""
    away = SupportHour(absences=(Absence(date(2026, 11, 21), date(2026, 12, 6)),))
    calendar = Calendar(away, CALENDAR.zone)
    assert find_neglect(calendar, FRIDAY, None, 3, FRIDAY + timedelta(days=18)) is None
    assert find_neglect(calendar, FRIDAY, None, 3, FRIDAY + timedelta(days=19)) == FRIDAY
    assert find_neglect(CALENDAR, FRIDAY, None, 0, FRIDAY + timedelta(days=400)) is None
