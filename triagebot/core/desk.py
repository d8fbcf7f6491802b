"""The desk: one configured installation, as plain values.

Every key of config.toml is a field here, with its default; the edge fills these
classes and refuses what does not fit. Durations are timedeltas, money is Decimal,
times of day are in the desk's zone.
"""

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Literal

Mode = Literal["shadow", "draft", "live"]
Tier = Literal["retainer", "one-off", "none"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Security = Literal["tls", "starttls", "none"]

TIERS: tuple[Tier, ...] = ("retainer", "one-off", "none")
_STRICT: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a password comes from; exactly one of the fields is set."""

    env: str = ""
    file: str = ""
    command: tuple[str, ...] = ()
    keyring: str = ""
    oauth: str = ""
    literal: str = field(default="", repr=False)

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Server:
    """One mail server account. `ca` is a PEM file that is trusted besides the system's."""

    host: str
    port: int
    security: Security = "tls"
    user: str = ""
    password: Secret = Secret()
    ca: str = ""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Inbox:
    """An IMAP account the desk watches and the SMTP account that answers for it."""

    id: str
    imap: Server
    smtp: Server
    folder: str = "INBOX"
    done: str = ""
    keyword: str = ""
    sent: str = ""
    drafts: str = ""
    authserv_ids: tuple[str, ...] = ()
    trusted_mx: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """The [desk] table."""

    name: str
    address: str
    developer: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    language: str = "en"
    timezone: str = "UTC"
    mode: Mode = "shadow"
    tier_modes: dict[Tier, Mode] = field(default_factory=dict)
    data: str = "var"
    rules: str = "rules"
    replies: str = "replies"
    answer_within: timedelta = timedelta(hours=24)
    answer_weak: bool = False
    list_ids: tuple[str, ...] = ()
    include: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Limits:
    """Every cap of safety.md C and F: how many automatic mails, how large a mail."""

    client_per_day: int = 5
    client_per_week: int = 15
    stranger_per_day: int = 1
    stranger_per_week: int = 3
    thread: int = 1
    same_answer: timedelta = timedelta(hours=24)
    same_body: timedelta = timedelta(hours=24)
    domain_per_day: int = 10
    desk_per_10_minutes: int = 20
    desk_per_day: int = 100
    form_per_day: int = 20
    form_visitor: timedelta = timedelta(days=30)
    ping_pong: timedelta = timedelta(seconds=60)
    latch: timedelta = timedelta(days=7)
    alert: timedelta = timedelta(hours=1)
    mail_bytes: int = 25 * 1024 * 1024
    header_bytes: int = 102_400
    header_line: int = 16_384
    header_count: int = 1000
    mime_depth: int = 50
    mime_parts: int = 500
    parse_cpu: timedelta = timedelta(seconds=10)
    parse_wall: timedelta = timedelta(seconds=15)
    parse_memory: int = 512 * 1024 * 1024

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """The [outbox] table: how long mails wait before they leave, and over how many connections."""

    delay: timedelta = timedelta(0)
    approved_delay: timedelta = timedelta(minutes=10)
    connections: int = 2

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Absence:
    """Days without support, first and last included (`from` and `to` in the file)."""

    first: date
    last: date
    note: str = ""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class SupportHour:
    """The daily support hour: when it starts, how many minutes, on which days."""

    start: time = time(9, 0)
    minutes: int = 60
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    holidays: str = ""
    reserve: dict[Tier, int] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Booking:
    """Where a paid session is booked, and what an hour costs."""

    url: str = ""
    rate: Decimal | None = None
    currency: str = "EUR"
    emergency_rate: Decimal | None = None
    emergency_url: str = ""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Vendor:
    """A firm clients buy from: its help pages, contact, and the facts its support asks for."""

    id: str
    kind: str
    name: str
    help: str = ""
    contact: str = ""
    emergency: str = ""
    ask_for: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Carry:
    """How unused (`up`) and overdrawn (`down`) minutes go into the next month: "unlimited", "none" or minutes."""

    up: int | Literal["unlimited", "none"] = "unlimited"
    down: int | Literal["unlimited", "none"] = "unlimited"

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Plan:
    """A retainer that can be bought: minutes a month for a fixed price."""

    id: str
    minutes: int
    price: Decimal
    name: str = ""
    carry: Carry = Carry()
    first_month_gift: bool = False

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Client:
    """A person or firm the developer works for, with the vendors it uses (`stack`: kind -> vendor id)."""

    id: str
    name: str
    addresses: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    tier: Tier = "none"
    plan: str = ""
    since: date | None = None
    language: str = ""
    hourly: Decimal | None = None
    delivered: date | None = None
    warranty_days: int = 0
    emergency_alert: bool = False
    stack: dict[str, str] = field(default_factory=dict)

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Form:
    """A contact form on a web site: mails from `sender`, signed by `dkim_domain`, carry a visitor in Reply-To."""

    sender: str
    dkim_domain: str
    reply_to: Literal["trust", "ignore"] = "trust"

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Package:
    """One offer of a season."""

    id: str
    name: str
    price: Decimal
    with_next: Decimal | None = None
    minutes: int = 0
    on_call: bool = False

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Season:
    """Weeks of the year that need other cover (`from` and `to` in the file; both included)."""

    id: str
    first: date
    last: date
    pitch: date | None = None
    package: tuple[Package, ...] = ()

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """The [digest] table: when the daily digest leaves, in the desk's zone, on support days."""

    at: time = time(8, 30)

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Desk:
    """A whole config.toml with its includes."""

    desk: DeskSettings
    inbox: tuple[Inbox, ...] = ()
    limits: Limits = Limits()
    outbox: OutboxSettings = OutboxSettings()
    support_hour: SupportHour = SupportHour()
    booking: Booking = Booking()
    digest: DigestSettings = DigestSettings()
    vendor: tuple[Vendor, ...] = ()
    plan: tuple[Plan, ...] = ()
    client: tuple[Client, ...] = ()
    season: tuple[Season, ...] = ()
    form: tuple[Form, ...] = ()

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    @property
    def own_addresses(self) -> tuple[str, ...]:
        """Every address mail to the desk may carry."""
        return (self.desk.address, *self.desk.aliases)

    def client_by_id(self, client_id: str) -> Client | None:
        """Given a client's id, return the client, or None."""
        return next((client for client in self.client if client.id == client_id), None)

    def vendors_of(self, client: Client | None, kinds: tuple[str, ...]) -> tuple[Vendor, ...]:
        """Given a client and vendor kinds, return the vendors this client uses for them, in the order of the kinds."""
        if client is None:
            return ()
        by_id = {vendor.id: vendor for vendor in self.vendor}
        found = (by_id.get(client.stack[kind]) for kind in kinds if kind in client.stack)
        return tuple(dict.fromkeys(vendor for vendor in found if vendor is not None))
