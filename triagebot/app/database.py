"""The one thread that owns the database. Jobs that wait at the same time share one commit."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from triagebot.core.errors import StoreError
from triagebot.edge.store import Store, open_store

log = logging.getLogger(__name__)
Result = TypeVar("Result")
Job = Callable[[Store], Any]

MOST_TOGETHER = 64
_QUEUE_LENGTH = 1000


class Database:
    """Runs jobs in order, each undone alone when it raises; a result is given out only after its commit."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._jobs: queue.Queue[tuple[Job, Future[Any]] | None] = queue.Queue(_QUEUE_LENGTH)
        self._opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="database", daemon=True)

    def start(self) -> None:
        """Open the database. Raise StoreError when it cannot be opened."""
        self._thread.start()
        self._opened.result()

    def submit(self, job: Callable[[Store], Result]) -> "Future[Result]":
        """Given a job, queue it and return its future."""
        future: Future[Result] = Future()
        self._jobs.put((job, future))
        return future

    def call(self, job: Callable[[Store], Result]) -> Result:
        """Given a job, run it and return its result. Raise what it raises, or StoreError."""
        return self.submit(job).result()

    def stop(self) -> None:
        """Finish the queued jobs and close."""
        self._jobs.put(None)
        self._thread.join(timeout=10)

    def _run(self) -> None:
        try:
            store = open_store(self._path)
        except StoreError as error:
            self._opened.set_exception(error)
            return
        self._opened.set_result(None)
        while self._run_together(store):
            pass
        store.close()

    def _run_together(self, store: Store) -> bool:
        """Wait for a job, take what else waits, and commit them together. Return False at the end."""
        batch = [self._jobs.get()]
        while len(batch) < MOST_TOGETHER and not self._jobs.empty():
            batch.append(self._jobs.get_nowait())
        jobs = [job for job in batch if job is not None]
        results: list[tuple[Future[Any], Any, Exception | None]] = []
        try:
            if jobs:
                with store.transaction():
                    results = [self._run_one(store, job, future) for job, future in jobs]
        except StoreError as error:
            for _, future in jobs:
                future.set_exception(error)
        else:
            for future, result, failure in results:
                if failure is None:
                    future.set_result(result)
                else:
                    future.set_exception(failure)
        return None not in batch

    def _run_one(self, store: Store, job: Job, future: Future[Any]) -> tuple[Future[Any], Any, Exception | None]:
        try:
            with store.step():
                return future, job(store), None
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - the outermost loop of this thread; it is given to who asked
            return future, None, error
