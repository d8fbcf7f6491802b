"""The agenda: capacity, reserves and order hold, and more capacity never makes anybody wait longer."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.core.hours.test_planner import calendars, instants
from triagebot.core.desk import TIERS, SupportHour, Tier
from triagebot.core.hours.agenda import Agenda, Work, fill_today, find_at_risk, make_agenda
from triagebot.core.hours.calendar import Calendar
from triagebot.core.hours.planner import WorkClass, owner_of, slack_day

MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")
CLASSES: tuple[WorkClass, ...] = ("emergency", "retainer", "one-off", "spare")


@st.composite
def work_lists(draw: st.DrawFn, now: datetime) -> list[Work]:
    """Any open tickets, as they may stand at a moment."""
    works = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        work = draw(st.sampled_from(CLASSES))
        due = draw(st.none() | st.integers(-5, 60).map(lambda days: now.date() + timedelta(days=days)))
        not_before = draw(st.none() | st.integers(0, 10).map(lambda days: now.date() + timedelta(days=days)))
        works.append(
            Work(
                ticket=number,
                minutes=draw(st.integers(0, 200)),
                work=work,
                opened_at=now - timedelta(minutes=draw(st.integers(0, 50_000))),
                due=due,
                not_before=not_before if work == "spare" else None,
                urgent=work == "emergency" or (work == "retainer" and draw(st.booleans())),
            )
        )
    return works


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Work], Calendar, datetime]:
    """Open tickets, a calendar, and now."""
    calendar, now = draw(calendars()), draw(instants)
    return draw(work_lists(now)), calendar, now


@settings(max_examples=80)
@given(situations())
def test_no_hour_over_capacity(situation: tuple[list[Work], Calendar, datetime]) -> None:
    """No support hour holds more than its minutes, none is assigned on a closed day or in one that has begun."""
    works, calendar, now = situation
    agenda = make_agenda(works, calendar, now)
    for day in {one.day for one in agenda.assigned}:
        assert sum(one.minutes for one in agenda.on(day)) <= calendar.minutes_on(day)
        assert calendar.is_open(day)
        assert calendar.opening(day) > now


@settings(max_examples=80)
@given(situations())
def test_each_ticket_gets_its_minutes_or_is_named(situation: tuple[list[Work], Calendar, datetime]) -> None:
    """What is left of a ticket is assigned to the minute, or the ticket is named as without a place."""
    works, calendar, now = situation
    agenda = make_agenda(works, calendar, now)
    for work in works:
        got = sum(one.minutes for one in agenda.assigned if one.ticket == work.ticket)
        assert got == (0 if work.ticket in agenda.unplaced else max(1, work.minutes))


@settings(max_examples=80)
@given(situations())
def test_reserved_minutes_hold(situation: tuple[list[Work], Calendar, datetime]) -> None:
    """On every day but today, tiers without a reserve of their own leave what is reserved for others, and all
    that is not urgent leaves the margin."""
    works, calendar, now = situation
    agenda = make_agenda(works, calendar, now)
    tier_of: dict[int, Tier] = {work.ticket: owner_of(work.work) for work in works}
    today = calendar.local(now).date()
    for day in {one.day for one in agenda.assigned} - {today}:
        calm = [one for one in agenda.on(day) if not one.urgent]
        assert sum(one.minutes for one in calm) <= calendar.promised_minutes(day)
        reserve = calendar.reserve_on(day)
        for tier in TIERS:
            others = sum(one.minutes for one in calm if tier_of[one.ticket] != tier)
            assert others <= calendar.promised_minutes(day) - reserve.get(tier, 0)


@settings(max_examples=80)
@given(situations())
def test_same_input_same_agenda(situation: tuple[list[Work], Calendar, datetime]) -> None:
    """The order in which tickets are given does not matter."""
    works, calendar, now = situation
    assert make_agenda(works, calendar, now) == make_agenda(list(reversed(works)), calendar, now)


@settings(max_examples=80)
@given(situations(), st.integers(0, 60))
def test_more_capacity_delays_nobody(situation: tuple[list[Work], Calendar, datetime], more: int) -> None:
    """With longer hours, no ticket ends later than without."""
    works, calendar, now = situation
    longer = replace(calendar, hour=replace(calendar.hour, minutes=calendar.hour.minutes + more))
    before, after = make_agenda(works, calendar, now).finish_of(), make_agenda(works, longer, now).finish_of()
    for ticket, end in before.items():
        assert after[ticket] <= end


@settings(max_examples=80)
@given(situations(), st.integers(1, 200), st.booleans())
def test_class_order_holds(situation: tuple[list[Work], Calendar, datetime], minutes: int, due: bool) -> None:
    """Of equal work that came at one moment, the higher class never ends later, where only retainers reserve."""
    works, calendar, now = situation
    hour = replace(calendar.hour, reserve={"retainer": calendar.hour.reserve.get("retainer", 0)})
    day = now.date() + timedelta(days=9) if due else None
    classes: tuple[WorkClass, ...] = ("spare", "one-off", "retainer", "emergency")
    equal = [Work(90 + number, minutes, work, now, day) for number, work in enumerate(classes)]
    finish = make_agenda([*works, *equal], replace(calendar, hour=hour), now).finish_of()
    ends = [finish.get(one.ticket, date.max) for one in equal]
    assert ends == sorted(ends, reverse=True)


@settings(max_examples=80)
@given(situations(), st.integers(1, 200), st.sampled_from(("retainer", "one-off", "spare")))
def test_a_kept_promise_stays_kept(
    situation: tuple[list[Work], Calendar, datetime], minutes: int, work: WorkClass
) -> None:
    """Where no minutes are reserved and all promises can be kept, work that is promised for the day it got behind all
    others breaks none, without any slack. With reserves it may, by using minutes of all before its own: then
    find_at_risk names it, and the slack of every promise told is there for it."""
    works, calendar, now = situation
    calendar = replace(calendar, hour=replace(calendar.hour, reserve={}))
    before = make_agenda(works, calendar, now)
    ends = before.finish_of()
    works = [replace(one, due=max(one.due or date.max, ends.get(one.ticket, date.max))) for one in works]
    before = make_agenda(works, calendar, now)
    assume(not find_late(before, works))
    new = Work(99, minutes, work, now, due=date.max)
    end = make_agenda([*works, new], calendar, now).finish_of().get(99)
    if end is not None:
        after = make_agenda([*works, replace(new, due=end)], calendar, now)
        assert find_late(after, [*works, replace(new, due=end)]) == []


def find_late(agenda: Agenda, works: list[Work]) -> list[int]:
    """Return the tickets whose work ends after its due date or has no place."""
    finish = agenda.finish_of()
    return [work.ticket for work in works if work.due and finish.get(work.ticket, date.max) > work.due]


def test_urgent_goes_first_then_due_then_class() -> None:
    """An emergency before all; then the earliest promise; on one day a retainer before a one-off, spare time last."""
    calendar = Calendar(SupportHour(margin=0), WARSAW)
    works = [
        Work(1, 20, "spare", NOW, due=MONDAY),
        Work(2, 20, "one-off", NOW, due=MONDAY),
        Work(3, 20, "retainer", NOW, due=MONDAY),
        Work(4, 20, "one-off", NOW, due=MONDAY - timedelta(days=1)),
        Work(5, 20, "emergency", NOW, urgent=True),
    ]
    agenda = make_agenda(works, calendar, NOW)
    assert [one.ticket for one in agenda.assigned] == [5, 4, 3, 2, 1]
    assert [one.day - MONDAY for one in agenda.assigned] == [timedelta(0)] * 3 + [timedelta(1)] * 2


def test_long_work_spans_hours() -> None:
    """Work of more than an hour goes on over the following support days, over a weekend too."""
    calendar = Calendar(SupportHour(margin=0), WARSAW)
    agenda = make_agenda([Work(1, 200, "retainer", NOW)], calendar, NOW + timedelta(days=3))
    assert [(one.day, one.minutes) for one in agenda.assigned] == [
        (date(2026, 11, 26), 60),
        (date(2026, 11, 27), 60),
        (date(2026, 11, 30), 60),
        (date(2026, 12, 1), 20),
    ]


def test_an_hour_of_today_is_filled_whole() -> None:
    """Today's hour takes margin and reserve of nobody, and then pulls forward what would come next."""
    calendar = Calendar(SupportHour(reserve={"retainer": 40}, margin=30), WARSAW)
    works = [Work(1, 15, "one-off", NOW), Work(2, 90, "spare", NOW, not_before=MONDAY + timedelta(days=7))]
    agenda = make_agenda(works, calendar, NOW)
    assert [(one.ticket, one.minutes) for one in fill_today(agenda, works, calendar, MONDAY)] == [(1, 15), (2, 45)]


def test_at_risk_before_it_breaks() -> None:
    """A promise is named while a support day is left before it breaks: when its work ends on the promised day."""
    calendar = Calendar(SupportHour(margin=0), WARSAW)
    tuesday = MONDAY + timedelta(days=1)
    safe, tight = Work(1, 60, "one-off", NOW, due=tuesday), Work(2, 60, "one-off", NOW, due=tuesday)
    agenda = make_agenda([safe, tight], calendar, NOW)
    assert find_at_risk(agenda, [safe, tight], calendar) == (tight,)


def test_slack_grows_with_distance() -> None:
    """A date is told some support days after the planned end, and a day later for each six support days of waiting."""
    calendar = Calendar(SupportHour(margin=0), WARSAW)
    assert slack_day(calendar, NOW, MONDAY, 1) == date(2026, 11, 24)
    assert slack_day(calendar, NOW, date(2026, 11, 27), 2) == date(2026, 12, 1)
    assert slack_day(calendar, NOW, MONDAY + timedelta(weeks=4), 2) == MONDAY + timedelta(weeks=5)


def test_first_answers_do_not_wait_behind_work() -> None:
    """The first answer a retainer is owed has minutes in the next hour, however much work is due before it."""
    calendar = Calendar(SupportHour(margin=20), WARSAW)
    works = [Work(number, 60, "one-off", NOW, due=MONDAY) for number in range(1, 9)]
    answer = Work(9, 5, "retainer", NOW, due=MONDAY, urgent=True)
    assert make_agenda([*works, answer], calendar, NOW).assigned[0].ticket == 9
