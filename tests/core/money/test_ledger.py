"""The ledger: every balance is a sum of entries, months end as the plan says, and nothing is entered twice."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.desk import Carry
from triagebot.core.money.entry import Entry, adjust, balance, book_work, take_back
from triagebot.core.money.ledger import Terms, correct_ends, settle_fees, settle_months
from triagebot.core.money.month import Month

SINCE = date(2026, 1, 1)
TERMS = Terms("bakery", 180, SINCE)


def work(day: date, minutes: int, number: int = 1) -> Entry:
    """Given a day and minutes, return work paid by the plan."""
    return book_work(f"work/{number}", "bakery", day, minutes, "balance", "work")


@st.composite
def histories(draw: st.DrawFn) -> tuple[Terms, list[Entry], date]:
    """Any plan, what was worked and adjusted under it, and today."""
    words: st.SearchStrategy[int | Literal["unlimited", "none"]] = st.sampled_from(("unlimited", "none"))
    caps = words | st.integers(0, 400)
    terms = Terms(
        "bakery",
        draw(st.integers(0, 300)),
        draw(st.dates(date(2026, 1, 1), date(2026, 6, 30))),
        Carry(draw(caps), draw(caps)),
        first_month_gift=draw(st.booleans()),
    )
    today = terms.since + timedelta(days=draw(st.integers(0, 500)))
    entries = []
    for number in range(draw(st.integers(0, 15))):
        day = terms.since + timedelta(days=draw(st.integers(0, max(0, (today - terms.since).days))))
        if draw(st.booleans()):
            entries.append(work(day, draw(st.integers(1, 500)), number))
        else:
            minutes = draw(st.integers(-200, 200).filter(bool))
            entries.append(adjust(f"adjust/{number}", "bakery", day, minutes, "mended"))
    return terms, entries, today


@given(histories())
def test_balance_is_the_sum_at_every_instant(history: tuple[Terms, list[Entry], date]) -> None:
    """On every day, all accounts together hold nothing: each minute in the balance came from somewhere."""
    terms, entries, today = history
    entries += settle_months(terms, entries, today)
    for offset in range((today - terms.since).days + 2):
        day = terms.since + timedelta(days=offset)
        until = [entry for entry in entries if entry.day <= day]
        accounts: dict[str, int] = {}
        for entry in until:
            accounts[entry.source] = accounts.get(entry.source, 0) - entry.minutes
            accounts[entry.target] = accounts.get(entry.target, 0) + entry.minutes
        assert sum(accounts.values()) == 0
        assert accounts.get("balance", 0) == balance(entries, day)


@given(histories())
def test_settling_again_adds_nothing(history: tuple[Terms, list[Entry], date]) -> None:
    """However often months are settled, also after a crash in the middle, each grant and each end is there once."""
    terms, entries, today = history
    added = settle_months(terms, entries, today)
    assert settle_months(terms, [*entries, *added], today) == ()
    half = list(added[: len(added) // 2])
    assert (*half, *settle_months(terms, [*entries, *half], today)) == added
    assert len({entry.key for entry in added}) == len(added)


@given(histories())
def test_carry_holds_at_each_end(history: tuple[Terms, list[Entry], date]) -> None:
    """At the end of every past month the balance lies within what the plan carries over."""
    terms, entries, today = history
    entries += settle_months(terms, entries, today)
    month = Month.of(terms.since)
    while month.last < today:
        left = balance(entries, month.last)
        up, down = terms.carry.up, terms.carry.down
        if up != "unlimited":
            assert left <= (0 if up == "none" else int(up))
        if down != "unlimited":
            assert left >= -(0 if down == "none" else int(down))
        month = month.next


@given(histories(), st.integers(0, 500), st.integers(1, 400), st.booleans(), st.booleans())
def test_booked_late_is_as_if_in_time(
    history: tuple[Terms, list[Entry], date], offset: int, minutes: int, worked: bool, ended: bool
) -> None:
    """What is booked into a month that was closed before leaves every balance, and what is billed, as if it had been
    there in time; the closed entries themselves stay."""
    terms, entries, today = history
    if ended:
        terms = replace(terms, ended=terms.since + (today - terms.since) // 2)
    day = terms.since + timedelta(days=min(offset, (today - terms.since).days))
    late = (
        book_work("late", "bakery", day, minutes, "balance", "late")
        if worked
        else adjust("late", "bakery", day, minutes, "late")
    )
    settled = [*entries, *settle_months(terms, entries, today)]
    mended = [*settled, late, *correct_ends(terms, settled, late)]
    in_time = [*entries, late, *settle_months(terms, [*entries, late], today)]
    for back in range((today - terms.since).days + 1):
        assert balance(mended, today - timedelta(days=back)) == balance(in_time, today - timedelta(days=back))
    assert overage(mended) == overage(in_time)
    assert len({entry.key for entry in mended}) == len(mended)
    assert settle_months(terms, mended, today) == ()


def overage(entries: list[Entry]) -> int:
    """Return the minutes that are billed beyond the plan."""
    return sum(
        (entry.source == "overage") * entry.minutes - (entry.target == "overage") * entry.minutes for entry in entries
    )


@given(histories(), st.integers(0, 400))
def test_settling_day_by_day_is_the_same(history: tuple[Terms, list[Entry], date], step: int) -> None:
    """Settling on the way gives the same entries as settling at the end, when work is booked before its month ends."""
    terms, entries, today = history
    middle = min(today, terms.since + timedelta(days=step))
    early = [entry for entry in entries if entry.day <= middle]
    on_the_way = list(settle_months(terms, early, middle))
    on_the_way += settle_months(terms, [*entries, *on_the_way], today)
    assert sorted(on_the_way, key=lambda entry: entry.key) == sorted(
        settle_months(terms, entries, today), key=lambda entry: entry.key
    )


def test_three_months_at_once() -> None:
    """Minutes nobody used are carried over: in the third month, three months of three hours may be used at once."""
    granted = settle_months(TERMS, [], date(2026, 3, 10))
    assert balance(granted, date(2026, 3, 10)) == 540
    used = [*granted, work(date(2026, 3, 11), 540)]
    assert balance(used) == 0


def test_a_negative_balance_is_carried_down() -> None:
    """Three months used in the first one leave a debt, which the next grants pay back."""
    used = [work(date(2026, 1, 15), 540)]
    entries = [*used, *settle_months(TERMS, used, date(2026, 3, 31))]
    assert [balance(entries, day) for day in (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31))] == [
        -360,
        -180,
        0,
    ]


@pytest.mark.parametrize(
    ("carry", "worked", "after"),
    [
        (Carry("none", "unlimited"), 100, 180),
        (Carry(60, "unlimited"), 100, 240),
        (Carry("unlimited", "none"), 250, 180),
        (Carry("unlimited", 30), 250, 150),
        (Carry("unlimited", "unlimited"), 250, 110),
    ],
)
def test_month_end(carry: Carry, worked: int, after: int) -> None:
    """What may not be carried up expires; what may not be carried down becomes overage. The new month adds its own."""
    used = [work(date(2026, 1, 20), worked)]
    terms = replace(TERMS, carry=carry)
    entries = [*used, *settle_months(terms, used, date(2026, 2, 1))]
    assert balance(entries) == after


def test_a_closed_month_stays_closed() -> None:
    """A plan that changes its carry-over later does not change months that have ended."""
    entries = list(settle_months(TERMS, [], date(2026, 2, 10)))
    stricter = replace(TERMS, carry=Carry("none", "none"))
    assert settle_months(stricter, entries, date(2026, 2, 20)) == ()
    march = settle_months(stricter, entries, date(2026, 3, 1))
    assert [(entry.day, entry.target, entry.minutes) for entry in march if entry.target == "expired"] == [
        (date(2026, 2, 28), "expired", 360)
    ]


def test_first_month_is_a_gift() -> None:
    """The first month's minutes come from the gift account, the next ones from the plan."""
    entries = settle_months(replace(TERMS, first_month_gift=True), [], date(2026, 2, 1))
    assert [entry.source for entry in entries if entry.target == "balance"] == ["gift", "granted"]


def test_a_plan_that_ended_grants_no_more() -> None:
    """After the last day of a plan there is no further grant, and its last month is closed."""
    ended = replace(TERMS, ended=date(2026, 2, 10))
    entries = settle_months(ended, [], date(2026, 6, 1))
    assert [str(Month.of(entry.day)) for entry in entries if entry.target == "balance"] == ["2026-01", "2026-02"]


def test_debts_are_billed_when_the_plan_ends() -> None:
    """However much may be overdrawn while the plan runs, at its end it is billed; what is left stays."""
    ended = replace(TERMS, ended=date(2026, 2, 10), rate=Decimal(80))
    used = [work(date(2026, 1, 20), 400)]
    last = settle_months(ended, used, date(2026, 3, 1))[-1]
    assert (last.source, last.minutes, last.rate, last.day) == ("overage", 40, Decimal(80), date(2026, 2, 28))
    saved = settle_months(ended, [], date(2026, 3, 1))
    assert balance(saved) == 360


def test_months_before_the_desk_are_not_counted() -> None:
    """A plan older than the desk is granted from the desk's first month on, and its first month there is no gift."""
    terms = replace(TERMS, first_month_gift=True, counted_from=date(2026, 4, 20), price=Decimal(240))
    entries = settle_months(terms, [], date(2026, 5, 2))
    assert [(entry.source, entry.day) for entry in entries if entry.target == "balance"] == [
        ("granted", date(2026, 4, 1)),
        ("granted", date(2026, 5, 1)),
    ]
    assert [fee.amount for fee in settle_fees(terms, entries, (), date(2026, 5, 2))] == [Decimal(240)] * 2
    moved = replace(terms, counted_from=date(2026, 7, 1))
    assert settle_months(moved, entries, date(2026, 5, 2)) == (), "a database that was restored later forgets nothing"


def test_a_gift_is_given_once() -> None:
    """A client that comes back to a plan gets no second first month."""
    terms = replace(TERMS, first_month_gift=True, price=Decimal(240))
    first = settle_months(replace(terms, ended=date(2026, 1, 31)), [], date(2026, 2, 1))
    back = replace(terms, since=date(2026, 6, 1))
    again = settle_months(back, first, date(2026, 6, 2))
    assert [entry.source for entry in (*first, *again) if entry.target == "balance"] == ["gift", "granted"]
    assert [fee.amount for fee in settle_fees(back, [*first, *again], (), date(2026, 6, 2))] == [Decimal(240)]


def test_a_month_costs_what_it_cost() -> None:
    """Each month of a plan is one fee, nothing for a gift; a plan that costs more now leaves earlier months alone."""
    terms = replace(TERMS, first_month_gift=True, name="Care", price=Decimal(240))
    fees = settle_fees(terms, [], (), date(2026, 2, 3))
    assert [(fee.key, fee.amount) for fee in fees] == [
        ("plan/bakery/2026-01", Decimal(0)),
        ("plan/bakery/2026-02", Decimal(240)),
    ]
    dearer = replace(terms, price=Decimal(300))
    keys = [fee.key for fee in fees]
    assert [(fee.key, fee.amount) for fee in settle_fees(dearer, [], keys, date(2026, 3, 3))] == [
        ("plan/bakery/2026-03", Decimal(300))
    ]


def test_taking_back_is_the_reverse() -> None:
    """Minutes that are taken back go where they came from, at the price they were booked at."""
    booked = book_work("a", "shop", SINCE, 30, "hourly", "menu", 4, Decimal(80))
    back = take_back("b", "shop", SINCE, 30, "hourly", "menu", 4, Decimal(80))
    assert (back.source, back.target, back.rate) == (booked.target, booked.source, booked.rate)


def test_leap_february() -> None:
    """The last day of a month is the calendar's, in leap years too."""
    assert Month(2028, 2).last == date(2028, 2, 29)
    assert Month(2026, 1).previous == Month(2025, 12)
    assert Month(2026, 12).next == Month(2027, 1)


@pytest.mark.parametrize("minutes", [0, -5])
def test_work_takes_time(minutes: int) -> None:
    """Work of no minutes is refused; taking minutes back is an adjustment."""
    with pytest.raises(ValueError, match="at least a minute"):
        work(SINCE, minutes)


def test_rates_are_decimals() -> None:
    """The hourly price stands in the entry as it was when the work was booked."""
    entry = book_work("work/1", "shop", SINCE, 30, "hourly", "menu", ticket=4, rate=Decimal("80"))
    assert (entry.rate, entry.ticket, entry.source) == (Decimal("80"), 4, "hourly")


@pytest.mark.parametrize("text", ["2026-13", "2026-0", "26-11", "2026-11-01", "", "²026-11", "0000-01"])
def test_a_month_is_typed(text: str) -> None:
    """What is no month is refused, and told how it is written."""
    assert Month.parse(" 2026-11 ") == Month(2026, 11)
    with pytest.raises(ValueError, match="is no month; write it as 2026-11"):
        Month.parse(text)
