"""What the digest shows, read fast beside 200,000 mails: what came, what waits for a person, what was said last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from triagebot.core.decision import MailState, TicketState
from triagebot.core.rules.rule import Kind
from triagebot.edge.store.outgoing.latches import SILENCED
from triagebot.edge.store.received.threads import OUTSIDER
from triagebot.edge.store.rows import Rows, instant, moment, stamp

_MAIL = (
    "id, decided_at, sender, client, auth, subject, new_text, kind, state, verdict, codes, rules, trail, ticket,"
    " (SELECT ticket.state FROM ticket WHERE ticket.id = mail.ticket), problem,"
    f" (SELECT min(why) FROM event WHERE event.mail = mail.id AND what = '{OUTSIDER}'),"
    " (SELECT min(state) FROM outbox WHERE outbox.mail = mail.id AND class IN ('auto', 'approved')),"
    " handled_at IS NOT NULL"
)
_UNANSWERED = "state IN ('held', 'suppressed', 'unreadable')"
"""As in the index mail_unanswered, word for word."""
_PENDING = (
    "outbox.id, outbox.class, outbox.state, outbox.mail, outbox.ticket, outbox.client, outbox.sender_key,"
    " outbox.recipient, outbox.subject, raw, (SELECT new_text FROM mail WHERE mail.id = outbox.mail),"
    " (SELECT rules FROM mail WHERE mail.id = outbox.mail),"
    " (SELECT state FROM ticket WHERE ticket.id = outbox.ticket),"
    " (SELECT kind FROM mail WHERE mail.id = outbox.mail), outbox.created_at"
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A received mail with its decision. `ticket_state` is that of its ticket now; `outsider` says that somebody else
    wrote into a client's conversation; `answer` is the state of what answers it, None where nothing does; `handled`:
    the developer has said that it is dealt with."""

    id: int
    decided_at: datetime
    sender: str
    client: str | None
    auth: str | None
    subject: str
    new_text: str
    kind: Kind | None
    state: MailState
    verdict: str | None
    codes: str
    rules: str
    trail: str
    ticket: int | None
    ticket_state: TicketState | None
    problem: str | None
    outsider: str | None
    answer: str | None
    handled: bool


@dataclass(frozen=True, slots=True)
class Pending:
    """A mail of ours that leaves only by the developer's word. `mail` is the one it answers, None for a letter; `asked`
    are the words of that, `kind` and `rules` what was recognised in them."""

    id: int
    outgoing: str
    state: str
    mail: int | None
    ticket: int | None
    client: str | None
    sender_key: str
    recipient: str
    subject: str
    raw: bytes
    asked: str
    rules: str
    ticket_state: TicketState | None
    kind: Kind | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket that waits for somebody. `changed_at` is since when; `expires_at` the end of an estimate."""

    id: int
    client: str | None
    sender_key: str
    kind: Kind
    state: TicketState
    subject: str
    minutes: int
    opened_at: datetime
    changed_at: datetime
    promise: date | None
    expires_at: datetime | None
    price: str | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class LastWords:
    """What somebody wrote last in a matter."""

    sender: str
    text: str


class Matters(Rows):
    """Reads only, and never more than it is asked for."""

    def came(self, since: datetime, limit: int = 500) -> list[Arrived]:
        """Given a moment, return the last mails decided since then, the oldest first; not what was there before the
        desk and needed nothing, nor what `Latches.silenced_mails` counts, which may be thousands."""
        condition = f"decided_at >= ? AND (state <> 'history' OR codes <> '') AND NOT {SILENCED}"
        return self._mails(f"{condition} ORDER BY decided_at DESC, id DESC LIMIT ?", (stamp(since), limit))[::-1]

    def unhandled(self, before: datetime, limit: int, number: int = 0) -> tuple[list[Arrived], int]:
        """Given a moment, return the mails decided before it that still ask for a person and belong to no ticket, the
        oldest first, and how many there are in all; of those decided at that very moment, the ones below a number."""
        condition = (
            f"(decided_at, id) < (?, ?) AND {_UNANSWERED} AND state <> 'suppressed' AND ticket IS NULL"
            f" AND handled_at IS NULL AND NOT {SILENCED}"
        )
        values = (stamp(before), number)
        (count,) = self._db.execute(f"SELECT count(*) FROM mail WHERE {condition}", values).fetchone()
        found = self._mails(f"{condition} ORDER BY decided_at, id LIMIT ?", (*values, limit))
        return found, int(count)

    def _mails(self, condition: str, values: Sequence[object]) -> list[Arrived]:
        rows = self._db.execute(f"SELECT {_MAIL} FROM mail WHERE {condition}", values)
        return [Arrived(row[0], instant(row[1]), *_texts(row[2:])) for row in rows]

    def pending(self, limit: int = 200) -> list[Pending]:
        """Return the answers in Drafts and the letters that wait for the developer's word, the oldest first. What is
        only kept in shadow is not among them."""
        rows = self._db.execute(
            f"SELECT {_PENDING} FROM outbox JOIN outbox_raw ON outbox_raw.outbox = outbox.id"
            " WHERE outbox.id IN (SELECT id FROM outbox WHERE state IN ('draft', 'drafted')"
            " AND (class = 'auto' OR (class = 'approved' AND approved_at IS NULL))"
            " UNION SELECT id FROM outbox WHERE class = 'approved' AND approved_at IS NULL AND state = 'shadow')"
            " ORDER BY outbox.id LIMIT ?",
            (limit,),
        )
        found: list[tuple[Any, ...]] = [
            (*row[:6], row[6] or "", *row[7:10], row[10] or "", row[11] or "[]", *row[12:14], instant(row[14]))
            for row in rows
        ]
        return [Pending(*values) for values in found]

    def tickets_in(self, state: TicketState, limit: int) -> tuple[list[Waiting], int]:
        """Given a state, return the tickets in it, the earliest promise first, then the oldest, and how many there
        are in all."""
        (number,) = self._db.execute("SELECT count(*) FROM ticket WHERE state = ?", (state,)).fetchone()
        rows = self._db.execute(
            "SELECT id, client, coalesce(sender_key, ''), kind, state, subject, minutes, opened_at, changed_at,"
            " promise, expires_at, price_high, currency FROM ticket WHERE state = ?"
            " ORDER BY promise IS NULL, promise, opened_at LIMIT ?",
            (state, limit),
        )
        found: list[tuple[Any, ...]] = [
            (*row[:7], instant(row[7]), instant(row[8]), _day(row[9]), moment(row[10]), *row[11:]) for row in rows
        ]
        return [Waiting(*values) for values in found], int(number)

    def last_words(self, tickets: Sequence[int]) -> dict[int, LastWords]:
        """Given tickets, return what was written last in each: the new text of its newest mail, or what was written
        down of a call."""
        found = {}
        for ticket in tickets:
            row = (
                self._db.execute(
                    "SELECT coalesce(sender, ''), new_text FROM mail WHERE ticket = ? AND coalesce(new_text, '') <> ''"
                    " ORDER BY id DESC LIMIT 1",
                    (ticket,),
                ).fetchone()
                or self._db.execute(
                    "SELECT coalesce(sender_key, ''), text FROM ticket WHERE id = ? AND text <> ''", (ticket,)
                ).fetchone()
            )
            if row is not None:
                found[ticket] = LastWords(*row)
        return found


def _texts(row: Sequence[Any]) -> list[Any]:
    """Columns that are empty where they are not filled in."""
    sender, client, auth, subject, new_text, kind, state, verdict, codes, rules, trail, *others = row
    texts = (sender or "", client, auth, subject or "", new_text or "", kind, state, verdict)
    return [*texts, codes or "", rules or "[]", trail or "[]", *others[:-1], bool(others[-1])]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
