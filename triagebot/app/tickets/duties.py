"""Standing duties: each night their tickets are made; what was missed stands in the digest."""

import asyncio
from datetime import datetime

from triagebot.app.database import Database
from triagebot.app.desk.view import DeskView
from triagebot.app.tickets.agenda import replan
from triagebot.core.digest.content import Item
from triagebot.core.hours.duties import list_owed
from triagebot.edge.store import Store


def open_duties(store: Store, view: DeskView, now: datetime) -> int:
    """Given the store inside a transaction, the desk and now, open the tickets of duties that have come to their day,
    each once, and plan them. Return how many there were."""
    today = view.calendar.local(now).date()
    opened = sum(store.duties.open(owed, now) is not None for owed in list_owed(view.desk, view.calendar, today))
    if opened:
        replan(store, view, now)
    return opened


async def open_duties_nightly(database: Database, view: DeskView, key: bytes, now: datetime) -> None:  # noqa: ARG001
    """The daily chore: a period's duties are there on the morning of their day."""
    await asyncio.wrap_future(database.submit(lambda store: open_duties(store, view, now)))


def list_missed(store: Store, view: DeskView, now: datetime) -> tuple[Item, ...]:
    """Given the store, the desk and now, return an item for each duty whose period ended without it."""
    items = []
    for one in store.duties.missed(view.calendar.local(now).date()):
        client = view.desk.client_by_id(one.client)
        period = one.duty.partition("/")[2]
        mend = f"done now: triagebot ticket done {one.ticket}; not any more: triagebot ticket close {one.ticket}"
        items.append(
            Item(
                f"{client.name if client else one.client}: {one.name} ({period}) was missed",
                (f"standing duty, due {one.due.isoformat()}", mend),
            )
        )
    return tuple(items)
