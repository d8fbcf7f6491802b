"""Commands that are about no ticket: new, mode, away, back."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from triagebot.core.commands.actions import Reading
from triagebot.core.commands.command import Command, Verb
from triagebot.core.commands.days import read_range, read_when
from triagebot.core.commands.examples import example_of
from triagebot.core.commands.vocabulary import DAY_LEADS, DAY_WORDS, MODES
from triagebot.core.commands.word import Word, take_length, without_politeness
from triagebot.core.errors import AbsenceError
from triagebot.core.hours.absence import parse_days
from triagebot.core.phrase import Phrase, say

_LINKED = re.compile(r"<(?:mailto:)?[^<>\s]*>?$", re.IGNORECASE)
_TARGETS = ("rule", "tier")


def _read_new(words: Sequence[Word], line: str, _today: date) -> Reading:
    client = _LINKED.sub("", words[0].raw).rstrip(",:;.") if words else ""
    client = client or (words[0].raw.strip("<>,:;.").removeprefix("mailto:") if words else "")
    length = take_length(words[1:])
    matter = " ".join(word.raw for word in words[1 + (length.used if length else 0) :])
    if not client or not matter or (length and length.minutes <= 0):
        return say("a client and the matter belong to it; write {example}", example=example_of("new"))
    return [Command(line, "new", text=matter, minutes=length.minutes if length else None, other=client)]


def _read_mode(words: Sequence[Word], line: str, _today: date) -> Reading:
    words = without_politeness(words)
    mode = MODES.get(words[0].key) if words else None
    target = [word.raw.rstrip(".,!") for word in words[1:]]
    is_named = len(target) == 2 and words[1].key in _TARGETS
    if mode is None or len(target) > 1 + is_named or (len(target) == 1 and words[1].key in _TARGETS):
        examples = ("mode live", "mode draft tier none", "mode shadow rule permalinks")
        return say("write {one}, {two} or {three}", one=examples[0], two=examples[1], three=examples[2])
    return [Command(line, "mode", mode=mode, target=" ".join(target))]


def _read_away(words: Sequence[Word], line: str, today: date) -> Reading:
    words = words[1:] if words and words[0].key in DAY_LEADS else words
    found = read_range([word.full for word in words], today)
    if isinstance(found, Phrase):
        return found
    if found is None:
        return say("it names no days; write {example}", example=example_of("away"))
    first, last, used = found
    if used < len(words) and words[used].key in DAY_WORDS:
        return say("it is not clear until when; write {example}", example=example_of("away"))
    try:
        parse_days(f"{first}..{last}", today)
    except AbsenceError:
        return say(
            "{first} to {last} lies the wrong way round, is longer than a year or more than two years away;"
            " write {example}",
            first=first.isoformat(),
            last=last.isoformat(),
            example=example_of("away"),
        )
    return [Command(line, "away", text=" ".join(word.raw for word in words[used:]), first=first, last=last)]


def _read_back(words: Sequence[Word], line: str, today: date) -> Reading:
    words = without_politeness(words)
    if not words:
        return [Command(line, "back")]
    day = read_when([word.full for word in words], today)
    if day is None:
        return say("write {example}, or the day after it: {dated}", example="back", dated=f"back {today.isoformat()}")
    return day if isinstance(day, Phrase) else [Command(line, "back", first=day)]


DESK_WIDE: Mapping[Verb, Callable[[Sequence[Word], str, date], Reading]] = {
    "new": _read_new,
    "mode": _read_mode,
    "away": _read_away,
    "back": _read_back,
}
"""How each of them reads what follows it."""
