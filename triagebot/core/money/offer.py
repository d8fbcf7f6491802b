"""Money: what a piece of work would cost."""

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from triagebot.core.desk import Client, Desk

STEP_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Estimate:
    """A price range for some minutes of work; amounts are whole units of `currency`."""

    minutes: int
    low: Decimal
    high: Decimal
    currency: str


def estimate(minutes: int, hourly: Decimal, currency: str) -> Estimate:
    """Given minutes of work and an hourly rate, return the range: the work as known up to half as much again,
    in started quarters of an hour, each end rounded up to a whole unit."""
    return Estimate(
        minutes=minutes,
        low=_price(_quarters(minutes), hourly),
        high=_price(_quarters(minutes + minutes // 2), hourly),
        currency=currency,
    )


def price_work(minutes: int, client: Client | None, desk: Desk) -> Estimate | None:
    """Given minutes of work and whose they are, return the price range at their hourly rate; None without a rate."""
    hourly = client.hourly if client and client.hourly is not None else desk.booking.rate
    return estimate(minutes, hourly, desk.booking.currency) if hourly is not None else None


def _quarters(minutes: int) -> int:
    return -(-max(minutes, 1) // STEP_MINUTES) * STEP_MINUTES


def _price(minutes: int, hourly: Decimal) -> Decimal:
    return (hourly * minutes / 60).quantize(Decimal(1), rounding=ROUND_UP)
