"""The proof that nothing was lost, as digest and status tell it."""

from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.core.phrase import Words, say
from triagebot.core.proof import STATES, Comparison, find_gaps, prove
from triagebot.edge.store import Store


def say_proof(store: Store, view: DeskView, now: datetime, since: datetime | None) -> Words:
    """Given the store, the desk, now and since when to count (None: for ever), return the proof line."""
    comparisons = [last for last in _last_comparisons(store, view).values() if last is not None]
    return prove(store.mails.count_states(since), comparisons, _say_when(comparisons, view, now))


def gather_gaps(store: Store, view: DeskView, now: datetime) -> tuple[Words, ...]:
    """Given the store, the desk and now, return a sentence for each reason why the proof does not hold."""
    return tuple(find_gaps(store.mails.count_others(STATES), _last_comparisons(store, view), now))


def tell_gaps(store: Store, view: DeskView, now: datetime, since: datetime) -> tuple[Words, ...]:
    """Given the store, the desk, now and a moment, return what the digest says besides the proof: where it does not
    hold, and which folders the server has renumbered since then."""
    renumbered = (
        say(
            "Inbox {inbox}: on {day} at {time} the server gave all mails in {folder} new numbers (UIDVALIDITY). They"
            " were recorded anew; what was not known before is held, and none is answered.",
            inbox=inbox,
            day=view.calendar.local(at).date(),
            time=f"{view.calendar.local(at):%H:%M}",
            folder=folder,
        )
        for inbox, folder, at in store.mails.renumbered(since)
    )
    return (*gather_gaps(store, view, now), *renumbered)


def _last_comparisons(store: Store, view: DeskView) -> dict[str, Comparison | None]:
    return {inbox.id: store.reconciliations.last(inbox.id, inbox.folder) for inbox in view.desk.inbox}


def _say_when(comparisons: list[Comparison], view: DeskView, now: datetime) -> Words:
    """When the oldest of them was made: with the day where that was not today."""
    if not comparisons:
        return ""
    at = view.calendar.local(min(one.at for one in comparisons))
    if at.date() == view.calendar.local(now).date():
        return say("at {time}", time=f"{at:%H:%M}")
    return say("on {day} at {time}", day=at.date(), time=f"{at:%H:%M}")
