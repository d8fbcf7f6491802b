"""Booking on a real database: balances are sums at every instant, and nothing is booked twice, wrongly or too late."""

import contextlib
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.books import TABLES, at, book, books, open_ticket
from tests.app.quick_desks import QuickDesk
from triagebot.app.money.accounts import list_accounts, read_sheet
from triagebot.app.money.invoice import close_invoice
from triagebot.app.money.ledger import settle_all
from triagebot.core.errors import LedgerError
from triagebot.core.money.entry import Entry, balance
from triagebot.core.money.month import Month
from triagebot.core.phrase import ENGLISH

BEGIN = date(2026, 8, 1)


def settle(desk: QuickDesk, now: str) -> None:
    """Do the nightly chore."""
    with desk.store.transaction():
        settle_all(desk.store, desk.snapshot, at(now))


def left(desk: QuickDesk, client: str, now: str) -> int:
    """Return what `triagebot ledger` says a client has left."""
    return next(one.left for one in list_accounts(desk.snapshot, None, at(now)) if one.client == client)


def test_three_months_at_once(tmp_path: Path) -> None:
    """Minutes nobody used are carried over: in October, three months of three hours are used in one go."""
    with books(tmp_path / "desk") as desk:
        assert left(desk, "bakery", "2026-10-20") == 540
        receipt = book(desk, "bakery", 540, "2026-10-20", "a whole new shop page")
        assert (receipt.balance, receipt.entry.source) == (0, "balance")
        assert ENGLISH.speak(receipt.sentence) == (
            "Booked 540 minutes for Bakery Nowak on 2026-10-20, paid by the plan: 0 are left."
        )
        assert left(desk, "bakery", "2026-11-01") == 180


def test_a_negative_balance_is_carried_down(tmp_path: Path) -> None:
    """Three months used in the first one leave a debt, which the next grants pay back; a stricter plan bills it."""
    with books(tmp_path / "desk") as desk:
        assert ENGLISH.speak(book(desk, "bakery", 540, "2026-08-20").sentence).endswith(
            "paid by the plan: overdrawn by 360."
        )
        assert [left(desk, "bakery", day) for day in ("2026-08-31", "2026-09-01", "2026-10-01")] == [-360, -180, 0]
        assert book(desk, "florist", 180, "2026-09-20").balance == -120
        assert left(desk, "florist", "2026-10-01") == 60


def test_the_month_is_the_desks(tmp_path: Path) -> None:
    """A month is granted at the desk's midnight, not at that of Greenwich."""
    with books(tmp_path / "desk") as desk:
        settle(desk, "2026-09-30T21:59")
        assert desk.store.ledger.find("grant/bakery/2026-10") is None
        settle(desk, "2026-09-30T22:01")
        assert desk.store.ledger.find("grant/bakery/2026-10") is not None


def test_a_plan_that_changes_leaves_the_past(tmp_path: Path) -> None:
    """What was granted and billed for earlier months stays when a client takes another plan."""
    with books(tmp_path / "old") as desk:
        settle(desk, "2026-10-02")
        other = TABLES.replace('plan = "care"\nsince = 2026-03-01', 'plan = "strict"\nsince = 2026-03-01')
        with books(tmp_path / "new", tables=other) as changed, desk.store.transaction():
            settle_all(desk.store, changed.snapshot, at("2026-11-02"))
        grants = [
            (one.day.month, one.minutes) for one in desk.store.ledger.entries("bakery") if one.source == "granted"
        ]
        assert grants == [(8, 180), (9, 180), (10, 180), (11, 60)]
        assert [str(fee.amount) for fee in desk.store.ledger.fees("bakery")] == ["240", "240", "240", "90.50"]


@pytest.mark.parametrize(
    ("values", "client", "kind", "paid"),
    [
        ({}, "bakery", "work", "balance"),
        ({}, "bakery", "emergency", "balance"),
        ({}, "shop", "work", "hourly"),
        ({}, "shop", "emergency", "emergency"),
        ({"price_high": "60", "currency": "EUR"}, "shop", "work", "hourly"),
        ({"price_high": "240", "price_fixed": 1}, "shop", "project", "fixed"),
        ({"billing": "courtesy"}, "shop", "work", "courtesy"),
        ({"reason": "fault/layout"}, "shop", "work", "warranty"),
    ],
)
def test_who_pays(tmp_path: Path, values: dict[str, object], client: str, kind: str, paid: str) -> None:
    """It follows from plan, ticket and warranty; the ticket counts the minutes and tells the story."""
    with books(tmp_path / "desk") as desk:
        number = open_ticket(desk, client, kind=kind, day="2026-11-09", **values)  # type: ignore[arg-type]
        assert book(desk, client, 25, "2026-11-20", ticket=number).entry.source == paid
        book(desk, client, 20, "2026-11-20", ticket=number)
        book(desk, client, -5, "2026-11-20", "counted twice", ticket=number)
        assert desk.rows("SELECT minutes_done FROM ticket WHERE id = ?", number) == [(40,)]
        told = desk.rows("SELECT what, why FROM event WHERE ticket = ? ORDER BY id", number)
        assert [what for what, _ in told][1:] == ["25 minutes booked", "20 minutes booked", "-5 minutes booked"]


def test_a_warranty_ends_in_the_desks_zone(tmp_path: Path) -> None:
    """A fault reported on the last day is free, at the desk's midnight that is over."""
    with books(tmp_path / "desk") as desk:
        last = open_ticket(desk, "shop", day="2026-11-09T22:59", reason="fault")
        after = open_ticket(desk, "shop", day="2026-11-09T23:01", reason="fault")
        assert book(desk, "shop", 25, "2026-11-20", ticket=last).entry.source == "warranty"
        assert book(desk, "shop", 25, "2026-11-20", ticket=after).entry.source == "hourly"


def test_one_cause_is_booked_once(tmp_path: Path) -> None:
    """The same cause twice changes nothing, neither the balance nor the ticket's minutes."""
    with books(tmp_path / "desk") as desk:
        number = open_ticket(desk, "bakery")
        first = book(desk, "bakery", 30, "2026-10-20", ticket=number, key="done/1")
        second = book(desk, "bakery", 30, "2026-10-20", ticket=number, key="done/1")
        assert (first.is_new, second.is_new, second.balance) == (True, False, first.balance)
        assert "nothing has changed" in ENGLISH.speak(second.sentence)
        assert desk.rows("SELECT minutes_done FROM ticket") == [(30,)]


def test_taking_back_more_than_there_is(tmp_path: Path) -> None:
    """A ticket's minutes never go below zero; what is taken back from the plan raises its balance."""
    with books(tmp_path / "desk") as desk:
        number = open_ticket(desk, "bakery")
        assert book(desk, "bakery", -30, "2026-10-20", "gift", ticket=number).balance == 570
        assert desk.rows("SELECT minutes_done FROM ticket") == [(0,)]


@pytest.mark.parametrize(
    ("client", "minutes", "values", "told"),
    [
        ("bakry", 5, {}, "there is no client 'bakry', did you mean 'bakery'?"),
        ("bakery", 0, {}, "0 minutes change nothing"),
        ("bakery", 5, {"note": "  "}, "say what was done"),
        ("bakery", 5, {"now": "2026-10-19"}, "2026-10-20 has not come yet"),
        ("bakery", 5, {"ticket": 99}, "there is no ticket 99"),
        ("bakery", 5, {"ticket": 1}, "ticket 1 is of shop, not of bakery"),
        ("shop", 5, {"billing": "balance"}, "shop has no plan whose minutes could pay"),
        ("shop", 5, {"billing": "fixed", "ticket": 1}, "ticket 1 has no fixed price"),
    ],
)
def test_what_is_refused(tmp_path: Path, client: str, minutes: int, values: dict[str, object], told: str) -> None:
    """What cannot be booked is refused in one sentence, and nothing is left behind."""
    with books(tmp_path / "desk") as desk:
        open_ticket(desk, "shop")
        with pytest.raises(LedgerError) as error:
            book(desk, client, minutes, "2026-10-20", **values)  # type: ignore[arg-type]
        assert told in str(error.value)
        assert desk.store.ledger.entries() == ()


def test_an_invoiced_month_is_over(tmp_path: Path) -> None:
    """Into a month that was invoiced nothing is booked any more; the sentence names the open one."""
    with books(tmp_path / "desk") as desk:
        book(desk, "shop", 30, "2026-10-20")
        close_invoice(desk.snapshot, Month(2026, 10), at("2026-11-03"))
        with pytest.raises(LedgerError) as error:
            book(desk, "shop", 5, "2026-10-31", now="2026-11-03")
        assert str(error.value) == (
            "2026-10-31 lies in a month that is invoiced; book it on 2026-11-01 or later, 2026-11 is open"
        )
        assert book(desk, "shop", 5, "2026-11-01", now="2026-11-03").is_new


def test_booked_late_mends_the_months_end(tmp_path: Path) -> None:
    """Work on the last day of a month, booked on the second of the next, takes the minutes that had expired."""
    with books(tmp_path / "desk") as desk:
        settle(desk, "2026-11-02")
        expired = [one.minutes for one in desk.store.ledger.entries("florist") if one.target == "expired"]
        assert expired == [30, 60]
        receipt = book(desk, "florist", 40, "2026-10-31", now="2026-11-02")
        assert receipt.balance == 30 - 0 + 60
        (back,) = (one for one in desk.store.ledger.entries("florist") if one.source == "expired")
        assert (back.minutes, back.day) == (40, date(2026, 10, 31))


def test_a_sheet_tells_all(tmp_path: Path) -> None:
    """Every entry stands on its client's sheet with the balance after it, also what is not written down yet."""
    with books(tmp_path / "desk") as desk:
        book(desk, "bakery", 30, "2026-08-20", "menu")
        sheet = read_sheet(desk.snapshot, "bakery", None, at("2026-09-02"))
        assert [(one.entry.note, one.left) for one in sheet.movements] == [
            ("plan, 2026-08", 180),
            ("menu", 150),
            ("plan, 2026-09", 330),
        ]
        assert [str(fee.amount) for fee, _ in sheet.fees] == ["240", "240"]
        august = read_sheet(desk.snapshot, "bakery", Month(2026, 8), at("2026-09-02"))
        assert (len(august.movements), len(august.fees), august.account.left) == (2, 1, 150)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(("bakery", "florist", "yoga", "shop")),
        st.integers(0, 12),
        st.integers(-120, 300).filter(bool),
        st.integers(0, 40),
        st.sampled_from(("book", "book", "settle", "again", "fail")),
    ),
    max_size=14,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACTS)
def test_balances_are_sums_at_every_instant(acts: list[tuple[str, int, int, int, str]]) -> None:
    """Whatever is booked, early or late, twice or undone in the middle, and whenever months are settled: at every
    instant, on every day, each client's accounts together hold nothing, and the balance told is the sum of its
    entries; no entry ever changes."""
    with tempfile.TemporaryDirectory() as directory, books(Path(directory) / "desk") as desk:
        today, seen = BEGIN, dict[str, Entry]()
        for number, (client, later, minutes, back, act) in enumerate(acts):
            today += timedelta(days=later)
            day = max(BEGIN, today - timedelta(days=back))
            if act == "settle":
                settle(desk, today.isoformat())
            elif act == "fail":
                with contextlib.suppress(ZeroDivisionError), desk.store.transaction():
                    settle_all(desk.store, desk.snapshot, at(today.isoformat()))
                    raise ZeroDivisionError
            else:
                key = f"act/{number - 1 if act == 'again' else number}"
                receipt = book(desk, client, minutes, day.isoformat(), key=key, now=today.isoformat())
                if receipt.balance is not None:
                    assert receipt.balance == balance(desk.store.ledger.entries(client))
            entries = desk.store.ledger.entries()
            for entry in entries:
                assert seen.setdefault(entry.key, entry) == entry
            assert len(entries) == len(seen)
        told = {one.client: one.left for one in list_accounts(desk.snapshot, None, at(today.isoformat()))}
        settle(desk, today.isoformat())
        for client in ("bakery", "florist", "yoga", "shop"):
            _check_days(desk, client, today)
            assert told.get(client, 0) == balance(desk.store.ledger.entries(client), Month.of(today).last)


def _check_days(desk: QuickDesk, client: str, today: date) -> None:
    """On every day all accounts together hold nothing, and one query over the rows gives the same balance."""
    entries = desk.store.ledger.entries(client)
    for offset in range((today - BEGIN).days + 1):
        day = BEGIN + timedelta(days=offset)
        [(incoming,)] = desk.rows(
            "SELECT coalesce(sum(CASE WHEN target = 'balance' THEN minutes ELSE 0 END), 0)"
            " - coalesce(sum(CASE WHEN source = 'balance' THEN minutes ELSE 0 END), 0)"
            " FROM entry WHERE client = ? AND day <= ?",
            client,
            day.isoformat(),
        )
        assert incoming == balance(entries, day)
