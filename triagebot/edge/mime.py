"""The inside of a mail: mail-parser takes it apart, after it was made safe for that.

The tree of parts is counted, header fields that say nothing about the content are left
out (the header stage has them, from the raw bytes), absurdly long ones are cut. Where
mail-parser fails all the same, as on some truncated bounces, the tree is read without it.
"""

import email
import re
from dataclasses import dataclass, replace
from email.errors import HeaderParseError
from email.header import decode_header

import mailparser
from mailparser.exceptions import MailParserError

from triagebot.core.errors import TriagebotError
from triagebot.core.mail import MOST_BOUNCES, Bounce
from triagebot.core.reading.body import Part, Segment, children, choose_body, own_parts, parameter, part_bytes
from triagebot.core.reading.charset import decode_bytes
from triagebot.core.reading.cms import signed_words
from triagebot.core.reading.plaintext import clean_name
from triagebot.core.reading.returned import find_returned_id, read_plain_bounce, read_statuses

_HEADER_FIELDS = 1000
_HEADER_VALUE = 8_192
_NAMES = 100
_FIELD = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_KEPT_FIELD = re.compile(rb"content-|mime-version", re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r|\n\r\n")
_METHOD = re.compile(r"^METHOD:([A-Za-z]{1,20})", re.MULTILINE)
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SIGNATURES = {
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
}
_OPAQUE = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_FILES = {"application", "image", "audio", "video", "font", "model"}
_ENDINGS = {"text/plain": "txt", "message/rfc822": "eml", "image/jpeg": "jpg"}
# All that the parser may raise on hostile or truncated mail. RecursionError is a RuntimeError; OSError comes
# from a late import where no file can be opened any more.
_FAULTS = (
    MailParserError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


class UnreadableMailError(TriagebotError):
    """A mail that is not read. The message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class MimeContent:
    """What stands in a mail, before its HTML is turned to text."""

    body: tuple[Segment, ...]
    types: tuple[str, ...]
    report_type: str
    calendar_method: str
    attachments: tuple[str, ...]
    bounces: tuple[Bounce, ...]
    returned_id: str
    defects: tuple[str, ...]


def read_mime(raw: bytes, most_depth: int, most_parts: int) -> MimeContent:
    """Given a mail and its caps, return its content. Raise UnreadableMailError beyond them."""
    message = _parse(raw, most_depth)
    everything = _survey(message, most_depth, most_parts)
    if message.get_content_type() in _OPAQUE and (words := signed_words(part_bytes(message, len(raw)))):
        inner = read_mime(words, most_depth - 1, most_parts)
        types = (message.get_content_type(), *inner.types)
        return replace(inner, types=types, defects=("signature-not-verified", *inner.defects))
    own = list(own_parts(message))
    names, defects = _files(message, everything)
    body = choose_body(message)
    bounces = tuple(bounce for part in own for bounce in read_statuses(part))
    returned_id = next(filter(None, map(find_returned_id, own)), "")
    if len(own) == 1 and body:
        bounces, returned_id = read_plain_bounce(body[0].text)
    types = tuple(dict.fromkeys(part.get_content_type()[:100] for part in own))
    return MimeContent(
        body=tuple(body),
        types=types,
        report_type=parameter(message, "report-type") if types[0] == "multipart/report" else "",
        calendar_method=next(filter(None, map(_calendar_method, own)), ""),
        attachments=names,
        bounces=bounces[:MOST_BOUNCES],
        returned_id=returned_id,
        defects=(*defects, *_noticed(own, body, len(bounces))),
    )


def _parse(raw: bytes, most_depth: int) -> Part:
    try:
        return email.message_from_bytes(_leave_out_headers(raw))
    except RecursionError:
        raise UnreadableMailError(f"This mail is nested deeper than {most_depth} levels.") from None
    except _FAULTS:
        raise UnreadableMailError("The structure of this mail is damaged; no parser can follow it.") from None


def _leave_out_headers(raw: bytes) -> bytes:
    """Keep the header fields that describe the content, cut to a length no honest mail reaches."""
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    end = _BLANK_LINE.search(raw)
    block, rest = (raw[: end.start()], raw[end.start() :]) if end else (raw, b"")
    kept: list[bytes] = []
    room = 0
    lines = block.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if _FIELD.match(line):
            room = _HEADER_VALUE if _KEPT_FIELD.match(line) else 0
        elif line[:1] not in {b" ", b"\t"} and (number or not line.startswith(b"From ")):
            # neither a field nor a continuation: the body begins here, the empty line before it is missing
            return b"".join(kept) + b"\n" + b"".join(lines[number:]) + rest
        if room > 0:
            kept.append(line if len(line) <= room else line[:room] + b"\n")
            room -= len(line)
    return b"".join(kept) + (rest or b"\n\n")


def _survey(message: Part, most_depth: int, most_parts: int) -> list[Part]:
    """Return all parts, attached mails' included, in order. Raise UnreadableMailError beyond the caps."""
    found: list[Part] = []
    waiting = [(message, 1)]
    while waiting:
        part, depth = waiting.pop()
        found.append(part)
        if depth > most_depth:
            raise UnreadableMailError(f"This mail is nested deeper than {most_depth} levels.")
        if len(part) > _HEADER_FIELDS:
            raise UnreadableMailError(f"A part of this mail has more than {_HEADER_FIELDS} header fields.")
        _tidy_headers(part)
        _mend_parameters(part)
        inside = children(part)
        if len(found) + len(waiting) + len(inside) > most_parts:
            raise UnreadableMailError(f"This mail has more than {most_parts} parts.")
        waiting += [(child, depth + 1) for child in reversed(inside)]
    return found


def _tidy_headers(part: Part) -> None:
    """Cut long values, and decode raw 8-bit ones: the library would hand out no text for them."""
    fields = list(part.raw_items())
    if all(len(value) <= _HEADER_VALUE and value.isascii() for _, value in fields):
        return
    for name, _ in fields:
        del part[name]
    for name, value in fields:
        octets = value[:_HEADER_VALUE].encode("utf-8", "surrogateescape")
        part[name] = decode_bytes(octets)[0]


def _mend_parameters(part: Part) -> None:
    """Drop parameters that the library cannot put together (RFC 2231 section 3): it raises at each look."""
    for header in ("Content-Type", "Content-Disposition"):
        try:
            part.get_params(header=header)
        except _FAULTS:
            part.replace_header(header, str(part[header]).partition(";")[0])


def _files(message: Part, everything: list[Part]) -> tuple[tuple[str, ...], list[str]]:
    """Return the clean names of the files that came along, logos and signatures apart, and the defects."""
    logos = {str(image.get("Content-ID")) for part in everything for image in _logos(part)}
    for part in everything:
        _give_name(part)
    try:
        parsed = mailparser.MailParser(message)
        keys = ("filename", "mail_content_type", "content-id")
        files = [tuple(str(file[key]) for key in keys) for file in parsed.attachments]
        defects = [_kebab(name) for name in parsed.defects_categories]
    except _FAULTS:
        files = [(_file_name(part), part.get_content_type(), str(part.get("Content-ID"))) for part in everything]
        defects = ["parser-failed"]
    names = [
        clean_name(name)
        for name, kind, content_id in files
        if name and kind not in _SIGNATURES and content_id not in logos
    ]
    return tuple(names[:_NAMES]), sorted(defects)


def _kebab(defect: str) -> str:
    return _WORD_START.sub("-", defect.removesuffix("Defect")).lower()


def _logos(part: Part) -> list[Part]:
    """Pictures shown inside the text (field.md row 46)."""
    if part.get_content_type() != "multipart/related":
        return []
    return [
        child
        for child in children(part)
        if child.get_content_maintype() == "image"
        and child.get("Content-ID")
        and child.get_content_disposition() != "attachment"
    ]


def _give_name(part: Part) -> None:
    """Name a file that has no name, after its type; mail-parser would draw lots for one."""
    kind, maintype = part.get_content_type(), part.get_content_maintype()
    is_file = part.get_content_disposition() == "attachment" or (
        not part.is_multipart() and (maintype in _FILES or kind == "text/rtf")
    )
    if is_file and not part.get_filename():
        part.set_param("name", f"unnamed.{_ENDINGS.get(kind, part.get_content_subtype()[:20])}")


def _file_name(part: Part) -> str:
    """The name of a file by the standard library alone, encoded words decoded (RFC 2047)."""
    name = part.get_filename() or ""
    try:
        words = decode_header(name)
    except (HeaderParseError, ValueError):
        return name
    return "".join(decode_bytes(word, charset or "")[0] if isinstance(word, bytes) else word for word, charset in words)


def _calendar_method(part: Part) -> str:
    """The iTIP method of an invitation (RFC 5546 section 1.4), from its parameter or its text."""
    if part.get_content_type() != "text/calendar":
        return ""
    found = _METHOD.search(part_bytes(part)[:4000].decode("utf-8", "replace"))
    return (parameter(part, "method") or (found.group(1) if found else "")).upper()


def _noticed(own: list[Part], body: list[Segment], bounces: int) -> list[str]:
    """What the developer should know about how this mail was read."""
    types = {part.get_content_type() for part in own}
    opaque = {parameter(part, "smime-type") for part in own if part.get_content_type() in _OPAQUE}
    checks = {
        "many-bounces": bounces > MOST_BOUNCES,
        "encrypted": "multipart/encrypted" in types
        or bool(opaque - {"signed-data", "certs-only"})
        or any(segment.text.lstrip().startswith("-----BEGIN PGP MESSAGE-----") for segment in body),
        "tnef": bool(types & {"application/ms-tnef", "application/vnd.ms-tnef"}),
    }
    return [name for name, found in checks.items() if found]
