"""Mails the desk writes of its own accord, and how any mail is put into the outbox."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Desk, Mode
from triagebot.core.outgoing.compose import Draft, compose
from triagebot.core.outgoing.identity import make_message_id
from triagebot.core.outgoing.retry import OutgoingClass, expires_at
from triagebot.edge.store import Store
from triagebot.edge.store.outgoing.outbox import Outgoing

if TYPE_CHECKING:
    from triagebot.app.render import Rendered


def write_to_developer(
    desk: Desk, key: bytes, outgoing: OutgoingClass, cause: str, subject: str, text: str, date: datetime, html: str = ""
) -> Draft:
    """Given a desk, its key, a class, what caused the mail, its words and its date in the desk's zone, return the
    mail that tells the developer."""
    settings = desk.desk
    return Draft(
        message_id=make_message_id(key, outgoing, cause, settings.address.rpartition("@")[2]),
        from_name=f"{settings.name} triagebot",
        from_address=settings.address,
        to=settings.developer[0],
        subject=subject,
        date=date,
        text=text,
        html=html,
        automatic="auto-generated",
    )


def write_to_client(
    view: DeskView,
    key: bytes,
    outgoing: OutgoingClass,
    cause: str,
    to: str,
    words: "Rendered",
    parents: tuple[str, ...],
    now: datetime,
    automatic: str = "",
) -> Draft:
    """Given a desk, its key, a class, what caused the mail, whom it is for, its words, the ids it answers (the nearest
    last) and now, return the mail of the desk to a client. `automatic` is its Auto-Submitted value, "" for one that a
    person approves."""
    settings = view.desk.desk
    return Draft(
        message_id=make_message_id(key, outgoing, cause, settings.address.rpartition("@")[2]),
        from_name=settings.name,
        from_address=settings.address,
        to=to,
        subject=words.subject,
        date=now.astimezone(view.calendar.zone),
        text=words.text,
        html=words.html,
        language=words.language,
        parents=parents,
        automatic=automatic,
    )


def post(
    store: Store,
    draft: Draft,
    key: bytes,
    outgoing: OutgoingClass,
    inbox: str,
    mode: Mode,
    cause: str,
    now: datetime,
    due: datetime | None = None,
    expires: datetime | None = None,
    **about: Any,
) -> int | None:
    """Given a mail as it is to look, its class, the inbox it leaves from, its mode and its cause, put it into the
    outbox, due now if not said otherwise. Return its row, or None when this cause has one.

    `about` are the other fields of Outgoing: ticket, thread, client … Raise ComposeError for an unfit value.
    """
    due = due or now
    return store.outbox.add(
        Outgoing(
            outgoing=outgoing,
            inbox=inbox,
            mail_from=draft.from_address,
            recipient=draft.to,
            subject=draft.subject,
            message_id=draft.message_id,
            dedupe_key=cause,
            raw=compose(draft, key),
            mode=mode,
            due=due,
            expires_at=expires or expires_at(outgoing, due),
            **about,
        ),
        now,
    )
