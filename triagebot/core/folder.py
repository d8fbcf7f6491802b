"""A folder of a mail server as it was seen: what it said when opened, the mails it listed, which one is which."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

UNDATED = datetime(1900, 1, 1, tzinfo=UTC)
"""Stands for the arrival of a mail whose server does not tell it: such a mail is never history, and never answered."""

_SPECIAL = {"sent": b"\\Sent", "drafts": b"\\Drafts", "junk": b"\\Junk"}
_USUAL_NAMES = {
    "sent": ("Sent", "Sent Items", "Sent Mail", "INBOX.Sent"),
    "drafts": ("Drafts", "INBOX.Drafts"),
    "junk": ("Junk", "Spam", "INBOX.Junk"),
}


@dataclass(frozen=True, slots=True)
class Selected:
    """What a folder said when it was opened. `writable` is False also where it should have been and is not."""

    uidvalidity: int
    uidnext: int
    exists: int
    keywords: bool
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Listed:
    """One mail on the server before it is fetched: `received_at` is INTERNALDATE in UTC, or UNDATED; size in bytes,
    or 0 where the server does not tell."""

    uid: int
    size: int
    received_at: datetime


def choose_folder(use: str, folders: Iterable[tuple[Iterable[bytes], str]]) -> str:
    """Given a use ("sent", "drafts" or "junk") and the flags and names of all folders, return the one that is marked
    for it (SPECIAL-USE, RFC 6154), else the one that is usually named so, or ""."""
    listed = [(set(flags), name) for flags, name in folders]
    marked = [name for flags, name in listed if _SPECIAL[use] in flags]
    names = {name for _, name in listed}
    usual = [name for name in _USUAL_NAMES[use] if name in names]
    return next(iter(marked + usual), "")
