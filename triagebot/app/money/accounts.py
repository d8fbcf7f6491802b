"""What `triagebot ledger` shows: every client's account, or all that happened in one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triagebot.app.desk.opening import reading
from triagebot.app.desk.view import DeskView
from triagebot.app.money.ledger import find_client, find_missing
from triagebot.core.desk import Client
from triagebot.core.money.account import Account, sum_up
from triagebot.core.money.entry import Entry, Fee, balance
from triagebot.core.money.month import Month
from triagebot.core.phrase import ENGLISH
from triagebot.edge.store import Store


@dataclass(frozen=True, slots=True)
class Movement:
    """An entry with the balance after it and the number of the invoice it stands on, if it does."""

    entry: Entry
    left: int
    invoice: int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A client's account with its movements and fees, of a month or of all time."""

    account: Account
    movements: tuple[Movement, ...]
    fees: tuple[tuple[Fee, int | None], ...]


def list_accounts(view: DeskView, month: Month | None, now: datetime) -> tuple[Account, ...]:
    """Given a month (None: this one) and now, return the account of each client that has a plan or ever had one."""
    with reading(view) as store:
        return gather_accounts(store, view, month, now)


def gather_accounts(store: Store, view: DeskView, month: Month | None, now: datetime) -> tuple[Account, ...]:
    """Given the store, as `list_accounts`."""
    found = []
    for client in view.desk.client:
        account, entries, _ = _read(store, view, client, month, now)
        if account.plan or any("balance" in (entry.source, entry.target) for entry in entries):
            found.append(account)
    return tuple(found)


def gather_account(store: Store, view: DeskView, client: Client, now: datetime) -> Account:
    """Given the store, a client and now, return the client's account as it is now."""
    return _read(store, view, client, None, now)[0]


def read_sheet(view: DeskView, client_id: str, month: Month | None, now: datetime) -> Sheet:
    """Given a client, a month (None: all that ever was) and now, return its sheet. Raise LedgerError."""
    client = find_client(view, client_id)
    with reading(view) as store:
        account, entries, fees = _read(store, view, client, month, now)
        billed = store.ledger.billed_on(client.id)
    left, movements = 0, []
    for entry in sorted(entries, key=lambda one: one.day):
        left += balance((entry,))
        if entry.minutes and month in (None, Month.of(entry.day)):
            movements.append(Movement(entry, left, billed.get(entry.key)))
    shown = tuple((fee, billed.get(fee.key)) for fee in fees if month in (None, Month.of(fee.day)))
    return Sheet(account, tuple(movements), shown)


def show_account(account: Account) -> dict[str, Any]:
    """Given an account, return it for JSON."""
    return {
        **{name: getattr(account, name) for name in ("client", "plan", "carried", "granted", "used", "other", "left")},
        "month": str(account.month),
        "trend": account.trend,
        "advice": [ENGLISH.speak(one) for one in account.advice],
    }


def show_sheet(sheet: Sheet) -> dict[str, Any]:
    """Given a sheet, return it for JSON; amounts are texts, so that they stay exact."""
    entries = [
        {
            **{name: getattr(one.entry, name) for name in ("key", "source", "target", "minutes", "note", "ticket")},
            "day": one.entry.day.isoformat(),
            "rate": None if one.entry.rate is None else str(one.entry.rate),
            "left": one.left,
            "invoice": one.invoice,
        }
        for one in sheet.movements
    ]
    fees = [
        {
            **{name: getattr(fee, name) for name in ("key", "note", "kind")},
            "day": fee.day.isoformat(),
            "amount": str(fee.amount),
            "invoice": invoice,
        }
        for fee, invoice in sheet.fees
    ]
    return {"account": show_account(sheet.account), "entries": entries, "fees": fees}


def _read(
    store: Store, view: DeskView, client: Client, month: Month | None, now: datetime
) -> tuple[Account, tuple[Entry, ...], tuple[Fee, ...]]:
    today = view.calendar.local(now).date()
    terms, missing, missing_fees = find_missing(store, view, client, now)
    entries = (*store.ledger.entries(client.id), *missing)
    account = sum_up(client.id, terms, entries, month or Month.of(today), today, view.desk.plan)
    return account, entries, (*store.ledger.fees(client.id), *missing_fees)
