"""One line of an answer: the commands it is, why it is none, or that it is prose."""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from triagebot.core.commands.actions import ACTIONS, Line, Reading
from triagebot.core.commands.command import ALL, Command, Verb
from triagebot.core.commands.days import read_when
from triagebot.core.commands.desk_wide import DESK_WIDE
from triagebot.core.commands.examples import example_of
from triagebot.core.commands.vocabulary import ALL_WORDS, DAY_WORDS, VERBS
from triagebot.core.commands.word import (
    Word,
    is_bare_number,
    refs_in,
    split_line,
    take_length,
    take_refs,
    without_politeness,
)
from triagebot.core.phrase import Phrase, say

_CLOSE = 0.75
_DAYS_AHEAD = re.compile(r"\d{1,3}[dw]", re.ASCII)
_LONGEST_WORD = 30


@dataclass(frozen=True, slots=True)
class Written:
    """What may be a command: its words, the text in quotes that ends it (None: there is none), and the whole as it is
    shown."""

    head: str
    text: str | None
    line: str


def read_line(written: Written, today: date) -> Reading | None:
    """Given what may be a command and today's local date, return the commands it is, why it is none, or None when it
    is prose: it names nothing and begins with no word of a command."""
    words = split_line(written.head)
    asked = without_politeness(words)
    if not asked:
        return None if written.text is None else _explain(words, written)
    refs, rest = take_refs(asked)
    if refs:
        line = Line(written.line, refs, today, written.text)
        return _read_rest(line, without_politeness(rest))
    verb = VERBS.get(asked[0].key)
    if asked[0].key in ALL_WORDS:
        return _read_all(asked[1:], written)
    if verb is None:
        return _explain(asked, written)
    if verb in DESK_WIDE and written.text is None:
        return DESK_WIDE[verb](asked[1:], written.line, today)
    if verb in ("ok", "send") and len(asked) == 2 and asked[1].key in ALL_WORDS and written.text is None:
        return [Command(written.line, "ok", ALL)]
    return _read_verb_first(verb, asked[1:], written, today)


def _read_verb_first(verb: Verb, words: Sequence[Word], written: Written, today: date) -> Reading:
    if verb == "undo" and not words and written.text is None:
        return [Command(written.line, "undo")]
    refs, rest = take_refs(words)
    if not refs:
        return say("it does not say about what; write the number first, such as {example}", example=example_of(verb))
    return ACTIONS[verb](Line(written.line, refs, today, written.text, verb_first=True), without_politeness(rest))


def _read_all(words: Sequence[Word], written: Written) -> Reading | None:
    asked = without_politeness(words)
    if len(asked) == 1 and written.text is None and VERBS.get(asked[0].key) in ("ok", "send"):
        return [Command(written.line, "ok", ALL)]
    if asked and asked[0].key in VERBS:
        return say("only {example} can be said of all; write the others one by one", example="all ok")
    return _explain(words, written)


def _read_rest(line: Line, rest: list[Word]) -> Reading:
    """What follows the refs of a line."""
    if not rest:
        if line.text is not None:
            return say("to send a text, write {example}", example=example_of("send", line.refs[0]))
        return say("it does not say what to do; write for example {example}", example=example_of("ok", line.refs[0]))
    verb = VERBS.get(rest[0].key)
    if verb is not None:
        return _act(verb, line, rest[1:])
    length = take_length(rest)
    if length is not None:
        following = rest[length.used :]
        if following and VERBS.get(following[0].key) == "done":
            return _act("done", line, [*rest[: length.used], *following[1:]])
        return _act("book", line, rest)
    if line.text is None and read_when([word.full for word in rest], line.today) is not None:
        return _act("move", line, rest)
    return _say_unit(rest[0], line.refs[0]) or _say_nearest(rest, line.refs[0])


def _say_unit(word: Word, ref: str) -> Phrase | None:
    """Why a number behind a ref is neither minutes nor days, or None when it is no number."""
    if is_bare_number(word):
        minutes, both = f"{ref} {word.key}m", f"{ref}, {word.key} ok"
        return say("a number needs its unit: {minutes}; two tickets a comma: {both}", minutes=minutes, both=both)
    if word.key[:1] in ("-", "−") and take_length([replace(word, key=word.key[1:])]):
        return say("minutes are taken back with {undo}, or on the command line", undo=f"undo {ref}")
    if _DAYS_AHEAD.fullmatch(word.key):
        return say("a length in days needs a plus: {example}", example=f"{ref} +{word.key}")
    return None


def _act(verb: Verb, line: Line, rest: Sequence[Word]) -> Reading:
    action: Callable[[Line, Sequence[Word]], Reading] | None = ACTIONS.get(verb)
    if action is None:
        return say("it names no number; write it as {example}", example=example_of(verb))
    return action(line, without_politeness(rest) if line.text is None else rest)


def _explain(words: Sequence[Word], written: Written) -> Phrase | None:
    """Words that begin neither with a ref nor with a verb: prose, unless they try to be a command."""
    first = words[0].key if words else ""
    named = [ref for word in words for ref in refs_in(word)]
    asks = any(word.key in VERBS for word in words)
    if (named and asks) or written.text is not None or first.lstrip("#[(")[:1].isdigit():
        return _say_nearest(words, named[0] if named else "")
    return None


def _in_english(day: str) -> str:
    """A day as it is proposed: "friday" as it is, "demain" as "tomorrow"."""
    return day if day.startswith(DAY_WORDS[day]) else DAY_WORDS[day]


def _say_nearest(words: Sequence[Word], ref: str) -> Phrase:
    """Say what is not understood, with the line that is nearest to it."""
    meant = next((VERBS[word.key] for word in words if word.key in VERBS), None)
    unknown = next((word for word in words if word.key not in VERBS and not refs_in(word)), None)
    day = next((word.full for word in words if word.key in DAY_WORDS), "")
    if meant is None and unknown is not None:
        near = difflib.get_close_matches(unknown.key[:_LONGEST_WORD], [*VERBS, *DAY_WORDS], n=1, cutoff=_CLOSE)
        meant = VERBS.get(near[0], "move") if near else ("move" if day else "ok")
        day = _in_english(near[0]) if near and near[0] in DAY_WORDS else day
    meant = meant or "ok"
    example = example_of(meant, ref, day or "tomorrow")
    if unknown is None:
        return say("it is not clear; write for example {example}", example=example)
    return say(
        "“{word}” is not understood; write for example {example}", word=unknown.raw[:_LONGEST_WORD], example=example
    )
