"""Is the desk left alone? Looked at every minute; the mark in the database is what deciding a mail asks."""

from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.core.hours.neglect import find_neglect
from triagebot.core.phrase import Words, say
from triagebot.edge.store import Store
from triagebot.edge.wording import say_time

_MARK = "left alone"


def is_left_alone(store: Store) -> bool:
    """Given the store, return whether no date may be told. What the developer has just done counts at once."""
    since = store.health.done_at(_MARK)
    if since is None:
        return False
    act = store.promises.last_act()
    return act is None or act <= since


def review_neglect(store: Store, view: DeskView, now: datetime) -> None:
    """Given the store inside a transaction, the desk and now, set or take away the mark."""
    if _since(store, view, now) is None:
        store.health.forget(_MARK)
    else:
        store.health.do_once(_MARK, now)


def tell_neglect(store: Store, view: DeskView, now: datetime) -> Words:
    """Given the store, the desk and now, return the sentence about a desk that is left alone, or ""."""
    since = _since(store, view, now)
    if since is None:
        return ""
    return say(
        "Work has waited for you since {since}, so clients are told no dates any more; any command on a ticket,"
        " approval or mail of yours ends that.",
        since=say_time(since, view.calendar.zone),
    )


def _since(store: Store, view: DeskView, now: datetime) -> datetime | None:
    settings = view.desk.desk
    if {settings.mode, *settings.tier_modes.values()} == {"shadow"}:
        return None  # nobody is told anything
    waiting, act = store.promises.waiting_since(), store.promises.last_act()
    return find_neglect(view.calendar, waiting, act, view.desk.digest.silent_days, now)
