"""Minutes and amounts as a person types them."""

import re
from decimal import ROUND_HALF_UP, Decimal

from triagebot.core.errors import LedgerError

_MINUTES = re.compile(r"(-?)(?:(\d{1,3}(?:[.,]\d{1,2})?)\s*h)?\s*(?:(\d{1,4})\s*(?:m|min)?)?", re.ASCII | re.IGNORECASE)
_AMOUNT = re.compile(r"-?\d{1,9}(?:\.\d{1,3})?", re.ASCII)


def parse_minutes(text: str) -> int:
    """Given "25", "25m", "25 min", "1h", "1h30" or "1.5h", with a minus to take back, return minutes. Raise
    LedgerError."""
    found = _MINUTES.fullmatch(text.strip())
    if found is None or not (found[2] or found[3]):
        raise LedgerError(f"{text!r} is no time; write minutes, such as 25, 25m, 1h or 1h30")
    hours = Decimal((found[2] or "0").replace(",", "."))
    minutes = int((hours * 60).quantize(Decimal(1), rounding=ROUND_HALF_UP)) + int(found[3] or 0)
    return -minutes if found[1] else minutes


def parse_amount(text: str) -> Decimal:
    """Given an amount such as "250" or "-79.50", return it. Raise LedgerError."""
    if _AMOUNT.fullmatch(text.strip()) is None:
        raise LedgerError(f"{text!r} is no amount; write digits, such as 250 or 79.50, without a currency")
    return Decimal(text.strip())
