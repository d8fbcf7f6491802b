"""What sending writes down: jobs for the database's thread, each one transaction."""

from datetime import datetime, timedelta

from triagebot.core.outgoing.delivery import Outcome, enhanced_code, is_dead
from triagebot.edge.store import Store
from triagebot.edge.store.outgoing.outbox import Due

_CLAIM = 8
_LEASE = timedelta(minutes=15)
REFUSALS = 3
"""So many mails in a row refused by policy, and the server means us (safety.md G.2)."""


def claim_due(store: Store, inbox: str, now: datetime) -> list[Due] | None:
    """Given an inbox, return mails that are due, claimed; None while its queue stands still."""
    if store.health.was_done(stop_mark(inbox)):
        return None
    return store.outbox.claim(inbox, _CLAIM, now, now + _LEASE)


def record_sent(store: Store, row: int, part: str, said: str, now: datetime) -> None:
    """Given a row the server has accepted, end it; its sender works. An answer the developer approved is his own, so
    it stops the clock of the first answer, whether or not a copy of it is filed in Sent."""
    store.outbox.finish(row, "sent", said, now)
    ticket = store.outbox.approved_answer_of(row)
    if ticket is not None:
        store.changes.set_answered(ticket, now)
    store.health.works(part, now)


def record_refused(store: Store, row: int, outcome: Outcome, now: datetime) -> None:
    """Given a row that was refused for good, end it; an address that does not exist gets no other mail."""
    said = f"{outcome.code} {outcome.text}".strip()
    store.outbox.finish(row, "failed", said, now)
    if is_dead(enhanced_code(outcome.text)) and store.suppressions.suppress_recipient(row, said, now):
        store.outbox.tell(row, "triagebot", "address suppressed", said, now)


def record_plain_sender(store: Store, row: int, plain: str, inbox: str) -> None:
    """Given a row that could only leave from the plain address, keep to that: the server takes no token address."""
    store.outbox.set_sender(row, plain)
    store.health.forget(plus_mark(inbox))


def stop_queue(store: Store, inbox: str, now: datetime) -> None:
    """Given an inbox whose server refuses all we send, let nothing more leave it."""
    store.health.do_once(stop_mark(inbox), now)


def give_back(store: Store, row: int, why: str, now: datetime) -> None:
    """Given a row that was not tried for a reason outside it, let it wait without losing an attempt."""
    store.outbox.postpone(row, why, now, counted=False)


def stop_mark(inbox: str) -> str:
    """Given an inbox, return the mark under which it is remembered that its queue stands still."""
    return f"queue-stopped/{inbox}"


def plus_mark(inbox: str) -> str:
    """Given an inbox, return the mark under which it is remembered that mail to `local+tag@` reaches it."""
    return f"plus-addressing/{inbox}"


def tell_stopped(inbox: str) -> str:
    """Given an inbox, return the sentence about its queue."""
    return (
        f"the server refused {REFUSALS} mails in a row as unwanted, so nothing more leaves inbox {inbox};"
        f" see `triagebot outbox`, mend it, then run `triagebot outbox resume {inbox}`"
    )
