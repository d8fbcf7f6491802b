"""Money in the digest: plans that run short, what can be billed, statements that wait to be sent."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from triagebot.app.desk.view import DeskView
from triagebot.app.money.accounts import gather_account
from triagebot.app.money.invoice import find_unbilled
from triagebot.app.money.items import list_trends, trend_item
from triagebot.app.money.ledger import find_terms
from triagebot.core.desk import Client
from triagebot.core.digest.content import Item, Section
from triagebot.core.money.account import Level, find_level
from triagebot.core.money.month import Month
from triagebot.core.phrase import Money, list_words, say, say_many
from triagebot.edge.store import Store

_LEVELS: tuple[Level, ...] = ("", "low", "overdrawn")


def gather_monthly(store: Store, view: DeskView, now: datetime) -> tuple[Section, ...]:
    """Given the store, the desk and now, return what is to be said of money.

    A plan that runs short is told on the first digest after it does, and all of them on the first support day of a
    month; what can be billed is told until it is.
    """
    today = view.calendar.local(now).date()
    if today == view.calendar.first_of_month(today):
        plans = (*list_trends(store, view, now), *_list_low(store, view, now), *_list_statements(store, view, today))
    else:
        plans = tuple(_list_crossed(store, view, now))
    return (Section(say("Money"), (*plans, *_list_unbilled(store, view, today, now))),)


def _list_crossed(store: Store, view: DeskView, now: datetime) -> Iterator[Item]:
    """Plans that have become low or overdrawn since the digest before this one was due."""
    for client_id, change in sorted(store.figures.changes_since(_last_due(view, now)).items()):
        client = view.desk.client_by_id(client_id) if change < 0 else None  # what has grown runs no shorter
        terms = find_terms(store, view, client) if client else None
        if client is None or terms is None:
            continue
        account = gather_account(store, view, client, now)
        level, before = (find_level(left, terms.minutes) for left in (account.left, account.left - change))
        if _LEVELS.index(level) <= _LEVELS.index(before):
            continue
        yield trend_item(view, account) if level == "overdrawn" else _low_item(client, account.plan, account.left)


def _list_low(store: Store, view: DeskView, now: datetime) -> Iterator[Item]:
    for client in view.desk.client:
        terms = find_terms(store, view, client)
        if terms is not None:
            account = gather_account(store, view, client, now)
            if not account.trend and find_level(account.left, terms.minutes) == "low":
                yield _low_item(client, account.plan, account.left)


def _low_item(client: Client, plan: str, left: int) -> Item:
    said = say_many(
        "{client}, {plan}: {count} minute is left",
        "{client}, {plan}: {count} minutes are left",
        left,
        client=client.name,
        plan=plan,
    )
    return Item(said, tone="warn")


def _last_due(view: DeskView, now: datetime) -> datetime:
    """When the digest of the support day before was due."""
    today = view.calendar.local(now).date()
    day = view.calendar.open_day_before(today) or today - timedelta(days=1)
    return datetime.combine(day, view.desk.digest.at, tzinfo=view.calendar.zone)


def _list_unbilled(store: Store, view: DeskView, today: date, now: datetime) -> Iterator[Item]:
    month = Month.of(today).previous
    invoice = find_unbilled(store, view, month, now)
    if invoice is None or not any(line.amount for line in invoice.lines):
        return
    said = say_many(
        "{count} client; triagebot invoice --month {month} lists it, with --close it is billed for good.",
        "{count} clients; triagebot invoice --month {month} lists it, with --close it is billed for good.",
        len(invoice.totals),
        month=str(month),
    )
    net = sum((total.net for total in invoice.totals), Decimal(0))
    money = Money(net, view.desk.booking.currency)  # an open invoice is in one currency (core/money/invoice.py)
    yield Item(say("To bill until {day}: {sum} net", day=month.last, sum=money), (said, *invoice.notices))


def _list_statements(store: Store, view: DeskView, today: date) -> Iterator[Item]:
    """Where the statements are: each is an item of its own among the drafts, with its text and its commands."""
    waiting = store.figures.waiting_statements()
    if not waiting:
        return
    names = [f"o{row} {view.desk.name_of(client_id, client_id)}" for row, client_id in waiting]
    said = say_many(
        "{count} statement of {month} waits for your word, above: {list}",
        "{count} statements of {month} wait for your word, above: {list}",
        len(waiting),
        month=str(Month.of(today).previous),
        list=list_words(names),
    )
    yield Item(said)
