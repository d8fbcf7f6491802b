"""What of an answer is the developer's own: no quotes, no signature, nothing a mail program repeats.

In doubt a line is left out, the other way round than in core/reading/newtext.py: there a request could be lost, here
words of a client could become a command (safety.md E).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from triagebot.core.reading.newtext import is_from_device, is_quoted, sort_lines
from triagebot.core.reading.plaintext import cap_text, clean_text
from triagebot.core.rules.fold import fold, split_words

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064]")
# Marks of quotes that are no ">": bars, and the initials some programs write before it.
_MARKED = re.compile(r"[ \t]*(?:[>|\u2502\u2503\u00a6\u258e\u258f\uff1e\uff5c]|[^\W\d_]{1,4}>)")
_SIGNATURE_MARKS = frozenset(("--", "---", "—", "–", "__", "___"))
# A line of hints, as core/digest/plain.py writes it: "     answer: 12 ok · 12 no"; text of others has its bar first.
_HINTS = re.compile(r"[ \t]*[^\W\d]+[:：]|[^|]*·")
_PAIR = 2
_FEWEST_REPEATED = 5
_FEWEST_IN_A_LINE = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines without a quote between them. `before` are the last words quoted above them; `top` says that none are."""

    lines: tuple[str, ...]
    before: tuple[str, ...]
    top: bool


def own_stretches(text: str) -> tuple[Stretch, ...]:
    """Given the text of an answer, return the stretches of it that are neither quoted nor signature."""
    stretches: list[Stretch] = []
    lines: list[str] = []
    before: tuple[str, ...] = ()
    top, signed = True, False
    for line, pile in sort_lines("\n".join(map(_mark, cap_text(clean_text(text))[0].split("\n")))):
        if pile == "quoted":
            if lines:
                stretches.append(Stretch(tuple(lines), before, top))
            lines, signed, top = [], False, False
            before = (*before, *words_of(line))[-2:]
        elif not signed:
            stripped = line.strip()
            signed = stripped in _SIGNATURE_MARKS or is_from_device(stripped)
            if not signed:
                lines.append(line)
    if lines:
        stretches.append(Stretch(tuple(lines), before, top))
    return tuple(stretches)


def words_of(text: str) -> list[str]:
    """Given any text, return its words as they are compared: without case, marks, bullets and space."""
    return split_words(fold(text)).split()


def _mark(line: str) -> str:
    """The line without what nobody sees; with the usual mark, when it is quoted in any way."""
    line = _UNSEEN.sub("", line)
    return f"> {line}" if _MARKED.match(line) and not is_quoted(line) else line


class Repeats:
    """Tells what repeats the digest: a wrapped line that lost its mark, or all of it without any mark.

    Of the digest only pieces of three words are kept, so that each line costs its own length.
    """

    __slots__ = ("_clients", "_lines", "_threes", "_twos", "_words")

    def __init__(self, shown: Collection[str]) -> None:
        """Given the lines of the digest, keep what tells them again."""
        lines = [_UNSEEN.sub("", line) for line in shown]
        self._lines = {tuple(words_of(line)) for line in lines}
        words = words_of("\n".join(lines))
        self._threes = set(_threes(words))
        self._words = set(words)
        self._twos = set(pairwise(words))
        others = (line for line in lines if not _HINTS.match(line))
        self._clients = f" {' '.join(words_of(' '.join(map(_unmark, others))))} "

    def goes_on(self, before: Collection[str], line: str) -> bool:
        """Given the last words quoted above a line and the line, return whether it is their continuation."""
        words = [*tuple(before)[-1:], *words_of(line)]
        return tuple(words) in self._twos if len(words) == _PAIR else self._holds(words)

    def begins_quote(self, line: str, following: str) -> bool:
        """Given a line that is no command and what follows it, return whether the digest is repeated from here on."""
        words = words_of(line)
        if len(words) >= _FEWEST_IN_A_LINE and tuple(words) in self._lines:
            return True
        return self._words.issuperset(words) and self.runs_on(line, following)

    def runs_on(self, line: str, following: str) -> bool:
        """Given a line and what follows it, return whether the digest holds just these words, five or more."""
        words = [*words_of(line), *words_of(following)]
        return len(words) >= _FEWEST_REPEATED and self._holds(words)

    def says(self, line: str) -> bool:
        """Given a line, return whether its words stand in what the digest shows, hints left out."""
        return f" {' '.join(words_of(line))} " in self._clients

    def _holds(self, words: list[str]) -> bool:
        threes = _threes(words)
        return bool(threes) and all(three in self._threes for three in threes)


def _threes(words: list[str]) -> list[tuple[str, ...]]:
    return list(zip(words, words[1:], words[2:], strict=False))


def _unmark(line: str) -> str:
    return line.lstrip(" \t>|")
