"""What the database knows that matters for one mail, read in the transaction that decides it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from triagebot.core.desk import Limits, Mode
from triagebot.core.outgoing.limits import Tally
from triagebot.core.outgoing.pingpong import Heard, Told
from triagebot.edge.store.rows import Connection, instant, stamp

_MOST_TOLD = 50
_TEXT_READ = 20_000
"""Characters of a mail that are looked through for words of its own."""


@dataclass(frozen=True, slots=True)
class Question:
    """The mail that facts are wanted for. `links` and `parties` are those of core/tickets/threading.py."""

    mail_id: int
    message_id: str
    content_key: str
    body_key: str
    links: tuple[str, ...]
    sender_key: str
    domain: str
    client: str | None
    mode: Mode
    form: str = ""
    parties: tuple[str, ...] = ()


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
        changes = self._changes(thread) if (in_thread or 0) >= limits.thread else 0
        return Tally(
            sender_day=sum(created >= day for created, _ in sent),
            sender_week=sum(created >= week for created, _ in sent),
            thread=in_thread or 0,
            domain_day=self._counted(f"domain {question.mode} {question.domain}", day),
            desk_10_minutes=self._counted(f"desk {question.mode}", stamp(now - timedelta(minutes=10))),
            desk_day=self._counted(f"desk {question.mode}", day),
            form_day=self._counted(f"form {question.mode} {question.form}", day) if question.form else 0,
            answers=frozenset(name for created, names in sent if created >= answers_since for name in names.split()),
            same_body=bool(limits.same_body) and self._same_body(question, body_since),
            visitor_answered=any(created >= visitor_since for created, _ in sent),
            changes=changes,
        )

    def told(self, sender_key: str, mode: Mode, since: datetime) -> tuple[Told, ...]:
        """Given a sender and a moment, return what we told them since, the oldest first: automatic mails of one
        mode, and what a person approved."""
        rows = self._db.execute(
            "SELECT coalesce(approved_at, created_at) AS at, subject, thread, class FROM outbox WHERE sender_key = ?"
            " AND created_at >= ? AND (class = 'approved' OR class = 'auto' AND mode = ? AND state <> 'dropped')"
            " ORDER BY created_at DESC, id DESC LIMIT ?",
            (sender_key, stamp(since), mode, _MOST_TOLD),
        ).fetchall()
        return tuple(Told(instant(at), subject, thread, kind == "auto") for at, subject, thread, kind in reversed(rows))

    def heard(self, question: Question, since: datetime, most: int) -> tuple[Heard, ...]:
        """Given a question and a moment, return what its sender wrote since, the oldest first and so many at most.

        Only mail that is proven to be theirs and that the guard took for a person's; a copy of a mail is no other.
        """
        rows = self._db.execute(
            "SELECT received_at, coalesce(subject, ''), thread,"
            " CASE WHEN codes LIKE '%reply-to-auto%' THEN substr(coalesce(text, ''), 1, ?) ELSE '' END, content_key"
            " FROM mail WHERE sender_key = ? AND received_at >= ? AND id <> ? AND state <> 'history'"
            " AND verdict IN ('ok', 'capped', 'human') AND auth IN ('pass', 'weak')"
            " ORDER BY received_at DESC, id DESC LIMIT ?",
            (_TEXT_READ, question.sender_key, stamp(since), question.mail_id, most),
        ).fetchall()
        unique = {row[4]: row for row in reversed(rows)}
        return tuple(Heard(instant(at), subject, thread, text) for at, subject, thread, text, _ in unique.values())

    def auto_sent_since(self, sender_key: str, since: datetime) -> bool:
        """Given a sender and a moment, return whether an automatic mail was made for it since."""
        sql = "SELECT id FROM outbox WHERE sender_key = ? AND created_at >= ? AND class = 'auto' LIMIT 1"
        return self._first(sql, (sender_key, stamp(since))) is not None

    def alerted_since(self, client: str, since: datetime, *, proven: bool) -> bool:
        """Given a client, a moment and whether a mail of that client is proven, return whether it is told already.

        Mail that only claims to come from clients alerts once for all of them, and never instead of
        proven mail (safety.md D.3).
        """
        told = "mail.auth = 'pass' AND outbox.client = ?" if proven else "(mail.auth <> 'pass' OR outbox.client = ?)"
        sql = (
            "SELECT outbox.id FROM outbox JOIN mail ON mail.id = outbox.mail"
            f" WHERE outbox.class = 'alert' AND {told} AND coalesce(outbox.undo_until, outbox.created_at) >= ? LIMIT 1"
        )
        return self._first(sql, (client, stamp(since))) is not None

    def _same_body(self, question: Question, since: str) -> bool:
        sql = (
            "SELECT id FROM mail WHERE sender_key = ? AND received_at >= ? AND body_key = ? AND id <> ?"
            " AND state IN ('answered', 'acknowledged', 'planned', 'merged') LIMIT 1"
        )
        values = (question.sender_key, since, question.body_key, question.mail_id)
        if self._first(sql, values) is not None:
            return True
        # A machine that changes its address by a letter each time says the same all the same (freescout#688).
        return bool(self._counted(f"body {question.mode} {question.domain} {question.body_key}", since))

    def _changes(self, thread: int | None) -> int:
        """How often the developer changed the state of a ticket of a thread."""
        sql = (
            "SELECT count(*) FROM event JOIN ticket ON ticket.id = event.ticket"
            " WHERE ticket.thread = ? AND event.who = 'developer' AND event.outbox IS NULL"
        )
        return self._first(sql, (thread,)) or 0

    def _counted(self, scope: str, since: str) -> int:
        sql = "SELECT coalesce(sum(count), 0) FROM counter WHERE scope = ? AND minute >= ?"
        return self._first(sql, (scope, since[:16])) or 0

    def _first(self, sql: str, values: tuple[object, ...]) -> int | None:
        row = self._db.execute(sql, values).fetchone()
        return None if row is None or row[0] is None else int(row[0])
