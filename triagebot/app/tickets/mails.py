"""Changes of a ticket that come with a mail to its client: a quote, and a promise that was moved by hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from triagebot.app.desk.opening import writing
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.tickets.absence import draft_moved
from triagebot.app.tickets.handling import Outcome, find_case, move
from triagebot.app.tickets.offers import quote_ticket
from triagebot.core.errors import StoreError
from triagebot.core.hours.absence import Shift
from triagebot.core.outgoing.compose import ComposeError
from triagebot.edge.keys import load_key
from triagebot.edge.replies import ReplyError
from triagebot.edge.store import Store

Mailing = Callable[[Store, Snapshot, bytes, datetime], Outcome]


def apply_mailing(snapshot: Snapshot, mailing: Mailing, now: datetime) -> Outcome:
    """Given a desk and one of the functions below with its values filled in, do it in a transaction of its own."""
    with writing(snapshot) as store:
        return mailing(store, snapshot, load_key(snapshot.data / "key"), now)


def quote(
    store: Store, snapshot: Snapshot, key: bytes, number: int, minutes: int, price: Decimal, now: datetime
) -> Outcome:
    """Given a ticket, how long its work takes and its fixed price, offer it to the client, by a mail in Drafts. Raise
    StoreError."""
    find_case(store, number)
    sentence = quote_ticket(store, snapshot, key, number, minutes, price, now)
    after = find_case(store, number)
    return Outcome(number, after.state, (sentence,), promise=after.promise)


def move_and_tell(store: Store, snapshot: Snapshot, key: bytes, number: int, day: date, now: datetime) -> Outcome:
    """Given a ticket and a local date, promise it for that date, and write the mail that tells the client, for the
    Drafts folder. Raise StoreError."""
    outcome = move(store, snapshot, number, day, now)
    if outcome.tell_client is None:
        return outcome
    case = find_case(store, number)
    shift = Shift(number, outcome.tell_client, day, day, case.answer_due)
    try:
        written = draft_moved(store, snapshot, shift, key, now)
    except (ReplyError, ComposeError) as error:
        raise StoreError(f"the mail about the new date cannot be written: {error}") from None
    sentence = (
        "The mail that tells the client lies in Drafts: send it, or `triagebot outbox approve` it."
        if written
        else f"No address is known at which the client was told {outcome.tell_client}: call them."
    )
    return replace(outcome, sentences=(outcome.sentences[0], sentence))
