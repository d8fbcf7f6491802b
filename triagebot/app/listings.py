"""What the command line reads from the desk's database."""

from datetime import datetime
from typing import Any

from triagebot.app.desk.opening import reading
from triagebot.app.desk.view import DeskView
from triagebot.app.tickets.agenda import make_plan
from triagebot.app.tickets.hours import Hour, list_hours, make_feed


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
    from triagebot.app.health.status import gather_status  # late: no other listing needs it

    with reading(view) as store:
        return gather_status(store, view, now)
