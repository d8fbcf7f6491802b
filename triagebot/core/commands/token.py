"""The token that lets an answer to the digest take effect, and where a mail carries it (safety.md E).

Forty-two base32 letters: version and key (one byte), the digest (40 bit), the item (32 bit, all of it here, since every
command names its own), and the first 128 bits of an HMAC over these, over when it expires and to whom it was given.
"""

import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from triagebot.core.guard.signals import DELIVERED_TO
from triagebot.core.mail import Mail
from triagebot.core.outgoing.identity import own_id_kind
from triagebot.core.reading.address import sender_key

LIFETIME = timedelta(days=14)
"""For how long a digest can be answered (safety.md E)."""
_VERSION = 1
_CODE_BYTES = 5
_WHOLE = bytes(4)
_MAC_BYTES = 16
_LENGTH = 42
_TAG = "+d-"
_LONGEST_LOCAL = 64
"""RFC 5321 section 4.5.3.1.1."""
_IN_SUBJECT = re.compile(rf"\[d-([a-z2-7]{{{_LENGTH}}})\]", re.IGNORECASE)
_MOST_IDS = 20


@dataclass(frozen=True, slots=True)
class Claim:
    """How a mail says which digest it answers: by a token, or by the Message-ID of a mail of ours."""

    token: str = ""
    message_id: str = ""


def make_code(key: bytes, kind: str, cause: str) -> str:
    """Given the desk's key, and the kind of a digest and what caused it, return its 40-bit id as eight letters."""
    return _letters(hmac.digest(key, f"digest code {kind} {cause}".encode(), sha256)[:_CODE_BYTES])


def make_token(key: bytes, code: str, expires_at: datetime, developer: str) -> str:
    """Given the desk's key, a digest's id, when it expires and whose it is, return its token, in small letters."""
    head = bytes([_mark(key)]) + b32decode(code.upper()) + _WHOLE
    return _letters(head + _mac(key, head, expires_at, developer))


def code_of(token: str) -> str | None:
    """Given what may be a token, return the id of the digest it names; None for anything else. Nothing is proven yet:
    `is_genuine` does that."""
    raw = _bytes(token)
    return _letters(raw[1 : 1 + _CODE_BYTES]) if raw is not None else None


def is_genuine(key: bytes, token: str, expires_at: datetime, developer: str) -> bool:
    """Given the desk's key, a token and what is known of the digest it names, return whether this desk made it."""
    raw = _bytes(token)
    if raw is None:
        return False
    return hmac.compare_digest(raw[-_MAC_BYTES:], _mac(key, raw[:-_MAC_BYTES], expires_at, developer))


def token_address(address: str, token: str) -> str:
    """Given the desk's address and a token, return the address that answers go to, `local+d-TOKEN@domain`, or the plain
    one where that would be too long."""
    local, _, domain = address.rpartition("@")
    tagged = f"{local.partition('+')[0]}{_TAG}{token}"
    return f"{tagged}@{domain}" if len(tagged) <= _LONGEST_LOCAL else address


def token_subject(subject: str, token: str) -> str:
    """Given the subject of a mail that is begun from a link, return it with the token."""
    return f"{subject} [d-{token}]"


def find_claims(mail: Mail, key: bytes, own_addresses: Sequence[str]) -> tuple[Claim, ...]:
    """Given a received mail, the desk's key and addresses, return by what it says that it answers a digest, the surest
    first: the address it came to, the mails it answers from the nearest on, its subject. Most mails say nothing of the
    kind.

    Whatever stands behind `+d-` in an address of ours counts: nobody else has made such an address.
    """
    own = {sender_key(address) for address in own_addresses}
    delivered = (value.strip().strip("<>") for name in DELIVERED_TO for value in mail.headers.all(name))
    tagged = (
        address.rpartition("@")[0].lower().partition(_TAG)[2]
        for address in (*(one.spec for one in mail.to), *delivered)
        if _TAG in address.rpartition("@")[0].lower() and sender_key(address) in own
    )
    found = [Claim(token=token) for token in tagged]
    ids = reversed(mail.parents[-_MOST_IDS:])
    found += [Claim(message_id=one) for one in ids if own_id_kind(key, one) == "digest"]
    found += [Claim(token=token.lower()) for token in _IN_SUBJECT.findall(mail.subject)]
    return tuple(dict.fromkeys(found))


def _mark(key: bytes) -> int:
    """The first byte: the version, and four bits that tell this key from another. Like the rest it is in the MAC."""
    return _VERSION << 4 | hmac.digest(key, b"digest key", sha256)[0] & 0x0F


def _mac(key: bytes, head: bytes, expires_at: datetime, developer: str) -> bytes:
    expiry = expires_at.astimezone(UTC).isoformat(timespec="microseconds")
    said = f"digest {head.hex()} {expiry} {developer.strip().lower()}"
    return hmac.digest(key, said.encode(), sha256)[:_MAC_BYTES]


def _letters(raw: bytes) -> str:
    return b32encode(raw).decode().rstrip("=").lower()


def _bytes(token: str) -> bytes | None:
    """What the letters stand for; None for other letters, and where a mail program did not only change their case."""
    small = token.lower()
    if len(small) != _LENGTH or not re.fullmatch("[a-z2-7]+", small):
        return None
    raw = b32decode(small.upper() + "=" * (-_LENGTH % 8))
    return raw if _letters(raw) == small else None
