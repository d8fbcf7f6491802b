"""How the desk is, from evidence: for people and for monitoring."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from triagebot.app.access.tokens import describe_signins
from triagebot.app.desk.view import DeskView
from triagebot.app.health.evidence import current_parts, gather_evidence, judge
from triagebot.app.safety.proof import gather_gaps
from triagebot.app.tickets.hours import risk_notes
from triagebot.core.errors import DeskBusy, StoreError
from triagebot.core.modes import say_modes, tell_words
from triagebot.core.phrase import ENGLISH
from triagebot.core.watch import Canary
from triagebot.edge.lock import DeskLock
from triagebot.edge.store import Store
from triagebot.edge.wording import say_time


def gather_status(store: Store, snapshot: DeskView, now: datetime) -> dict[str, Any]:
    """Given the store, the desk and now, return the status; `healthy` is False when anything needs a look."""
    zone = snapshot.calendar.zone
    mails, outbox = store.mails.count_states(), store.outbox.count_states()
    running = is_running(snapshot)
    signins = describe_signins(snapshot, now)
    evidence = gather_evidence(store, snapshot, now, running=running, signins=signins)
    gaps = tuple(ENGLISH.speak(gap) for gap in gather_gaps(store, snapshot, now))
    problems = judge(replace(evidence, gaps=gaps), snapshot, now)
    worries = [problem.text for problem in problems if problem.weight != "note"]
    oldest = evidence.oldest_unsent
    return {
        "healthy": not worries,
        "desk": snapshot.desk.desk.name,
        "mode": snapshot.desk.desk.mode,
        "modes": say_modes(snapshot.desk.desk),
        "running": "yes" if running else "no",
        "mails": ", ".join(f"{count} {state}" for state, count in mails.items()) or "none yet",
        "outbox": ", ".join(f"{count} {state}" for state, count in outbox.items()) or "empty",
        "oldest unsent": say_time(oldest, zone) if oldest else "none",
        "held": mails.get("held", 0),
        "counts": {"mails": mails, "outbox": outbox},
        "parts": [
            {
                "part": part.name,
                "worked": say_time(part.worked_at, zone) if part.worked_at else "never",
                "problem": part.problem,
                "since": part.since.isoformat(timespec="microseconds") if part.since else None,
            }
            for part in current_parts(store, snapshot)
        ],
        "watched by": _watched_by(store, snapshot),
        "signins": signins,
        "canaries": [_describe_canary(one, snapshot) for one in _last_back(evidence.canaries)],
        "notes": [
            *(problem.text for problem in problems if problem.weight == "note"),
            *risk_notes(store, snapshot, now),
            *map(ENGLISH.speak, tell_words(snapshot.modes)),
        ],
        "problems": worries,
    }


def _watched_by(store: Store, snapshot: DeskView) -> dict[str, str]:
    """How the news of each inbox are met; empty before its first connection."""
    watched = store.mails.watched()
    return {inbox.id: watched[inbox.id] for inbox in snapshot.desk.inbox if inbox.id in watched}


def _last_back(canaries: Iterable[Canary]) -> list[Canary]:
    """The newest of each inbox that came back."""
    return list({canary.inbox: canary for canary in canaries if canary.back_at is not None}.values())


def _describe_canary(canary: Canary, snapshot: DeskView) -> dict[str, Any]:
    assert canary.back_at is not None  # noqa: S101 - only such are described
    seconds = (canary.back_at - canary.made_at).total_seconds()
    return {
        "inbox": canary.inbox,
        "sent": say_time(canary.made_at, snapshot.calendar.zone),
        "round_trip_seconds": round(max(0.0, seconds), 1),
    }


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
