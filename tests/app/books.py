"""A desk whose books are looked at: plans and clients of each kind, counted since August, and work that was done."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from tests.app.desks import Account, LiveDesk
from tests.app.quick_desks import QuickDesk, open_desk
from triagebot.app.money.ledger import Booking, Receipt, book_minutes
from triagebot.core.decision import TicketPlan
from triagebot.core.money.entry import Billing, Fee
from triagebot.core.rules.rule import Kind
from triagebot.edge.store.work.tickets import NewTicket

STATEMENT = Path(__file__).parents[2] / "replies" / "en" / "statement.md"
SETTINGS = 'timezone = "Europe/Warsaw"\n'
BEGUN = datetime(2026, 7, 31, 23, tzinfo=UTC)
"""The first of August in Warsaw, and still July in Greenwich."""
TABLES = """
[booking]
rate = "80"
emergency_rate = "140"

[[plan]]
id = "care"
name = "Care"
minutes = 180
price = "240"
first_month_gift = true

[[plan]]
id = "strict"
name = "Strict"
minutes = 60
price = "90.50"
carry = { up = 30, down = "none" }

[[client]]
id = "bakery"
name = "Bakery Nowak"
addresses = ["jan@bakery.example"]
tier = "retainer"
plan = "care"
since = 2026-03-01

[[client]]
id = "florist"
name = "Rita's Flowers"
addresses = ["rita@florist.example"]
tier = "retainer"
plan = "strict"
since = 2026-09-10
hourly = "90"

[[client]]
id = "yoga"
name = "Yoga"
domains = ["yoga.example"]
tier = "retainer"
plan = "care"
since = 2026-10-05

[[client]]
id = "shop"
name = "=Spoke & Wheel"
addresses = ["mira@shop.example"]
tier = "one-off"
delivered = 2026-10-10
warranty_days = 30

[[client]]
id = "choir"
name = "Choir"
"""


@contextmanager
def books(directory: Path, settings: str = SETTINGS, tables: str = TABLES, mode: str = "live") -> Iterator[QuickDesk]:
    """Given a new directory, open the desk there."""
    account = Account("support@company.test", "unused", 1, 1)
    live = LiveDesk(directory, account, mode=mode, clients=tables, settings=settings, more="")
    (directory / "replies" / "en" / "statement.md").write_text(STATEMENT.read_text("utf-8"), "utf-8")
    with open_desk(live.config) as desk:
        with desk.store.transaction():
            desk.store.mails.start_inbox("first", BEGUN)
        yield desk


def at(text: str) -> datetime:
    """Given a date, or a date and a time of UTC, return the moment; a date alone is its noon."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T12:00").replace(tzinfo=UTC)


def book(
    desk: QuickDesk,
    client: str,
    minutes: int,
    day: str,
    note: str = "work",
    *,
    now: str = "",
    ticket: int | None = None,
    billing: Billing | None = None,
    key: str = "",
) -> Receipt:
    """Given work, book it on its day, as on the evening of that day unless `now` says otherwise."""
    cause = key or f"test/{desk.rows('SELECT count(*) FROM entry')[0][0]}"
    booking = Booking(cause, client, minutes, note, ticket, date.fromisoformat(day), billing)
    with desk.store.transaction():
        return book_minutes(desk.store, desk.snapshot, booking, at(now or f"{day}T18:00"))


def open_ticket(
    desk: QuickDesk,
    client: str,
    subject: str = "A matter",
    kind: Kind = "work",
    day: str = "2026-10-01",
    **values: object,
) -> int:
    """Given a client and further columns, such as its price, open a ticket on a day."""
    with desk.store.transaction():
        number = desk.store.tickets.open(
            NewTicket(TicketPlan(kind, 60, "planned"), "one-off", subject, subject, client=client), at(day)
        )
        for column, value in values.items():
            desk.rows(f"UPDATE ticket SET {column} = ? WHERE id = ?", value, number)
    return number


def pay(desk: QuickDesk, client: str, amount: str, day: str, note: str) -> None:
    """Given a flat amount, book it."""
    with desk.store.transaction():
        fee = Fee(f"fee/{client}/{day}/{note}", client, date.fromisoformat(day), Decimal(amount), note)
        desk.store.ledger.add_fees((fee,), at(day))
