"""The support hour of the day, with all that is needed to work in it, and the coming ones in a line each."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from triagebot.app.desk.view import DeskView
from triagebot.app.digest.mails import quote_of, say_subject
from triagebot.app.tickets.agenda import Plan
from triagebot.app.tickets.hours import Hour, Turn, list_hours, name_of
from triagebot.core.desk import Client, Vendor
from triagebot.core.digest.content import Item, Section, Tone
from triagebot.core.hours.calendar import WEEKDAYS
from triagebot.core.names import say_name
from triagebot.core.phrase import Words, say, say_many
from triagebot.edge.store import Store
from triagebot.edge.store.digests.matters import LastWords

_DAYS = 8
_NAMED = 4
"""So many matters of a coming hour are named, the others counted."""
_TONES: dict[str, Tone] = {"broken": "bad", "at risk": "warn"}
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{5,30}")
_NO_DIGIT = re.compile(r"[^0-9+]")
_GRAVEST_FIRST = ("broken", "at risk", "")


def gather_hours(store: Store, view: DeskView, plan: Plan, now: datetime) -> tuple[Section, ...]:
    """Given the store, the desk, its plan made now, and now, return the sections about the support hours of a week:
    today's, or once that is over the next one, with its matters; and the others."""
    hours = list_hours(store, view, plan, now, _DAYS)
    today = view.calendar.local(now).date()
    if hours and hours[0].day == today and _is_over(hours[0], view, now):
        del hours[0]
    if not hours:
        return ()
    first, *others = hours
    turns = _join(first.turns)
    words = store.matters.last_words([turn.ticket.ticket for turn in turns])
    items = tuple(_turn_item(turn, first, view, words.get(turn.ticket.ticket)) for turn in turns)
    return (
        Section(_heading(first, view, today), items),
        Section(say("Coming support hours"), tuple(_hour_item(hour, view) for hour in others if hour.turns)),
    )


def _join(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """The first answer and the work of a ticket in the same hour are one matter."""
    found: dict[int, Turn] = {}
    for turn in turns:
        known = found.get(turn.ticket.ticket)
        if known is None:
            found[turn.ticket.ticket] = turn
        else:
            risk = min(known.risk, turn.risk, key=_GRAVEST_FIRST.index)
            answer, urgent = known.answer or turn.answer, known.urgent or turn.urgent
            minutes = known.minutes + turn.minutes
            found[turn.ticket.ticket] = Turn(turn.ticket, minutes, urgent, answer, risk)
    return tuple(found.values())


def _is_over(hour: Hour, view: DeskView, now: datetime) -> bool:
    return now >= view.calendar.opening(hour.day) + timedelta(minutes=hour.minutes)


def _heading(hour: Hour, view: DeskView, today: date) -> Words:
    at = f"{view.desk.support_hour.start:%H:%M}"
    if hour.day == today:
        return say(
            "Today's support hour, {at}: {planned} of {minutes} min", at=at, planned=hour.planned, minutes=hour.minutes
        )
    return say(
        "The next support hour, {day}, {at}: {planned} of {minutes} min",
        day=hour.day,
        at=at,
        planned=hour.planned,
        minutes=hour.minutes,
    )


def _turn_item(turn: Turn, hour: Hour, view: DeskView, words: LastWords | None) -> Item:
    ticket = turn.ticket
    client = view.desk.client_by_id(ticket.client or "")
    vendors = view.desk.vendors_of(client, tuple(client.stack)) if client else ()
    tone: Tone = "warn" if ticket.kind == "emergency" else "calm"
    return Item(
        say(
            "{minutes} min, {who}: {subject}",
            minutes=turn.minutes,
            who=name_of(ticket, view),
            subject=say_subject(ticket.subject),
        ),
        (*_say_turn(turn), *_say_client(client, urgent=ticket.kind == "emergency", vendors=vendors)),
        quote_of(words.text) if words else "",
        ref=str(ticket.ticket),
        commands=("done", f"{turn.minutes}m", *_next_day(hour.day, view)),
        tone=_TONES.get(turn.risk, tone),
        links=tuple(_links(client, vendors)),
    )


def _say_turn(turn: Turn) -> Iterator[Words]:
    ticket = turn.ticket
    if turn.answer:
        yield say("first answer owed by {day}", day=ticket.answer_due) if ticket.answer_due else say("first answer")
    yield say("{kind}, {state}", kind=say_name(ticket.kind), state=say_name(ticket.state))
    if ticket.promise and ticket.promise != ticket.answer_due:
        yield say("promised for {day}", day=ticket.promise)
    if ticket.minutes_done:
        yield say("{worked} of {minutes} min worked", worked=ticket.minutes_done, minutes=ticket.minutes)


def _say_client(client: Client | None, *, urgent: bool, vendors: tuple[Vendor, ...]) -> Iterator[Words]:
    if client is None:
        return
    for vendor in vendors:
        reach = (vendor.emergency if urgent else "") or vendor.contact or vendor.emergency
        known = f"{vendor.kind}: {vendor.name}"
        yield known if not reach or _address(reach) else f"{known}, {reach}"
        if urgent:
            yield from (f"{fact}: {client.facts[fact]}" for fact in vendor.ask_for if fact in client.facts)


def _links(client: Client | None, vendors: tuple[Vendor, ...]) -> Iterator[tuple[Words, str]]:
    """What can be opened or called; the words for it are in the lines."""
    yield from ((say("site"), site) for site in (client.sites if client else ()))
    for vendor in vendors:
        ways = {
            _address(vendor.emergency): say("{vendor}, emergency", vendor=vendor.name),
            _address(vendor.contact): say("{vendor}, contact", vendor=vendor.name),
            _address(vendor.help): say("{vendor}, help", vendor=vendor.name),
        }
        yield from ((label, to) for to, label in reversed(ways.items()) if to)


def _address(way: str) -> str:
    """Given how a vendor is reached, return the address to open or call, "" where that is said in words."""
    if way.startswith(("https://", "http://")):
        return way
    return f"tel:{_NO_DIGIT.sub('', way)}" if _PHONE.fullmatch(way) else ""


def _next_day(day: date, view: DeskView) -> Iterator[str]:
    """The next support day, as a command moves a matter there."""
    for later in view.calendar.open_days(day + timedelta(days=1), _DAYS)[:1]:
        yield WEEKDAYS[later.weekday()]


def _hour_item(hour: Hour, view: DeskView) -> Item:
    named = [f"{name_of(turn.ticket, view)} #{turn.ticket.ticket} ({turn.minutes})" for turn in hour.turns[:_NAMED]]
    line = say(
        "{day}: {planned} of {minutes} min, {matters}",
        day=hour.day,
        planned=hour.planned,
        minutes=hour.minutes,
        matters=", ".join(named),
    )
    more = len(hour.turns) - _NAMED
    return Item(line, (say_many("and {count} more", "and {count} more", more),) if more > 0 else ())
