"""Breaking text into lines of a terminal, so that no line of it reads as a command."""

import re
from collections.abc import Iterator

from triagebot.core.columns import measure
from triagebot.core.commands.vocabulary import ALL_WORDS, DAY_WORDS, MODES, VERBS
from triagebot.core.reading.text import clean
from triagebot.core.rules.fold import fold, split_words

WIDTH = 76
"""Columns of a line: what a terminal of 80 shows after two levels of quoting."""

_DEEPEST = 8
_MARK = "| "
_REF = re.compile(r"[mo]?\d+")
_AMOUNT = re.compile(r"\d+(?:h|m|min|hours?|minutes?)\d*|\d{4}")
_WIDE = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60"
_CLOSING = "、。，．」』）】！？ー"
_PIECE = re.compile(rf" *(?:(?![{_CLOSING}])[{_WIDE}][{_CLOSING}]*|[^ {_WIDE}]+|[{_CLOSING}]+)|[ ]+$")


def wrap_text(text: str, first: str, rest: str, width: int = WIDTH) -> list[str]:
    """Given a text, what its first line and the rest begin with, and the columns of a line, return its lines. Line ends
    in it count as spaces; a line that would read as a command carries the mark of a quote."""
    lines: list[str] = []
    lead, room = first, width - max(measure(first), measure(rest))
    for piece in _break_sentence(" ".join(clean(text).split()), rest, room):
        if _reads_as_command(lead + piece):
            lines += [f"{lead}{_MARK}{part}".rstrip() for part in break_line(piece, room - len(_MARK))]
        else:
            lines.append(f"{lead}{piece}".rstrip())
        lead = rest
    return lines


def _break_sentence(text: str, lead: str, room: int) -> Iterator[str]:
    """The lines of a text. Where one would begin with a command in backticks, as sentences of ours write it, a word of
    the line above goes down to it: a mark in the middle of a sentence is ugly."""
    pieces = break_line(text, room)
    while pieces:
        piece = pieces.pop(0)
        shorter = piece.rpartition(" ")[0]
        if shorter and pieces and pieces[0].startswith("`") and _reads_as_command(lead + pieces[0]):
            piece = shorter
            pieces = break_line(text[len(piece) :].lstrip(" "), room)
        text = text[len(piece) :].lstrip(" ")
        yield piece


def mark_command(lead: str, text: str) -> str:
    """Given what a line begins with and the text after it, return the line, with a mark where it would read as a
    command."""
    return f"{lead}{_MARK}{text}" if _reads_as_command(lead + text) else f"{lead}{text}".rstrip()


def mark_text(text: str, lead: str, width: int = WIDTH) -> list[str]:
    """Given text of others or of a letter, what each of its lines is to begin with, and the columns of a line, return
    its lines: every one marked, its own line ends and the spaces it begins with kept."""
    lines = []
    for line in clean(text).expandtabs(4).splitlines():
        body = line.strip()
        lead_in = lead + " " * min(len(line) - len(line.lstrip()), _DEEPEST)
        lines += [f"{lead_in}{piece}".rstrip() for piece in break_line(body, width - measure(lead_in))]
    return lines


def break_line(text: str, width: int) -> list[str]:
    """Given one line and the columns there are, return it in lines that fit, broken at spaces, and within a word only
    where it alone is too long; wide letters (Japanese) may be parted anywhere. An empty text is one empty line."""
    width = max(width, 10)
    lines, line, taken = [], "", 0
    for word in _PIECE.findall(text):
        columns = measure(word)
        if taken and taken + columns > width:
            lines.append(line)
            line, taken = "", 0
            word = word.lstrip(" ")
            columns = measure(word)
        while columns > width:
            cut = _fit(word, width)
            lines.append(word[:cut])
            word = word[cut:]
            columns = measure(word)
        line, taken = line + word, taken + columns
    return [*lines, line] if line or not lines else lines


def _fit(word: str, width: int) -> int:
    """How many letters of a word fit into so many columns."""
    taken = 0
    for place, letter in enumerate(word):
        taken += measure(letter)
        if taken > width:
            return place
    return len(word)


def _reads_as_command(line: str) -> bool:
    """Whether somebody, or core/commands, could take a line for an answer: rather once too often."""
    words = split_words(fold(line[:200])).split()[:8]
    if len(words) < 2:
        return words in (["back"], ["undo"])
    first, second = words[:2]
    if _REF.fullmatch(first) or first in ALL_WORDS:
        return second in VERBS or second in DAY_WORDS or any(map(_AMOUNT.fullmatch, words[1:3]))
    if first in ("away", "back"):
        return bool(_AMOUNT.fullmatch(second))
    if first == "new":
        return len(words) > 2
    if first == "mode":
        return second in MODES
    return first in VERBS and bool(_REF.fullmatch(second) or second in ALL_WORDS)
