"""How the desk is, from evidence: for people and for monitoring."""

import shutil
from datetime import datetime, timedelta
from typing import Any

from triagebot.app.desk.view import DeskView
from triagebot.core.errors import DeskBusy, StoreError
from triagebot.edge.lock import DeskLock
from triagebot.edge.store import Store
from triagebot.edge.store.rows import instant
from triagebot.edge.wording import say_time

_STALE = timedelta(minutes=15)
_OLD = timedelta(minutes=30)
_LITTLE_SPACE = 1024 * 1024
"""Bytes below which SQLite may not be able to write a mail and its answer."""


def gather_status(store: Store, snapshot: DeskView, now: datetime) -> dict[str, Any]:
    """Given the store, the desk and now, return the status; `healthy` is False when anything needs a look."""
    zone = snapshot.calendar.zone
    mails, outbox = store.mails.count_states(), store.outbox.count_states()
    parts = current_parts(store, snapshot)
    running = is_running(snapshot)
    oldest = store.outbox.oldest_unsent()
    problems = [f"{part['part']}: {part['problem']}" for part in parts if part["problem"]]
    problems += _problems(snapshot, parts, running, oldest, now)
    if outbox.get("ambiguous"):
        problems.append(f"{outbox['ambiguous']} mails were maybe sent; look at `triagebot outbox`")
    return {
        "healthy": not problems,
        "desk": snapshot.desk.desk.name,
        "mode": snapshot.desk.desk.mode,
        "running": "yes" if running else "no",
        "mails": ", ".join(f"{count} {state}" for state, count in mails.items()) or "none yet",
        "outbox": ", ".join(f"{count} {state}" for state, count in outbox.items()) or "empty",
        "oldest unsent": say_time(oldest, zone) if oldest else "none",
        "held": mails.get("held", 0),
        "counts": {"mails": mails, "outbox": outbox},
        "parts": [
            {
                "part": part["part"],
                "worked": say_time(instant(part["ok_at"]), zone) if part["ok_at"] else "never",
                "problem": part["problem"],
                "since": part["since"],
            }
            for part in parts
        ],
        "problems": problems,
    }


def current_parts(store: Store, snapshot: DeskView) -> list[dict[str, str | None]]:
    """Given the store and the desk, return how its parts are; inboxes that were taken out are no parts of it."""
    names = {"files", *(f"{part} {inbox.id}" for inbox in snapshot.desk.inbox for part in ("inbox", "send"))}
    return [part for part in store.health.parts() if part["part"] in names]


def _problems(
    snapshot: DeskView,
    parts: list[dict[str, str | None]],
    running: bool,
    oldest: datetime | None,
    now: datetime,
) -> list[str]:
    found = []
    worked = {part["part"]: part["ok_at"] for part in parts}
    for inbox in snapshot.desk.inbox:
        last = worked.get(f"inbox {inbox.id}")
        if last is None:
            found.append(f"inbox {inbox.id}: never fetched yet")
        elif now - instant(last) > _STALE:
            ago = timedelta(seconds=round((now - instant(last)).total_seconds()))
            daemon = "" if running else ", and no daemon is running"
            found.append(f"inbox {inbox.id}: last fetched {ago} ago{daemon}")
        if not inbox.authserv_ids:
            found.append(f"inbox {inbox.id}: authserv_ids is empty, so nobody is answered")
    free = shutil.disk_usage(snapshot.data).free
    if free < _LITTLE_SPACE:
        found.append(f"the disk of {snapshot.data} is full: {free // 1024} KiB are left; nothing can be taken in")
    if oldest is not None and now - oldest > _OLD:
        found.append(f"a mail has waited in the outbox for {now - oldest}; look at `triagebot outbox`")
    return found


def is_running(snapshot: DeskView) -> bool:
    """Given a snapshot, return whether a daemon holds its desk now."""
    if not snapshot.data.is_dir():
        return False
    try:
        with DeskLock(snapshot.data / "lock", wait_seconds=0):
            return False
    except DeskBusy:
        return True
    except StoreError:
        return False
