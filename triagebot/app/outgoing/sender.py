"""Sending what the outbox holds: a few connections per inbox, each mail step by step."""

import asyncio
import logging
import random
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from triagebot.app.access.connection import make_submission
from triagebot.app.database import Database
from triagebot.app.desk.view import DeskView
from triagebot.app.outgoing.patience import REFUSED_PAUSE, SHORTEST_PAUSE, Patience
from triagebot.app.outgoing.rows import (
    REFUSALS,
    claim_due,
    give_back,
    record_plain_sender,
    record_refused,
    record_sent,
    stop_queue,
    tell_stopped,
)
from triagebot.core.desk import Inbox
from triagebot.core.errors import LoginRefused, SecretError, StoreError, TriagebotError
from triagebot.core.outgoing.delivery import OutboxState, Outcome, is_about_sender, is_policy
from triagebot.core.outgoing.identity import plain_address
from triagebot.core.outgoing.retry import next_attempt
from triagebot.edge.fault import crash_at
from triagebot.edge.smtp import Submission
from triagebot.edge.store import Store
from triagebot.edge.store.outgoing.outbox import Due

log = logging.getLogger(__name__)
Result = TypeVar("Result")

LONGEST_REST = 5.0
"""Seconds after which the outbox is looked into again: commands queue mails beside the daemon."""
LAST_MAILS = 60.0


class Sender:
    """The outgoing mails of one inbox. A pause after trouble with the server holds for all its connections."""

    def __init__(self, inbox: Inbox, view: DeskView, database: Database, connections: int) -> None:
        self._inbox = inbox
        self._part = f"send {inbox.id}"
        self._view = view
        self._database = database
        self._connections = connections
        self._patience = Patience()
        self._refusals = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._unwritten: list[Callable[[Store], None]] = []
        self.failure = ""

    def start(self) -> None:
        """Start the connections' loops; nothing is dialled before there is a mail."""
        names = range(self._connections)
        self._tasks = [asyncio.create_task(self._run(), name=f"send {self._inbox.id} {n}") for n in names]

    def wake(self) -> None:
        """Look into the outbox now."""
        self._patience.wake()

    def hurry(self) -> None:
        """End a pause now, and make the next one short: what was wrong may have been mended."""
        self._patience.hurry()

    async def stop(self, seconds: float) -> None:
        """Finish the mail each connection is at, within so many seconds, and say goodbye."""
        self._patience.stop()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop_when_empty(self) -> None:
        """Send everything that is due now, or until the server cannot be used; then stop."""
        while not self.failure and await self._ask(lambda store: store.outbox.is_due(self._inbox.id, _now())):
            self._patience.wake()
            await asyncio.sleep(0.02)
        await self.stop(seconds=LAST_MAILS)

    async def _run(self) -> None:
        submission: Submission | None = None
        while not self._patience.stopping:
            self._patience.sleep_again()
            try:
                submission = submission or make_submission(self._inbox.smtp, self._view)
                if await self._patience.rested() and await self._send_some(submission):
                    continue
            except StoreError as error:
                await self._trouble(str(error), SHORTEST_PAUSE)
            except TriagebotError as error:
                refused = isinstance(error, LoginRefused | SecretError)
                await self._trouble(str(error), REFUSED_PAUSE, refused=refused)
            except Exception as error:
                log.exception("send=%s", self._inbox.id)
                await self._trouble(f"sending failed: {error}", REFUSED_PAUSE)
            await self._rest()
        if submission is not None:
            await submission.quit()

    async def _rest(self) -> None:
        """Through the pause after trouble, or else until woken or until the next mail is due."""
        if not await self._patience.rested():
            return
        try:
            due = await self._ask(lambda store: store.outbox.next_due(self._inbox.id))
        except StoreError as error:
            await self._trouble(str(error), SHORTEST_PAUSE)
            return
        seconds = (due - _now()).total_seconds() if due else LONGEST_REST
        await self._patience.wait(min(max(seconds, 0.05), LONGEST_REST))

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
                if self._patience.stopping:
                    raise
                await self._trouble(str(error), SHORTEST_PAUSE)
                await self._patience.rested()

    async def _send_some(self, submission: Submission) -> bool:
        """Send a few due mails. Return whether there may be more."""
        while self._unwritten:
            await self._record(self._unwritten.pop(0))
        now = _now()
        due = await self._ask(lambda store: claim_due(store, self._inbox.id, now))
        if due is None:
            await self._trouble(tell_stopped(self._inbox.id), REFUSED_PAUSE, refused=True)
            return False
        if due:
            crash_at("F4")
        for position, mail in enumerate(due):
            if self._patience.stopping:
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
        return bool(due) and not self._patience.stopping

    async def _send_one(self, submission: Submission, mail: Due) -> Outcome:
        async def before_end() -> None:
            await self._ask(lambda store: store.outbox.begin_transfer(mail.id))

        outcome = await submission.send(mail.mail_from, mail.recipient, mail.raw, before_end)
        plain = plain_address(mail.mail_from)
        if plain == mail.mail_from or not is_about_sender(outcome):
            return outcome
        log.info("send=%s code=%d the server wants the plain envelope sender", self._inbox.id, outcome.code)
        again = await submission.send(plain, mail.recipient, mail.raw, before_end)
        if again.kind != "permanent":
            await self._record(lambda store: record_plain_sender(store, mail.id, plain, self._inbox.id))
        return again

    async def _settle(self, mail: Due, outcome: Outcome) -> bool:
        """Record how a mail ended. Return False when the server itself is the trouble and the queue must wait."""
        now = _now()
        said = f"{outcome.code} {outcome.text}".strip()
        level = logging.DEBUG if outcome.kind == "sent" else logging.INFO
        log.log(level, "outbox=%d class=%s outcome=%s code=%d", mail.id, mail.outgoing, outcome.kind, outcome.code)
        if outcome.kind == "sent":
            crash_at("F9")
            self._note(lambda store: record_sent(store, mail.id, self._part, said, now))
            if self.failure:
                log.info("send=%s works again", self._inbox.id)
            self._patience.forget()
            self.failure, self._refusals = "", 0
            return True
        if outcome.kind == "permanent":
            await self._record(lambda store: record_refused(store, mail.id, outcome, now))
            return not await self._is_unwanted(outcome)
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
        problem = f"SMTP {self._inbox.smtp.host}:{self._inbox.smtp.port}: {said}"
        pause = self._patience.longer_pause(REFUSED_PAUSE if outcome.kind == "stop" else SHORTEST_PAUSE)
        await self._trouble(problem, pause, refused=outcome.kind == "stop")
        await self._give_back([mail], said)
        return False

    async def _is_unwanted(self, outcome: Outcome) -> bool:
        """Count refusals of us rather than of a mail; after a few in a row the queue stands still for a person."""
        self._refusals = self._refusals + 1 if is_policy(outcome) else 0
        if self._refusals < REFUSALS:
            return False
        self._refusals = 0
        await self._record(lambda store: stop_queue(store, self._inbox.id, _now()))
        return True

    async def _finish(self, row: int, state: OutboxState, said: str) -> None:
        now = _now()
        await self._record(lambda store: store.outbox.finish(row, state, said, now))

    async def _give_back(self, mails: list[Due], why: str) -> None:
        """Mails that were not tried for a reason outside them lose no attempt; the pause is this sender's."""
        for mail in mails:
            await self._record(partial(give_back, row=mail.id, why=why, now=_now()))

    async def _trouble(self, problem: str, pause: float, *, refused: bool = False) -> None:
        self._patience.begin_pause(pause)
        if problem != self.failure:
            log.warning("send=%s problem=%r", self._inbox.id, problem)
        self.failure = problem
        try:
            await self._ask(lambda store: store.health.fails(self._part, problem, _now(), refused=refused))
        except StoreError as error:
            if str(error) != problem:
                log.warning("send=%s problem=%r", self._inbox.id, str(error))


def _now() -> datetime:
    return datetime.now(UTC)
