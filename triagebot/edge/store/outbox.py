"""The outbox: durable rows that hold the final bytes of every outgoing mail (safety.md G.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triagebot.core.delivery import OutboxState
from triagebot.core.desk import Mode
from triagebot.core.retry import OutgoingClass
from triagebot.edge.store.rows import Connection, instant, stamp

_FIRST_STATE: dict[Mode, OutboxState] = {"shadow": "shadow", "draft": "draft", "live": "queued"}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail to be sent. `dedupe_key` names its cause: a second row for the same cause is never made."""

    outgoing: OutgoingClass
    inbox: str
    mail_from: str
    recipient: str
    subject: str
    message_id: str
    dedupe_key: str
    raw: bytes
    mode: Mode
    due: datetime
    expires_at: datetime
    mail: int | None = None
    ticket: int | None = None
    thread: int | None = None
    client: str | None = None
    sender_key: str = ""
    domain: str = ""
    form: str = ""
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A row that is to be sent now; the attempt is already counted."""

    id: int
    outgoing: OutgoingClass
    mail_from: str
    recipient: str
    raw: bytes
    attempts: int
    message_id: str
    expires_at: datetime


class Outbox:
    """The rows of outgoing mails."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(self, mail: Outgoing, now: datetime) -> int | None:
        """Given a mail, add it and count it for the caps. Return its row id, or None when its cause has one."""
        row = self._db.execute(
            "INSERT INTO outbox (class, inbox, mail, ticket, thread, client, sender_key, answers, mail_from,"
            " recipient, subject, message_id, dedupe_key, mode, state, next_attempt, expires_at, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
            (
                mail.outgoing,
                mail.inbox,
                mail.mail,
                mail.ticket,
                mail.thread,
                mail.client,
                mail.sender_key,
                " ".join(mail.answers),
                mail.mail_from,
                mail.recipient,
                mail.subject,
                mail.message_id,
                mail.dedupe_key,
                mail.mode,
                _FIRST_STATE[mail.mode],
                stamp(mail.due),
                stamp(mail.expires_at),
                stamp(now),
            ),
        ).fetchone()
        if row is None:
            return None
        self._db.execute("INSERT INTO outbox_raw (outbox, raw) VALUES (?, ?)", (row[0], mail.raw))
        if mail.outgoing == "auto":
            self._count(mail, now)
        return int(row[0])

    def _count(self, mail: Outgoing, now: datetime) -> None:
        minute = stamp(now)[:16]
        scopes = [f"desk {mail.mode}"]
        if mail.domain:
            scopes.append(f"domain {mail.mode} {mail.domain}")
        if mail.form:
            scopes.append(f"form {mail.mode} {mail.form}")
        self._db.executemany(
            "INSERT INTO counter (scope, minute, count) VALUES (?, ?, 1)"
            " ON CONFLICT (scope, minute) DO UPDATE SET count = counter.count + 1",
            [(scope, minute) for scope in scopes],
        )

    def claim(self, inbox: str, limit: int, now: datetime, lease_until: datetime) -> list[Due]:
        """Given an inbox, return mails that are due, their attempt counted and the next one set before any
        network is touched: a crash can then delay, never storm."""
        rows = self._db.execute(
            "UPDATE outbox SET state = 'sending', phase = '', attempts = attempts + 1, next_attempt = ?"
            " WHERE id IN (SELECT id FROM outbox WHERE state IN ('queued', 'retry') AND inbox = ?"
            " AND next_attempt <= ? ORDER BY next_attempt LIMIT ?)"
            " RETURNING id, class, mail_from, recipient, attempts, message_id, expires_at",
            (stamp(lease_until), inbox, stamp(now), limit),
        ).fetchall()
        return [
            Due(row[0], row[1], row[2], row[3], self.raw(row[0]), row[4], row[5], instant(row[6]))
            for row in sorted(rows)
        ]

    def raw(self, row_id: int) -> bytes:
        """Given a row, return its final bytes."""
        return bytes(self._db.execute("SELECT raw FROM outbox_raw WHERE outbox = ?", (row_id,)).fetchone()[0])

    def begin_transfer(self, row_id: int) -> None:
        """Given a row being sent, remember that from now on it may have been accepted (fault point F7)."""
        self._db.execute("UPDATE outbox SET phase = 'data_end' WHERE id = ?", (row_id,))

    def finish(self, row_id: int, state: OutboxState, answer: str, now: datetime) -> None:
        """Given a row being sent, end it with the server's words."""
        self._db.execute(
            "UPDATE outbox SET state = ?, phase = '', answer = ?, ended_at = ? WHERE id = ?",
            (state, answer, stamp(now), row_id),
        )

    def postpone(self, row_id: int, answer: str, next_attempt: datetime, *, counted: bool = True) -> None:
        """Given a row that was not sent, let it wait. An attempt that is not the mail's fault is not counted."""
        self._db.execute(
            "UPDATE outbox SET state = CASE WHEN attempts > 1 OR ? THEN 'retry' ELSE 'queued' END,"
            " phase = '', answer = ?, next_attempt = ?, attempts = attempts - ? WHERE id = ?",
            (int(counted), answer, stamp(next_attempt), 0 if counted else 1, row_id),
        )

    def recover(self, now: datetime) -> tuple[int, int]:
        """After a stop: rows that were being sent go back to the queue when nothing can have been accepted, else
        they are ambiguous. Return how many of each."""
        ambiguous = self._db.execute(
            "UPDATE outbox SET state = 'ambiguous', ended_at = ?, answer = 'stopped while the server took the mail'"
            " WHERE state = 'sending' AND phase = 'data_end'",
            (stamp(now),),
        ).rowcount
        again = self._db.execute(
            "UPDATE outbox SET state = 'retry', next_attempt = ? WHERE state = 'sending'", (stamp(now),)
        ).rowcount
        return again, ambiguous

    def next_due(self, inbox: str) -> datetime | None:
        """Given an inbox, return when its next mail is due, or None."""
        row = self._db.execute(
            "SELECT min(next_attempt) FROM outbox WHERE state IN ('queued', 'retry') AND inbox = ?", (inbox,)
        ).fetchone()
        return instant(row[0]) if row and row[0] else None

    def is_due(self, inbox: str, now: datetime) -> bool:
        """Given an inbox, return whether a mail of it is due or under way."""
        row = self._db.execute(
            "SELECT 1 FROM outbox WHERE inbox = ? AND (state = 'sending'"
            " OR (state IN ('queued', 'retry') AND next_attempt <= ?)) LIMIT 1",
            (inbox, stamp(now)),
        ).fetchone()
        return row is not None

    def drafts(self, inbox: str, limit: int) -> list[tuple[int, str, bytes]]:
        """Given an inbox, return (row, Message-ID, bytes) of mails to be put into its Drafts folder."""
        return self._db.execute(
            "SELECT id, message_id, raw FROM outbox JOIN outbox_raw ON outbox = id"
            " WHERE state = 'draft' AND inbox = ? ORDER BY id LIMIT ?",
            (inbox, limit),
        ).fetchall()

    def oldest_unsent(self) -> datetime | None:
        """Return when the oldest mail that still waits to be sent was made, or None."""
        row = self._db.execute(
            "SELECT min(created_at) FROM outbox WHERE state IN ('queued', 'sending', 'retry')"
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
            "SELECT id, class, state, recipient, subject, mode, attempts, next_attempt, created_at, answer, mail,"
            f" message_id FROM outbox WHERE state IN ({marks}) ORDER BY id LIMIT ?",
            (*states, limit),
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def of_mail(self, mail_ids: Sequence[int]) -> dict[int, dict[str, object]]:
        """Given mails, return the automatic mail each one got: its state, recipient, subject and bytes."""
        found = {}
        for mail_id in mail_ids:
            row = self._db.execute(
                "SELECT state, recipient, subject, raw, answers FROM outbox JOIN outbox_raw ON outbox = id"
                " WHERE mail = ? AND class = 'auto'",
                (mail_id,),
            ).fetchone()
            if row:
                found[mail_id] = dict(zip(("state", "recipient", "subject", "raw", "answers"), row, strict=True))
        return found

    def change(
        self, row_id: int, states: Sequence[str], new_state: OutboxState, due: datetime, expires_at: datetime
    ) -> bool:
        """Given a row and the states it may be in, put it into a new one. Return whether it was in one of them."""
        marks = ", ".join("?" for _ in states)
        changed = self._db.execute(
            "UPDATE outbox SET state = ?, phase = '', next_attempt = ?, expires_at = ?"
            f" WHERE id = ? AND state IN ({marks})",
            (new_state, stamp(due), stamp(expires_at), row_id, *states),
        )
        return changed.rowcount == 1
