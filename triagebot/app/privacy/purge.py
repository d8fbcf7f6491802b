"""The nightly purge: the words of each class go when their time is over, in pieces beside the running daemon."""

import asyncio
import logging
import threading
import time as clock
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from triagebot.app.database import Database
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Retention
from triagebot.edge.store import Store, open_store, open_store_to_read
from triagebot.edge.store.upkeep.privacy import chunks
from triagebot.edge.store.upkeep.retention import PARTS, Aged, RetentionClass

log = logging.getLogger(__name__)

DATABASE = "triagebot.db"
_SHOWN_FIRST: tuple[RetentionClass, ...] = ("automatic", "conversations")
"""Nothing of these goes before a digest that was sent has shown it (field.md 10)."""
_TIDY_SECONDS = 5.0
_BREATH = 0.005
"""Between two pieces, so that the daemon's own work goes first."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What of one part is past its time: how long it is kept, how many rows, when the oldest was made or ended."""

    name: RetentionClass
    label: str
    kept: timedelta
    rows: int
    oldest: datetime | None


def survey(view: DeskView, now: datetime) -> list[Purged]:
    """Given now, return what a purge would remove, part by part. Nothing is changed."""
    store = open_store_to_read(view.data / DATABASE)
    try:
        return [_told(aged, view.desk.retention) for aged in _find(store, view.desk.retention, now)]
    finally:
        store.close()


def purge(view: DeskView, now: datetime, stopping: threading.Event | None = None) -> list[Purged]:
    """Given now, remove what is past its time, and return what that was. Ends early when `stopping` is set."""
    with opened(view) as store:
        purged: list[Purged] = []
        for aged in _find(store, view.desk.retention, now):
            for piece in chunks(aged.keys):
                if stopping is not None and stopping.is_set():
                    return purged
                with store.transaction():
                    store.keeping.end(aged.part, piece)
                clock.sleep(_BREATH)
            purged.append(_told(aged, view.desk.retention))
        tidy(store)
    return purged


@contextmanager
def opened(view: DeskView) -> Iterator[Store]:
    """Given a desk, its database for many short transactions. Raise StoreError when there is none yet."""
    open_store_to_read(view.data / DATABASE).close()  # a command never makes the database
    store = open_store(view.data / DATABASE)
    try:
        yield store
    finally:
        store.close()


def tidy(store: Store) -> bool:
    """Give space back and empty the log of changes; wait a little for whoever reads. Return whether it is empty."""
    end = clock.monotonic() + _TIDY_SECONDS
    while not store.tidy():
        if clock.monotonic() > end:
            return False
        clock.sleep(0.05)
    return True


def _find(store: Store, kept: Retention, now: datetime) -> Iterator[Aged]:
    told = store.keeping.told_until()
    for part in PARTS:
        before = now - _time_of(part.name, kept)
        if part.name in _SHOWN_FIRST and part.table == "mail":
            before = min(before, told) if told is not None else datetime.min.replace(tzinfo=now.tzinfo)
        yield store.keeping.past(part, before)


def _told(aged: Aged, kept: Retention) -> Purged:
    part = aged.part
    return Purged(part.name, part.label, _time_of(part.name, kept), len(aged.keys), aged.oldest)


def _time_of(name: RetentionClass, kept: Retention) -> timedelta:
    time: timedelta = getattr(kept, name)
    return time


async def purge_nightly(_database: Database, snapshot: Snapshot, _key: bytes, now: datetime) -> None:
    """Given the desk and now, purge it, on a connection of its own: inside the transactions of the database thread
    the log of changes cannot be emptied."""
    stopping = threading.Event()
    try:
        purged = await asyncio.to_thread(purge, snapshot, now, stopping)
    finally:
        stopping.set()  # the daemon stops: the rest waits for tomorrow
    log.info("purged %s", " ".join(f"{one.name}={one.rows}" for one in purged if one.rows) or "nothing")
