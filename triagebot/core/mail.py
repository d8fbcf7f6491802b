"""A received mail: its raw header block, addresses, ids and content, as plain values."""

from dataclasses import dataclass
from datetime import datetime

MOST_BOUNCES = 50
"""A delivery status about more recipients is quarantined: each mail of ours has one (safety.md A.6)."""


@dataclass(frozen=True, slots=True)
class Header:
    """One header field: its name in lower case and its unfolded value, not yet decoded (RFC 5322 section 2.2)."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """All header fields in the order they stand, and what was wrong with the block."""

    fields: tuple[Header, ...] = ()
    defects: tuple[str, ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        """Given a header's name in lower case, return the values of all its instances."""
        return tuple(field.value for field in self.fields if field.name == name)

    def first(self, name: str) -> str:
        """Given a header's name in lower case, return its first value, or an empty string."""
        return next((field.value for field in self.fields if field.name == name), "")


@dataclass(frozen=True, slots=True)
class Address:
    """One mail address: display name (decoded, cleaned) and addr-spec (domain in lower case A-label form)."""

    name: str
    spec: str

    @property
    def local(self) -> str:
        """The part before the @."""
        return self.spec.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """The part after the @, in lower case."""
        return self.spec.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class AddressList:
    """The addresses of one header value and what was wrong with it."""

    addresses: tuple[Address, ...] = ()
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient block of a delivery status notification (RFC 3464 section 2.3); `words` are the server's."""

    action: str
    status: str
    recipient: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What the limited reader found inside a mail. `problem` is set when it could not be read (quarantine), `partial`
    says why only its beginning was read."""

    text: str = ""
    new_text: str = ""
    languages: tuple[tuple[str, float], ...] = ()
    types: tuple[str, ...] = ()
    report_type: str = ""
    calendar_method: str = ""
    attachments: tuple[str, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    returned_id: str = ""
    defects: tuple[str, ...] = ()
    problem: str = ""
    partial: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """One received mail as triage sees it. `received_at` is IMAP's INTERNALDATE in UTC.

    `parents` are all ids it refers to, the nearest last; `references` those an answer repeats (RFC 5322 section 3.6.4).
    """

    headers: HeaderBlock
    content: Content
    sender: AddressList
    to: tuple[Address, ...]
    reply_to: AddressList
    subject: str
    message_id: str
    parents: tuple[str, ...]
    content_key: str
    received_at: datetime
    size: int = 0
    references: tuple[str, ...] = ()
