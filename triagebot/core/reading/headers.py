"""The header stage: what can be read from a mail's raw bytes in linear time, before any MIME parser sees it.

Nothing here raises on any bytes. The standard library's header parser takes minutes for
100 kB of quotes and lets an encoded line break through (safety.md 0.1, 0.2), so it is not used.
"""

import hashlib
import re
from datetime import datetime

from triagebot.core.desk import Limits
from triagebot.core.mail import Address, AddressList, Content, Header, HeaderBlock, Mail
from triagebot.core.reading.address import parse_addresses
from triagebot.core.reading.words import decode_words

__all__ = [
    "body_of",
    "content_key",
    "decode_words",
    "message_ids",
    "parse_addresses",
    "read_headers",
    "read_mail",
    "read_sender",
]

MOST_IDS = 500
QUARANTINE_DEFECTS = ("header-bytes", "header-line", "header-count")
"""Defects of a block that went over the limits of safety.md F.2: its mail is quarantined."""

_EMPTY_LINE = re.compile(rb"(?:\A|\n)\r*\n")
_NAME = re.compile(rb"[!-9;-~]{1,200}")
_CONTROLS = re.compile("[\x00-\x08\n-\x1f\x7f]")
_CANDIDATE_ID = re.compile(r"<[^<>\s]{3,556}>")
_ID = re.compile(r"<[!-;=?-~]{1,300}@[!-;=?-~]{1,255}>")  # safety.md B, row In-Reply-To


def read_headers(raw: bytes, limits: Limits) -> HeaderBlock:
    """Given a mail's raw bytes, return its header fields up to the first empty line, with what was wrong.

    Over `limits` the block is cut and a defect of QUARANTINE_DEFECTS noted. CRLF, LF and bare CR all end
    lines; where the mail has LF, a bare CR is a space and a defect, as for the servers that judged it.
    """
    defects: list[str] = []
    head, complete = _head(raw, limits.header_bytes)
    if not complete:
        defects.append("header-bytes")
    fields: list[Header] = []
    for name, value in _unfold(head, defects):
        if len(fields) >= limits.header_count:
            defects.append("header-count")
            break
        if len(value) > limits.header_line:
            value = _shorten(name, value, limits.header_line, defects)
        fields.append(Header(name, _decode(value)))
    return HeaderBlock(tuple(fields), tuple(dict.fromkeys(defects)))


def body_of(raw: bytes) -> bytes:
    """Given a mail's raw bytes, return what follows its header block."""
    empty = _EMPTY_LINE.search(raw)
    if empty is not None:
        return raw[empty.end() :]
    return b"" if b"\n" in raw else raw.partition(b"\r\r")[2]


def message_ids(value: str) -> tuple[str, ...]:
    """Given an unfolded References or In-Reply-To value, return its valid ids in order, 500 at most.

    Some clients join ids with commas (safety.md B.3), so ids are recognised by their form, not by spaces.
    """
    found: list[str] = []
    for candidate in _CANDIDATE_ID.finditer(value):
        if _ID.fullmatch(candidate[0]) is not None:
            found.append(candidate[0])
            if len(found) == MOST_IDS:
                break
    return tuple(found)


def content_key(block: HeaderBlock, body: bytes) -> str:
    """Given a mail's headers and body, return the key that two equal mails share (safety.md F.1)."""
    digest = hashlib.sha256()
    for name in ("message-id", "from", "date", "subject"):
        for value in block.all(name):
            encoded = value.encode("utf-8", "replace")
            digest.update(b"%s %d " % (name.encode(), len(encoded)) + encoded)
    digest.update(hashlib.sha256(body).digest())
    return digest.hexdigest()


def read_sender(block: HeaderBlock) -> AddressList:
    """Given a mail's headers, return its author; more or less than one From header or address is a defect."""
    values = block.all("from")
    found = parse_addresses(values[0]) if values else AddressList((), ("empty",))
    defects = list(found.defects)
    if len(values) != 1:
        defects.insert(0, "from-count")
    if len(found.addresses) > 1 and "two-addresses" not in defects:
        defects.append("two-addresses")
    return AddressList(found.addresses, tuple(defects))


def read_mail(block: HeaderBlock, content: Content, received_at: datetime, size: int, content_key: str) -> Mail:
    """Given headers, content, arrival in UTC, size in bytes and content key, return the mail for triage."""
    reply_to = block.all("reply-to")
    replies = parse_addresses(reply_to[0]) if reply_to else AddressList()
    if len(reply_to) > 1:
        replies = AddressList(replies.addresses, (*replies.defects, "reply-to-count"))
    own_id = block.first("message-id")
    return Mail(
        headers=block,
        content=content,
        sender=read_sender(block),
        to=_recipients(block),
        reply_to=replies,
        subject=decode_words(block.first("subject")),
        message_id=own_id if _ID.fullmatch(own_id) else "",
        parents=_parents(block),
        content_key=content_key,
        received_at=received_at,
        size=size,
        references=_references(block),
    )


def _recipients(block: HeaderBlock) -> tuple[Address, ...]:
    values = (*block.all("to"), *block.all("cc"))
    return tuple(address for value in values for address in parse_addresses(value).addresses)


def _parents(block: HeaderBlock) -> tuple[str, ...]:
    values = (*block.all("references"), *block.all("in-reply-to"))
    return tuple(dict.fromkeys(parent for value in values for parent in message_ids(value)))[:MOST_IDS]


def _references(block: HeaderBlock) -> tuple[str, ...]:
    """References, or the single In-Reply-To where there are none (RFC 5322 section 3.6.4)."""
    found = tuple(parent for value in block.all("references") for parent in message_ids(value))
    if found:
        return found
    answered = tuple(parent for value in block.all("in-reply-to") for parent in message_ids(value))
    return answered if len(answered) == 1 else ()


def _head(raw: bytes, most: int) -> tuple[bytes, bool]:
    """Given a mail and a limit in bytes, return its header block, cut there, and whether it is whole."""
    window = raw[: most + 4]  # the empty line itself may stand behind the limit
    empty = _EMPTY_LINE.search(window)
    if empty is not None:
        return window[: empty.start()], empty.start() <= most
    if b"\n" not in window:
        head, end, _ = window.partition(b"\r\r")
        return head[:most], bool(end) or len(raw) <= most
    return window[:most], len(raw) <= most


def _unfold(head: bytes, defects: list[str]) -> list[tuple[str, bytes]]:
    """Given a header block, return names in lower case with unfolded values; note lines that are neither."""
    if b"\n" in head:
        lines = [line.rstrip(b"\r") for line in head.split(b"\n")]
        if any(b"\r" in line for line in lines):
            defects.append("bare-cr")
    else:
        lines = head.split(b"\r")
    fields: list[tuple[str, list[bytes]]] = []
    in_field = False
    for number, line in enumerate(lines):
        if line[:1] in (b" ", b"\t"):
            if in_field:
                fields[-1][1].append(line)
            else:
                defects.append("bad-line")
            continue
        name, colon, value = line.partition(b":")
        name = name.rstrip(b" \t")
        in_field = bool(colon) and _NAME.fullmatch(name) is not None
        if in_field:
            fields.append((name.decode("ascii").lower(), [value]))
        elif line and not (number == 0 and line.startswith((b"From ", b">From "))):
            defects.append("bad-line")
    return [(name, b"".join(parts).strip()) for name, parts in fields]


def _shorten(name: str, value: bytes, most: int, defects: list[str]) -> bytes:
    if name != "references":
        defects.append("header-line")
        return value[:most]
    # A long thread is no attack: the first and the last ids are all a reply quotes (safety.md B).
    defects.append("references-cut")
    return value[: most // 2].rpartition(b"<")[0] + b" " + value[-(most // 2) :].partition(b">")[2]


def _decode(value: bytes) -> str:
    """Given raw bytes, return text: UTF-8, else Latin-1 (design.md section 8); controls become U+FFFD."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    if text.isprintable():
        return text
    return _CONTROLS.sub("\ufffd", text.replace("\r", " "))
