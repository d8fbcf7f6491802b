"""Taking in a mail the developer wrote himself: it joins its ticket, stops the clock of the first answer, and what the
desk still had to say there is not said any more. Jobs inside a transaction of whoever calls."""

from dataclasses import dataclass, replace
from datetime import datetime

from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.desk.view import DeskView
from triagebot.app.tickets.agenda import replan
from triagebot.app.tickets.agreeing import compare_answers
from triagebot.core.decision import Decision
from triagebot.core.mail import Mail
from triagebot.core.outgoing.identity import own_id_kind
from triagebot.core.reading.address import sender_key
from triagebot.core.reading.text import clean
from triagebot.core.reading.worked import read_worked
from triagebot.core.tickets.threading import list_links
from triagebot.core.tickets.written import Readers, Role, choose_role, find_matter, guess_minutes, state_after
from triagebot.edge.store import Store
from triagebot.edge.store.received.mails import Identity
from triagebot.edge.store.received.sentmails import AnsweredTicket, OfferState, SentMail

MOST_TEXT = 20_000
"""Characters that are kept of a mail of the developer's."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a mail of the developer's was found to be. Thread and ticket are None where it belongs to none."""

    role: Role
    thread: int | None = None
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """The conversation a mail belongs to, and the part it has there."""

    role: Role
    thread: int | None = None
    ticket: AnsweredTicket | None = None
    client: str | None = None
    party: str = ""


def take_written(
    store: Store, place: tuple[str, str, int, int], mail: Mail, view: Snapshot, key: bytes, now: datetime
) -> Taken | None:
    """Given where a mail of the developer's lies (inbox, folder, its numbering, UID) and what it says, write down what
    follows from it. Return that, or None when it was taken in before: copies in two folders are one mail."""
    if mail.message_id and store.sent_mails.knows(mail.message_id):
        return None
    links = [one for one in list_links(mail, lambda one: own_id_kind(key, one)) if one != mail.message_id]
    readers = Readers.of(mail, view.desk)
    found = _find(store, mail, links, readers)
    minutes = read_worked(mail.content.new_text)
    sent = SentMail(
        place=place,
        sent_at=mail.received_at,
        message_id=mail.message_id,
        answers=links[0] if links else "",
        recipient=", ".join(readers.addresses),
        subject=mail.subject,
        text=clean(mail.content.new_text)[:MOST_TEXT],
        thread=found.thread,
        ticket=found.ticket.id if found.ticket else None,
        client=found.client,
        minutes=minutes,
        offer=_offer(store, found, minutes),
    )
    number = store.sent_mails.add(sent)
    if number is None:
        return None
    if found.role == "answer" and found.thread is not None:
        compare_answers(store, number, sent, found.thread, view, now)
        store.threads.record((found.party,), (mail.message_id, *links) if mail.message_id else links, found.thread)
        store.outbox.stop_answered(found.thread, mail.received_at, now)
    if found.ticket is not None:
        _tell_ticket(store, found.ticket, found.role, sent, view, now)
    return Taken(found.role, found.thread, sent.ticket)


def take_own_copy(store: Store, message_id: str, sent_at: datetime, view: DeskView, now: datetime) -> None:
    """Given the id of a mail of this desk that lies in Sent, close its row if the developer sent it out of Drafts; what
    a person chose to send is an answer, and stops the clock."""
    row = store.outbox.sent_by_hand(message_id, now)
    ticket = store.sent_mails.find_ticket(row[1]) if row and row[2] and row[1] is not None else None
    if ticket is not None:
        store.changes.answer(ticket.id, ticket.state, sent_at, now)
        replan(store, view, now)


def has_answered(store: Store, message_id: str, client: str | None, person: str) -> bool:
    """Given the id of a client's mail and whose it provably is, return whether the developer has answered it to them
    before the desk saw it."""
    answer = store.sent_mails.answer_to(message_id)
    if answer is None:
        return False
    read_by = {sender_key(one) for one in answer[1].recipient.split(", ")}
    return person in read_by or (client is not None and client == answer[1].client)


def follow_up(
    store: Store,
    message_id: str,
    thread: int,
    ticket: int | None,
    client: str | None,
    person: str,
    view: DeskView,
    now: datetime,
) -> None:
    """Given a client's mail that is decided now and was answered before, let the developer's answers join its thread
    and ticket. Its people are those `has_answered` was asked about."""
    while (answer := store.sent_mails.answer_to(message_id)) is not None:
        number, sent = answer
        owed = store.sent_mails.find_ticket(ticket) if ticket is not None else None
        found = _Found("answer", thread, owed, client, _party(client, person))
        store.sent_mails.attach(number, thread, ticket, client, _offer(store, found, sent.minutes))
        if sent.message_id:
            store.threads.record((found.party,), (sent.message_id,), thread)
        if owed is not None:
            _tell_ticket(store, owed, "answer", sent, view, now)


def take_copy(
    store: Store, row: int, decision: Decision, mail: Mail, body_key: str, view: Snapshot, key: bytes, now: datetime
) -> Decision:
    """Given a mail of the developer's that came into an inbox, as a copy or to the desk alone, and its decision, take
    it in as one out of Sent; return the decision, written down."""
    taken = take_written(store, store.mails.place(row), mail, view, key, now)
    thread = taken.thread if taken is not None and taken.thread is not None else row
    person = sender_key(decision.sender.address)
    ticket = taken.ticket if taken is not None else None
    store.mails.decide(row, mail, decision, Identity(body_key, person, thread), ticket, None, now)
    return decision


def _find(store: Store, mail: Mail, links: list[str], readers: Readers) -> _Found:
    thread = store.threads.find(links) if links else None
    if thread is not None:
        ticket = store.sent_mails.ticket_of_thread(thread)
        clients, keys = store.sent_mails.people(thread)
        role = choose_role(readers, clients, keys)
        client = ticket.client if ticket else next(iter(sorted(clients & readers.clients)), None)
        return _Found(role, thread, ticket, client, _party(client, next(iter(sorted(keys & readers.keys)), "")))
    found = _Found("answer" if readers.keys else "note")
    for client in sorted(readers.clients):
        matter = find_matter(store.tickets.open_of(client, ""), mail.subject, mail.content.new_text)
        found = replace(found, client=client, party=_party(client, ""))
        ticket = store.sent_mails.find_ticket(matter.id) if matter else None
        if ticket is not None:
            return replace(found, thread=ticket.thread, ticket=ticket)
    return found if len(readers.clients) <= 1 else _Found(found.role)


def _party(client: str | None, key: str) -> str:
    """Whose thread it is, as core/tickets/threading.py names parties."""
    return f"client {client}" if client else f"address {key}"


def _offer(store: Store, found: _Found, minutes: int | None) -> OfferState:
    """Are there minutes to be booked? Written ones always; a guess once per ticket, when the mail answers it."""
    if found.client is None:
        return ""
    if minutes is not None:
        if found.ticket is not None:
            store.sent_mails.end_guesses(found.ticket.id)
        return "open"
    ticket = found.ticket
    if ticket is None or found.role == "note" or guess_minutes(ticket.minutes, ticket.minutes_done) is None:
        return ""
    return "" if store.sent_mails.has_open_offer(ticket.id) else "open"


def _tell_ticket(
    store: Store, ticket: AnsweredTicket, role: Role, sent: SentMail, view: DeskView, now: datetime
) -> None:
    """An answer stops the clock and may hand the turn over; a note to somebody else is only written down."""
    if role == "note":
        store.tickets.tell(ticket.id, "developer", f"wrote to {sent.recipient or 'somebody'}", sent.subject, now)
        return
    state = state_after(ticket.kind, ticket.state)
    store.changes.answer(ticket.id, state, sent.sent_at, now)
    what = "answered by mail" if state == ticket.state else f"answered by mail, {state}"
    store.tickets.tell(ticket.id, "developer", what, sent.subject, now)
    replan(store, view, now)
