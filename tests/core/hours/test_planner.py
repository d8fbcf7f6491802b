"""The planner: what is promised fits, stays where it is, and keeps what others reserved (design.md sections 1, 3)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triagebot.core.decision import Slot
from triagebot.core.desk import TIERS, Absence, Season, SupportHour, Tier
from triagebot.core.hours.calendar import WEEKDAYS, Calendar
from triagebot.core.hours.planner import SPARE_DAYS, Booked, WorkClass, free_minutes, is_long_wait, place, promise_day

WORKS: tuple[WorkClass, ...] = ("emergency", "retainer", "one-off", "spare")
OWNERS: dict[WorkClass, Tier] = {
    "emergency": "retainer", "retainer": "retainer", "one-off": "one-off", "spare": "none",
}  # fmt: skip
MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)  # before the hour of that Monday
HOUR = SupportHour(days=("mon", "tue", "wed", "thu", "fri"), margin=0)
CALENDAR = Calendar(HOUR, ZoneInfo("Europe/Warsaw"))

instants = st.integers(0, 190 * 24 * 60).map(lambda after: datetime(2027, 10, 1, tzinfo=UTC) + timedelta(minutes=after))
minutes_of_work = st.integers(1, 300)
works = st.sampled_from(WORKS)


@st.composite
def calendars(draw: st.DrawFn, reserving: tuple[Tier, ...] = TIERS) -> Calendar:
    """Any sound calendar; the reserved minutes of the tiers in `reserving` fit into the hour together."""
    minutes = draw(st.integers(1, 120))
    left, reserve = minutes, {}
    for tier in reserving:
        reserve[tier] = draw(st.integers(0, left))
        left -= reserve[tier]
    first = draw(st.dates(date(2027, 9, 1), date(2028, 6, 1)))
    days = tuple(draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1)))
    hour = SupportHour(
        start=draw(st.sampled_from((time(0), time(2, 30), time(9), time(23, 30)))),
        minutes=minutes,
        minutes_on=draw(st.dictionaries(st.sampled_from(days), st.integers(0, 120), max_size=2)),
        days=days,
        reserve=reserve,
        margin=draw(st.sampled_from((0, 10, 33, 50))),
        absences=(Absence(first, first + timedelta(days=draw(st.integers(0, 40)))),),
    )
    zone = draw(st.sampled_from(("Europe/Warsaw", "Asia/Kolkata", "Australia/Lord_Howe", "America/Los_Angeles")))
    holidays = draw(st.sets(st.dates(date(2027, 10, 1), date(2028, 6, 1)), max_size=20))
    begins = draw(st.dates(date(2027, 10, 1), date(2028, 6, 1)))
    season = Season("busy", begins, begins + timedelta(days=60), hour_minutes=draw(st.sampled_from((0, 60, 240))))
    return Calendar(hour, ZoneInfo(zone), frozenset(holidays), (season,))


@st.composite
def desks(draw: st.DrawFn, reserving: tuple[Tier, ...] = TIERS) -> tuple[Calendar, Booked, datetime]:
    """A calendar, what is promised in it already by the planner itself, and now."""
    calendar, now = draw(calendars(reserving)), draw(instants)
    booked = Booked()
    for work, minutes in draw(st.lists(st.tuples(works, st.integers(1, 200)), max_size=8)):
        booked = booked.add(OWNERS[work], place(minutes, work, calendar, booked, now))
    return calendar, booked, now


@settings(max_examples=60)
@given(desks())
def test_no_hour_over_capacity(desk: tuple[Calendar, Booked, datetime]) -> None:
    """However much is asked for, no support hour is promised more minutes than it has, and none outside them."""
    calendar, booked, now = desk
    for day in booked.minutes:
        assert sum(booked.of(day).values()) <= calendar.minutes_on(day)
        assert calendar.is_open(day)
        assert calendar.opening(day) > now


@given(desks(), works, minutes_of_work)
def test_slots_sum_to_the_minutes(desk: tuple[Calendar, Booked, datetime], work: WorkClass, minutes: int) -> None:
    """Work gets all its minutes or no slot at all; its slots are filled days in order, none twice."""
    calendar, booked, now = desk
    slots = place(minutes, work, calendar, booked, now)
    days = [slot.day for slot in slots]
    assert sum(slot.minutes for slot in slots) in (minutes, 0)
    assert days == sorted(set(days))
    assert all(slot.minutes > 0 for slot in slots)


@given(desks(), works, minutes_of_work)
def test_nothing_booked_moves(desk: tuple[Calendar, Booked, datetime], work: WorkClass, minutes: int) -> None:
    """A promise told stays: placing work only adds minutes of its own tier on its own days."""
    calendar, booked, now = desk
    before = {day: dict(tiers) for day, tiers in booked.minutes.items()}
    slots = place(minutes, work, calendar, booked, now)
    after = booked.add(OWNERS[work], slots)
    assert {day: dict(tiers) for day, tiers in booked.minutes.items()} == before
    added = {slot.day: slot.minutes for slot in slots}
    for day in {*before, *added}:
        for tier in TIERS:
            more = added.get(day, 0) if tier == OWNERS[work] else 0
            assert after.of(day).get(tier, 0) == booked.of(day).get(tier, 0) + more


@given(desks(), st.sampled_from(("retainer", "one-off", "spare")), minutes_of_work)
def test_reserved_minutes_hold(desk: tuple[Calendar, Booked, datetime], work: WorkClass, minutes: int) -> None:
    """What is reserved for a tier and not used by it yet is never given to another one."""
    calendar, booked, now = desk
    for slot in place(minutes, work, calendar, booked, now):
        used = booked.of(slot.day)
        others = [tier for tier in TIERS if tier != OWNERS[work]]
        kept = sum(max(0, calendar.reserve_on(slot.day).get(tier, 0) - used.get(tier, 0)) for tier in others)
        assert slot.minutes <= calendar.minutes_on(slot.day) - sum(used.values()) - kept


@given(desks(), works, minutes_of_work)
def test_work_is_done_as_early_as_it_fits(
    desk: tuple[Calendar, Booked, datetime], work: WorkClass, minutes: int
) -> None:
    """No open day before the last slot is left with minutes this work might have had."""
    calendar, booked, now = desk
    slots = place(minutes, work, calendar, booked, now)
    given_to = {slot.day: slot.minutes for slot in slots}
    first = calendar.first_plannable_day(now)
    if work == "spare":
        first = max(first, calendar.local(now).date() + timedelta(days=SPARE_DAYS))
    for day in calendar.open_days(first, (slots[-1].day - first).days if slots else 0):
        left = free_minutes(calendar, booked, day, OWNERS[work]) - given_to.get(day, 0)
        assert left <= 0
    assert all(slot.day >= first for slot in slots)


@given(desks(), minutes_of_work)
def test_an_emergency_comes_first(desk: tuple[Calendar, Booked, datetime], minutes: int) -> None:
    """An emergency is looked at no later than the same work of anybody else."""
    calendar, booked, now = desk
    ends = {work: place(minutes, work, calendar, booked, now) for work in WORKS}
    dates = {work: slots[-1].day if slots else date.max for work, slots in ends.items()}
    assert dates["emergency"] == min(dates.values())


@given(desks(reserving=("retainer",)), minutes_of_work)
def test_order_of_the_tiers(desk: tuple[Calendar, Booked, datetime], minutes: int) -> None:
    """Where only retainers reserve, a retainer's work ends no later than a one-off's, that no later than spare."""
    calendar, booked, now = desk
    ends = [place(minutes, work, calendar, booked, now) for work in WORKS]
    dates = [slots[-1].day if slots else date.max for slots in ends]
    assert dates == sorted(dates)


def test_reserved_minutes_by_example() -> None:
    """Of 60 minutes with 40 reserved for retainers a one-off gets 20 a day, a retainer all that is left."""
    calendar = replace(CALENDAR, hour=replace(HOUR, reserve={"retainer": 40}))
    tuesday = MONDAY + timedelta(days=1)
    one_off = place(30, "one-off", calendar, Booked(), NOW)
    assert one_off == (Slot(MONDAY, 20), Slot(tuesday, 10))
    booked = Booked().add("one-off", one_off)
    assert place(90, "retainer", calendar, booked, NOW) == (Slot(MONDAY, 40), Slot(tuesday, 50))
    assert free_minutes(calendar, booked, MONDAY, "one-off") == 0


def test_an_emergency_takes_what_others_reserved() -> None:
    """The first slot is the first minute not promised yet, whoever it was kept for (design.md section 3)."""
    calendar = replace(CALENDAR, hour=replace(HOUR, reserve={"one-off": 30}))
    booked = Booked({MONDAY: {"retainer": 30}})
    assert place(30, "emergency", calendar, booked, NOW) == (Slot(MONDAY, 30, urgent=True),)
    assert place(30, "retainer", calendar, booked, NOW) == (Slot(MONDAY + timedelta(days=1), 30),)


def test_the_margin_is_for_what_is_urgent() -> None:
    """Of 60 minutes with a third as margin, 40 are given out ahead; an emergency has the others, and takes none of
    the 40 before they are full."""
    calendar = replace(CALENDAR, hour=replace(HOUR, margin=33))
    booked = Booked().add("retainer", place(15, "emergency", calendar, Booked(), NOW))
    assert free_minutes(calendar, booked, MONDAY, "one-off") == 40
    booked = booked.add("one-off", place(40, "one-off", calendar, booked, NOW))
    assert free_minutes(calendar, booked, MONDAY, "retainer") == 0
    assert place(5, "emergency", calendar, booked, NOW) == (Slot(MONDAY, 5, urgent=True),)


@given(desks(), works, minutes_of_work)
def test_the_promise_lies_behind_the_plan(
    desk: tuple[Calendar, Booked, datetime], work: WorkClass, minutes: int
) -> None:
    """What is told is a support day, as many support days after the planned end as the desk wants at least."""
    calendar, booked, now = desk
    slots = place(minutes, work, calendar, booked, now)
    promise = promise_day(slots, calendar, now)
    assert (promise is None) is (not slots)
    if promise is not None:
        last = slots[-1].day
        between = calendar.open_days(last + timedelta(days=1), (promise - last).days)
        assert len(between) >= calendar.hour.slack_days or not calendar.open_days(promise + timedelta(days=1), 730)
        assert calendar.is_open(promise)


def test_spare_time_is_a_week_away() -> None:
    """Who reserved no time waits a week or more ("up to a week or more"), however free the desk is."""
    assert place(30, "spare", CALENDAR, Booked(), NOW) == (Slot(MONDAY + timedelta(days=7), 30),)


@pytest.mark.parametrize(("asked", "slot"), [(0, 1), (-5, 1), (1, 1)])
def test_work_takes_at_least_a_minute(asked: int, slot: int) -> None:
    """Work of no minutes is still on the list of its day."""
    assert place(asked, "retainer", CALENDAR, Booked(), NOW) == (Slot(MONDAY, slot),)


@pytest.mark.parametrize(
    "hour",
    [
        replace(HOUR, minutes=0),
        replace(HOUR, days=()),
        replace(HOUR, absences=(Absence(date(2026, 1, 1), date(2029, 12, 31)),)),
        replace(HOUR, reserve={"one-off": 60}),
    ],
    ids=["no minutes", "no days", "away for years", "all reserved for others"],
)
def test_without_an_open_day_there_is_no_date(hour: SupportHour) -> None:
    """When two years have no room, nothing is promised."""
    assert place(30, "retainer", replace(CALENDAR, hour=hour), Booked(), NOW) == ()


def test_an_hour_made_shorter_gives_nothing_out() -> None:
    """A day with more promised than its hour now has keeps its promises and takes no new work."""
    booked = Booked({MONDAY: {"retainer": 90}})
    assert free_minutes(CALENDAR, booked, MONDAY, "retainer") == 0
    assert place(10, "retainer", CALENDAR, booked, NOW) == (Slot(MONDAY + timedelta(days=1), 10),)


@pytest.mark.parametrize(("days", "long"), [(6, False), (7, True), (8, True)])
def test_a_long_wait_is_a_week(days: int, long: bool) -> None:
    """A date a week or more away is told as such."""
    assert is_long_wait(MONDAY + timedelta(days=days), CALENDAR, NOW) is long


def test_an_unknown_date_is_a_long_wait() -> None:
    """Without a date nobody can say when."""
    assert is_long_wait(None, CALENDAR, NOW)
