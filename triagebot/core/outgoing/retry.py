"""When a mail that could not be sent is tried again (safety.md G.2)."""

from datetime import datetime, timedelta
from typing import Literal

OutgoingClass = Literal["auto", "alert", "digest", "approved", "canary"]

_STEPS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 240, 480))
_LIFETIME: dict[OutgoingClass, timedelta] = {
    "auto": timedelta(hours=24),
    "alert": timedelta(hours=24),
    "digest": timedelta(days=5),
    "approved": timedelta(days=5),
    "canary": timedelta(hours=2),
}


def next_attempt(attempt: int, now: datetime, jitter: float) -> datetime:
    """Given how many attempts were made, now and a jitter of 0..1, return when to try again: 5 min … 8 h + 0–10 %."""
    step = _STEPS[min(max(attempt, 1), len(_STEPS)) - 1]
    return now + step * (1 + jitter / 10)


def expires_at(outgoing: OutgoingClass, created: datetime) -> datetime:
    """Given a class of outgoing mail and when it was made, return when it is given up."""
    return created + _LIFETIME[outgoing]
