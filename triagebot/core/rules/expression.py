"""Regular expressions in rules: `/…/`, run by RE2 in linear time over folded text.

The text is folded before (core/fold.py), so case and width never count; literals of the
expression are folded the same way. RE2's \\w, \\d and \\b know ASCII only: \\pL is a letter,
\\pN a digit of any script. Subject and text are searched apart, each as one string.
Syntax: RE2's own; no look-around, no back-references.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from triagebot.core.rules.fold import fold
from triagebot.core.rules.literals import Needs, find_needs
from triagebot.core.rules.pattern import BadPatternError

MEMORY = 2 * 1024 * 1024
"""Bytes one compiled expression may take, its search states included."""

_TOKEN = re.compile(r"\\Q.*?(?:\\E|\Z)|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|[^\x00-\x7f]+|.", re.DOTALL)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# RE2's message -> what is wrong and how to mend it, for messages that speak of its inside.
_REMEDIES = (
    (
        re.compile(r"invalid perl operator: \(\?(?:[=!]|<[=!])"),
        "looks ahead or behind, which takes more than linear time and is not supported:"
        " match the words themselves, and put what must be absent under `none`",
    ),
    (
        re.compile(r"invalid escape sequence: \\\d"),
        "refers back to a group, which is not supported: write the words out",
    ),
    (re.compile(r"invalid escape sequence: \\Z"), "has \\Z, which is written \\z here"),
    (re.compile(r"missing \)"), "opens a ( and never closes it: add the ), or write \\( for the sign itself"),
    (re.compile(r"unexpected \)"), "closes a ) never opened: take it out, or write \\) for the sign itself"),
    (re.compile(r"missing \]"), "opens a [ and never closes it: add the ], or write \\[ for the sign itself"),
    (re.compile(r"trailing \\"), "ends with a single \\: write \\\\ for the sign itself"),
    (re.compile(r"pattern too large|invalid repetition size"), "repeats too much: lower the numbers in {…}"),
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled regular expression. `needs`: the words without which it cannot match; () if unknown."""

    source: str
    needs: Needs
    search: Callable[[bytes], Any]

    def find(self, text: bytes) -> tuple[int, int] | None:
        """Given folded text in UTF-8, return where in it the first match begins and ends, or None."""
        found = self.search(text)
        return None if found is None else found.span()


def is_expression(pattern: str) -> bool:
    """Given a rule's pattern, return whether it is meant as a regular expression."""
    return pattern.lstrip().startswith("/")


def parse_expression(pattern: str) -> Expression:
    """Given `/…/`, return the compiled expression. Raise BadPatternError if it cannot be used."""
    source = pattern.strip()
    if source == "/" or not source.endswith("/"):
        raise BadPatternError(
            f"{pattern!r} begins like a regular expression but has no / at its end: add it,"
            " or write the words without the first /"
        )
    inside = source[1:-1]
    if not inside.strip():
        raise BadPatternError(f"{pattern!r} is empty: write an expression between the two /, or take it out")
    folded = fold_expression(inside)
    return Expression(source, find_needs(folded), _compile(pattern, folded))


def fold_expression(expression: str) -> str:
    """Given a regular expression, return it with its literals outside ASCII folded as a mail's text is."""
    # NFC first: it never makes or breaks a sign of the syntax, and joins letter and accent.
    expression = unicodedata.normalize("NFC", expression)
    tokens = [match.group() for match in _TOKEN.finditer(expression)]
    for index, token in enumerate(tokens):
        if token.isascii() or token[0] == "\\":
            continue
        if token[0] == "[":
            tokens[index] = _NOT_ASCII.sub(_fold_in_class, token)
        else:
            quantified = index + 1 < len(tokens) and tokens[index + 1] in "*+?{"
            tokens[index] = _fold_run(token, quantified)
    return "".join(tokens)


def _fold_in_class(match: re.Match[str]) -> str:
    folded = _quote(fold(match.group()))
    # ß would become two letters, which a class cannot say; folded text holds no ß anyway.
    return folded if len(folded.lstrip("\\")) == 1 else match.group()


def _fold_run(run: str, quantified: bool) -> str:
    """Given literals outside ASCII and whether `*`, `+`, `?` or `{` follows, return them folded."""
    last = fold(run[-1])
    if quantified and len(last) > 1:
        return f"{_quote(fold(run[:-1]))}(?:{_quote(last)})"
    return _quote(fold(run))


def _quote(text: str) -> str:
    """Given folded text, return it with a backslash before what has a meaning in expressions."""
    return "".join(f"\\{sign}" if sign.isascii() and not sign.isalnum() else sign for sign in text)


@cache
def _load() -> tuple[Any, Any]:
    """Return the RE2 module and its options. Loaded late: most desks have no regular expression."""
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = MEMORY
    return re2, options


def _compile(pattern: str, folded: str) -> Callable[[bytes], Any]:
    re2, options = _load()
    try:
        search: Callable[[bytes], Any] = re2.compile(folded.encode(errors="replace"), options).search
    except re2.error as error:
        problem = str(error.args[0], "utf-8", "replace") if error.args else ""
    else:
        return search
    for known, remedy in _REMEDIES:
        if known.match(problem):
            raise BadPatternError(f"{pattern!r} {remedy}")
    raise BadPatternError(f"{pattern!r} is not a regular expression that RE2 understands: {problem}")
