"""What stands above everything else: parts that are broken, modes, loops, gaps in the proof."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from triagebot.app.desk.view import DeskView
from triagebot.app.health.alarms import tell_repeated
from triagebot.app.health.evidence import current_parts
from triagebot.app.health.neglect import tell_neglect
from triagebot.app.outgoing.silence import tell_loops
from triagebot.app.safety.proof import tell_gaps
from triagebot.core.modes import say_modes, tell_words
from triagebot.core.phrase import Words, say
from triagebot.edge.store import Store

LATE = timedelta(minutes=30)
"""A digest that leaves so long after its time says that it is late."""


def gather_notices(
    store: Store, view: DeskView, now: datetime, since: datetime, due: datetime | None
) -> tuple[Words, ...]:
    """Given the store, the desk, now, the moment of the last digest, and when this one was due (None when it was asked
    for), return what is told before all else."""
    return (
        *_tell_late(view, now, due),
        *_tell_desk(store, view),
        *tell_loops(store, view, now),
        *tell_gaps(store, view, now, since),
        *_tell_neglect(store, view, now),
        *tell_repeated(store, view, since),
    )


def _tell_late(view: DeskView, now: datetime, due: datetime | None) -> Iterator[Words]:
    if due is not None and now - due > LATE:
        at = view.calendar.local(due)
        yield say(
            "This digest is late: it was due on {day} at {time}, and the desk was down or closed then.",
            day=at.date(),
            time=f"{at:%H:%M}",
        )


def _tell_desk(store: Store, view: DeskView) -> Iterator[Words]:
    yield from (f"{part.name}: {part.problem}" for part in current_parts(store, view) if part.problem)
    yield from tell_words(view.modes)
    modes = say_modes(view.desk.desk)
    if modes != "live" and "live" not in modes:
        yield say("The desk is in {modes} mode: clients get no automatic mail.", modes=modes)
    elif modes != "live":
        yield say("The desk is in {modes} mode: only tiers in live mode get automatic mail.", modes=modes)
    for inbox in view.desk.inbox:
        if not inbox.authserv_ids:
            yield say(
                "Inbox {inbox}: authserv_ids is empty, so nobody is answered (triagebot check --online).",
                inbox=inbox.id,
            )


def _tell_neglect(store: Store, view: DeskView, now: datetime) -> Iterator[Words]:
    yield from (told for told in (tell_neglect(store, view, now),) if told)
