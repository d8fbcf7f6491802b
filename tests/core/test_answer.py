"""Which answers a mail gets and what their texts may say (design.md section 3)."""

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.book import BOOK, DESK, IN_A_WEEK, NOW, RULES, TOLD_SPARE, TOMORROW, make_book
from triagebot.core.answer import (
    ANSWER_MINUTES,
    DEFAULT_MINUTES,
    Reading,
    choose_answers,
    effective_delay,
    effective_mode,
    reply_values,
)
from triagebot.core.decision import ReplyValues, RuleMatch, Sender, Slot, TicketPlan
from triagebot.core.desk import Absence, Booking, OutboxSettings, Tier
from triagebot.core.hours.planner import Booked
from triagebot.core.rules.rule import DEMAND, Kind, Rule

RETAINER = Sender("jan@bakery.test", "pass", "bakery", "retainer")
STRANGER = Sender("sam@elsewhere.test", "pass")

rules = st.lists(
    st.builds(
        Rule,
        id=st.integers(0, 99).map(str),
        reason=st.just("a/b"),
        kind=st.sampled_from(DEMAND),
        reply=st.sampled_from(("", "one", "two", "three", "four")),
        minutes=st.integers(0, 90),
        mode=st.sampled_from(("", "draft", "live", "shadow")),
    ),
    max_size=8,
).map(tuple)


def reading(*names: str) -> Reading:
    """Given ids of rules in the order of the rulebook, return the reading of a mail they match."""
    return Reading.of([RuleMatch(name, ()) for name in names], BOOK.rules)


def values(of: Reading, sender: Sender = RETAINER, ticket: TicketPlan | None = None, **hour: Any) -> ReplyValues:
    """Given a reading, return what the reply's texts may use."""
    book = make_book(**hour)
    return reply_values(of, sender, ticket, DESK, book.calendar, Booked(), NOW)


def test_a_reading_begins_with_the_most_demanding() -> None:
    """Rules are ordered by the demand of their kinds; those of one kind keep the rulebook's order."""
    ordered = reading("permalinks", "menus", "change", "down")
    assert [rule.id for rule in ordered.rules] == ["down", "change", "permalinks", "menus"]
    assert (ordered.kind, ordered.reason) == ("emergency", "site/down")
    assert (Reading().kind, Reading().reason) == (None, None)


@pytest.mark.parametrize(
    ("names", "minutes"),
    [
        ((), ANSWER_MINUTES),
        (("permalinks",), 10),
        (("menus",), ANSWER_MINUTES),
        (("redesign",), DEFAULT_MINUTES["project"]),
        (("down",), DEFAULT_MINUTES["emergency"]),
        (("permalinks", "down"), DEFAULT_MINUTES["emergency"]),
    ],
)
def test_minutes(names: tuple[str, ...], minutes: int) -> None:
    """A rule's own minutes count, else those of its kind, else a quarter of an hour."""
    assert reading(*names).minutes == minutes


@given(rules)
def test_chosen_answers(matched: tuple[Rule, ...]) -> None:
    """At most three answers, none twice, none empty, and no answer left out for one of a lesser kind."""
    of = Reading(tuple(sorted(matched, key=lambda rule: DEMAND.index(rule.kind))))
    chosen = choose_answers(of)
    known = dict.fromkeys(rule.reply for rule in of.rules if rule.reply)
    assert len(chosen) == min(3, len(known))
    assert chosen == tuple(known)[:3]


@given(rules, st.sampled_from(("retainer", "none")), st.sampled_from(("shadow", "draft", "live")))
def test_a_mode_is_never_bolder_than_any_rule(matched: tuple[Rule, ...], tier: Tier, mode: str) -> None:
    """No reply leaves live while one of its rules, or the default of one without a mode, says draft or shadow."""
    caution = ("shadow", "draft", "live")
    settings = replace(DESK.desk, mode=mode, tier_modes={"retainer": "draft"})  # type: ignore[arg-type]
    chosen = effective_mode(Reading(matched), tier, settings)
    default = "draft" if tier == "retainer" else mode
    wanted = [rule.mode or default for rule in matched] or [default]
    assert chosen in wanted
    assert all(caution.index(chosen) <= caution.index(one) for one in wanted)


@given(st.lists(st.none() | st.integers(0, 90), max_size=4), st.integers(0, 90))
def test_the_longest_delay_of_the_rules_counts(minutes: list[int | None], default: int) -> None:
    """A rule that says nothing leaves it to the others, and all of them to the desk; "0s" is something said."""
    waits = [None if number is None else timedelta(minutes=number) for number in minutes]
    matched = tuple(Rule(str(n), "a/b", "question", delay=wait) for n, wait in enumerate(waits))
    said = [wait for wait in waits if wait is not None]
    chosen = effective_delay(Reading(matched), OutboxSettings(delay=timedelta(minutes=default)))
    assert chosen == max(said, default=timedelta(minutes=default))


def test_values_are_a_closed_set() -> None:
    """Texts may use these values and no others; a new one has to be weighed against section 8 of design.md first."""
    assert {field.name for field in fields(ReplyValues)} == {
        *("desk_name", "desk_address", "tier", "booking", "plans", "client_name", "vendors", "answer_vendors"),
        *("promise", "waiting", "estimate", "estimate_until", "absence", "moved", "colleague", "seen_at", "silent"),
    }


def test_values_of_a_client_and_of_a_stranger() -> None:
    """A client is named and told of its own vendors; a stranger gets neither, and the same public facts."""
    known, unknown = values(reading("nameserver")), values(reading("nameserver"), STRANGER)
    assert (known.client_name, [vendor.id for vendor in known.vendors]) == ("Bakery Nowak", ["hover"])
    assert (unknown.client_name, unknown.vendors, unknown.answer_vendors) == ("", (), (("dns", ()),))
    assert (known.desk_name, known.desk_address) == (unknown.desk_name, unknown.desk_address)
    assert known.booking == unknown.booking == DESK.booking
    assert known.plans == unknown.plans == DESK.plan


def test_the_date_is_the_tickets_own() -> None:
    """With a ticket the promise told is the pinned one; without, the next free time of the tier."""
    pinned = TicketPlan("work", 30, "planned", IN_A_WEEK, (Slot(TOMORROW, 10), Slot(IN_A_WEEK, 20)))
    assert values(reading("change"), ticket=pinned).promise == IN_A_WEEK
    assert values(reading("permalinks")).promise == TOMORROW
    assert values(reading("permalinks"), STRANGER).promise == TOLD_SPARE


def test_waiting_is_told_when_it_is_long() -> None:
    """A week or more is a long wait, and so is no date at all."""
    assert not values(reading("permalinks")).waiting
    assert values(reading("permalinks"), STRANGER).waiting
    nobody = values(reading("permalinks"), minutes=0)
    assert (nobody.waiting, nobody.promise) == (True, None)


def test_an_absence_is_told_while_it_lasts() -> None:
    """The running absence is told, a coming one not."""
    away = Absence(date(2026, 11, 20), date(2026, 11, 27), "Away")
    later = replace(away, first=date(2026, 11, 25))
    assert values(reading("permalinks"), absences=(away,)).absence == away
    assert values(reading("permalinks"), absences=(later,)).absence is None


@pytest.mark.parametrize(("kind", "told"), [("work", True), ("project", False), ("emergency", False)])
def test_estimates(kind: Kind, told: bool) -> None:
    """A price is told for work that has a ticket, in the desk's currency, at the client's own rate."""
    estimated = values(reading("change"), ticket=TicketPlan(kind, 30, "planned")).estimate
    assert (estimated is not None) is told
    assert estimated is None or (estimated.low, estimated.currency) == (Decimal(45), "EUR")
    assert values(reading("change")).estimate is None


def test_without_a_rate_there_is_no_estimate() -> None:
    """A desk that names no hourly rate tells no price."""
    desk = replace(DESK, booking=Booking())
    ticket = TicketPlan("work", 30, "waiting-client")
    assert reply_values(reading("change"), STRANGER, ticket, desk, BOOK.calendar, Booked(), NOW).estimate is None


def test_rules_of_the_test_book_are_of_every_kind() -> None:
    """The book these tests use has a rule of each kind, so that none goes untested."""
    assert {rule.kind for rule in RULES} == set(DEMAND)
