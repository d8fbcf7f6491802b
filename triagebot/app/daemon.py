"""The daemon: wires inboxes, database, outbox and clock together, reloads the files, stops cleanly."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from triagebot.app.chores import do_due_chores
from triagebot.app.database import Database
from triagebot.app.desk.check import check_desk_files
from triagebot.app.desk.snapshot import Snapshot, fingerprint
from triagebot.app.digest.send import send_digest_if_due
from triagebot.app.health.watch import Surroundings, Watchdog, watch_interval
from triagebot.app.intake.line import Desktop
from triagebot.app.intake.lookout import Rhythm
from triagebot.app.intake.reader import Reader
from triagebot.app.intake.watcher import Watcher
from triagebot.app.outgoing.sender import Sender
from triagebot.app.tickets.absence import move_promises
from triagebot.app.tickets.agenda import replan
from triagebot.core.desk import Desk
from triagebot.core.errors import StoreError
from triagebot.edge.heap import give_back
from triagebot.edge.keys import load_key
from triagebot.edge.lock import DeskLock
from triagebot.edge.store import Store

log = logging.getLogger(__name__)
logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # its jobs' errors are told by _log_job_error
Result = TypeVar("Result")

RELOAD_SECONDS = 2
SWITCH_SECONDS = 0.0005
"""How long a thread that computes keeps the others waiting: a server's answer is taken up at once, not 5 ms later."""
STOP_SECONDS = 3.0
DATABASE = "triagebot.db"


class Daemon:
    """One desk at work. Create it with a checked snapshot, then `run` it inside the desk's lock."""

    def __init__(self, config: Path, snapshot: Snapshot) -> None:
        self._config = config
        self._snapshot = snapshot
        self._seen = fingerprint(config, snapshot)
        self._stop = asyncio.Event()
        self.opened = asyncio.Event()
        self._waking = False
        self._threads_stop = threading.Event()
        self._reloading = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._database = Database(snapshot.data / DATABASE)
        self._reader = Reader(snapshot.desk.limits)
        self._senders: dict[str, Sender] = {}
        self._watchers: dict[str, Watcher] = {}
        self._desktop: Desktop | None = None
        self._watchdog: Watchdog | None = None
        self._scheduler: AsyncIOScheduler | None = None

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT, or until `stop`. Raise StoreError when the database cannot be opened."""
        await self._open()
        for name in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(name, self.stop)
        self._loop.add_signal_handler(signal.SIGHUP, self._reload)
        scheduler = self._scheduler = self._schedule()
        self._start_inboxes(once=False)
        self._in_background(self._watch(), "the watchdog ended")
        self.opened.set()
        log.info(
            "started desk=%r mode=%s inboxes=%d",
            self._snapshot.desk.desk.name,
            self._mode,
            len(self._watchers),
        )
        self._warn_about_trust()
        await self._stop.wait()
        log.info("stopping")
        scheduler.pause()
        await self._close()
        scheduler.shutdown(wait=False)

    async def run_once(self) -> list[str]:
        """One pass over every inbox, then everything that is due is sent. Return what went wrong, a sentence each."""
        await self._open()
        self._start_inboxes(once=True)
        self._warn_about_trust()
        for watcher in self._watchers.values():
            await asyncio.to_thread(watcher.join)
        await self._do_chores()
        await send_digest_if_due(self._database, self._snapshot, self._key, datetime.now(UTC))
        for sender in self._senders.values():
            sender.wake()
        failures = [watcher.failure for watcher in self._watchers.values()]
        for sender in self._senders.values():
            await sender.stop_when_empty()
            failures.append(sender.failure)
        await self._look_at_health()
        await self._close()
        return [failure for failure in failures if failure]

    def stop(self) -> None:
        """Ask the daemon to end; it takes at most five seconds."""
        self._stop.set()

    def wake(self) -> None:
        """Look into the outbox now: something beside the daemon put a mail there. Call it on the daemon's loop."""
        self._wake_senders()

    @property
    def _mode(self) -> str:
        return self._snapshot.desk.desk.mode

    @property
    def _key(self) -> bytes:
        assert self._desktop is not None  # noqa: S101 - set by _open before anything else runs
        return self._desktop.key

    async def _open(self) -> None:
        self._reader.start()
        key = load_key(self._snapshot.data / "key")
        await asyncio.to_thread(self._database.start)
        self._desktop = Desktop(
            snapshot=lambda: self._snapshot,
            key=key,
            database=self._database,
            reader=self._reader,
            stopping=self._threads_stop,
            decided=self._wake_senders_soon,
            alerted=lambda: self._call_soon(self._page),
        )
        now = datetime.now(UTC)
        self._watchdog = Watchdog(
            Surroundings(lambda: self._snapshot, lambda: self._watchers, self._wake_senders, self._take_new_time),
            self._database,
            key,
            now,
        )
        for inbox in self._snapshot.desk.inbox:
            await self._ask(partial(_start_inbox, inbox=inbox.id, now=now))
        await self._ask(lambda store: store.health.works("files", now))
        await self._replan(now)
        await self._recover()
        await self._move_promises()

    async def _move_promises(self) -> None:
        """Days away that are new in the files move what was promised for them."""
        now, snapshot = datetime.now(UTC), self._snapshot
        try:
            moved = await self._ask(lambda store: move_promises(store, snapshot, self._key, now))
        except StoreError as error:
            log.warning("database problem=%r", str(error))
            return
        if moved:
            log.info("absence moved the dates of %d tickets", len(moved))
            self._wake_senders()

    async def _recover(self) -> None:
        """Mails that were under way when the connections ended are found again."""
        now = datetime.now(UTC)
        again, ambiguous = await self._ask(lambda store: store.outbox.recover(now))
        if again or ambiguous:
            log.warning(
                "after an unclean stop: %d mails go back to the queue, %d may have been sent",
                again,
                ambiguous,
            )

    async def _ask(self, job: Callable[[Store], Result]) -> Result:
        return await asyncio.wrap_future(self._database.submit(job))

    def _wake_senders_soon(self) -> None:
        """From any thread; a second call before the first one took effect costs nothing."""
        if not self._waking:
            self._waking = True
            self._call_soon(self._wake_senders)

    def _call_soon(self, function: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may have ended while a thread finishes its mail
            self._loop.call_soon_threadsafe(function)

    def _wake_senders(self) -> None:
        self._waking = False
        for sender in self._senders.values():
            sender.wake()

    def _start_inboxes(self, *, once: bool) -> None:
        assert self._desktop is not None  # noqa: S101 - set by _open before anything else runs
        for inbox in self._snapshot.desk.inbox:
            sender = Sender(inbox, self._snapshot, self._database, self._snapshot.desk.outbox.connections)
            sender.start()
            self._senders[inbox.id] = sender
            watcher = Watcher(inbox, self._desktop, once=once, rhythm=self._rhythm())
            watcher.start()
            self._watchers[inbox.id] = watcher

    def _rhythm(self) -> Rhythm:
        """Every inbox is looked into well before it counts as silent."""
        usual, most = Rhythm(), self._snapshot.desk.health.silence.total_seconds() / 2
        return replace(usual, idle=min(usual.idle, most), poll=min(usual.poll, most))

    async def _end_inboxes(self) -> None:
        for watcher in self._watchers.values():
            watcher.retire()
        end = self._loop.time() + STOP_SECONDS
        await asyncio.gather(*(sender.stop(STOP_SECONDS / 2) for sender in self._senders.values()))
        for watcher in self._watchers.values():
            await asyncio.to_thread(watcher.join, max(0.0, end - self._loop.time()))
            if watcher.is_alive():
                watcher.disconnect()  # a server that does not answer must not hold the daemon up
        self._watchers.clear()
        self._senders.clear()

    async def _close(self) -> None:
        self._threads_stop.set()
        await self._end_inboxes()
        await asyncio.to_thread(self._database.stop)
        # In the middle of a slow mail the reader cannot be closed; it ends by itself when this process does.
        closing = threading.Thread(target=self._reader.close, name="closing", daemon=True)
        closing.start()
        await asyncio.to_thread(closing.join, 0.5)

    def _schedule(self) -> AsyncIOScheduler:
        """Timed work. Nothing is remembered in memory: each job asks the database whether it is due."""
        zone = self._snapshot.book.calendar.zone
        scheduler = AsyncIOScheduler(
            timezone=zone, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        scheduler.add_job(self._look_at_files, IntervalTrigger(seconds=RELOAD_SECONDS, timezone=zone), id="files")
        every_minute = CronTrigger(second=0, timezone=zone)
        scheduler.add_job(self._do_chores, every_minute, id="chores", next_run_time=datetime.now(zone))
        scheduler.add_job(self._send_digest, every_minute, id="digest", next_run_time=datetime.now(zone))
        scheduler.add_listener(_log_job_error, EVENT_JOB_ERROR)
        scheduler.start()
        return scheduler

    async def _send_digest(self) -> None:
        if await send_digest_if_due(self._database, self._snapshot, self._key, datetime.now(UTC)):
            self._wake_senders()

    async def _do_chores(self) -> None:
        await do_due_chores(self._database, self._snapshot, self._key, datetime.now(UTC))
        give_back()  # what a batch of mails or a backup needed would stay taken for good

    async def _watch(self) -> None:
        """Look after the desk's health until the daemon ends. Not one of the scheduler's jobs: those wait for a time of
        day, which lies two days ahead when the clock was set back by two days."""
        while not self._stop.is_set():
            await asyncio.sleep(watch_interval(self._snapshot))
            await self._look_at_health()

    async def _look_at_health(self) -> None:
        try:
            if self._watchdog is not None:
                await self._watchdog.look(datetime.now(UTC))
        except Exception:
            log.exception("watch")

    def _take_new_time(self) -> None:
        """The clock was set: what waits for a time of day looks at it anew."""
        if self._scheduler is not None:
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(self._snapshot.calendar.zone))

    def _page(self) -> None:
        """An alert leaves at once, also when the client gets no answer."""
        self._wake_senders()
        if self._watchdog is not None:
            self._in_background(self._watchdog.page(datetime.now(UTC)), "alerts could not be told")

    async def _look_at_files(self) -> None:
        seen = await asyncio.to_thread(fingerprint, self._config, self._snapshot)
        if seen != self._seen:
            self._seen = seen
            await self._reload_files()

    def _reload(self) -> None:
        self._in_background(self._reload_files(), "the files could not be reloaded")

    def _in_background(self, work: Coroutine[Any, Any, None], failed: str) -> None:
        """Given work nobody waits for and what to say when it fails, begin it."""

        def look(task: "asyncio.Task[None]") -> None:
            self._tasks.discard(task)
            if not task.cancelled() and task.exception() is not None:
                log.error("%s: %s", failed, task.exception())

        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(look)

    async def _reload_files(self) -> None:
        """Take the files as they are now; when they are bad, keep the last good set and say so.

        Whoever mends a password reloads: all pauses after trouble end.
        """
        async with self._reloading:
            await self._take_files()
        for watcher in self._watchers.values():
            watcher.hurry()
        for sender in self._senders.values():
            sender.hurry()

    async def _take_files(self) -> None:
        now = datetime.now(UTC)
        self._seen = await asyncio.to_thread(fingerprint, self._config, self._snapshot)
        loaded = await asyncio.to_thread(check_desk_files, self._config, now)
        if loaded.snapshot is None:
            first = loaded.errors[0]
            more = f" (and {len(loaded.errors) - 1} more; run `triagebot check`)" if len(loaded.errors) > 1 else ""
            problem = f"the files were changed and are not used: {first}{more}"
            await self._note(lambda store: store.health.fails("files", problem, now))
            log.warning("files problem=%r", problem)
            return
        before, self._snapshot = self._snapshot.desk, loaded.snapshot
        await self._note(lambda store: store.health.works("files", now))
        await self._replan(now)
        log.info("files reloaded rules=%d mode=%s", len(loaded.snapshot.book.rules.rules), self._mode)
        await self._move_promises()
        after = loaded.snapshot.desk
        if _connections(before) != _connections(after):
            await self._end_inboxes()
            await self._recover()
            for inbox in loaded.snapshot.desk.inbox:
                await self._ask(partial(_start_inbox, inbox=inbox.id, now=now))
            self._start_inboxes(once=False)

    async def _replan(self, now: datetime) -> None:
        """The files may say other hours, absences or clients than before."""
        snapshot = self._snapshot

        def make(store: Store) -> None:
            replan(store, snapshot, now)

        await self._note(make)

    async def _note(self, job: Callable[[Store], None]) -> None:
        try:
            await self._ask(job)
        except StoreError as error:
            log.warning("database problem=%r", str(error))

    def _warn_about_trust(self) -> None:
        if self._snapshot.desk.desk.answer_weak:
            log.warning("answer_weak is on: senders proven by SPF or a forwarder's seal alone are answered too")
        for inbox in self._snapshot.desk.inbox:
            if not inbox.authserv_ids:
                log.warning(
                    "inbox=%s authserv_ids is empty: nobody is answered; run `triagebot check --online`",
                    inbox.id,
                )


async def run_daemon(config: Path, snapshot: Snapshot, *, once: bool) -> list[str]:
    """Given a checked desk, run it. Return what went wrong (only with `once`).

    Raise DeskBusy when another daemon holds the desk, StoreError when the database cannot be opened.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    sys.setswitchinterval(SWITCH_SECONDS)
    with DeskLock(snapshot.data / "lock"):
        daemon = Daemon(config, snapshot)
        if once:
            return await daemon.run_once()
        await daemon.run()
        return []


def _connections(desk: Desk) -> tuple[object, ...]:
    """What a connection is made with: when it changes, all are made anew."""
    return desk.inbox, desk.oauth, desk.outbox, desk.health.silence


def _start_inbox(store: Store, inbox: str, now: datetime) -> None:
    store.mails.start_inbox(inbox, now)


def _log_job_error(event: JobExecutionEvent) -> None:
    log.error("job=%s failed: %s", event.job_id, event.exception)
