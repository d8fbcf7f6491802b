"""The outbox as it is looked at: lists, counts and single rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from triagebot.edge.store.rows import Rows, instant, stamp


class OutboxLists(Rows):
    """Reads outgoing mails, changes nothing."""

    def oldest_unsent(self, now: datetime) -> datetime | None:
        """Given now, return since when the oldest mail that should have left by now waits, or None."""
        row = self._db.execute(
            "SELECT min(coalesce(undo_until, created_at)) FROM outbox WHERE state IN ('queued', 'sending', 'retry')"
            " AND coalesce(undo_until, created_at) <= ?",
            (stamp(now),),
        ).fetchone()
        return instant(row[0]) if row and row[0] else None

    def count_states(self) -> dict[str, int]:
        """Return how many mails are in each state."""
        rows = self._db.execute("SELECT state, count(*) FROM outbox GROUP BY state ORDER BY state").fetchall()
        return dict(rows)

    def listing(self, states: Sequence[str], limit: int = 200) -> list[dict[str, object]]:
        """Given states, return the rows in them, the oldest first."""
        marks = ", ".join("?" for _ in states)
        cursor = self._db.execute(
            "SELECT id, class, state, recipient, subject, mode, attempts, next_attempt, created_at, undo_until, answer,"
            f" mail, message_id FROM outbox WHERE state IN ({marks}) ORDER BY id LIMIT ?",
            (*states, limit),
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def of_mail(self, mail_ids: Sequence[int]) -> dict[int, dict[str, object]]:
        """Given mails, return the answer each one got: its state, recipient, subject and bytes."""
        found = {}
        for mail_id in mail_ids:
            row = self._db.execute(
                "SELECT state, recipient, subject, raw, answers FROM outbox JOIN outbox_raw ON outbox = id"
                " WHERE mail = ? AND class IN ('auto', 'approved')",
                (mail_id,),
            ).fetchone()
            if row:
                found[mail_id] = dict(zip(("state", "recipient", "subject", "raw", "answers"), row, strict=True))
        return found

    def find(self, row_id: int) -> dict[str, Any] | None:
        """Given a row's number, return it, with its mail's `received_at` and `kind`, or None."""
        return self._one("outbox.id = ?", row_id)

    def find_by_message_id(self, message_id: str) -> dict[str, Any] | None:
        """Given a Message-ID, return the row of the mail that carries it, as `find` does, or None."""
        return self._one("outbox.message_id = ?", message_id)

    def approved_answer_of(self, row_id: int) -> int | None:
        """Given a row, return the ticket of the mail it answers if a person approved it, or None."""
        row = self._db.execute(
            "SELECT ticket FROM outbox WHERE id = ? AND class = 'approved'"
            " AND (dedupe_key LIKE 'auto %' OR dedupe_key LIKE 'send %')",
            (row_id,),
        ).fetchone()
        return int(row[0]) if row and row[0] is not None else None

    def newer_mail(self, row_id: int) -> int | None:
        """Given the row of an answer, return the last mail its client has written in the thread since, or None."""
        row = self._db.execute(
            "SELECT max(mail.id) FROM mail JOIN outbox ON outbox.thread = mail.thread WHERE outbox.id = ?"
            " AND (mail.id > outbox.mail OR (outbox.mail IS NULL AND mail.recorded_at > outbox.created_at))"
            " AND mail.state NOT IN ('suppressed', 'history')"
            " AND (mail.sender_key = outbox.sender_key OR mail.client = outbox.client)",
            (row_id,),
        ).fetchone()
        return int(row[0]) if row and row[0] else None

    def _one(self, where: str, value: object) -> dict[str, Any] | None:
        cursor = self._db.execute(
            "SELECT outbox.*, mail.received_at, mail.kind FROM outbox LEFT JOIN mail ON mail.id = outbox.mail"
            f" WHERE {where}",
            (value,),
        )
        row = cursor.fetchone()
        names = [column[0] for column in cursor.description]
        return dict(zip(names, row, strict=True)) if row else None
