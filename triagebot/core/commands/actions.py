"""What each verb takes after the number it is about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from triagebot.core.commands.command import Command, Verb
from triagebot.core.commands.days import read_when
from triagebot.core.commands.examples import example_of
from triagebot.core.commands.vocabulary import DAY_WORDS, HOLDS_BACK, VERBS
from triagebot.core.commands.word import (
    Word,
    is_bare_number,
    read_amount,
    refs_in,
    take_length,
    take_refs,
)
from triagebot.core.phrase import Phrase, say
from triagebot.core.reading.worked import MOST_MINUTES

Reading = list[Command] | Phrase
"""The commands of a line, or why it runs nothing."""
_ENDING_VERBS = frozenset(("done", "hold", "close", "reopen"))
_PLACEHOLDERS = frozenset(("", "…", "...", "text", "text…"))


@dataclass(frozen=True, slots=True)
class Line:
    """A line that names something: as it was written, what it names, today's local date, and its text in quotes."""

    line: str
    refs: list[str]
    today: date
    text: str | None = None
    verb_first: bool = False


def _read_short(verb: Verb, line: Line, rest: Sequence[Word]) -> Reading:
    """A verb that takes nothing more."""
    if line.text is not None:
        verb = "send" if verb == "ok" else verb
        return say("a text cannot follow here; write {example}", example=example_of(verb, line.refs[0]))
    if rest:
        return _too_much(rest, example_of(verb, line.refs[0]))
    return [Command(line.line, verb, ref) for ref in line.refs]


def _read_send(line: Line, rest: Sequence[Word]) -> Reading:
    if line.text is None and not rest:
        return [Command(line.line, "ok", ref) for ref in line.refs]
    example = example_of("send", line.refs[0])
    if line.text is None or rest:
        return say("put the text in double quotes, with nothing around them: {example}", example=example)
    if line.text.strip().casefold() in _PLACEHOLDERS:
        return say("the text is missing; write it between the quotes: {example}", example=example)
    if len(line.refs) > 1:
        return say("a text goes to one at a time; write {example}", example=example)
    return [Command(line.line, "send", line.refs[0], text=line.text.strip())]


def _read_book(line: Line, rest: Sequence[Word]) -> Reading:
    example = example_of("book", line.refs[0])
    length = take_length(rest)
    if length is None or len(line.refs) > 1:
        return say("minutes are booked one at a time and with their unit; write {example}", example=example)
    if why := _doubt_length(length.minutes, rest[length.used :], example, line.refs[0]):
        return why
    note = _note(rest[length.used :], line.text)
    return [Command(line.line, "book", line.refs[0], text=note, minutes=length.minutes)]


def _read_done(line: Line, rest: Sequence[Word]) -> Reading:
    example = f"{example_of('done', line.refs[0])} 25m"
    if not rest and line.text is None:
        return [Command(line.line, "done", ref) for ref in line.refs]
    if len(line.refs) > 1:
        return say("minutes and notes are written one at a time; write {example}", example=example)
    length = take_length(rest)
    minutes, following = (length.minutes, rest[length.used :]) if length else (None, rest)
    if following and (following[0].key in HOLDS_BACK or (length is None and is_bare_number(following[0]))):
        return _too_much(following, example)
    if why := _doubt_length(minutes, following, example, line.refs[0]):
        return why
    return [Command(line.line, "done", line.refs[0], text=_note(following, line.text), minutes=minutes)]


def _doubt_length(minutes: int | None, note: Sequence[Word], example: str, ref: str) -> Phrase | None:
    """Why minutes with a note are not clear, or None."""
    if minutes is not None and not 0 < minutes <= MOST_MINUTES:
        return say(
            "between 1 and {most} minutes can be booked at a time; write {example}", most=MOST_MINUTES, example=example
        )
    if minutes is not None and note and is_bare_number(note[0]) and minutes % 60 == 0:
        return say("it is not clear how long; write {example}", example=f"{ref} {minutes // 60}h{note[0].key:0>2}")
    if note and VERBS.get(note[-1].key) in _ENDING_VERBS:
        return say("it says two things; write {example}", example=f"{ref} {note[-1].key}")
    if len(note) == 1 and (note[0].key in VERBS or note[0].key in DAY_WORDS):
        return say("it says two things; write them on two lines, such as {example}", example=f"{ref} {note[0].key}")
    return None


def _note(words: Sequence[Word], text: str | None) -> str:
    """A note as it was written; the quotes around it are none of it."""
    return " ".join([*(word.raw for word in words), *(text or "").split()])


def _read_move(line: Line, rest: Sequence[Word]) -> Reading:
    day = read_when([word.full for word in rest], line.today, ahead=True) if line.text is None else None
    if isinstance(day, Phrase):
        return day
    if day is None:
        return say("it names no day; write for example {example}", example=example_of("move", line.refs[0]))
    return [Command(line.line, "move", ref, day=day) for ref in line.refs]


def _read_quote(line: Line, rest: Sequence[Word]) -> Reading:
    length = take_length(rest)
    price = read_amount(rest[length.used :]) if length else None
    if length is None or length.minutes <= 0 or price is None or len(line.refs) > 1 or line.text is not None:
        example = example_of("quote", line.refs[0])
        return say("an offer is a time with its unit and a price above zero; write {example}", example=example)
    return [Command(line.line, "quote", line.refs[0], minutes=length.minutes, price=price)]


def _read_merge(line: Line, rest: Sequence[Word]) -> Reading:
    words = list(rest[1:] if rest and rest[0].key in ("with", "into") else rest)
    others, more = take_refs(words)
    refs = [*line.refs, *others]
    clear = len(line.refs) == 1 and len(others) == 1 and not more and line.text is None
    into = bool(rest) and rest[0].key == "into"
    if not clear or into != line.verb_first or not all(ref.isdigit() for ref in refs) or refs[0] == refs[1]:
        return say("two tickets are merged; write {example}", example=example_of("merge", line.refs[0]))
    kept, other = reversed(refs) if into else refs
    return [Command(line.line, "merge", kept, other=other)]


def _read_split(line: Line, rest: Sequence[Word]) -> Reading:
    others = refs_in(rest[0]) if len(rest) == 1 else []
    if line.text is not None or len(line.refs) > 1 or (rest and not others) or any(one[0] != "m" for one in others):
        return say("name the mail that is another matter: {example}", example=example_of("split", line.refs[0]))
    return [Command(line.line, "split", line.refs[0], other="".join(others))]


def _too_much(rest: Sequence[Word], example: str) -> Phrase:
    word = rest[0].raw[:40]
    return say("“{word}” does not belong there, so nothing was done; write {example}", word=word, example=example)


def _short(verb: Verb) -> Callable[[Line, Sequence[Word]], Reading]:
    return lambda line, rest: _read_short(verb, line, rest)


ACTIONS: Mapping[Verb, Callable[[Line, Sequence[Word]], Reading]] = {
    "ok": _short("ok"),
    "no": _short("no"),
    "start": _short("start"),
    "hold": _short("hold"),
    "close": _short("close"),
    "reopen": _short("reopen"),
    "undo": _short("undo"),
    "send": _read_send,
    "book": _read_book,
    "done": _read_done,
    "move": _read_move,
    "quote": _read_quote,
    "merge": _read_merge,
    "split": _read_split,
}
"""How each verb reads what follows its number."""
