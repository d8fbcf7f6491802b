"""`ledger`, `log` and `invoice` as they are typed, on a desk whose plans began two months ago."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.app.books import TABLES, books
from tests.app.quick_desks import QuickDesk
from tests.cli.test_commands import Said, invoke
from triagebot.core.money.month import Month

TODAY = datetime.now(UTC).date()
THIS = Month.of(TODAY)
LAST, BEGUN = THIS.previous, THIS.previous.previous


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The config file of that desk."""
    tables = TABLES
    for since in ("2026-03-01", "2026-09-10", "2026-10-05"):
        tables = tables.replace(since, BEGUN.first.isoformat())
    with books(tmp_path / "desk", settings="", tables=tables) as desk:
        _begin(desk)
        return desk.config


def _begin(desk: QuickDesk) -> None:
    """The desk was first started when its plans began."""
    first = datetime.combine(BEGUN.first, datetime.min.time(), UTC)
    with desk.store.transaction():
        desk.store.mails.start_inbox("begun", first)


def left(config: Path, client: str) -> int:
    """Return what `ledger --json` says a client has left."""
    [account] = [one for one in invoke(config, "ledger", "--json").object if one["client"] == client]
    return int(account["left"])


def refused(said: Said, told: str, status: int = 1) -> None:
    """Check that a command did nothing but say a sentence."""
    assert (said.status, said.out) == (status, "")
    assert told in said.err


def test_three_months_at_once(config: Path) -> None:
    """Three months of three hours that nobody used are used in one go."""
    assert left(config, "bakery") == 540
    said = invoke(config, "log", "bakery", "9h", "a whole new shop page")
    assert said.out == f"Booked 540 minutes for Bakery Nowak on {TODAY}, paid by the plan: 0 are left.\n"
    assert left(config, "bakery") == 0


def test_a_negative_balance_is_carried_down(config: Path) -> None:
    """Three months used in the first one: the grants of the next two pay it back. Where the plan does not carry it
    down, the month's end bills it."""
    first = (BEGUN.first.replace(day=15)).isoformat()
    for client in ("bakery", "florist"):
        assert invoke(config, "log", client, "540", "relaunch", "--day", first).status == 0
    then = {one["client"]: one["left"] for one in invoke(config, "ledger", "--month", str(BEGUN), "--json").object}
    assert then["bakery"] == -360
    assert left(config, "bakery") == 0
    lines = invoke(config, "invoice", "--month", str(BEGUN), "--json").object["lines"]
    overage = [(one["client"], one["minutes"], one["amount"]) for one in lines if one["kind"] == "overage"]
    assert overage == [("florist", 480, "720.00")]


def test_what_ledger_shows(config: Path) -> None:
    """Balances with what to do about them, one client's entries, and a statement."""
    invoke(config, "log", "bakery", "700", "relaunch | shop")
    table = invoke(config, "ledger").out
    assert "bakery is overdrawn. You can:" in table
    assert 'triagebot log bakery 160 "beyond the plan" --hourly' in table
    sheet = invoke(config, "ledger", "bakery").out
    assert "relaunch | shop" in sheet
    assert "-160 minutes left" in sheet
    story = invoke(config, "ledger", "bakery", "--json").object
    assert story["entries"][-1]["left"] == story["account"]["left"] == -160
    statement = invoke(config, "ledger", "bakery", "--statement", "--month", str(THIS)).out
    assert "relaunch | shop" in statement
    assert "Subject: Your support minutes in" in invoke(config, "ledger", "bakery", "--statement").out
    assert invoke(config, "ledger", "bakery", "--statement", "--json").object["html"].startswith("<!doctype html>")


def test_the_same_twice(config: Path) -> None:
    """A second Enter books nothing; --again does; so it is with fees."""
    assert invoke(config, "log", "shop", "30", "menu").status == 0
    refused(invoke(config, "log", "shop", "30", "menu"), "if it happened twice, say --again")
    assert invoke(config, "log", "shop", "30", "menu", "--again").status == 0
    assert invoke(config, "log", "shop", "--fee", "250", "on call").out == (
        f"Booked 250.00 EUR for =Spoke & Wheel on {TODAY}: on call.\n"
    )
    refused(invoke(config, "log", "shop", "--fee", "250.00", "on call"), "if it happened twice, say --again")
    assert invoke(config, "log", "shop", "--fee", "-20", "credit").out.startswith("Credited 20.00 EUR")
    sheet = invoke(config, "ledger", "shop", "--json").object
    assert [one["minutes"] for one in sheet["entries"]] == [30, 30]
    assert sorted(one["amount"] for one in sheet["fees"]) == ["-20.00", "250.00"]


def test_taking_back(config: Path) -> None:
    """Minutes below zero take back what was booked, from the plan or from what is billed."""
    invoke(config, "log", "shop", "30", "menu")
    assert invoke(config, "log", "shop", "-10", "was quicker").out == (
        f"Took back 10 minutes for =Spoke & Wheel on {TODAY}, by the hour at 80 EUR.\n"
    )
    lines = invoke(config, "invoice", "--month", str(THIS), "--json").object["lines"]
    assert [(one["minutes"], one["amount"]) for one in lines if one["minutes"]] == [(20, "26.67")]


@pytest.mark.parametrize(
    ("words", "told", "status"),
    [
        (("shop", "25"), "write minutes and a note", 2),
        (("shop", "--fee", "250"), "say what it is for", 1),
        (("shop", "25", "x", "--emergancy"), "No such option", 2),
        (("shop", "soon", "x"), "'soon' is no time; write minutes", 1),
        (("shop", "25", "x", "--day", "friday"), "a date is written as 2026-12-24", 1),
        (("shop", "25", "x", "--day", "2999-01-01"), "2999-01-01 has not come yet", 1),
        (("shop", "--fee", "2.505", "x"), "2.505 is no amount in EUR", 1),
        (("shop", "--fee", "0", "x"), "0 is no amount in EUR", 1),
        (("shop", "--fee", "5", "x", "--ticket", "1"), "a fee is a flat amount", 1),
        (("nobody", "--fee", "5", "x"), "there is no client 'nobody'", 1),
        (("shop", "25", "x", "--fixed"), "a fixed price belongs to a ticket", 1),
    ],
)
def test_what_log_refuses(config: Path, words: tuple[str, ...], told: str, status: int) -> None:
    """What was typed wrongly is told in a sentence, and nothing is booked."""
    refused(invoke(config, "log", *words), told, status)
    assert invoke(config, "ledger", "shop", "--json").object["entries"] == []


def test_invoice(config: Path, tmp_path: Path) -> None:
    """The last month by default: a table, JSON, CSV; closed once, it has a number and takes nothing more."""
    day = LAST.last.isoformat()
    invoke(config, "log", "shop", "45", "menu", "--day", day)
    table = invoke(config, "invoice").out
    assert f"Invoice lines of {LAST}, open" in table
    assert "60.00 EUR" in table
    told = invoke(config, "invoice", "--json").object
    assert told["number"] is None
    file = tmp_path / "lines.csv"
    assert invoke(config, "invoice", "--csv", str(file)).status == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert rows == list(csv.DictReader(io.StringIO(invoke(config, "invoice", "--csv", "-").out)))
    assert len(rows) == len(told["lines"])
    closed = invoke(config, "invoice", "--close", "--json").object
    assert (closed["number"], closed["lines"]) == (1, told["lines"])
    assert f"number 1, closed on {TODAY}" in invoke(config, "invoice").out
    refused(invoke(config, "log", "shop", "5", "late", "--day", day), f"book it on {THIS.first} or later")
    refused(invoke(config, "invoice", "--close", "--month", str(THIS)), f"{THIS} is not over")
    refused(invoke(config, "invoice", "--csv", str(tmp_path / "no" / "file.csv")), "Could not open file", 1)


def test_invoice_with_tax(config: Path) -> None:
    """With a tax rate the totals have net, tax and gross."""
    config.write_text(config.read_text("utf-8") + '\n[invoice]\nvat = "23"\n', "utf-8")
    out = invoke(config, "invoice").out
    assert "Totals, VAT 23 %" in out
    totals = out[out.index("Totals") :].splitlines()
    assert ["Rita's", "Flowers", "181.00", "41.63", "222.63", "EUR"] in [line.split() for line in totals]


@pytest.mark.parametrize("command", ["ledger", "invoice"])
def test_a_month_is_typed_right(config: Path, command: str) -> None:
    """A month that is none is told with how it is written."""
    refused(invoke(config, command, "--month", "november"), "write it as 2026-11", 2)


def test_before_the_first_run(tmp_path: Path) -> None:
    """Without a database the commands say what to do first."""
    with books(tmp_path / "desk") as desk:
        config = desk.config
    (config.parent / "var" / "triagebot.db").unlink()
    for words in (("ledger",), ("invoice",), ("log", "shop", "5", "x")):
        refused(invoke(config, *words), "start `triagebot run` first")
