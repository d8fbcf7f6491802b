"""The proof that nothing was lost: it adds up, and says so when it does not hold."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.phrase import ENGLISH
from triagebot.core.proof import LATE, Comparison, find_gaps, is_comparison_due, prove

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
WHOLE = Comparison(NOW, "support", "INBOX", 7, 410, 410, 0, 12)
WARSAW = ZoneInfo("Europe/Warsaw")

states = st.dictionaries(
    st.sampled_from(("answered", "acknowledged", "planned", "merged", "held", "suppressed", "unreadable", "history"))
    | st.just("pending"),
    st.integers(0, 500),
)


@given(states)
def test_the_proof_adds_up(counted: dict[str, int]) -> None:
    """The states of the proof line sum to what arrived, and all but the pending ones are accounted for."""
    line = ENGLISH.speak(prove(counted))
    arrived = sum(counted.values())
    if not arrived:
        assert line == "No mail arrived."
        return
    said = re.fullmatch(r"(\d+) arrived, (\d+) accounted for: (.+)", line)
    assert said
    parts = {state: int(count) for count, state in (part.split(" ") for part in said[3].split(", "))}
    assert (int(said[1]), int(said[2])) == (arrived, arrived - counted.get("pending", 0))
    assert parts == {state: count for state, count in counted.items() if count}
    assert line == ENGLISH.speak(prove(dict(reversed(list(counted.items())))))


def test_the_proof_by_example() -> None:
    """The proof line reads as design.md section 3.1 has it, the largest number first."""
    line = ENGLISH.speak(prove({"unreadable": 1, "merged": 2, "planned": 6, "answered": 14, "held": 0}))
    assert line == "23 arrived, 23 accounted for: 14 answered, 6 planned, 2 merged, 1 unreadable"


def test_the_proof_tells_what_the_server_holds() -> None:
    """The last comparisons of all inboxes are added up, also on a day without mail."""
    other = replace(WHOLE, inbox="sales", on_server=5, known=3, missing=2)
    assert ENGLISH.speak(prove({"held": 1}, [WHOLE, other], "at 03:00")) == (
        "1 arrived, 1 accounted for: 1 held; compared with the server at 03:00: 415 there, 413 known"
    )
    quiet = ENGLISH.speak(prove({}, [WHOLE], "at 03:00"))
    assert quiet == "No mail arrived; compared with the server at 03:00: 410 there, 410 known"


def test_a_state_that_is_none_is_not_accounted_for() -> None:
    """A row in a state nobody knows counts as arrived only, and is told."""
    counted = {"answered": 2, "lost": 3}
    assert ENGLISH.speak(prove(counted)).startswith("5 arrived, 2 accounted for")
    (gap,) = find_gaps(counted, {"support": WHOLE}, NOW)
    assert "3 mails are in the state 'lost'" in ENGLISH.speak(gap)


def test_no_gap_is_told_where_there_is_none() -> None:
    """Pending mails are on their way, an inbox that was never compared is too young."""
    assert find_gaps({"pending": 9, "held": 1, "gone": 0}, {"support": WHOLE, "new": None}, NOW) == []


def test_missing_mails_and_a_late_comparison_are_gaps() -> None:
    """Each with its inbox and what to do."""
    (missing,) = find_gaps({}, {"support": replace(WHOLE, missing=2)}, NOW)
    assert ENGLISH.speak(missing).startswith("inbox support: 2 mails in INBOX had no row")
    assert find_gaps({}, {"support": WHOLE}, NOW + LATE) == []
    (late,) = find_gaps({}, {"support": WHOLE}, NOW + LATE + timedelta(seconds=1))
    assert ENGLISH.speak(late).startswith("inbox support: not compared with the server since 2026-11-24")


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-11-24T02:59", True),
        ("2026-11-23T02:59", "2026-11-24T02:59", True),
        ("2026-11-23T03:00", "2026-11-24T02:59", False),
        ("2026-11-23T03:00", "2026-11-24T03:00", True),
        ("2026-11-24T03:00", "2026-11-24T23:59", False),
        ("2026-11-26T03:00", "2026-11-24T03:00", False),
    ],
)
def test_a_folder_is_compared_once_a_night(last: str | None, now: str, due: bool) -> None:
    """From three o'clock on, once; a night the desk slept through is made up for; a clock set back repeats nothing."""
    moments = [datetime.fromisoformat(text).replace(tzinfo=WARSAW) if text else None for text in (last, now)]
    assert moments[1]
    assert is_comparison_due(moments[0], moments[1]) is due


def test_the_night_the_clocks_change_has_one_comparison() -> None:
    """Whatever the zone does to three o'clock, minute by minute one comparison is made a day."""
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        moment = datetime.combine(day, time(0), WARSAW).astimezone(UTC)
        last: datetime | None = datetime.combine(day - timedelta(days=1), time(3), WARSAW)
        made = 0
        while (local := moment.astimezone(WARSAW)).date() == day:
            if is_comparison_due(last, local):
                last, made = local, made + 1
            moment += timedelta(minutes=1)
        assert made == 1
