"""Mails that can be answered with commands: where the answer goes, and what it may be about (safety.md E)."""

from dataclasses import replace
from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.digest.voice import voice_of
from triagebot.app.outgoing.letters import post, write_to_developer
from triagebot.app.outgoing.rows import plus_mark
from triagebot.core.commands.token import LIFETIME, make_code, make_token, token_address, token_subject
from triagebot.core.digest.content import AnswerTo, Digest
from triagebot.core.digest.fit import render_mail
from triagebot.core.digest.page import inline_pictures
from triagebot.edge.store import Store
from triagebot.edge.store.digests.digests import DigestKind, NewDigest, Ref


def answer_to(
    snapshot: DeskView, store: Store, key: bytes, kind: DigestKind, cause: str, now: datetime
) -> AnswerTo | None:
    """Given a desk, the kind of a digest, what causes it (a date, say) and when it is made, return where its answers
    go; None where nothing can prove that an answer is the developer's, as no authserv_ids are believed.

    Give `register_answerable` the same kind, cause and moment: the token holds them.
    """
    inbox = snapshot.desk.inbox_of_answers
    if inbox is None:
        return None
    settings = snapshot.desk.desk
    token = make_token(key, make_code(key, kind, cause), now + LIFETIME, settings.developer[0])
    proven = store.health.was_done(plus_mark(inbox.id))
    address = token_address(settings.address, token) if proven else settings.address
    return AnswerTo(address, token_subject(f"Re: {settings.name}", token))


def post_answerable(
    store: Store,
    view: DeskView,
    key: bytes,
    digest: Digest,
    kind: DigestKind,
    cause: str,
    inbox: str,
    now: datetime,
    *,
    subject: str = "",
    parents: tuple[str, ...] = (),
    automatic: str = "auto-generated",
) -> None:
    """Given the store inside a transaction, what a mail to the developer says, its kind and cause, the inbox it leaves
    from and now, put it into the outbox and remember what it shows. Its subject is its title if not said otherwise;
    `parents` are the ids it answers, `automatic` is its Auto-Submitted value."""
    voice = voice_of(view)
    made = render_mail(digest, voice)
    title, local, named = subject or voice.speak(digest.title), view.calendar.local(now), f"{kind} {cause}"
    letter = write_to_developer(view.desk, key, "digest", named, title, made.text, local, made.html)
    letter = replace(
        letter,
        parents=parents,
        automatic=automatic,
        language=voice.language,
        pictures=inline_pictures(made.digest),
        reply_to=digest.answer.address if digest.answer is not None else "",
    )
    row = post(store, letter, key, "digest", inbox, "live", named, now)
    if row is not None and digest.answer is not None:
        register_answerable(store, key, made.digest, kind, cause, letter.message_id, now)


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
