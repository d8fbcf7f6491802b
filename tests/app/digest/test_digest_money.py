"""Money in the digest: a plan that runs short is told once, when it does; what can be billed, until it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.books import TABLES, at, book, books, pay
from tests.app.quick_desks import QuickDesk
from triagebot.app.digest.money import gather_monthly
from triagebot.app.money.invoice import close_invoice
from triagebot.app.money.ledger import settle_all
from triagebot.app.money.statement import draft_statements
from triagebot.app.outgoing.outbox import change_outbox
from triagebot.core.digest.content import Item
from triagebot.core.money.account import Level, find_level
from triagebot.core.money.month import Month
from triagebot.core.phrase import ENGLISH

OCTOBER = Month(2026, 10)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk whose plans began in August, settled until the 10th of November, October billed."""
    with books(tmp_path / "desk") as opened:
        settle(opened, "2026-11-02T02:00")
        close_invoice(opened.snapshot, OCTOBER, at("2026-11-02T02:00"))
        yield opened


def settle(desk: QuickDesk, now: str) -> None:
    """Do the nightly chore."""
    with desk.store.transaction():
        settle_all(desk.store, desk.snapshot, at(now))


def items(desk: QuickDesk, now: str) -> tuple[Item, ...]:
    """Given a moment, return what the digest says of money."""
    [section] = gather_monthly(desk.store, desk.snapshot, at(now))
    assert ENGLISH.speak(section.heading) == "Money"
    return section.items


def titles(desk: QuickDesk, now: str) -> list[str]:
    """Given a moment, return the titles of what the digest says of money."""
    return [ENGLISH.speak(item.title) for item in items(desk, now)]


@pytest.mark.parametrize(
    ("left", "granted", "level"),
    [(-1, 180, "overdrawn"), (0, 180, "low"), (44, 180, "low"), (45, 180, ""), (0, 0, ""), (-1, 0, "overdrawn")],
)
def test_levels(left: int, granted: int, level: Level) -> None:
    """Less than a quarter of a month's minutes is low, less than none overdrawn."""
    assert find_level(left, granted) == level


def test_a_plan_is_told_when_it_runs_short(desk: QuickDesk) -> None:
    """It is told on the first digest after it became low, after it was overdrawn, and not on the days between."""
    book(desk, "bakery", 500, "2026-11-09", now="2026-11-09T12:00")
    assert titles(desk, "2026-11-10T07:30") == []
    book(desk, "bakery", 190, "2026-11-10", now="2026-11-10T12:00")
    assert titles(desk, "2026-11-11T07:30") == ["Bakery Nowak, Care: 30 minutes are left"]
    book(desk, "bakery", 5, "2026-11-11", now="2026-11-11T12:00")
    assert titles(desk, "2026-11-12T07:30") == []
    book(desk, "bakery", 26, "2026-11-12", now="2026-11-12T12:00")
    [told] = items(desk, "2026-11-13T07:30")
    assert ENGLISH.speak(told.title) == "Bakery Nowak, Care: overdrawn by 1 minute"
    assert told.tone == "warn"
    assert any("triagebot log bakery 1" in ENGLISH.speak(line) for line in told.lines)
    assert titles(desk, "2026-11-16T07:30") == []


def test_over_a_weekend(desk: QuickDesk) -> None:
    """What ran short on Friday after the digest is told on Monday, as is what was booked on Sunday for an earlier
    day."""
    book(desk, "bakery", 690, "2026-11-13", now="2026-11-13T12:00")
    book(desk, "yoga", 330, "2026-11-04", now="2026-11-15T12:00")
    assert titles(desk, "2026-11-16T07:30") == [
        "Bakery Nowak, Care: 30 minutes are left",
        "Yoga, Care: 30 minutes are left",
    ]
    assert titles(desk, "2026-11-17T07:30") == []


def test_what_was_taken_back_is_no_news(desk: QuickDesk) -> None:
    """A balance that rises, or is back where it was, is not told."""
    book(desk, "bakery", 730, "2026-11-09", now="2026-11-09T06:00")
    book(desk, "bakery", -5, "2026-11-10", now="2026-11-10T06:00")
    book(desk, "yoga", 330, "2026-11-10", now="2026-11-10T06:00")
    book(desk, "yoga", -330, "2026-11-10", now="2026-11-10T06:30")
    book(desk, "shop", 330, "2026-11-10", now="2026-11-10T06:30")
    assert titles(desk, "2026-11-10T07:30") == []


def test_the_first_support_day_tells_all(desk: QuickDesk) -> None:
    """On the month's first support day each plan that is short is told again, with the statements that wait and where
    they are."""
    book(desk, "bakery", 690, "2026-11-09")
    book(desk, "yoga", 480, "2026-11-09")
    book(desk, "florist", 40, "2026-11-20")
    settle(desk, "2026-12-01T02:00")
    book(desk, "bakery", 170, "2026-12-01", now="2026-12-01T03:00")
    with desk.store.transaction():
        assert draft_statements(desk.store, desk.snapshot, desk.key, at("2026-12-01T04:00")) == 2
    numbers = {client: row for row, client in desk.rows("SELECT id, client FROM outbox")}
    assert titles(desk, "2026-12-01T07:30")[:2] == [
        "Bakery Nowak, Care: 40 minutes are left",
        "2 statements of 2026-11 wait for your word, above:"
        f" o{numbers['bakery']} Bakery Nowak, o{numbers['florist']} Rita's Flowers",
    ]
    change_outbox(desk.snapshot, numbers["florist"], ("draft",), "dropped", at("2026-12-01T05:00"))
    assert any(title.startswith("1 statement of 2026-11 waits") for title in titles(desk, "2026-12-01T07:30"))
    assert not any("statements" in title for title in titles(desk, "2026-12-02T07:30"))


def test_an_ended_plan_is_told_once(tmp_path: Path) -> None:
    """A plan that ended with few minutes left is one matter, not two."""
    tables = TABLES.replace("since = 2026-10-05", "since = 2026-10-05\nuntil = 2026-11-15")
    with books(tmp_path / "desk", tables=tables) as desk:
        book(desk, "yoga", 330, "2026-11-09")
        settle(desk, "2026-12-01T02:00")
        told = [title for title in titles(desk, "2026-12-01T07:30") if "Yoga" in title]
    assert told == ["Yoga, Care: ended, minutes left: 30"]


def test_to_bill_until_it_is(desk: QuickDesk) -> None:
    """What an ended month comes to is told each day until it is closed, with the command; the month that runs is not,
    and neither is one where nothing costs anything."""
    assert titles(desk, "2026-11-20T07:30") == []
    book(desk, "shop", 45, "2026-11-12", "menu")
    pay(desk, "choir", "12.30", "2026-11-30", "domain")
    assert titles(desk, "2026-11-30T07:30") == []
    settle(desk, "2026-12-01T02:00")
    for day in ("2026-12-01", "2026-12-02", "2026-12-10"):
        [told] = [item for item in items(desk, f"{day}T07:30") if "To bill" in ENGLISH.speak(item.title)]
        # 45 minutes at 80, the fee, and November of three plans at 240, 90.50 and 240
        assert ENGLISH.speak(told.title) == "To bill until Monday 30 November 2026: 642.80 EUR net"
        assert ENGLISH.speak(told.lines[0]).startswith("5 clients; triagebot invoice --month 2026-11 lists it")
    close_invoice(desk.snapshot, OCTOBER.next, at("2026-12-10"))
    pay(desk, "choir", "5", "2026-11-30", "booked too late: it is December's")
    assert not any("To bill" in title for title in titles(desk, "2026-12-11T07:30"))


def test_a_missing_price_is_told(tmp_path: Path) -> None:
    """Where an hour has no price yet, what is to be mended stands beside the sum."""
    tables = TABLES[: TABLES.index('[[client]]\nid = "yoga"')].replace('rate = "80"\nemergency_rate = "140"', "")
    with books(tmp_path / "desk", tables=tables.replace('hourly = "90"', "")) as desk:
        book(desk, "florist", 180, "2026-09-20", "opening hours")
        settle(desk, "2026-10-02")
        [told] = [one for one in items(desk, "2026-10-02T07:30") if "To bill" in ENGLISH.speak(one.title)]
    assert ENGLISH.speak(told.lines[-1]) == "florist: there is no price for 'beyond the plan, 2026-09'"
