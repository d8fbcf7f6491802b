"""What is known about emergencies: which alarms the developer was told of, which rang again, what went before."""

from dataclasses import dataclass
from datetime import datetime

from triagebot.edge.store.rows import Rows, instant, stamp


@dataclass(frozen=True, slots=True)
class Earlier:
    """A ticket a client had before, as an alert names it."""

    ticket: int
    opened_at: datetime
    state: str
    subject: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """Proven alarms of a client for one reason that alerted nobody again."""

    client: str
    ticket: int | None
    reason: str
    count: int


class Emergencies(Rows):
    """Looks up alarms; the mail and its alert's row in the outbox are what is known of one."""

    def alarms(self, client: str, since: datetime) -> frozenset[str]:
        """Given a client and a moment, return the reasons of the proven alarms the developer was told of since, or is
        to be told of when his quiet hours end."""
        rows = self._db.execute(
            "SELECT mail.reason FROM outbox JOIN mail ON mail.id = outbox.mail WHERE outbox.class = 'alert'"
            " AND outbox.client = ? AND coalesce(outbox.undo_until, outbox.created_at) >= ?"
            " AND mail.auth = 'pass'",
            (client, stamp(since)),
        ).fetchall()
        return frozenset(reason or "" for (reason,) in rows)

    def repeated(self, since: datetime) -> list[Repeated]:
        """Given a moment, return the proven alarms since that alerted nobody; copies of a mail do not count."""
        rows = self._db.execute(
            "SELECT client, ticket, coalesce(reason, ''), count(*) FROM mail WHERE decided_at >= ?"
            " AND kind = 'emergency' AND auth = 'pass' AND client IS NOT NULL AND state NOT IN ('history', 'pending')"
            " AND duplicate_of IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM outbox WHERE outbox.mail = mail.id AND outbox.class = 'alert')"
            " GROUP BY client, ticket, coalesce(reason, '') ORDER BY min(id)",
            (stamp(since),),
        ).fetchall()
        return [Repeated(*row) for row in rows]

    def earlier_tickets(self, client: str, but: int | None, most: int) -> list[Earlier]:
        """Given a client, a ticket to leave out and how many, return its last tickets, the newest first."""
        rows = self._db.execute(
            "SELECT id, opened_at, state, subject FROM ticket WHERE client = ? AND id <> ? AND duty IS NULL"
            " ORDER BY id DESC LIMIT ?",
            (client, but or 0, most),
        ).fetchall()
        return [Earlier(row[0], instant(row[1]), row[2], row[3]) for row in rows]
