"""Sending the digest, once a support day."""

import asyncio
from datetime import datetime, timedelta

from triagebot.app.database import Database
from triagebot.app.desk.view import DeskView
from triagebot.app.digest.gather import gather_digest
from triagebot.app.outgoing.letters import post, write_to_developer
from triagebot.core.digest.content import Digest
from triagebot.core.digest.page import render_html
from triagebot.core.digest.plain import render_text
from triagebot.core.phrase import ENGLISH
from triagebot.edge.fault import crash_at
from triagebot.edge.store import Store

_TASK = "digest/"


async def send_digest_if_due(database: Database, snapshot: DeskView, key: bytes, now: datetime) -> bool:
    """Given now, put today's digest into the outbox if it is due and was not sent yet. Return whether it was.

    Once per local date whatever happens: the mark and the mail are one transaction.
    """
    local = snapshot.calendar.local(now)
    due = snapshot.desk.digest.at <= local.time() and snapshot.calendar.is_open(local.date())
    if not due or not snapshot.desk.inbox:
        return False
    sent = await asyncio.wrap_future(database.submit(lambda store: _send_once(store, snapshot, key, now)))
    if sent:
        crash_at("F3")
    return sent


def _send_once(store: Store, snapshot: DeskView, key: bytes, now: datetime) -> bool:
    calendar = snapshot.calendar
    today = calendar.local(now).date()
    first_start = store.mails.start_inbox(snapshot.desk.inbox[0].id, now)
    due_today = datetime.combine(today, snapshot.desk.digest.at, tzinfo=calendar.zone)
    if first_start > due_today:
        return False  # started later than today's digest: the first one comes on the next support day
    last = store.health.last_once(_TASK)
    if not store.health.do_once(f"{_TASK}{today.isoformat()}", now):
        return False
    since = now - timedelta(days=1)
    if last is not None:
        day = datetime.fromisoformat(last.removeprefix(_TASK)).date()
        since = min(since, datetime.combine(day, snapshot.desk.digest.at, tzinfo=calendar.zone))
    put_digest_into_outbox(store, gather_digest(store, snapshot, now, since), snapshot, key, now, str(today))
    return True


def put_digest_into_outbox(
    store: Store, digest: Digest, snapshot: DeskView, key: bytes, now: datetime, cause: str
) -> None:
    """Given a digest and what caused it (a date, or a moment when asked for by hand), make it a mail to send."""
    desk = snapshot.desk
    local = now.astimezone(snapshot.calendar.zone)
    text, html = render_text(digest), render_html(digest)
    draft = write_to_developer(desk, key, "digest", cause, ENGLISH.speak(digest.title), text, local, html)
    post(store, draft, key, "digest", desk.inbox[0].id, "live", f"digest {cause}", now)
