"""Which dates a new absence moves, and how days away are written."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.desk import Absence, SupportHour
from triagebot.core.errors import AbsenceError
from triagebot.core.hours.absence import Promise, Shift, find_shifts, parse_days, say_matter
from triagebot.core.hours.calendar import Calendar

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a tuesday
AWAY = Absence(date(2026, 11, 26), date(2026, 12, 1))
CALENDAR = Calendar(SupportHour(absences=(AWAY,)), ZoneInfo("Europe/Warsaw"))
BACK = date(2026, 12, 2)


def shift(
    told: date, *, answer: bool = False, answered: bool = False, end: date | None, end_before: date | None
) -> Shift | None:
    """Given a promise and the ends of its work with and without the absence, return what becomes of it."""
    answer_due = told if answer else None
    promise = Promise(1, told, told, answer_due, answered, end, end_before)
    return next(iter(find_shifts((promise,), (AWAY,), CALENDAR, NOW)), None)


def test_a_date_in_the_absence_moves_behind_it_with_slack() -> None:
    """The new one is as safe as any that is told: planned end and two support days."""
    found = shift(date(2026, 11, 27), end=BACK, end_before=date(2026, 11, 26))
    assert found == Shift(1, date(2026, 11, 27), date(2026, 12, 4), date(2026, 12, 4), None)


def test_work_that_cannot_be_done_before_moves_too() -> None:
    """Its date lies behind the absence, but its work no longer ends by then."""
    found = shift(BACK, end=date(2026, 12, 7), end_before=date(2026, 11, 30))
    assert found is not None
    assert found.after == date(2026, 12, 9)


def test_what_was_late_without_the_absence_does_not_move() -> None:
    """Overrun work is no absence: its promise stays, and is shown as at risk."""
    assert shift(BACK, end=date(2026, 12, 7), end_before=date(2026, 12, 3)) is None


def test_what_is_done_in_time_all_the_same_does_not_move() -> None:
    """Before the absence, or by the date told behind it."""
    assert shift(date(2026, 11, 25), end=date(2026, 11, 25), end_before=date(2026, 11, 25)) is None
    assert shift(date(2026, 12, 4), end=date(2026, 12, 3), end_before=date(2026, 11, 27)) is None


def test_a_first_answer_moves_to_the_first_hour_after_it() -> None:
    """Nothing else is promised to a retainer; the work's own aim is never before the answer."""
    found = shift(date(2026, 11, 26), answer=True, end=date(2026, 12, 3), end_before=date(2026, 11, 26))
    assert found == Shift(1, date(2026, 11, 26), BACK, date(2026, 12, 7), BACK)


def test_an_answer_that_was_given_is_no_promise_any_more() -> None:
    """Nobody is written to about a date that is fulfilled."""
    assert shift(date(2026, 11, 26), answer=True, answered=True, end=BACK, end_before=BACK) is None


def test_without_any_coming_hour_there_is_no_new_date() -> None:
    """None is told rather than one that cannot be kept."""
    found = shift(date(2026, 11, 27), end=None, end_before=date(2026, 11, 27))
    assert found is not None
    assert found.after is None


@given(st.dates(date(2026, 11, 24), date(2027, 3, 1)), st.dates(date(2026, 11, 24), date(2027, 3, 1)), st.booleans())
def test_a_moved_date_is_later_open_and_outside(told: date, end: date, answer: bool) -> None:
    """Whatever moves, moves to a later day on which there is support."""
    found = shift(told, answer=answer, end=end, end_before=told)
    if found is not None:
        assert found.after is not None
        assert found.after > told
        assert CALENDAR.is_open(found.after)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("today", date(2026, 11, 24), date(2026, 11, 24)),
        ("Tomorrow", date(2026, 11, 25), date(2026, 11, 25)),
        ("2026-12-24", date(2026, 12, 24), date(2026, 12, 24)),
        ("2026-12-24..2026-12-31", date(2026, 12, 24), date(2026, 12, 31)),
        ("today..2028-02-29", None, None),
        ("2026-11-20..today", date(2026, 11, 20), date(2026, 11, 24)),
        ("2026-12-31..2026-12-24", None, None),
        ("2026-11-23", None, None),
        ("2028-11-23", date(2028, 11, 23), date(2028, 11, 23)),
        ("2028-11-24", None, None),
        ("2027-02-29", None, None),
        ("soon", None, None),
        ("", None, None),
        ("..", None, None),
    ],
)
def test_days_as_typed(written: str, first: date | None, last: date | None) -> None:
    """One day or two with dots between; what is over, backwards, endless or no day is refused with a sentence."""
    if first is None:
        with pytest.raises(AbsenceError, match=r"; (write|see)"):
            parse_days(written, date(2026, 11, 24))
    else:
        assert parse_days(written, date(2026, 11, 24)) == (first, last)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Footer: new phone number", "Footer: new phone number"),
        ("[click](https://evil.test) **now** <b>_x_</b>", "click (https://evil.test) now b x /b"),
        ("Zmień stopkę!\r\nBcc: a@b.test", "Zmień stopkę! Bcc: a b.test"),
        ("x" * 300, "x" * 80),
    ],
)
def test_a_subject_in_a_text_is_plain(subject: str, said: str) -> None:
    """No marks of Markdown or HTML, one line, not endless."""
    assert say_matter(subject) == said
