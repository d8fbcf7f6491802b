"""The developer's word about mails of ours that wait for it: they go, they go with other words, they do not go."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triagebot.app.commands.done import Named
from triagebot.app.commands.memory import pending_of
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.digest.shadow import demote, note_verdict
from triagebot.app.outgoing.outbox import KEPT, approve, change_letter
from triagebot.core.agreement import Verdict
from triagebot.core.decision import Turn
from triagebot.core.errors import StoreError
from triagebot.core.outgoing.delivery import OutboxState
from triagebot.core.phrase import Phrase, Words, say
from triagebot.edge.store import Store
from triagebot.edge.wording import say_time

DOUBTFUL: tuple[OutboxState, ...] = ("failed", "ambiguous", "returned", "stopped")
"""States of a mail that did not get where it should."""
WAITING: tuple[OutboxState, ...] = ("queued", "retry")
"""States of a mail that is to leave and has not."""


def say_leaving(view: Snapshot, address: str, subject: str, due: datetime, ref: str, now: datetime) -> Phrase:
    """Given a mail that was approved and when it is due, return the sentence about it."""
    if due <= now:
        return say("The mail to {address} leaves now: {subject}", address=address, subject=subject)
    return say(
        "The mail to {address} leaves at {time}; until then `undo {ref}` stops it: {subject}",
        address=address,
        time=say_time(due, view.calendar.zone),
        ref=ref,
        subject=subject,
    )


def the_one(store: Store, named: Named) -> dict[str, Any] | None:
    """Given what a command names, return its mail that waits for a word, or None. Raise StoreError when there are
    several: which one is meant, only the developer knows."""
    found = pending_of(store, named)
    if len(found) > 1:
        listed = ", ".join(f"o{row['id']} ({row['subject']})" for row in found)
        raise StoreError(
            say("several mails of {ref} wait for you; name the one you mean: {listed}", ref=named.ref, listed=listed)
        )
    return found[0] if found else None


def approve_one(store: Store, snapshot: Snapshot, row: dict[str, Any], ref: str, now: datetime) -> Words:
    """Given a mail that waits for a word, let exactly its bytes leave after the undo window. Raise StoreError."""
    due = approve(store, snapshot, row["id"], now)
    told_verdict(store, snapshot, row, "ok", now)
    return say_leaving(snapshot, row["recipient"], row["subject"], due, ref, now)


def drop_one(store: Store, snapshot: Snapshot, row: dict[str, Any], now: datetime) -> list[Words]:
    """Given a mail that waits for a word, never send it. A quote that is dropped is none any more; the rule that made
    an automatic answer is corrected."""
    change_letter(store, row["id"], KEPT, "dropped", now, now)
    said: list[Words] = [
        say("The mail to {address} is not sent: {subject}", address=row["recipient"], subject=row["subject"])
    ]
    ticket = row["ticket"]
    if row["answers"] == "quote" and ticket is not None:
        case = store.changes.find(ticket)
        if case is not None and case.state == "waiting-client":
            turn = Turn(ticket, "new", "its quote was dropped")
            store.offers.turn(turn, "developer", None, snapshot.calendar.local(now).date(), now)
            said.append(say("Ticket {number} is not quoted any more: it is your turn.", number=ticket))
    return said if row["class"] != "auto" else [*said, *correct(store, snapshot, row["id"], now)]


def settle_doubtful(store: Store, snapshot: Snapshot, number: int, now: datetime, *, again: bool) -> Words:
    """Given a mail that did not get where it should, send it again after the undo window, or never. Raise
    StoreError."""
    row = store.outbox.find(number)
    if row is None:
        raise StoreError(say("there is no mail {number}; see `triagebot outbox --all`", number=number))
    due = now + snapshot.desk.outbox.approved_delay if again else now
    states = DOUBTFUL if again else (*DOUBTFUL, *WAITING)
    change_letter(store, number, states, "queued" if again else "dropped", due, now)
    if again:
        return say_leaving(snapshot, row["recipient"], row["subject"], due, f"o{number}", now)
    return say("The mail to {address} is not sent: {subject}", address=row["recipient"], subject=row["subject"])


def correct(store: Store, snapshot: Snapshot, row: int, now: datetime) -> tuple[Words, ...]:
    """Given an automatic answer that was wrong, let its rules write drafts from now on; return what that means."""
    return demote(store, snapshot, row, now)


def told_verdict(store: Store, snapshot: Snapshot, row: Mapping[str, Any], verdict: Verdict, now: datetime) -> None:
    """Given an answer of the desk and what the developer's word says of it, remember that for its rules."""
    if row["class"] == "auto":
        note_verdict(store, row["id"], verdict, now, snapshot.book.rules.rules)
