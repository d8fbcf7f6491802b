"""Public holidays."""

from datetime import date

import pytest

from triagebot.edge.holiday import list_holidays


@pytest.mark.parametrize(
    ("code", "day", "is_holiday"),
    [
        ("PL", date(2026, 11, 11), True),
        ("PL", date(2026, 11, 12), False),
        ("PL", date(2027, 1, 1), True),
        ("PL", date(2028, 1, 1), False),
        ("DE", date(2026, 6, 4), False),
        ("DE-BY", date(2026, 6, 4), True),
        ("", date(2026, 12, 25), False),
        ("XX", date(2026, 12, 25), False),
        ("DE-XX", date(2026, 12, 25), False),
    ],
)
def test_a_country_or_region_has_its_holidays(code: str, day: date, is_holiday: bool) -> None:
    """Of the years asked for only; an unknown code, which `check` refuses, has none."""
    assert (day in list_holidays(code, [2026, 2027])) is is_holiday
