"""What the command line reads from the desk's database, and the few things it changes there."""

from datetime import datetime, timedelta
from typing import Any

from triagebot.app.desk.opening import reading, writing
from triagebot.app.desk.view import DeskView
from triagebot.app.digest.gather import gather_digest
from triagebot.app.digest.send import put_digest_into_outbox
from triagebot.app.health.status import gather_status
from triagebot.app.tickets.agenda import make_plan
from triagebot.app.tickets.hours import Hour, list_hours, make_feed
from triagebot.core.digest.content import Digest
from triagebot.edge.keys import load_key


def read_hours(view: DeskView, now: datetime, days: int) -> list[Hour]:
    """Given now and how many days to look ahead, return the support hours with what is done in them."""
    with reading(view) as store:
        return list_hours(store, view, make_plan(store, view, now), now, days)


def read_feed(view: DeskView, now: datetime) -> str:
    """Given now, return the coming support hours and promises as an iCalendar file."""
    with reading(view) as store:
        return make_feed(store, view, now)


def read_status(view: DeskView, now: datetime) -> dict[str, Any]:
    """Given now, return how the desk is."""
    with reading(view) as store:
        return gather_status(store, view, now)


def read_digest(view: DeskView, now: datetime) -> Digest:
    """Given now, return the digest of the last 24 hours."""
    with reading(view) as store:
        return gather_digest(store, view, now, now - timedelta(days=1))


def send_digest(view: DeskView, now: datetime) -> None:
    """Given now, put the digest of the last 24 hours into the outbox."""
    digest = read_digest(view, now)
    with writing(view) as store:
        put_digest_into_outbox(store, digest, view, load_key(view.data / "key"), now, now.isoformat())
