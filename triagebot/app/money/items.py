"""What the digest says of money: drafts that wait to be sent, and on the month's first support day plans in trouble."""

from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.money.accounts import gather_accounts
from triagebot.app.money.statement import first_support_day
from triagebot.core.digest.content import Item
from triagebot.edge.store import Store


def list_drafts(store: Store) -> tuple[Item, ...]:
    """Given the store, return an item for each mail that was written for a person to send, such as a statement."""
    return tuple(
        Item(f"Draft to {row['recipient']} waits for you: {row['subject']}", (f"triagebot outbox approve {row['id']}",))
        for row in store.outbox.unapproved()
    )


def list_trends(store: Store, view: DeskView, now: datetime) -> tuple[Item, ...]:
    """Given now, return an item for each plan that is overdrawn, idle or over, with what can be done; once a month."""
    today = view.calendar.local(now).date()
    if today != first_support_day(view, today):
        return ()
    names = {client.id: client.name for client in view.desk.client}
    return tuple(
        Item(f"{names[one.client]}, {one.plan}: {one.trend}, {one.left} minutes left", one.advice)
        for one in gather_accounts(store, view, None, now)
        if one.trend
    )
