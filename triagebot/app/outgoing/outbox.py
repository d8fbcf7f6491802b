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
from triagebot.edge.keys import load_key
from triagebot.edge.store import Store
from triagebot.edge.store.outgoing.suppressions import refusal
from triagebot.edge.store.rows import instant
from triagebot.edge.wording import say_time

_AGAIN = timedelta(days=1)
_STILL_FRESH = timedelta(days=3)
"""An answer to a mail that is older is approved only with a second word: a date in it may have passed."""
_KEPT: tuple[OutboxState, ...] = ("shadow", "draft", "drafted")


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
        if new_state == "queued":
            _refuse_suppressed(store, store.outbox.find(number))
        if not store.outbox.change(number, states, new_state, now, now + _AGAIN):
            raise StoreError(f"mail {number} is not {' or '.join(states)}; see `triagebot outbox --all`")
        store.outbox.tell(number, "developer", f"mail {new_state}", "by hand", now)


def approve_mail(view: DeskView, number: int, now: datetime, *, anyway: bool) -> str:
    """Given an answer kept in shadow or as a draft, send its bytes as they are, after the undo window. Return when it
    leaves. Raise StoreError when it cannot be approved; `anyway` overrides doubts about whether it still fits."""
    with writing(view) as store:
        row = store.outbox.find(number)
        _refuse_unfit(view, number, row)
        _refuse_suppressed(store, row)
        if not anyway:
            _refuse_outdated(store, number, row, now)
        due = now + view.desk.outbox.approved_delay
        if not store.outbox.approve(number, now, due, expires_at("approved", due)):
            raise StoreError(f"mail {number} has just changed; see `triagebot outbox --all`")
    return say_time(due, view.calendar.zone)


def _refuse_unfit(view: DeskView, number: int, row: dict[str, Any] | None) -> None:
    if row is None:
        raise StoreError(f"there is no mail {number}; see `triagebot outbox --all`")
    if row["class"] == "approved" and row["approved_at"] is not None:
        raise StoreError(f"mail {number} was approved before and is {row['state']}; see `triagebot outbox --all`")
    if row["class"] not in ("auto", "approved") or row["state"] not in _KEPT:
        raise StoreError(f"mail {number} is no answer that waits for you: {row['class']}, {row['state']}")
    if row["inbox"] not in {inbox.id for inbox in view.desk.inbox}:
        raise StoreError(f"mail {number} belongs to inbox {row['inbox']}, which config.toml does not have any more")


def _refuse_suppressed(store: Store, row: dict[str, Any] | None) -> None:
    if row is not None and row["recipient_code"] and store.suppressions.has(row["recipient_code"]):
        raise StoreError(refusal(row["recipient"]))


def _refuse_outdated(store: Store, number: int, row: dict[str, Any] | None, now: datetime) -> None:
    newer = store.outbox.newer_mail(number)
    if newer is not None:
        raise StoreError(
            f"the client wrote again since (`triagebot explain {newer}`); does this answer still fit?"
            f" If it does: triagebot outbox approve {number} --anyway"
        )
    received = row["received_at"] if row else None
    if received and now - instant(received) > _STILL_FRESH:
        raise StoreError(
            f"the mail it answers is {(now - instant(received)).days} days old; does what it says still hold?"
            f" If it does: triagebot outbox approve {number} --anyway"
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
