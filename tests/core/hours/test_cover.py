"""Who looks at an emergency and when: quiet hours over midnight and through changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.desk import Quiet, SupportHour
from triagebot.core.hours.calendar import Calendar
from triagebot.core.hours.cover import quiet_until

WARSAW = Calendar(SupportHour(), ZoneInfo("Europe/Warsaw"))
KATHMANDU = Calendar(SupportHour(), ZoneInfo("Asia/Kathmandu"))
NIGHT = Quiet()


def local(day: date, clock: time, calendar: Calendar = WARSAW) -> datetime:
    """Given a day and a time in the desk's zone, return the moment."""
    return datetime.combine(day, clock, tzinfo=calendar.zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("quiet", "clock", "ends"),
    [
        (NIGHT, time(21, 59, 59), None),
        (NIGHT, time(22), (25, time(7))),
        (NIGHT, time(23, 59), (25, time(7))),
        (NIGHT, time(0), (24, time(7))),
        (NIGHT, time(6, 59, 59), (24, time(7))),
        (NIGHT, time(7), None),
        (Quiet(time(1), time(6)), time(0, 30), None),
        (Quiet(time(1), time(6)), time(1), (24, time(6))),
        (Quiet(time(1), time(6)), time(6), None),
        (Quiet(time(9), time(9)), time(9), None),
    ],
)
def test_quiet_hours_have_a_first_and_a_last_moment(quiet: Quiet, clock: time, ends: tuple[int, time] | None) -> None:
    """Over midnight and within a day; the same time twice is no quiet at all."""
    expected = local(date(2026, 11, ends[0]), ends[1]) if ends else None
    assert quiet_until(quiet, WARSAW, local(date(2026, 11, 24), clock)) == expected


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 10, 24)], ids=["spring", "autumn"])
def test_the_night_the_clock_changes_ends_at_seven(day: date) -> None:
    """By the clock on the wall, although that night is an hour shorter or longer."""
    ends = quiet_until(NIGHT, WARSAW, local(day, time(23)))
    assert ends is not None
    assert WARSAW.local(ends).time() == time(7)
    assert (ends - local(day, time(23))).total_seconds() in (7 * 3600, 9 * 3600)


@given(
    st.integers(0, 3 * 366 * 86400).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
    st.times(),
    st.times(),
    st.sampled_from([WARSAW, KATHMANDU]),
)
def test_quiet_ends_within_a_day_and_is_over_then(now: datetime, first: time, last: time, calendar: Calendar) -> None:
    """Whatever the hours and the zone: nobody waits longer than the night, and it is not quiet when it ends."""
    ends = quiet_until(Quiet(first, last), calendar, now)
    if ends is not None and first != last:
        assert 0 < (ends - now).total_seconds() <= 25 * 3600
