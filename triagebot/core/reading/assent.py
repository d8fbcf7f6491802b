"""Is an answer to an estimate a yes, a no, or more than that?

Money hangs on it, so it is strict: a yes is a yes only when nothing else is said, apart from politeness and words of
the request itself. Whatever is more ("yes, but also …", "no, I meant the other page") is for a person to read.
"""

import re
from typing import Literal

from triagebot.core.reading import assentwords as words
from triagebot.core.rules.fold import fold, is_unspaced, split_words

Assent = Literal["yes", "no", "but", "question"]
"""`but`: an answer with more in it, or neither clearly yes nor no."""

_LONGEST = 400
_SIGNING_LINES = 5
_SIGNING_WORDS = 5
_QUESTION = re.compile("[?\uff1f\u061f]")
_NUMBER = re.compile(r"\d")
_THUMB = "\U0001f44d"


def read_assent(new_text: str, request: str = "") -> Assent | None:
    """Given the new text of an answer to an estimate and the words of the request, return what it says.

    None when it holds neither yes nor no nor a question. English, Turkish, Russian, Japanese, Polish, German, French
    and Spanish are understood, whatever language the mail is in.
    """
    text = _bare(new_text)
    if len(text) > _LONGEST:
        return "but" if _finds_any(text) else None
    rest, found = _take_phrases(split_words(fold(text.replace(_THUMB, " yes "))))
    asks = bool(_QUESTION.search(text))
    if not found & {"yes", "no"}:
        return "question" if asks else ("but" if "contrast" in found else None)
    if asks:
        return "question"
    if "contrast" in found or {"yes", "no"} <= found or _says_more(rest, request):
        return "but"
    return "yes" if "yes" in found else "no"


def _bare(new_text: str) -> str:
    """The text without greeting and name below."""
    lines = [line.strip() for line in new_text.splitlines() if line.strip()]
    if len(lines) > 1 and _is_greeting(lines[0]):
        lines = lines[1:]
    for index in range(max(1, len(lines) - _SIGNING_LINES), len(lines)):
        if all(len(line.split()) <= _SIGNING_WORDS for line in lines[index:]) and _signs(lines[index]):
            return "\n".join(lines[:index])
    if len(lines) > 1 and _is_name(lines[-1]):
        return "\n".join(lines[:-1])
    return "\n".join(lines)


def _is_greeting(line: str) -> bool:
    folded = split_words(fold(line))
    return len(line.split()) <= _SIGNING_WORDS and any(
        folded.startswith(f" {word} ") or (is_unspaced(word[0]) and word in folded) for word in words.GREETINGS
    )


def _signs(line: str) -> bool:
    folded = split_words(fold(line))
    return any(folded.startswith(f" {word} ") for word in words.SIGNINGS)


def _is_name(line: str) -> bool:
    """A last line of one to three capitalised words that say nothing themselves."""
    parts = line.strip(" -–—.,").split()
    return 1 <= len(parts) <= 3 and all(part[0].isupper() for part in parts) and not _finds_any(line)


def _finds_any(text: str) -> bool:
    return bool(_take_phrases(split_words(fold(text)))[1] & {"yes", "no"})


def _take_phrases(text: str) -> tuple[str, set[str]]:
    """What is left of a text without the phrases that are known, and of which sorts those were; the longest first,
    so that "no problem" is a yes and "not yet" no no."""
    found = set()
    for phrase, sort in words.PHRASES:
        if is_unspaced(phrase[0]):
            if phrase in text:
                text = text.replace(phrase, " ")
                found.add(sort)
        else:
            padded = f" {phrase} "
            while padded in text:
                text = text.replace(padded, "  ")
                found.add(sort)
    return text, found


def _says_more(rest: str, request: str) -> bool:
    """Are there words left that are neither filling nor taken from the request? A number always is."""
    if _NUMBER.search(rest):
        return True
    asked = set(split_words(fold(request)).split())
    return any(word not in asked for word in rest.split())
