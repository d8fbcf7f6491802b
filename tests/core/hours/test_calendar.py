"""The calendar: which days hold a support hour, when it is, and what is going on at a moment."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from triagebot.core.desk import Absence, Desk, DeskSettings, Season, SupportHour
from triagebot.core.hours.calendar import Calendar, active_seasons, moments

WARSAW = ZoneInfo("Europe/Warsaw")
ZONES = ("Europe/Warsaw", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Auckland", "UTC")
EVERY_DAY = SupportHour(days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
CHRISTMAS = Absence(date(2026, 12, 24), date(2026, 12, 31), "Christmas")

zones = st.sampled_from(ZONES).map(ZoneInfo)
starts = st.times().map(lambda one: one.replace(second=0, microsecond=0))
CHANGES = (  # of the clocks of Warsaw and Lord Howe, in UTC
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
)
minutes = st.integers(0, 3 * 366 * 24 * 60)
instants = minutes.map(lambda after: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=after)) | st.builds(
    lambda change, after: change + timedelta(minutes=after), st.sampled_from(CHANGES), st.integers(-180, 180)
)


def at(local: str, zone: str = "Europe/Warsaw") -> datetime:
    """Given a local time in ISO 8601 and its zone, return the moment in UTC."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 11, 24), True),  # a Tuesday
        (date(2026, 11, 28), False),  # a Saturday
        (date(2026, 11, 11), False),  # a holiday
        (date(2026, 12, 23), True),
        (date(2026, 12, 24), False),  # the first and the last day of an absence belong to it
        (date(2026, 12, 31), False),
        (date(2027, 1, 1), True),
        (date(2028, 2, 29), True),
    ],
)
def test_open_days(day: date, is_open: bool) -> None:
    """A day is open on the desk's weekdays, but not on holidays and in absences."""
    hour = SupportHour(absences=(CHRISTMAS,))
    calendar = Calendar(hour, WARSAW, frozenset({date(2026, 11, 11)}))
    assert calendar.is_open(day) is is_open


def test_an_hour_of_no_minutes_opens_no_day() -> None:
    """A desk without support time has no open day."""
    assert Calendar(replace(EVERY_DAY, minutes=0), WARSAW).open_days(date(2026, 1, 1), 400) == []


def test_open_days_of_a_leap_year() -> None:
    """February 2028 has 29 days, of which the weekdays are open."""
    days = Calendar(SupportHour(), WARSAW).open_days(date(2028, 2, 1), 29)
    assert (len(days), days[-1]) == (21, date(2028, 2, 29))


def test_absence_on_names_the_absence() -> None:
    """The absence of a day is the one it falls into, and None on other days."""
    calendar = Calendar(SupportHour(absences=(CHRISTMAS,)), WARSAW)
    assert calendar.absence_on(date(2026, 12, 25)) == CHRISTMAS
    assert calendar.absence_on(date(2027, 1, 1)) is None


@pytest.mark.parametrize(
    ("zone", "start", "now", "first"),
    [
        ("Europe/Warsaw", time(9), "2026-11-24T08:59:59", date(2026, 11, 24)),
        ("Europe/Warsaw", time(9), "2026-11-24T09:00:00", date(2026, 11, 25)),
        ("Europe/Warsaw", time(9), "2026-11-24T23:30:00", date(2026, 11, 25)),
        ("Europe/Warsaw", time(9), "2028-02-28T10:00:00", date(2028, 2, 29)),
        ("Europe/Warsaw", time(9), "2026-12-31T10:00:00", date(2027, 1, 1)),
        ("Europe/Warsaw", time(9), "2026-03-29T08:30:00", date(2026, 3, 29)),  # summer time began at night
        ("Europe/Warsaw", time(9), "2026-10-25T08:30:00", date(2026, 10, 25)),  # and ended
        ("Europe/Warsaw", time(2, 30), "2026-03-29T01:59:00", date(2026, 3, 29)),  # 02:30 does not exist that day
        ("Europe/Warsaw", time(2, 30), "2026-03-29T03:31:00", date(2026, 3, 30)),
        ("Asia/Kolkata", time(9), "2026-11-24T00:30:00", date(2026, 11, 24)),  # 23 November in UTC
        ("Australia/Lord_Howe", time(9, 15), "2026-10-04T09:14:00", date(2026, 10, 4)),  # moved by half an hour
        ("Australia/Lord_Howe", time(9, 15), "2026-10-04T09:15:00", date(2026, 10, 5)),
    ],
)
def test_first_plannable_day(zone: str, start: time, now: str, first: date) -> None:
    """New work goes into today's hour until that has begun, then into tomorrow's, by the desk's own clock."""
    calendar = Calendar(replace(EVERY_DAY, start=start), ZoneInfo(zone))
    assert calendar.first_plannable_day(at(now, zone)) == first


@given(instants, zones, starts, zones)
@example(datetime(2026, 10, 25, 1, 15, tzinfo=UTC), WARSAW, time(2, 30), WARSAW)  # 02:15 for the second time
def test_a_moment_is_the_same_in_every_zone(now: datetime, zone: ZoneInfo, start: time, written_in: ZoneInfo) -> None:
    """What the calendar says of a moment does not depend on the zone the moment is written in."""
    calendar = Calendar(replace(EVERY_DAY, start=start), zone)
    for same in (now.astimezone(written_in), now.astimezone(zone)):
        assert calendar.first_plannable_day(same) == calendar.first_plannable_day(now)
        assert calendar.in_hour(same) == calendar.in_hour(now)


@given(instants, zones, starts)
def test_the_first_plannable_hour_is_the_next_one(now: datetime, zone: ZoneInfo, start: time) -> None:
    """The hour of the first plannable day is still to come, the one of the day before is not."""
    calendar = Calendar(replace(EVERY_DAY, start=start), zone)
    first = calendar.first_plannable_day(now)
    assert now < calendar.opening(first)
    assert now >= calendar.opening(first - timedelta(days=1))


@given(instants.map(lambda one: one.date()), zones, starts.filter(lambda one: one < time(22)), st.integers(1, 90))
@example(date(2026, 10, 25), WARSAW, time(2, 30), 60)
@example(date(2026, 3, 29), WARSAW, time(1, 30), 60)
def test_a_support_hour_lasts_its_minutes(day: date, zone: ZoneInfo, start: time, minutes: int) -> None:
    """The hour runs for exactly its minutes of elapsed time, also on the nights the clock is changed."""
    calendar = Calendar(replace(EVERY_DAY, start=start, minutes=minutes), zone)
    opening = calendar.opening(day)
    second = timedelta(seconds=1)
    told = [calendar.in_hour(opening + timedelta(minutes=after)) for after in range(minutes)]
    assert all(told)
    assert not calendar.in_hour(opening - second)
    assert not calendar.in_hour(opening + timedelta(minutes=minutes))


def test_no_hour_runs_on_a_closed_day() -> None:
    """On a Sunday at nine nobody is there."""
    assert not Calendar(SupportHour(), WARSAW).in_hour(at("2026-11-22T09:30:00"))


def test_seasons_include_both_ends() -> None:
    """A season is on from its first to its last day."""
    season = Season("winter", date(2026, 11, 20), date(2027, 1, 5))
    on = [bool(active_seasons([season], day)) for day in (date(2026, 11, 19), season.first, season.last)]
    assert (on, active_seasons([season], date(2027, 1, 6))) == ([False, True, True], ())


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-19T09:30:00", set()),
        ("2026-11-19T10:00:00", {"closed"}),
        ("2026-11-20T09:30:00", {"season:winter"}),
        ("2026-12-24T09:30:00", {"season:winter", "closed", "absence"}),
        ("2027-01-06T00:30:00", {"closed"}),  # still 5 January in UTC
    ],
)
def test_moments(now: str, expected: set[str]) -> None:
    """Rules may ask for what is the case now: closed, absence, season:ID, by the desk's local date."""
    hour = SupportHour(absences=(CHRISTMAS,))
    desk = Desk(
        DeskSettings("Ada", "support@adaweb.test", ("ada@adaweb.test",)),
        support_hour=hour,
        season=(Season("winter", date(2026, 11, 20), date(2027, 1, 5)),),
    )
    assert moments(desk, Calendar(hour, WARSAW), at(now)) == expected
