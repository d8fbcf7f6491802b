"""`send`: the developer's own words to a client, in place of a draft, or as an answer where there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes
from email.utils import parseaddr
from hashlib import sha256
from typing import Any

from triagebot.app.commands.done import Named
from triagebot.app.commands.letters import say_leaving, the_one, told_verdict
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.outgoing.answers import recipient_code
from triagebot.app.outgoing.letters import post, write_to_client
from triagebot.app.outgoing.outbox import KEPT, approve, change_letter, refuse_suppressed
from triagebot.app.render import Rendered
from triagebot.app.tickets.agenda import replan
from triagebot.app.tickets.handling import DEVELOPER, find_case
from triagebot.core.desk import Desk
from triagebot.core.errors import StoreError
from triagebot.core.outgoing.compose import ComposeError, Draft
from triagebot.core.phrase import Words, say
from triagebot.core.reading.address import sender_key
from triagebot.core.reading.text import clean, reply_subject
from triagebot.core.tickets.written import staff_of, state_after
from triagebot.edge.store import Store

_MOST = 20_000
"""Characters of an answer typed into a digest."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """Where an answer goes and what it belongs to; `parents` are the ids it answers, the nearest last; `sender` is the
    address of the desk it leaves from, "" for the usual one."""

    inbox: str
    to: str
    subject: str
    language: str
    parents: tuple[str, ...]
    about: Mapping[str, Any]
    sender: str = ""


def send_words(store: Store, snapshot: Snapshot, key: bytes, named: Named, text: str, now: datetime) -> Words:
    """Given what a command names and the developer's words, let them leave after the undo window: in place of the mail
    that waits, to whom and in whose thread it was to go, or as an answer to the client's last mail. Return the sentence
    about it. Raise StoreError when there is nobody it may be sent to."""
    words = clean(text).strip()[:_MOST]
    if not words:
        raise StoreError(say('there are no words to send; write {ref} send "your answer"', ref=named.ref))
    row = the_one(store, named)
    letter = _in_place_of(store, row) if row is not None else _find_letter(store, snapshot, named)
    code = recipient_code(letter.to, snapshot.desk, key)
    refuse_suppressed(store, {"recipient": letter.to, "recipient_code": code})
    cause = f"send {named.ref} {now.isoformat()} {sha256(words.encode()).hexdigest()[:12]}"
    rendered = Rendered(letter.language, letter.subject, _sign(words, snapshot.desk), "")
    try:
        draft = write_to_client(snapshot, key, "approved", cause, letter.to, rendered, letter.parents, now)
        if letter.sender:
            draft = replace(draft, from_address=letter.sender)
        number = _post(store, key, draft, letter, cause, code, now)
    except ComposeError as error:
        raise StoreError(say("these words cannot be sent: {why}", why=str(error))) from None
    if row is not None:
        change_letter(store, row["id"], KEPT, "dropped", now, now)
        told_verdict(store, snapshot, row, "differs", now)
    else:
        _settle(store, snapshot, named, now)
    due = approve(store, snapshot, number, now, anyway=True)
    return say_leaving(snapshot, letter.to, letter.subject, due, named.ref, now)


def _sign(words: str, desk: Desk) -> str:
    """As a person ends a mail; nothing in it says that a machine wrote it."""
    name = desk.desk.name
    return f"{words}\n" if words.endswith(name) else f"{words}\n\n{name}\n"


def _post(store: Store, key: bytes, draft: Draft, letter: _Letter, cause: str, code: str, now: datetime) -> int:
    number = post(
        *(store, draft, key, "approved", letter.inbox, "draft", cause, now), recipient_code=code, **letter.about
    )
    if number is None:
        raise StoreError(say("these very words were sent by the same answer already"))
    return number


def _in_place_of(store: Store, row: Mapping[str, Any]) -> _Letter:
    whole = store.outbox.find(row["id"]) or {}
    raw = message_from_bytes(store.outbox.raw(row["id"]))
    parents = tuple(str(raw["References"] or raw["In-Reply-To"] or "").split())
    names = ("mail", "ticket", "thread", "client")
    about = {name: whole[name] for name in names}
    about |= {"sender_key": whole["sender_key"] or "", "answers": tuple(str(whole["answers"]).split())}
    language = str(raw["Content-Language"] or "en")
    return _Letter(
        whole["inbox"], whole["recipient"], whole["subject"], language, parents, about, parseaddr(str(raw["From"]))[1]
    )


def _find_letter(store: Store, snapshot: Snapshot, named: Named) -> _Letter:
    if named.ticket is not None:
        case = find_case(store, named.ticket)
        numbers = [mail.id for mail in store.changes.mails_of(case.id)]
        mail = _last_of_client(store, snapshot, numbers)
        if mail is None:
            return _first_letter(store, snapshot, named.ticket)
        before = tuple(filter(None, (_message_id(store, case.mail), _last_of_ours(store, case.id))))
        return _answer_to(store, snapshot, mail, before)
    if named.mail is not None:
        received = store.mails.find(named.mail)
        if received is None:
            raise StoreError(say("there is no mail {number}", number=named.mail))
        return _answer_to(store, snapshot, received, ())
    raise StoreError(say("{ref} does not wait for your word any more; see `triagebot outbox --all`", ref=named.ref))


def _answer_to(store: Store, snapshot: Snapshot, mail: Mapping[str, Any], before: tuple[str, ...]) -> _Letter:
    """An answer to a mail of a client: to where an answer of ours went or was to go, else to its proven sender."""
    desk, number = snapshot.desk, int(mail["id"])
    proven = mail["auth"] == "pass" or (mail["auth"] == "weak" and desk.desk.answer_weak)
    if not proven:
        raise StoreError(
            say(
                "mail m{number} is not proven to come from {address}; if you know who wrote it, answer it from your"
                " mail program",
                number=number,
                address=mail["sender"] or "anybody",
            )
        )
    ours = store.outbox.of_mail([number]).get(number)
    if ours and ours["recipient"]:
        to = str(ours["recipient"])
    elif sender_key(str(mail["sender"])) == mail["sender_key"]:
        to = str(mail["sender"])
    else:
        raise StoreError(say("mail m{number} came through a form; answer it from your mail program", number=number))
    client = desk.client_by_id(mail["client"] or "")
    parents = (*before, str(mail["message_id"])) if mail["message_id"] else before
    about = {"mail": number, "ticket": mail["ticket"], "thread": mail["thread"], "client": mail["client"]}
    return _Letter(
        _inbox(desk, str(mail["inbox"])),
        to,
        reply_subject(str(mail["subject"] or "")),
        (client.language if client else "") or str(mail["language"] or "") or desk.desk.language,
        parents,
        {**about, "sender_key": mail["sender_key"] or "", "answers": ("own",)},
    )


def _first_letter(store: Store, snapshot: Snapshot, number: int) -> _Letter:
    """To a client who called, or none of whose mails is known any more."""
    case, told = find_case(store, number), store.promises.told(number)
    client = snapshot.desk.client_by_id(case.client or "")
    to = told.address or (client.addresses[0] if client and client.addresses else "")
    if not to or not snapshot.desk.inbox:
        raise StoreError(say("no address is known to answer ticket {number} at: call them", number=number))
    return _Letter(
        _inbox(snapshot.desk, told.inbox),
        to,
        case.subject,
        (client.language if client else "") or snapshot.desk.desk.language,
        tuple(filter(None, (_last_of_ours(store, number),))),
        {
            "ticket": number,
            "thread": case.thread,
            "client": case.client,
            "sender_key": case.sender_key,
            "answers": ("own",),
        },
    )


def _last_of_client(store: Store, snapshot: Snapshot, numbers: list[int]) -> Mapping[str, Any] | None:
    staff = staff_of(snapshot.desk)
    mails = (store.mails.find(number) for number in reversed(numbers))
    return next((mail for mail in mails if mail and mail["sender"] and mail["sender_key"] not in staff), None)


def _last_of_ours(store: Store, ticket: int) -> str:
    told = store.offers.telling(ticket)
    return told.message_id if told and told.state in ("sent", "ambiguous") else ""


def _message_id(store: Store, mail: int | None) -> str:
    row = store.mails.find(mail) if mail is not None else None
    return str(row["message_id"] or "") if row else ""


def _inbox(desk: Desk, wanted: str) -> str:
    known = [inbox.id for inbox in desk.inbox]
    return wanted if wanted in known else known[0]


def _settle(store: Store, snapshot: Snapshot, named: Named, now: datetime) -> None:
    """An answer is the developer's turn done: what nobody has planned is the client's turn then."""
    mail = store.mails.find(named.mail) if named.mail is not None else None
    number = named.ticket if named.ticket is not None else mail and mail["ticket"]
    if number is None:
        if named.mail is not None:
            store.mails.set_handled(named.mail, now)
        return
    case = find_case(store, int(str(number)))
    state = state_after(case.kind, case.state)
    if state != case.state:
        store.changes.set_state(case, state, DEVELOPER, "answered", now)
        replan(store, snapshot, now)
