"""Days as they are written in an answer. What could mean two days is refused with what to write instead."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from triagebot.core.commands.vocabulary import DAY_LEADS, DAY_WORDS, MONTHS, RANGE_WORDS
from triagebot.core.hours.calendar import WEEKDAYS
from triagebot.core.phrase import Phrase, say
from triagebot.core.tickets.spoken import read_day

_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?", re.ASCII)
_NO_DAY = re.compile(r"\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{1,2}\.\d{1,2}", re.ASCII)
_ISO_LIKE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}", re.ASCII)
_DAY_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?", re.ASCII)
_YEAR = re.compile(r"20\d\d", re.ASCII)
_AHEAD = re.compile(r"\+?(\d{1,3}[dw])", re.ASCII)
_ISO_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.{2,3}|…|[-–—])(\d{4}-\d{2}-\d{2})", re.ASCII)
_PART = re.compile(r"\.\.\.?|…|–|—")
_SOON = timedelta(days=183)
"""A date without its year is this year's, or the next one's when that is not further away."""


def read_when(words: Sequence[str], today: date, ahead: bool = False) -> date | Phrase | None:
    """Given folded words, today's local date, and whether "3d" stands for "+3d", return the day all of them name
    together, why it is not clear which, or None when they name none."""
    words = words[1:] if len(words) > 1 and words[0] in DAY_LEADS else words
    said = " ".join(words)
    found = _read(words, said.rstrip(",;!"), today, ahead)
    if isinstance(found, date) and found < today:
        return say("{day} has passed; write a day to come, such as {example}", day=said, example=_example(today))
    return found


def read_range(words: Sequence[str], today: date) -> tuple[date, date, int] | Phrase | None:
    """Given folded words that begin with a day or with two ("fri-tue", "2026-12-24..2026-12-31"), return the first
    and the last day, in whatever order they lie, and how many words they are; why they are not clear; or None."""
    doubt: Phrase | None = None
    for first, last, used in _ways_to_part(words):
        begin = read_when(first, today)
        end = read_when(last, begin) if last and isinstance(begin, date) else begin
        if isinstance(begin, date) and isinstance(end, date):
            return begin, end, used
        early = read_when(last, today) if last and isinstance(begin, date) else None
        if isinstance(early, date) and isinstance(begin, date) and early < begin:
            return begin, early, used
        doubt = doubt or next((one for one in (begin, end) if isinstance(one, Phrase)), None)
    return doubt


def _ways_to_part(words: Sequence[str]) -> list[tuple[Sequence[str], Sequence[str], int]]:
    """How words may be two days or one, longer readings first: with their parts and how many words they take."""
    ways: list[tuple[Sequence[str], Sequence[str], int]] = []
    most = min(len(words), 3)
    for size in range(1, most + 1):
        if len(words) > size and words[size] in RANGE_WORDS:
            ways += [(words[:size], words[size + 1 : size + 1 + more], size + 1 + more) for more in (3, 2, 1)]
    ways = [way for way in ways if way[2] <= len(words)]
    if words:
        ways += [([left], [right], 1) for left, right in _inside(words[0])]
    return ways + [(words[:size], (), size) for size in range(most, 0, -1)]


def _inside(word: str) -> list[tuple[str, str]]:
    """The two halves of one word that may be two days."""
    if found := _ISO_RANGE.fullmatch(word):
        return [(found[1], found[2])]
    if found := _PART.search(word):
        # of "24.12...31.12." the first dot belongs to the day
        pairs = [(word[: found.start()], word[found.end() :])]
        return [*pairs, (word[: found.start() + 1], word[found.end() :])]
    left, dash, right = word.partition("-")
    return [(left, right)] if dash and "-" not in right else []


def _read(words: Sequence[str], said: str, today: date, ahead: bool) -> date | Phrase | None:
    example = _example(today)
    if found := _DOTTED.fullmatch(said):
        return _complete(int(found[1]), int(found[2]), found[3], said, today)
    said = said.rstrip(".")
    name = DAY_WORDS.get(said, "")
    if name == WEEKDAYS[today.weekday()]:
        return say(
            "{day} may be this one or a week later; write the date, such as {example}", day=said, example=example
        )
    if _NO_DAY.fullmatch(said):
        return say("{day} may be read in two ways; write the date as {example}", day=said, example=example)
    if ahead and (found := _AHEAD.fullmatch(said)):
        said = f"+{found[1]}"
    try:
        day = read_day(name or said, today)
    except OverflowError:
        return None
    if day is not None:
        return day
    if _ISO_LIKE.fullmatch(said):
        return say("{day} is no date; write it as {example}", day=said, example=example)
    return _read_calendar(words, said, today)


def _read_calendar(words: Sequence[str], said: str, today: date) -> date | Phrase | None:
    """A date with the name of its month: 1 Dec, Dec 1, 1 December 2026."""
    parts = [word.rstrip(",") for word in words]
    year = parts.pop() if len(parts) == 3 and _YEAR.fullmatch(parts[2]) else ""
    if len(parts) != 2:
        return None
    if parts[0].rstrip(".") in MONTHS:
        parts.reverse()
    number, month = _DAY_NUMBER.fullmatch(parts[0]), MONTHS.get(parts[1].rstrip("."))
    return _complete(int(number[1]), month, year, said, today) if number and month else None


def _complete(day: int, month: int, year: str | None, said: str, today: date) -> date | Phrase:
    years = [int(year)] if year else [today.year, today.year + 1]
    for one in years:
        try:
            found = date(one, month, day)
        except ValueError:
            continue
        if year or today <= found <= today + min(_SOON, date.max - today):
            return found
    return say(
        "{day} is no date in the coming months; write it with its year, such as {example}",
        day=said,
        example=_example(today),
    )


def _example(today: date) -> str:
    return (today + min(timedelta(days=8), date.max - today)).isoformat()
