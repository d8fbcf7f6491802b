"""Sending the digest: once a support day whatever happens; late, and saying so, when the desk was down at its time."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from triagebot.app.commands.answerable import answer_to, post_answerable
from triagebot.app.database import Database
from triagebot.app.desk.view import DeskView
from triagebot.app.digest.gather import gather_digest
from triagebot.app.digest.hints import give_hints
from triagebot.core.digest.content import Digest
from triagebot.edge.fault import crash_at
from triagebot.edge.store import Store

_TASK = "digest/"
_DAYS_BACK = 7
"""A digest that was missed longer ago is not made up for."""


@dataclass(frozen=True, slots=True)
class Due:
    """The last time a digest was to leave: the support day it is of, a local date, and the moment, in UTC."""

    day: date
    moment: datetime


def find_due(view: DeskView, now: datetime) -> Due | None:
    """Given a desk and now, return the last time a digest was to leave, or None within a week. While the developer is
    away none is, not even one that was missed before.

    Moments are compared in UTC: in the desk's zone an hour of autumn is there twice, and one of spring not at all.
    """
    calendar = view.calendar
    today = calendar.local(now).date()
    if calendar.absence_on(today) is not None:
        return None
    for day in (today - timedelta(days=back) for back in range(_DAYS_BACK + 1)):
        moment = _moment(view, day)
        if calendar.is_open(day) and moment <= now:
            return Due(day, moment)
    return None


def _moment(view: DeskView, day: date) -> datetime:
    return datetime.combine(day, view.desk.digest.at, tzinfo=view.calendar.zone).astimezone(UTC)


async def send_digest_if_due(database: Database, snapshot: DeskView, key: bytes, now: datetime) -> bool:
    """Given now, put the digest that is due into the outbox, if that was not done yet. Return whether it was.

    Once per local date whatever happens: the mark and the mail are one transaction. Of several that were missed only
    the last is made.
    """
    due = find_due(snapshot, now)
    if due is None or not snapshot.desk.inbox:
        return False
    sent = await asyncio.wrap_future(database.submit(lambda store: _send_once(store, snapshot, key, due, now)))
    if sent:
        crash_at("F3")
    return sent


def _send_once(store: Store, snapshot: DeskView, key: bytes, due: Due, now: datetime) -> bool:
    task = f"{_TASK}{due.day.isoformat()}"
    if store.mails.start_inbox(snapshot.desk.inbox[0].id, now) > due.moment:
        return False  # started later than it was due: the first one comes on the next support day
    if not store.health.do_once(task, now):
        return False
    digest = gather_digest(store, snapshot, now, _find_since(store, snapshot, task, now), due.moment)
    put_digest_into_outbox(store, digest, snapshot, key, now, due.day.isoformat())
    return True


def _find_since(store: Store, view: DeskView, task: str, now: datetime) -> datetime:
    """Since when to tell: the digest before this one, a day at least. One of a date to come, from a clock that was
    wrong, is none."""
    before = [name for name in store.health.names_done(_TASK) if name < task]
    yesterday = now - timedelta(days=1)
    if not before:
        return yesterday
    return min(yesterday, _moment(view, date.fromisoformat(before[-1].removeprefix(_TASK))))


def put_digest_into_outbox(
    store: Store, digest: Digest, snapshot: DeskView, key: bytes, now: datetime, cause: str
) -> None:
    """Given the store inside a transaction, a digest and what caused it (a date, or a moment when asked for by hand),
    make it a mail to send, which can be answered."""
    answer = answer_to(snapshot, store, key, "digest", cause, now)
    digest = replace(digest, answer=answer, hints=give_hints(digest.sections, snapshot))
    post_answerable(store, snapshot, key, digest, "digest", cause, snapshot.desk.inbox[0].id, now)
