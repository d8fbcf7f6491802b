"""Which ticket a mail makes (design.md section 3, kind × tier)."""

from datetime import datetime

from triagebot.core.answer import ANSWER_MINUTES, WORK_CLASS, Reading
from triagebot.core.calendar import Calendar
from triagebot.core.decision import Guard, Sender, Slot, TicketPlan, TicketState
from triagebot.core.planner import Booked, WorkClass, place
from triagebot.core.rules.rule import Kind

_QUOTE_MINUTES = 30


def plan_ticket(
    reading: Reading, sender: Sender, guard: Guard, calendar: Calendar, booked: Booked, now: datetime
) -> TicketPlan | None:
    """Given a reading and its authenticated sender, return the ticket the mail makes, or None.

    A canned answer alone makes none, except when the client writes back to one ("not solved").
    `waiting-client` is for a ticket whose mail is answered; triage makes it `new` where nothing is sent.
    """
    kind = reading.kind
    if kind == "emergency":
        return _emergency(reading, sender, calendar, booked, now)
    work = WORK_CLASS[sender.tier]
    if kind == "project":
        return _planned("project", _QUOTE_MINUTES, "new", work, calendar, booked, now)
    if kind == "work":
        state: TicketState = "planned" if sender.tier == "retainer" else "waiting-client"
        return _planned("work", reading.minutes, state, work, calendar, booked, now)
    answered = any(rule.reply for rule in reading.rules)
    if (answered and "reply-to-auto" not in guard.codes) or sender.client is None:
        return None
    if sender.tier == "retainer":
        return _planned(kind or "question", ANSWER_MINUTES, "planned", work, calendar, booked, now)
    return TicketPlan(kind or "question", ANSWER_MINUTES, "new")


def _emergency(reading: Reading, sender: Sender, calendar: Calendar, booked: Booked, now: datetime) -> TicketPlan:
    if sender.tier == "retainer":
        return _planned("emergency", reading.minutes, "planned", "emergency", calendar, booked, now)
    return TicketPlan("emergency", reading.minutes, "waiting-client")


def _planned(
    kind: Kind,
    minutes: int,
    state: TicketState,
    work: WorkClass,
    calendar: Calendar,
    booked: Booked,
    now: datetime,
) -> TicketPlan:
    slots: tuple[Slot, ...] = place(minutes, work, calendar, booked, now)
    if not slots:
        return TicketPlan(kind, minutes, "new")
    return TicketPlan(kind, minutes, state, slots[-1].day, slots)
