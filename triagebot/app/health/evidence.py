"""Gathering what a judgement about the desk rests on: rows, the disk, the sign-ins."""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from triagebot.app.desk.view import DeskView
from triagebot.app.health.neglect import tell_neglect
from triagebot.app.outgoing.silence import tell_breaker
from triagebot.core.hours.overdue import count_overdue
from triagebot.core.phrase import ENGLISH
from triagebot.core.watch import Evidence, Part, Problem, find_problems
from triagebot.edge.store import Store

_OTHER_PARTS = ("chore ",)
_CANARIES = timedelta(days=7)


def gather_evidence(
    store: Store, view: DeskView, now: datetime, *, running: bool, signins: Iterable[dict[str, Any]] = ()
) -> Evidence:
    """Given the store, the desk, now, whether a daemon runs and how the sign-ins are, return the evidence, the gaps
    of the proof apart: those are counted over all mails, which is too slow for every look of the watchdog."""
    desk = view.desk
    inboxes = tuple(inbox.id for inbox in desk.inbox)
    ended = (Part(f"sign-in {one['id']}", problem=str(one["problem"])) for one in signins if one["problem"])
    return Evidence(
        parts=(*current_parts(store, view), *ended),
        inboxes=inboxes,
        untrusting=tuple(inbox.id for inbox in desk.inbox if not inbox.authserv_ids),
        running=running,
        oldest_unsent=store.outbox.oldest_unsent(now),
        oldest_pending=store.health.oldest_pending(),
        ambiguous=store.health.count_ambiguous(),
        overdue=count_overdue(store.health.owed_to_retainers(), desk.desk.answer_within, view.calendar, now),
        free_bytes=shutil.disk_usage(view.data).free,
        place=str(view.data),
        canaries=tuple(store.canaries.since(now - _CANARIES)) if desk.health.canary else (),
        jump=store.health.last_jump(),
        breaker=ENGLISH.speak(tell_breaker(store, desk, now)),
        neglect=ENGLISH.speak(tell_neglect(store, view, now)),
    )


def current_parts(store: Store, view: DeskView) -> tuple[Part, ...]:
    """Given the store and the desk, return how its parts are; inboxes that were taken out are no parts of it."""
    parts = ("inbox", "send", "folders", "sent")
    names = {"files", *(f"{part} {inbox.id}" for inbox in view.desk.inbox for part in parts)}
    found = (part for part in store.health.parts() if part.name in names or part.name.startswith(_OTHER_PARTS))
    return tuple(replace(part, refused=part.refused and bool(part.problem)) for part in found)


def judge(evidence: Evidence, view: DeskView, now: datetime) -> tuple[Problem, ...]:
    """Given evidence, the desk and now, return what is wrong."""
    health = view.desk.health
    return find_problems(evidence, now, health.silence, health.canary_within)
