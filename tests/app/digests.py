"""The digest of a desk as a test reads it: every sentence on a line of its own, however long."""

from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.digest.gather import gather_digest
from triagebot.core.digest.plain import render_text
from triagebot.edge.store import Store

_ENDLESS = 10_000


def show_digest(store: Store, view: DeskView, now: datetime, since: datetime) -> str:
    """Given the store, the desk, now and the moment of the last digest, return the digest as text without breaks."""
    return render_text(gather_digest(store, view, now, since), width=_ENDLESS)


def unwrap(said: bytes) -> str:
    """Given what a command printed, return it with every break and indent as one space."""
    return " ".join(said.decode().split())
