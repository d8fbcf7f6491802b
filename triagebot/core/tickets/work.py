"""Which ticket a mail makes (design.md section 3, kind × tier)."""

from datetime import datetime

from triagebot.core.answer import ANSWER_MINUTES, Reading
from triagebot.core.decision import Guard, Sender, Slot, TicketPlan, TicketState
from triagebot.core.desk import Tier
from triagebot.core.hours.calendar import Calendar
from triagebot.core.hours.planner import FIRST_ANSWER_MINUTES, WORK_CLASS, Booked, WorkClass, place, promise_day
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
    if kind == "project":
        return plan_work("project", _QUOTE_MINUTES, "new", sender.tier, calendar, booked, now)
    if kind == "work":
        state: TicketState = "planned" if sender.tier == "retainer" else "waiting-client"
        return plan_work("work", reading.minutes, state, sender.tier, calendar, booked, now)
    answered = any(rule.reply for rule in reading.rules)
    if (answered and "reply-to-auto" not in guard.codes) or sender.client is None:
        return None
    if sender.tier == "retainer":
        return plan_work(kind or "question", ANSWER_MINUTES, "planned", "retainer", calendar, booked, now)
    return TicketPlan(kind or "question", ANSWER_MINUTES, "new")


def _emergency(reading: Reading, sender: Sender, calendar: Calendar, booked: Booked, now: datetime) -> TicketPlan:
    if sender.tier == "retainer":
        return plan_work("emergency", reading.minutes, "planned", "retainer", calendar, booked, now)
    return TicketPlan("emergency", reading.minutes, "waiting-client")


def plan_work(
    kind: Kind, minutes: int, state: TicketState, tier: Tier, calendar: Calendar, booked: Booked, now: datetime
) -> TicketPlan:
    """Given work of a tier, return its ticket with dates and slots behind all that is booked; `new` without any when
    there is no support hour within two years.

    A retainer is told the date of the first answer, which is the next support hour (24 hours, the clock standing still
    on days without one, design.md section 8); of a project, and anybody else, the date by which it is done.
    """
    answers: tuple[Slot, ...] = ()
    answer_due = None
    if tier == "retainer":
        answers = place(FIRST_ANSWER_MINUTES, "emergency", calendar, booked, now)
        answer_due = calendar.next_hour(now)
    work: WorkClass = "emergency" if kind == "emergency" else WORK_CLASS[tier]
    slots = place(minutes, work, calendar, booked.add(tier, answers), now)
    due = promise_day(slots, calendar, now)
    if due is None:
        return TicketPlan(kind, minutes, "new")
    promise = due if kind == "project" or answer_due is None else answer_due
    return TicketPlan(kind, minutes, state, promise, (*answers, *slots), due, answer_due)
