"""Days and lengths of time as a developer types them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.tickets.spoken import read_day, read_minutes, read_price

WEDNESDAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-11-25"),
        ("Tomorrow", "2026-11-26"),
        ("fri", "2026-11-27"),
        ("Friday", "2026-11-27"),
        ("mon", "2026-11-30"),
        ("wed", "2026-12-02"),
        ("next week", "2026-11-30"),
        ("next  fri", "2026-12-04"),
        ("next mon", "2026-11-30"),
        ("+3d", "2026-11-28"),
        ("+2w", "2026-12-09"),
        ("2026-12-01", "2026-12-01"),
    ],
)
def test_a_day_in_words(text: str, day: str) -> None:
    """A weekday is never today; the week after begins on Monday."""
    assert read_day(text, WEDNESDAY) == date.fromisoformat(day)


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "2026-13-01", "next", "next next fri", "1.12.", "friday!"])
def test_what_is_no_day(text: str) -> None:
    """Nothing is guessed: a wrong date would be told to a client."""
    assert read_day(text, WEDNESDAY) is None


@given(st.text(max_size=20), st.dates(date(2020, 1, 1), date(2100, 1, 1)))
def test_any_text_is_a_day_or_none(text: str, today: date) -> None:
    """Nothing raises."""
    assert read_day(text, today) is None or isinstance(read_day(text, today), date)


@given(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), st.dates(date(2020, 1, 1), date(2100, 1, 1)))
def test_a_weekday_is_within_a_week(name: str, today: date) -> None:
    """After today, and at most a week away."""
    day = read_day(name, today)
    assert day is not None
    assert timedelta(0) < day - today <= timedelta(days=7)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("45", 45), ("45m", 45), ("45 min", 45), ("3h", 180), ("1h30", 90), ("1h 30m", 90), ("1.5h", 90), ("0,25h", 15)],
)
def test_a_length_in_words(text: str, minutes: int) -> None:
    """A plain number is minutes."""
    assert read_minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "0", "0h", "-5", "3x", "1.5h30", "h", "m", "1h30h"])
def test_what_is_no_length(text: str) -> None:
    """Nothing is guessed: minutes are money."""
    assert read_minutes(text) is None


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("240", "240"),
        ("240.5", "240.5"),
        ("240,50", "240.50"),
        ("0", None),
        ("1,240.50", None),
        ("-3", None),
        ("3h", None),
    ],
)
def test_a_price_in_words(text: str, price: str | None) -> None:
    """Nothing is guessed: what a comma means among thousands, only the writer knows."""
    assert read_price(text) == (Decimal(price) if price else None)
