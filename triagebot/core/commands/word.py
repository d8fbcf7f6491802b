"""A line of an answer in its words: what names something, how long a time is, what it costs."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from triagebot.core.commands.vocabulary import CURRENCIES, JOINING, POLITE, TICKET_WORDS
from triagebot.core.errors import LedgerError
from triagebot.core.money.typed import parse_minutes
from triagebot.core.reading.worked import read_worked
from triagebot.core.rules.fold import fold
from triagebot.core.tickets.spoken import read_price

_REF = re.compile(r"#?([mo]?)0*([1-9]\d{0,8})", re.ASCII)
_AROUND_REF = "[]()."
_AT_THE_END = ".,;:!。、，！："
_BETWEEN = frozenset("-–—:=→") | {"->"}
_BARE_NUMBER = re.compile(r"\d{1,4}", re.ASCII)
_PRICE = re.compile(r"(\D*)(\d[\d.,]*)(\D*)", re.ASCII)
_LONGEST_TIME = 3
_LONGEST_WORD = 200


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was written, folded, and folded without the marks at its end."""

    raw: str
    full: str
    key: str


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time in minutes, and how many words say it."""

    minutes: int
    used: int


def split_line(line: str) -> list[Word]:
    """Given a line, return its words."""
    return [_fold_word(raw) for raw in line.split()]


def _fold_word(raw: str) -> Word:
    # NFKC writes a raised 2 as a digit: 12² is not ticket 122
    strange = any(unicodedata.category(letter) == "No" for letter in raw[:_LONGEST_WORD])
    full = raw if strange else fold(raw).replace("\u2019", "'")
    return Word(raw, full, full.rstrip(_AT_THE_END))


def take_refs(words: Sequence[Word]) -> tuple[list[str], list[Word]]:
    """Given words, return what those at the beginning name ("12, m40 and #13"), without repeats, and the words that
    follow."""
    refs: list[str] = []
    index = 0
    if len(words) > 1 and words[0].key in TICKET_WORDS:
        index = 1
    while index < len(words) and (found := refs_in(words[index])):
        refs += found
        goes_on = words[index].full.endswith((",", ";", "、"))
        index += 1
        if index + 1 < len(words) and words[index].full in JOINING and refs_in(words[index + 1]):
            index += 1
        elif not goes_on:
            break
    if not refs:
        return [], list(words)
    while index < len(words) and words[index].full in _BETWEEN:
        index += 1
    return list(dict.fromkeys(refs)), list(words[index:])


def refs_in(word: Word) -> list[str]:
    """Given a word, return what it names: "12", "#12:", "[m40]", "12,13"; nothing when anything in it is else."""
    found: list[str] = []
    for part in word.key.replace(";", ",").replace("、", ",").split(","):
        match = _REF.fullmatch(part.strip(_AROUND_REF))
        if match is None:
            return []
        found.append(match[1] + match[2])
    return found


def without_politeness(words: Sequence[Word]) -> list[Word]:
    """Given words, return them without "please" and "thanks" around them."""
    start, end = 0, len(words)
    while start < end and words[start].key in POLITE:
        start += 1
    while start < end and words[end - 1].key in POLITE:
        end -= 1
    return list(words[start:end])


def take_length(words: Sequence[Word]) -> Length | None:
    """Given words, return the length of time the first of them say ("25m", "1h30", "25 min", "1 h"), or None.

    A number needs its unit: "12 25" may name two tickets. "1h 30" with more behind it is not cut in two.
    """
    for used in range(min(_LONGEST_TIME, len(words)), 0, -1):
        said = " ".join(word.key for word in words[:used])
        if not said[:1].isdigit() or words[used - 1].key.isdigit():
            continue
        minutes = _minutes(said)
        if minutes is not None:
            return Length(minutes, used)
    return None


def _minutes(said: str) -> int | None:
    if len(said) > 40 or said.replace(",", ".").count(".") > 1:
        return None
    hours, _, rest = said.partition("h")
    if ("." in hours or "," in hours) and any(letter.isdigit() for letter in rest):
        return None  # "1.5h30" says two things
    try:
        return parse_minutes(said)
    except LedgerError:
        return read_worked(said)


def is_bare_number(word: Word) -> bool:
    """Given a word, return whether it is a number without a unit."""
    return _BARE_NUMBER.fullmatch(word.key) is not None


def read_amount(words: Sequence[Word]) -> Decimal | None:
    """Given the words of a price, maybe with a currency before or after it, return the price above zero, or None."""
    numbers = [word.key for word in words if word.key not in CURRENCIES]
    found = _PRICE.fullmatch(numbers[0]) if len(numbers) == 1 and len(words) <= 2 else None
    if found is None or not {found[1], found[3]} <= CURRENCIES | {""}:
        return None
    return read_price(found[2])
