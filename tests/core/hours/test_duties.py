"""Standing duties: periods by the calendar, whatever its months, weeks and leap years are like."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.desk import Absence, Client, Desk, DeskSettings, Duty, Plan, SupportHour
from triagebot.core.hours.calendar import Calendar
from triagebot.core.hours.duties import LONGEST, Every, Period, begin_of, list_owed, period_of

EVERY: tuple[Every, ...] = ("week", "month", "quarter")
DAYS = st.dates(date(2024, 1, 1), date(2060, 12, 31))
CALENDAR = Calendar(SupportHour(), ZoneInfo("Europe/Warsaw"))


def duty(every: Every = "month", on: int = 1, name: str = "updates") -> Duty:
    """Given when it is to be done, return a duty."""
    return Duty(name, "Updates", every, 20, on)


def desk(*duties: Duty, **client: Any) -> Desk:
    """Given duties and what is special about the client, return a desk with one retainer."""
    known = {"tier": "retainer", "plan": "care", **client}
    return Desk(
        DeskSettings("Ada", "support@ada.test", ("ada@ada.test",)),
        plan=(Plan("care", 180, Decimal(240), duty=duties),),
        client=(Client("bakery", "Bakery", **known),),
    )


def due(day: date, made: Desk, calendar: Calendar = CALENDAR) -> list[tuple[str, date]]:
    """Given a day, return key and last day of what is owed on it."""
    return [(owed.key, owed.due) for owed in list_owed(made, calendar, day)]


@pytest.mark.parametrize(
    ("every", "day", "expected"),
    [
        ("week", date(2026, 11, 22), Period("2026-W47", date(2026, 11, 16), date(2026, 11, 22))),
        ("week", date(2027, 1, 1), Period("2026-W53", date(2026, 12, 28), date(2027, 1, 3))),
        ("week", date(2024, 12, 30), Period("2025-W01", date(2024, 12, 30), date(2025, 1, 5))),
        ("month", date(2028, 2, 29), Period("2028-02", date(2028, 2, 1), date(2028, 2, 29))),
        ("month", date(2026, 12, 31), Period("2026-12", date(2026, 12, 1), date(2026, 12, 31))),
        ("quarter", date(2026, 12, 31), Period("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))),
        ("quarter", date(2028, 2, 29), Period("2028-Q1", date(2028, 1, 1), date(2028, 3, 31))),
    ],
)
def test_periods_of_the_calendar(every: Every, day: date, expected: Period) -> None:
    """ISO weeks around new year, leap days, the last days of a year."""
    assert period_of(every, day) == expected


@given(st.sampled_from(EVERY), DAYS)
def test_periods_follow_each_other_without_gap(every: Every, day: date) -> None:
    """Each day lies in one period, and the day after its last begins the next, whose name sorts behind."""
    period = period_of(every, day)
    assert period.first <= day <= period.last
    assert {period_of(every, period.first), period_of(every, period.last)} == {period}
    following = period_of(every, period.last + timedelta(days=1))
    assert following.first == period.last + timedelta(days=1)
    assert following.name > period.name


@given(st.sampled_from(EVERY), DAYS, st.data())
def test_a_duty_begins_inside_its_period(every: Every, day: date, data: st.DataObject) -> None:
    """Also the 31st of a short month, and the 92nd day of a quarter that has 90."""
    on = data.draw(st.integers(1, LONGEST[every]))
    period = period_of(every, day)
    begin = begin_of(duty(every, on), period)
    assert period.first <= begin <= period.last
    assert begin == period.last or begin == period.first + timedelta(days=on - 1)


def test_the_thirty_first_of_february_is_its_last_day() -> None:
    """In a leap year and in another."""
    last = [begin_of(duty(on=31), period_of("month", date(year, 2, 10))).day for year in (2027, 2028)]
    assert last == [28, 29]


def test_a_duty_is_owed_from_its_day_until_the_last_support_day() -> None:
    """November 2026 ends on a monday; what begins on the 15th is not owed on the 14th."""
    made = desk(duty(on=15))
    assert due(date(2026, 11, 14), made) == []
    assert due(date(2026, 11, 15), made) == [("updates/2026-11", date(2026, 11, 30))]


def test_an_absence_at_the_end_brings_the_day_forward() -> None:
    """Due is a day on which it can be done; where none is left, the period's end."""
    away = Calendar(SupportHour(absences=(Absence(date(2026, 12, 21), date(2026, 12, 31)),)), CALENDAR.zone)
    assert due(date(2026, 12, 1), desk(duty()), away) == [("updates/2026-12", date(2026, 12, 18))]
    assert due(date(2026, 12, 22), desk(duty()), away) == [("updates/2026-12", date(2026, 12, 31))]


@pytest.mark.parametrize(
    "client",
    [
        {"tier": "one-off", "plan": ""},
        {"since": date(2026, 11, 21)},
        {"until": date(2026, 11, 19)},
        {"plan": "another"},
    ],
    ids=["no plan", "not yet", "no more", "unknown"],
)
def test_only_a_plan_that_runs_owes_anything(client: dict[str, Any]) -> None:
    """Before its first day, after its last and without it there are no duties."""
    assert due(date(2026, 11, 20), desk(duty(), **client)) == []


def test_each_duty_of_the_plan_is_owed_in_its_own_period() -> None:
    """A week's, a month's and a quarter's have keys of their own."""
    made = desk(duty("week", name="a"), duty("month", name="b"), duty("quarter", name="c"))
    assert [key for key, _ in due(date(2026, 11, 20), made)] == ["a/2026-W47", "b/2026-11", "c/2026-Q4"]
