"""Word patterns: phrases with `*` and `...`, and where they stand in a mail's words.

A pattern is folded and split like the mail (core/fold.py), so what separates words in one
separates them in the other: wp-admin is the two words wp and admin, side by side.

- `link*` is a word that begins with link, link itself included.
- `change ... link` allows up to six words between, also none. Where a script has no spaces,
  four characters count as a word.
- In such a script a pattern matches inside a run of characters; a `*` there changes nothing.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from triagebot.core.rules.fold import fold, is_unspaced, split_words

GAP_WORDS = 6
"""How many words `...` may stand for."""
CHARACTERS_PER_WORD = 4
"""How many characters of a script without spaces `...` counts as one word."""

_GAP = re.compile(r"\.{3,}")


class BadPatternError(ValueError):
    """A pattern that cannot be used; the message says what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a phrase that stands in the mail's words as it is, with the spaces of its edges.

    `opens_gap`: up to six words may stand before it; `any_ending`: the last word may go on.
    """

    text: str
    opens_gap: bool = False
    any_ending: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """A parsed word pattern. All its pieces must stand in the words; `find` says whether they stand right."""

    pieces: tuple[Piece, ...]

    def find(self, words: str) -> tuple[int, int] | None:
        """Given a mail's words (core/fold.py), return where the first match begins and ends, or None."""
        first, *rest = self.pieces
        if not rest:
            start = words.find(first.text)
            return None if start < 0 else (start, _find_end(words, start, first))
        ends = _find_first(words, first)
        for piece in rest:
            if not ends:
                return None
            ends = _find_next(words, piece, ends)
        return min(((start, end) for end, start in ends.items()), default=None)


def parse_phrase(pattern: str) -> Phrase:
    """Given a word pattern, return its phrase. Raise BadPatternError if it cannot be used."""
    if not pattern.strip():
        raise BadPatternError("the pattern is empty: write the words to look for, or take it out")
    folded = fold(pattern)
    segments = _GAP.split(folded) if "..." in folded else [folded]
    if "*" in folded:
        _refuse_stray_stars(pattern, segments)
    parsed = [_parse_segment(segment.strip(), opens_gap=index > 0) for index, segment in enumerate(segments)]
    if not any(parsed):
        raise BadPatternError(f"{pattern!r} has no letter or digit: write words to look for")
    if not parsed[0] or not parsed[-1]:
        side = "begins" if not parsed[0] else "ends"
        raise BadPatternError(f"{pattern!r} {side} with `...`, which stands between words: take it out there")
    if not all(parsed):
        raise BadPatternError(f"{pattern!r} has two `...` with no word between them: keep one")
    return Phrase(tuple(piece for pieces in parsed for piece in pieces))


def _refuse_stray_stars(pattern: str, segments: list[str]) -> None:
    """Given the folded words between the gaps, raise BadPatternError for a `*` not at a word's end."""
    for segment in segments:
        for before, after in pairwise(segment.split("*")):
            if not split_words(before[-1:]) or split_words(after[:1]):
                raise BadPatternError(
                    f"{pattern!r} has a `*` that is not at a word's end:"
                    " write it right after a word's first letters, as in link*"
                )


def _parse_segment(segment: str, opens_gap: bool) -> list[Piece]:
    """Given the folded words between two gaps, return their pieces: a new one begins after each `*`."""
    pieces: list[Piece] = []
    chunks = segment.split("*")
    run = ""
    for index, chunk in enumerate(chunks):
        run += chunk
        any_ending = index < len(chunks) - 1
        if any_ending and is_unspaced(run[-1]):
            continue
        words = split_words(run)
        run = ""
        if words:
            pieces.append(_make_piece(words, opens_gap and not pieces, bool(pieces), any_ending))
    return pieces


def _make_piece(words: str, opens_gap: bool, follows: bool, any_ending: bool) -> Piece:
    """Given words with a space around, return the piece; a space stays where a word must begin or end."""
    if any_ending or is_unspaced(words[-2]):
        words = words[:-1]
    if not follows and is_unspaced(words[1]):
        words = words[1:]
    return Piece(words, opens_gap, any_ending)


def _find_first(words: str, piece: Piece) -> dict[int, int]:
    """Given the first piece of a phrase, return where its occurrences end, each with its begin."""
    ends: dict[int, int] = {}
    start = words.find(piece.text)
    while start >= 0:
        ends.setdefault(_find_end(words, start, piece), start)
        start = words.find(piece.text, start + 1)
    return ends


def _find_next(words: str, piece: Piece, ends: dict[int, int]) -> dict[int, int]:
    """Given where the pieces so far may end, return the same for one piece more."""
    longer: dict[int, int] = {}
    for end, start in ends.items():
        limit = _skip_gap(words, end) if piece.opens_gap else end
        found = words.find(piece.text, end, limit + len(piece.text))
        while found >= 0:
            longer.setdefault(_find_end(words, found, piece), start)
            found = words.find(piece.text, found + 1, limit + len(piece.text))
    return longer


def _find_end(words: str, start: int, piece: Piece) -> int:
    """Given where a piece begins, return where it ends, before the space that ends its last word."""
    end = start + len(piece.text)
    if piece.any_ending:
        return words.find(" ", end)
    return end - 1 if piece.text[-1] == " " else end


def _skip_gap(words: str, position: int) -> int:
    """Given where a piece ends, return the last position at which a piece after `...` may begin."""
    left = GAP_WORDS * CHARACTERS_PER_WORD
    while position < len(words) - 1:
        if words[position] == " ":
            position += 1
        cost, after = CHARACTERS_PER_WORD, words.find(" ", position)
        if is_unspaced(words[position]):
            cost, after = 1, position + 1
        if left < cost:
            break
        left -= cost
        position = after
    return position
