"""Building outgoing mails: one serializer, from checked values to final bytes.

Written out by hand because the final bytes are the contract (safety.md B, F.3): every
value passes `_checked`, ids are never encoded words (safety.md 0.4), bodies are base64
or quoted-printable, and no bare CR or LF can occur.
"""

import binascii
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.utils import format_datetime

from triagebot.core.outgoing.identity import loop_code
from triagebot.core.outgoing.inline import Inline, content_id, is_name

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_PHRASE = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")
_ADDRESS = re.compile(r"[!#-'*+\-/-9=?A-Z^-~.]{1,64}@[A-Za-z0-9.-]{1,253}")
_ID = re.compile(r"<[!-;=?-~]{1,300}@[!-;=?-~]{1,255}>")
_ASCII = bytes(range(128))
_LANGUAGE = re.compile(r"[A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,8}){0,9}")
_AUTOMATIC = re.compile(r"auto-[a-z]{1,40}")
_LINE = 76
_MAX_REFERENCES = 10
_MAX_REFERENCES_BYTES = 4000
_Part = tuple[list[str], bytes]
"""Header lines of one part of a mail, and its encoded body."""


class ComposeError(ValueError):
    """A value that may not stand in an outgoing mail."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An outgoing mail before it is serialized. `parents` are validated ids, the answered mail's own id last.
    `automatic` is the Auto-Submitted value, "" for a mail a person approved. `pictures` are those the HTML shows; they
    leave only with it. Answers go to `reply_to`, where it is not empty, instead of the sender."""

    message_id: str
    from_name: str
    from_address: str
    to: str
    subject: str
    date: datetime
    text: str
    html: str = ""
    language: str = "en"
    parents: tuple[str, ...] = ()
    automatic: str = "auto-replied"
    pictures: tuple[Inline, ...] = ()
    reply_to: str = ""


def reference_chain(parents: tuple[str, ...]) -> tuple[str, ...]:
    """Given the ids of a thread, the answered one last, return those that go into References: at most ten
    (the first four and the last six) and 4 kB (safety.md B, row References length)."""
    unique = tuple(dict.fromkeys(reversed(parents)))[::-1]
    if len(unique) > _MAX_REFERENCES:
        unique = unique[:4] + unique[-6:]
    while sum(len(one) + 1 for one in unique) > _MAX_REFERENCES_BYTES:
        unique = unique[1:]
    return unique


def header_fields(draft: Draft, key: bytes) -> list[tuple[str, str]]:
    """Given a draft and the desk's key, return the mail's header fields in order, their values folded for the wire.

    Raise ComposeError for an unfit value.
    """
    fields = [
        ("From", _mailbox(draft.from_name, _fit(_ADDRESS, draft.from_address))),
        ("To", _fit(_ADDRESS, draft.to)),
        ("Subject", encode_words(draft.subject)),
        ("Date", format_datetime(draft.date)),
        ("Message-ID", _fit(_ID, draft.message_id)),
    ]
    if draft.reply_to:
        fields.append(("Reply-To", _fit(_ADDRESS, draft.reply_to)))
    chain = reference_chain(draft.parents)
    if chain:
        fields.append(("In-Reply-To", _fit(_ID, chain[-1])))
        fields.append(("References", "\r\n ".join(_fit(_ID, one) for one in chain)))
    if draft.automatic:
        fields += [
            ("Auto-Submitted", _fit(_AUTOMATIC, draft.automatic)),
            ("X-Auto-Response-Suppress", "All"),
            ("Precedence", "auto_reply"),
        ]
    return [
        *fields,
        ("X-Triagebot-Loop", loop_code(key)),
        ("Content-Language", _fit(_LANGUAGE, draft.language)),
        ("MIME-Version", "1.0"),
    ]


def compose(draft: Draft, key: bytes) -> bytes:
    """Given a draft and the desk's key, return the mail's final bytes. Raise ComposeError for an unfit value."""
    body_headers, body = _body(draft)
    lines = [f"{name}: {value}" for name, value in header_fields(draft, key)] + body_headers
    raw = "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body
    if re.search(rb"\r(?!\n)|(?<!\r)\n", raw):
        raise ComposeError("the mail holds a bare CR or LF")
    return raw


def encoded_size(text: str) -> int:
    """Given a text or a page, return how many bytes it takes as part of a mail, as it leaves."""
    return len(_part("plain", text)[1])


def plain_text(raw: bytes) -> str:
    """Given bytes that `compose` made, return their text part."""
    message = message_from_bytes(raw)
    part = next((part for part in message.walk() if part.get_content_type() == "text/plain"), message)
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(payload, bytes) else ""


def encode_words(text: str) -> str:
    """Given a header text, return it folded and, where it is not plain ASCII, as RFC 2047 encoded words."""
    _checked(text)
    if _is_plain(text) and len(text) <= 900:
        return _fold(text)
    words: list[str] = []
    chunk = b""
    for character in text:
        encoded = character.encode()
        if len(chunk) + len(encoded) > 39:  # 64 characters, so that "Subject: " and a word fit on one line of 76
            words.append(_word(chunk))
            chunk = b""
        chunk += encoded
    words.append(_word(chunk))
    return "\r\n ".join(words)


def _word(chunk: bytes) -> str:
    return f"=?utf-8?b?{b64encode(chunk).decode()}?="


def _fold(text: str) -> str:
    """Fold at spaces so that lines stay under 78 characters where they can (RFC 5322 section 2.1.1)."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1].strip() and word and len(lines[-1]) + len(word) > 64:
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines)[1:]


def _mailbox(name: str, address: str) -> str:
    phrase = _phrase(name)
    last = phrase.rpartition("\r\n")[2]
    fold = "\r\n" if phrase and len(f"From: {last} <{address}>") > _LINE else ""
    return f"{phrase}{fold} <{address}>" if phrase else f"<{address}>"


def _phrase(name: str) -> str:
    if not _is_plain(_checked(name)) or len(name) > 60:
        return encode_words(name)
    if _PHRASE.fullmatch(name) and "  " not in name:
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _is_plain(text: str) -> bool:
    """May a reader take this text as it stands, not for an encoded word and not for one with spaces to drop?"""
    return text.isascii() and "=?" not in text and text == text.strip()


def _checked(value: str) -> str:
    if _FORBIDDEN.search(value):
        raise ComposeError("a header value holds a control character")
    return value


def _fit(pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise ComposeError(f"not fit for a header: {value[:80]!r}")
    return value


def _body(draft: Draft) -> _Part:
    if not draft.html:
        return _part("plain", draft.text)
    # Quoted-printable writes no "=_" and base64 no "_", so that no boundary is in a body (RFC 2045 section 6.7); the
    # dot keeps each of the two from being the beginning of the other.
    mark = re.sub(r"[^a-z0-9]", "", draft.message_id.partition("@")[0])[:60]
    html = _part("html", draft.html)
    if draft.pictures:
        shown = [html, *map(_picture, draft.pictures)]
        html = _multipart('related; type="text/html";\r\n', f"=_.{mark}", shown)
    return _multipart("alternative;", f"=_{mark}", [_part("plain", draft.text), html])


def _multipart(kind: str, boundary: str, parts: list[_Part]) -> _Part:
    mark = b"--" + boundary.encode()
    body = b"".join(
        mark + b"\r\n" + "\r\n".join(headers).encode() + b"\r\n\r\n" + content + b"\r\n" for headers, content in parts
    )
    return [f'Content-Type: multipart/{kind} boundary="{boundary}"'], body + mark + b"--\r\n"


def _picture(picture: Inline) -> _Part:
    if not is_name(picture.name):
        raise ComposeError(f"not fit for a picture's name: {picture.name[:80]!r}")
    headers = [
        f'Content-Type: image/png; name="{picture.name}.png"',
        "Content-Transfer-Encoding: base64",
        f"Content-ID: <{content_id(picture.name)}>",
        f'Content-Disposition: inline; filename="{picture.name}.png"',
    ]
    return headers, _base64_lines(picture.png)


def _part(subtype: str, text: str) -> _Part:
    data = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    headers = [f'Content-Type: text/{subtype}; charset="utf-8"']
    high = len(data.translate(None, _ASCII))
    if high * 5 > len(data):
        return [*headers, "Content-Transfer-Encoding: base64"], _base64_lines(data.replace(b"\n", b"\r\n"))
    quoted = binascii.b2a_qp(data, istext=True).replace(b"\n", b"\r\n")
    if not quoted.endswith(b"\r\n"):
        quoted += b"\r\n"
    return [*headers, "Content-Transfer-Encoding: quoted-printable"], quoted


def _base64_lines(data: bytes) -> bytes:
    body = b64encode(data)
    return b"".join(body[start : start + 76] + b"\r\n" for start in range(0, len(body), 76)) or b"\r\n"
