"""Offers: the one a mail answers, quotes with a fixed price, and those that nobody answered in time."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from triagebot.app.database import Database
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.outgoing.answers import recipient_code
from triagebot.app.outgoing.letters import post, write_to_client
from triagebot.app.render import render_reply
from triagebot.app.tickets.agenda import replan
from triagebot.core.answer import Reading, reply_values
from triagebot.core.decision import ReplyPlan, Sender, TicketPlan, Turn
from triagebot.core.desk import Mode
from triagebot.core.errors import StoreError
from triagebot.core.hours.planner import Booked, is_long_wait
from triagebot.core.money.offer import Estimate
from triagebot.core.money.price import round_money
from triagebot.core.names import say_name
from triagebot.core.outgoing.compose import ComposeError
from triagebot.core.outgoing.identity import own_id_kind
from triagebot.core.phrase import Money, Phrase, say
from triagebot.core.tickets.offered import Offer
from triagebot.core.tickets.pricing import offer_end
from triagebot.core.tickets.settlement import EXPIRED
from triagebot.core.tickets.work import plan_work
from triagebot.edge.replies import ReplyError
from triagebot.edge.store import Store
from triagebot.edge.store.received.facts import Question
from triagebot.edge.store.work.offers import Told

_QUOTABLE = ("new", "waiting-client", "accepted", "planned")
_SENT = ("sent", "ambiguous")
_UNSENT = ("draft", "drafted", "shadow")


def find_offer(store: Store, question: Question, key: bytes, now: datetime, snapshot: Snapshot) -> Offer | None:
    """Given the store and the question about a mail, return the offer it may answer: told by the mail of ours it
    names, or in a thread it names by any id. A subject alone leads to none."""
    links = tuple(link for link in question.links if link != question.message_id)
    if not links:
        return None
    own = tuple(link for link in links if own_id_kind(key, link) is not None)
    thread = store.threads.place(question.parties, links)
    return store.offers.answered(own, thread, snapshot.calendar.local(now).date())


async def end_expired(database: Database, snapshot: Snapshot, key: bytes, now: datetime) -> None:
    """Given now, close each ticket whose offer nobody answered in time; a nightly chore."""
    await asyncio.wrap_future(database.submit(lambda store: expire_offers(store, snapshot, key, now)))


def expire_offers(store: Store, snapshot: Snapshot, key: bytes, now: datetime) -> int:
    """Given the store inside a transaction and now, end the offers that nobody answered in time; return how many.

    Their time is free again, and a polite mail lies in Drafts for the developer. A price that was never sent did not
    expire: there it is the developer's turn.
    """
    today = snapshot.calendar.local(now).date()
    numbers = store.offers.expired(now)
    for number in numbers:
        offer, told = store.offers.find(number, today), store.offers.telling(number)
        if offer is None:
            continue
        if told is not None and told.state not in (*_SENT, "shadow"):
            why = f"its estimate was never sent ({told.state}): write to the client, or close it"
            store.offers.turn(Turn(number, "new", why), "triagebot", None, today, now)
            continue
        ended = Turn(number, "closed", "nobody answered the estimate in time", closed_as="expired")
        store.offers.turn(ended, "triagebot", None, today, now)
        if told is not None and told.state in _SENT:
            _put_farewell(store, snapshot, key, offer, told, now)
    if numbers:
        replan(store, snapshot, now)
    return len(numbers)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote: what was done, and the row of its mail, which waits for the developer's word."""

    sentence: Phrase
    mail: int | None


def quote_ticket(
    store: Store, snapshot: Snapshot, key: bytes, number: int, minutes: int, price: Decimal, now: datetime
) -> Quoted:
    """Given the store inside a transaction, an open ticket, the minutes of its work and its price, make it an offer
    with that price, whose mail lies in Drafts; return what was done. Raise StoreError when that cannot be."""
    row, found = store.tickets.find(number), store.offers.subject_of(number)
    if found is None or row is None:
        raise StoreError(say("there is no ticket {number} on this desk", number=number))
    if row["state"] not in _QUOTABLE:
        state = str(row["state"])
        raise StoreError(
            say(
                "ticket {number} is {state}; only one that is not begun yet can be quoted",
                number=number,
                state=say_name(state),
            )
        )
    if minutes < 1 or price <= 0:
        raise StoreError(say("a quote needs minutes and a price above zero, such as `7 quote 3h 240`"))
    told = _find_address(store, snapshot, number, found)
    today = snapshot.calendar.local(now).date()
    _drop_unsent(store, number, now)
    store.offers.offer(number, "developer", _plan_quote(store, snapshot, found, minutes, price, now), today, now)
    offer = store.offers.find(number, today)
    if offer is None:
        raise StoreError(say("ticket {number} could not be made an offer", number=number))
    try:
        mail = _put_mail(store, snapshot, key, offer, told, "quote", f"quote {number} {row['version']}", now)
    except (ReplyError, ComposeError) as error:
        raise StoreError(say("the quote cannot be written: {why}", why=str(error))) from None
    replan(store, snapshot, now)
    return Quoted(_say_quote(offer, snapshot), mail)


def _plan_quote(
    store: Store, snapshot: Snapshot, found: Told, minutes: int, price: Decimal, now: datetime
) -> TicketPlan:
    """Agreed work is promised by its end, for a retainer too."""
    calendar, booking = snapshot.calendar, snapshot.desk.booking
    booked = store.slots.booked(calendar.local(now).date())
    plan = plan_work(found.kind, minutes, "waiting-client", found.tier, calendar, booked, now)
    amount = round_money(price, booking.currency)
    return replace(
        plan,
        state="waiting-client",
        promise=plan.due,
        answer_due=None,
        price=Estimate(minutes, amount, amount, booking.currency),
        expires_at=offer_end(calendar, booking.estimate_days, now),
    )


def _drop_unsent(store: Store, number: int, now: datetime) -> None:
    for old in store.offers.unsent_quotes(number):
        store.outbox.change(old, _UNSENT, "dropped", now, now)
        store.outbox.tell(old, "developer", "mail dropped", "the ticket was quoted anew", now)


def _say_quote(offer: Offer, snapshot: Snapshot) -> Phrase:
    price, until = offer.price, snapshot.calendar.last_day(offer.expires_at)
    amount: Phrase | Money = Money(price.high, price.currency) if price else say("no price")
    about = {"number": offer.ticket, "minutes": offer.minutes, "amount": amount, "until": until}
    if offer.promise is None:
        return say("Ticket {number}: {minutes} minutes for {amount} until {until}.", **about)
    return say(
        "Ticket {number}: {minutes} minutes for {amount} until {until}; {day} is held for it.",
        day=offer.promise,
        **about,
    )


def _put_farewell(store: Store, snapshot: Snapshot, key: bytes, offer: Offer, told: Told, now: datetime) -> None:
    try:
        _put_mail(store, snapshot, key, offer, told, EXPIRED, f"expired {offer.ticket} {offer.expires_at}", now)
    except (ReplyError, ComposeError) as error:
        store.tickets.tell(offer.ticket, "triagebot", "no mail written", str(error), now)


def _find_address(store: Store, snapshot: Snapshot, number: int, found: Told) -> Told:
    """Where a mail about a ticket goes: where the last one went, else to its client's first address."""
    told = store.offers.telling(number)
    if told is not None:
        return told
    client = snapshot.desk.client_by_id(found.client or "")
    if client is None or not client.addresses:
        raise StoreError(say("ticket {number} has no address to write to; give its client `addresses`", number=number))
    return replace(found, recipient=client.addresses[0], inbox=snapshot.desk.inbox[0].id)


def _put_mail(
    store: Store, snapshot: Snapshot, key: bytes, offer: Offer, told: Told, closing: str, cause: str, now: datetime
) -> int | None:
    """A mail about an offer as a draft for the developer; in shadow mode it is kept only. Raise ReplyError or
    ComposeError when it cannot be written."""
    settings = snapshot.desk.desk
    shadow = settings.tier_modes.get(offer.tier, settings.mode) == "shadow"
    mode: Mode = "shadow" if shadow else "draft"
    words = render_reply(_plan(snapshot, offer, told, closing, mode, now), snapshot.replies, automatic=False)
    draft = write_to_client(snapshot, key, "approved", cause, told.recipient, words, _parents(told), now)
    return post(
        store,
        draft,
        key,
        "approved",
        told.inbox,
        mode,
        cause,
        now,
        ticket=offer.ticket,
        thread=told.thread,
        client=offer.client,
        sender_key=offer.sender_key,
        answers=(closing,),
        recipient_code=recipient_code(draft.to, snapshot.desk, key),
    )


def _parents(told: Told) -> tuple[str, ...]:
    return tuple(filter(None, (told.request_id, told.message_id)))


def _plan(snapshot: Snapshot, offer: Offer, told: Told, closing: str, mode: Mode, now: datetime) -> ReplyPlan:
    desk, calendar = snapshot.desk, snapshot.calendar
    client = desk.client_by_id(offer.client or "")
    sender = Sender(told.recipient, "pass", offer.client, client.tier if client else offer.tier)
    values = reply_values(Reading(), sender, None, desk, calendar, Booked(), now)
    wanted = (client.language if client else "", offer.language, desk.desk.language)
    return ReplyPlan(
        answers=(),
        closing=closing,
        languages=tuple(dict.fromkeys(language for language in wanted if language)),
        to=told.recipient,
        subject=told.subject,
        mode=mode,
        values=replace(
            values,
            promise=offer.promise,
            waiting=is_long_wait(offer.promise, calendar, now),
            estimate=offer.price,
            estimate_until=calendar.last_day(offer.expires_at),
        ),
    )
