"""What changes an outgoing mail from outside: a person's word, the client's next mail, a bounce."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from triagebot.core.outgoing.delivery import OutboxState
from triagebot.edge.fault import crash_at
from triagebot.edge.store.rows import Rows, stamp

ANSWERED_YOURSELF = "you answered yourself; send this one all the same with `triagebot outbox retry`"
"""What a stopped mail says that the developer's own mail made needless; it needs nobody any more."""
WHOLE_SECOND = timedelta(seconds=1)
"""Mail servers date a mail in whole seconds."""


class Interventions(Rows):
    """Each of them compares and sets: of two at the same time one takes effect, and is written down as an event."""

    def change(
        self, row_id: int, states: Sequence[str], new_state: OutboxState, due: datetime, expires_at: datetime
    ) -> bool:
        """Given a row and the states it may be in, put it into a new one. Return whether it was in one of them.

        One that was maybe sent and is sent again by a person's word is not sent a third time by itself.
        """
        marks = ", ".join("?" for _ in states)
        changed = self._db.execute(
            "UPDATE outbox SET phase = '', next_attempt = ?, expires_at = ?,"
            " resends = CASE WHEN state = 'ambiguous' THEN 1 ELSE resends END,"
            " stale_draft = CASE WHEN state = 'drafted' THEN 1 ELSE stale_draft END, state = ?"
            f" WHERE id = ? AND state IN ({marks})"
            " AND (? <> 'queued' OR EXISTS (SELECT 1 FROM outbox_raw WHERE outbox = outbox.id))",  # else purged
            (stamp(due), stamp(expires_at), new_state, row_id, *states, new_state),
        )
        return changed.rowcount == 1

    def approve(self, row_id: int, now: datetime, due: datetime, expires_at: datetime) -> bool:
        """Given an answer kept in shadow or as a draft, or another draft for a person to send, queue its bytes as an
        approved mail. Return False when it is in no such state (any more), so that an approval takes effect once."""
        approved = self._db.execute(
            "UPDATE outbox SET class = 'approved', approved_at = ?, undo_until = ?, next_attempt = ?, expires_at = ?,"
            " stale_draft = CASE WHEN state = 'drafted' THEN 1 ELSE stale_draft END, answer = '', ended_at = NULL,"
            " state = 'queued' WHERE id = ? AND (class = 'auto' OR (class = 'approved' AND approved_at IS NULL))"
            " AND state IN ('shadow', 'draft', 'drafted')",
            (stamp(now), stamp(due), stamp(due), stamp(expires_at), row_id),
        )
        crash_at("F11")
        if approved.rowcount == 1:
            self.tell(row_id, "developer", "answer approved", f"leaves at {stamp(due)}", now)
        return approved.rowcount == 1

    def stop_waiting(self, thread: int, sender_key: str, client: str | None, now: datetime) -> list[int]:
        """Given a thread and its client who has just written again, stop the answers there whose undo window the
        mail fell into. Return their rows."""
        rows = self._db.execute(
            "UPDATE outbox SET state = 'stopped', ended_at = ?,"
            " answer = 'the client wrote again before it left; send it all the same with `triagebot outbox retry`'"
            " WHERE thread = ? AND state IN ('queued', 'retry') AND undo_until IS NOT NULL"
            " AND class IN ('auto', 'approved') AND (sender_key = ? OR client = ?) RETURNING id",
            (stamp(now), thread, sender_key, client),
        ).fetchall()
        for (row_id,) in rows:
            self.tell(row_id, sender_key, "answer stopped", "the client wrote again before it left", now)
        return [int(row_id) for (row_id,) in rows]

    def stop_answered(self, thread: int, sent_at: datetime, now: datetime) -> list[int]:
        """Given a thread and when the developer's own answer left, stop what was made for it before and has not left
        yet: nobody gets two answers. Copies in Drafts are to be removed. Return the rows."""
        rows = self._db.execute(
            "UPDATE outbox SET stale_draft = CASE WHEN state = 'drafted' THEN 1 ELSE stale_draft END,"
            " state = 'stopped', ended_at = ?, answer = ? WHERE thread = ?"
            " AND state IN ('queued', 'retry', 'draft', 'drafted') AND class IN ('auto', 'approved')"
            " AND coalesce(approved_at, created_at) < ? RETURNING id",
            (stamp(now), ANSWERED_YOURSELF, thread, stamp(sent_at + WHOLE_SECOND)),
        ).fetchall()
        for (row_id,) in rows:
            self.tell(row_id, "developer", "answer stopped", "the developer answered from a mail program", now)
        return [int(row_id) for (row_id,) in rows]

    def set_returned(self, row_id: int, words: str, now: datetime) -> bool:
        """Given a row whose mail came back, remember it with the server's words. Return whether that is news."""
        returned = self._db.execute(
            "UPDATE outbox SET state = 'returned', phase = '', answer = ?, ended_at = ? WHERE id = ?"
            " AND state IN ('sending', 'queued', 'retry', 'sent', 'ambiguous', 'drafted')",
            (f"came back: {words}", stamp(now), row_id),
        )
        return returned.rowcount == 1

    def tell(self, row_id: int, who: str, what: str, why: str, now: datetime) -> None:
        """Given a row and something that happened to it, write it down, for its ticket too."""
        self._db.execute(
            "INSERT INTO event (at, ticket, mail, outbox, who, what, why)"
            " SELECT ?, ticket, mail, id, ?, ?, ? FROM outbox WHERE id = ?",
            (stamp(now), who, what, why, row_id),
        )
