"""Prices: exact decimals, rounded half up to the smallest coin of their currency."""

from decimal import ROUND_HALF_UP, Decimal

_DIGITS = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "HUF": 2, "KWD": 3, "BHD": 3, "TND": 3, "OMR": 3, "JOD": 3}
"""ISO 4217 minor units where they are not two."""


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Given an amount and its currency, return it in whole coins."""
    return amount.quantize(Decimal(1).scaleb(-_DIGITS.get(currency, 2)), rounding=ROUND_HALF_UP)


def price_minutes(minutes: int, hourly: Decimal, currency: str) -> Decimal:
    """Given minutes and the price of an hour, return what they cost."""
    return round_money(hourly * minutes / 60, currency)
