"""One look of the watchdog after another, at moments of the test's own: the clock, the database, routes that fail."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk
from tests.edge.stores import outgoing
from tests.servers.listener import listening
from triagebot.app.database import Database
from triagebot.app.desk.view import DeskView, load_view
from triagebot.app.health.status import gather_status
from triagebot.app.health.watch import Surroundings, Watchdog, WatchedThread
from triagebot.core.errors import StoreError
from triagebot.edge.store import Store, open_store

KEY = b"k" * 32
NOW = datetime.now(UTC)
SECOND, MINUTE, DAY = (timedelta(seconds=number) for number in (1, 60, 86400))
ACCOUNT = Account("support@company.test", "secret", 1, 1)
APPEND = "import os, sys; open(sys.argv[1], 'a').write(os.environ['TRIAGEBOT_SUBJECT'] + '\\n'); sys.exit({})"


class Bench:
    """A desk with a database and no servers, and what its watchdog did."""

    def __init__(self, directory: Path, more: str = "", threads: Mapping[str, WatchedThread] | None = None) -> None:
        self.file = directory / "told"
        self.config = LiveDesk(directory / "desk", ACCOUNT, more=f"[health]\n{more}").config
        (directory / "desk" / "var").mkdir()
        self.database = Database(directory / "desk" / "var" / "triagebot.db")
        self.database.start()
        self.reload()
        self.times_woken = self.times_set = 0
        self.passed = 0.0
        self.threads = threads or {}
        self.works(NOW)

    def reload(self) -> None:
        """Take the config as it is now."""
        view, problems = load_view(self.config, NOW)
        assert view is not None, problems
        self.view: DeskView = view

    def command(self, status: int = 0) -> None:
        """Let alerts go to a command that keeps subjects and ends with a status."""
        command = json.dumps([sys.executable, "-c", APPEND.format(status), str(self.file)])
        text = self.config.read_text("utf-8").partition("\n[alert]")[0]
        self.config.write_text(f"{text}\n[alert]\ncommand = {command}\n", "utf-8")
        self.reload()

    def watchdog(self) -> Watchdog:
        """A fresh one, as after a restart."""

        def wake() -> None:
            self.times_woken += 1

        def set_clock() -> None:
            self.times_set += 1

        surroundings = Surroundings(lambda: self.view, lambda: self.threads, wake, set_clock, lambda: self.passed)
        return Watchdog(surroundings, self.database, KEY, NOW)

    async def look(self, watchdog: Watchdog, minute: float) -> None:
        """Let it look so many minutes after the start; the clock is right."""
        self.passed = minute * 60
        await watchdog.look(NOW + minute * MINUTE)

    def works(self, now: datetime) -> None:
        """The inbox was looked into just now."""
        self.database.call(lambda store: store.health.works("inbox box0", now))

    def told(self) -> list[str]:
        """The subjects the command was given."""
        return self.file.read_text("utf-8").splitlines() if self.file.exists() else []

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """Given a query, return its rows."""
        return self.database.call(lambda store: store._connection.execute(sql).fetchall())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A desk without servers."""
    made = Bench(tmp_path)
    yield made
    made.database.stop()


def fail(bench: Bench, now: datetime) -> None:
    """Let the inbox be in trouble."""
    bench.database.call(lambda store: store.health.fails("inbox box0", "gone", now))


def test_an_alert_that_no_route_takes_is_tried_again(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """The command fails: each look tries again, the log says it once; when it works, it is told once."""
    bench.command(status=1)
    fail(bench, NOW)

    async def looks() -> None:
        watchdog = bench.watchdog()
        for minute in (0, 10, 11, 12):
            await bench.look(watchdog, minute)
        assert len(bench.told()) == 3
        assert bench.ask("SELECT told_at FROM alarm") == [(None,)]
        bench.command()
        for minute in (13, 14, 15):
            await bench.look(watchdog, minute)

    asyncio.run(looks())
    assert len(bench.told()) == 4
    (said,) = (record.getMessage() for record in caplog.records if "route=command" in record.getMessage())
    assert said.endswith("ended with 1'")


def test_a_restart_goes_on_where_it_was(bench: Bench) -> None:
    """Trouble that began before a restart is told when it has lasted over it, once; so is its end."""
    bench.command()
    fail(bench, NOW)
    for minute in (0, 5, 10, 11, 12):
        asyncio.run(bench.look(bench.watchdog(), minute))
    assert [subject.partition(" ")[0] for subject in bench.told()] == ["[trouble]"]
    bench.works(NOW + 13 * MINUTE)
    for minute in (13, 18, 23, 24):
        asyncio.run(bench.look(bench.watchdog(), minute))
    assert [subject.partition(" ")[0] for subject in bench.told()] == ["[trouble]", "[over]"]
    assert bench.ask("SELECT * FROM alarm") == []


class Broken(Database):
    """A database whose jobs fail once `error` is set, all or those that write."""

    error = ""
    only_writing = False

    def note(self, job: Callable[[Store], object]) -> "object":  # type: ignore[override]
        """Fail as a full disk does."""
        error, only_writing = self.error, self.only_writing

        def checked(store: Store) -> object:
            before = store._connection.total_changes
            result = job(store)
            if error and not (only_writing and store._connection.total_changes == before):
                raise StoreError(error)
            return result

        return super().note(checked)


@pytest.mark.parametrize("only_writing", [False, True])
def test_a_database_that_fails_is_told_once(tmp_path: Path, only_writing: bool) -> None:
    """Nothing can be written down, and still nobody is told twice; when it works again, the end is told."""
    bench = Bench(tmp_path, 'canary = "1h"\n')
    bench.command()
    bench.database.stop()
    broken = Broken(bench.view.data / "triagebot.db")
    broken.start()
    bench.database = broken
    fail(bench, NOW)
    broken.error, broken.only_writing = "the disk is full", only_writing

    async def looks() -> None:
        watchdog = bench.watchdog()
        for minute in range(30):
            await bench.look(watchdog, minute)
        broken.error = ""
        await bench.look(watchdog, 30)
        bench.works(NOW + 31 * MINUTE)
        for minute in range(31, 45):
            await bench.look(watchdog, minute)

    asyncio.run(looks())
    told = bench.told()
    assert sum(subject.startswith("[trouble] Test Desk: the database: the disk is full") for subject in told) == 1
    assert "[over] Test Desk: database" in told
    assert len(told) == len(set(told)) == (4 if only_writing else 2)
    assert bench.ask("SELECT * FROM alarm") == []
    broken.stop()


def test_the_clock_is_set_forward_and_back(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """Told in log and status; mails that wait leave by the new time; what waits for a time of day is asked anew."""
    ahead = NOW + 2 * DAY

    async def looks() -> None:
        watchdog = bench.watchdog()
        await bench.look(watchdog, 0)
        await watchdog.look(ahead)
        mail = outgoing("ahead", inbox="box0", due=ahead + 5 * MINUTE, expires_at=ahead + DAY)
        bench.database.call(lambda store: store.outbox.add(mail, ahead))
        await watchdog.look(NOW + 10 * SECOND)

    asyncio.run(looks())
    jumps = [record.getMessage() for record in caplog.records if "the clock was set" in record.getMessage()]
    assert jumps == ["clock: the clock was set forward by 2 days", "clock: the clock was set back by 2 days"]
    assert bench.times_set == 2
    ((due, expires),) = bench.ask("SELECT next_attempt, expires_at FROM outbox")
    assert NOW < datetime.fromisoformat(str(due)) <= NOW + 5 * MINUTE + 10 * SECOND
    assert datetime.fromisoformat(str(expires)) <= NOW + DAY + 10 * SECOND
    store = open_store(bench.view.data / "triagebot.db")
    status = gather_status(store, bench.view, NOW + MINUTE)
    later = gather_status(store, bench.view, NOW + 2 * DAY)
    store.close()
    assert status["notes"] == ["the clock was set back by 2 days"]
    assert status["healthy"]
    assert later["notes"] == []


def test_mail_from_a_future_that_was_left_while_nothing_ran(bench: Bench) -> None:
    """The first look after a start lets it go at once."""
    mail = outgoing("ahead", inbox="box0", due=NOW + 2 * DAY)
    bench.database.call(lambda store: store.outbox.add(mail, NOW + 2 * DAY))
    asyncio.run(bench.watchdog().look(NOW))
    assert bench.database.call(lambda store: store.outbox.next_due("box0")) == NOW
    assert bench.times_woken == 1


class Thread:
    """Stands for an inbox's thread that gave its last sign of life some seconds ago."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ended = 0

    def hangs(self, seconds: float) -> bool:
        """Whether that is longer ago."""
        return self.seconds > seconds

    def disconnect(self) -> None:
        """Remember it."""
        self.ended += 1


def test_only_a_thread_that_hangs_is_disconnected(tmp_path: Path) -> None:
    """After `silence`, fifteen minutes by itself."""
    threads = {"alive": Thread(899), "hanging": Thread(901)}
    bench = Bench(tmp_path, threads=threads)
    asyncio.run(bench.watchdog().look(NOW))
    bench.database.stop()
    assert [thread.ended for thread in threads.values()] == [0, 1]


def test_canaries_keep_their_distance(tmp_path: Path) -> None:
    """One at the first look, the next after its time, none in between and none for a restart."""
    bench = Bench(tmp_path, 'canary = "6h"\n')
    for minutes in (0, 1, 359, 360, 361):
        asyncio.run(bench.look(bench.watchdog(), minutes))
    assert bench.ask("SELECT count(*) FROM outbox WHERE class = 'canary'") == [(2,)]
    bench.database.stop()


def test_the_heartbeat_waits_for_the_next_pass(tmp_path: Path) -> None:
    """Looks alone give none: a pass of every inbox does, and what worked before the start does not count."""
    with listening() as listener:
        bench = Bench(tmp_path, f'ping = "{listener.address}/x"\n')

        async def looks() -> None:
            watchdog = bench.watchdog()
            for minute, asked in ((0, 0), (1, 0), (2, 1), (3, 1), (4, 2)):
                if minute in (2, 4):
                    bench.works(NOW + minute * MINUTE)
                await bench.look(watchdog, minute)
                assert len(listener.asked) == asked

        asyncio.run(looks())
        bench.database.stop()
