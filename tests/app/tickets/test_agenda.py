"""The plan of a desk: made anew it moves slots and never a promise, and says what it puts at risk before it breaks."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.desks import Account, LiveDesk
from tests.core.hours.test_planner import calendars
from triagebot.app.chores import CHORES
from triagebot.app.database import Database
from triagebot.app.desk.view import DeskView, load_view
from triagebot.app.digest.gather import gather_digest
from triagebot.app.health.status import gather_status
from triagebot.app.tickets.agenda import find_risks, make_plan, replan, replan_daily
from triagebot.app.tickets.hours import Hour, list_hours
from triagebot.core.decision import TicketState
from triagebot.core.desk import TIERS, Absence, SupportHour, Tier
from triagebot.core.hours.calendar import Calendar
from triagebot.core.phrase import ENGLISH
from triagebot.core.rules.rule import Kind
from triagebot.core.tickets.work import plan_work
from triagebot.edge.store import Store, open_store
from triagebot.edge.store.work.tickets import NewTicket

MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)  # two hours before the hour of that Monday
DAY = timedelta(days=1)
HOUR = SupportHour(margin=0)


@pytest.fixture
def view(tmp_path: Path) -> DeskView:
    """A desk whose hours are an hour of each weekday."""
    config = LiveDesk(tmp_path / "desk", Account("support@desk.test", "secret", 1, 2)).config
    found, problems = load_view(config, NOW)
    assert found is not None, problems
    return with_hour(found, HOUR)


@pytest.fixture
def store(view: DeskView) -> Iterator[Store]:
    """Its database."""
    with closing(open_store(view.data / "triagebot.db")) as opened:
        yield opened


def with_hour(view: DeskView, hour: SupportHour) -> DeskView:
    """Given a desk and a support hour, return the desk with it."""
    calendar = Calendar(hour, ZoneInfo("Europe/Warsaw"))
    return replace(view, desk=replace(view.desk, support_hour=hour), calendar=calendar)


def ask(
    store: Store,
    view: DeskView,
    tier: Tier = "one-off",
    minutes: int = 30,
    *,
    state: TicketState = "planned",
    kind: Kind = "work",
    at: datetime = NOW,
) -> int:
    """Given what is asked for, open its ticket as triage would; return its number."""
    with store.transaction():
        booked = store.slots.booked(view.calendar.local(at).date())
        plan = plan_work(kind, minutes, state, tier, view.calendar, booked, at)
        new = NewTicket(plan, tier, f"{tier} {minutes}", "Text", client=None, sender_key=f"{tier}@client.test")
        return store.tickets.open(new, at)


def make(store: Store, view: DeskView, now: datetime = NOW) -> int:
    """Make the plan anew; return how many rows changed."""
    with store.transaction():
        return replan(store, view, now)


def change(view: DeskView, sql: str, *values: object) -> None:
    """Change a ticket, as commands do it."""
    with closing(sqlite3.connect(view.data / "triagebot.db")) as connection, connection:
        connection.execute(sql, values)


def rows(view: DeskView) -> list[tuple[int, str, int]]:
    """Return ticket, day and minutes of each slot, in the order of days."""
    with closing(sqlite3.connect(view.data / "triagebot.db")) as connection:
        return connection.execute("SELECT ticket, day, minutes FROM slot ORDER BY day, id").fetchall()


def promises(store: Store) -> dict[int, tuple[object, ...]]:
    """Return what is promised to whom."""
    return {one.ticket: (one.promise, one.due, one.answer_due) for one in store.slots.owed()}


def turns(hours: list[Hour], day: date) -> list[tuple[int, int]]:
    """Given hours, return ticket and minutes of what is done on a day."""
    return [(turn.ticket.ticket, turn.minutes) for hour in hours if hour.day == day for turn in hour.turns]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    calendar=calendars(),
    asked=st.lists(st.tuples(st.sampled_from(TIERS), st.integers(1, 150), st.integers(0, 5000)), max_size=8),
    later=st.integers(0, 20),
)
def test_replanning_moves_no_promise(
    tmp_path_factory: pytest.TempPathFactory,
    view: DeskView,
    calendar: Calendar,
    asked: list[tuple[Tier, int, int]],
    later: int,
) -> None:
    """Whatever comes in and however often the plan is made: promises stay, no hour is over capacity, nothing is
    planned on closed days, and a plan made twice changes nothing."""
    desk = replace(view, calendar=calendar)
    now = datetime(2027, 11, 1, tzinfo=UTC)
    path = tmp_path_factory.mktemp("plan") / "triagebot.db"
    with closing(open_store(path)) as store:
        for tier, minutes, after in sorted(asked, key=lambda one: one[2]):
            ask(store, desk, tier, minutes, at=now + timedelta(minutes=after))
            before = promises(store)
            make(store, desk, now + timedelta(minutes=after))
            assert promises(store) == before
        end = now + timedelta(days=later, minutes=5000)
        before = promises(store)
        make(store, desk, end)
        assert (make(store, desk, end), promises(store)) == (0, before)
        first = calendar.first_plannable_day(end)
        for day, tiers in store.slots.booked(first).minutes.items():
            assert sum(tiers.values()) <= calendar.minutes_on(day)


def test_what_was_freed_is_given_to_the_next(store: Store, view: DeskView) -> None:
    """When a ticket is closed, the others move up; only rows that differ are written."""
    first, second, third = (ask(store, view, minutes=60) for _ in range(3))
    assert make(store, view) == 0
    with store.transaction():
        store.tickets.close(first, "developer", "done", NOW, MONDAY)
    make(store, view)
    assert rows(view) == [(second, "2026-11-23", 60), (third, "2026-11-24", 60)]


def test_minutes_that_were_worked_are_not_planned_again(store: Store, view: DeskView) -> None:
    """The estimate less what was done; over it, a quarter more."""
    ticket = ask(store, view, minutes=60)
    change(view, "UPDATE ticket SET minutes_done = 40")
    make(store, view)
    assert rows(view) == [(ticket, "2026-11-23", 20)]
    change(view, "UPDATE ticket SET minutes_done = 90")
    make(store, view)
    assert rows(view) == [(ticket, "2026-11-23", 15)]


def test_a_first_answer_goes_first_until_it_is_given(store: Store, view: DeskView) -> None:
    """A retainer's request takes five minutes of the next hour at once; when the developer answered, no more."""
    ask(store, view, minutes=60)
    ticket = ask(store, view, "retainer", 30)
    make(store, view)
    assert turns(list_hours(store, view, make_plan(store, view, NOW), NOW, 1), MONDAY)[0] == (ticket, 5)
    change(view, "UPDATE ticket SET answered_at = ? WHERE id = ?", "2026-11-23T06:30:00.000000+00:00", ticket)
    make(store, view)
    assert 5 not in [minutes for _, _, minutes in rows(view)]


def test_an_estimate_holds_its_date_until_it_expires(store: Store, view: DeskView) -> None:
    """Its slots stay while the client thinks; they are nobody's work today, and go when the estimate ends."""
    asked = ask(store, view, minutes=30, state="waiting-client")
    spare = ask(store, view, "none", 60)
    make(store, view)
    assert (asked, "2026-11-23", 30) in rows(view)
    assert turns(list_hours(store, view, make_plan(store, view, NOW), NOW, 1), MONDAY) == [(spare, 60)]
    change(view, "UPDATE ticket SET expires_at = ? WHERE id = ?", "2026-11-23T05:00:00.000000+00:00", asked)
    make(store, view)
    assert asked not in [ticket for ticket, _, _ in rows(view)]


def test_who_was_never_given_a_date_holds_no_minutes(store: Store, view: DeskView) -> None:
    """An emergency of who pays by the hour takes no slot before they book."""
    ticket = ask(store, view, state="waiting-client", kind="emergency")
    change(view, "UPDATE ticket SET promise = NULL, due = NULL WHERE id = ?", ticket)
    make(store, view)
    assert rows(view) == []


def test_an_absence_moves_the_plan_and_names_the_promises(store: Store, view: DeskView) -> None:
    """Nothing is planned on days away; what was promised for them is at risk before it breaks, and stays promised."""
    ticket = ask(store, view, minutes=30)
    before = promises(store)
    assert find_risks(make_plan(store, view, NOW), view.calendar, NOW) == ()
    away = with_hour(view, replace(HOUR, absences=(Absence(MONDAY, MONDAY + 4 * DAY),)))
    make(store, away)
    assert rows(view) == [(ticket, "2026-11-30", 30)]
    assert promises(store) == before
    (risk,) = find_risks(make_plan(store, away, NOW), away.calendar, NOW)
    assert (risk.ticket.ticket, risk.promise, risk.planned, risk.broken) == (
        ticket,
        date(2026, 11, 25),
        date(2026, 11, 30),
        False,
    )
    assert "tell the client a new date" in ENGLISH.speak(risk.text)


def test_a_broken_promise_stays_named_until_it_is_mended(store: Store, view: DeskView) -> None:
    """In digest and status, from at least a day before it breaks until the ticket is done."""
    ticket = ask(store, view, minutes=30)
    told = promises(store)[ticket][0]
    assert told == date(2026, 11, 25)
    for now, word in ((NOW + DAY + 3 * timedelta(hours=1), "no day is to spare"), (NOW + 5 * DAY, "not done")):
        make(store, view, now)
        needs_you = gather_digest(store, view, now, now - DAY).sections[0]
        assert word in " ".join(ENGLISH.speak(line) for item in needs_you.items for line in item.lines)
        assert word in " ".join(gather_status(store, view, now)["notes"])
    with store.transaction():
        store.tickets.close(ticket, "developer", "done", NOW, MONDAY)
    assert find_risks(make_plan(store, view, NOW + 5 * DAY), view.calendar, NOW + 5 * DAY) == ()


def test_an_hour_that_has_begun_keeps_what_was_planned_for_it(store: Store, view: DeskView) -> None:
    """While it runs, `hours` shows its own work first and then what comes next; later hours are planned anew."""
    first, second = ask(store, view, minutes=40), ask(store, view, minutes=60)
    make(store, view)
    during = NOW + timedelta(hours=2, minutes=10)
    make(store, view, during)
    hours = list_hours(store, view, make_plan(store, view, during), during, 2)
    assert turns(hours, MONDAY)[0] == (first, 40)
    assert sum(minutes for _, minutes in turns(hours, MONDAY)) == 60
    assert rows(view) == [
        (first, "2026-11-23", 40),
        (second, "2026-11-23", 20),
        (first, "2026-11-24", 40),
        (second, "2026-11-24", 20),
        (second, "2026-11-25", 40),
    ]
    over = during + timedelta(hours=2)
    with store.transaction():
        store.tickets.close(first, "developer", "done", over, MONDAY)
    hours = list_hours(store, view, make_plan(store, view, over), over, 2)
    assert turns(hours, MONDAY) == [(second, 20)]  # nothing more is done in an hour that is over


def test_each_night_the_plan_is_made_anew(view: DeskView, store: Store) -> None:
    """What was not done is planned for the next hour; the hour that passed keeps what stood in it."""
    ticket = ask(store, view, minutes=30)
    make(store, view)
    database = Database(view.data / "triagebot.db")
    database.start()
    asyncio.run(replan_daily(database, view, b"", NOW + DAY))
    database.stop()
    assert rows(view) == [(ticket, "2026-11-23", 30), (ticket, "2026-11-24", 30)]
    assert "plan" in [chore.name for chore in CHORES]
