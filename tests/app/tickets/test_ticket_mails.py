"""Changes of a ticket that come with a mail: it lies in Drafts, once, and never leaves by itself."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from tests.app.desks import PLAN, Account, LiveDesk, client
from tests.app.quick_desks import HOUR, NOW, QuickDesk, open_desk, write
from triagebot.app.tickets.handling import Outcome, open_call
from triagebot.app.tickets.mails import move_and_tell, quote
from triagebot.core.errors import StoreError

JAN = "jan@bakery.test"
CHANGE = "Please change the phone number on our contact page to 555 0199."
REPLIES = Path(__file__).parents[3] / "replies" / "en"
LATER = NOW + HOUR


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A live desk with a retainer, whose first mail made ticket 1."""
    account = Account("support@company.test", "unused", 1, 1)
    live = LiveDesk(tmp_path / "desk", account, mode="live", clients=PLAN + client("bakery", JAN, "retainer"))
    for name in ("moved.md", "quote.md"):
        copy(REPLIES / name, live.config.parent / "replies" / "en" / name)
    with open_desk(live.config) as opened:
        opened.receive(write(JAN, "Phone number", CHANGE), NOW)
        yield opened


def do(desk: QuickDesk, mailing: Any, *values: Any) -> Outcome:
    """Given a change with its mail and its values, do it."""
    with desk.store.transaction():
        outcome: Outcome = mailing(desk.store, desk.snapshot, desk.key, *values, LATER)
    return outcome


def drafts(desk: QuickDesk) -> list[tuple[str, int]]:
    """Return recipient and ticket of each mail that waits for Drafts."""
    return desk.rows("SELECT recipient, ticket FROM outbox WHERE state = 'draft' ORDER BY id")


def a_week_on(desk: QuickDesk) -> date:
    """Return a support day a week after ticket 1 was promised."""
    case = desk.store.changes.find(1)
    assert case is not None
    assert case.promise is not None
    return desk.snapshot.calendar.open_days(case.promise + timedelta(days=7), 10)[0]


def test_who_was_told_another_date_is_told_by_a_draft(desk: QuickDesk) -> None:
    """One mail for one move; moving to the same date again writes none."""
    day = a_week_on(desk)
    moved = do(desk, move_and_tell, 1, day)
    assert "lies in Drafts" in moved.text
    assert drafts(desk) == [(JAN, 1)]
    assert not do(desk, move_and_tell, 1, day).changed
    assert drafts(desk) == [(JAN, 1)]


def test_nobody_is_written_to_whose_address_is_not_known(desk: QuickDesk) -> None:
    """Somebody who called and has no address is to be called."""
    with desk.store.transaction():
        number = open_call(desk.store, desk.snapshot, JAN, "Another matter", NOW).ticket
        desk.store._connection.execute("UPDATE ticket SET client = NULL WHERE id = ?", (number,))
    said = do(desk, move_and_tell, number, a_week_on(desk)).text
    assert "call them" in said
    assert drafts(desk) == []


def test_a_quote_waits_for_the_clients_yes(desk: QuickDesk) -> None:
    """With its fixed price; a ticket that is part of another one is quoted under that number."""
    outcome = do(desk, quote, 1, 180, Decimal(240))
    assert outcome.state == "waiting-client"
    assert drafts(desk) == [(JAN, 1)]
    assert desk.rows("SELECT price_high, price_fixed FROM ticket") == [("240.00", 1)]
    with pytest.raises(StoreError, match="there is no ticket 9"):
        do(desk, quote, 9, 180, Decimal(240))
