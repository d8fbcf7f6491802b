"""The coming support hours as people see them: listed, in the digest, and as a calendar."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from triagebot.app.desk.view import DeskView
from triagebot.app.tickets.agenda import Plan, Risk, find_risks, make_plan, owes_answer
from triagebot.core.hours.agenda import Agenda, Assigned, fill_today
from triagebot.core.phrase import ENGLISH
from triagebot.edge.calendar_feed import AllDay, Appointment, write_feed
from triagebot.edge.store import Store
from triagebot.edge.store.work.slots import Owed

_FEED_DAYS = 60


@dataclass(frozen=True, slots=True)
class Turn:
    """What is done in an hour for a ticket. `risk` is "", "at risk" or "broken"; `held` until the client says yes."""

    ticket: Owed
    minutes: int
    urgent: bool
    answer: bool
    risk: str = ""

    @property
    def held(self) -> bool:
        """Whether the client was asked and has not said yes."""
        return self.ticket.state == "waiting-client"


@dataclass(frozen=True, slots=True)
class Hour:
    """A support hour: its local date, its minutes, and what is done in it, in order."""

    day: date
    minutes: int
    turns: tuple[Turn, ...]

    @property
    def planned(self) -> int:
        """Minutes that are planned."""
        return sum(turn.minutes for turn in self.turns)


def list_hours(store: Store, view: DeskView, plan: Plan, now: datetime, days: int) -> list[Hour]:
    """Given the store, the desk, its plan made now, and how many days to look ahead, return the support hours with what
    is done in them. Today's is filled with what would come next anyway."""
    calendar = view.calendar
    today = calendar.local(now).date()
    risks = _risk_of(find_risks(plan, calendar, now))
    by_day: dict[date, list[Assigned]] = {}
    for one in plan.agenda.assigned:
        by_day.setdefault(one.day, []).append(one)
    hours = []
    for day in calendar.open_days(today, days):
        doing: Iterable[Assigned] = by_day.get(day, ())
        if day == today:
            doing = _fill(store, view, plan, now, today)
        turns = (
            Turn(plan.owed[one.ticket], one.minutes, one.urgent, one.answer, risks.get((one.ticket, one.answer), ""))
            for one in doing
        )
        hours.append(Hour(day, calendar.minutes_on(day), tuple(turns)))
    return hours


def describe_hours(hours: Sequence[Hour]) -> list[dict[str, Any]]:
    """Given hours, return them as plain values, for JSON."""
    return [
        {
            "day": hour.day.isoformat(),
            "minutes": hour.minutes,
            "planned": hour.planned,
            "free": max(0, hour.minutes - hour.planned),
            "slots": [_describe(turn, hour.day) for turn in hour.turns],
        }
        for hour in hours
    ]


def risk_notes(store: Store, view: DeskView, now: datetime) -> list[str]:
    """Given the store, the desk and now, return a sentence for each promise that is broken or at risk."""
    risks = find_risks(make_plan(store, view, now), view.calendar, now)
    return [f"ticket {risk.ticket.ticket} ({name_of(risk.ticket, view)}): {ENGLISH.speak(risk.text)}" for risk in risks]


def make_feed(store: Store, view: DeskView, now: datetime) -> str:
    """Given the store, the desk and now, return the coming support hours and promises as an iCalendar file."""
    desk, plan = view.desk.desk, make_plan(store, view, now)
    hours = [
        Appointment(
            uid=f"hour-{hour.day}@{desk.address.rpartition('@')[2]}",
            start=view.calendar.opening(hour.day),
            minutes=hour.minutes,
            title=f"Support hour, {hour.planned} of {hour.minutes} min",
            lines=tuple(_say_turn(turn, view) for turn in hour.turns),
        )
        for hour in list_hours(store, view, plan, now, _FEED_DAYS)
    ]
    promises = [
        AllDay(
            uid=f"promise-{ticket.ticket}@{desk.address.rpartition('@')[2]}",
            day=ticket.promise,
            title=f"Promised: {name_of(ticket, view)}, #{ticket.ticket}",
            lines=(ticket.subject,),
        )
        for ticket in plan.owed.values()
        if ticket.promise is not None and ticket.state != "waiting-client" and _is_open(ticket)
    ]
    return write_feed(f"{desk.name}: support hours", hours, promises, now)


def name_of(ticket: Owed, view: DeskView) -> str:
    """Given a ticket, return whose it is, as the developer knows them."""
    return view.desk.name_of(ticket.client, ticket.sender_key) or "unknown sender"


def _is_open(ticket: Owed) -> bool:
    """Is the promise still to be kept? That of an answer is, until it was given."""
    return ticket.promise != ticket.answer_due or owes_answer(ticket)


def _fill(store: Store, view: DeskView, plan: Plan, now: datetime, today: date) -> tuple[Assigned, ...]:
    """What is done today: what is planned, but for what waits for a yes, and then what comes next."""
    workable = {ticket.ticket for ticket in plan.owed.values() if ticket.state != "waiting-client"}
    assigned = tuple(one for one in plan.agenda.assigned if one.ticket in workable)
    if view.calendar.first_plannable_day(now) > today:  # the hour has begun: what was planned for it, stands
        begun = tuple(
            Assigned(
                row.ticket, today, row.minutes, row.urgent, row.urgent and plan.owed[row.ticket].kind != "emergency"
            )
            for row in store.slots.on(today)
            if row.ticket in workable
        )
        if not view.calendar.in_hour(now):
            return begun  # it is over
        working = {one.ticket for one in begun}
        assigned = (*begun, *(one for one in assigned if one.ticket not in working))
    works = [work for work in plan.works if work.ticket in workable]
    return fill_today(Agenda(assigned, plan.agenda.unplaced), works, view.calendar, today)


def _risk_of(risks: Iterable[Risk]) -> dict[tuple[int, bool], str]:
    found = {}
    for risk in risks:
        answer = owes_answer(risk.ticket) and risk.promise == risk.ticket.answer_due
        found[risk.ticket.ticket, answer] = "broken" if risk.broken else "at risk"
    return found


def _describe(turn: Turn, day: date) -> dict[str, Any]:
    ticket = turn.ticket
    return {
        "day": day.isoformat(),
        "minutes": turn.minutes,
        "ticket": ticket.ticket,
        "client": ticket.client,
        "sender_key": ticket.sender_key,
        "tier": ticket.tier,
        "kind": ticket.kind,
        "subject": ticket.subject,
        "state": ticket.state,
        "promise": ticket.promise.isoformat() if ticket.promise else None,
        "estimate": ticket.minutes,
        "worked": ticket.minutes_done,
        "answer": turn.answer,
        "urgent": turn.urgent,
        "risk": turn.risk,
    }


def _say_turn(turn: Turn, view: DeskView) -> str:
    what = "first answer, " if turn.answer else ""
    held = " (waits for a yes)" if turn.held else ""
    return f"{turn.minutes} min, {what}{name_of(turn.ticket, view)}, #{turn.ticket.ticket} {turn.ticket.subject}{held}"
