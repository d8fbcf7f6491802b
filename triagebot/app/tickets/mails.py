"""Changes of a ticket that come with a mail to its client: a quote, and a promise that was moved by hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.outgoing.outbox import approve, change_letter
from triagebot.app.tickets.absence import draft_moved
from triagebot.app.tickets.handling import Outcome, find_case, move
from triagebot.app.tickets.offers import quote_ticket
from triagebot.core.errors import StoreError
from triagebot.core.hours.absence import Shift
from triagebot.core.outgoing.compose import ComposeError
from triagebot.core.outgoing.delivery import OutboxState
from triagebot.core.phrase import Words, say
from triagebot.edge.replies import ReplyError
from triagebot.edge.store import Store
from triagebot.edge.wording import say_time

Mailing = Callable[[Store, Snapshot, bytes, datetime], Outcome]
_UNSENT: tuple[OutboxState, ...] = ("queued", "retry", "draft", "drafted", "shadow")


def quote(
    store: Store,
    snapshot: Snapshot,
    key: bytes,
    number: int,
    minutes: int,
    price: Decimal,
    now: datetime,
    *,
    leaves: bool = False,
) -> Outcome:
    """Given a ticket, how long its work takes and its fixed price, offer it to the client, by a mail in Drafts; with
    `leaves` it is sent after the undo window. Raise StoreError."""
    find_case(store, number)
    quoted = quote_ticket(store, snapshot, key, number, minutes, price, now)
    told: Words
    if quoted.mail is None:
        told = say("No mail is written: this quote was made before.")
    elif leaves:
        told = _send(store, snapshot, quoted.mail, number, now)
    else:
        told = say("The mail is outbox {mail}; `triagebot outbox approve {mail}` sends it.", mail=quoted.mail)
    after = find_case(store, number)
    sentences = (quoted.sentence, told, *_drop_answers(store, number, quoted.mail, now))
    return Outcome(number, after.state, sentences, promise=after.promise)


def move_and_tell(
    store: Store, snapshot: Snapshot, key: bytes, number: int, day: date, now: datetime, *, leaves: bool = False
) -> Outcome:
    """Given a ticket and a local date, promise it for that date, and write the mail that tells the client, for the
    Drafts folder; with `leaves` it is sent after the undo window. Raise StoreError."""
    outcome = move(store, snapshot, number, day, now)
    if outcome.tell_client is None:
        return outcome
    told = _stop_earlier(store, number, now) or outcome.tell_client
    if told == day:
        sentence = say("The client knows no other date, so nothing is written to them.")
        return replace(outcome, sentences=(outcome.sentences[0], sentence), tell_client=None)
    case = find_case(store, number)
    shift, is_told = Shift(number, told, day, day, case.answer_due), store.undoing.was_told(number)
    try:
        row = draft_moved(store, snapshot, shift, key, now, is_told=is_told)
    except (ReplyError, ComposeError) as error:
        raise StoreError(say("the mail about the new date cannot be written: {why}", why=str(error))) from None
    told_client: Words
    if row is None:
        told_client = say("No address is known at which the client was told {day}: call them.", day=told)
    elif leaves:
        told_client = _send(store, snapshot, row, number, now)
    else:
        told_client = say("The mail that tells the client lies in Drafts: send it, or `triagebot outbox approve` it.")
    dropped = _drop_answers(store, number, row, now) if row is not None else ()
    return replace(outcome, sentences=(outcome.sentences[0], told_client, *dropped))


def _drop_answers(store: Store, number: int, mail: int | None, now: datetime) -> tuple[Words, ...]:
    """What the desk would have answered does not fit any more: the client is told something else."""
    if not store.undoing.drop_answers(number, mail, now):
        return ()
    return (say("The answer that waited in Drafts does not fit any more and is dropped."),)


def _stop_earlier(store: Store, number: int, now: datetime) -> date | None:
    """A mail about an earlier move that the client has not got yet is not sent. Return the date they do know."""
    known: date | None = None
    for row, cause in store.undoing.unsent_moves(number):
        _, ticket, before, *after = cause.split()
        if len(after) > 2 or ticket != str(number):
            continue  # it tells of other tickets too
        change_letter(store, row, _UNSENT, "dropped", now, now)
        known = known or date.fromisoformat(before)
    return known


def _send(store: Store, snapshot: Snapshot, row: int, number: int, now: datetime) -> Words:
    mail = store.outbox.find(row)
    due = approve(store, snapshot, row, now)
    time, address = say_time(due, snapshot.calendar.zone), str(mail["recipient"]) if mail else ""
    return say(
        "The mail to {address} leaves at {time}; until then `undo {number}` stops it.",
        address=address,
        time=time,
        number=number,
    )
