"""Which ticket a mail makes (design.md section 3), apart from what else triage knows."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.core.book import BOOK, IN_A_WEEK, NOW, TOLD, TOLD_SPARE, TOMORROW, make_book
from triagebot.core.answer import Reading
from triagebot.core.decision import Guard, RuleMatch, Sender, Slot, TicketPlan
from triagebot.core.hours.planner import Booked
from triagebot.core.tickets.work import plan_ticket

SENDERS = {
    "retainer": Sender("jan@bakery.test", "pass", "bakery", "retainer"),
    "one-off": Sender("mia@cafe.test", "pass", "cafe", "one-off"),
    "none": Sender("kim@kiosk.test", "pass", "kiosk", "none"),
    "stranger": Sender("sam@elsewhere.test", "pass"),
}
OK = Guard("ok")
NOT_SOLVED = Guard("human", ("reply-to-auto",))
LATER = (Slot(IN_A_WEEK, 15),)


def plan(who: str, *rules: str, guard: Guard = OK, booked: Booked = Booked(), **hour: Any) -> TicketPlan | None:
    """Given a sender and the rules that matched, return the ticket."""
    reading = Reading.of([RuleMatch(rule, ()) for rule in rules], BOOK.rules)
    return plan_ticket(reading, SENDERS[who], guard, make_book(**hour).calendar, booked, NOW)


@pytest.mark.parametrize(
    ("who", "state", "day"),
    [
        ("one-off", "waiting-client", TOMORROW),
        ("none", "waiting-client", IN_A_WEEK),
        ("stranger", "waiting-client", IN_A_WEEK),
    ],
)
def test_work(who: str, state: str, day: date) -> None:
    """Work waits for a yes; the date told, which is held meanwhile, lies two support days behind its planned end."""
    ticket = plan(who, "change")
    assert ticket
    assert (ticket.kind, ticket.minutes, ticket.state) == ("work", 30, state)
    assert ticket.slots == (Slot(day, 30),)
    assert (ticket.promise, ticket.due) == (ticket.due, {TOMORROW: TOLD, IN_A_WEEK: TOLD_SPARE}[day])
    assert ticket.answer_due is None


def test_a_retainer_is_told_when_the_first_answer_comes() -> None:
    """The next support hour, in which minutes are kept for it, whatever else is planned; the work has a date of its
    own, aimed at."""
    booked = Booked({TOMORROW: {"one-off": 40}})
    ticket = plan("retainer", "change", booked=booked)
    assert ticket
    assert (ticket.kind, ticket.minutes, ticket.state) == ("work", 30, "planned")
    assert (ticket.promise, ticket.answer_due) == (TOMORROW, TOMORROW)
    thursday = TOMORROW + timedelta(days=1)
    assert ticket.slots == (Slot(TOMORROW, 5, urgent=True), Slot(thursday, 30))
    assert ticket.due == date(2026, 11, 30)


@pytest.mark.parametrize("who", sorted(SENDERS))
def test_a_project_is_a_quote_to_write(who: str) -> None:
    """A large change takes half an hour: that of its estimate, not of the change."""
    ticket = plan(who, "redesign")
    assert ticket
    assert (ticket.kind, ticket.minutes, ticket.state) == ("project", 30, "new")
    assert ticket.promise == ticket.due == (TOLD if who in ("retainer", "one-off") else TOLD_SPARE)


def test_a_retainers_emergency_has_the_first_slot() -> None:
    """The first minutes not promised yet, although others reserved them."""
    booked = Booked({TOMORROW: {"retainer": 20}})
    ticket = plan("retainer", "down", booked=booked, reserve={"one-off": 40})
    assert ticket
    assert ticket.slots == (
        Slot(TOMORROW, 5, True),
        Slot(TOMORROW, 35, True),
        Slot(TOMORROW + timedelta(days=1), 25, True),
    )
    assert ticket.promise == TOMORROW


@pytest.mark.parametrize("who", ["one-off", "none", "stranger"])
def test_an_emergency_without_a_retainer_takes_no_slot(who: str) -> None:
    """Others get contact and emergency link; nobody's hour is given away before they book."""
    assert plan(who, "down") == TicketPlan("emergency", 60, "waiting-client")


@pytest.mark.parametrize("rule", ["permalinks", "nameserver", "prices"])
@pytest.mark.parametrize("who", sorted(SENDERS))
def test_a_canned_answer_makes_no_ticket(who: str, rule: str) -> None:
    """What a reply file answers is nobody's work, until a client writes back that it is not solved."""
    assert plan(who, rule) is None
    again = plan(who, rule, guard=NOT_SOLVED)
    assert (again is None) is (who == "stranger")


@pytest.mark.parametrize("rules", [(), ("riddle",)], ids=["unmatched", "no answer"])
def test_what_nobody_answers_is_owed_to_clients(rules: tuple[str, ...]) -> None:
    """A client's mail without a canned answer is a ticket: a retainer's with a date, others' without; no stranger's."""
    retainer = plan("retainer", *rules)
    slots = (Slot(TOMORROW, 5, urgent=True), Slot(TOMORROW, 15))
    assert retainer == TicketPlan("question", 15, "planned", TOMORROW, slots, TOLD, TOMORROW)
    assert plan("one-off", *rules) == plan("none", *rules) == TicketPlan("question", 15, "new")
    assert plan("stranger", *rules) is None


@pytest.mark.parametrize("rules", [("change",), ("redesign",), ("down",), ()])
def test_without_any_hour_work_is_new_and_dateless(rules: tuple[str, ...]) -> None:
    """When two years have no support hour, the ticket is there and no date is told."""
    ticket = plan("retainer", *rules, minutes=0)
    assert ticket
    assert (ticket.state, ticket.promise, ticket.slots) == ("new", None, ())
