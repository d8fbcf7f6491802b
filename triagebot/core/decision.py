"""What triage concluded about one mail, and every step that led there."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from triagebot.core.desk import Absence, Booking, Colleague, Mode, Plan, Tier, Vendor
from triagebot.core.money.offer import Estimate
from triagebot.core.outgoing.pingpong import Loop
from triagebot.core.reading.text import clean_line
from triagebot.core.rules.rule import Kind

Verdict = Literal["ok", "capped", "human", "calendar", "bounce", "report", "never"]
AuthState = Literal["pass", "weak", "fail", "unknown"]
TicketState = Literal["new", "waiting-client", "accepted", "planned", "doing", "done", "closed"]
MailState = Literal["answered", "acknowledged", "planned", "merged", "held", "suppressed", "unreadable", "history"]


@dataclass(frozen=True, slots=True)
class Step:
    """One check: its name (`guard.list`), what it said (`pass`, `never` …) and the words that made it say so.

    The words may quote a header, so they are made clean here, where every trail passes (safety.md F.2).
    """

    step: str
    verdict: str
    why: str

    def __post_init__(self) -> None:
        """Keep `why` on one line without controls and direction marks."""
        object.__setattr__(self, "why", clean_line(self.why))


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

    @property
    def by_dmarc(self) -> bool:
        """Whether DMARC itself passed, and not merely an aligned signature (safety.md E)."""
        return self.state == "pass" and "dmarc" in self.codes


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
class Moved:
    """A date that was told to a client and cannot be kept, None where none was told yet; `after` is the new one, None
    where there is none."""

    subject: str
    before: date | None
    after: date | None


@dataclass(frozen=True, slots=True)
class ReplyValues:
    """The closed set of values a reply text may use; dates, money and lists are put into words when it is rendered.

    `colleague` looks at this emergency; `seen_at` is when the developer hears of it, None for at once; `silent`: the
    desk is left alone, so that no date can be told; `moved` are dates an absence has moved.
    """

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
    estimate_until: date | None = None
    absence: Absence | None = None
    colleague: str = ""
    seen_at: time | None = None
    silent: bool = False
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyPlan:
    """An automatic reply before it is rendered: the reply files it joins and what they may say.

    `languages` are tried in order. `subject` is the client's own, cleaned; "" means the fixed
    subject of frame.md (for everybody who is not an authenticated known client). `delay` is how long it waits
    before it leaves, so that it can be stopped.
    """

    answers: tuple[str, ...]
    closing: str
    languages: tuple[str, ...]
    to: str
    subject: str
    mode: Mode
    values: ReplyValues
    delay: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Slot:
    """Minutes of one support hour set aside for a ticket; `day` is a local date of the desk. `urgent` ones (of
    emergencies and first answers) may lie in what is not promised ahead."""

    day: date
    minutes: int
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class TicketPlan:
    """Work somebody is owed, as triage would open it. `promise` is the local date told to the client, `due` the one its
    work is to end by, `answer_due` that of the first answer a retainer is owed. `slots` are of the present plan.

    `price` is what the client is told it costs, until `expires_at`; `billing` says who pays where that is decided
    already: "warranty" or "courtesy".
    """

    kind: Kind
    minutes: int
    state: TicketState
    promise: date | None = None
    slots: tuple[Slot, ...] = ()
    due: date | None = None
    answer_due: date | None = None
    price: Estimate | None = None
    expires_at: datetime | None = None
    billing: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a client's answer to an offer makes of its ticket. `promise` is the date to confirm; `plan` has new dates
    and slots, None keeps those that are held; `closed_as` says how a closed one ended."""

    ticket: int
    state: TicketState
    why: str
    promise: date | None = None
    plan: TicketPlan | None = None
    closed_as: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole conclusion: same mail, facts, rulebook and time give the same decision.

    `alert_at` is when the developer is told of an emergency, None for at once; `colleague` is told instead of waiting.
    `loop` is set by the mail that shows one; `mode` is that of the reply, also of one that a cap stopped.
    """

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
    turn: Turn | None = None
    alert: bool = False
    alert_at: datetime | None = None
    colleague: Colleague | None = None
    loop: Loop | None = None
    mode: Mode | None = None
    state: MailState = "held"
    trail: tuple[Step, ...] = ()
