"""The figures of a desk: weeks are whole, sums add up, and a trend is more than chance."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.insight import (
    Contacts,
    Moved,
    Promised,
    Trend,
    Week,
    compare,
    minutes_worked,
    spread_grant,
    sum_reasons,
    sum_weeks,
    weeks_before,
)
from triagebot.core.money.entry import BILLINGS, adjust, book_work, take_back

DAY = timedelta(days=1)
DAYS = st.dates(date(2026, 9, 1), date(2027, 2, 28))
REASONS = st.sampled_from(("", "dns/propagation", "howto/menus", "mail/quota"))
CONTACTS = st.lists(st.builds(Contacts, REASONS, st.integers(0, 3), st.integers(0, 9), st.integers(0, 9)))


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2026-11-23", "2026-11-23", "2026-11-29"),
        ("2026-11-29", "2026-11-23", "2026-11-29"),
        ("2026-10-25", "2026-10-19", "2026-10-25"),
        ("2027-01-01", "2026-12-28", "2027-01-03"),
        ("2024-12-30", "2024-12-30", "2025-01-05"),
    ],
)
def test_a_week_is_monday_to_sunday(day: str, first: str, last: str) -> None:
    """A week runs over the end of a month and of a year, and has seven days."""
    week = Week.of(date.fromisoformat(day))
    assert (week.first.isoformat(), week.last.isoformat()) == (first, last)
    assert (week.days[0], week.days[-1], len(week.days)) == (week.first, week.last, 7)


@given(DAYS, st.integers(1, 60))
def test_weeks_follow_each_other(day: date, count: int) -> None:
    """The weeks before a day are so many, without a gap, and the last one ended before the day's own begins."""
    weeks = weeks_before(day, count)
    assert len(weeks) == count
    assert all(later == earlier.next for earlier, later in pairwise(weeks))
    assert weeks[-1].next == Week.of(day)


@pytest.mark.parametrize(
    ("before", "after", "trend"),
    [
        (0, 0, ""),
        (0, 1, ""),
        (0, 2, "new"),
        (1, 0, ""),
        (2, 0, "gone"),
        (2, 3, ""),
        (2, 4, "more"),
        (4, 2, "less"),
        (10, 14, ""),
        (10, 15, "more"),
        (15, 10, "less"),
        (14, 10, ""),
    ],
)
def test_a_trend_is_more_than_chance(before: int, after: int, trend: Trend) -> None:
    """A trend is half as many again and two at least, in either direction."""
    assert compare(before, after) == trend


@given(st.integers(0, 99), st.integers(0, 99))
def test_a_trend_turns_round(before: int, after: int) -> None:
    """Seen from the other side a trend is its opposite."""
    opposite = {"": "", "new": "gone", "gone": "new", "more": "less", "less": "more"}
    assert compare(after, before) == opposite[compare(before, after)]


def test_reasons_in_order() -> None:
    """What clients write of most stands first; what only took minutes is there too, what has neither is not."""
    contacts = [
        Contacts("mail/quota", 0, 1, 0),
        Contacts("howto/menus", 0, 2, 1),
        Contacts("howto/menus", 3, 0, 5),
        Contacts("", 1, 0, 0),
    ]
    found = sum_reasons(contacts, {"work/small-change": 45, "mail/quota": 10, "shop/tax": 0}, 4)
    assert [(one.reason, one.counts, one.by_itself, one.minutes, one.share, one.trend) for one in found] == [
        ("howto/menus", (3, 0, 0, 5), 2, 0, 25, "more"),
        ("mail/quota", (1, 0, 0, 0), 1, 10, 100, ""),
        ("work/small-change", (0, 0, 0, 0), 0, 45, None, ""),
    ]


def test_the_middle_of_an_odd_number_is_no_trend() -> None:
    """Of three periods the first is held against the last."""
    [found] = sum_reasons([Contacts("a", 0, 0, 1), Contacts("a", 1, 0, 9), Contacts("a", 2, 0, 1)], {}, 3)
    assert (found.count, found.trend) == (11, "")


@given(CONTACTS, st.dictionaries(REASONS, st.integers(-30, 90)))
def test_reasons_add_up(contacts: list[Contacts], minutes: dict[str, int]) -> None:
    """No contact and no minute is lost or counted twice, in whatever order they come."""
    found = sum_reasons(contacts, minutes, 4)
    assert sum(one.count for one in found) == sum(one.by_itself + one.by_hand for one in contacts)
    assert sum(one.by_itself for one in found) == sum(one.by_itself for one in contacts)
    assert sum(one.minutes for one in found) == sum(minutes.values())
    assert all(0 <= one.by_itself <= one.count for one in found)
    assert found == sum_reasons(contacts[::-1], minutes, 4)


@given(DAYS, st.integers(0, 5000))
def test_a_grant_is_spread_evenly(day: date, minutes: int) -> None:
    """A grant lasts to its month's end, every minute of it, and no day has more than one above another."""
    shares = spread_grant(Moved(day, "granted", "balance", minutes))
    assert sum(share for _, share in shares) == minutes
    assert [one for one, _ in shares] == [day + number * DAY for number in range(len(shares))]
    assert (shares[-1][0] + DAY).day == 1
    assert max(share for _, share in shares) - min(share for _, share in shares) <= 1


@pytest.mark.parametrize("billing", BILLINGS)
def test_work_and_what_is_taken_back(billing: Any) -> None:
    """Work counts whoever pays for it, and what was booked too much counts no more."""
    day = date(2026, 11, 16)
    done = book_work("1", "bakery", day, 40, billing, "work")
    back = adjust("2", "bakery", day, 15, "less") if billing == "balance" else take_back("2", "b", day, 15, billing, "")
    moved = [Moved(day, one.source, one.target, one.minutes) for one in (done, back)]
    assert sum(map(minutes_worked, moved)) == 25


@pytest.mark.parametrize("target", ["expired", "balance"])
def test_what_is_no_work(target: str) -> None:
    """Grants, overage and what expires are no work."""
    sources = {"expired": ("balance",), "balance": ("granted", "gift", "overage")}
    assert not any(minutes_worked(Moved(date(2026, 11, 1), source, target, 60)) for source in sources[target])


def test_a_week_over_new_year() -> None:
    """The week that holds New Year has days of two grants, and all that was in it; the rest is outside."""
    weeks = weeks_before(date(2027, 1, 6), 2)
    moved = [
        Moved(date(2026, 12, 1), "granted", "balance", 310),
        Moved(date(2027, 1, 1), "granted", "balance", 31),
        Moved(date(2026, 12, 31), "balance", "worked", 20),
        Moved(date(2027, 1, 3), "hourly", "worked", 5),
        Moved(date(2027, 1, 4), "hourly", "worked", 500),
        Moved(date(2026, 12, 20), "hourly", "worked", 500),
    ]
    promised = [Promised(date(2026, 12, 28), 3, 2, 1), Promised(date(2027, 1, 3), 2, 1, 0)]
    before, last = sum_weeks(weeks, [Contacts("", 1, 4, 3), Contacts("a", 1, 1, 0)], moved, promised)
    assert (last.week.first, last.worked, last.granted) == (date(2026, 12, 28), 25, 4 * 10 + 3)
    assert (last.told, last.kept, last.broken, last.by_itself, last.by_hand) == (5, 3, 1, 5, 3)
    assert (before.worked, before.granted, before.told, before.by_itself) == (0, 70, 0, 0)


@given(st.lists(st.builds(Promised, DAYS, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))), DAYS)
def test_weeks_add_up(promised: list[Promised], today: date) -> None:
    """What lies within the weeks is counted once; what lies outside is not."""
    weeks = weeks_before(today, 8)
    inside = [one for one in promised if weeks[0].first <= one.day <= weeks[-1].last]
    moved = [Moved(one.day, "hourly", "worked", one.told) for one in promised]
    found = sum_weeks(weeks, (), moved, promised)
    assert sum(one.told for one in found) == sum(one.worked for one in found) == sum(one.told for one in inside)
    assert sum(one.kept for one in found) == sum(one.kept for one in inside)
    assert sum(one.broken for one in found) == sum(one.broken for one in inside)
