"""Outgoing mails as they lie in the mailbox's own folders: drafts, and copies in Sent that prove a sending."""

from datetime import datetime

from triagebot.edge.store.rows import Rows, stamp


class FiledMails(Rows):
    """What the watcher of an inbox has to look up, put and take away in its folders."""

    def drafts(self, inbox: str, limit: int) -> list[tuple[int, str, bytes]]:
        """Given an inbox, return (row, Message-ID, bytes) of mails to be put into its Drafts folder."""
        return self._db.execute(
            "SELECT id, message_id, raw FROM outbox JOIN outbox_raw ON outbox = id"
            " WHERE state = 'draft' AND inbox = ? ORDER BY id LIMIT ?",
            (inbox, limit),
        ).fetchall()

    def set_drafted(self, row_id: int, answer: str, now: datetime) -> None:
        """Given a row whose mail now lies in Drafts, remember it. One that was approved, dropped or stopped
        meanwhile keeps its state, and its copy is to be taken away again."""
        drafted = self._db.execute(
            "UPDATE outbox SET state = 'drafted', answer = ?, ended_at = ? WHERE id = ? AND state = 'draft'",
            (answer, stamp(now), row_id),
        )
        if drafted.rowcount == 0:
            self._db.execute("UPDATE outbox SET stale_draft = 1 WHERE id = ? AND state <> 'drafted'", (row_id,))

    def drafts_to_remove(self, inbox: str, limit: int) -> list[tuple[int, str]]:
        """Given an inbox, return (row, Message-ID) of mails whose copy in Drafts must not be sent by hand as well."""
        return self._db.execute(
            "SELECT id, message_id FROM outbox WHERE stale_draft = 1 AND inbox = ? ORDER BY id LIMIT ?", (inbox, limit)
        ).fetchall()

    def set_draft_removed(self, row_id: int) -> None:
        """Given a row whose copy no longer lies in Drafts, remember it. One that became a draft again while it was
        taken away is to be put there anew."""
        self._db.execute(
            "UPDATE outbox SET stale_draft = 0, state = CASE state WHEN 'drafted' THEN 'draft' ELSE state END"
            " WHERE id = ?",
            (row_id,),
        )

    def to_look_up(self, inbox: str, before: datetime, limit: int) -> list[tuple[int, str]]:
        """Given an inbox, return (row, Message-ID) of approved mails and digests that were maybe sent before a
        moment and may be sent once more when Sent has no copy (safety.md G.2)."""
        return self._db.execute(
            "SELECT id, message_id FROM outbox WHERE state = 'ambiguous' AND class IN ('approved', 'digest')"
            " AND resends = 0 AND inbox = ? AND ended_at < ? ORDER BY id LIMIT ?",
            (inbox, stamp(before), limit),
        ).fetchall()

    def found_in_sent(self, row_id: int, now: datetime) -> None:
        """Given a row that was maybe sent and whose mail lies in Sent, remember that it was."""
        self._db.execute(
            "UPDATE outbox SET state = 'sent', answer = 'found in the Sent folder', ended_at = ?"
            " WHERE id = ? AND state = 'ambiguous'",
            (stamp(now), row_id),
        )

    def resend(self, row_id: int, now: datetime) -> None:
        """Given a row that was maybe sent and is not in Sent, queue the same bytes once more. If that ends in doubt
        too, it is left to a person."""
        self._db.execute(
            "UPDATE outbox SET state = 'queued', phase = '', resends = 1, next_attempt = ?,"
            " answer = 'not found in the Sent folder; sent once more' WHERE id = ? AND state = 'ambiguous'"
            " AND resends = 0",
            (stamp(now), row_id),
        )

    def sent_by_hand(self, message_id: str, now: datetime) -> tuple[int, int | None, bool] | None:
        """Given the id of a mail of ours that lies in Sent, end its row if the developer has sent it out of Drafts
        himself; nothing else sends it then. Return row and ticket, and whether a person chose these words; None when
        there is no such row."""
        row = self._db.execute(
            "SELECT id, ticket, class, state FROM outbox WHERE message_id = ? AND class IN ('auto', 'approved')",
            (message_id,),
        ).fetchone()
        if row is None:
            return None
        by_hand = self._db.execute(
            "UPDATE outbox SET state = 'sent', class = 'approved', approved_at = coalesce(approved_at, ?), phase = '',"
            " answer = 'sent by hand from a mail program', ended_at = ?,"
            " stale_draft = CASE WHEN state = 'drafted' THEN 1 ELSE stale_draft END"
            " WHERE id = ? AND (state IN ('draft', 'drafted', 'stopped', 'dropped')"
            " OR (class = 'approved' AND state IN ('queued', 'retry')))",
            (stamp(now), stamp(now), row[0]),
        ).rowcount
        if by_hand:
            self._db.execute(
                "INSERT INTO event (at, ticket, mail, outbox, who, what, why) SELECT ?, ticket, mail, id, 'developer',"
                " 'answer sent by hand', subject FROM outbox WHERE id = ?",
                (stamp(now), row[0]),
            )
        return int(row[0]), row[1], bool(by_hand) or row[2] == "approved"
