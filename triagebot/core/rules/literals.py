"""Which words a regular expression cannot match without.

Ten thousand rules hold many regular expressions; searching a mail with each would cost far
more than all the rest. So each is asked once what it needs: /invoice\\s*#?(\\d+|number)/ needs
"invoice", /(bill|rechnung)\\w*/ needs one of "bill" and "rechnung". Only when the mail has
those, the expression runs. What cannot be read is left out: fewer needs are slower, never wrong.
"""

import re

from triagebot.core.rules.fold import is_unspaced, split_words

Needs = tuple[frozenset[str], ...]
"""Of each set at least one must stand in the mail's words (core/fold.py)."""

MOST_CHOICES = 50
MOST_NEEDS = 3
SHORTEST = 3
SHORTEST_UNSPACED = 2

_CLASS = re.compile(r"\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]", re.DOTALL)
_QUANTIFIER = re.compile(r"(?:(\*|\?)|\+|\{(\d+)(?:,\d*)?\})\??")
_GROUP = re.compile(r"\((?:\?(?:P?<\w+>|[imsU-]*:))?")
_FLAGS = re.compile(r"\(\?[imsU-]+\)")
_PROPERTY = re.compile(r"\\[pP](?:\{[^}]*\}|.)", re.DOTALL)
_CHARACTERS = "dDsSwW"
_EDGES = "bBAz"
_WHITE_SPACE = "nrtfv"


class _UnreadableError(Exception):
    """The expression holds something this reader does not know."""


def find_needs(expression: str) -> Needs:
    """Given a folded regular expression in RE2's syntax, return the words it needs; () if unknown."""
    reader = _Reader(expression)
    try:
        needs = reader.read_choice()
    except (_UnreadableError, RecursionError):
        return ()
    return needs if reader.position == len(expression) else ()


class _Reader:
    """A reader of regular expressions by recursive descent; it stands at `position`."""

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.position = 0

    def read_choice(self) -> Needs:
        """Read `a|b|c`: needed is one need of each branch, so nothing if a branch needs nothing."""
        branches = [self._read_sequence()]
        while self.expression[self.position : self.position + 1] == "|":
            self.position += 1
            branches.append(self._read_sequence())
        if len(branches) == 1:
            return branches[0]
        if not all(branches):
            return ()
        together = frozenset[str]().union(*(needs[0] for needs in branches))
        return (together,) if len(together) <= MOST_CHOICES else ()

    def _read_sequence(self) -> Needs:
        """Read `abc`: needed is every run of literals and what its groups need, the most telling first."""
        needs: list[frozenset[str]] = []
        run = ""
        while self.position < len(self.expression) and self.expression[self.position] not in "|)":
            literal, inner = self._read_item()
            least, repeated = self._read_quantifier()
            if literal is not None and not repeated:
                run += literal
                continue
            needs += _need_run(run + (literal or "") if least else run)
            needs += inner if least else ()
            run = (literal or "") if least else ""
        needs += _need_run(run)
        return tuple(sorted(needs, key=lambda need: -min(map(len, need)))[:MOST_NEEDS])

    def _read_item(self) -> tuple[str | None, Needs]:
        """Read one item: a literal ("" for a zero-width one), or None and what a group needs."""
        sign = self.expression[self.position]
        if sign == "\\":
            return self._read_escape(), ()
        if sign == "[":
            self._skip(_CLASS)
            return None, ()
        if sign == "(":
            return self._read_group()
        self.position += 1
        if sign == ".":
            return None, ()
        if sign in "^$":
            return "", ()
        return (sign.lower() if sign.isascii() else sign), ()

    def _read_group(self) -> tuple[str | None, Needs]:
        if _FLAGS.match(self.expression, self.position):
            self._skip(_FLAGS)
            return "", ()
        self._skip(_GROUP)
        needs = self.read_choice()
        if self.expression[self.position : self.position + 1] != ")":
            raise _UnreadableError
        self.position += 1
        return None, needs

    def _read_escape(self) -> str | None:
        sign = self.expression[self.position + 1 : self.position + 2]
        if sign and sign in "pP":
            self._skip(_PROPERTY)
            return None
        self.position += 2
        if sign and sign in _CHARACTERS:
            return None
        if sign and sign in _EDGES:
            return ""
        if sign and sign in _WHITE_SPACE:
            return " "
        if not sign.isascii() or sign.isalnum() or not sign:
            raise _UnreadableError
        return sign

    def _read_quantifier(self) -> tuple[bool, bool]:
        """Read a quantifier, if any; return whether the item must stand once, and whether there was one."""
        match = _QUANTIFIER.match(self.expression, self.position)
        if match is None:
            return True, False
        self.position = match.end()
        if _QUANTIFIER.match(self.expression, self.position):
            raise _UnreadableError
        optional = match.group(1) is not None or (match.group(2) is not None and int(match.group(2)) == 0)
        return not optional, True

    def _skip(self, token: re.Pattern[str]) -> None:
        match = token.match(self.expression, self.position)
        if match is None:
            raise _UnreadableError
        self.position = match.end()


def _need_run(run: str) -> Needs:
    """Given literals side by side, return their words as any text with them has them, if telling enough."""
    words = split_words(run).strip()
    telling = SHORTEST_UNSPACED if any(map(is_unspaced, words)) else SHORTEST
    return (frozenset((words,)),) if len(words) >= telling else ()
