"""Which parts of a mail are its own words: the tree of MIME parts, and the text chosen from it.

The tree is the standard library's, already parsed and counted. Choosing is done here and
not by a library, because the text of an attached mail must not be taken for the sender's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any, Literal, TypeAlias

from triagebot.core.reading.charset import decode_bytes
from triagebot.core.reading.plaintext import MOST_CHARACTERS, clean_text, join_flowed, unwrap_signed

Part: TypeAlias = "Message[Any, Any]"

_BODY_BYTES = 6 * MOST_CHARACTERS
_PLAIN = {"text/plain", "text/enriched", "text/markdown"}
_NO_WORDS = re.compile(r"\[(?:cid|image|inline image)[^\]\n]{0,200}\]", re.IGNORECASE)
_META_CHARSET = re.compile(rb"""<meta[^<>]{1,200}?charset=["']?([\w-]{2,40})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the body in reading order, decoded and clean."""

    kind: Literal["plain", "html"]
    text: str

    @property
    def has_words(self) -> bool:
        """Whether there is a letter or digit besides marks for pictures."""
        return any(map(str.isalnum, _NO_WORDS.sub("", self.text)))


def children(part: Part) -> list[Part]:
    """Given a part, return the parts directly inside it."""
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def own_parts(part: Part) -> Iterator[Part]:
    """Given a mail, return its parts in order, without those inside mails attached to it."""
    yield part
    if part.get_content_maintype() != "message":
        for child in children(part):
            yield from own_parts(child)


def parameter(part: Part, name: str, header: str = "content-type") -> str:
    """Given a part and the name of a parameter, return its value in lower case, or ""."""
    value = part.get_param(name, "", header)
    # a value written as RFC 2231 has it comes as charset, language and value
    return str(value[2] if isinstance(value, tuple) else value or "").strip().casefold()[:200]


def part_bytes(part: Part, most: int = _BODY_BYTES) -> bytes:
    """Given a leaf, return its bytes, transfer encoding undone as far as possible, cut at `most`."""
    payload = part.get_payload(decode=True)
    return payload[:most] if isinstance(payload, bytes) else b""


def is_attached(part: Part) -> bool:
    """Given a part, return whether it is a file that came along: attached, or inline with a name of its own."""
    disposition = part.get_content_disposition()
    return disposition == "attachment" or (disposition is not None and bool(part.get_filename()))


def choose_body(message: Part) -> list[Segment]:
    """Given a parsed mail, return its text in reading order.

    Plain text is preferred over HTML where both say the same. A mail without words of its own
    gives the text it attached; one that only forwards a mail gives that mail's text.
    """
    chosen = _readable(message) or _leaves(message)
    if chosen:
        return chosen
    attached = (part for part in own_parts(message) if part.get_content_type() == "message/rfc822")
    forwarded = (inner for part in attached for inner in children(part))
    return next(filter(None, map(_readable, forwarded)), [])


def _readable(part: Part) -> list[Segment]:
    if is_attached(part):
        return []
    kind = part.get_content_type()
    inside = children(part)
    if not inside:
        segment = _segment(part, kind)
        return [segment] if segment and segment.has_words else []
    if kind.startswith("message/"):
        return []
    pieces = [found for found in map(_readable, inside) if found]
    if kind == "multipart/alternative":
        plain = (piece for piece in pieces if any(segment.kind == "plain" for segment in piece))
        return next(plain, pieces[0] if pieces else [])
    if kind in {"multipart/related", "multipart/report"}:
        return pieces[0] if pieces else []
    return [segment for piece in pieces for segment in piece]


def _leaves(message: Part) -> list[Segment]:
    found = (_segment(part, part.get_content_type()) for part in own_parts(message) if not children(part))
    return [segment for segment in found if segment and segment.text.strip()][:1]


def _segment(part: Part, kind: str) -> Segment | None:
    # a multipart without parts has lost its boundary; its lines are still words somebody wrote
    if kind not in _PLAIN and kind != "text/html" and not kind.startswith("multipart/"):
        return None
    data = part_bytes(part) or (str(part.get_payload())[:_BODY_BYTES].encode("utf-8", "surrogateescape"))
    declared = part.get_content_charset() or ""
    if kind == "text/html":
        if not declared and (found := _META_CHARSET.search(data[:4000])):
            declared = found.group(1).decode("ascii", "replace")
        return Segment("html", clean_text(decode_bytes(data, declared)[0]))
    text = clean_text(decode_bytes(data, declared)[0])
    if parameter(part, "format") == "flowed":
        text = join_flowed(text, parameter(part, "delsp") == "yes")
    return Segment("plain", unwrap_signed(text))
