"""The part of the demo's digest that fits on a terminal: what needs the developer, and the support hour."""

from dataclasses import replace

from triagebot.core.digest.content import Digest, Item, Section
from triagebot.core.digest.plain import render_text
from triagebot.core.phrase import Voice

_SECTIONS = 2
_LETTER_LINES = 3
_QUOTE_LINES = 3


def excerpt(digest: Digest, voice: Voice) -> str:
    """Given the digest of the day and its language, return the text of its first two sections, without links and with
    long texts cut."""
    shown = tuple(_shorten(section) for section in digest.filled[:_SECTIONS])
    return render_text(replace(digest, sections=shown, hints=()), voice)


def count_left_out(digest: Digest) -> int:
    """Given the digest of the day, return how many sections `excerpt` leaves out."""
    return max(0, len(digest.filled) - _SECTIONS)


def _shorten(section: Section) -> Section:
    return replace(section, items=tuple(_shorten_item(item) for item in section.items))


def _shorten_item(item: Item) -> Item:
    quote = _first_lines("\n".join(line for line in item.quote.splitlines() if line.strip()), _QUOTE_LINES)
    shown = item.shown and replace(item.shown, text=_first_lines(item.shown.text, _LETTER_LINES))
    return replace(item, quote=quote, shown=shown, links=())


def _first_lines(text: str, most: int) -> str:
    lines = text.splitlines()
    return "\n".join(lines if len(lines) <= most else (*lines[:most], "…"))
