"""Latched loops and the breaker: what is left unanswered until a moment, or until a person releases it."""

from dataclasses import dataclass
from datetime import datetime

from triagebot.core.desk import Mode
from triagebot.edge.store.rows import Rows, instant, stamp

SILENCED = (
    "(state IN ('held', 'suppressed') AND ticket IS NULL"
    " AND (coalesce(codes, '') LIKE '%ping-pong%' OR state = 'suppressed' AND coalesce(verdict, '') = 'capped'))"
)
"""Which mails a limit silenced, with no ticket to show for them: the digest tells them in one line a sender."""


@dataclass(frozen=True, slots=True)
class Latched:
    """What holds for a sender now: its open latches as (row, thread or None), and when the last one was released."""

    open: tuple[tuple[int, int | None], ...] = ()
    released_at: datetime | None = None

    def holds(self, thread: int | None) -> int | None:
        """Given a mail's thread (None for a new one), return the row that leaves it unanswered, or None."""
        rows = {of: row for row, of in self.open}
        return rows.get(None) or (rows.get(thread) if thread is not None else None)


class Latches(Rows):
    """The rows of latched loops (kind `loop`) and of the breaker (kind `breaker`), each mode for itself."""

    def of_sender(self, sender_key: str, mode: Mode, now: datetime) -> Latched:
        """Given a sender and a mode, return what holds for them."""
        rows = self._db.execute(
            "SELECT id, thread, until, released_at FROM latch WHERE sender_key = ? AND kind = 'loop' AND mode = ?",
            (sender_key, mode),
        ).fetchall()
        moment = stamp(now)
        released = max((row[3] for row in rows if row[3]), default=None)
        held = tuple((row[0], row[1]) for row in rows if row[3] is None and row[2] > moment)
        return Latched(held, instant(released) if released else None)

    def latch(
        self, sender_key: str, thread: int | None, mode: Mode, reason: str, now: datetime, until: datetime
    ) -> int:
        """Given a sender and a thread (None for all of theirs), latch it; one that is latched holds for longer.
        Return the row."""
        held = self._db.execute(
            "UPDATE latch SET until = ? WHERE kind = 'loop' AND sender_key = ? AND mode = ? AND released_at IS NULL"
            " AND until > ? AND coalesce(thread, -1) = ? RETURNING id",
            (stamp(until), sender_key, mode, stamp(now), -1 if thread is None else thread),
        ).fetchone()
        return int(held[0]) if held else self._add("loop", mode, sender_key, thread, reason, now, until)

    def open_breakers(self) -> dict[Mode, int]:
        """Return the rows of the breakers that are open, by mode."""
        sql = "SELECT mode, id FROM latch WHERE kind = 'breaker' AND released_at IS NULL ORDER BY id"
        return dict(self._db.execute(sql).fetchall())

    def open_breaker(self, mode: Mode, reason: str, now: datetime) -> int:
        """Given a mode whose breaker is closed, open it. Return the row."""
        return self._add("breaker", mode, "", None, reason, now, None)

    def _add(
        self,
        kind: str,
        mode: Mode,
        sender_key: str,
        thread: int | None,
        reason: str,
        now: datetime,
        until: datetime | None,
    ) -> int:
        row = self._db.execute(
            "INSERT INTO latch (kind, mode, sender_key, thread, reason, since, until) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " RETURNING id",
            (kind, mode, sender_key, thread, reason, stamp(now), stamp(until) if until else None),
        ).fetchone()
        return int(row[0])

    def silence(self, row_id: int, subject: str) -> None:
        """Given a row and the subject of a mail it left unanswered, count the mail."""
        sql = "UPDATE latch SET silenced = silenced + 1, last_subject = ? WHERE id = ?"
        self._db.execute(sql, (subject, row_id))

    def release(self, row_id: int, now: datetime) -> bool:
        """Given a row that holds, end it. Return whether it held. What the breaker counted is counted anew."""
        released = self._db.execute(
            "UPDATE latch SET released_at = ? WHERE id = ? AND released_at IS NULL AND (until IS NULL OR until > ?)"
            " RETURNING kind, mode",
            (stamp(now), row_id, stamp(now)),
        ).fetchone()
        if released and released[0] == "breaker":
            self._db.execute("DELETE FROM counter WHERE scope = ?", (f"desk {released[1]}",))
        return released is not None

    def listing(self, now: datetime) -> list[dict[str, object]]:
        """Return what holds now, the breaker first, then the oldest."""
        cursor = self._db.execute(
            "SELECT id, kind, mode, sender_key, thread, reason, since, until, silenced, last_subject FROM latch"
            " WHERE released_at IS NULL AND (until IS NULL OR until > ?)"
            " ORDER BY CASE WHEN kind = 'breaker' THEN 0 ELSE 1 END, id",
            (stamp(now),),
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def silenced_mails(self, since: datetime) -> list[dict[str, object]]:
        """Given a moment, return for each sender whose mails a limit silenced since: client, number of mails,
        the first and the last one's row, and the last one's subject, codes and state. The most first."""
        cursor = self._db.execute(
            "SELECT many.sender_key, last.sender, last.client, many.number, many.first, many.last, last.subject,"
            " last.codes, last.state"
            " FROM (SELECT sender_key, count(*) AS number, min(id) AS first, max(id) AS last"
            " FROM mail WHERE state IN ('held', 'suppressed', 'unreadable') AND handled_at IS NULL AND decided_at >= ?"
            f" AND {SILENCED} GROUP BY sender_key) AS many"
            " JOIN mail AS last ON last.id = many.last ORDER BY many.number DESC, many.last",
            (stamp(since),),
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
