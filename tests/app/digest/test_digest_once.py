"""The digest leaves once a support day whatever happens: restarts, two daemons, clocks that jump; late, it says so."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.quick_desks import QuickDesk, header, quick_desk
from triagebot.app.database import Database
from triagebot.app.desk.view import DeskView, load_view
from triagebot.app.digest.send import find_due, send_digest_if_due
from triagebot.core.outgoing.compose import plain_text

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FRIDAY = datetime(2026, 11, 27, 7, 30, tzinfo=UTC)  # 08:30 in Warsaw
LATE = "This digest is late"
SETTINGS = 'timezone = "Europe/Warsaw"\n'
AWAY = "[support_hour]\nabsences = [{ from = 2026-11-26, to = 2026-11-26 }]\n"


def at(moment: str) -> datetime:
    """Given a moment of UTC, return it."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk in Warsaw that was started in October, whose digest leaves at 08:30."""
    with quick_desk(tmp_path / "desk", settings=SETTINGS) as opened:
        with opened.store.transaction():
            opened.store.mails.start_inbox("box0", at("2026-10-01"))
            opened.rows("UPDATE inbox SET first_start = '2026-10-01T00:00:00.000000+00:00'")
        yield opened


def tick(desk: QuickDesk, *moments: datetime) -> list[datetime]:
    """Given moments, let the desk look at each whether a digest is due; return those at which one was made."""
    with closing(_Running(desk)) as running:
        return [moment for moment in moments if running.look(moment)]


class _Running:
    """A daemon's database thread, and what it asks every minute."""

    def __init__(self, desk: QuickDesk) -> None:
        self._desk = desk
        self._database = Database(desk.config.parent / "var" / "triagebot.db")
        self._database.start()

    def look(self, now: datetime) -> bool:
        """Given now, do what the daemon does every minute."""
        return asyncio.run(send_digest_if_due(self._database, self._desk.snapshot, self._desk.key, now))

    def close(self) -> None:
        """Stop the thread."""
        self._database.stop()


def causes(desk: QuickDesk) -> list[str]:
    """Return what each digest in the outbox was made for, the oldest first."""
    return [row[0] for row in desk.rows("SELECT dedupe_key FROM outbox WHERE class = 'digest' ORDER BY id")]


def test_once_a_day_at_its_time(desk: QuickDesk) -> None:
    """Asked every ten minutes for five days, a desk makes one digest on each support day, and not before its time."""
    moments = [FRIDAY - 4 * HOUR + number * 10 * MINUTE for number in range(5 * 24 * 6)]
    assert tick(desk, *moments) == [FRIDAY - 4 * HOUR, FRIDAY, FRIDAY + 3 * DAY, FRIDAY + 4 * DAY]
    assert causes(desk) == [f"digest 2026-11-{day}" for day in (26, 27, 30)] + ["digest 2026-12-01"]
    assert [LATE in plain_text(raw) for raw in desk.sent("digest")] == [True, False, False, False]


def test_a_restart_makes_no_second_one(desk: QuickDesk) -> None:
    """A new process finds the mark of the day in the database."""
    assert tick(desk, FRIDAY) == [FRIDAY]
    assert tick(desk, FRIDAY + MINUTE, FRIDAY + 10 * HOUR) == []
    assert causes(desk) == ["digest 2026-11-27"]


def test_eight_daemons_at_once_make_one(desk: QuickDesk) -> None:
    """Whoever is first in the database makes it; mark and mail are one transaction."""
    begin, made = threading.Barrier(8), []

    def daemon() -> None:
        with closing(_Running(desk)) as running:
            begin.wait()
            made.append(running.look(FRIDAY))

    threads = [threading.Thread(target=daemon) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False] * 7 + [True]
    assert causes(desk) == ["digest 2026-11-27"]


@pytest.mark.parametrize(
    ("delay", "late"), [(timedelta(0), False), (30 * MINUTE, False), (31 * MINUTE, True), (15 * HOUR, True)]
)
def test_after_an_outage_it_is_late_and_says_so(desk: QuickDesk, delay: timedelta, late: bool) -> None:
    """From half an hour on it names the time it was due at."""
    tick(desk, FRIDAY - DAY)
    assert tick(desk, FRIDAY + delay) == [FRIDAY + delay]
    said = " ".join(plain_text(desk.sent("digest")[-1]).split())
    assert (f"{LATE}: it was due on Friday, 27 November 2026 at 08:30" in said) == late


def test_of_several_that_were_missed_the_last_is_made(desk: QuickDesk) -> None:
    """Down from Monday to Saturday, the desk tells of all the time at once, and on Monday it is on time again."""
    monday = FRIDAY - 4 * DAY
    tick(desk, monday)
    saturday = FRIDAY + DAY + 2 * HOUR
    assert tick(desk, saturday, saturday + HOUR, monday + 7 * DAY) == [saturday, monday + 7 * DAY]
    assert causes(desk) == ["digest 2026-11-23", "digest 2026-11-27", "digest 2026-11-30"]
    assert [LATE in plain_text(raw) for raw in desk.sent("digest")] == [False, True, False]


def test_the_day_it_is_started_on_has_none_after_its_time(tmp_path: Path) -> None:
    """A desk that is started at noon sends its first digest on the next support day."""
    with quick_desk(tmp_path / "desk", settings=SETTINGS) as desk:
        desk.rows("DELETE FROM inbox")
        noon = FRIDAY + 4 * HOUR
        assert tick(desk, noon, noon + HOUR, FRIDAY + 3 * DAY) == [FRIDAY + 3 * DAY]


def test_a_clock_that_jumps_makes_no_second_one(desk: QuickDesk) -> None:
    """Neither back over the time of the digest, nor ahead by a month and back: then each day still has its own."""
    assert tick(desk, FRIDAY, FRIDAY - DAY, FRIDAY) == [FRIDAY, FRIDAY - DAY]
    month = FRIDAY + 31 * DAY
    assert tick(desk, month, FRIDAY + 3 * DAY, FRIDAY + 4 * DAY) == [month, FRIDAY + 3 * DAY, FRIDAY + 4 * DAY]
    assert len(causes(desk)) == len(set(causes(desk))) == 5


@pytest.mark.parametrize(
    ("settings", "more"),
    [('holidays = "PL"\n', ""), ("", AWAY)],
    ids=["holiday", "absence"],
)
def test_days_without_support_have_none(tmp_path: Path, settings: str, more: str) -> None:
    """On a holiday, on a weekend and while the developer is away nothing is sent."""
    day = at("2026-11-11T07:30") if settings else at("2026-11-26T07:30")
    hour = f"[support_hour]\n{settings}" if settings else more
    with quick_desk(tmp_path / "desk", settings=SETTINGS, more=hour) as desk:
        with desk.store.transaction():
            desk.store.mails.start_inbox("box0", at("2026-10-01"))
        desk.rows("UPDATE inbox SET first_start = '2026-10-01T00:00:00.000000+00:00'")
        assert tick(desk, day - DAY, day, day + 5 * HOUR, day + DAY) == [day - DAY, day + DAY]


def test_who_is_away_gets_none_that_was_missed_before(tmp_path: Path) -> None:
    """Down on the day before, and up again while the developer is away: it waits for the next one of its own."""
    with quick_desk(tmp_path / "desk", settings=SETTINGS, more=AWAY) as desk:
        desk.rows("UPDATE inbox SET first_start = '2026-10-01T00:00:00.000000+00:00'")
        away = FRIDAY - DAY
        tick(desk, away - 2 * DAY)
        assert tick(desk, away - 2 * HOUR, away, away + 8 * HOUR, FRIDAY) == [FRIDAY]


@pytest.mark.parametrize(
    ("time_of_day", "before", "after"),
    [
        ("02:30", "2026-10-25T00:29:59", "2026-10-25T00:30"),  # autumn: 02:30 is there twice, the first counts
        ("02:30", "2027-03-28T01:29:59", "2027-03-28T01:30"),  # spring: 02:30 is not there, 03:30 is as late
        ("08:30", "2026-10-25T07:29:59", "2026-10-25T07:30"),
        ("08:30", "2027-03-28T06:29:59", "2027-03-28T06:30"),
    ],
)
def test_the_days_on_which_the_clock_changes(tmp_path: Path, time_of_day: str, before: str, after: str) -> None:
    """On both Sundays it leaves once, also where its time is there twice or not at all."""
    days = '[support_hour]\ndays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\n'
    more = f'{days}[digest]\nat = "{time_of_day}"\n'
    with quick_desk(tmp_path / "desk", settings=SETTINGS, more=more) as desk:
        desk.rows("UPDATE inbox SET first_start = '2026-10-01T00:00:00.000000+00:00'")
        first = at(after)
        tick(desk, first - 20 * HOUR)
        moments = [at(before), first, *(first + number * 30 * MINUTE for number in range(1, 40))]
        assert tick(desk, *moments) == [first]


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> DeskView:
    """A desk in Warsaw."""
    with quick_desk(tmp_path_factory.mktemp("due") / "desk", settings=SETTINGS) as desk:
        found, problems = load_view(desk.config, FRIDAY)
    assert found is not None, problems
    return found


@given(
    now=st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: at("2026-01-01") + minutes * MINUTE),
    minutes=st.integers(1, 24 * 60),
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_due_never_goes_back(view: DeskView, now: datetime, minutes: int) -> None:
    """It is a support day's, has come, is the last one, and as time goes on only a later day follows."""
    due, later = find_due(view, now), find_due(view, now + minutes * MINUTE)
    assert due is not None
    assert later is not None
    assert view.calendar.is_open(due.day)
    assert due.moment <= now
    assert view.calendar.local(due.moment).time() == time(8, 30)
    assert later.day >= due.day
    assert (later.day == due.day) == (later.moment == due.moment)


def test_the_subject_counts_what_needs_you(desk: QuickDesk) -> None:
    """The developer sees in the list of mails whether there is anything to decide."""
    tick(desk, FRIDAY)
    assert header(desk.sent("digest")[0], "Subject") == "Test Desk: nothing to decide, Friday, 27 November 2026"
