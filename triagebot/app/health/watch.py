"""The watchdog: looks at the evidence now and then, and tells the developer what lasts, by a way that is not broken."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from triagebot.app.access.tokens import describe_signins
from triagebot.app.database import Database
from triagebot.app.desk.view import DeskView
from triagebot.app.health.apart import run_apart
from triagebot.app.health.canary import send_due_canaries
from triagebot.app.health.evidence import gather_evidence, judge
from triagebot.app.health.notices import Notice, begin_notice, end_notice, on_one_line
from triagebot.app.health.pulse import Pulse
from triagebot.app.health.routes import Routes, put_into_outbox, ways_of
from triagebot.core.errors import StoreError
from triagebot.core.outgoing.compose import plain_text
from triagebot.core.watch import Alarm, Evidence, Problem, Review, measure_jump, review, say_span
from triagebot.edge.store import Store

log = logging.getLogger(__name__)
Result = TypeVar("Result")

LONGEST_INTERVAL = 10.0
DATABASE_SECONDS = 60.0
"""How long the database may take for an answer before it counts as hanging."""
DATABASE = "database"
_PAGED_SINCE = timedelta(hours=1)
_LONGEST_SUBJECT = 200


class WatchedThread(Protocol):
    """A thread that watches an inbox, as the watchdog sees it."""

    def hangs(self, seconds: float) -> bool:
        """Whether it gave no sign of life for so long."""

    def disconnect(self) -> None:
        """Make it connect anew."""


def watch_interval(view: DeskView) -> float:
    """Given the desk, return how many seconds lie between two looks of the watchdog."""
    return max(0.25, min(LONGEST_INTERVAL, view.desk.health.alert_after.total_seconds() / 4))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the daemon lends its watchdog: the desk as it is now, the inboxes' threads, what wakes the senders, what is
    to be done when the clock was set, and seconds that pass whatever the clock says."""

    view: Callable[[], DeskView]
    threads: Callable[[], Mapping[str, WatchedThread]]
    wake: Callable[[], None] = lambda: None
    take_new_time: Callable[[], None] = lambda: None
    passed: Callable[[], float] = time.monotonic


class Watchdog:
    """Looks when `look` is called. Whom it told stands in the database, so that a restart tells nothing twice; while
    that cannot be written, in memory."""

    def __init__(
        self,
        surroundings: Surroundings,
        database: Database,
        key: bytes,
        started: datetime,
    ) -> None:
        """Given its surroundings, the database, the desk's key and now, begin to watch."""
        self._view = surroundings.view
        self._threads = surroundings.threads
        self._wake = surroundings.wake
        self._take_new_time = surroundings.take_new_time
        self._passed = surroundings.passed
        self._database = database
        self._key = key
        self._routes = Routes()
        self._pulse = Pulse(started)
        self._alarms: tuple[Alarm, ...] = ()
        self._loaded = self._unwritten = False
        self._clock = started, self._passed()
        self._turned_back = False
        self._paging: set[int] = set()
        self._paged: dict[int, set[str]] = {}

    async def look(self, now: datetime) -> None:
        """Given now, do everything that is due: the clock, hanging threads, alerts, canaries, the heartbeat."""
        self._end_hangs()
        error = ""
        try:
            await self._look_at_clock(now)
            await self._look_at_evidence(now)
            await self.page(now)
            if await self._ask(lambda store: send_due_canaries(store, self._view(), self._key, now)):
                self._wake()
        except StoreError as failure:
            error = str(failure)
        await self._look_at_database(error, now)

    def _end_hangs(self) -> None:
        seconds = self._view().desk.health.silence.total_seconds()
        for name, thread in self._threads().items():
            if thread.hangs(seconds):
                log.warning("inbox=%s gave no sign of life for %d s and is connected anew", name, seconds)
                thread.disconnect()

    async def _look_at_clock(self, now: datetime) -> None:
        """Mails that wait are told the new time when the clock was set back; status speaks of it for a day."""
        if not self._turned_back:
            if moved := await self._ask(lambda store: store.health.turn_back_if_ahead(now)):
                log.warning("clock: %d mails were made in what is the future now; they leave at once", moved)
                self._wake()
            self._turned_back = True
        before, self._clock = self._clock, (now, self._passed())
        jumped = measure_jump(now - before[0], timedelta(seconds=self._clock[1] - before[1]))
        if jumped is None:
            return
        way = "forward" if jumped > timedelta(0) else "back"
        size = timedelta(minutes=round(abs(jumped) / timedelta(minutes=1)))
        sentence = f"the clock was set {way} by {say_span(size).removesuffix(' ago')}"
        log.warning("clock: %s", sentence)
        self._pulse.begin_anew(now)
        self._take_new_time()
        self._turned_back = jumped > timedelta(0)  # should the next lines fail, the next look makes up for it
        if jumped < timedelta(0):
            await self._ask(lambda store: store.health.turn_back(jumped, now))
        self._turned_back = True
        await self._ask(lambda store: store.health.note_jump(sentence, now))
        self._wake()

    async def _look_at_evidence(self, now: datetime) -> None:
        view = self._view()
        signins = await run_apart(partial(describe_signins, view, now))
        evidence: Evidence = await self._ask(
            lambda store: gather_evidence(store, view, now, running=True, signins=signins)
        )
        if not self._loaded:
            seen = {alarm.id: alarm for alarm in self._alarms}
            self._alarms = tuple(({one.id: one for one in await self._ask(_alarms)} | seen).values())
            self._loaded = True
        problems = judge(evidence, view, now)
        await self._review(problems, [alarm for alarm in self._alarms if alarm.id != DATABASE], now)
        await self._pulse.beat(evidence, problems, view, now)

    async def _look_at_database(self, error: str, now: datetime) -> None:
        """Whether it can be used is known only at the end of a look."""
        problems = [Problem(DATABASE, f"the database: {error}", "halt", sending=True)] if error else []
        await self._review(problems, [alarm for alarm in self._alarms if alarm.id == DATABASE], now)
        if self._unwritten and self._loaded and not error:
            alarms = self._alarms
            try:
                await self._ask(lambda store: store.alarms.keep(alarms))
            except StoreError as failure:
                log.warning("watch problem=%r", str(failure))
            else:
                self._unwritten = False

    async def _review(self, problems: Sequence[Problem], known: Sequence[Alarm], now: datetime) -> None:
        """Judge some of the alarms, tell what is due, and keep the others as they are."""
        found = review(problems, known, now, self._view().desk.health.alert_after)
        if not known and not found.alarms:
            return
        kept = await self._tell(found, now)
        others = [alarm for alarm in self._alarms if alarm not in known]
        alarms = tuple(sorted((*others, *kept), key=lambda alarm: alarm.id))
        self._unwritten = self._unwritten or alarms != self._alarms
        self._alarms = alarms

    async def _tell(self, found: Review, now: datetime) -> list[Alarm]:
        """Tell what is to be told, and return the alarms as they are to be kept: what no way took is told again."""
        name = self._view().desk.desk.name
        alarms = {alarm.id: alarm for alarm in found.alarms}
        if found.tell and await self._announce(begin_notice(found.tell, name), found.tell, now):
            alarms |= {alarm.id: replace(alarm, told_at=now) for alarm in found.tell}
        if found.over and await self._announce(end_notice(found.over, name), found.over, now):
            for alarm in found.over:
                alarms.pop(alarm.id)
        return list(alarms.values())

    async def _announce(self, notice: Notice, alarms: Sequence[Alarm], now: datetime) -> bool:
        """Tell by every way there is. The desk's own outbox is the last one, and never for what concerns sending."""
        view = self._view()
        ways = await self._routes.tell(notice, view, self._key, now)
        if not ways and (view.desk.alert.command or view.desk.alert.smtp):
            return False
        if not ways and view.desk.inbox and not any(alarm.sending for alarm in alarms):
            await self._ask(lambda store: put_into_outbox(store, notice, view, self._key, now))
            self._wake()
            ways = ("outbox",)
        kind = notice.subject.partition(" ")[0].strip("[]")
        log.warning(
            "watch=%s about=%r told=%s", kind, ", ".join(alarm.id for alarm in alarms), "+".join(ways) or "nobody"
        )
        return True

    async def page(self, now: datetime) -> None:
        """Given now, tell alerts of the outbox, such as emergencies, by all other ways as well, by each once. What a
        way does not take, the next look tries again; no alert waits for another."""
        if not ways_of(self._view()):
            return
        alerts = await self._ask(lambda store: store.alarms.unpaged(now - _PAGED_SINCE, now))
        fresh = [alert for alert in alerts if alert[0] not in self._paging]
        self._paging |= {row for row, _, _ in fresh}
        try:
            await asyncio.gather(*(self._page(row, subject, raw, now) for row, subject, raw in fresh))
        finally:
            self._paging -= {row for row, _, _ in fresh}

    async def _page(self, row: int, subject: str, raw: bytes, now: datetime) -> None:
        view, told = self._view(), self._paged.setdefault(row, set())
        notice = Notice(f"page {row}", on_one_line(subject, _LONGEST_SUBJECT), plain_text(raw))
        told |= set(await self._routes.tell(notice, view, self._key, now, told))
        if told >= set(ways_of(view)):
            await self._ask(partial(_set_paged, row=row, now=now))
            self._paged.pop(row, None)

    async def _ask(self, job: Callable[[Store], Result]) -> Result:
        """Ask the database. Raise StoreError when it does not answer; the job itself is never taken back."""
        answer = asyncio.wrap_future(self._database.note(job))
        done, _ = await asyncio.wait([answer], timeout=DATABASE_SECONDS)
        if not done:
            answer.add_done_callback(lambda late: late.exception())
            raise StoreError(f"it has not answered for {DATABASE_SECONDS:g} s")
        return answer.result()


def _alarms(store: Store) -> list[Alarm]:
    return store.alarms.all()


def _set_paged(store: Store, row: int, now: datetime) -> None:
    store.alarms.set_paged(row, now)
