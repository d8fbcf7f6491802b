"""Minutes a developer writes under a mail: found in the languages of the field, never guessed from other numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.reading.worked import MOST_MINUTES, read_worked

WRITTEN = {
    "25m": 25,
    "25 min": 25,
    "25 min.": 25,
    "1h": 60,
    "1h30": 90,
    "1h 30m": 90,
    "1 h 5 min": 65,
    "0.5h": 30,
    "0,5 h": 30,
    "1.25 hours": 75,
    "time: 25m": 25,
    "Time spent: 1 hour": 60,
    "[25m]": 25,
    "(45 min)": 45,
    "Czas: 25 min": 25,
    "1 godz. 15 min": 75,
    "Süre: 25 dk": 25,
    "1 saat 30 dakika": 90,
    "Время: 25 мин": 25,
    "1 ч 30 мин": 90,
    "2 часа": 120,
    "作業時間：25分": 25,
    "1時間30分": 90,
    "２５分": 25,
    "Zeit: 1,5 Std.": 90,
    "Temps passé : 1 heure": 60,
    "Tiempo: 40 minutos": 40,
    "0.01h": 1,
}
UNCLEAR = (
    "25",
    "25 m of cable",
    "it took me 25m",
    "in 25 min I call you",
    "25%",
    "€25m",
    "25m budget",
    "1.5h30",
    "0m",
    "time:",
    "13h",
    "1h75",
    "10:30",
    "25m 30m",
    "-",
    "1000m",
)


@pytest.mark.parametrize(("written", "minutes"), WRITTEN.items())
def test_minutes_alone_on_a_last_line_are_read(written: str, minutes: int) -> None:
    """In each language, below the words and above a name."""
    assert read_worked(f"Hello Jan,\n\nit is done.\n\n{written}\n\nBest,\nAda") == minutes


@pytest.mark.parametrize("written", UNCLEAR)
def test_other_numbers_are_no_minutes(written: str) -> None:
    """What only looks like a duration, or stands in a sentence, offers nothing."""
    assert read_worked(f"It is done.\n{written}\nAda") is None


def test_minutes_far_above_the_end_are_none() -> None:
    """A duration in the middle of a mail is part of what it says."""
    assert read_worked("25m\n" + "one more line\n" * 6) is None


def test_two_durations_are_not_chosen_between() -> None:
    """The same one twice is one; two of them are left to the developer."""
    assert read_worked("Done.\n25m\n25 min") == 25
    assert read_worked("Done.\n25m\n40m") is None


@given(st.text())
def test_any_text_gives_whole_minutes_within_a_working_day(text: str) -> None:
    """Nothing raises, and nothing absurd is offered."""
    found = read_worked(text)
    assert found is None or 0 < found <= MOST_MINUTES
