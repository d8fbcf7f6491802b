"""What needs the developer: drafts, promises that break, quotes to write, held mail, mail that did not arrive."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from triagebot.app.desk.view import DeskView
from triagebot.app.digest.drafts import list_drafts
from triagebot.app.digest.mails import NO_PRICE, mail_matter, needs_you, quote_of, say_subject
from triagebot.app.digest.waiting import name_client
from triagebot.app.outgoing.items import list_undelivered
from triagebot.app.tickets.agenda import Plan, Risk, find_risks
from triagebot.app.tickets.duties import list_missed
from triagebot.app.tickets.hours import name_of
from triagebot.core.digest.content import Item, Section
from triagebot.core.digest.order import Matter, put_in_order
from triagebot.core.hours.calendar import WEEKDAYS
from triagebot.core.names import say_name
from triagebot.core.phrase import say
from triagebot.edge.store import Store
from triagebot.edge.store.digests.matters import Arrived, Waiting

_MOST_OLD = 20
_MOST_NEW = 40
_MOST_RISKS = 100
_TWO_WEEKS = 14


def gather_needs(
    store: Store, view: DeskView, plan: Plan, mails: Sequence[Arrived], since: datetime, now: datetime
) -> Section:
    """Given the store, the desk, its plan made now, the mails that came since a moment, that moment and now, return the
    section about what needs the developer, what breaks first on top."""
    # Of very many mails, the first ones are not among these.
    since, first = (mails[0].decided_at, mails[0].id) if mails else (since, 0)
    old, old_number = store.matters.unhandled(since, _MOST_OLD, first)
    opened, opened_number = store.matters.tickets_in("new", _MOST_NEW)
    risks, next_day = find_risks(plan, view.calendar, now), _next_day(view, now)
    matters = (
        *list_drafts(store, view),
        *(mail_matter(mail, view) for mail in (*mails, *old) if needs_you(mail)),
        *(_risk_matter(risk, view, next_day) for risk in risks[:_MOST_RISKS]),
        *list_missed(store, view, now),
        *list_undelivered(store, view, now),
        *_list_new(store, opened, view, next_day),
    )
    more = old_number - len(old) + opened_number - len(opened) + len(risks[_MOST_RISKS:])
    return Section(say("Needs you"), put_in_order(matters, view.calendar.local(now).date()), more=more)


def _risk_matter(risk: Risk, view: DeskView, next_day: date) -> Matter:
    ticket = risk.ticket
    day = max(risk.planned or next_day, next_day)
    item = Item(
        say("{who}: {subject}", who=name_of(ticket, view), subject=say_subject(ticket.subject)),
        (risk.text,),
        ref=str(ticket.ticket),
        commands=("done", day.isoformat()),
        tone="bad" if risk.broken else "warn",
    )
    return Matter(item, view.calendar.local(ticket.opened_at).date(), risk.promise)


def _list_new(store: Store, tickets: Sequence[Waiting], view: DeskView, next_day: date) -> Iterator[Matter]:
    """Tickets without a place in any hour: to be quoted, or to be decided on."""
    words = store.matters.last_words([ticket.id for ticket in tickets])
    for ticket in tickets:
        said = words.get(ticket.id)
        if ticket.kind == "project":
            line = say("A quote is to be written.")
            commands: tuple[str, ...] = (NO_PRICE, "close")
        else:
            line = say("No support hour is set for this {kind}.", kind=say_name(ticket.kind))
            commands = ("done", f"{ticket.minutes}m", WEEKDAYS[next_day.weekday()])
        lines = (line, *((say("promised for {day}", day=ticket.promise),) if ticket.promise else ()))
        title = say("{who}: {subject}", who=name_client(ticket, view), subject=say_subject(ticket.subject))
        quote = quote_of(said.text) if said else ""
        item = Item(title, lines, quote, ref=str(ticket.id), commands=commands)
        yield Matter(item, view.calendar.local(ticket.opened_at).date(), ticket.promise)


def _next_day(view: DeskView, now: datetime) -> date:
    """The next support day after today; tomorrow where there is none for two weeks."""
    tomorrow = view.calendar.local(now).date() + timedelta(days=1)
    return next(iter(view.calendar.open_days(tomorrow, _TWO_WEEKS)), tomorrow)
