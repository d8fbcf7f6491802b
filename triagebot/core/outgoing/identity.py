"""Ids that only this desk can make: Message-IDs of its mails, the addresses bounces of them go to, its loop marker.

A Message-ID reads `<ar.NONCEMAC@domain>`: ten base32 characters that are the same for
the same cause (so a retry carries the same id), and a MAC over them and the domain, so that
nobody else can make one and a stranger's mail never joins a conversation (safety.md B, row Message-ID).
"""

import hmac
import re
from base64 import b32encode
from functools import lru_cache
from hashlib import sha256

from triagebot.core.reading.address import ascii_domain, sender_key

PREFIXES = {"auto": "ar", "approved": "ap", "digest": "dg", "alert": "al", "canary": "cn"}
_KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}
_OWN = re.compile(r"<(ar|ap|dg|al|cn)\.([a-z2-7]{10})([a-z2-7]{16})@([!-;=?A-~]{1,255})>")
_BOUNCE_TAG = "+b-"
_BOUNCE_ADDRESS = re.compile(r"[^@+]{1,64}\+b-([a-z2-7]{26})@[^@]{1,255}")
_LONGEST_LOCAL = 64
"""RFC 5321 section 4.5.3.1.1."""


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


def bounce_address(address: str, message_id: str) -> str:
    """Given an address of the desk and the Message-ID of a mail from it, return the envelope sender whose bounces
    name that mail: `local+b-TOKEN@domain` (safety.md B.1), or the address itself where that would be too long."""
    local, _, domain = address.rpartition("@")
    token = message_id.strip("<>").rpartition("@")[0].partition(".")[2]
    tagged = f"{local.partition('+')[0]}{_BOUNCE_TAG}{token}"
    return f"{tagged}@{domain}" if token and len(tagged) <= _LONGEST_LOCAL else address


def plain_address(address: str) -> str:
    """Given an envelope sender, return it without the token of `bounce_address`."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition(_BOUNCE_TAG)[0]}@{domain}"


def bounced_id(key: bytes, address: str, own_addresses: tuple[str, ...]) -> str | None:
    """Given the desk's key, a received address and the desk's own, return the Message-ID of the mail whose bounces
    go there, or None. The MAC is checked, so nobody can make one up."""
    found = _BOUNCE_ADDRESS.fullmatch(address.casefold())
    if found is None:
        return None
    domains = {own.rpartition("@")[2] for own in own_addresses if sender_key(own) == sender_key(address)}
    made = (f"<{prefix}.{found[1]}@{domain}>" for prefix in _KINDS for domain in domains)
    return next((message_id for message_id in made if own_id_kind(key, message_id) is not None), None)


def address_code(key: bytes, address: str) -> str:
    """Given the desk's key and an address, return the code it is remembered by when the address itself must not
    be (safety.md H): the same for each spelling of it, another one for another +tag."""
    local, _, domain = address.strip().rpartition("@")
    return _code(key, f"address {local.casefold()}@{ascii_domain(domain) or domain.casefold()}", 26)


@lru_cache(maxsize=4)
def loop_code(key: bytes) -> str:
    """Given the desk's key, return the constant value of its X-Triagebot-Loop header."""
    return _code(key, "loop", 26)


def _mac(key: bytes, prefix: str, nonce: str, domain: str) -> str:
    return _code(key, f"id {prefix} {nonce} {domain}", 16)


def _code(key: bytes, text: str, length: int) -> str:
    digest = hmac.new(key, text.encode(), sha256).digest()
    return b32encode(digest).decode().lower()[:length]
