"""A quick desk whose developer was sent a digest, and answers to it in every shape."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.app.desks import AUTHSERV_ID, PLAN, client
from tests.app.quick_desks import HOUR, NOW, QuickDesk
from triagebot.app.commands.answerable import answer_to, register_answerable
from triagebot.app.intake.arrival import Trust, authenticate_block
from triagebot.app.outgoing.letters import post, write_to_developer
from triagebot.app.outgoing.rows import plus_mark
from triagebot.core.decision import Authentication, Decision
from triagebot.core.digest.content import AnswerTo, Digest, Item, Section, Shown
from triagebot.core.digest.plain import render_text
from triagebot.core.reading.headers import read_headers

DEVELOPER = "ada@company.test"
CLIENT = "ann@client.test"
CLIENTS = PLAN + client("ann", CLIENT, "retainer", 'hourly = "90"\n')
BY_DMARC = f"{AUTHSERV_ID}; dmarc=pass header.from=company.test"
SENT, READ = NOW, NOW + HOUR
"""When the digest left, and when its answer comes if nothing else is said."""
_COUNTED = (
    *("ticket", "slot", "outbox", "outbox_raw", "entry", "fee", "event"),
    *("digest", "digest_item", "digest_answer"),
)


def ask_for_work(
    desk: QuickDesk, text: str = "Please change the phone number.", at: datetime = NOW - HOUR, *headers: str
) -> None:
    """A client asks for something, which becomes a ticket. The mails are <w0@client.test> and so on."""
    number = len(desk.rows("SELECT id FROM mail"))
    head = (
        f"From: {CLIENT}\r\nTo: support@company.test\r\nSubject: Work {number}\r\nMessage-ID: <w{number}@client.test>"
    )
    desk.receive("\r\n".join((head, *headers, "", text, "")).encode(), at)


def prove_plus(desk: QuickDesk) -> None:
    """`check --online` has shown that mail to local+tag@ arrives."""
    with desk.store.transaction():
        desk.store.health.do_once(plus_mark("box0"), NOW)


def send_digest(
    desk: QuickDesk,
    refs: Sequence[str] = ("1",),
    at: datetime = SENT,
    cause: str = "2026-11-24",
    quote: str = "",
    shown: Shown | None = None,
) -> AnswerTo:
    """Given what it shows, and words of a client, send the developer a digest. Return where its answers go."""
    items = tuple(Item(f"Matter {ref}", ref=ref, commands=("ok",), quote=quote, shown=shown) for ref in refs)
    content = Digest("A day", "All is accounted for.", (), (Section("Needs you", items),))
    with desk.store.transaction():
        answer = answer_to(desk.snapshot, desk.store, desk.key, "digest", cause, at)
        assert answer is not None
        text = render_text(replace(content, answer=answer))
        draft = write_to_developer(desk.snapshot.desk, desk.key, "digest", cause, "A day", text, at)
        post(desk.store, replace(draft, reply_to=answer.address), desk.key, "digest", "box0", "live", cause, at)
        register_answerable(desk.store, desk.key, content, "digest", cause, draft.message_id, at)
    return answer


def digest_id(desk: QuickDesk, number: int = -1) -> str:
    """Return the Message-ID of a digest or confirmation, the last one if not said otherwise."""
    return str(desk.rows("SELECT message_id FROM digest ORDER BY id")[number][0])


def write_answer(
    text: str,
    to: str,
    *headers: str,
    author: str = DEVELOPER,
    message_id: str = "<answer-1@company.test>",
    subject: str = "Re: A day",
    results: str = BY_DMARC,
) -> bytes:
    """Given its text and where it goes, return an answer as the developer's mail program and server make it."""
    lines = [f"Authentication-Results: {results}"] if results else []
    lines += [f"From: Ada <{author}>", f"To: {to}", f"Subject: {subject}", f"Message-ID: {message_id}", *headers]
    return "\r\n".join((*lines, "", *text.splitlines(), "")).encode()


def prove(desk: QuickDesk, raw: bytes) -> Authentication:
    """Given a mail, return what the desk believes of its Authentication-Results."""
    inbox = desk.snapshot.desk.inbox[0]
    limits = desk.snapshot.desk.limits
    return authenticate_block(read_headers(raw, limits), desk.snapshot.desk, Trust.of(inbox))


def answer(
    desk: QuickDesk, raw: bytes, at: datetime = READ, *, backfill: bool = False, rescan: bool = False
) -> Decision:
    """Given an answer, let it arrive."""
    return desk.receive(raw, at, prove(desk, raw), backfill=backfill, rescan=rescan)


def effects(desk: QuickDesk) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that a command could change, and what is sent."""
    return {table: desk.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in _COUNTED}


def outcomes(desk: QuickDesk) -> list[tuple[str, str, str]]:
    """Return line, outcome and what was said of every command in the log."""
    return desk.rows("SELECT line, outcome, said FROM command ORDER BY id")
