"""Received mails: every UID is a row before anything else happens to it."""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from triagebot.core.decision import Decision, MailState
from triagebot.core.mail import Mail
from triagebot.edge.store.outgoing.latches import SILENCED
from triagebot.edge.store.received.folders import Folders, FolderState
from triagebot.edge.store.received.threads import OUTSIDER
from triagebot.edge.store.rows import instant, stamp

MOST_ATTEMPTS = 3
"""A mail that was begun this often without an end is parked (safety.md F.2, poison counter)."""
MOST_RAW = 1024 * 1024
"""Bytes that are kept of a mail that could not be read; all of it stays on the server."""
__all__ = ["MOST_ATTEMPTS", "MOST_RAW", "FolderState", "Identity", "Mails", "Pending"]


@dataclass(frozen=True, slots=True)
class Pending:
    """A mail that has a row but no decision yet."""

    id: int
    uid: int
    size: int
    received_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the headers of a mail say that was not read further."""

    message_id: str = ""
    sender: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells mails apart: the keys of a mail and the thread it belongs to."""

    body_key: str
    sender_key: str
    thread: int


class Mails(Folders):
    """The rows of received mails."""

    def claim(self, inbox: str, folder: str, uidvalidity: int, limit: int, after_uid: int) -> list[Pending]:
        """Given a folder, return the next mails without a decision above a UID, counting the attempt.

        A mail that was begun before is claimed alone: when it ends the daemon again, no other is blamed.
        """
        rows = self._db.execute(
            "SELECT id, uid, size, received_at, attempts FROM mail WHERE state = 'pending' AND inbox = ?"
            " AND folder = ? AND uidvalidity = ? AND uid > ? ORDER BY uid LIMIT ?",
            (inbox, folder, uidvalidity, after_uid, limit),
        ).fetchall()
        rows = rows[:1] if rows and rows[0][4] else list(takewhile(lambda row: not row[4], rows))
        self._db.executemany("UPDATE mail SET attempts = attempts + 1 WHERE id = ?", [(row[0],) for row in rows])
        return [Pending(row[0], row[1], row[2], instant(row[3]), row[4] + 1) for row in rows]

    def unclaim(self, mail_ids: Iterable[int]) -> None:
        """Given mails whose attempt ended for a reason outside them, do not count it."""
        self._db.executemany(
            "UPDATE mail SET attempts = attempts - 1 WHERE id = ? AND state = 'pending'",
            [(mail_id,) for mail_id in mail_ids],
        )

    def end(self, mail_id: int, state: MailState, problem: str, now: datetime) -> None:
        """Given a pending mail that gets no decision, end it in a state with the reason."""
        self._db.execute(
            "UPDATE mail SET state = ?, problem = ?, decided_at = ? WHERE id = ? AND state = 'pending'",
            (state, problem, stamp(now), mail_id),
        )

    def park(self, mail_id: int, problem: str, envelope: Envelope, raw: bytes, now: datetime) -> None:
        """Given a pending mail that cannot be worked on, end it with the reason, known by its headers as far as they
        could be read, and keep its bytes."""
        self._end_with(mail_id, "unreadable", envelope, now, problem, raw[:MOST_RAW] or None)

    def end_history(self, mail_id: int, envelope: Envelope, now: datetime) -> None:
        """Given a pending mail that was there before the desk, end it, known by its headers alone."""
        self._end_with(mail_id, "history", envelope, now)

    def _end_with(
        self,
        mail_id: int,
        state: MailState,
        envelope: Envelope,
        now: datetime,
        problem: str | None = None,
        raw: bytes | None = None,
    ) -> None:
        self._db.execute(
            "UPDATE mail SET state = ?, problem = ?, decided_at = ?, raw = ?, message_id = ?, sender = ?, subject = ?,"
            " thread = id WHERE id = ? AND state = 'pending'",
            (
                state,
                problem,
                stamp(now),
                raw,
                envelope.message_id or None,
                envelope.sender,
                envelope.subject,
                mail_id,
            ),
        )

    def decide(
        self,
        mail_id: int,
        mail: Mail,
        decision: Decision,
        identity: Identity,
        ticket: int | None,
        raw: bytes | None,
        now: datetime,
    ) -> bool:
        """Given a pending mail and its decision, record it. Return False when it was decided before."""
        sender, guard = decision.sender, decision.guard
        matches = [{"rule": match.rule, "words": match.words} for match in decision.matches]
        trail = [[step.step, step.verdict, step.why] for step in decision.trail if step.verdict != "pass"]
        cursor = self._db.execute(
            "UPDATE mail SET state = ?, decided_at = ?, message_id = ?, content_key = ?, body_key = ?, thread = ?,"
            " sender = ?, sender_key = ?, client = ?, tier = ?, auth = ?, verdict = ?, codes = ?, kind = ?,"
            " reason = ?, language = ?, subject = ?, text = ?, new_text = ?, rules = ?, trail = ?, ticket = ?,"
            " problem = ?, raw = ? WHERE id = ? AND state = 'pending'",
            (
                decision.state,
                stamp(now),
                mail.message_id or None,
                mail.content_key,
                identity.body_key,
                identity.thread,
                sender.address,
                identity.sender_key,
                sender.client,
                sender.tier,
                sender.auth,
                guard.verdict,
                " ".join(guard.codes),
                decision.kind,
                decision.reason,
                decision.language,
                mail.subject,
                mail.content.text,
                mail.content.new_text,
                json.dumps(matches, ensure_ascii=False),
                json.dumps(trail, ensure_ascii=False),
                ticket,
                mail.content.problem or mail.content.partial or None,
                raw and raw[:MOST_RAW],
                mail_id,
            ),
        )
        return cursor.rowcount == 1

    def unmarked(self, inbox: str, folder: str, uidvalidity: int, limit: int) -> list[tuple[int, int]]:
        """Given a folder, return (id, uid) of mails that are decided but not yet flagged or moved on the server."""
        return self._db.execute(
            "SELECT id, uid FROM mail WHERE marked = 0 AND state NOT IN ('pending', 'history') AND inbox = ?"
            " AND folder = ? AND uidvalidity = ? ORDER BY uid LIMIT ?",
            (inbox, folder, uidvalidity, limit),
        ).fetchall()

    def set_marked(self, mail_ids: Iterable[int]) -> None:
        """Given mails that were flagged or moved on the server, remember it."""
        self._db.executemany("UPDATE mail SET marked = 1 WHERE id = ?", [(mail_id,) for mail_id in mail_ids])

    def set_handled(self, mail_id: int, now: datetime) -> bool:
        """Given a mail that asked for a person, remember that it is dealt with. Return False when it was before."""
        handled = self._db.execute(
            "UPDATE mail SET handled_at = ? WHERE id = ? AND handled_at IS NULL", (stamp(now), mail_id)
        )
        if handled.rowcount == 1:
            self._db.execute(
                "INSERT INTO event (at, ticket, mail, who, what, why)"
                " SELECT ?, ticket, id, 'developer', 'dealt with', state FROM mail WHERE id = ?",
                (stamp(now), mail_id),
            )
        return handled.rowcount == 1

    def forget_handled(self, mail_id: int) -> None:
        """Given a mail that is not dealt with after all, remember that."""
        self._db.execute("UPDATE mail SET handled_at = NULL WHERE id = ?", (mail_id,))

    def place(self, mail_id: int) -> tuple[str, str, int, int]:
        """Given a mail's number, return inbox, folder, its numbering and UID."""
        inbox, folder, uidvalidity, uid = self._db.execute(
            "SELECT inbox, folder, uidvalidity, uid FROM mail WHERE id = ?", (mail_id,)
        ).fetchone()
        return inbox, folder, uidvalidity, uid

    def count_states(self, since: datetime | None = None) -> dict[str, int]:
        """Given a moment (or None for ever), return how many mails recorded since are in each state."""
        if since is None:  # without a condition the index on states alone is read
            return dict(self._db.execute("SELECT state, count(*) FROM mail GROUP BY state ORDER BY state").fetchall())
        rows = self._db.execute("SELECT state FROM mail WHERE recorded_at >= ?", (stamp(since),))
        return dict(sorted(Counter(state for (state,) in rows).items()))  # grouped by SQLite, all mails would be read

    def count_others(self, known: Collection[str]) -> dict[str, int]:
        """Given states, return how many mails are in each other one; as fast with many mails as with few, for it asks
        only which state comes next."""
        found = {}
        (state,) = self._db.execute("SELECT min(state) FROM mail").fetchone()
        while state is not None:
            if state not in known:
                (found[state],) = self._db.execute("SELECT count(*) FROM mail WHERE state = ?", (state,)).fetchone()
            (state,) = self._db.execute("SELECT min(state) FROM mail WHERE state > ?", (state,)).fetchone()
        return found

    def recent(self, since: datetime, limit: int = 500) -> list[dict[str, object]]:
        """Given a moment, return the mails decided since then, the newest last; not what was there before the desk,
        nor what `Latches.silenced_mails` counts, which may be thousands."""
        cursor = self._db.execute(
            "SELECT id, received_at, sender, client, tier, auth, subject, new_text, kind, reason, state, codes,"
            " rules, ticket, problem, verdict, uid, trail,"
            " (SELECT ticket.state FROM ticket WHERE ticket.id = mail.ticket) AS ticket_state,"
            f" (SELECT min(why) FROM event WHERE event.mail = mail.id AND what = '{OUTSIDER}') AS outsider"
            " FROM mail WHERE decided_at >= ? AND (state <> 'history' OR codes <> '')"
            f" AND NOT {SILENCED} ORDER BY decided_at, id LIMIT ?",
            (stamp(since), limit),
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def find(self, mail_id: int) -> dict[str, object] | None:
        """Given a mail's number, return its row, or None."""
        cursor = self._db.execute("SELECT * FROM mail WHERE id = ?", (mail_id,))
        row = cursor.fetchone()
        names = [column[0] for column in cursor.description]
        return dict(zip(names, row, strict=True)) if row else None
