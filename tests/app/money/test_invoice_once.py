"""Nothing is billed twice or never: invoices under any order of booking, closing and crashing, and under SIGKILL."""

import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.books import SETTINGS, STATEMENT, TABLES, at, book, books, pay
from tests.app.desks import Account, LiveDesk
from tests.app.quick_desks import QuickDesk, open_desk
from triagebot.app.money.invoice import close_invoice, close_month, read_invoice
from triagebot.core.errors import LedgerError
from triagebot.core.money.month import Month

ACTS = st.lists(
    st.tuples(
        st.sampled_from(("work", "work", "back", "fee", "close", "crash", "reopen")),
        st.sampled_from(("bakery", "florist", "shop", "choir")),
        st.integers(1, 200),
        st.integers(0, 45),
    ),
    max_size=16,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACTS)
def test_nothing_is_billed_twice_or_never(acts: list[tuple[str, str, int, int]]) -> None:
    """However booking, closing and crashing follow each other: at the end each minute to be paid, each fee and each
    month of a plan stands on exactly one invoice, and the invoices bill exactly that."""
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        desk = stack.enter_context(books(Path(directory) / "desk"))
        today = date(2026, 8, 1)
        for number, (act, client, size, days) in enumerate(acts):
            today = date.fromordinal(today.toordinal() + days)
            _act(desk, act, client, size, today, number)
            if act == "reopen":
                desk = stack.enter_context(open_desk(desk.config))
        after = Month.of(today).next.first
        with contextlib.suppress(LedgerError):
            close_invoice(desk.snapshot, Month.of(after).previous, at(after.isoformat()))
        _check_billed(desk)


def _act(desk: QuickDesk, act: str, client: str, size: int, today: date, number: int) -> None:
    month, now = Month.of(today).previous, at(today.isoformat())
    if act in ("work", "back"):
        key = f"act/{number}"
        book(desk, client, size if act == "work" else -size, today.isoformat(), key=key, billing=None)
    elif act == "fee":
        pay(desk, client, str(size), today.isoformat(), f"fee {number}")
    elif act == "close":
        with contextlib.suppress(LedgerError):
            close_invoice(desk.snapshot, month, now)
    elif act == "crash":
        with contextlib.suppress(LedgerError, ZeroDivisionError), desk.store.transaction():
            close_month(desk.store, desk.snapshot, month, now)
            raise ZeroDivisionError


def _check_billed(desk: QuickDesk) -> None:
    invoices = [
        read_invoice(desk.snapshot, Month.parse(one.month), at("2030-01-01")) for one in desk.store.ledger.invoices()
    ]
    lines = [line for invoice in invoices for line in invoice.lines]
    keys = [key for line in lines for key in line.entries]
    assert max(Counter(keys).values(), default=1) == 1
    paid = ("hourly", "emergency", "overage")
    entries = desk.store.ledger.entries()
    owed = sum((one.source in paid) * one.minutes - (one.target in paid) * one.minutes for one in entries)
    assert sum(line.minutes for line in lines) == owed
    end = Month.parse(desk.store.ledger.last_closed() or "1900-01").last
    assert {fee.key for fee in desk.store.ledger.fees() if fee.day <= end} <= set(keys)
    assert [fee for fee in desk.store.ledger.open_fees() if fee.day <= end] == []


@pytest.mark.parametrize("point", ["F13", "F14", "F14:3", "F15"])
def test_killed_while_closing(tmp_path: Path, point: str) -> None:
    """`invoice --close` killed (SIGKILL) after its row, between its marks or right after the commit: closed again, all
    stands on one invoice, once."""
    month = Month.of(datetime.now(UTC).date()).previous.previous
    with real_desk(tmp_path / "desk", month) as (live, desk):
        for number in range(4):
            book(desk, "shop", 30 + number, f"{month}-1{number}", f"work {number}", now=f"{month}-20")
        killed = live.run("invoice", "--close", "--month", str(month), crash_at=point)
        assert (killed.returncode, f"crash at {point[:3]}" in killed.stderr.decode()) == (-9, True)
        assert len(desk.store.ledger.invoices()) == (1 if point == "F15" else 0)
        first = live.ask("invoice", "--close", "--month", str(month))
        second = live.ask("invoice", "--close", "--month", str(month))
        assert first == second
        assert sorted(line["minutes"] for line in first["lines"] if line["kind"] == "hourly") == [30 + 31 + 32 + 33]
        assert live.run("invoice", "--close", "--month", str(month.next)).returncode in (0, 1)
        _check_billed(desk)


@contextlib.contextmanager
def real_desk(directory: Path, month: Month) -> Iterator[tuple[LiveDesk, QuickDesk]]:
    """Given a new directory and the month its books begin with, a desk whose commands run as processes."""
    live = LiveDesk(directory, Account("support@desk.test", "unused", 1, 1), clients=TABLES, settings=SETTINGS)
    (directory / "replies" / "en" / "statement.md").write_text(STATEMENT.read_text("utf-8"), "utf-8")
    with open_desk(live.config) as desk:
        with desk.store.transaction():
            desk.store.mails.start_inbox("first", at(month.first.isoformat()))
        yield live, desk
