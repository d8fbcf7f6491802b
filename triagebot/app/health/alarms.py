"""Alarms that rang again: they are in their ticket and are counted here, and waked nobody a second time."""

from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.edge.store import Store


def tell_repeated(store: Store, view: DeskView, since: datetime) -> tuple[str, ...]:
    """Given the store, the desk and a moment, return a sentence for each alarm that was repeated since."""
    found = []
    for one in store.emergencies.repeated(since):
        client = view.desk.client_by_id(one.client)
        if client is None or not (client.tier == "retainer" or client.emergency_alert):
            continue  # nobody is alerted of theirs
        times = "once more" if one.count == 1 else f"{one.count} times more"
        ticket = f" (ticket {one.ticket})" if one.ticket is not None else ""
        found.append(f"{client.name} reported {one.reason} {times}{ticket}; you were alerted of the first time.")
    return tuple(found)
