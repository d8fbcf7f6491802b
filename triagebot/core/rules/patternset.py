"""All patterns of a desk, compiled together, and one mail read against them in a single pass.

Every pattern is cut into words that must stand in the mail: a phrase's pieces, the literals
of a regular expression. One Aho-Corasick automaton finds all of them at once, whatever the
number of rules. A pattern becomes a candidate when its rarest part is found and the others
are too; only candidates are looked at closer, and only when a rule asks.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import ahocorasick

from triagebot.core.rules.expression import Expression, is_expression, parse_expression
from triagebot.core.rules.fold import cut, fold, show, split_words
from triagebot.core.rules.pattern import Phrase, parse_phrase

LONGEST_TEXT = 100_000
"""Characters of a subject or text that are looked at; the rest of a longer one is left out."""

Pattern = Phrase | Expression
Needs = tuple[frozenset[int], ...]
"""Numbers of words; of each set at least one must be found."""


def parse_pattern(pattern: str) -> Pattern:
    """Given a rule's pattern, return it compiled. Raise BadPatternError if it cannot be used."""
    return parse_expression(pattern) if is_expression(pattern) else parse_phrase(pattern)


class Part:
    """The subject or the new text of one mail: folded, as words, and which needed words it has."""

    __slots__ = ("encoded", "folded", "found", "words")

    def __init__(self, text: str, automaton: Any) -> None:
        self.folded = fold(text[:LONGEST_TEXT])[:LONGEST_TEXT]
        self.words = split_words(self.folded)
        self.found: set[int] = {word for _, word in automaton.iter(self.words)} if automaton else set()
        self.encoded: bytes | None = None

    def find(self, pattern: Pattern) -> str | None:
        """Given a pattern, return the folded words of this part that match it, fit for a listing, or None."""
        if isinstance(pattern, Phrase):
            span = pattern.find(self.words)
            return None if span is None else cut(self.words[span[0] : span[1]].strip())
        if self.encoded is None:
            self.encoded = self.folded.encode(errors="replace")
        span = pattern.find(self.encoded)
        return None if span is None else show(self.encoded[span[0] : span[1]].decode(errors="replace"))


class PatternSet:
    """Compiled patterns, numbered in the order given, behind one automaton."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = tuple(patterns)
        numbers: dict[str, int] = {}
        self._needs: tuple[Needs, ...] = tuple(_number_needs(pattern, numbers) for pattern in self.patterns)
        self.slow = frozenset(number for number, needs in enumerate(self._needs) if not needs)
        """Numbers of the patterns that nothing announces: they are searched for in every mail."""
        self._automaton = _build_automaton(numbers)
        self._announced: dict[int, tuple[tuple[int, Needs], ...]] = self._index(len(numbers))

    def _index(self, words: int) -> dict[int, tuple[tuple[int, Needs], ...]]:
        """Return for each word the patterns whose rarest need it is, with what else they need."""
        users = [0] * words
        for needs in self._needs:
            for need in needs:
                for word in need:
                    users[word] += 1
        announced: dict[int, list[tuple[int, Needs]]] = {}
        for number, needs in enumerate(self._needs):
            if not needs:
                continue
            rarest = needs[0]
            if len(needs) > 1:
                rarest = min(needs, key=lambda need: sum(users[word] for word in need))
            others = tuple(need for need in needs if need is not rarest)
            for word in rarest:
                announced.setdefault(word, []).append((number, others))
        return {word: tuple(patterns) for word, patterns in announced.items()}

    def read(self, subject: str, text: str) -> "Reading":
        """Given a mail's subject and new text, return them read against all patterns."""
        first, second = Part(subject, self._automaton), Part(text, self._automaton)
        in_subject, in_text = self._find_candidates(first.found), self._find_candidates(second.found)
        return Reading(self.patterns, first, second, self.slow | in_subject, self.slow | in_text)

    def _find_candidates(self, found: set[int]) -> set[int]:
        """Given the needed words that were found, return the patterns that have all they need."""
        return {
            number
            for word in found
            for number, others in self._announced.get(word, ())
            if not others or not any(need.isdisjoint(found) for need in others)
        }


class Reading:
    """One mail against one set of patterns. Remembers what it looked at.

    `candidates` holds the numbers of the patterns that may match; no other one does.
    """

    __slots__ = ("_in_subject", "_in_text", "_patterns", "_seen", "_subject", "_text", "candidates")

    def __init__(
        self,
        patterns: tuple[Pattern, ...],
        subject: Part,
        text: Part,
        in_subject: frozenset[int],
        in_text: frozenset[int],
    ) -> None:
        self.candidates = in_subject | in_text
        self._patterns = patterns
        self._subject = subject
        self._text = text
        self._in_subject = in_subject
        self._in_text = in_text
        self._seen: dict[int, str | None] = {}

    def find(self, number: int) -> str | None:
        """Given a pattern's number, return the words of the subject or the text that match it, or None."""
        if number not in self._seen:
            words = self.find_in_subject(number)
            if words is None and number in self._in_text:
                words = self._text.find(self._patterns[number])
            self._seen[number] = words
        return self._seen[number]

    def find_in_subject(self, number: int) -> str | None:
        """Given a pattern's number, return the words of the subject that match it, or None."""
        return self._subject.find(self._patterns[number]) if number in self._in_subject else None


def _number_needs(pattern: Pattern, numbers: dict[str, int]) -> Needs:
    """Given a pattern and the words numbered so far, return its needs as numbers, adding new ones."""
    needs: Iterable[Iterable[str]]
    if isinstance(pattern, Phrase):
        needs = dict.fromkeys((piece.text,) for piece in pattern.pieces)
    else:
        needs = pattern.needs
    return tuple(frozenset(numbers.setdefault(word, len(numbers)) for word in need) for need in needs)


def _build_automaton(numbers: dict[str, int]) -> Any:
    """Given words with their numbers, return an automaton that finds them all; None without words."""
    if not numbers:
        return None
    automaton = ahocorasick.Automaton()
    for word, number in numbers.items():
        automaton.add_word(word, number)
    automaton.make_automaton()
    return automaton
