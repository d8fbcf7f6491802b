"""The outbox: durable rows that hold the final bytes of every outgoing mail (safety.md G.2)."""

from dataclasses import dataclass
from datetime import datetime

from triagebot.core.desk import Mode
from triagebot.core.outgoing.delivery import OutboxState
from triagebot.core.outgoing.retry import OutgoingClass
from triagebot.edge.fault import crash_at
from triagebot.edge.store.outgoing.filed import FiledMails
from triagebot.edge.store.outgoing.interventions import Interventions
from triagebot.edge.store.outgoing.outbox_lists import OutboxLists
from triagebot.edge.store.outgoing.suppressions import refusal
from triagebot.edge.store.rows import instant, stamp

_FIRST_STATE: dict[Mode, OutboxState] = {"shadow": "shadow", "draft": "draft", "live": "queued"}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail to be sent. `dedupe_key` names its cause: a second row for the same cause is never made. One that is
    not due yet has an undo window. `recipient_code` is the recipient's code for the suppressions; "" for the desk's
    own and the developer's address, which are never suppressed. `body_key` is that of the text it answers; "" for a
    mail without text."""

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
    recipient_code: str = ""
    body_key: str = ""


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


class Outbox(FiledMails, Interventions, OutboxLists):
    """The rows of outgoing mails."""

    def add(self, mail: Outgoing, now: datetime) -> int | None:
        """Given a mail, add it and count it for the caps. Return its row id, or None when its cause has one.

        One to a suppressed address is added as failed.
        """
        refused = bool(mail.recipient_code) and self._is_suppressed(mail.recipient_code)
        row = self._db.execute(
            "INSERT INTO outbox (class, inbox, mail, ticket, thread, client, sender_key, answers, mail_from,"
            " recipient, subject, message_id, dedupe_key, mode, state, next_attempt, expires_at, created_at,"
            " undo_until, recipient_code, ended_at, answer)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING RETURNING id",
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
                "failed" if refused else _FIRST_STATE[mail.mode],
                stamp(mail.due),
                stamp(mail.expires_at),
                stamp(now),
                stamp(mail.due) if mail.due > now else None,
                mail.recipient_code,
                stamp(now) if refused else None,
                refusal(mail.recipient) if refused else "",
            ),
        ).fetchone()
        if row is None:
            return None
        crash_at("F2")
        self._db.execute("INSERT INTO outbox_raw (outbox, raw) VALUES (?, ?)", (row[0], mail.raw))
        if mail.outgoing == "auto":
            self._count(mail, now)
        return int(row[0])

    def _count(self, mail: Outgoing, now: datetime) -> None:
        minute = stamp(now)[:16]
        scopes = [f"desk {mail.mode}"]
        if mail.domain:
            scopes.append(f"domain {mail.mode} {mail.domain}")
        if mail.domain and mail.body_key:
            scopes.append(f"body {mail.mode} {mail.domain} {mail.body_key}")
        if mail.form:
            scopes.append(f"form {mail.mode} {mail.form}")
        self._db.executemany(
            "INSERT INTO counter (scope, minute, count) VALUES (?, ?, 1)"
            " ON CONFLICT (scope, minute) DO UPDATE SET count = counter.count + 1",
            [(scope, minute) for scope in scopes],
        )

    def _is_suppressed(self, code: str) -> bool:
        return self._db.execute("SELECT 1 FROM suppression WHERE code = ?", (code,)).fetchone() is not None

    def claim(self, inbox: str, limit: int, now: datetime, lease_until: datetime) -> list[Due]:
        """Given an inbox, return mails that are due, their attempt counted and the next one set before any
        network is touched: a crash can then delay, never storm. Alerts come first. What must not leave any more
        has failed."""
        self._refuse(inbox, now)
        rows = self._db.execute(
            "UPDATE outbox SET state = 'sending', phase = '', attempts = attempts + 1, next_attempt = ?"
            " WHERE id IN (SELECT id FROM outbox WHERE state IN ('queued', 'retry') AND inbox = ?"
            " AND next_attempt <= ? ORDER BY class <> 'alert', next_attempt LIMIT ?)"
            " RETURNING id, class, mail_from, recipient, attempts, message_id, expires_at",
            (stamp(lease_until), inbox, stamp(now), limit),
        ).fetchall()
        return [
            Due(row[0], row[1], row[2], row[3], self.raw(row[0]), row[4], row[5], instant(row[6]))
            for row in sorted(rows, key=lambda row: (row[1] != "alert", row[0]))
        ]

    def _refuse(self, inbox: str, now: datetime) -> None:
        """End what is due to a suppressed address, and what is too old to be sent."""
        rows = self._db.execute(
            "SELECT id, recipient, answer, expires_at <= ? FROM outbox WHERE state IN ('queued', 'retry')"
            " AND inbox = ? AND next_attempt <= ?"
            " AND (expires_at <= ? OR recipient_code IN (SELECT code FROM suppression))",
            (stamp(now), inbox, stamp(now), stamp(now)),
        ).fetchall()
        for row_id, recipient, answer, is_late in rows:
            late = f"gave up, it could not be sent in time: {answer}".rstrip(": ")
            self._db.execute(
                "UPDATE outbox SET state = 'failed', answer = ?, ended_at = ? WHERE id = ?",
                (late if is_late else refusal(recipient), stamp(now), row_id),
            )

    def raw(self, row_id: int) -> bytes:
        """Given a row, return its final bytes."""
        return bytes(self._db.execute("SELECT raw FROM outbox_raw WHERE outbox = ?", (row_id,)).fetchone()[0])

    def begin_transfer(self, row_id: int) -> None:
        """Given a row being sent, remember that from now on it may have been accepted (fault point F7)."""
        self._db.execute("UPDATE outbox SET phase = 'data_end' WHERE id = ?", (row_id,))

    def set_sender(self, row_id: int, mail_from: str) -> None:
        """Given a row, change its envelope's sender."""
        self._db.execute("UPDATE outbox SET mail_from = ? WHERE id = ?", (mail_from, row_id))

    def finish(self, row_id: int, state: OutboxState, answer: str, now: datetime) -> None:
        """Given a row being sent, end it with the server's words. One that came back meanwhile stays so."""
        self._db.execute(
            "UPDATE outbox SET state = ?, phase = '', answer = ?, ended_at = ? WHERE id = ? AND state <> 'returned'",
            (state, answer, stamp(now), row_id),
        )

    def postpone(self, row_id: int, answer: str, next_attempt: datetime, *, counted: bool = True) -> None:
        """Given a row that was not sent, let it wait. An attempt that is not the mail's fault is not counted."""
        self._db.execute(
            "UPDATE outbox SET state = CASE WHEN attempts > 1 OR ? THEN 'retry' ELSE 'queued' END,"
            " phase = '', answer = ?, next_attempt = ?, attempts = attempts - ? WHERE id = ? AND state = 'sending'",
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
