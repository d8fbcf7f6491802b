"""The lines of an answer gathered to what may be commands: a text in quotes may go over several of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triagebot.core.commands.grammar import Written
from triagebot.core.commands.vocabulary import JOINING, POLITE, VERBS
from triagebot.core.commands.word import refs_in, split_line, take_length
from triagebot.core.rules.fold import cut

_QUOTES = '"“”„‟«»「」『』＂″'
_QUOTE = re.compile(f"[{_QUOTES}]")
_BULLETS = " \t\u3000*-•–—·‣◦▪●○➤→`_"
_ENDS = " \t.!*`_"
_NUMBERED = re.compile(r"\s*\(?(\d{1,2})[.)]\s+(?=\S)", re.ASCII)
_LONGEST_SHOWN = 160
_MOST_HEAD = 200


@dataclass(frozen=True, slots=True)
class Gathered:
    """What may be a command, where the line after it is, and whether a quote in it is left open."""

    written: Written
    after: int
    is_open: bool = False


def gather(lines: Sequence[str], start: int, first: str) -> Gathered:
    """Given the lines of a stretch, where to begin and what stands there, return what may be a command.

    A quote ends with the line that ends in one and leaves none open: quotes in the text come in pairs.
    """
    line, shown = first.strip(), show_line(lines[start])
    opening = _QUOTE.search(line[:_MOST_HEAD])
    if opening is None or not _leads(line[: opening.start()]):
        return Gathered(Written(_bare(line), None, shown), start + 1)
    head, text = _bare(line[: opening.start()]), [line[opening.end() :]]
    marks = 1 + len(_QUOTE.findall(text[0]))
    index = start + 1
    while not (marks % 2 == 0 and text[-1].rstrip(_ENDS).endswith(tuple(_QUOTES))):
        if index == len(lines):
            return Gathered(Written(head, "", shown), index, is_open=True)
        text.append(lines[index].rstrip())
        marks += len(_QUOTE.findall(text[-1]))
        index += 1
    text[-1] = text[-1].rstrip(_ENDS)[:-1]
    shown = show_line(" ".join(lines[start:index]))
    return Gathered(Written(head, "\n".join(text), shown), index)


def take_number(line: str, expected: int) -> str | None:
    """Given a line and which number a list would give it, return the line without that number, or None when it is not
    numbered so: "1. 12 ok" is about 12, and "12. ok" as well."""
    found = _NUMBERED.match(line)
    if found is None or int(found[1]) != expected:
        return None
    words = split_line(line[found.end() : found.end() + _MOST_HEAD])
    begins = [bool(refs_in(word)) for word in words[:2]]
    named = len(words) > 1 and (begins[0] or (words[0].key in VERBS and begins[1]))
    return line[found.end() :] if named else None


def show_line(line: str) -> str:
    """Given a line, return it as it is repeated to the developer: short, with single spaces."""
    return cut(" ".join(line.split()), _LONGEST_SHOWN)


def _leads(head: str) -> bool:
    """Whether words right before a quote are those of a command, so that the quote is its text."""
    words = split_line(_bare(head))
    return bool(words) and all(
        word.key in VERBS
        or word.key in POLITE
        or word.full in JOINING
        or word.full in "-–—:"
        or take_length([word])
        or refs_in(word)
        for word in words
    )


def _bare(line: str) -> str:
    """A line without bullets, without marks of bold and code, and without quotes around all of it."""
    bare = line.lstrip(_BULLETS).rstrip(" \t*`_")
    marks = _QUOTE.findall(bare)
    if len(marks) == 2 and bare[0] == marks[0] and bare[-1] == marks[1]:
        return bare[1:-1].strip()
    return bare
