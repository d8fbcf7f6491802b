"""The plan of the coming support hours: made from the open tickets, written down, and what it puts at risk.

Promises are in the tickets and never change here; slots are only how they are kept, and are made anew whenever
something changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from triagebot.app.desk.view import DeskView
from triagebot.core.hours.agenda import Agenda, Work, find_at_risk, make_agenda, minutes_left
from triagebot.core.hours.calendar import Calendar
from triagebot.core.hours.planner import FIRST_ANSWER_MINUTES, SPARE_DAYS, WORK_CLASS, WorkClass
from triagebot.core.phrase import Words, say
from triagebot.edge.store import Store
from triagebot.edge.store.work.slots import Owed, Planned

if TYPE_CHECKING:
    from triagebot.app.database import Database


@dataclass(frozen=True, slots=True)
class Plan:
    """The tickets with work left, what is left of them, and which hours it goes into."""

    owed: Mapping[int, Owed]
    works: tuple[Work, ...]
    agenda: Agenda


@dataclass(frozen=True, slots=True)
class Risk:
    """A promise that is broken, or will be as things are planned. `planned` is when it would be kept, if ever."""

    ticket: Owed
    promise: date
    planned: date | None
    broken: bool

    @property
    def text(self) -> Words:
        """What is wrong, and how to mend it, in one sentence."""
        day = self.promise
        if self.broken:
            return say("promised for {day} and not done: do it, or tell the client a new date", day=day)
        if self.planned is None:
            return say("promised for {day}, and no coming hour has room for it: tell the client a new date", day=day)
        if self.planned > self.promise:
            return say(
                "promised for {day}, but planned to end on {planned}: do it before, or tell the client a new date",
                day=day,
                planned=self.planned,
            )
        return say("promised for {day} and planned to end that very day: no day is to spare", day=day)


def make_plan(store: Store, view: DeskView, now: datetime) -> Plan:
    """Given the store, the desk and now, return the plan as it would be made now; nothing is written."""
    owed = store.slots.owed()
    works = tuple(work for ticket in owed for work in list_work(ticket, view.calendar, now))
    return Plan({ticket.ticket: ticket for ticket in owed}, works, make_agenda(works, view.calendar, now))


def replan(store: Store, view: DeskView, now: datetime) -> int:
    """Given the store inside a transaction, the desk and now, make the slots of all hours that have not begun anew.
    Return how many rows changed. Call it after each change of a ticket, of its minutes, or of the calendar."""
    plan = make_plan(store, view, now)
    minutes: dict[tuple[int, date, bool], int] = {}
    for one in plan.agenda.assigned:
        place = (one.ticket, one.day, one.urgent)
        minutes[place] = minutes.get(place, 0) + one.minutes
    rows = (
        Planned(ticket, day, length, plan.owed[ticket].tier, urgent)
        for (ticket, day, urgent), length in minutes.items()
    )
    return store.slots.rewrite(view.calendar.first_plannable_day(now), rows)


async def replan_daily(database: "Database", view: DeskView, key: bytes, now: datetime) -> None:  # noqa: ARG001 - a chore
    """Given the database, the desk and now, make the plan of the new day."""
    await database.ask(lambda store: replan(store, view, now))


def list_work(ticket: Owed, calendar: Calendar, now: datetime) -> Iterator[Work]:
    """Given a ticket, yield what is left to do for it: the first answer a retainer is owed, and the work.

    An estimate holds its date until the client is late with a yes; one without a date holds nothing.
    """
    due = _due(ticket)
    if ticket.state == "waiting-client" and not _is_held(ticket, due, calendar, now):
        return
    if owes_answer(ticket):
        minutes, opened_at = FIRST_ANSWER_MINUTES, ticket.opened_at
        yield Work(ticket.ticket, minutes, "retainer", opened_at, ticket.answer_due, urgent=True, answer=True)
    work: WorkClass = "emergency" if ticket.kind == "emergency" else WORK_CLASS[ticket.tier]
    not_before = None
    if work == "spare":
        not_before = calendar.local(ticket.opened_at).date() + timedelta(days=SPARE_DAYS)
        not_before = not_before if due is None or not_before < due else None
    left = minutes_left(ticket.minutes, ticket.minutes_done)
    yield Work(ticket.ticket, left, work, ticket.opened_at, due, not_before, urgent=work == "emergency")


def owes_answer(ticket: Owed) -> bool:
    """Given a ticket, return whether a retainer still waits for its first answer."""
    return ticket.answer_due is not None and ticket.answered_at is None


def find_risks(plan: Plan, calendar: Calendar, now: datetime) -> tuple[Risk, ...]:
    """Given a plan, the calendar and now, return the promises that are broken or have no slack left, the first due
    on top. What was not told yet, such as the date of an estimate, is no promise."""
    today = calendar.local(now).date()
    finish, answers = plan.agenda.finish_of(), plan.agenda.finish_of(answers=True)
    told = (work for work in plan.works if _is_told(plan.owed[work.ticket], work))
    found = []
    for work in find_at_risk(plan.agenda, told, calendar):
        assert work.due is not None  # noqa: S101 - what is due on no day is at no risk
        end = (answers if work.answer else finish).get(work.ticket)
        found.append(Risk(plan.owed[work.ticket], work.due, end, broken=work.due < today))
    return tuple(sorted(found, key=lambda risk: (risk.promise, risk.ticket.ticket)))


def _due(ticket: Owed) -> date | None:
    """The date its work is to end by: the one told, or for a retainer, who is told that of an answer, the one aimed
    at; whichever is later after a promise was moved."""
    if ticket.answer_due is None or ticket.due is None:
        return ticket.promise or ticket.due
    return max(ticket.due, ticket.promise or ticket.due)


def _is_told(ticket: Owed, work: Work) -> bool:
    if ticket.state == "waiting-client":
        return False
    return work.answer or (work.due == ticket.promise and ticket.promise != ticket.answer_due)


def _is_held(ticket: Owed, due: date | None, calendar: Calendar, now: datetime) -> bool:
    expired = ticket.expires_at is not None and ticket.expires_at <= now
    return due is not None and not expired and due >= calendar.local(now).date()
