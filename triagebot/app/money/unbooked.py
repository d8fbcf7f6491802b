"""Minutes that the developer's own mails tell of and that nobody has booked yet: listed, booked, declined."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from triagebot.app.desk.opening import reading, writing
from triagebot.app.desk.view import DeskView
from triagebot.app.money.ledger import Booking, book_minutes
from triagebot.app.tickets.agenda import replan
from triagebot.core.digest.content import Item
from triagebot.core.errors import LedgerError
from triagebot.core.money.typed import parse_minutes
from triagebot.core.phrase import ENGLISH, Words, say, say_many
from triagebot.core.reading.text import strip_prefixes
from triagebot.core.tickets.written import guess_minutes
from triagebot.edge.store import Store
from triagebot.edge.store.received.sentmails import BOOKED_KEY
from triagebot.edge.store.rows import stamp


@dataclass(frozen=True, slots=True)
class Offer:
    """Minutes ready to book for a client, on a ticket or on none. `guessed`: nobody wrote them, they are what is left
    of the estimate. `since` were booked on the ticket in another way after the mail. `day` is when it was sent."""

    number: int
    ticket: int | None
    client: str
    subject: str
    minutes: int
    guessed: bool
    since: int
    day: date

    @property
    def line(self) -> str:
        """The offer as a line to be booked with: ticket and minutes."""
        return f"{self.ticket} {self.minutes}m" if self.ticket is not None else f"{self.client} {self.minutes}m"


def find_offers(store: Store, view: DeskView) -> Iterator[Offer]:
    """Given the store and the desk, yield what waits to be booked, the oldest first. A guess is no use any more once
    something was booked."""
    for row in store.sent_mails.unbooked():
        minutes = row.written or guess_minutes(row.estimated or 0, row.done or 0)
        if minutes is None or row.client is None or (row.written is None and row.since):
            continue
        day = view.calendar.local(row.sent_at).date()
        subject = strip_prefixes(row.subject) or "support"
        yield Offer(row.number, row.ticket, row.client, subject, minutes, row.written is None, row.since, day)


def list_offers(view: DeskView) -> list[Offer]:
    """Given a desk, return what waits to be booked."""
    with reading(view) as store:
        return list(find_offers(store, view))


def accept_offer(view: DeskView, number: int, typed: str, now: datetime) -> str:
    """Given an offer's number and minutes as typed ("" for those offered), book them on the day the mail was sent;
    return what was done. Raise LedgerError when there is no such offer, or it cannot be booked: it stays then."""
    with writing(view) as store:
        offer = _find(store, view, number)
        minutes = parse_minutes(typed) if typed else offer.minutes
        return ENGLISH.speak(book_offer(store, view, offer, minutes, "", now))


def book_offer(store: Store, view: DeskView, offer: Offer, minutes: int, note: str, now: datetime) -> Words:
    """Given the store inside a transaction, an offer, minutes and a note ("" for the mail's subject), book them on the
    day the mail was sent; return what was done. Raise LedgerError."""
    store.sent_mails.end_offer(offer.number, "booked")
    key = f"{BOOKED_KEY}{offer.number}"
    if store.ledger.find(key) is not None:  # it was booked before, and taken back
        key = f"{key} {stamp(now)}"
    booking = Booking(key, offer.client, minutes, note or offer.subject, offer.ticket, offer.day)
    sentence = book_minutes(store, view, booking, now).sentence
    replan(store, view, now)
    return sentence


def decline_offer(view: DeskView, number: int) -> str:
    """Given an offer's number, let nothing be booked for it; return what was done. Raise LedgerError when there is no
    such offer."""
    with writing(view) as store:
        offer = _find(store, view, number)
        store.sent_mails.end_offer(number, "declined")
    return f"Nothing is booked for {offer.client}: {offer.subject}."


def _find(store: Store, view: DeskView, number: int) -> Offer:
    offer = next((one for one in find_offers(store, view) if one.number == number), None)
    if offer is None:
        raise LedgerError(f"no minutes are offered under {number} (any more); see `triagebot log --offers`")
    return offer


def gather_offer_items(store: Store, view: DeskView) -> tuple[Item, ...]:
    """Given the store and the desk, return an item of the digest for each offer."""
    return tuple(
        Item(
            say(
                "{minutes} min, {who}: {subject}",
                minutes=offer.minutes,
                who=view.desk.name_of(offer.client, offer.client),
                subject=offer.subject,
            ),
            (
                say("you wrote on {day}", day=offer.day),
                say("guessed from the estimate: you wrote no minutes")
                if offer.guessed
                else say("as you wrote under the mail"),
                *((_ask_since(offer.since),) if offer.since else ()),
                f"triagebot log --accept {offer.number}",
            ),
            ref=str(offer.ticket or ""),
            commands=(f"{offer.minutes}m",) if offer.ticket else (),
        )
        for offer in find_offers(store, view)
    )


def _ask_since(minutes: int) -> Words:
    return say_many(
        "{count} minute was booked on it since: is this among them?",
        "{count} minutes were booked on it since: is this among them?",
        minutes,
    )
