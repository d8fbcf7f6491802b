"""What the guard looks at: one mail's headers by name, its sender, its types, and the desk's facts."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triagebot.core.decision import Authentication, Verdict
from triagebot.core.mail import Mail
from triagebot.core.reading.address import parse_addresses, sender_key

_TYPE = re.compile(r"\s*([A-Za-z0-9!#$&^_.+-]{1,80}/[A-Za-z0-9!#$&^_.+-]{1,80})")
_REPORT_TYPE = re.compile(r'report-type\s{0,9}=\s{0,9}"?\s{0,9}([A-Za-z0-9-]{1,80})', re.IGNORECASE)
_SMIME_TYPE = re.compile(r'smime-type\s{0,9}=\s{0,9}"?\s{0,9}([A-Za-z0-9-]{1,80})', re.IGNORECASE)
_NAME_PARTS = re.compile(r'[\s<>"(),;:@]+')
_LIST_ID = re.compile(r"<([^<>]*)>\s*\Z")
_SUBJECT_START = 60
_IDS_LOOKED_UP = (4, 16)


def no_bounced_id(address: str) -> str | None:  # noqa: ARG001
    """Given an address, say that no bounce of ours goes there: for a desk that gave no such address away."""
    return None


@dataclass(frozen=True, slots=True)
class GuardFacts:
    """What the desk knows that the guard needs. `is_own_id` tells the kind of a Message-ID of ours, or None;
    `bounced_id` the mail of ours whose bounces go to an address, or None.

    `lookalikes` are the flags core/lookalike.py raised for the sender (safety.md D.5).
    """

    own_addresses: tuple[str, ...]
    list_ids: tuple[str, ...]
    forms: tuple[str, ...]
    loop_code: str
    is_own_id: Callable[[str], str | None]
    now: datetime
    first_start: datetime | None
    answer_within: timedelta
    bounced_id: Callable[[str], str | None] = no_bounced_id
    backfill: bool = False
    auto_sent_within_10_minutes: bool = False
    in_junk: bool = False
    answer_weak: bool = False
    lookalikes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says: a verdict with its reason code, or no verdict (the mail passes), and why."""

    why: str
    verdict: Verdict | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One mail, prepared once for all checks."""

    mail: Mail
    authentication: Authentication
    facts: GuardFacts
    headers: dict[str, list[str]]
    types: frozenset[str]
    report_type: str
    smime_type: str
    locals: tuple[str, ...]
    subject: str
    own: frozenset[str]
    parent_kinds: tuple[str, ...]
    on_my_list: bool

    def values(self, *names: str) -> tuple[str, ...]:
        """Given header names in lower case, return the values of all their instances."""
        return tuple(value for name in names for value in self.headers.get(name, ()))

    def present(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Given header names in lower case, return those the mail has."""
        return tuple(name for name in names if name in self.headers)

    def is_own(self, address: str) -> bool:
        """Given an address, say whether it is the desk's: an alias, or one of its token addresses."""
        return sender_key(address) in self.own


def gather(mail: Mail, authentication: Authentication, facts: GuardFacts) -> Evidence:
    """Given a mail, its authentication and the facts, return the evidence all checks share."""
    headers: dict[str, list[str]] = {}
    for field in mail.headers.fields:
        headers.setdefault(field.name, []).append(field.value)
    content_types = headers.get("content-type", [])
    top = tuple(found[1].lower() for value in content_types if (found := _TYPE.match(value)))
    first, last = _IDS_LOOKED_UP
    parents = mail.parents[:first] + mail.parents[first:][-last:]
    kinds = (facts.is_own_id(parent) for parent in parents)
    return Evidence(
        mail=mail,
        authentication=authentication,
        facts=facts,
        headers=headers,
        types=frozenset((*top, *(kind.lower() for kind in mail.content.types))),
        report_type=(mail.content.report_type or _parameter(_REPORT_TYPE, content_types)).lower(),
        smime_type=_parameter(_SMIME_TYPE, content_types).lower(),
        locals=_locals(mail, headers.get("from", [])),
        subject=fold_subject(mail.subject[:_SUBJECT_START]),
        own=frozenset(sender_key(address) for address in facts.own_addresses),
        parent_kinds=tuple(kind for kind in kinds if kind is not None),
        on_my_list=_on_my_list(headers.get("list-id", []), facts.list_ids),
    )


def fold_subject(subject: str) -> str:
    """Given a subject, return it NFKC, case folded, Turkish letters as i (safety.md A.2 row 20)."""
    folded = unicodedata.normalize("NFKC", subject).casefold().replace("\u0307", "").replace("\u0131", "i")
    return " ".join(folded.split())


def addresses_of(evidence: Evidence, *names: str) -> tuple[str, ...]:
    """Given address header names, return the addresses in all their instances."""
    values = evidence.values(*names)
    return tuple(address.spec for value in values for address in parse_addresses(value).addresses)


def _parameter(pattern: re.Pattern[str], values: Sequence[str]) -> str:
    return next((found[1] for value in values if (found := pattern.search(value))), "")


def _locals(mail: Mail, raw_froms: Sequence[str]) -> tuple[str, ...]:
    """The sender's local parts in lower case; of an unreadable From, every word (`<MAILER-DAEMON>`)."""
    if mail.sender.addresses:
        return tuple(address.local.casefold() for address in mail.sender.addresses)
    return tuple(part for value in raw_froms for part in _NAME_PARTS.split(value.casefold()) if part)


def _on_my_list(list_ids: Sequence[str], mine: tuple[str, ...]) -> bool:
    """Row 12's exception: every List-Id is a configured one (a Google Group that is the support address)."""
    configured = {list_id.strip("<> ").casefold() for list_id in mine}
    found = [(match[1] if (match := _LIST_ID.search(value)) else value).strip().casefold() for value in list_ids]
    return bool(found) and all(list_id in configured for list_id in found)
