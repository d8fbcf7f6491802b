"""Keeping a digest short enough for a mail: what is left out of a long one, and in which order.

Gmail cuts what is above 102 kB, and nobody reads that much. First what clients wrote is shortened, then what needs
nobody is counted instead of shown, then the letters; of what needs a person, ref and commands always stay.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace

from triagebot.core.digest.content import Beside, Digest, Item, Section
from triagebot.core.digest.page import render_html
from triagebot.core.digest.plain import render_text
from triagebot.core.outgoing.compose import encoded_size
from triagebot.core.phrase import ENGLISH, Voice, Words, say

LIMIT = 96_000
"""Bytes that both parts and the pictures of a mail may have as they leave; its headers stay under 100 kB with it."""

_ALL = 10**9
_UNREAD = say("Its text is left out, as this mail would be too long. Read it before you answer: triagebot digest")


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of a digest is shown. Of the first section: how many items whole, how many with their title (the rest
    is refs and commands), letters of a quote, of a title, and of the text of ours that waits for a word. Of the other
    sections: how many items each, and letters of a quote."""

    whole: int = _ALL
    titled: int = _ALL
    quote: int = _ALL
    title: int = _ALL
    letter: int = _ALL
    others: int = _ALL
    other_quote: int = _ALL


SHAPES = (
    Shape(),
    Shape(quote=1500, title=300, other_quote=400),
    Shape(quote=600, title=300, whole=60, others=40, other_quote=160),
    Shape(quote=400, title=200, whole=40, others=20, other_quote=160),
    Shape(quote=300, title=160, whole=25, others=10, other_quote=160),
    Shape(quote=240, title=120, whole=15, others=6, other_quote=160),
    Shape(quote=160, title=100, whole=10, others=4, other_quote=100),
    Shape(quote=160, title=80, whole=5, others=3, other_quote=100),
    Shape(quote=160, title=80, whole=5, others=1, other_quote=0, letter=1200),
    Shape(quote=0, title=60, whole=3, others=0, letter=0),
    Shape(quote=0, title=60, whole=0, others=0, letter=0, titled=100),
    Shape(quote=0, title=40, whole=0, others=0, letter=0, titled=0),
)
"""From all to the least, each smaller than the one before."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Both parts of a mail, and the digest as they show it: what was left out of them is not in it."""

    digest: Digest
    text: str
    html: str


def render_mail(digest: Digest, voice: Voice = ENGLISH, limit: int = LIMIT) -> Rendered:
    """Given a digest, its language and the bytes a mail may have, return the fullest parts that stay within them."""
    found: dict[int, Rendered] = {}

    def is_within(number: int) -> bool:
        shape = SHAPES[number]
        shown = shorten(digest, shape)
        found[number] = Rendered(shown, render_text(shown, voice), render_html(shown, voice))
        return _size(found[number]) <= limit

    place = min(bisect_left(range(len(SHAPES)), True, key=is_within), len(SHAPES) - 1)
    return found[place]


def shorten(digest: Digest, shape: Shape) -> Digest:
    """Given a digest and how much of it is to be shown, return that much, which says what was left out."""
    first, others = digest.sections[:1], digest.sections[1:]
    return replace(
        digest,
        sections=(
            *(_shorten_first(section, shape) for section in first),
            *(_shorten_other(section, shape) for section in others),
        ),
    )


def _size(rendered: Rendered) -> int:
    pictures = sum(len(picture.png) * 78 // 57 + 400 for picture in rendered.digest.pictures)
    return encoded_size(rendered.text) + encoded_size(rendered.html) + pictures


def _shorten_first(section: Section, shape: Shape) -> Section:
    items, more = [], section.more
    for place, item in enumerate(section.items):
        if place < shape.whole:
            items.append(_shorten_item(item, shape, shape.quote))
        elif place < shape.titled:
            items.append(_make_brief(item, shape))
        elif item.ref:
            items.append(Item("", ref=item.ref, commands=item.commands))
        else:
            more += 1
    return replace(section, items=tuple(items), more=more, shortened=more > section.more)


def _shorten_other(section: Section, shape: Shape) -> Section:
    if section.table is not None or len(section.items) <= shape.others:
        items = section.items
    else:
        items = section.items[: shape.others]
    return replace(
        section,
        items=tuple(_shorten_item(item, shape, shape.other_quote) for item in items),
        more=section.more + len(section.items) - len(items),
        shortened=len(items) < len(section.items),
    )


def _shorten_item(item: Item, shape: Shape, quote: int) -> Item:
    lines = tuple(_cut_words(line, shape.title) for line in item.lines)
    shown = item.shown
    if shown is not None and len(shown.text) > shape.letter:
        lines, shown = (*lines, _UNREAD), None
    beside = item.beside and Beside(_cut(item.beside.ours, quote), _cut(item.beside.yours, quote))
    return replace(
        item,
        title=_cut_words(item.title, shape.title),
        lines=lines,
        quote=_cut(item.quote, quote),
        shown=shown,
        beside=beside if beside and beside.ours + beside.yours else None,
    )


def _make_brief(item: Item, shape: Shape) -> Item:
    """Title, ref and commands; what waits for a word is shown even so, as long as there is room for it."""
    short = _shorten_item(item, shape, 0)
    kept = short.shown is not None or _UNREAD in short.lines
    return replace(short, lines=(_UNREAD,) * (_UNREAD in short.lines), beside=None, links=(), brief=not kept)


def _cut_words(words: Words, most: int) -> Words:
    if isinstance(words, str):
        return _cut(words, most)
    values = ((name, _cut(value, most) if isinstance(value, str) else value) for name, value in words.values)
    return replace(words, values=tuple(values))


def _cut(text: str, most: int) -> str:
    """At most so many letters, and as many lines as hold a hundred each; a mark says that there was more."""
    if not most:
        return ""
    lines = text.splitlines()
    short = "\n".join(lines[: max(most // 60, 1)])[:most].rstrip()
    return text if short == text.rstrip() or most >= _ALL else f"{short} …"
