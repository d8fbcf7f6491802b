"""What a text is about, in any language, so that two can be compared."""

import re

from triagebot.core.rules.fold import fold, is_unspaced
from triagebot.core.tickets.courtesy import SMALL_PAIRS, SMALL_STEMS, STEM

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d+")
_HIRAGANA = ("\u3040", "\u309f")


def matter_of(text: str) -> frozenset[str]:
    """Given a text, return what it is about: beginnings of words, greetings and small words left out, and pairs of
    characters where words are not set apart."""
    words = _WORD.findall(fold(text))
    found: set[str] = set()
    for word in words:
        if any(map(is_unspaced, word)):
            found.update(_pairs(word), _NUMBER.findall(word))
        elif word[:STEM] not in SMALL_STEMS:
            found.add(word[:STEM] if not word.isdigit() else word)
    return frozenset(found or words)


def _pairs(word: str) -> set[str]:
    """Pairs of characters; those with a hiragana, which holds endings and small words, say nothing."""
    pairs = (word[start : start + 2] for start in range(len(word) - 1))
    return {pair for pair in pairs if not any(map(_is_hiragana, pair)) and pair not in SMALL_PAIRS}


def _is_hiragana(character: str) -> bool:
    return _HIRAGANA[0] <= character <= _HIRAGANA[1]


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Given what two texts are about, return the share they have in common; none where both name numbers and no number
    is the same."""
    if not one or not other:
        return 0.0
    numbers = [{word for word in words if word.isdigit()} for words in (one, other)]
    if all(numbers) and not numbers[0] & numbers[1]:
        return 0.0
    return len(one & other) / len(one | other)
