"""The reading line: fetched mails are read and handed over to be decided while the next batch is fetched."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from triagebot.app.arrived import Arrived
from triagebot.app.commands.receive import ANSWER
from triagebot.app.database import Database
from triagebot.app.decide import decide_mail
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.intake.arrival import Trust, read_raw
from triagebot.app.intake.folder import park
from triagebot.app.intake.reader import Reader
from triagebot.core.decision import Decision
from triagebot.core.desk import Inbox
from triagebot.core.errors import ServerError, TriagebotError
from triagebot.core.folder import UNDATED
from triagebot.edge.fault import crash_at
from triagebot.edge.store import Store
from triagebot.edge.store.received.mails import FolderState, Pending

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desktop:
    """What the threads of a daemon share. `snapshot` returns the files as they are now."""

    snapshot: Callable[[], Snapshot]
    key: bytes
    database: Database
    reader: Reader
    stopping: threading.Event
    decided: Callable[[], None]
    alerted: Callable[[], None] = lambda: None


class ReadingLine(threading.Thread):
    """Reads fetched mails while the next batch is being fetched, and hands them over to be decided."""

    def __init__(self, inbox: Inbox, desktop: Desktop) -> None:
        super().__init__(name=f"reading {inbox.id}", daemon=True)
        self._inbox = inbox
        self._desktop = desktop
        self._batches: queue.Queue[tuple[list[tuple[Pending, bytes]], FolderState] | None] = queue.Queue(2)
        self._failure: TriagebotError | None = None

    def put(self, batch: list[tuple[Pending, bytes]], state: FolderState) -> None:
        """Given fetched mails, queue them; waits while two batches are ahead. Raise what went wrong before."""
        self._raise_failure()
        self._batches.put((batch, state))

    def finish(self) -> None:
        """Wait until everything put is decided and committed. Raise what went wrong."""
        self._batches.join()
        self._raise_failure()

    def settle(self) -> None:
        """Wait until nothing is under way and forget what went wrong: the mails in question are begun anew."""
        self._batches.join()
        self._failure = None

    def stop(self) -> None:
        """End the thread after what is queued."""
        self._batches.put(None)
        self.join(timeout=5)

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def run(self) -> None:
        """Batch after batch, until None."""
        while (entry := self._batches.get()) is not None:
            try:
                if self._failure is None and not self._desktop.stopping.is_set():
                    self._read_batch(*entry)
            except TriagebotError as error:
                self._failure = error
            except Exception as error:
                log.exception("inbox=%s batch of %d mails", self._inbox.id, len(entry[0]))
                self._failure = ServerError(f"a batch of mails could not be worked on: {error}")
            finally:
                self._batches.task_done()

    def _read_batch(self, batch: list[tuple[Pending, bytes]], state: FolderState) -> None:
        waiting: list[Future[None]] = []
        for pending, raw in batch:
            arrived = self._read(pending, raw, state)
            waiting.append(self._desktop.database.submit(partial(self._decide, one=arrived)))
        for (pending, raw), future in zip(batch, waiting, strict=True):
            self._finish(pending, raw, future)

    def _finish(self, pending: Pending, raw: bytes, deciding: "Future[None]") -> None:
        """Wait for a decision. A mail that cannot be decided keeps its bytes and a sentence; the next one goes on."""
        try:
            deciding.result()
            crash_at("F3")
        except TriagebotError:
            raise
        except Exception as error:
            log.exception("mail=%d could not be decided", pending.id)
            why = f"could not be decided: {error}"
            limits = self._desktop.snapshot().desk.limits
            self._desktop.database.call(partial(park, row=pending.id, why=why, raw=raw, limits=limits))

    def _read(self, pending: Pending, raw: bytes, state: FolderState) -> Arrived:
        desk = self._desktop.snapshot().desk
        undated = pending.received_at == UNDATED
        mail, authentication = read_raw(
            raw,
            _now() if undated else pending.received_at,
            desk,
            Trust.of(self._inbox),
            self._desktop.reader,
            pending.size,
        )
        backfill = undated or pending.received_at < state.since
        # A mail of which nobody knows when it came is no history: a person sees to it.
        return Arrived(pending.id, self._inbox.id, mail, authentication, backfill, state.rescan or undated, raw)

    def _decide(self, store: Store, one: Arrived) -> None:
        decision = decide_mail(store, one, self._desktop.snapshot(), self._desktop.key, _now())
        if _leaves_mail(decision):
            self._desktop.decided()
        if decision.alert:
            self._desktop.alerted()
        log.info(
            "mail=%d state=%s verdict=%s codes=%s rules=%d",
            one.row,
            decision.state,
            decision.guard.verdict,
            ",".join(decision.guard.codes) or "-",
            len(decision.matches),
        )


def _leaves_mail(decision: Decision) -> bool:
    """Whether a mail waits to leave because of it: an answer, or what came of the developer's commands."""
    return decision.reply is not None or any(step.step == ANSWER for step in decision.trail[-1:])


def _now() -> datetime:
    return datetime.now(UTC)
