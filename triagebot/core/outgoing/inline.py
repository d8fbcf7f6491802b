"""Pictures inside a mail: named in its HTML as cid:ID, never fetched from anywhere."""

import re
from dataclasses import dataclass

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Inline:
    """A PNG that travels with a mail, by the name under which its HTML shows it."""

    name: str
    png: bytes


def is_name(name: str) -> bool:
    """Given a picture's name, return whether it may stand in headers and addresses: at most 32 small letters,
    digits and inner hyphens."""
    return _NAME.fullmatch(name) is not None


def content_id(name: str) -> str:
    """Given a picture's name, return its Content-ID without brackets, which HTML names after "cid:" (RFC 2392)."""
    return f"{name}@triagebot"
