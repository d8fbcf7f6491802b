"""The canary: a mail from the desk to itself. When it is met in the inbox, the whole path has worked."""

from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.outgoing.letters import post
from triagebot.core.desk import Inbox
from triagebot.core.outgoing.compose import Draft
from triagebot.core.outgoing.identity import make_message_id
from triagebot.edge.store import Store

_TEXT = """\
This mail was sent by {name} to itself, to see that mail leaves, arrives and is noticed.

It is answered by nobody and may be deleted. How often it is sent stands in config.toml, [health] canary.
"""


def send_due_canaries(store: Store, view: DeskView, key: bytes, now: datetime) -> bool:
    """Given the store inside a transaction, the desk, its key and now, put a canary into the outbox for each inbox
    whose last one is old enough. Return whether there was one.

    One that is made after a long break is due at once; when the clock was set back, the last one counts as old.
    """
    every = view.desk.health.canary
    due = False
    for inbox in view.desk.inbox if every else ():
        last = store.canaries.last_made(inbox.id)
        if last is None or abs(now - last) >= every:
            _put_into_outbox(store, inbox, view, key, now)
            due = True
    return due


def _put_into_outbox(store: Store, inbox: Inbox, view: DeskView, key: bytes, now: datetime) -> None:
    address = view.desk.address_of(inbox)
    cause = f"canary {inbox.id} {now.isoformat()}"
    draft = make_canary(view, address, address, key, cause, now)
    post(store, draft, key, "canary", inbox.id, "live", cause, now)


def make_canary(view: DeskView, sender: str, recipient: str, key: bytes, cause: str, now: datetime) -> Draft:
    """Given the desk, the envelope, the key, what caused it and now, return a mail that the desk knows again."""
    name = view.desk.desk.name
    return Draft(
        message_id=make_message_id(key, "canary", cause, sender.rpartition("@")[2]),
        from_name=f"{name} triagebot",
        from_address=sender,
        to=recipient,
        subject="A mail to myself",
        date=now.astimezone(view.calendar.zone),
        text=_TEXT.format(name=name),
        automatic="auto-generated",
    )
