"""The row of an answer in the outbox: when it leaves, from where, and to whom."""

from datetime import datetime

from triagebot.app.outgoing.rows import plus_mark
from triagebot.core.decision import ReplyPlan
from triagebot.core.desk import Desk
from triagebot.core.outgoing.compose import Draft
from triagebot.core.outgoing.identity import address_code, bounce_address
from triagebot.core.outgoing.retry import expires_at
from triagebot.core.reading.address import sender_key
from triagebot.edge.store import Store
from triagebot.edge.store.outgoing.outbox import Outgoing
from triagebot.edge.store.received.facts import Question


def put_answer(
    store: Store,
    draft: Draft,
    raw: bytes,
    plan: ReplyPlan,
    question: Question,
    inbox: str,
    thread: int,
    ticket: int | None,
    desk: Desk,
    key: bytes,
    now: datetime,
) -> None:
    """Given an answer in bytes and the mail it is for, inside the deciding transaction, add it to the outbox."""
    due = now + plan.delay
    store.outbox.add(
        Outgoing(
            outgoing="auto",
            inbox=inbox,
            mail_from=_envelope_sender(store, inbox, draft, desk),
            recipient=draft.to,
            subject=draft.subject,
            message_id=draft.message_id,
            dedupe_key=f"auto {question.content_key}",
            raw=raw,
            mode=plan.mode,
            due=due,
            expires_at=expires_at("auto", due),
            mail=question.mail_id,
            ticket=ticket,
            thread=thread,
            client=question.client,
            sender_key=question.sender_key,
            form=question.form,
            domain=question.domain,
            answers=plan.answers or (plan.closing,),
            recipient_code=recipient_code(draft.to, desk, key),
            body_key=question.body_key,
        ),
        now,
    )


def recipient_code(address: str, desk: Desk, key: bytes) -> str:
    """Given a recipient, return the code it is suppressed by; "" for the desk's own addresses and the developer's,
    which never are."""
    never = {sender_key(known) for known in (*desk.own_addresses, *desk.desk.developer)}
    return "" if sender_key(address) in never else address_code(key, address)


def _envelope_sender(store: Store, inbox: str, draft: Draft, desk: Desk) -> str:
    """Bounces go to an address of this mail's own, where it is proven that such mail arrives (safety.md B.1)."""
    same_domain = draft.from_address.rpartition("@")[2] == desk.desk.address.rpartition("@")[2]
    if same_domain and store.health.was_done(plus_mark(inbox)):
        return bounce_address(draft.from_address, draft.message_id)
    return draft.from_address
