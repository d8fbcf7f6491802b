"""The iCalendar file: calendar programs read what was written, whatever stands in the words of clients."""

from datetime import UTC, date, datetime, timedelta

import icalendar
from hypothesis import given
from hypothesis import strategies as st

from triagebot.edge.calendar_feed import AllDay, Appointment, write_feed

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
words = st.text(max_size=200)


def read(text: str) -> icalendar.Calendar:
    """Given a file, return what a calendar program sees."""
    calendar = icalendar.Calendar.from_ical(text)
    assert isinstance(calendar, icalendar.Calendar)
    return calendar


def test_an_hour_and_a_promise() -> None:
    """An hour is an appointment in UTC with its work as lines; a promise is a whole day that does not look busy."""
    hour = Appointment("hour-1@desk.test", NOW, 60, "Support hour", ("30 min, Café Nowak; #1", "back\\slash, done"))
    promise = AllDay("promise-1@desk.test", date(2026, 12, 31), "Promised: Café", ("A matter",))
    calendar = read(write_feed("Ada: hours", [hour], [promise], NOW))
    first, second = calendar.walk("VEVENT")
    assert (first.decoded("dtstart"), first.decoded("dtend")) == (NOW, NOW + timedelta(hours=1))
    assert (str(first["uid"]), str(first["summary"])) == ("hour-1@desk.test", "Support hour")
    assert str(first["description"]) == "30 min, Café Nowak; #1\nback\\slash, done"
    assert (second.decoded("dtstart"), second.decoded("dtend")) == (date(2026, 12, 31), date(2027, 1, 1))
    assert (str(first["transp"]), str(second["transp"])) == ("OPAQUE", "TRANSPARENT")
    assert first.decoded("dtstamp") == second.decoded("dtstamp") == NOW
    assert str(calendar["version"]) == "2.0"


@given(words, words, st.lists(words, max_size=3))
def test_any_words_stay_words(name: str, title: str, lines: list[str]) -> None:
    """No text ends its line, begins a property or an event; each line has at most 75 bytes and ends with CR LF."""
    text = write_feed(name, [Appointment("a@b.test", NOW, 30, title, tuple(lines))], [], NOW)
    physical = text.encode("utf-8").split(b"\r\n")
    assert physical.pop() == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in physical)
    (event,) = read(text).walk("VEVENT")
    assert str(event["summary"]) == clean(title)
    if lines:
        assert str(event["description"]) == "\n".join(map(clean, lines))
    assert set(event) <= {"UID", "DTSTAMP", "DTSTART", "DTEND", "TRANSP", "SUMMARY", "DESCRIPTION"}


def clean(text: str) -> str:
    """A text without what cannot be shown."""
    return "".join(character if character.isprintable() else " " for character in text)
