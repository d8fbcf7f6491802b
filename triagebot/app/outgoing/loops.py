"""The latched loops and the breaker, as a person sees and releases them."""

from datetime import datetime
from typing import Any

from triagebot.app.desk.opening import reading, writing
from triagebot.app.desk.view import DeskView
from triagebot.app.outgoing.silence import BREAKER
from triagebot.core.errors import StoreError
from triagebot.edge.store.rows import instant
from triagebot.edge.wording import say_time


def list_loops(view: DeskView, now: datetime) -> list[dict[str, Any]]:
    """Given a desk and now, return what is latched, the breaker first; times in the desk's zone."""
    with reading(view) as store:
        rows = store.latches.listing(now)
    zone = view.calendar.zone
    return [
        {
            "id": row["id"],
            "kind": row["kind"],
            "mode": row["mode"],
            "who": row["sender_key"] or "everybody",
            "thread": row["thread"],
            "why": row["reason"],
            "since": say_time(instant(str(row["since"])), zone),
            "until": say_time(instant(str(row["until"])), zone) if row["until"] else None,
            "silenced": row["silenced"],
            "last_subject": row["last_subject"],
        }
        for row in rows
    ]


def release_loop(view: DeskView, which: str, now: datetime) -> int:
    """Given a number of `list_loops`, or "breaker" for the breaker of every mode, release it. Return how many were
    released. Raise StoreError when nothing of that name is latched."""
    with writing(view) as store:
        held = {str(row["id"]): row["kind"] for row in store.latches.listing(now)}
        chosen = [number for number, kind in held.items() if which in (number, kind) and which != "loop"]
        if not chosen:
            what = "the breaker is not open" if which == BREAKER else f"nothing is latched under {which}"
            raise StoreError(f"{what}; see `triagebot loops`")
        for number in chosen:
            store.latches.release(int(number), now)
    return len(chosen)
