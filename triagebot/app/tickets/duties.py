"""Standing duties: each night their tickets are made; what was missed stands in the digest."""

from datetime import datetime
from typing import TYPE_CHECKING

from triagebot.app.desk.view import DeskView
from triagebot.app.tickets.agenda import replan
from triagebot.core.digest.content import Item
from triagebot.core.digest.order import Matter
from triagebot.core.hours.duties import list_owed
from triagebot.core.phrase import say
from triagebot.edge.store import Store

if TYPE_CHECKING:
    from triagebot.app.database import Database


def open_duties(store: Store, view: DeskView, now: datetime) -> int:
    """Given the store inside a transaction, the desk and now, open the tickets of duties that have come to their day,
    each once, and plan them. Return how many there were."""
    today = view.calendar.local(now).date()
    opened = sum(store.duties.open(owed, now) is not None for owed in list_owed(view.desk, view.calendar, today))
    if opened:
        replan(store, view, now)
    return opened


async def open_duties_nightly(database: "Database", view: DeskView, key: bytes, now: datetime) -> None:  # noqa: ARG001
    """The daily chore: a period's duties are there on the morning of their day."""
    await database.ask(lambda store: open_duties(store, view, now))


def list_missed(store: Store, view: DeskView, now: datetime) -> tuple[Matter, ...]:
    """Given the store, the desk and now, return each duty whose period ended without it."""
    matters = []
    for one in store.duties.missed(view.calendar.local(now).date()):
        period = one.duty.partition("/")[2]
        mend = say(
            "done now: {done}; not any more: {close}",
            done=f"`{one.ticket} done`",
            close=f"`{one.ticket} close`",
        )
        title = say(
            "{who}: {duty} ({period}) was missed",
            who=view.desk.name_of(one.client, one.client),
            duty=one.name,
            period=period,
        )
        lines = (say("standing duty, due {day}", day=one.due), mend)
        item = Item(title, lines, ref=str(one.ticket), commands=("done", "close"), tone="bad")
        matters.append(Matter(item, one.due, one.due))
    return tuple(matters)
