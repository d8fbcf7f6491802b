"""Dates that were told to clients: to whom, how one is moved, and whether anybody still looks after them."""

from dataclasses import dataclass
from datetime import date, datetime

from triagebot.edge.store.rows import Rows, moment, stamp

_UNTOLD = "'shadow', 'dropped', 'failed', 'stopped', 'returned'"


@dataclass(frozen=True, slots=True)
class Told:
    """Where the mails about a ticket went: from which inbox, to whom, in which thread and language. `address` is ""
    where nothing was sent; `source` is how the ticket came ("mail", "phone" …)."""

    inbox: str
    address: str
    thread: int | None
    sender_key: str
    language: str
    source: str
    message_id: str


class Promises(Rows):
    """Works on the rows of tickets; the present plan is in Slots."""

    def told(self, ticket: int) -> Told:
        """Given a ticket, return where its client was written to last."""
        row = self._db.execute(
            "SELECT coalesce(mail.inbox, ''), coalesce((SELECT recipient FROM outbox WHERE outbox.ticket = ticket.id"
            f" AND class IN ('auto', 'approved') AND outbox.state NOT IN ({_UNTOLD})"
            " ORDER BY outbox.id DESC LIMIT 1), ''), ticket.thread, coalesce(ticket.sender_key, ''),"
            " coalesce(mail.language, ''), ticket.source,"
            " coalesce(mail.message_id, '') FROM ticket LEFT JOIN mail ON mail.id = ticket.mail WHERE ticket.id = ?",
            (ticket,),
        ).fetchone()
        return Told(*row)

    def move(
        self, ticket: int, before: date, after: date | None, due: date | None, answer_due: date | None, now: datetime
    ) -> bool:
        """Given a ticket, the date told and the new ones, move it. Return False when it has another date by now."""
        dates = (day.isoformat() if day else None for day in (after, due, answer_due))
        moved = self._db.execute(
            "UPDATE ticket SET promise = ?, due = ?, answer_due = ?, changed_at = ?, version = version + 1"
            " WHERE id = ? AND promise = ?",
            (*dates, stamp(now), ticket, before.isoformat()),
        )
        return moved.rowcount == 1

    def last_act(self) -> datetime | None:
        """Return when the developer last did anything: a command, an approval, a mail of his own."""
        row = self._db.execute(
            "SELECT max(at) FROM (SELECT max(at) AS at FROM event WHERE who = 'developer'"
            " UNION ALL SELECT max(sent_at) AS at FROM sent_mail) AS acts"
        ).fetchone()
        return moment(row[0])

    def waiting_since(self) -> datetime | None:
        """Return when the oldest ticket was opened that waits for the developer, standing duties apart; or None."""
        row = self._db.execute(
            "SELECT min(opened_at) FROM ticket WHERE state IN ('new', 'accepted', 'planned', 'doing') AND duty IS NULL"
        ).fetchone()
        return moment(row[0])
