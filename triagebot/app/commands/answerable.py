"""Mails that can be answered with commands: where the answer goes, and what it may be about (safety.md E)."""

from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.outgoing.rows import plus_mark
from triagebot.core.commands.token import LIFETIME, make_code, make_token, token_address, token_subject
from triagebot.core.desk import Desk, Inbox
from triagebot.core.digest.content import AnswerTo, Digest
from triagebot.edge.store import Store
from triagebot.edge.store.digests.digests import DigestKind, NewDigest, Ref


def answer_to(
    snapshot: DeskView, store: Store, key: bytes, kind: DigestKind, cause: str, now: datetime
) -> AnswerTo | None:
    """Given a desk, the kind of a digest, what causes it (a date, say) and when it is made, return where its answers
    go; None where nothing can prove that an answer is the developer's, as no authserv_ids are believed.

    Give `register_answerable` the same kind, cause and moment: the token holds them.
    """
    inbox = _inbox(snapshot.desk)
    if inbox is None or not inbox.authserv_ids:
        return None
    settings = snapshot.desk.desk
    token = make_token(key, make_code(key, kind, cause), now + LIFETIME, settings.developer[0])
    proven = store.health.was_done(plus_mark(inbox.id))
    address = token_address(settings.address, token) if proven else settings.address
    return AnswerTo(address, token_subject(f"Re: {settings.name}", token))


def register_answerable(
    store: Store,
    key: bytes,
    digest: Digest,
    kind: DigestKind,
    cause: str,
    message_id: str,
    now: datetime,
) -> None:
    """Given a digest as it is sent, inside the transaction that puts it into the outbox, remember each thing it shows
    in the version it has now: a command runs only on that."""
    items = [item for section in digest.sections for item in section.items if item.ref]
    shown = {item.ref for item in items if item.shown is not None}
    refs = dict.fromkeys(item.ref for item in items)
    store.digests.register(
        NewDigest(make_code(key, kind, cause), kind, f"{kind} {cause}", message_id, now, now + LIFETIME),
        [Ref(ref, store.digests.version_of(ref), ref in shown) for ref in refs],
    )


def _inbox(desk: Desk) -> Inbox | None:
    """The inbox that answers come into: that of the desk's own address."""
    own = desk.desk.address.lower()
    return next((one for one in desk.inbox if desk.address_of(one).lower() == own), next(iter(desk.inbox), None))
