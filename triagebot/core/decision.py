"""What triage concluded about one mail, and every step that led there."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from triagebot.core.desk import Absence, Booking, Mode, Plan, Tier, Vendor
from triagebot.core.offer import Estimate
from triagebot.core.rules.rule import Kind

Verdict = Literal["ok", "capped", "human", "calendar", "bounce", "report", "never"]
AuthState = Literal["pass", "weak", "fail", "unknown"]
TicketState = Literal["new", "waiting-client", "accepted", "planned", "doing", "done", "closed"]
MailState = Literal["answered", "acknowledged", "planned", "merged", "held", "suppressed", "unreadable", "history"]


@dataclass(frozen=True, slots=True)
class Step:
    """One check: its name (`guard.list`), what it said (`pass`, `never` …) and the words that made it say so."""

    step: str
    verdict: str
    why: str


@dataclass(frozen=True, slots=True)
class Guard:
    """May this mail be answered automatically? `codes` are those of safety.md A.7, the deciding one first."""

    verdict: Verdict
    codes: tuple[str, ...] = ()
    trail: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Authentication:
    """Who the mail provably comes from (safety.md D.2). `signed_by`: domains with a believed DKIM pass."""

    state: AuthState
    codes: tuple[str, ...] = ()
    trail: tuple[Step, ...] = ()
    signed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sender:
    """The person behind a mail. `client` and `tier` are only ever those of an authenticated mail;
    `claims` names the client an unproven mail says it comes from. `form` is set for a declared contact form."""

    address: str
    auth: AuthState
    client: str | None = None
    tier: Tier = "none"
    claims: str | None = None
    flags: tuple[str, ...] = ()
    form: bool = False
    trail: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an automatic reply would go: one address, or "" with the reason code (safety.md B.2)."""

    address: str
    code: str = ""
    trail: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """A rule that matched, with the folded words of the mail that made it match."""

    rule: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReplyValues:
    """The closed set of values a reply text may use; dates, money and lists are put into words when it is rendered."""

    desk_name: str
    desk_address: str
    tier: Tier
    booking: Booking
    plans: tuple[Plan, ...] = ()
    client_name: str = ""
    vendors: tuple[Vendor, ...] = ()
    answer_vendors: tuple[tuple[str, tuple[Vendor, ...]], ...] = ()
    promise: date | None = None
    waiting: bool = False
    estimate: Estimate | None = None
    absence: Absence | None = None


@dataclass(frozen=True, slots=True)
class ReplyPlan:
    """An automatic reply before it is rendered: the reply files it joins and what they may say.

    `languages` are tried in order. `subject` is the client's own, cleaned; "" means the fixed
    subject of frame.md (for everybody who is not an authenticated known client).
    """

    answers: tuple[str, ...]
    closing: str
    languages: tuple[str, ...]
    to: str
    subject: str
    mode: Mode
    values: ReplyValues


@dataclass(frozen=True, slots=True)
class Slot:
    """Minutes of one support hour set aside for a ticket; `day` is a local date of the desk."""

    day: date
    minutes: int


@dataclass(frozen=True, slots=True)
class TicketPlan:
    """Work somebody is owed, as triage would open it. `promise` is the local date told to the client."""

    kind: Kind
    minutes: int
    state: TicketState
    promise: date | None = None
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole conclusion: same mail, facts, rulebook and time give the same decision."""

    guard: Guard
    sender: Sender
    matches: tuple[RuleMatch, ...] = ()
    kind: Kind | None = None
    reason: str | None = None
    language: str = ""
    reply: ReplyPlan | None = None
    ticket: TicketPlan | None = None
    joins: int | None = None
    closes: int | None = None
    alert: bool = False
    state: MailState = "held"
    trail: tuple[Step, ...] = ()
