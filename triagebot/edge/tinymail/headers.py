"""What a mail provider writes above a received mail, and what it removes from it (RFC 8601 section 5)."""

import re
from datetime import datetime
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import format_datetime, getaddresses

_AUTHSERV_ID = re.compile(r'\s*(?:\([^()]*\)\s*)*"?([^\s;"/(]+)')
_RESULTS = re.compile(rb"(?im)^Authentication-Results[ \t]*:(.*(?:\n[ \t].*)*)(?:\n|\Z)")
_END_OF_HEADERS = re.compile(rb"(?:\A|\n)\r?\n")
_HEADER_LIMIT = 102_400


def claims_authserv_id(value: str, authserv_id: str) -> bool:
    """Given the value of an Authentication-Results header, return whether it claims to be `authserv_id`'s."""
    found = _AUTHSERV_ID.match(value)
    return found is not None and found[1].casefold() == authserv_id.casefold()


def author_of(raw: bytes) -> str:
    """Given a mail, return the address in its From in lower case, or "" unless it has exactly one."""
    found = BytesHeaderParser(policy=compat32).parsebytes(raw[:_HEADER_LIMIT]).get_all("From", [])
    addresses = getaddresses([str(value) for value in found])
    return addresses[0][1].lower() if len(found) == len(addresses) == 1 else ""


def without_tag(address: str) -> str:
    """Given an address, return it in lower case and without the +tag of its local part."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}".lower()


def remove_forged(raw: bytes, authserv_id: str) -> bytes:
    """Given a mail, return it without Authentication-Results headers that claim the provider's own id."""
    end = _END_OF_HEADERS.search(raw)
    size = end.end() if end else len(raw)

    def keep_foreign(field: re.Match[bytes]) -> bytes:
        return b"" if claims_authserv_id(field[1].decode("latin-1"), authserv_id) else field[0]

    return _RESULTS.sub(keep_foreign, raw[:size]) + raw[size:]


def stamp(
    raw: bytes, authserv_id: str, authentication: str, sender: str, recipient: str, received_at: datetime
) -> bytes:
    """Given a mail and its envelope, return it as a provider files it.

    `authentication` is what follows the id in Authentication-Results: "dmarc=pass header.from=client.test".
    It stands above all else, so that no Received header has to be trusted. Empty: no such header.
    """
    verdict = f"Authentication-Results: {authserv_id}; {authentication}\r\n" if authentication else ""
    trace = (
        f"Return-Path: <{sender}>\r\n"
        f"Delivered-To: {recipient}\r\n"
        f"Received: from {sender.rpartition('@')[2] or 'localhost'} by {authserv_id} with ESMTP\r\n"
        f"\tfor <{recipient}>; {format_datetime(received_at)}\r\n"
    )
    return (verdict + trace).encode() + remove_forged(raw, authserv_id)
