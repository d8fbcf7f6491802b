"""A mail that was fetched and read, on its way to be decided."""

from dataclasses import dataclass

from triagebot.core.decision import Authentication
from triagebot.core.mail import Mail


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail that was fetched and read: its row, where it came in, what it says and who sent it."""

    row: int
    inbox: str
    mail: Mail
    authentication: Authentication
    backfill: bool
    rescan: bool
    raw: bytes
