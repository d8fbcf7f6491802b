"""Ids that only this desk can make: Message-IDs of its mails and its loop marker.

A Message-ID reads `<ar.NONCEMAC@domain>`: ten base32 characters that are the same for
the same cause (so a retry carries the same id), and a MAC over them and the domain, so that
nobody else can make one and a stranger's mail never joins a conversation (safety.md B, row Message-ID).
"""

import hmac
import re
from base64 import b32encode
from functools import lru_cache
from hashlib import sha256

PREFIXES = {"auto": "ar", "approved": "ap", "digest": "dg", "alert": "al"}
_KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}
_OWN = re.compile(r"<(ar|ap|dg|al)\.([a-z2-7]{10})([a-z2-7]{16})@([!-;=?A-~]{1,255})>")


def make_message_id(key: bytes, kind: str, cause: str, domain: str) -> str:
    """Given the desk's key, a kind of PREFIXES, what caused the mail and a domain, return its Message-ID."""
    prefix = PREFIXES[kind]
    nonce = _code(key, f"nonce {prefix} {cause}", 10)
    return f"<{prefix}.{nonce}{_mac(key, prefix, nonce, domain)}@{domain}>"


def own_id_kind(key: bytes, message_id: str) -> str | None:
    """Given the desk's key and a Message-ID, return the kind of our mail it belongs to, or None if it is not ours."""
    found = _OWN.fullmatch(message_id)
    if found is None:
        return None
    prefix, nonce, mac, domain = found.groups()
    if not hmac.compare_digest(mac, _mac(key, prefix, nonce, domain)):
        return None
    return _KINDS[prefix]


@lru_cache(maxsize=4)
def loop_code(key: bytes) -> str:
    """Given the desk's key, return the constant value of its X-Triagebot-Loop header."""
    return _code(key, "loop", 26)


def _mac(key: bytes, prefix: str, nonce: str, domain: str) -> str:
    return _code(key, f"id {prefix} {nonce} {domain}", 16)


def _code(key: bytes, text: str, length: int) -> str:
    digest = hmac.new(key, text.encode(), sha256).digest()
    return b32encode(digest).decode().lower()[:length]
