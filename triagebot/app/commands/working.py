"""Minutes: booked on a ticket by a word, which also ends what the developer's own mail offered to book for it."""

from datetime import datetime
from hashlib import sha256

from triagebot.app.desk.view import DeskView
from triagebot.app.money.ledger import Booking, book_minutes
from triagebot.app.money.unbooked import Offer, book_offer, find_offers
from triagebot.app.tickets.agenda import replan
from triagebot.app.tickets.handling import find_case, finish, note_minutes
from triagebot.core.errors import LedgerError, StoreError
from triagebot.core.phrase import Words, say
from triagebot.edge.store import Store
from triagebot.edge.store.rows import stamp


def book_time(store: Store, view: DeskView, number: int, minutes: int, note: str, now: datetime) -> list[Words]:
    """Given a ticket, minutes and a note, book them, in place of those a mail offers. Raise StoreError or
    LedgerError."""
    case = find_case(store, number)
    if minutes < 1:
        raise LedgerError(say("say how long it took, such as: {number} 25m menu mended", number=number))
    if case.client is None:
        said: Words = note_minutes(store, case, minutes, now)
        replan(store, view, now)
        return [said]
    offer = _find_offer(store, view, number, minutes)
    if offer is not None:
        return [book_offer(store, view, offer, minutes, note, now)]
    what = sha256(f"{minutes} {note}".encode()).hexdigest()[:8]
    subject = note or case.subject or f"ticket {number}"
    booking = Booking(f"command/{number}/{stamp(now)}/{what}", case.client, minutes, subject, number)
    sentence = book_minutes(store, view, booking, now).sentence
    replan(store, view, now)
    return [sentence]


def finish_ticket(
    store: Store, view: DeskView, number: int, minutes: int | None, note: str, now: datetime
) -> list[Words]:
    """Given a ticket, how long it took if that is to be booked, and a note, its work is done. Minutes that were offered
    for it are then booked by that. Raise StoreError or LedgerError."""
    offer = _find_offer(store, view, number, minutes) if minutes else None
    outcome = finish(store, view, number, now, minutes, note)
    if offer is not None and outcome.changed:
        store.sent_mails.end_offer(offer.number, "booked")
    return list(outcome.sentences)


def take_time(store: Store, view: DeskView, number: int, now: datetime) -> list[Words]:
    """Given a ticket, book the minutes that the developer's own mail offers for it. Raise StoreError when there are
    none, or several times some."""
    offer = _only_offer(store, view, number, "ok")
    return [book_offer(store, view, offer, offer.minutes, "", now)]


def decline_time(store: Store, view: DeskView, number: int, now: datetime) -> list[Words]:
    """Given a ticket, book nothing of what the developer's own mail offers for it. Raise as `take_time` does."""
    offer = _only_offer(store, view, number, "no")
    store.sent_mails.end_offer(offer.number, "declined")
    store.tickets.tell(number, "developer", "minutes declined", f"{offer.minutes} minutes", now)
    return [say("Nothing is booked for {client}: {subject}.", client=offer.client, subject=offer.subject)]


def _only_offer(store: Store, view: DeskView, number: int, word: str) -> Offer:
    find_case(store, number)
    found = _offers(store, view, number)
    if not found:
        raise StoreError(say("ticket {number} has no mail and no minutes that wait for your word", number=number))
    if len(found) > 1:
        lengths = ", ".join(f"{one.minutes}m" for one in found)
        raise StoreError(
            say(
                "ticket {number} has minutes to book more than once ({lengths}), so {word} is not clear; book each,"
                " such as: {number} 25m",
                number=number,
                lengths=lengths,
                word=word,
            )
        )
    return found[0]


def _find_offer(store: Store, view: DeskView, number: int, minutes: int) -> Offer | None:
    """The offer that a booking stands for: the one of as many minutes, else the oldest."""
    found = _offers(store, view, number)
    return next((one for one in found if one.minutes == minutes), next(iter(found), None))


def _offers(store: Store, view: DeskView, number: int) -> list[Offer]:
    return [offer for offer in find_offers(store, view) if offer.ticket == number]
