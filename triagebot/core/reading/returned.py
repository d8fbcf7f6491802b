"""What a bounce says: which recipients failed (RFC 3464), and which mail of ours came back."""

import re

from triagebot.core.mail import Bounce
from triagebot.core.reading.body import Part, children, part_bytes
from triagebot.core.reading.plaintext import clean_text

_WORDS = 300
_STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED_MAIL = {"message/rfc822", "message/global"}
_RETURNED_HEADERS = {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,300}@[!-;=?-~]{1,255}>")
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_ADDRESS_LINE = re.compile(r"<([^<>\s]{1,320}@[^<>\s]{1,255})>:")
_FAILED_AT_ALL = "5.0.0"
_QMAIL_START = "this is the qmail-send program"
_COPY_MARKS = (
    "--- below this line is a copy of the message",
    "------ this is a copy of the message",
    "----- unsent message follows",
    "--- the header of the original message is following",
    "--- header of the original message",
)


def read_statuses(part: Part) -> tuple[Bounce, ...]:
    """Given a part, return the recipients it tells of if it is a delivery status, else nothing."""
    if part.get_content_type() not in _STATUS_TYPES:
        return ()
    # The standard library reads a delivery status as mails that are all header, and one of RFC 6533 as a mail
    # whose header is the first block: make it text again.
    inside = children(part)
    blocks = ["\n".join(f"{name}: {value}" for name, value in block.items()) for block in inside]
    rest = [str(block.get_payload()) for block in inside if isinstance(block.get_payload(), str)]
    return read_status("\n\n".join(blocks + rest) if inside else part_bytes(part).decode("utf-8", "replace"))


def find_returned_id(part: Part) -> str:
    """Given a part, return the valid Message-ID of the mail or headers it brings back, or ""."""
    kind = part.get_content_type()
    inside = children(part)
    if kind in _RETURNED_HEADERS and not inside:
        return find_message_id(part_bytes(part).decode("utf-8", "replace"))
    if kind in _RETURNED_MAIL | _RETURNED_HEADERS and inside:
        return valid_message_id(str(inside[0].get("Message-ID", "")))
    return ""


def read_status(text: str) -> tuple[Bounce, ...]:
    """Given the text of a delivery status part, return a Bounce per recipient (RFC 3464 section 2.3)."""
    blocks = (_fields(block) for block in re.split(r"\n[ \t]*\n", clean_text(text)))
    return tuple(_bounce(block) for block in blocks if "action" in block or "final-recipient" in block)


def _fields(block: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in block.split("\n"):
        if line[:1] in {" ", "\t"} and name:
            found[name] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        name = name.strip().casefold()
        if colon and name and name not in found:
            found[name] = value.strip()
        else:
            name = ""
    return found


def _bounce(block: dict[str, str]) -> Bounce:
    recipient = block.get("final-recipient") or block.get("original-recipient", "")
    address = recipient.rpartition(";")[2].strip().strip("<>")[:320]
    status = _STATUS.search(block.get("status", ""))
    return Bounce(
        action=block.get("action", "failed").partition(" ")[0].casefold(),
        status=status.group() if status else "",
        recipient=address,
        words=block.get("diagnostic-code", "").partition(";")[2].strip()[:_WORDS],
    )


def valid_message_id(value: str) -> str:
    """Given the raw value of a Message-ID field, return it if it is one safe id (safety.md B), else ""."""
    candidate = value.strip()
    return candidate if _MESSAGE_ID.fullmatch(candidate) else ""


def find_message_id(headers: str) -> str:
    """Given the text of returned headers, return the valid Message-ID among them, or ""."""
    block = clean_text(headers).lstrip("\n").partition("\n\n")[0]
    return valid_message_id(_fields(block).get("message-id", ""))


def read_plain_bounce(text: str) -> tuple[tuple[Bounce, ...], str]:
    """Given the body of a bounce without MIME (qmail's), return its recipients and the returned id."""
    folded = text.casefold()
    marked = min((at for mark in _COPY_MARKS if (at := folded.find(mark)) >= 0), default=-1)
    if marked < 0:
        return (), ""
    returned_id = find_message_id(text[marked:].partition("\n")[2])
    if _QMAIL_START not in folded[:1000]:
        return (), returned_id
    bounces = []
    for paragraph in text[:marked].split("\n\n"):
        if found := _ADDRESS_LINE.match(paragraph.lstrip()):
            status = _STATUS.search(paragraph)
            bounces.append(Bounce("failed", status.group() if status else _FAILED_AT_ALL, found.group(1)))
    return tuple(bounces), returned_id
