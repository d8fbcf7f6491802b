"""The one thread that owns the database. Jobs that wait at the same time share one commit."""

import asyncio
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from triagebot.core.errors import StoreError
from triagebot.edge.store import Store, open_store

log = logging.getLogger(__name__)
Result = TypeVar("Result")
Job = Callable[[Store], Any]

_TOGETHER_SECONDS = 0.03
_MOST_WAITING = 200
_URGENT, _NOTE, _ORDINARY, _LAST = range(4)


@dataclass(frozen=True, slots=True, order=True)
class _Queued:
    """A job in the queue; None ends the thread."""

    priority: int
    number: int
    job: Job | None = field(compare=False)
    future: "Future[Any]" = field(compare=False)


class Database:
    """Runs jobs in order, each undone alone when it raises; a result is given out only after its commit.

    Urgent jobs go before the others and are committed at once: a mail that is being sent waits for them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._jobs: queue.PriorityQueue[_Queued] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._room = threading.Semaphore(_MOST_WAITING)
        self._opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="database", daemon=True)

    def start(self) -> None:
        """Open the database. Raise StoreError when it cannot be opened."""
        self._thread.start()
        self._opened.result()

    def submit(self, job: Callable[[Store], Result], *, urgent: bool = False) -> "Future[Result]":
        """Given a job, queue it and return its future. Ordinary jobs wait here while too many are queued."""
        future: Future[Result] = Future()
        if not urgent:
            self._room.acquire()
        self._jobs.put(_Queued(_URGENT if urgent else _ORDINARY, next(self._numbers), job, future))
        return future

    async def ask(self, job: Callable[[Store], Result]) -> Result:
        """Given a job, wait for its end without holding up the loop, and return its result. Raise what it raised."""
        return await asyncio.wrap_future(self.submit(job))

    def note(self, job: Callable[[Store], Result]) -> "Future[Result]":
        """Given a job nobody waits for, queue it, however long the queue is, and return its future."""
        future: Future[Result] = Future()
        self._jobs.put(_Queued(_NOTE, next(self._numbers), job, future))
        return future

    def call(self, job: Callable[[Store], Result]) -> Result:
        """Given a job, run it and return its result. Raise what it raises, or StoreError."""
        return self.submit(job).result()

    def stop(self) -> None:
        """Finish the queued jobs and close."""
        self._jobs.put(_Queued(_LAST, next(self._numbers), None, Future()))
        self._thread.join(timeout=10)

    def _run(self) -> None:
        try:
            store = open_store(self._path)
        except StoreError as error:
            self._opened.set_exception(error)
            return
        except Exception as error:
            log.exception("database")
            self._opened.set_exception(StoreError(f"the database cannot be opened: {error}"))
            return
        self._opened.set_result(None)
        while self._run_together(store):
            pass
        store.close()

    def _run_together(self, store: Store) -> bool:
        """Wait for a job, run what else waits, and commit all of it together: when nothing waits any more, after
        the urgent jobs there are, or after some milliseconds.

        Return False at the end.
        """
        queued = self._make_room(self._jobs.get())
        results: list[tuple[Future[Any], Any, Exception | None]] = []
        taken = [queued.future]
        end = time.monotonic() + _TOGETHER_SECONDS
        urgent = False
        try:
            with store.transaction():
                while queued.job is not None:
                    results.append(self._run_one(store, queued.job, queued.future))
                    urgent = urgent or queued.priority == _URGENT
                    if self._jobs.empty() or time.monotonic() > end:
                        break
                    following = self._jobs.get_nowait()
                    if urgent and following.priority != _URGENT:
                        self._jobs.put(following)  # its number keeps its place
                        break
                    queued = self._make_room(following)
                    taken.append(queued.future)
        except StoreError as error:
            for future in taken:
                future.set_exception(error)
        except Exception as error:
            log.exception("database")
            for future in taken:
                future.set_exception(StoreError(f"the database failed: {error}"))
        else:
            for future, result, failure in results:
                if failure is None:
                    future.set_result(result)
                else:
                    future.set_exception(failure)
        return queued.job is not None

    def _make_room(self, queued: _Queued) -> _Queued:
        """Given a job that leaves the queue, let another in, also when this one then fails."""
        if queued.priority == _ORDINARY:
            self._room.release()
        return queued

    def _run_one(self, store: Store, job: Job, future: Future[Any]) -> tuple[Future[Any], Any, Exception | None]:
        try:
            with store.step():
                return future, job(store), None
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - the outermost loop of this thread; it is given to who asked
            return future, None, error
