"""Deciding one mail: facts, triage, words, bytes and rows, all in one transaction (record, then act, then mark)."""

import re
from datetime import date, datetime, timedelta
from hashlib import sha256

from triagebot.app.answer import answer_mail
from triagebot.app.arrived import Arrived
from triagebot.app.commands.receive import take_answer
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.health.alert import Alarm, write_alerts
from triagebot.app.health.neglect import is_left_alone
from triagebot.app.outgoing.answers import put_answer, recipient_code
from triagebot.app.outgoing.returned import take_back
from triagebot.app.outgoing.silence import gather_story, gather_tallies, record_silence
from triagebot.app.tickets.agenda import replan
from triagebot.app.tickets.offers import find_offer
from triagebot.app.tickets.written import follow_up, has_answered, take_copy
from triagebot.core.decision import Decision, Sender
from triagebot.core.desk import Desk
from triagebot.core.facts import Facts
from triagebot.core.mail import Mail
from triagebot.core.outgoing.identity import bounced_id, loop_code, own_id_kind
from triagebot.core.outgoing.pingpong import Story
from triagebot.core.reading.address import sender_key
from triagebot.core.rules.fold import fold
from triagebot.core.sender.freemail import FREEMAIL
from triagebot.core.sender.identify import choose_destination, identify
from triagebot.core.sender.organization import organizational_domain
from triagebot.core.tickets.threading import list_links, list_parties
from triagebot.core.tickets.written import is_by_developer
from triagebot.edge.store import Store
from triagebot.edge.store.received.facts import Question
from triagebot.edge.store.received.mails import Identity
from triagebot.edge.store.work.tickets import NewTicket

_NUMBERED = re.compile(r"\b[^\W\d]*+\d\w*")
"""Numbers, and ids that hold one: what two mails of the same machine differ in."""


def decide_mail(store: Store, arrived: Arrived, snapshot: Snapshot, key: bytes, now: datetime) -> Decision:
    """Given the store inside a transaction and a mail, decide it and write down everything that follows."""
    mail, desk = arrived.mail, snapshot.desk
    sender = identify(mail, arrived.authentication, desk)
    person = _person(mail, sender)
    said = " ".join(_NUMBERED.sub("0", fold(mail.content.new_text)).split())
    body_key = sha256(said.encode("utf-8", "replace")).hexdigest() if said else ""
    question = Question(
        mail_id=arrived.row,
        message_id=mail.message_id,
        content_key=mail.content_key,
        body_key=body_key,
        links=list_links(mail, lambda message_id: own_id_kind(key, message_id)),
        sender_key=person,
        domain=_domain(person),
        client=sender.client,
        mode=desk.desk.tier_modes.get(sender.tier, desk.desk.mode),
        form=sender_key(sender.address) if sender.form else "",
        parties=list_parties(sender.client, person, sender.auth, form=sender.form),
    )
    proven = sender.auth in ("pass", "weak")
    story = gather_story(store, question, mail.subject, desk.limits, now, proven=proven)
    thread = story.thread
    facts = _gather(store, question, sender, story, arrived, snapshot, key, now)
    answer = answer_mail(mail, arrived.authentication, facts, snapshot, key, now, sender, keep=True)
    decision = answer.decision
    taken = take_answer(store, arrived, decision, snapshot, key, now)
    if taken is not None:
        return taken
    if _is_copy(decision, mail, desk, key):
        return take_copy(store, arrived.row, decision, mail, body_key, snapshot, key, now)
    identity = Identity(body_key, person, thread if thread is not None else arrived.row)
    store.threads.record(question.parties, question.links, identity.thread)
    today = snapshot.calendar.local(now).date()
    ticket = _write_ticket(store, decision, question, identity, mail, now, today)
    keep = arrived.raw if decision.state == "unreadable" else None
    if not store.mails.decide(arrived.row, mail, decision, identity, ticket, keep, now):
        return decision
    if decision.guard.verdict == "bounce":
        take_back(store, mail, decision.guard, snapshot, key, now)
    elif _writes_again(decision, facts) and thread is not None:
        store.outbox.stop_waiting(thread, person, sender.client, now)
    if answer.draft is not None and decision.reply is not None:
        plan, inbox = decision.reply, arrived.inbox
        put_answer(store, answer.draft, answer.raw, plan, question, inbox, identity.thread, ticket, desk, key, now)
    if facts.answered:
        follow_up(store, mail.message_id, identity.thread, ticket, sender.client, person, snapshot, now)
    record_silence(store, decision, question, thread, mail, arrived.inbox, desk, key, now)
    if decision.guard.verdict in ("ok", "capped", "human"):
        store.threads.note_outsider(arrived.row, question.links[1:], identity.thread, now)
    if _moves_others(decision):
        replan(store, snapshot, now)
    if decision.alert:
        write_alerts(store, Alarm(mail, arrived.row, arrived.inbox, decision, ticket), snapshot, key, now)
    return decision


def _moves_others(decision: Decision) -> bool:
    """Does it change when other work is done? Most new work goes behind all that is planned."""
    emergency = decision.ticket is not None and decision.ticket.kind == "emergency" and bool(decision.ticket.slots)
    return emergency or decision.closes is not None or decision.turn is not None


def _is_copy(decision: Decision, mail: Mail, desk: Desk, key: bytes) -> bool:
    """Is it the developer's own mail? What was there before the desk, or cannot be read, is not looked into."""
    readable = decision.guard.verdict in ("ok", "capped", "human") or decision.guard.codes[:1] == ("own-loop",)
    if decision.state in ("history", "unreadable") or not readable:
        return False
    return is_by_developer(mail, decision.sender, desk, lambda message_id: own_id_kind(key, message_id))


def _writes_again(decision: Decision, facts: Facts) -> bool:
    """Is this a new mail of a person who is at least likely to be its sender? It stops answers that still wait."""
    person = decision.guard.verdict in ("ok", "capped", "human") and not facts.duplicate
    return person and decision.sender.auth in ("pass", "weak")


def _person(mail: Mail, sender: Sender) -> str:
    """Whom the caps count: the author, or the visitor whom a declared contact form speaks for."""
    if sender.form and mail.reply_to.addresses:
        return sender_key(mail.reply_to.addresses[0].spec)
    return sender_key(sender.address) if sender.address else ""


def _domain(person: str) -> str:
    """The domain whose mails are counted together: its owner's, and none where anybody can have an address."""
    host = person.rpartition("@")[2]
    domain = organizational_domain(host) if host else ""
    return "" if {host, domain} & FREEMAIL else domain


def _gather(
    store: Store,
    question: Question,
    sender: Sender,
    story: Story,
    arrived: Arrived,
    snapshot: Snapshot,
    key: bytes,
    now: datetime,
) -> Facts:
    limits, thread = snapshot.desk.limits, story.thread
    about, known = sender.client or sender.claims or "", sender.auth == "pass"
    today = snapshot.book.calendar.local(now).date()
    suppressed = _is_suppressed(store, arrived, sender, snapshot.desk, key)
    modes = snapshot.book.rules.modes
    tallies = gather_tallies(store, question, thread, modes, limits, now, suppressed=suppressed)
    return Facts(
        loop_code=loop_code(key),
        is_own_id=lambda message_id: own_id_kind(key, message_id),
        bounced_id=lambda address: bounced_id(key, address, snapshot.desk.own_addresses),
        tally=tallies[question.mode],
        tallies=tallies,
        story=story,
        booked=store.slots.booked(today),
        open_tickets=store.tickets.open_of(sender.client, question.sender_key),
        thread_ticket=(
            store.tickets.of_thread(thread, sender.client, question.sender_key) if thread is not None else None
        ),
        person=question.sender_key,
        offer=find_offer(store, question, key, now, snapshot),
        open_offers=store.offers.waiting(sender.client) if sender.client else (),
        gifted=store.offers.was_gifted(sender.client) if sender.client else False,
        backfill=arrived.backfill,
        rescan=arrived.rescan,
        auto_sent_within_10_minutes=store.facts.auto_sent_since(question.sender_key, now - timedelta(minutes=10)),
        duplicate=store.facts.duplicate_of(question) is not None,
        answered=sender.auth == "pass" and has_answered(store, question.message_id, sender.client, question.sender_key),
        id_reused=store.facts.id_reused(question),
        alerted=not known and bool(about) and store.facts.alerted_since(about, now - limits.alert, proven=False),
        alarms=store.emergencies.alarms(about, now - limits.alert) if known and about else frozenset(),
        silent=is_left_alone(store),
    )


def _is_suppressed(store: Store, arrived: Arrived, sender: Sender, desk: Desk, key: bytes) -> bool:
    """Did mail to the address an answer would go to come back before?"""
    to = choose_destination(arrived.mail, arrived.authentication, sender, desk).address
    code = recipient_code(to, desk, key) if to else ""
    return bool(code) and store.suppressions.has(code)


def _write_ticket(
    store: Store,
    decision: Decision,
    question: Question,
    identity: Identity,
    mail: Mail,
    now: datetime,
    today: date,
) -> int | None:
    if decision.closes is not None:
        store.tickets.close(
            decision.closes, question.sender_key, "the client says thanks", now, today, question.mail_id
        )
        return decision.closes
    if decision.turn is not None:
        store.offers.turn(decision.turn, question.sender_key, question.mail_id, today, now)
        return decision.turn.ticket
    if decision.joins is not None:
        why = mail.subject or "(no subject)"
        store.tickets.tell(decision.joins, question.sender_key, "another mail joined", why, now, question.mail_id)
        if decision.kind != "thanks":
            store.sent_mails.hand_back(decision.joins, question.sender_key, question.mail_id, now)
        return decision.joins
    if decision.ticket is None:
        return None
    number = store.tickets.open(
        NewTicket(
            plan=decision.ticket,
            tier=decision.sender.tier,
            subject=mail.subject or "(no subject)",
            text=f"{mail.subject}\n{mail.content.new_text}",
            mail=question.mail_id,
            thread=identity.thread,
            client=decision.sender.client,
            sender_key=question.sender_key,
            reason=decision.reason,
        ),
        now,
    )
    store.offers.record_terms(number, decision.ticket, now)
    return number
