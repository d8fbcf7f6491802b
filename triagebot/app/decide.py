"""Deciding one mail: facts, triage, words, bytes and rows, all in one transaction (record, then act, then mark)."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from triagebot.app.alert import alert_text
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.render import Rendered, render_reply
from triagebot.core.compose import ComposeError, Draft, compose
from triagebot.core.decision import Authentication, Decision, ReplyPlan, Sender, Step
from triagebot.core.identity import loop_code, make_message_id, own_id_kind
from triagebot.core.mail import Mail
from triagebot.core.reading.address import sender_key
from triagebot.core.retry import expires_at
from triagebot.core.rules.fold import fold
from triagebot.core.sender.identify import identify
from triagebot.core.sender.organization import organizational_domain
from triagebot.core.triage import Facts, triage
from triagebot.edge.replies import ReplyError
from triagebot.edge.store import Store
from triagebot.edge.store.facts import Question
from triagebot.edge.store.mails import Identity
from triagebot.edge.store.outbox import Outgoing
from triagebot.edge.store.tickets import NewTicket

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail that was fetched and read: its row, where it came in, what it says and who sent it."""

    row: int
    inbox: str
    mail: Mail
    authentication: Authentication
    backfill: bool
    rescan: bool
    raw: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision with its reply in words and in bytes; both None where nothing is sent."""

    decision: Decision
    rendered: Rendered | None = None
    draft: Draft | None = None
    raw: bytes = b""


def answer_mail(
    mail: Mail,
    authentication: Authentication,
    facts: Facts,
    snapshot: Snapshot,
    key: bytes,
    now: datetime,
    sender: Sender | None = None,
) -> Answer:
    """Given a mail, what is known and the desk, return the decision and the reply. Touches nothing.

    A reply file that cannot be filled in never loses the mail: it is held, and the trail says why.
    """
    decision = triage(mail, authentication, facts, snapshot.book, now, sender)
    if decision.reply is None:
        return Answer(decision)
    try:
        rendered = render_reply(decision.reply, snapshot.replies)
        draft = _draft(mail, decision.reply, rendered, snapshot, key, now)
        raw = compose(draft, key)
    except (ReplyError, ComposeError) as error:
        step = Step("reply.text", "held", str(error))
        ticket = decision.ticket
        if ticket is not None and ticket.state == "waiting-client":
            ticket = replace(ticket, state="new")  # nobody was told what to say yes to
        return Answer(replace(decision, reply=None, ticket=ticket, state="held", trail=(*decision.trail, step)))
    return Answer(decision, rendered, draft, raw)


def _draft(mail: Mail, plan: ReplyPlan, rendered: Rendered, snapshot: Snapshot, key: bytes, now: datetime) -> Draft:
    desk = snapshot.desk
    own = {address.lower(): address for address in desk.own_addresses}
    written_to = (own.get(address.spec.lower()) for address in mail.to)
    from_address = next((address for address in written_to if address), desk.desk.address)
    return Draft(
        message_id=make_message_id(key, "auto", mail.content_key, from_address.rpartition("@")[2]),
        from_name=desk.desk.name,
        from_address=from_address,
        to=plan.to,
        subject=rendered.subject,
        date=now.astimezone(snapshot.book.calendar.zone),
        text=rendered.text,
        html=rendered.html,
        language=rendered.language,
        parents=(*mail.references, mail.message_id) if mail.message_id else (),
    )


def decide_mail(store: Store, arrived: Arrived, snapshot: Snapshot, key: bytes, now: datetime) -> Decision:
    """Given the store inside a transaction and a mail, decide it and write down everything that follows."""
    mail, desk = arrived.mail, snapshot.desk
    sender = identify(mail, arrived.authentication, desk)
    person = _person(mail, sender)
    body_key = sha256(_DIGITS.sub("0", fold(mail.content.new_text)).encode("utf-8", "replace")).hexdigest()
    question = Question(
        mail_id=arrived.row,
        message_id=mail.message_id,
        content_key=mail.content_key,
        body_key=body_key,
        parents=mail.parents,
        sender_key=person,
        domain=organizational_domain(person.rpartition("@")[2]) if person else "",
        client=sender.client,
        mode=desk.desk.mode,
        form=sender_key(sender.address) if sender.form else "",
    )
    thread = store.facts.thread_of(mail.parents)
    facts = _gather(store, question, sender, thread, arrived, snapshot, key, now)
    answer = answer_mail(mail, arrived.authentication, facts, snapshot, key, now, sender)
    decision = answer.decision
    identity = Identity(body_key, person, thread if thread is not None else arrived.row)
    today = snapshot.calendar.local(now).date()
    ticket = _write_ticket(store, decision, question, identity, mail, now, today)
    keep = arrived.raw if decision.state == "unreadable" else None
    if not store.mails.decide(arrived.row, mail, decision, identity, ticket, keep, now):
        return decision
    if answer.draft is not None and decision.reply is not None:
        delay = desk.outbox.delay
        store.outbox.add(
            _outgoing(answer.draft, answer.raw, decision.reply, question, arrived, identity, ticket, now, delay),
            now,
        )
    if decision.alert:
        _write_alert(store, arrived, decision, sender, ticket, snapshot, key, now)
    return decision


def _person(mail: Mail, sender: Sender) -> str:
    """Whom the caps count: the author, or the visitor whom a declared contact form speaks for."""
    if sender.form and mail.reply_to.addresses:
        return sender_key(mail.reply_to.addresses[0].spec)
    return sender_key(sender.address) if sender.address else ""


def _gather(
    store: Store,
    question: Question,
    sender: Sender,
    thread: int | None,
    arrived: Arrived,
    snapshot: Snapshot,
    key: bytes,
    now: datetime,
) -> Facts:
    limits = snapshot.desk.limits
    about = sender.client or sender.claims or ""
    today = snapshot.book.calendar.local(now).date()
    return Facts(
        loop_code=loop_code(key),
        is_own_id=lambda message_id: own_id_kind(key, message_id),
        tally=store.facts.tally(question, thread, limits, now),
        booked=store.tickets.booked(today),
        open_tickets=store.tickets.open_of(sender.client, question.sender_key),
        thread_ticket=(
            store.tickets.of_thread(thread, sender.client, question.sender_key) if thread is not None else None
        ),
        backfill=arrived.backfill,
        rescan=arrived.rescan,
        auto_sent_within_10_minutes=store.facts.auto_sent_since(question.sender_key, now - timedelta(minutes=10)),
        duplicate=store.facts.duplicate_of(question) is not None,
        id_reused=store.facts.id_reused(question),
        alerted=bool(about) and store.facts.alerted_since(about, now - limits.alert),
    )


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
    if decision.joins is not None:
        why = mail.subject or "(no subject)"
        store.tickets.tell(decision.joins, question.sender_key, "another mail joined", why, now, question.mail_id)
        return decision.joins
    if decision.ticket is None:
        return None
    return store.tickets.open(
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


def _outgoing(
    draft: Draft,
    raw: bytes,
    plan: ReplyPlan,
    question: Question,
    arrived: Arrived,
    identity: Identity,
    ticket: int | None,
    now: datetime,
    delay: timedelta,
) -> Outgoing:
    return Outgoing(
        outgoing="auto",
        inbox=arrived.inbox,
        mail_from=draft.from_address,
        recipient=draft.to,
        subject=draft.subject,
        message_id=draft.message_id,
        dedupe_key=f"auto {arrived.mail.content_key}",
        raw=raw,
        mode=plan.mode,
        due=now + delay,
        expires_at=expires_at("auto", now),
        mail=arrived.row,
        ticket=ticket,
        thread=identity.thread,
        client=question.client,
        sender_key=question.sender_key,
        form=question.form,
        domain=question.domain,
        answers=plan.answers or (plan.closing,),
    )


def _write_alert(
    store: Store,
    arrived: Arrived,
    decision: Decision,
    sender: Sender,
    ticket: int | None,
    snapshot: Snapshot,
    key: bytes,
    now: datetime,
) -> None:
    """The developer is told of an emergency at once, in the same mode as the client's answer would be."""
    desk = snapshot.desk
    subject, text = alert_text(arrived.mail, decision, ticket, desk)
    draft = Draft(
        message_id=make_message_id(key, "alert", arrived.mail.content_key, desk.desk.address.rpartition("@")[2]),
        from_name=f"{desk.desk.name} triagebot",
        from_address=desk.desk.address,
        to=desk.desk.developer[0],
        subject=subject,
        date=now.astimezone(snapshot.book.calendar.zone),
        text=text,
        automatic="auto-generated",
    )
    store.outbox.add(
        Outgoing(
            outgoing="alert",
            inbox=arrived.inbox,
            mail_from=draft.from_address,
            recipient=draft.to,
            subject=draft.subject,
            message_id=draft.message_id,
            dedupe_key=f"alert {arrived.mail.content_key}",
            raw=compose(draft, key),
            mode="shadow" if desk.desk.mode == "shadow" else "live",
            due=now,
            expires_at=expires_at("alert", now),
            mail=arrived.row,
            ticket=ticket,
            client=sender.client or sender.claims,
        ),
        now,
    )
