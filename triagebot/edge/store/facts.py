"""What the database knows that matters for one mail, read in the transaction that decides it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triagebot.core.desk import Limits, Mode
from triagebot.core.limits import Tally
from triagebot.edge.store.rows import Connection, stamp

_MOST_PARENTS = 20
"""Ids looked up per mail (safety.md B.3)."""


@dataclass(frozen=True, slots=True)
class Question:
    """The mail that facts are wanted for."""

    mail_id: int
    message_id: str
    content_key: str
    body_key: str
    parents: tuple[str, ...]
    sender_key: str
    domain: str
    client: str | None
    mode: Mode
    form: str = ""


class FactFinder:
    """Looks up what was received and sent before."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def duplicate_of(self, question: Question) -> int | None:
        """Return an earlier mail with the same content, or None (safety.md F.1, same mail twice)."""
        return self._first(
            "SELECT id FROM mail WHERE content_key = ? AND id <> ? ORDER BY id LIMIT 1",
            (question.content_key, question.mail_id),
        )

    def id_reused(self, question: Question) -> bool:
        """Return whether another mail, with other content, carries the same Message-ID (safety.md F.1)."""
        if not question.message_id:
            return False
        sql = "SELECT id FROM mail WHERE message_id = ? AND content_key <> ? LIMIT 1"
        return self._first(sql, (question.message_id, question.content_key)) is not None

    def thread_of(self, parents: Sequence[str]) -> int | None:
        """Given ids a mail refers to, the nearest last, return the thread they belong to, or None."""
        for parent in list(reversed(parents))[:_MOST_PARENTS]:
            for sql in (
                "SELECT thread FROM outbox WHERE message_id = ?",
                "SELECT thread FROM mail WHERE message_id = ? AND thread IS NOT NULL ORDER BY id LIMIT 1",
            ):
                thread = self._first(sql, (parent,))
                if thread is not None:
                    return thread
        return None

    def tally(self, question: Question, thread: int | None, limits: Limits, now: datetime) -> Tally:
        """Return what was sent automatically before, as the caps need it (safety.md C)."""
        day, week = stamp(now - timedelta(days=1)), stamp(now - timedelta(days=7))
        answers_since, body_since = stamp(now - limits.same_answer), stamp(now - limits.same_body)
        visitor_since = stamp(now - limits.form_visitor)
        sent = self._db.execute(
            "SELECT created_at, answers FROM outbox WHERE sender_key = ? AND created_at >= ? AND class = 'auto'"
            " AND mode = ? AND state <> 'dropped' ORDER BY created_at DESC LIMIT 1000",
            (question.sender_key, min(week, answers_since, visitor_since), question.mode),
        ).fetchall()
        in_thread = self._first(
            "SELECT count(*) FROM outbox WHERE thread = ? AND class = 'auto' AND mode = ? AND state <> 'dropped'",
            (thread, question.mode),
        )
        return Tally(
            sender_day=sum(created >= day for created, _ in sent),
            sender_week=sum(created >= week for created, _ in sent),
            thread=in_thread or 0,
            domain_day=self._counted(f"domain {question.mode} {question.domain}", day),
            desk_10_minutes=self._counted(f"desk {question.mode}", stamp(now - timedelta(minutes=10))),
            desk_day=self._counted(f"desk {question.mode}", day),
            form_day=self._counted(f"form {question.mode} {question.form}", day) if question.form else 0,
            answers=frozenset(name for created, names in sent if created >= answers_since for name in names.split()),
            same_body=self._same_body(question, body_since),
            visitor_answered=any(created >= visitor_since for created, _ in sent),
        )

    def auto_sent_since(self, sender_key: str, since: datetime) -> bool:
        """Given a sender and a moment, return whether an automatic mail was made for it since."""
        sql = "SELECT id FROM outbox WHERE sender_key = ? AND created_at >= ? AND class = 'auto' LIMIT 1"
        return self._first(sql, (sender_key, stamp(since))) is not None

    def alerted_since(self, client: str, since: datetime) -> bool:
        """Given a client and a moment, return whether the developer was alerted about it since."""
        sql = "SELECT id FROM outbox WHERE class = 'alert' AND client = ? AND created_at >= ? LIMIT 1"
        return self._first(sql, (client, stamp(since))) is not None

    def _same_body(self, question: Question, since: str) -> bool:
        sql = (
            "SELECT id FROM mail WHERE sender_key = ? AND received_at >= ? AND body_key = ? AND id <> ?"
            " AND state IN ('answered', 'acknowledged', 'planned', 'merged') LIMIT 1"
        )
        values = (question.sender_key, since, question.body_key, question.mail_id)
        return self._first(sql, values) is not None

    def _counted(self, scope: str, since: str) -> int:
        sql = "SELECT coalesce(sum(count), 0) FROM counter WHERE scope = ? AND minute >= ?"
        return self._first(sql, (scope, since[:16])) or 0

    def _first(self, sql: str, values: tuple[object, ...]) -> int | None:
        row = self._db.execute(sql, values).fetchone()
        return None if row is None or row[0] is None else int(row[0])
