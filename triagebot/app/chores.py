"""What the daemon does once a day by itself; whether it was done is asked of the database, never remembered."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from typing import TypeVar

from triagebot.app.database import Database
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.health.neglect import review_neglect
from triagebot.app.money.ledger import settle_nightly
from triagebot.app.money.statement import draft_monthly
from triagebot.app.privacy.purge import purge_nightly
from triagebot.app.tickets.agenda import replan_daily
from triagebot.app.tickets.duties import open_duties_nightly
from triagebot.app.tickets.offers import end_expired
from triagebot.edge.store import Store

log = logging.getLogger(__name__)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Chore:
    """A daily task: its name, the time of day in the desk's zone from which it is due, and what it does.

    `run` is given the database, the desk, its key and now.
    """

    name: str
    at: time
    run: Callable[[Database, Snapshot, bytes, datetime], Awaitable[None]]


CHORES: tuple[Chore, ...] = (
    Chore("offers", time(0, 0), end_expired),
    Chore("duties", time(0, 0), open_duties_nightly),
    Chore("plan", time(0, 1), replan_daily),
    Chore("ledger", time(0, 10), settle_nightly),
    Chore("purge", time(3, 30), purge_nightly),
    Chore("statements", time(4, 0), draft_monthly),
)


async def do_due_chores(database: Database, snapshot: Snapshot, key: bytes, now: datetime) -> None:
    """Given now, do each task that is due and was not begun today; one that fails is told and waits for
    tomorrow. Whether the desk is left alone is looked at every time."""
    await _ask(database, lambda store: review_neglect(store, snapshot, now))
    local = snapshot.calendar.local(now)
    for chore in CHORES:
        if local.time() >= chore.at and await _ask(database, partial(_begin, f"{chore.name}/{local.date()}", now)):
            await _do(chore, database, snapshot, key, now)


async def _do(chore: Chore, database: Database, snapshot: Snapshot, key: bytes, now: datetime) -> None:
    part = f"chore {chore.name}"
    try:
        await chore.run(database, snapshot, key, now)
    except Exception as error:
        log.exception("chore=%s", chore.name)
        problem = f"{chore.name} failed: {error}"
        await _ask(database, lambda store: store.health.fails(part, problem, now))
    else:
        await _ask(database, lambda store: store.health.works(part, now))


async def _ask(database: Database, job: Callable[[Store], Result]) -> Result:
    return await asyncio.wrap_future(database.submit(job))


def _begin(task: str, now: datetime, store: Store) -> bool:
    return store.health.do_once(task, now)
