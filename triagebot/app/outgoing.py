"""Sending what the outbox holds: a few connections per inbox, each mail step by step."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from triagebot.app.database import Database
from triagebot.core.delivery import OutboxState, Outcome
from triagebot.core.desk import Inbox
from triagebot.core.errors import StoreError, TriagebotError
from triagebot.core.retry import next_attempt
from triagebot.edge.secrets import read_secret
from triagebot.edge.smtp import Submission
from triagebot.edge.store import Store
from triagebot.edge.store.outbox import Due
from triagebot.edge.tls import make_context

log = logging.getLogger(__name__)
Result = TypeVar("Result")

CLAIM = 8
LEASE = timedelta(minutes=15)
LONGEST_REST = 60.0
SHORTEST_PAUSE = 2.0
LONGEST_PAUSE = 300.0
REFUSED_PAUSE = 60.0


class Sender:
    """The outgoing mails of one inbox. A pause after trouble with the server holds for all its connections."""

    def __init__(self, inbox: Inbox, directory: Path, database: Database, connections: int) -> None:
        self._inbox = inbox
        self._directory = directory
        self._database = database
        self._connections = connections
        self._wake = asyncio.Event()
        self._stopping = False
        self._pause = 0.0
        self._not_before = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self._unwritten: list[Callable[[Store], None]] = []
        self.failure = ""

    @property
    def _part(self) -> str:
        return f"send {self._inbox.id}"

    def start(self) -> None:
        """Start the connections' loops; nothing is dialled before there is a mail."""
        names = range(self._connections)
        self._tasks = [asyncio.create_task(self._run(), name=f"send {self._inbox.id} {n}") for n in names]

    def wake(self) -> None:
        """Look into the outbox now."""
        self._wake.set()

    def hurry(self) -> None:
        """End a pause now, and make the next one short: what was wrong may have been mended."""
        self._pause, self._not_before = 0.0, 0.0
        self._wake.set()

    async def stop(self, seconds: float) -> None:
        """Finish the mail each connection is at, within so many seconds, and say goodbye."""
        self._stopping = True
        self._wake.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop_when_empty(self) -> None:
        """Send everything that is due now, or until the server cannot be used; then stop."""
        while not self.failure and await self._ask(lambda store: store.outbox.is_due(self._inbox.id, _now())):
            self._wake.set()
            await asyncio.sleep(0.02)
        await self.stop(seconds=LONGEST_REST)

    def _submission(self) -> Submission:
        smtp = self._inbox.smtp
        context = make_context(smtp.ca, self._directory) if smtp.security != "none" else None
        return Submission(smtp, lambda: read_secret(smtp.password, self._directory), context)

    async def _run(self) -> None:
        submission: Submission | None = None
        while not self._stopping:
            self._wake.clear()
            try:
                submission = submission or self._submission()
                if await self._rested() and await self._send_some(submission):
                    continue
            except StoreError as error:
                await self._trouble(str(error), SHORTEST_PAUSE)
            except TriagebotError as error:
                await self._trouble(str(error), REFUSED_PAUSE)
            except Exception as error:
                log.exception("send=%s", self._inbox.id)
                await self._trouble(f"sending failed: {error}", REFUSED_PAUSE)
            await self._rest()
        if submission is not None:
            await submission.quit()

    async def _rest(self) -> None:
        """Through the pause after trouble, or else until woken or until the next mail is due."""
        if not await self._rested():
            return
        try:
            due = await self._ask(lambda store: store.outbox.next_due(self._inbox.id))
        except StoreError as error:
            await self._trouble(str(error), SHORTEST_PAUSE)
            return
        seconds = (due - _now()).total_seconds() if due else LONGEST_REST
        await self._wait(min(max(seconds, 0.05), LONGEST_REST))

    async def _rested(self) -> bool:
        """Wait until the pause after trouble is over. Return whether there was none."""
        now = asyncio.get_running_loop().time
        began = now()
        while not self._stopping and (seconds := self._not_before - now()) > 0:
            self._wake.clear()
            await self._wait(seconds)
        return not self._stopping and self._not_before <= began

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    async def _ask(self, job: Callable[[Store], Result]) -> Result:
        return await asyncio.wrap_future(self._database.submit(job, urgent=True))

    def _note(self, job: Callable[[Store], None]) -> None:
        """Have something written down without waiting for it; until then the row says "maybe sent"."""

        def look(done: Future[None]) -> None:
            if done.exception() is not None:
                self._unwritten.append(job)

        self._database.note(job).add_done_callback(look)

    async def _record(self, job: Callable[[Store], None]) -> None:
        """Write down what became of a mail, however long the database takes: until then no other is claimed.

        Raise StoreError only when the daemon stops meanwhile; the next start then finds the mail as it was.
        """
        while True:
            try:
                return await self._ask(job)
            except StoreError as error:
                if self._stopping:
                    raise
                await self._trouble(str(error), SHORTEST_PAUSE)
                await self._rested()

    async def _send_some(self, submission: Submission) -> bool:
        """Send a few due mails. Return whether there may be more."""
        while self._unwritten:
            await self._record(self._unwritten.pop(0))
        now = _now()
        due = await self._ask(lambda store: store.outbox.claim(self._inbox.id, CLAIM, now, now + LEASE))
        for position, mail in enumerate(due):
            if self._stopping:
                await self._give_back(due[position:], "the daemon stopped")
                break
            try:
                outcome = await self._send_one(submission, mail)
            except TriagebotError as error:
                await self._give_back(due[position:], str(error))
                raise
            if not await self._settle(mail, outcome):
                await self._give_back(due[position + 1 :], outcome.text)
                break
        return bool(due) and not self._stopping

    async def _send_one(self, submission: Submission, mail: Due) -> Outcome:
        async def before_end() -> None:
            await self._ask(lambda store: store.outbox.begin_transfer(mail.id))

        return await submission.send(mail.mail_from, mail.recipient, mail.raw, before_end)

    async def _settle(self, mail: Due, outcome: Outcome) -> bool:
        """Record how a mail ended. Return False when the server itself is the trouble and the queue must wait."""
        now = _now()
        said = f"{outcome.code} {outcome.text}".strip()
        level = logging.DEBUG if outcome.kind == "sent" else logging.INFO
        log.log(level, "outbox=%d class=%s outcome=%s code=%d", mail.id, mail.outgoing, outcome.kind, outcome.code)
        if outcome.kind == "sent":
            self._note(lambda store: self._record_sent(store, mail.id, said, now))
            if self.failure:
                log.info("send=%s works again", self._inbox.id)
            self._pause, self._not_before, self.failure = 0.0, 0.0, ""
            return True
        if outcome.kind == "permanent":
            await self._finish(mail.id, "failed", said)
            return True
        if outcome.kind == "unknown":
            await self._finish(mail.id, "ambiguous", f"maybe sent: {said}")
            return True
        if outcome.kind == "temporary" and outcome.code not in (0, 421):
            again = next_attempt(mail.attempts, now, random.random())
            if again >= mail.expires_at:
                await self._finish(mail.id, "failed", f"gave up after {mail.attempts} attempts: {said}")
            else:
                await self._record(lambda store: store.outbox.postpone(mail.id, said, again))
            return True
        await self._trouble(f"SMTP {self._inbox.smtp.host}:{self._inbox.smtp.port}: {said}", self._next_pause(outcome))
        if now >= mail.expires_at:
            await self._finish(mail.id, "failed", f"gave up: {said}")
        else:
            await self._give_back([mail], said)
        return False

    def _next_pause(self, outcome: Outcome) -> float:
        shortest = REFUSED_PAUSE if outcome.kind == "stop" else SHORTEST_PAUSE
        return max(shortest, min(self._pause * 2, LONGEST_PAUSE))

    async def _finish(self, row: int, state: OutboxState, said: str) -> None:
        now = _now()
        await self._record(lambda store: store.outbox.finish(row, state, said, now))

    async def _give_back(self, mails: list[Due], why: str) -> None:
        """Mails that were not tried for a reason outside them lose no attempt; the pause is this sender's."""
        for mail in mails:
            await self._record(partial(_postpone, row=mail.id, why=why))

    async def _trouble(self, problem: str, pause: float) -> None:
        self._pause = pause
        self._not_before = asyncio.get_running_loop().time() + pause
        if problem != self.failure:
            log.warning("send=%s problem=%r", self._inbox.id, problem)
        self.failure = problem
        try:
            await self._ask(lambda store: store.health.fails(self._part, problem, _now()))
        except StoreError as error:
            if str(error) != problem:
                log.warning("send=%s problem=%r", self._inbox.id, str(error))

    def _record_sent(self, store: Store, row: int, said: str, now: datetime) -> None:
        store.outbox.finish(row, "sent", said, now)
        store.health.works(self._part, now)


def _postpone(store: Store, row: int, why: str) -> None:
    store.outbox.postpone(row, why, _now(), counted=False)


def _now() -> datetime:
    return datetime.now(UTC)
