"""The ledger's rows: added once a cause, never changed, billed once."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.edge.stores import ADA, DAY, MINUTE, NOW, TICK
from tests.edge.stores import add as put
from triagebot.core.errors import LedgerError
from triagebot.core.money.entry import Entry, Fee, adjust, book_work
from triagebot.core.person import Person
from triagebot.edge.store import Store

TODAY = date(2026, 11, 23)
WORK = book_work("work/1", "bakery", TODAY, 30, "hourly", 'Łódź; "menu"', None, Decimal("79.50"))
FEE = Fee("fee/1", "bakery", TODAY, Decimal("250.10"), "on call")


def add(store: Store, *entries: Entry) -> int:
    """Given entries, add them; return how many were new."""
    with store.transaction():
        return len(store.ledger.add(entries, NOW))


def close(store: Store, month: str, *keys: str) -> int:
    """Given a month and keys, close it."""
    with store.transaction():
        return store.ledger.close(month, "{}", keys, NOW)


def test_an_entry_comes_back_as_it_was(store: Store) -> None:
    """Days, minutes, words and decimals are read as they were written."""
    free = book_work("work/2", "bakery", TODAY - timedelta(days=3), 5, "courtesy", "", 7)
    assert add(store, WORK, free) == 2
    with store.transaction():
        store.ledger.add_fees((FEE,), NOW)
    assert store.ledger.entries("bakery") == (free, WORK)
    assert store.ledger.entries("shop") == ()
    assert store.ledger.find("work/1") == WORK
    assert store.ledger.find("work/9") is None
    assert store.ledger.fees("bakery") == (FEE,)


def test_one_cause_is_one_entry(store: Store) -> None:
    """The same cause twice is one entry or fee, whatever the second one says."""
    other = adjust("work/1", "bakery", TODAY, 99, "other")
    assert [add(store, WORK), add(store, WORK), add(store, other, WORK)] == [1, 0, 0]
    assert store.ledger.entries() == (WORK,)
    with store.transaction():
        assert store.ledger.add_fees((FEE, FEE), NOW) == (FEE,)


def test_repeats(store: Store) -> None:
    """An entry is a repetition of another one that says the same and was made since; never of itself."""
    add(store, WORK)
    again = book_work("work/2", "bakery", TODAY, 30, "hourly", WORK.note, None, Decimal(90))
    assert store.ledger.repeats(again, NOW)
    assert not store.ledger.repeats(again, NOW + TICK)
    assert not store.ledger.repeats(WORK, NOW)
    assert not store.ledger.repeats(book_work("w", "bakery", TODAY, 31, "hourly", WORK.note), NOW)
    with store.transaction():
        store.ledger.add_fees((FEE,), NOW)
    assert store.ledger.repeats_fee(Fee("fee/2", "bakery", TODAY, FEE.amount, FEE.note), NOW - MINUTE)
    assert not store.ledger.repeats_fee(Fee("fee/2", "bakery", TODAY, Decimal(1), FEE.note), NOW - MINUTE)


def test_open_is_what_is_to_be_billed(store: Store) -> None:
    """Only what somebody pays for is open, and what stands on an invoice is not any more."""
    plan = book_work("work/2", "bakery", TODAY, 5, "balance", "")
    add(store, WORK, plan)
    with store.transaction():
        store.ledger.add_fees((FEE,), NOW)
    assert store.ledger.open_entries() == (WORK,)
    number = close(store, "2026-11", "work/1", "fee/1")
    assert (store.ledger.open_entries(), store.ledger.open_fees()) == ((), ())
    assert store.ledger.billed_on("bakery") == {"work/1": number, "fee/1": number}
    assert store.ledger.last_closed() == "2026-11"


def test_nothing_is_billed_twice(store: Store) -> None:
    """A month is closed once, an entry stands on one invoice, and a refusal leaves nothing behind."""
    add(store, WORK)
    close(store, "2026-10", "work/1")
    for month, keys in (("2026-10", ()), ("2026-11", ("work/1",)), ("2026-11", ("work/9",))):
        with pytest.raises(LedgerError):
            close(store, month, *keys)
    assert [one.month for one in store.ledger.invoices()] == ["2026-10"]
    with pytest.raises(LedgerError), store.transaction():
        store.ledger.close("2026-11", "{}", ("work/1", "work/1"), NOW)
    assert len(store.ledger.invoices()) == 1


def test_drafts_are_those_of_one_cause(store: Store) -> None:
    """A month or client whose name begins with that of another one is another one."""
    first = put(store, "statement bakery 2026-10 0", outgoing="approved", mode="draft")
    second = put(store, "statement bakery 2026-10 1", outgoing="approved", mode="draft")
    put(store, "statement bakery 2026-1 0", outgoing="approved", mode="draft")
    put(store, "statement bakery-2 2026-10 0", outgoing="approved", mode="draft")
    assert store.ledger.drafts_of("statement bakery 2026-10") == [(first, "draft"), (second, "draft")]


def test_counted_since(store: Store) -> None:
    """The desk's first start is that of its first inbox."""
    assert store.ledger.counted_since() is None
    with store.transaction():
        store.mails.start_inbox("support", NOW)
        store.mails.start_inbox("shop", NOW - DAY)
    assert store.ledger.counted_since() == (NOW - DAY).replace(microsecond=0)


def test_a_client_is_told_and_forgotten(store: Store) -> None:
    """What is held about a client includes its entries and fees; erased they lose their words, and keep what an
    accountant needs. Nobody else's are touched, and an address alone has none."""
    other = book_work("work/2", "shop", TODAY, 5, "hourly", "menu")
    add(store, WORK, other)
    with store.transaction():
        store.ledger.add_fees((FEE,), NOW)
    assert store.privacy.find(Person((ADA,), frozenset({ADA})), ()).entries == ()
    held = store.privacy.find(Person((), frozenset(), "bakery"), ())
    assert (held.entries, held.fees) == (("work/1",), ("fee/1",))
    assert [row["minutes"] for row in store.privacy.read("entry", held.entries)] == [30]
    with store.transaction():
        for step in store.erasure.steps(held):
            store.erasure.do(step)
    assert store.ledger.entries() == (replace(WORK, note=""), other)
    assert store.ledger.fees() == (replace(FEE, note=""),)
