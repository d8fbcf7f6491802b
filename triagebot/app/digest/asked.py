"""A digest that somebody asks for, besides the one that leaves by itself: looked at, or sent now."""

from dataclasses import replace
from datetime import datetime, timedelta

from triagebot.app.desk.opening import reading, writing
from triagebot.app.desk.view import DeskView
from triagebot.app.digest.gather import gather_digest
from triagebot.app.digest.hints import hint_at_terminal
from triagebot.core.digest.content import Digest

_DAY = timedelta(days=1)


def read_digest(view: DeskView, now: datetime, *, pictures: bool) -> Digest:
    """Given now and whether pictures can be shown, return the digest of the last 24 hours, as it is looked at without
    being sent."""
    with reading(view) as store:
        digest = gather_digest(store, view, now, now - _DAY, pictures=pictures)
    return replace(digest, hints=hint_at_terminal())


def send_digest(view: DeskView, now: datetime) -> None:
    """Given now, put the digest of the last 24 hours into the outbox."""
    from triagebot.app.digest.send import put_digest_into_outbox  # late: looking at one needs none of it
    from triagebot.edge.keys import load_key

    key = load_key(view.data / "key")
    with writing(view) as store:
        digest = gather_digest(store, view, now, now - _DAY)
        put_digest_into_outbox(store, digest, view, key, now, now.isoformat())
