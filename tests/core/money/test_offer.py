"""What a piece of work would cost: a range in whole units, never below the work as known."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.money.offer import estimate

rates = st.decimals(0, 1000, places=2)


@pytest.mark.parametrize(
    ("minutes", "hourly", "low", "high"),
    [
        (60, "80", "80", "120"),
        (30, "80", "40", "60"),
        (10, "80", "20", "20"),  # a started quarter of an hour counts
        (16, "80", "40", "40"),
        (30, "75", "38", "57"),  # each end rounded up to a whole unit
        (0, "80", "20", "20"),
        (60, "0", "0", "0"),  # a courtesy
    ],
)
def test_ranges(minutes: int, hourly: str, low: str, high: str) -> None:
    """The low end is the work in started quarters of an hour, the high end half as much again."""
    told = estimate(minutes, Decimal(hourly), "EUR")
    assert (told.minutes, told.low, told.high, told.currency) == (minutes, Decimal(low), Decimal(high), "EUR")


@given(st.integers(1, 2400), rates)
def test_a_range_covers_the_work(minutes: int, hourly: Decimal) -> None:
    """low <= high, both whole, and neither end is below what the minutes cost exactly."""
    told = estimate(minutes, hourly, "EUR")
    assert hourly * minutes / 60 <= told.low <= told.high
    assert told.low == told.low.to_integral_value()
    assert told.high == told.high.to_integral_value()


@given(st.integers(1, 2400), st.integers(1, 2400), rates)
def test_more_work_never_costs_less(one: int, other: int, hourly: Decimal) -> None:
    """Both ends grow with the minutes."""
    less, more = (estimate(minutes, hourly, "EUR") for minutes in sorted((one, other)))
    assert less.low <= more.low
    assert less.high <= more.high
