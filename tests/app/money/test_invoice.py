"""Invoices on a real database: what an accountant would check, and that nothing is ever billed twice."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.app.books import TABLES, at, book, books, open_ticket, pay
from tests.app.quick_desks import QuickDesk, open_desk
from triagebot.app.money.invoice import close_invoice, last_month, read_invoice, write_csv
from triagebot.core.errors import LedgerError
from triagebot.core.money.document import Invoice, list_invoice
from triagebot.core.money.month import Month
from triagebot.core.phrase import ENGLISH

GOLDEN = Path(__file__).parents[1] / "golden"
OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)


def see(invoice: Invoice) -> list[tuple[str, str, str]]:
    """Given an invoice, return client, kind and amount of each line."""
    return [(line.client, line.kind, str(line.amount)) for line in invoice.lines]


def play(desk: QuickDesk) -> None:
    """An autumn of work of every kind."""
    menu = open_ticket(desk, "shop", "New menu", price_low="40", price_high="60", currency="EUR")
    page = open_ticket(desk, "shop", "Shop page", "project", price_high="480", price_fixed=1, currency="EUR")
    down = open_ticket(desk, "shop", "Site down", "emergency")
    fault = open_ticket(desk, "shop", "Broken layout", day="2026-10-12", reason="fault/layout")
    updates = open_ticket(desk, "bakery", "Core updates", duty="updates/2026-10")
    book(desk, "bakery", 150, "2026-09-14", "gallery; photos | captions")
    book(desk, "bakery", 35, "2026-10-06", "core updates", ticket=updates)
    book(desk, "bakery", 420, "2026-10-15", "newsletter *template*")
    book(desk, "bakery", -20, "2026-10-16", "counted twice")
    book(desk, "florist", 110, "2026-10-08", "opening hours <script>")
    book(desk, "yoga", 30, "2026-10-20", "timetable")
    book(desk, "shop", 40, "2026-10-05", "menu", ticket=menu)
    book(desk, "shop", 35, "2026-10-21", "menu, second round", ticket=menu)
    book(desk, "shop", 200, "2026-10-22", "shop page", ticket=page)
    book(desk, "shop", 20, "2026-10-23", "server restarted", ticket=down)
    book(desk, "shop", 25, "2026-10-24", "margin of the footer", ticket=fault)
    book(desk, "choir", 10, "2026-10-25", "address changed", billing="courtesy")
    book(desk, "choir", 50, "2026-10-31", "=1+1 concert page")
    pay(desk, "shop", "250", "2026-10-26", "On call, first half")
    with desk.store.transaction():
        for ticket, day in ((updates, "2026-10-06"), (page, "2026-10-30")):
            desk.rows("UPDATE ticket SET state = 'done' WHERE id = ?", ticket)
            desk.store.tickets.tell(ticket, "developer", "done", "", at(day))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk after that autumn, with value added tax."""
    with books(tmp_path / "desk", tables='\n[invoice]\nvat = "23"\n' + TABLES) as opened:
        play(opened)
        yield opened


def test_golden(desk: QuickDesk) -> None:
    """October's invoice, as CSV and as text, is the one that was read by an accountant's eyes."""
    invoice = close_invoice(desk.snapshot, OCTOBER, at("2026-11-02"))
    said = [
        f"{line.client:8} {line.kind:9} {line.minutes:>4} min  {line.rate or '-':>3}  {line.amount:>7} {line.currency}"
        f"  {line.first}..{line.last}  {line.text}  {' '.join(f'#{one}' for one in line.tickets)}".rstrip()
        for line in invoice.lines
    ]
    said += [f"{one.client:8} net {one.net:>7}  VAT {one.vat:>6}  gross {one.gross:>7}" for one in invoice.totals]
    assert "\n".join(said) + "\n" == (GOLDEN / "invoice.txt").read_text("utf-8")
    assert write_csv(invoice) == (GOLDEN / "invoice.csv").read_bytes().decode()


def test_a_closed_month_prints_what_was_stored(desk: QuickDesk) -> None:
    """Lines, totals, tax and names stay, whatever happens to config and work afterwards, and the number is the same."""
    open_before = read_invoice(desk.snapshot, OCTOBER, at("2026-11-02"))
    closed = close_invoice(desk.snapshot, OCTOBER, at("2026-11-02"))
    assert closed.lines == open_before.lines
    assert open_before.number is None
    config = desk.config.read_text("utf-8")
    desk.config.write_text(config.replace('"Bakery Nowak"', '"Other"').replace('vat = "23"', 'vat = "7"'), "utf-8")
    book(desk, "shop", 60, "2026-11-03", "more")
    with open_desk(desk.config) as later:
        for again in (
            read_invoice(later.snapshot, OCTOBER, at("2026-12-05")),
            close_invoice(later.snapshot, OCTOBER, at("2026-12-05")),
        ):
            assert list_invoice(again) == list_invoice(closed)
        assert ("shop", "hourly", "80.00") in see(read_invoice(later.snapshot, NOVEMBER, at("2026-12-05")))


def test_every_line_is_traceable(desk: QuickDesk) -> None:
    """Each key on a line is an entry or fee of that client, marked with the invoice, and is on no other line."""
    invoice = close_invoice(desk.snapshot, OCTOBER, at("2026-11-02"))
    keys = [key for line in invoice.lines for key in line.entries]
    assert max(Counter(keys).values()) == 1
    for line in invoice.lines:
        billed = desk.store.ledger.billed_on(line.client)
        assert {billed[key] for key in line.entries} == {invoice.number}
    assert desk.store.ledger.open_entries() == ()


def test_the_next_month_bills_only_what_is_new(desk: QuickDesk) -> None:
    """A price told holds over invoices: November bills what is left below it, and the quote is not billed again."""
    close_invoice(desk.snapshot, OCTOBER, at("2026-11-02"))
    menu, page = 1, 2
    book(desk, "shop", 60, "2026-11-05", "menu, third round", ticket=menu)
    book(desk, "shop", 60, "2026-11-05", "shop page again", ticket=page)
    assert see(close_invoice(desk.snapshot, NOVEMBER, at("2026-12-02"))) == [
        ("bakery", "plan", "240.00"),
        ("florist", "plan", "90.50"),
        ("shop", "hourly", "0.00"),
        ("yoga", "plan", "240.00"),
    ]


def test_what_cannot_be_closed(tmp_path: Path) -> None:
    """A month that is not over, that has nothing, or whose hours have no price is left open, with a sentence."""
    prices = TABLES.replace('rate = "80"\n', "", 1).replace('hourly = "90"\n', "")
    with books(tmp_path / "desk", tables=prices) as desk:
        for month, now, told in (
            (OCTOBER, "2026-10-31T22:59", "2026-10 is not over; it can be closed from 2026-11-01 on"),
            (Month(2026, 7), "2026-08-05", "there is nothing to bill for 2026-07"),
        ):
            with pytest.raises(LedgerError) as error:
                close_invoice(desk.snapshot, month, at(now))
            assert str(error.value) == told
        book(desk, "florist", 120, "2026-10-05")
        notices = read_invoice(desk.snapshot, OCTOBER, at("2026-11-05")).notices
        assert any("no price" in ENGLISH.speak(one) for one in notices)
        with pytest.raises(LedgerError, match="there is no price of an hour for florist"):
            close_invoice(desk.snapshot, OCTOBER, at("2026-11-05"))
        assert desk.store.ledger.invoices() == ()
        priced = desk.config.read_text("utf-8").replace('emergency_rate = "140"', 'emergency_rate = "140"\nrate = "60"')
        desk.config.write_text(priced, "utf-8")
        with open_desk(desk.config) as later:
            lines = see(close_invoice(later.snapshot, OCTOBER, at("2026-11-05")))
            assert ("florist", "overage", "30.00") in lines


def test_months_are_told_apart(desk: QuickDesk) -> None:
    """A month that is running says so, and one that was billed with a later one too."""
    [early] = read_invoice(desk.snapshot, NOVEMBER, at("2026-11-15")).notices
    assert "not over" in ENGLISH.speak(early)
    close_invoice(desk.snapshot, OCTOBER, at("2026-11-15"))
    september = read_invoice(desk.snapshot, Month(2026, 9), at("2026-11-15"))
    assert september.lines == ()
    assert [ENGLISH.speak(one) for one in september.notices] == ["2026-09 was billed together with 2026-10"]
    assert last_month(desk.snapshot, at("2026-11-30T23:30")) == NOVEMBER, "it is December in Warsaw"


def test_csv_is_data(desk: QuickDesk) -> None:
    """A spreadsheet reads every cell back, and takes no text for a formula."""
    text = write_csv(read_invoice(desk.snapshot, OCTOBER, at("2026-11-02")))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert all(not value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())
    assert {row["name"] for row in rows} == {"Bakery Nowak", "Rita's Flowers", "Yoga", "'=Spoke & Wheel", "Choir"}
    assert sum(Decimal(row["amount"]) for row in rows if row["client"] == "choir") == Decimal("66.67")
