"""A desk whose developer says commands: a retainer with a plan, a client who pays by the hour, one mail of each."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copy
from typing import Any

from tests.app.books import TABLES
from tests.app.desks import Account, LiveDesk
from tests.app.quick_desks import HOUR, MINUTE, NOW, SECOND, QuickDesk, open_desk, read_quickly, write
from triagebot.app.commands.carry_out import carry_out
from triagebot.app.commands.done import Done
from triagebot.app.desk.snapshot import load_snapshot
from triagebot.app.outgoing.rows import claim_due, record_sent
from triagebot.app.tickets.written import take_written
from triagebot.core.commands.command import Command, Verb
from triagebot.core.money.entry import balance
from triagebot.core.phrase import ENGLISH
from triagebot.edge.store.outgoing.outbox import Due

JAN, MIRA = "jan@bakery.example", "mira@shop.example"
CHANGE = "Please change the phone number on our contact page to 555 0199."
REPLIES = Path(__file__).parents[2] / "replies" / "en"
_BILLED = (
    "SELECT client, sum(CASE WHEN source = 'hourly' THEN minutes WHEN target = 'hourly' THEN -minutes END)"
    " FROM entry WHERE 'hourly' IN (source, target) GROUP BY client"
)
SAID = NOW + HOUR
"""When the developer answers."""
WINDOW = 10 * MINUTE


@contextmanager
def commanded(directory: Path, mode: str = "live", more: str = "") -> Iterator[QuickDesk]:
    """Given a new directory and a mode, open a desk there whose first mail, the bakery's, made ticket 1."""
    account = Account("support@company.test", "unused", 1, 1)
    live = LiveDesk(directory, account, mode=mode, clients=TABLES, more=more)
    for name in ("moved.md", "quote.md"):
        copy(REPLIES / name, live.config.parent / "replies" / "en" / name)
    with open_desk(live.config) as desk:
        with desk.store.transaction():
            desk.store.mails.start_inbox("box0", NOW - timedelta(days=90))
        desk.receive(write(JAN, "Phone number", CHANGE), NOW)
        yield desk


def do(desk: QuickDesk, verb: Verb, ref: str = "", at: datetime = SAID, **values: Any) -> Done:
    """Given a command, carry it out and write it down, as an answer to the digest does; the files are read anew."""
    line = " ".join(filter(None, (ref, verb)))
    command = Command(line, verb, ref, **values)
    with desk.store.transaction():
        done = carry_out(desk.store, desk.snapshot, desk.key, command, at)
        until = at + WINDOW if done.undo else None
        desk.store.commands.add("done", "", at, line=line, verb=verb, ref=done.ref, undo=done.undo, undo_until=until)
    loaded = load_snapshot(desk.config, at)
    assert loaded.snapshot is not None, loaded.errors
    desk.snapshot = loaded.snapshot
    return done


def said(done: Done) -> str:
    """Given what was done, return its sentences in English."""
    return " ".join(map(ENGLISH.speak, done.sentences))


def leave(desk: QuickDesk, at: datetime) -> list[Due]:
    """Given a moment, let the mails that are due leave, and return them."""
    with desk.store.transaction():
        found = claim_due(desk.store, "box0", at) or []
        for one in found:
            record_sent(desk.store, one.id, "send box0", "250 ok", at)
    return found


def letters(desk: QuickDesk) -> dict[int, str]:
    """Return the states of all mails of the desk."""
    return dict(desk.rows("SELECT id, state FROM outbox ORDER BY id"))


def ticket(desk: QuickDesk, number: int = 1) -> dict[str, Any]:
    """Given a ticket, return what commands change of it."""
    names = "state, promise, due, answer_due, price_high, expires_at, minutes, minutes_done, merged_into"
    ((*values,),) = desk.rows(f"SELECT {names} FROM ticket WHERE id = ?", number)
    return dict(zip(names.split(", "), values, strict=True))


def whole(desk: QuickDesk) -> dict[str, Any]:
    """Return everything that commands change: tickets, the plan, mails that may still leave, balances, offers, what is
    dealt with, modes and absences."""
    data = desk.snapshot.data
    files = [data / name for name in ("modes.toml", "absences.toml")]
    return {
        "tickets": {row[0]: ticket(desk, row[0]) for row in desk.rows("SELECT id FROM ticket WHERE state <> 'closed'")},
        "slots": desk.rows("SELECT ticket, day, minutes, urgent FROM slot ORDER BY 1, 2, 3"),
        "letters": desk.rows("SELECT id, class, state, approved_at FROM outbox WHERE state <> 'dropped' ORDER BY id"),
        "balances": {one.id: balance(desk.store.ledger.entries(one.id)) for one in desk.snapshot.desk.client},
        "billed": [row for row in desk.rows(_BILLED) if row[1]],
        "offers": desk.rows("SELECT id, offer FROM sent_mail ORDER BY id"),
        "handled": desk.rows("SELECT id FROM mail WHERE handled_at IS NOT NULL"),
        "files": [file.read_text("utf-8").partition("[[")[2] if file.exists() else "" for file in files],
    }


def write_yourself(desk: QuickDesk, text: str, at: datetime, to: str = JAN, uid: int = 1) -> None:
    """Given a text, let the developer answer the first mail from a mail program."""
    first = desk.rows("SELECT message_id FROM mail WHERE id = 1")[0][0]
    raw = write("support@company.test", "Re: Phone number", text, f"In-Reply-To: {first}", to=to)
    mail = read_quickly(raw, at, desk.snapshot)
    with desk.store.transaction():
        place = ("box0", "Sent", 3, uid)
        take_written(desk.store, place, mail, desk.snapshot, desk.key, at + SECOND)


def ask_again(desk: QuickDesk, at: datetime, text: str = "One more thing about that.") -> None:
    """Let the bakery write again in its conversation."""
    first = desk.rows("SELECT message_id FROM mail WHERE id = 1")[0][0]
    desk.receive(write(JAN, "Re: Phone number", text, f"In-Reply-To: {first}"), at)
