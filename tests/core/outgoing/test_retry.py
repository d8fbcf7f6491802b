"""When a mail that could not be sent is tried again, and when it is given up (safety.md G.2)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.outgoing.retry import OutgoingClass, expires_at, next_attempt

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
STEPS = (5, 15, 30, 60, 120, 240, 480)
chances = st.floats(0, 1)


@pytest.mark.parametrize(("attempt", "minutes"), [*enumerate(STEPS, start=1), (0, 5), (8, 480), (1000, 480)])
def test_steps(attempt: int, minutes: int) -> None:
    """The pauses are 5, 15, 30 minutes, 1, 2, 4 and 8 hours, and 8 hours from then on."""
    assert next_attempt(attempt, NOW, 0.0) == NOW + timedelta(minutes=minutes)


@given(st.integers(0, 50), chances)
def test_jitter_adds_at_most_a_tenth(attempt: int, chance: float) -> None:
    """Jitter never shortens a pause (greylisting wants five minutes) and adds at most ten per cent."""
    pause = next_attempt(attempt, NOW, chance) - NOW
    shortest = next_attempt(attempt, NOW, 0.0) - NOW
    assert timedelta(minutes=5) <= shortest <= pause <= shortest * 1.1


@given(st.integers(1, 50), chances, chances)
def test_pauses_never_shrink(attempt: int, one: float, other: float) -> None:
    """Each pause is as long as the one before or longer, but for the jitter of the longest ones."""
    earlier, later = next_attempt(attempt, NOW, one), next_attempt(attempt + 1, NOW, other)
    assert later >= earlier or attempt >= len(STEPS)


@pytest.mark.parametrize(("outgoing", "hours"), [("auto", 24), ("alert", 24), ("digest", 5 * 24), ("approved", 5 * 24)])
def test_lifetimes(outgoing: OutgoingClass, hours: int) -> None:
    """What a machine wrote is stale after a day; what a person wrote is tried for five."""
    assert expires_at(outgoing, NOW) == NOW + timedelta(hours=hours)
