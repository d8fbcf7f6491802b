"""What a person does with outgoing mails: looks at them, approves, drops or retries one, ends a standstill."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from triagebot.app.desk.opening import reading, writing
from triagebot.app.desk.view import DeskView
from triagebot.app.outgoing.rows import stop_mark
from triagebot.core.errors import StoreError
from triagebot.core.outgoing.delivery import OutboxState
from triagebot.core.outgoing.identity import address_code
from triagebot.core.outgoing.retry import expires_at
from triagebot.core.phrase import say
from triagebot.edge.keys import load_key
from triagebot.edge.store import Store
from triagebot.edge.store.outgoing.suppressions import refusal
from triagebot.edge.store.rows import instant
from triagebot.edge.wording import say_time

_AGAIN = timedelta(days=1)
_STILL_FRESH = timedelta(days=3)
"""An answer to a mail that is older is approved only with a second word: a date in it may have passed."""
KEPT: tuple[OutboxState, ...] = ("shadow", "draft", "drafted")


def list_outbox(view: DeskView, states: Sequence[OutboxState]) -> list[dict[str, Any]]:
    """Given a desk and states, return the outgoing mails in them, the oldest first. `leaves` is when one that waits is
    due, in the desk's zone."""
    with reading(view) as store:
        rows: list[dict[str, Any]] = store.outbox.listing(states)
    for row in rows:
        waits = row["state"] in ("queued", "retry")
        row["leaves"] = say_time(instant(row["next_attempt"]), view.calendar.zone) if waits else None
    return rows


def change_outbox(
    view: DeskView, number: int, states: Sequence[OutboxState], new_state: OutboxState, now: datetime
) -> None:
    """Given an outgoing mail and the states it may be in, put it into a new one. Raise StoreError."""
    with writing(view) as store:
        change_letter(store, number, states, new_state, now, now)


def change_letter(
    store: Store, number: int, states: Sequence[OutboxState], new_state: OutboxState, due: datetime, now: datetime
) -> None:
    """Given the store inside a transaction, an outgoing mail and the states it may be in, put it into a new one, due at
    a moment. Raise StoreError."""
    if new_state == "queued":
        refuse_suppressed(store, store.outbox.find(number))
    if not store.outbox.change(number, states, new_state, due, due + _AGAIN):
        usual = " or ".join(states)
        raise StoreError(
            say("mail {number} is not {states}; see `triagebot outbox --all`", number=number, states=usual)
        )
    store.outbox.tell(number, "developer", f"mail {new_state}", "by hand", now)


def approve_mail(view: DeskView, number: int, now: datetime, *, anyway: bool) -> str:
    """Given an answer kept in shadow or as a draft, send its bytes as they are, after the undo window. Return when it
    leaves. Raise StoreError when it cannot be approved; `anyway` overrides doubts about whether it still fits."""
    with writing(view) as store:
        due = approve(store, view, number, now, anyway=anyway)
    return say_time(due, view.calendar.zone)


def approve(store: Store, view: DeskView, number: int, now: datetime, *, anyway: bool = False) -> datetime:
    """Given the store inside a transaction and an answer that was kept, do what `approve_mail` does; return when it
    leaves. Raise StoreError."""
    row = store.outbox.find(number)
    _refuse_unfit(view, number, row)
    refuse_suppressed(store, row)
    if not anyway:
        _refuse_outdated(store, number, row, now)
    due = now + view.desk.outbox.approved_delay
    if not store.outbox.approve(number, now, due, expires_at("approved", due)):
        raise StoreError(say("mail {number} has just changed; see `triagebot outbox --all`", number=number))
    return due


def _refuse_unfit(view: DeskView, number: int, row: dict[str, Any] | None) -> None:
    if row is None:
        raise StoreError(say("there is no mail {number}; see `triagebot outbox --all`", number=number))
    about = {"number": number, "state": row["state"]}
    if row["class"] == "approved" and row["approved_at"] is not None:
        raise StoreError(say("mail {number} was approved before and is {state}; see `triagebot outbox --all`", **about))
    if row["class"] not in ("auto", "approved") or row["state"] not in KEPT:
        name = row["class"]
        raise StoreError(say("mail {number} is no answer that waits for you: {name}, {state}", name=name, **about))
    if row["inbox"] not in {inbox.id for inbox in view.desk.inbox}:
        gone = row["inbox"]
        raise StoreError(
            say("mail {number} belongs to inbox {inbox}, which config.toml does not have", number=number, inbox=gone)
        )


def refuse_suppressed(store: Store, row: dict[str, Any] | None) -> None:
    """Given the row of a mail that is to be sent, raise StoreError when nothing is sent to its address."""
    if row is not None and row["recipient_code"] and store.suppressions.has(row["recipient_code"]):
        raise StoreError(refusal(row["recipient"]))


def _refuse_outdated(store: Store, number: int, row: dict[str, Any] | None, now: datetime) -> None:
    newer = store.outbox.newer_mail(number)
    if newer is not None:
        raise StoreError(
            say(
                "the client wrote again since (`triagebot explain {newer}`); does this answer still fit?"
                " If it does: triagebot outbox approve {number} --anyway. If not, write another one with `send`.",
                newer=newer,
                number=number,
            )
        )
    received = row["received_at"] if row else None
    if received and now - instant(received) > _STILL_FRESH:
        raise StoreError(
            say(
                "the mail it answers is {days} days old; does what it says still hold?"
                " If it does: triagebot outbox approve {number} --anyway. If not, write another one with `send`.",
                days=(now - instant(received)).days,
                number=number,
            )
        )


def list_suppressed(view: DeskView) -> list[dict[str, Any]]:
    """Given a desk, return the addresses nothing is sent to, with why and since when."""
    with reading(view) as store:
        rows: list[dict[str, Any]] = store.suppressions.listing()
    for row in rows:
        row["since"] = say_time(instant(row["since"]), view.calendar.zone)
    return rows


def unsuppress(view: DeskView, address: str) -> None:
    """Given an address nothing is sent to, send there again. Raise StoreError when it is none."""
    with writing(view) as store:
        if not store.suppressions.release(address_code(load_key(view.data / "key"), address)):
            raise StoreError(f"{address} is not suppressed; see `triagebot outbox suppressed`")


def resume_queue(view: DeskView, inbox: str) -> None:
    """Given an inbox whose queue stands still, let it send again. Raise StoreError when it does not stand still."""
    with writing(view) as store:
        if not store.health.forget(stop_mark(inbox)):
            known = ", ".join(one.id for one in view.desk.inbox)
            raise StoreError(f"no queue of an inbox {inbox} stands still; inboxes: {known}; see `triagebot status`")
        store.health.ends(f"send {inbox}")
