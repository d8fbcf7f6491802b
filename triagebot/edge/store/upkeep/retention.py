"""The end of kept words, class by class (safety.md H). A row with its number, state and dates stays: UIDs remain
accounted for, and a mail that comes twice is still known by its hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triagebot.core.tickets.ticket import OPEN_STATES
from triagebot.edge.store.rows import Rows, stamp

RetentionClass = Literal["automatic", "conversations", "sent", "history", "traces"]

WORDLESS = (
    "message_id = NULL, body_key = NULL, sender = NULL, sender_key = NULL, subject = NULL, text = NULL,"
    " new_text = NULL, rules = NULL, trail = NULL, problem = NULL, raw = NULL"
)
"""What a mail's row loses. `content_key` stays: a SHA-256 over the whole mail, by which it is known when it comes
again (safety.md F.1)."""
FORGET_ID = "DELETE FROM reference WHERE message_id = (SELECT message_id FROM mail WHERE id = ?)"
"""Before a mail loses its words: its id is not known any more."""
FORGET_THREAD = (
    "DELETE FROM reference WHERE thread = (SELECT thread FROM mail WHERE id = ?) AND NOT EXISTS"
    " (SELECT 1 FROM mail WHERE mail.thread = reference.thread AND mail.message_id IS NOT NULL)"
)
"""After it lost them: with a thread's last mail go all ids the thread named."""
EMPTY_TICKET = "subject = '', text = '', sender_key = NULL"
"""What a ticket loses. Client, kind, minutes and dates are what was billed (GDPR Art. 17(3)(b); field.md 69)."""
WORDLESS_EVENTS = "UPDATE event SET why = '', who = CASE WHEN who LIKE '%@%' THEN 'client' ELSE who END"
WORDLESS_SENT = "recipient = '', subject = '', text = '', message_id = NULL, answers = NULL"
"""What a mail of the developer's own loses; its minutes are in the ledger."""

_OPEN = ", ".join(f"'{state}'" for state in OPEN_STATES)
_HAS_WORDS = "(mail.subject IS NOT NULL OR mail.sender IS NOT NULL OR mail.raw IS NOT NULL)"
_HEADERS_ONLY = "(mail.state = 'history' AND mail.text IS NULL)"
_QUIET = (
    "NOT EXISTS (SELECT 1 FROM mail AS later WHERE later.thread = {0}.thread AND later.decided_at >= :before)"
    " AND NOT EXISTS (SELECT 1 FROM outbox AS said WHERE said.thread = {0}.thread AND said.created_at >= :before)"
    " AND NOT EXISTS (SELECT 1 FROM ticket WHERE (ticket.thread = {0}.thread OR ticket.id = {0}.ticket)"
    f" AND (ticket.state IN ({_OPEN}) OR ticket.changed_at >= :before))"
)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table that end together: what they are called, their key, the column of their age, what makes a
    row one of them, and what is done to each."""

    name: RetentionClass
    label: str
    table: str
    key: str
    age: str
    condition: str
    ends: tuple[str, ...]


PARTS = (
    Part(
        "automatic",
        "automatic mail, lists, spam",
        "mail",
        "id",
        "decided_at",
        f"state = 'suppressed' AND {_HAS_WORDS}",
        (FORGET_ID, f"UPDATE mail SET {WORDLESS} WHERE id = ?", FORGET_THREAD),
    ),
    Part(
        "conversations",
        "mails of ended conversations",
        "mail",
        "id",
        "decided_at",
        f"state <> 'suppressed' AND NOT {_HEADERS_ONLY} AND {_HAS_WORDS} AND {_QUIET.format('mail')}",
        (FORGET_ID, f"UPDATE mail SET {WORDLESS} WHERE id = ?", FORGET_THREAD),
    ),
    Part(
        "conversations",
        "closed tickets",
        "ticket",
        "id",
        "changed_at",
        "state = 'closed' AND (text <> '' OR subject <> '')",
        (f"UPDATE ticket SET {EMPTY_TICKET} WHERE id = ?", f"{WORDLESS_EVENTS} WHERE ticket = ?"),
    ),
    Part(
        "conversations",
        "recipients of ended conversations",
        "outbox",
        "id",
        "created_at",
        f"recipient <> '' AND class IN ('auto', 'approved') AND {_QUIET.format('outbox')}"
        " AND state IN ('sent', 'shadow', 'drafted', 'dropped', 'returned', 'stopped')",
        ("UPDATE outbox SET recipient = '', sender_key = NULL, answer = '' WHERE id = ?",),
    ),
    Part(
        "conversations",
        "your own mails in ended conversations",
        "sent_mail",
        "id",
        "sent_at",
        f"(recipient <> '' OR subject <> '' OR text <> '') AND {_QUIET.format('sent_mail')}",
        (f"UPDATE sent_mail SET {WORDLESS_SENT} WHERE id = ?",),
    ),
    Part(
        "conversations",
        "other entries of the action log",
        "event",
        "id",
        "at",
        "ticket IS NULL",
        ("DELETE FROM event WHERE id = ?",),
    ),
    Part(
        "conversations",
        "lines of your answers to digests",
        "command",
        "id",
        "at",
        "(line <> '' OR said <> '' OR undo IS NOT NULL)",
        ("UPDATE command SET line = '', said = '', undo = NULL WHERE id = ?",),
    ),
    Part(
        "conversations",
        "addresses mail came back from",
        "suppression",
        "code",
        "since",
        "address IS NOT NULL",
        ("UPDATE suppression SET address = NULL WHERE code = ?",),
    ),
    Part(
        "sent",
        "bytes of sent mails",
        "outbox",
        "id",
        "created_at",
        "state IN ('sent', 'shadow', 'drafted', 'dropped', 'returned', 'stopped')"
        " AND EXISTS (SELECT 1 FROM outbox_raw WHERE outbox_raw.outbox = outbox.id)",
        (
            "DELETE FROM outbox_raw WHERE outbox = ?",
            # Without bytes it can neither be approved nor sent again.
            "UPDATE outbox SET subject = '', state = CASE WHEN state = 'sent' THEN state ELSE 'dropped' END"
            " WHERE id = ?",
        ),
    ),
    Part(
        "history",
        "headers of mail before the desk",
        "mail",
        "id",
        "decided_at",
        f"{_HEADERS_ONLY} AND {_HAS_WORDS}",
        (FORGET_ID, f"UPDATE mail SET {WORDLESS} WHERE id = ?", FORGET_THREAD),
    ),
    Part("traces", "counters", "counter", "minute", "minute", "1 = 1", ("DELETE FROM counter WHERE minute = ?",)),
    Part(
        "traces",
        "ended latches",
        "latch",
        "id",
        "since",
        "(released_at < :before OR until < :before)",
        ("DELETE FROM latch WHERE id = ?",),
    ),
    Part(
        "traces",
        "digests that cannot be answered any more",
        "digest",
        "id",
        "expires_at",
        "1 = 1",
        ("DELETE FROM digest WHERE id = ?",),  # what it showed and the answers to it go with it
    ),
    Part(
        "traces",
        "comparisons with the server",
        "reconciliation",
        "id",
        "at",
        "1 = 1",
        ("DELETE FROM reconciliation WHERE id = ?",),
    ),
    Part(
        "traces",
        "marks of daily tasks",
        "done_once",
        "task",
        "at",
        # The digests' own marks stay: the next digest begins where the last one ended, however long ago.
        "task LIKE '%/____-__-__' AND task NOT LIKE 'digest/%'",
        ("DELETE FROM done_once WHERE task = ?",),
    ),
)


@dataclass(frozen=True, slots=True)
class Aged:
    """What is past its time: the part, its rows' keys, and when the oldest of them was made or ended."""

    part: Part
    keys: tuple[int | str, ...]
    oldest: datetime | None


class Keeping(Rows):
    """Finds what is past its time, and takes its words away."""

    def told_until(self) -> datetime | None:
        """Return when the last digest that was really sent was made: what was decided later, nobody has been shown. A
        confirmation is of the same class and shows nothing of the day."""
        row = self._db.execute(
            "SELECT max(created_at) FROM outbox WHERE class = 'digest' AND state = 'sent'"
            " AND dedupe_key LIKE 'digest %'"
        ).fetchone()
        return datetime.fromisoformat(row[0]) if row and row[0] else None

    def past(self, part: Part, before: datetime) -> Aged:
        """Given a part and the moment before which its words go, return what that is. Nothing is changed."""
        rows = self._db.execute(
            f"SELECT {part.key}, {part.age} FROM {part.table} WHERE {part.age} < :before AND {part.condition}"
            f" ORDER BY {part.age}",
            {"before": stamp(before)},
        ).fetchall()
        return Aged(part, tuple(dict.fromkeys(row[0] for row in rows)), _moment(rows[0][1]) if rows else None)

    def end(self, part: Part, keys: Sequence[int | str]) -> None:
        """Given a part and keys of it, take the words of these rows away."""
        for statement in part.ends:
            self._db.executemany(statement, [(key,) for key in keys])


def _moment(text: str) -> datetime:
    """Given a stamp, or a counter's minute, return the moment in UTC."""
    return datetime.fromisoformat(text if len(text) > 16 else f"{text}+00:00")
