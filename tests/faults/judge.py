"""Judging by the server's log: what the world got, against what the desk believes (safety.md G.2, G.3)."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes

from tests.app.desks import LiveDesk
from tests.servers.sink import Accepted

FINAL = ("answered", "acknowledged", "planned", "merged", "held", "suppressed", "unreadable", "history")
_MOST_COPIES = {"auto": 1, "alert": 1, "approved": 2, "digest": 2}
_NEVER_LOST = ("approved", "digest")


@dataclass(frozen=True, slots=True)
class Sending:
    """A row of the outbox and the copies of it that the server took."""

    id: int
    outgoing: str
    state: str
    recipient: str
    message_id: str
    raw: bytes
    resends: int
    copies: tuple[Accepted, ...]


def collect(desk: LiveDesk, accepted: Sequence[Accepted]) -> tuple[list[Sending], list[str]]:
    """Given a desk and what its server took, return the outbox with its copies, and a sentence for each mail the
    server took that is not one of the outbox, byte by byte and to its one recipient."""
    taken: dict[str, list[Accepted]] = defaultdict(list)
    for mail in accepted:
        taken[str(message_from_bytes(mail.raw)["Message-ID"])].append(mail)
    rows = desk.rows(
        "SELECT id, class, state, recipient, message_id, raw, resends FROM outbox JOIN outbox_raw ON outbox = id"
    )
    sendings = [
        Sending(row, outgoing, state, recipient, message_id, raw, resends, tuple(taken.pop(message_id, ())))
        for row, outgoing, state, recipient, message_id, raw, resends in rows
    ]
    breaches = [f"{len(mails)} mails {message_id} are in no outbox" for message_id, mails in taken.items()]
    for one in sendings:
        if any(copy.raw.rstrip() != one.raw.rstrip() for copy in one.copies):
            breaches.append(f"mail {one.id} was sent in other bytes than were decided")
        if any(copy.recipients != (one.recipient,) for copy in one.copies):
            breaches.append(f"mail {one.id} went to somebody else")
    return sendings, breaches


def judge_sending(one: Sending, listed: set[int]) -> list[str]:
    """Given a mail that is not under way any more and what `triagebot outbox` lists, return every breach of what
    is promised for its class."""
    copies, where = len(one.copies), f"{one.outgoing} mail {one.id} ({one.state}, {len(one.copies)} copies)"
    breaches = []
    if copies > _MOST_COPIES[one.outgoing]:
        breaches.append(f"{where}: too many copies")
    if one.state not in ("sent", "ambiguous"):
        breaches.append(f"{where}: has not come to an end")
    if one.state == "sent" and not copies:
        breaches.append(f"{where}: believed to be sent, but nobody got it")
    if one.state == "ambiguous" and one.id not in listed:
        breaches.append(f"{where}: in doubt, and no list shows it")
    if one.state == "ambiguous" and one.outgoing in _NEVER_LOST and not one.resends:
        breaches.append(f"{where}: in doubt, and was not tried once more")
    return breaches


def judge_desk(desk: LiveDesk, arrived: int) -> list[str]:
    """Given a desk at rest and how many mails arrived, return what is wrong with its books."""
    breaches = []
    uids = [uid for (uid,) in desk.rows("SELECT uid FROM mail")]
    if len(uids) != arrived or len(set(uids)) != arrived:
        breaches.append(f"{arrived} mails arrived, {len(set(uids))} are known, in {len(uids)} rows")
    unended = {state: count for state, count in desk.states().items() if state not in FINAL}
    if unended:
        breaches.append(f"mails without a final state: {unended}")
    answers = desk.rows(
        "SELECT mail.id, (SELECT count(*) FROM outbox WHERE outbox.mail = mail.id AND class IN ('auto', 'approved'))"
        " FROM mail WHERE mail.state = 'answered'"
    )
    breaches += [f"mail {mail} has {count} answers" for mail, count in answers if count != 1]
    made = desk.rows("SELECT count(*) FROM outbox WHERE class IN ('auto', 'approved')")[0][0]
    counted = desk.rows("SELECT coalesce(sum(count), 0) FROM counter WHERE scope LIKE 'desk %'")[0][0]
    if made != counted:
        breaches.append(f"{made} automatic mails were made, {counted} are counted for the limits")
    approved = desk.rows(
        "SELECT id, (SELECT count(*) FROM event WHERE event.outbox = outbox.id AND what = 'answer approved')"
        " FROM outbox WHERE class = 'approved'"
    )
    breaches += [f"mail {row} was approved {times} times" for row, times in approved if times != 1]
    return breaches + judge_database(desk)


def judge_database(desk: LiveDesk) -> list[str]:
    """Given a desk at rest, return what is wrong with its file."""
    with closing(sqlite3.connect(desk.database)) as database:
        whole = database.execute("PRAGMA integrity_check").fetchone()[0]
        dangling = database.execute("PRAGMA foreign_key_check").fetchall()
    breaches = [] if whole == "ok" else [f"integrity_check: {whole}"]
    return breaches + [f"foreign_key_check: {row}" for row in dangling]
