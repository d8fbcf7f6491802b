"""An iCalendar file (RFC 5545): appointments in UTC and dates of a whole day, readable by common calendar programs.

Written by hand: a library costs more at the start of a command than these few lines; tests read them back with one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_LINE_BYTES = 75
"""The longest line, without its end (RFC 5545 section 3.1)."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """Something with a beginning and a length. `uid` stays the same from feed to feed; `lines` describe it."""

    uid: str
    start: datetime
    minutes: int
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AllDay:
    """Something that is due on a local date; it does not make the day busy."""

    uid: str
    day: date
    title: str
    lines: tuple[str, ...] = ()


def write_feed(name: str, appointments: Iterable[Appointment], days: Iterable[AllDay], now: datetime) -> str:
    """Given the calendar's name, what stands in it and now, return the file, lines ended by CR LF."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//triagebot//support hours//EN", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", f"X-WR-CALNAME:{_text(name)}", "X-PUBLISHED-TTL:PT1H"]
    for one in appointments:
        end = one.start + timedelta(minutes=one.minutes)
        times = (f"DTSTART:{_moment(one.start)}", f"DTEND:{_moment(end)}", "TRANSP:OPAQUE")
        lines += _event(one.uid, one.title, one.lines, times, now)
    for due in days:
        after = due.day + timedelta(days=1)
        times = (f"DTSTART;VALUE=DATE:{due.day:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}", "TRANSP:TRANSPARENT")
        lines += _event(due.uid, due.title, due.lines, times, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def _event(uid: str, title: str, lines: tuple[str, ...], times: tuple[str, ...], now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(uid)}"
    yield f"DTSTAMP:{_moment(now)}"
    yield from times
    yield f"SUMMARY:{_text(title)}"
    if lines:
        yield "DESCRIPTION:" + "\\n".join(map(_text, lines))
    yield "END:VEVENT"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """A text on one line: words of others can neither end it nor begin another property."""
    flat = "".join(character if character.isprintable() else " " for character in text)
    return flat.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _fold(line: str) -> str:
    """A line in pieces of at most 75 bytes, never within a character; each but the first begins with a space."""
    pieces, piece, used = [], "", 0
    for character in line:
        size = len(character.encode("utf-8"))
        if used + size > _LINE_BYTES:
            pieces.append(piece)
            piece, used = " ", 1
        piece += character
        used += size
    return "\r\n".join((*pieces, piece))
