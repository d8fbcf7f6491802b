"""Alarms that rang again: they are in their ticket and are counted here, and waked nobody a second time."""

from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.core.phrase import Words, say, say_many
from triagebot.edge.store import Store


def tell_repeated(store: Store, view: DeskView, since: datetime) -> tuple[Words, ...]:
    """Given the store, the desk and a moment, return a sentence for each alarm that was repeated since."""
    found: list[Words] = []
    for one in store.emergencies.repeated(since):
        client = view.desk.client_by_id(one.client)
        if client is None or not (client.tier == "retainer" or client.emergency_alert):
            continue  # nobody is alerted of theirs
        times = say_many("once more", "{count} times more", one.count)
        if one.ticket is None:
            told = say(
                "{client} reported {reason} {times}; you were alerted of the first time.",
                client=client.name,
                reason=str(one.reason),
                times=times,
            )
        else:
            told = say(
                "{client} reported {reason} {times} (ticket {ticket}); you were alerted of the first time.",
                client=client.name,
                reason=str(one.reason),
                times=times,
                ticket=one.ticket,
            )
        found.append(told)
    return tuple(found)
