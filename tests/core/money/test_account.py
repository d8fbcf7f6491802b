"""An account at a glance: its sum holds, and it says what to do when the plan is overdrawn, idle or over."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given

from tests.core.money.test_ledger import histories
from triagebot.core.desk import Plan
from triagebot.core.money.account import Account, sum_up
from triagebot.core.money.entry import Entry, balance, book_work
from triagebot.core.money.ledger import Terms, settle_months
from triagebot.core.money.month import Month
from triagebot.core.phrase import ENGLISH

TODAY = date(2026, 6, 20)
TERMS = Terms("bakery", 180, date(2026, 1, 1), name="Care", price=Decimal(240))
PLANS = (Plan("mini", 60, Decimal(90), "Mini"), Plan("care", 180, Decimal(240)), Plan("pro", 360, Decimal(440), "Pro"))


def look(terms: Terms, *worked: tuple[date, int]) -> Account:
    """Given a plan and what was worked, return the account of today."""
    entries: list[Entry] = [
        book_work(f"work/{number}", "bakery", day, minutes, "balance", "work")
        for number, (day, minutes) in enumerate(worked)
    ]
    entries += settle_months(terms, entries, TODAY)
    return sum_up("bakery", terms, entries, Month.of(TODAY), TODAY, PLANS)


@given(histories())
def test_it_adds_up(history: tuple[Terms, list[Entry], date]) -> None:
    """carried + granted - used + other = left, which is the balance of today."""
    terms, entries, today = history
    entries += settle_months(terms, entries, today)
    one = sum_up("bakery", terms, entries, Month.of(today), today, ())
    assert one.carried + one.granted - one.used + one.other == one.left == balance(entries, today)


def test_overdrawn() -> None:
    """What is overdrawn can be billed by two commands, paid back by coming grants, or ended by a larger plan."""
    one = look(TERMS, (date(2026, 6, 10), 1280))
    assert (one.left, one.trend) == (-200, "overdrawn")
    offer, bill, wait, limit = map(ENGLISH.speak, one.advice)
    assert offer == "offer Pro: 360 minutes for 440 a month"
    assert bill.startswith(
        'bill it: triagebot log bakery 200 "beyond the plan" --hourly, then triagebot log bakery -200'
    )
    assert wait == "let it stand: the grants of 2 more months pay it back"
    assert "[plan.carry] down" in limit


def test_idle() -> None:
    """After two whole months without work from the plan a smaller one is offered; a new plan or desk has time."""
    assert look(TERMS, (date(2026, 3, 31), 10)).trend == "idle"
    assert look(TERMS, (date(2026, 4, 1), 10)).trend == ""
    one = look(TERMS)
    assert ENGLISH.speak(one.advice[0]) == "offer Mini: 60 minutes for 90 a month"
    assert "use them: 1080 minutes" in ENGLISH.speak(one.advice[1])
    assert look(replace(TERMS, since=date(2026, 4, 2))).trend == "", "it has not been there for two whole months"
    assert look(replace(TERMS, counted_from=date(2026, 5, 2))).trend == "", "nor has the desk"


def test_a_plan_that_is_over() -> None:
    """A plan whose last day has passed is told, with what is left of it."""
    one = look(replace(TERMS, ended=date(2026, 5, 31)))
    assert one.trend == "ended"
    assert [("tier = " in text, "900 minutes are left" in text) for text in map(ENGLISH.speak, one.advice)] == [
        (True, False),
        (False, True),
    ]


def test_earlier_months_have_no_advice() -> None:
    """A month that is past is shown as it was."""
    entries = settle_months(TERMS, [], TODAY)
    one = sum_up("bakery", TERMS, entries, Month(2026, 3), TODAY, PLANS)
    assert (one.carried, one.granted, one.left, one.trend, one.advice) == (360, 180, 540, "", ())


def test_a_client_without_a_plan() -> None:
    """It has an account all the same, so that what is left of an earlier plan is seen."""
    one = sum_up("bakery", None, settle_months(TERMS, [], TODAY), Month.of(TODAY), TODAY, PLANS)
    assert (one.plan, one.left, one.trend) == ("", 1080, "")
