"""Minutes and amounts are read as they are typed, or refused."""

from decimal import Decimal

import pytest

from triagebot.core.errors import LedgerError
from triagebot.core.money.typed import parse_amount, parse_minutes


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        *(("25", 25), ("25m", 25), ("25 min", 25), ("1h", 60), ("1h30", 90), ("1h 30m", 90), ("1.5h", 90)),
        *(("0,25h", 15), ("-30", -30), ("-1h30", -90), (" 5 ", 5), ("0", 0), ("1H", 60)),
    ],
)
def test_minutes(text: str, minutes: int) -> None:
    """Minutes, hours, both, and a minus in front."""
    assert parse_minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "-", "h", "m", "1.5", "25s", "1h30h", "one", "--5", "99999", "٢٥", "1h-30"])
def test_no_minutes(text: str) -> None:
    """Anything else is refused with how it is written."""
    with pytest.raises(LedgerError, match="write minutes, such as 25, 25m, 1h or 1h30"):
        parse_minutes(text)


@pytest.mark.parametrize(("text", "amount"), [("250", "250"), ("79.50", "79.50"), ("-20", "-20"), (" 0.5 ", "0.5")])
def test_amount(text: str, amount: str) -> None:
    """Digits with a point, and a minus for a credit; exact to the last one."""
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "1,5", "€5", "1e3", "NaN", "--1", "5.", "٢", "1_000", "9999999999"])
def test_no_amount(text: str) -> None:
    """Anything else is refused."""
    with pytest.raises(LedgerError, match="is no amount"):
        parse_amount(text)
