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
    oauth: "str | Oauth" = ""
    literal: str = field(default="", repr=False)

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    @property
    def is_empty(self) -> bool:
        """Whether none of the fields is set."""
        return not (self.env or self.file or self.command or self.keyring or self.oauth or self.literal)


@dataclass(frozen=True, slots=True)
class Oauth:
    """How to sign in with a provider instead of a password (OAuth 2.0, RFC 6749). `account` is who signs in, when that
    is not the user of the server; addresses and scope that are empty are those core/oauth.py knows."""

    id: str
    client_id: str
    client_secret: Secret = Secret()
    account: str = ""
    tenant: str = "common"
    authorize_url: str = ""
    token_url: str = ""
    device_url: str = ""
    scope: str = ""

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
    absence_mode: Mode = "draft"
    data: str = "var"
    rules: str = "rules"
    replies: str = "replies"
    answer_within: timedelta = timedelta(hours=24)
    same_matter: timedelta = timedelta(days=14)
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
    burst: timedelta = timedelta(minutes=10)
    burst_mails: int = 3
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
    look_up_after: timedelta = timedelta(minutes=1)
    connections: int = 2

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Colleague:
    """Who looks at emergencies of retainer clients while the developer is away."""

    name: str
    address: str

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Absence:
    """Days without support, first and last included (`from` and `to` in the file)."""

    first: date
    last: date
    note: str = ""
    colleague: Colleague | None = None

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class SupportHour:
    """The daily support hour: when it starts, how many minutes, on which days. `minutes_on` are days with a length of
    their own; `margin` percent of coming hours are not promised; `slack_days` lie between planned end and promise."""

    start: time = time(9, 0)
    minutes: int = 60
    minutes_on: dict[Weekday, int] = field(default_factory=dict)
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    holidays: str = ""
    reserve: dict[Tier, int] = field(default_factory=dict)
    margin: int = 33
    slack_days: int = 2
    absences: tuple[Absence, ...] = ()

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Booking:
    """Where a paid session is booked, what an hour costs, and for how many days an estimate and its date hold."""

    url: str = ""
    rate: Decimal | None = None
    currency: str = "EUR"
    emergency_rate: Decimal | None = None
    emergency_url: str = ""
    estimate_days: int = 14

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Courtesy:
    """The [courtesy] table: the first piece of work of a client without a plan is a gift when it takes so many minutes
    at most; 0 for none."""

    minutes: int = 0

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
class Duty:
    """Work a plan carries by itself: so many minutes in each week, month or quarter, from day `on` of it (1 is its
    first; in a week monday) until its end."""

    id: str
    name: str
    every: Literal["week", "month", "quarter"]
    minutes: int
    on: int = 1

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Plan:
    """A retainer that can be bought: minutes a month for a fixed price. `emergencies`: "hours" lets alerts wait through
    the quiet hours of [alert]."""

    id: str
    minutes: int
    price: Decimal
    name: str = ""
    carry: Carry = Carry()
    first_month_gift: bool = False
    emergencies: Literal["always", "hours"] = "always"
    duty: tuple[Duty, ...] = ()

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class InvoiceSettings:
    """The [invoice] table: `vat` is the percentage that is added to all prices; `statements`: each retainer's monthly
    statement is put into Drafts."""

    vat: Decimal = Decimal(0)
    statements: bool = True

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Client:
    """A person or firm the developer works for, with the vendors it uses (`stack`: kind -> vendor id) and what their
    support asks for (`facts`), which the developer is told in an alert and nobody else but the colleague."""

    id: str
    name: str
    addresses: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    tier: Tier = "none"
    plan: str = ""
    since: date | None = None
    until: date | None = None
    language: str = ""
    hourly: Decimal | None = None
    delivered: date | None = None
    warranty_days: int = 0
    emergency_alert: bool = False
    forwarders: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    stack: dict[str, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

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
    """Weeks of the year that need other cover (`from` and `to` in the file; both included). `hour_minutes` is how long
    its support hours are; 0: as always."""

    id: str
    first: date
    last: date
    pitch: date | None = None
    hour_minutes: int = 0
    package: tuple[Package, ...] = ()

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """The [digest] table: when the daily digest leaves, in the desk's zone, on support days; after how many support
    days without any act of the developer nothing new is promised (0: never); in which language it is written (empty:
    the desk's)."""

    at: time = time(8, 30)
    silent_days: int = 3
    language: str = ""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Retention:
    """The [retention] table: how long the words of mails are kept, by class (safety.md H). Rows with number, state,
    dates and minutes stay when their words go."""

    automatic: timedelta = timedelta(days=30)
    conversations: timedelta = timedelta(days=730)
    sent: timedelta = timedelta(days=90)
    history: timedelta = timedelta(days=180)
    traces: timedelta = timedelta(days=31)

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class AlertAccount:
    """A second mail account that alerts leave by, so that they do not depend on what is broken. `sender` is the From
    address (`from` in the file); empty: the user."""

    host: str
    port: int
    to: str
    security: Security = "tls"
    user: str = ""
    password: Secret = Secret()
    ca: str = ""
    sender: str = ""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    @property
    def server(self) -> Server:
        """The account as a server to send by."""
        return Server(self.host, self.port, self.security, self.user, self.password, self.ca)

    @property
    def from_address(self) -> str:
        """What its mails say they come from."""
        return self.sender or (self.user if "@" in self.user else self.to)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the night, in the desk's zone, in which emergencies of plans without night cover wake nobody (`from` and
    `to` in the file; the same time twice: there are none)."""

    first: time = time(22, 0)
    last: time = time(7, 0)

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """The [alert] table: by which ways the developer is told at once, besides the desk's own mail."""

    command: tuple[str, ...] = ()
    quiet: Quiet = Quiet()
    smtp: AlertAccount | None = None

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """The [health] table: what counts as trouble and when it is told. `ping` is a web address, given like a password
    because whoever knows it can fake a heartbeat; `canary` is zero for none."""

    alert_after: timedelta = timedelta(minutes=10)
    silence: timedelta = timedelta(minutes=15)
    ping: Secret = Secret()
    canary: timedelta = timedelta(0)
    canary_within: timedelta = timedelta(minutes=15)

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, slots=True)
class Desk:
    """A whole config.toml with its includes."""

    desk: DeskSettings
    inbox: tuple[Inbox, ...] = ()
    oauth: tuple[Oauth, ...] = ()
    limits: Limits = Limits()
    outbox: OutboxSettings = OutboxSettings()
    support_hour: SupportHour = SupportHour()
    booking: Booking = Booking()
    courtesy: Courtesy = Courtesy()
    invoice: InvoiceSettings = InvoiceSettings()
    digest: DigestSettings = DigestSettings()
    retention: Retention = Retention()
    health: HealthSettings = HealthSettings()
    alert: AlertSettings = AlertSettings()
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

    def address_of(self, inbox: Inbox) -> str:
        """Given an inbox, return the address whose mail it gets: its user, if that is an address, else the desk's."""
        own = {address.lower(): address for address in self.own_addresses}
        user = inbox.imap.user
        if len(self.inbox) == 1:
            return own.get(user.lower(), self.desk.address)
        return own.get(user.lower()) or (user if "@" in user else self.desk.address)

    @property
    def inbox_of_answers(self) -> Inbox | None:
        """The inbox that answers to a digest come into, that of the desk's own address; None where nothing could prove
        that one is the developer's, as no authserv_ids are believed there (safety.md E)."""
        own = self.desk.address.lower()
        first = next(iter(self.inbox), None)
        found = next((one for one in self.inbox if self.address_of(one).lower() == own), first)
        return found if found is not None and found.authserv_ids else None

    def client_by_id(self, client_id: str) -> Client | None:
        """Given a client's id, return the client, or None."""
        for client in self.client:  # asked for each mail of a listing: half of what next() takes
            if client.id == client_id:
                return client
        return None

    def name_of(self, client_id: str | None, otherwise: str | None) -> str:
        """Given a client's id, return the client's name; where there is none, what else is known of who it is."""
        client = self.client_by_id(client_id or "")
        return client.name if client else otherwise or ""

    def vendors_of(self, client: Client | None, kinds: tuple[str, ...]) -> tuple[Vendor, ...]:
        """Given a client and vendor kinds, return the vendors this client uses for them, in the order of the kinds."""
        if client is None:
            return ()
        by_id = {vendor.id: vendor for vendor in self.vendor}
        found = (by_id.get(client.stack[kind]) for kind in kinds if kind in client.stack)
        return tuple(dict.fromkeys(vendor for vendor in found if vendor is not None))
