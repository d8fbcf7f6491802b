"""Who is waited for: tickets whose client has to say something first."""

from collections.abc import Collection
from decimal import Decimal

from triagebot.app.desk.view import DeskView
from triagebot.core.digest.content import Item, Section
from triagebot.core.phrase import Money, Words, say
from triagebot.edge.store import Store
from triagebot.edge.store.digests.matters import Waiting

_MOST = 30


def gather_waiting(store: Store, view: DeskView, shown: Collection[str]) -> Section:
    """Given the store, the desk and the refs that are shown above, return the section about tickets that wait for their
    clients. One whose estimate is still a draft is shown there."""
    tickets, number = store.matters.tickets_in("waiting-client", _MOST)
    items = tuple(_item(ticket, view) for ticket in tickets if str(ticket.id) not in shown)
    return Section(say("Waiting for clients"), items, more=number - len(tickets))


def name_client(ticket: Waiting, view: DeskView) -> Words:
    """Given a ticket, return whose it is, as the developer knows them."""
    return view.desk.name_of(ticket.client, ticket.sender_key) or say("unknown sender")


def _item(ticket: Waiting, view: DeskView) -> Item:
    local = view.calendar.local
    lines: list[Words] = [
        say("since {day}, {minutes} min", day=local(ticket.changed_at).date(), minutes=ticket.minutes)
    ]
    if ticket.expires_at is not None:
        until = view.calendar.last_day(ticket.expires_at)
        lines = [*lines, say("waits for a yes until {day}, then it is closed", day=until)]
    if ticket.price is not None and ticket.currency:
        lines.append(say("was told {price}", price=Money(Decimal(ticket.price), ticket.currency)))
    if ticket.promise is not None:
        lines.append(say("{day} is held for it", day=ticket.promise))
    title = say("{who}: {subject}", who=name_client(ticket, view), subject=ticket.subject)
    return Item(title, tuple(lines), ref=str(ticket.id), commands=("done", "close"))
