"""Mails the desk sends to itself to see that the whole path works: out by SMTP, in by IMAP."""

from datetime import datetime

from triagebot.core.watch import Canary
from triagebot.edge.store.rows import Rows, instant, moment, stamp


class Canaries(Rows):
    """Rows of the outbox of class `canary`, with the received mails of the same Message-ID."""

    def since(self, since: datetime) -> list[Canary]:
        """Given a moment, return the canaries made since, the oldest first; dropped ones do not count."""
        rows = self._db.execute(
            "SELECT outbox.inbox, outbox.created_at, min(mail.decided_at) FROM outbox"
            " LEFT JOIN mail ON mail.message_id = outbox.message_id"
            " WHERE outbox.class = 'canary' AND outbox.state <> 'dropped' AND outbox.created_at >= ?"
            " GROUP BY outbox.id, outbox.inbox, outbox.created_at ORDER BY outbox.id",
            (stamp(since),),
        ).fetchall()
        return [Canary(inbox, instant(made), moment(back)) for inbox, made, back in rows]

    def mails(self, since: datetime) -> set[int]:
        """Given a moment, return the received mails decided since that are canaries of this desk, by number.

        The guard has found the desk's own mark in them; the beginning of their id tells what they were for.
        """
        rows = self._db.execute(
            "SELECT id FROM mail WHERE message_id >= '<cn.' AND message_id < '<cn/' AND decided_at >= ?"
            " AND codes LIKE 'own-loop%'",
            (stamp(since),),
        ).fetchall()
        return {row[0] for row in rows}

    def last_made(self, inbox: str) -> datetime | None:
        """Given an inbox, return when its last canary was made, or None."""
        sql = "SELECT max(created_at) FROM outbox WHERE class = 'canary' AND inbox = ?"
        return moment(self._db.execute(sql, (inbox,)).fetchone()[0])
