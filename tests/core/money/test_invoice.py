"""Statement and invoice: what an accountant checks. Sums agree, prices told are kept, nothing is billed twice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.money.test_ledger import histories
from triagebot.core.desk import Carry
from triagebot.core.money.document import Invoice, list_invoice, read_lines, write_lines
from triagebot.core.money.entry import Billing, Entry, Fee, adjust, balance, book_work, take_back
from triagebot.core.money.invoice import Agreed, InvoiceLine, Open, add_up, make_invoice
from triagebot.core.money.ledger import Terms, correct_ends, settle_months
from triagebot.core.money.month import Month
from triagebot.core.money.price import price_minutes, round_money
from triagebot.core.money.statement import make_statement

NOVEMBER = Month(2026, 11)
EIGHTY = Decimal(80)


def hourly(key: str, day: date, minutes: int, ticket: int | None = None, client: str = "shop") -> Entry:
    """Given work by the hour, return its entry at 80 an hour."""
    return book_work(key, client, day, minutes, "hourly", "menu", ticket, EIGHTY)


def bill(to_bill: Open, month: Month = NOVEMBER) -> tuple[InvoiceLine, ...]:
    """Return the lines of a month."""
    return make_invoice(month, to_bill, "EUR")


def agree(ticket: int, high: int, fixed: bool = False, **more: Any) -> Agreed:
    """Given a ticket and its price, return what was agreed."""
    return Agreed(ticket, "shop", "shop page", Decimal(high), fixed, **more)


@given(histories())
def test_statement_adds_up(history: tuple[Terms, list[Entry], date]) -> None:
    """In every month: opening + granted - used + adjusted - expired + overage = closing, and the lines say the same;
    the closing of a month is the opening of the next."""
    terms, entries, today = history
    entries += settle_months(terms, entries, today)
    month, before = Month.of(terms.since), 0
    while month.first <= today:
        one = make_statement("bakery", entries, month)
        assert one.opening == before
        assert one.opening + one.granted - one.used + one.adjusted - one.expired + one.overage == one.closing
        assert one.opening + sum(line.minutes for line in one.lines) == one.closing
        assert [line.left for line in one.lines][-1:] in ([], [one.closing])
        assert one.closing == balance(entries, month.last)
        month, before = month.next, one.closing


@given(st.lists(st.tuples(st.integers(1, 28), st.integers(1, 300), st.sampled_from((1, 2, 3, None))), max_size=12))
def test_each_entry_in_exactly_one_line(booked: list[tuple[int, int, int | None]]) -> None:
    """Every billable entry of the month stands in one line, a line's minutes are those of its entries, and its
    amount is its minutes at its rate."""
    entries = [
        hourly(f"work/{number}", date(2026, 11, day), minutes, ticket)
        for number, (day, minutes, ticket) in enumerate(booked)
    ]
    lines = bill(Open(tuple(entries)))
    keys = [key for line in lines for key in line.entries]
    assert sorted(keys) == sorted(entry.key for entry in entries)
    minutes = {entry.key: entry.minutes for entry in entries}
    for line in lines:
        assert line.minutes == sum(minutes[key] for key in line.entries)
        assert line.amount == price_minutes(line.minutes, EIGHTY, "EUR")


def test_one_line_a_ticket() -> None:
    """Work on a ticket on several days is one line, traceable to ticket and entries, with its days."""
    line, other = bill(
        Open(
            (
                hourly("a", date(2026, 11, 3), 30, 7),
                hourly("b", date(2026, 11, 9), 15, 7),
                hourly("c", date(2026, 11, 4), 60, 8),
            )
        )
    )
    assert (line.tickets, line.minutes, line.amount, line.entries) == ((7,), 45, Decimal("60.00"), ("a", "b"))
    assert (line.first, line.last) == (date(2026, 11, 3), date(2026, 11, 9))
    assert other.tickets == (8,)


def test_a_price_told_is_a_price_kept() -> None:
    """However long it took, a ticket is billed at most what was told, over months too; less when it took less."""
    agreed = {
        7: agree(7, 60),
        8: agree(8, 60),
        9: agree(9, 60, billed=Decimal(50), worked=Decimal(50)),
        10: agree(10, 60, billed=Decimal(60), worked=Decimal(200)),
    }
    lines = bill(
        Open(
            (
                hourly("a", date(2026, 11, 3), 120, 7),
                hourly("b", date(2026, 11, 3), 30, 8),
                hourly("c", date(2026, 11, 3), 30, 9),
                hourly("d", date(2026, 11, 3), 30, 10),
            ),
            agreed=agreed,
        )
    )
    assert [line.amount for line in lines] == [Decimal("60.00"), Decimal("40.00"), Decimal("10.00"), Decimal("0.00")]
    assert [line.text for line in lines[:2]] == ["menu (agreed: at most 60 EUR)", "menu"]


@given(st.lists(st.integers(1, 90), min_size=1, max_size=8), st.integers(0, 200), st.data())
def test_a_price_told_holds_over_many_invoices(minutes: list[int], high: int, data: st.DataObject) -> None:
    """However work, what is taken back and invoices follow each other, all invoices together bill what it took, and
    at most the price told."""
    billed, worked, total = Decimal(0), Decimal(0), 0
    for number, one in enumerate(minutes):
        back = data.draw(st.integers(0, total + one))
        entries = [hourly(f"w{number}", date(2026, 11, 3), one, 7)]
        if back:
            entries.append(take_back(f"b{number}", "shop", date(2026, 11, 4), back, "hourly", "", 7, Decimal(60)))
        entries = [replace(entry, rate=Decimal(60)) for entry in entries]
        total += one - back
        lines = bill(Open(tuple(entries), agreed={7: agree(7, high, billed=billed, worked=worked)}))
        billed += sum(line.amount for line in lines)
        worked += sum(line.minutes for line in lines)
        assert billed == min(high, total)


def test_a_fixed_price_is_billed_once() -> None:
    """A quote is billed as told when the work is done, whether it took more or less or nobody wrote it down; before
    that it waits, afterwards more work on it is free, and what is booked by the hour is beyond it."""
    entries = (
        book_work("a", "shop", date(2026, 11, 3), 300, "fixed", "shop page", 7),
        book_work("b", "shop", date(2026, 11, 20), 10, "fixed", "shop page", 8),
        book_work("c", "shop", date(2026, 11, 20), 10, "fixed", "shop page", 9),
        hourly("d", date(2026, 11, 21), 30, 8),
    )
    agreed = {
        7: agree(7, 240, fixed=True, done=date(2026, 11, 5)),
        8: agree(8, 240, fixed=True, done=date(2026, 11, 5), billed=Decimal(240)),
        9: agree(9, 240, fixed=True),
        10: agree(10, 500, fixed=True, done=date(2026, 11, 30)),
        11: agree(11, 240, fixed=True, done=date(2026, 12, 1)),
    }
    lines = bill(Open(entries, agreed=agreed))
    assert [(line.kind, line.tickets, line.amount, line.minutes, line.entries) for line in lines] == [
        ("hourly", (8,), Decimal("40.00"), 30, ("d",)),
        ("fixed", (7,), Decimal("240.00"), 300, ("a",)),
        ("fixed", (10,), Decimal("500.00"), 0, ()),
    ]


def test_what_is_taken_back() -> None:
    """Work taken back before it was billed lowers its line or leaves none; afterwards it is a credit."""
    back = take_back("b", "shop", date(2026, 11, 9), 15, "hourly", "too much", 7, EIGHTY)
    (line,) = bill(Open((hourly("a", date(2026, 11, 3), 45, 7), back)))
    assert (line.minutes, line.amount, line.entries) == (30, Decimal("40.00"), ("a", "b"))
    assert bill(Open((hourly("a", date(2026, 11, 3), 15, 7), back))) == ()
    (credit,) = bill(Open((back,)))
    assert (credit.minutes, credit.amount) == (-15, Decimal("-20.00"))


def test_overage_that_was_mended() -> None:
    """Minutes given back into a closed month lower what is billed beyond the plan."""
    terms = Terms("bakery", 180, date(2026, 10, 1), Carry(down="none"), rate=Decimal(90))
    used = [book_work("a", "bakery", date(2026, 10, 3), 240, "balance", "work")]
    used += settle_months(terms, used, date(2026, 11, 2))
    late = adjust("b", "bakery", date(2026, 10, 30), 20, "counted twice")
    (line,) = bill(Open((*used, late, *correct_ends(terms, used, late))), Month(2026, 10))
    assert (line.kind, line.minutes, line.amount) == ("overage", 40, Decimal("60.00"))


def test_an_hour_without_a_price() -> None:
    """A line whose hour has no price says so, and is not silently worth nothing."""
    (line,) = bill(Open((Entry("a", "bakery", date(2026, 11, 30), "overage", "balance", 40, "beyond the plan"),)))
    assert not line.is_priced


def test_free_work_is_not_billed() -> None:
    """Work under warranty, a courtesy and what the plan pays for make no line."""
    kinds: tuple[Billing, ...] = ("warranty", "courtesy", "balance")
    free = [book_work(kind, "shop", date(2026, 11, 3), 30, kind, "fix") for kind in kinds]
    assert bill(Open(tuple(free))) == ()


def test_a_whole_month() -> None:
    """Plan, gift month, overage, hourly, emergency and a package: each its line, those of a client together."""
    beyond = Entry("closed/bakery/2026-11", "bakery", date(2026, 11, 30), "overage", "balance", 40, "beyond the plan")
    to_bill = Open(
        entries=(
            replace(beyond, rate=Decimal(90)),
            hourly("a", date(2026, 11, 3), 30, 7),
            book_work("b", "shop", date(2026, 11, 4), 30, "emergency", "site down", 8, Decimal(140)),
        ),
        fees=(
            Fee("plan/bakery/2026-11", "bakery", date(2026, 11, 1), Decimal(240), "Care, 2026-11", "plan"),
            Fee("fee/1", "shop", date(2026, 11, 20), Decimal(500), "on call"),
            Fee("plan/yoga/2026-11", "yoga", date(2026, 11, 10), Decimal(0), "Care, 2026-11, a gift", "plan"),
        ),
    )
    lines = [(line.client, line.kind, str(line.amount)) for line in bill(to_bill)]
    assert lines == [
        ("bakery", "plan", "240.00"),
        ("bakery", "overage", "60.00"),
        ("shop", "hourly", "40.00"),
        ("shop", "emergency", "70.00"),
        ("shop", "fee", "500.00"),
        ("yoga", "plan", "0.00"),
    ]


def test_totals() -> None:
    """Each client's total is the sum of its lines; the tax is rounded once, on that sum."""
    lines = bill(
        Open(
            (hourly("a", date(2026, 11, 3), 20, 7), hourly("b", date(2026, 11, 3), 20, 8)),
            (Fee("f", "yoga", date(2026, 11, 20), Decimal("0.50"), "on call"),),
        )
    )
    shop, yoga = add_up(lines, Decimal(23))
    assert (shop.net, shop.vat, shop.gross) == (Decimal("53.34"), Decimal("12.27"), Decimal("65.61"))
    assert (yoga.net, yoga.vat, yoga.gross) == (Decimal("0.50"), Decimal("0.12"), Decimal("0.62"))
    assert [total.vat for total in add_up(lines, Decimal(0))] == [Decimal("0.00")] * 2


def test_an_invoice_is_kept_as_it_was() -> None:
    """Lines, tax and names that were written down are read again to the last digit."""
    entries = (hourly("a", date(2026, 11, 3), 20, 7), book_work("b", "kiosk", NOVEMBER.last, 7, "hourly", "„Ünïcode“"))
    lines = bill(Open(entries, (Fee("f", "shop", NOVEMBER.first, Decimal("-0.50"), "credit"),)))
    one = Invoice("2026-11", lines, Decimal("7.7"), {"shop": "Łódź Shop"})
    assert read_lines(write_lines(one)) == (lines, Decimal("7.7"), {"shop": "Łódź Shop"})
    told = list_invoice(one)
    assert (told["lines"][0]["amount"], told["totals"][0]["currency"], told["number"]) == ("0.00", "EUR", None)


def test_later_work_waits_for_its_month() -> None:
    """What was worked after the month is not billed with it; what was left of earlier months is."""
    entries = (hourly("early", date(2026, 10, 30), 30, 1), hourly("late", date(2026, 12, 1), 30, 2))
    assert [line.entries for line in bill(Open(entries))] == [("early",)]


@pytest.mark.parametrize(
    ("minutes", "rate", "currency", "amount"),
    [
        (20, "80", "EUR", "26.67"),
        (1, "0.30", "EUR", "0.01"),
        (3, "0.10", "EUR", "0.01"),
        (25, "9000", "JPY", "3750"),
        (25, "9001", "JPY", "3750"),
        (7, "35.5", "KWD", "4.142"),
    ],
)
def test_rounding(minutes: int, rate: str, currency: str, amount: str) -> None:
    """Half a coin goes up; coins are those of the currency."""
    assert str(price_minutes(minutes, Decimal(rate), currency)) == amount


def test_rounding_half_up() -> None:
    """Exactly half a cent is rounded up, not to the even neighbour."""
    assert round_money(Decimal("0.125"), "EUR") == Decimal("0.13")
    assert round_money(Decimal("0.135"), "EUR") == Decimal("0.14")
