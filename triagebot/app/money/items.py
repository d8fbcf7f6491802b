"""What the digest says of plans in trouble, on the month's first support day."""

from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.money.accounts import gather_accounts
from triagebot.core.digest.content import Item
from triagebot.core.money.account import Account
from triagebot.core.phrase import Phrase, say, say_many
from triagebot.edge.store import Store


def list_trends(store: Store, view: DeskView, now: datetime) -> tuple[Item, ...]:
    """Given now, return an item for each plan that is overdrawn, idle or over, with what can be done; once a month."""
    today = view.calendar.local(now).date()
    if today != view.calendar.first_of_month(today):
        return ()
    return tuple(trend_item(view, one) for one in gather_accounts(store, view, None, now) if one.trend)


def trend_item(view: DeskView, account: Account) -> Item:
    """Given an account with a trend, return it as an item with what can be done."""
    name = view.desk.name_of(account.client, account.client)
    return Item(_say_trend(account, name), account.advice, tone="warn" if account.trend == "overdrawn" else "calm")


def _say_trend(account: Account, client: str) -> Phrase:
    plan, left = account.plan, account.left
    if account.trend == "overdrawn":
        return say_many(
            "{client}, {plan}: overdrawn by {count} minute",
            "{client}, {plan}: overdrawn by {count} minutes",
            -left,
            client=client,
            plan=plan,
        )
    if account.trend == "idle":
        return say("{client}, {plan}: idle, minutes left: {left}", client=client, plan=plan, left=left)
    return say("{client}, {plan}: ended, minutes left: {left}", client=client, plan=plan, left=left)
