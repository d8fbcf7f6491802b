"""The daily digest: what the developer reads, as values and as the two parts of a mail."""

from dataclasses import dataclass
from html import escape

_PAGE = (
    '<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
    "<title>{title}</title></head>"
    '<body style="font-family:sans-serif;font-size:15px;line-height:1.45;max-width:46em;'
    'margin:1em auto;padding:0 .7em">'
)
_HEADING = '<h2 style="font-size:17px;margin:1.4em 0 .3em;border-bottom:1px solid #999">{}</h2>'
_ITEM = '<div style="margin:.6em 0;overflow-wrap:anywhere"><b>{}</b>{}</div>'


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a section: what it is about, and sentences about it. `quote` is client text, never a command."""

    title: str
    lines: tuple[str, ...] = ()
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its items; left out when there are none."""

    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """The whole digest. `proof` says that what arrived is accounted for."""

    title: str
    proof: str
    notices: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def filled(self) -> tuple[Section, ...]:
        """The sections that have something to say."""
        return tuple(section for section in self.sections if section.items)


def render_text(digest: Digest) -> str:
    """Given a digest, return its text part. Text of others is marked on every line, so that none reads as a command."""
    lines = [_flat(digest.title), "", _flat(digest.proof), *map(_flat, digest.notices)]
    for section in digest.filled:
        lines += ["", section.heading, "-" * len(section.heading)]
        for item in section.items:
            lines.append(f"* {_flat(item.title)}")
            lines += [f"    {_flat(line)}" for line in item.lines]
            lines += [f"    | {line}" for line in item.quote.splitlines()]
    if not digest.filled:
        lines += ["", "A quiet day: nothing needs you."]
    return "\n".join(lines) + "\n"


def render_html(digest: Digest, language: str) -> str:
    """Given a digest and its language, return its HTML part: no remote content, client text escaped."""
    parts = [_PAGE.format(language=escape(language), title=escape(digest.title))]
    parts.append(f'<h1 style="font-size:20px">{escape(digest.title)}</h1><p>{escape(digest.proof)}</p>')
    parts += [f'<p style="color:#b00">{escape(notice)}</p>' for notice in digest.notices]
    for section in digest.filled:
        parts.append(_HEADING.format(escape(section.heading)))
        parts += [_render_item(item) for item in section.items]
    if not digest.filled:
        parts.append("<p>A quiet day: nothing needs you.</p>")
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _flat(text: str) -> str:
    return " ".join(text.splitlines())


def _render_item(item: Item) -> str:
    details = "".join(f"<br>{escape(line)}" for line in item.lines)
    if item.quote:
        quoted = "<br>".join(escape(line) for line in item.quote.splitlines())
        details += f'<div style="margin:.3em 0 0 .5em;padding-left:.6em;border-left:3px solid #999">{quoted}</div>'
    return _ITEM.format(escape(item.title), details)
