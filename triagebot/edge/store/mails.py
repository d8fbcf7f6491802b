"""Received mails: every UID is a row before anything else happens to it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from triagebot.core.decision import Decision, MailState
from triagebot.core.mail import Mail
from triagebot.edge.store.rows import Connection, instant, stamp

MOST_ATTEMPTS = 3
"""A mail that was begun this often without an end is parked (safety.md F.2, poison counter)."""


@dataclass(frozen=True, slots=True)
class FolderState:
    """What is known of a folder: mails received before `since` are history, UIDs up to `listed_uid` have rows."""

    since: datetime
    rescan: bool
    listed_uid: int


@dataclass(frozen=True, slots=True)
class Pending:
    """A mail that has a row but no decision yet."""

    id: int
    uid: int
    size: int
    received_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells mails apart: the keys of a mail and the thread it belongs to."""

    body_key: str
    sender_key: str
    thread: int


class Mails:
    """The rows of received mails."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def start_inbox(self, inbox: str, now: datetime) -> datetime:
        """Given an inbox's id, return when it was started for the first time, which may be now.

        In whole seconds, as servers write INTERNALDATE.
        """
        self._db.execute(
            "INSERT INTO inbox (id, first_start) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
            (inbox, stamp(now.replace(microsecond=0))),
        )
        row = self._db.execute("SELECT first_start FROM inbox WHERE id = ?", (inbox,)).fetchone()
        return instant(row[0])

    def open_folder(self, inbox: str, name: str, uidvalidity: int, now: datetime) -> FolderState:
        """Given a folder as the server shows it, return what is known of it.

        The first UIDVALIDITY of a folder counts from the inbox's first start, a later one from now: what is
        then found in it was there before and is never answered (safety.md F.1).
        """
        where = (inbox, name, uidvalidity)
        found = self._db.execute(
            "SELECT since, rescan, listed_uid FROM folder WHERE inbox = ? AND name = ? AND uidvalidity = ?",
            where,
        ).fetchone()
        if found is None:
            first_start = self.start_inbox(inbox, now)
            known = self._db.execute(
                "SELECT 1 FROM folder WHERE inbox = ? AND name = ? LIMIT 1", (inbox, name)
            ).fetchone()
            since = now.replace(microsecond=0) if known else first_start
            found = (stamp(since), int(known is not None), 0)
            self._db.execute(
                "UPDATE mail SET state = 'history', decided_at = ?, problem = 'the server renumbered the folder;"
                " the mail is met again under its new number'"
                " WHERE state = 'pending' AND inbox = ? AND folder = ?",
                (stamp(now), inbox, name),
            )
            self._db.execute(
                "INSERT INTO folder (inbox, name, uidvalidity, since, rescan, listed_uid) VALUES (?, ?, ?, ?, ?, ?)",
                (*where, *found),
            )
        return FolderState(instant(found[0]), bool(found[1]), int(found[2]))

    def record_arrivals(
        self,
        inbox: str,
        folder: str,
        uidvalidity: int,
        arrivals: Sequence[tuple[int, int, datetime]],
        now: datetime,
    ) -> None:
        """Given (uid, size, received_at) of mails the server shows, give each a row; known ones stay as they are."""
        self._db.executemany(
            "INSERT INTO mail (inbox, folder, uidvalidity, uid, size, received_at, recorded_at, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'pending') ON CONFLICT (inbox, folder, uidvalidity, uid) DO NOTHING",
            [(inbox, folder, uidvalidity, uid, size, stamp(received), stamp(now)) for uid, size, received in arrivals],
        )
        if arrivals:
            highest = max(uid for uid, _, _ in arrivals)
            self._db.execute(
                "UPDATE folder SET listed_uid = ? WHERE inbox = ? AND name = ? AND uidvalidity = ? AND listed_uid < ?",
                (highest, inbox, folder, uidvalidity, highest),
            )

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

    def end(self, mail_id: int, state: MailState, problem: str, now: datetime, raw: bytes | None = None) -> None:
        """Given a pending mail that gets no decision, end it in a state with the reason."""
        self._db.execute(
            "UPDATE mail SET state = ?, problem = ?, decided_at = ?, raw = ? WHERE id = ? AND state = 'pending'",
            (state, problem, stamp(now), raw, mail_id),
        )

    def end_history(self, mail_id: int, message_id: str, sender: str, subject: str, now: datetime) -> None:
        """Given a pending mail that was there before the desk, end it, known by its headers alone."""
        self._db.execute(
            "UPDATE mail SET state = 'history', decided_at = ?, message_id = ?, sender = ?, subject = ?, thread = id"
            " WHERE id = ? AND state = 'pending'",
            (stamp(now), message_id or None, sender, subject, mail_id),
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
                mail.content.problem or None,
                raw,
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

    def count_states(self, since: datetime | None = None) -> dict[str, int]:
        """Given a moment (or None for ever), return how many mails recorded since are in each state."""
        rows = self._db.execute(
            "SELECT state, count(*) FROM mail WHERE recorded_at >= ? GROUP BY state ORDER BY state",
            (stamp(since) if since else "",),
        ).fetchall()
        return dict(rows)

    def recent(self, since: datetime, limit: int = 500) -> list[dict[str, object]]:
        """Given a moment, return the mails decided since then, the newest last; not what was there before the desk."""
        cursor = self._db.execute(
            "SELECT id, received_at, sender, client, tier, auth, subject, new_text, kind, reason, state, codes,"
            " rules, ticket, problem, verdict, uid,"
            " (SELECT ticket.state FROM ticket WHERE ticket.id = mail.ticket) AS ticket_state"
            " FROM mail WHERE decided_at >= ? AND (state <> 'history' OR codes <> '') ORDER BY decided_at, id LIMIT ?",
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
