"""How the desk's parts are, from evidence: when each last worked and what is wrong with it now."""

from datetime import date, datetime, timedelta

from triagebot.core.hours.overdue import Owed
from triagebot.core.watch import JUMP, Part
from triagebot.edge.store.rows import Connection, instant, moment, stamp

CLOCK = "clock"
"""The row of the last jump of the clock, which is no part that works or fails."""


class Health:
    """Rows of parts such as "inbox support", "send support", "files", "database"."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def works(self, part: str, now: datetime) -> None:
        """Given a part that has just worked, remember when; its problem is over."""
        self._db.execute(
            "INSERT INTO health (part, ok_at) VALUES (?, ?) ON CONFLICT (part)"
            " DO UPDATE SET ok_at = excluded.ok_at, problem = '', since = NULL, refused = 0",
            (part, stamp(now)),
        )

    def fails(self, part: str, problem: str, now: datetime, *, refused: bool = False) -> None:
        """Given a part and one sentence about what is wrong, remember it with when it began. `refused`: the server
        does not take the password, so that a person is told at once."""
        self._db.execute(
            "INSERT INTO health (part, problem, since, refused) VALUES (?, ?, ?, ?) ON CONFLICT (part) DO UPDATE"
            " SET since = CASE WHEN health.problem = '' THEN excluded.since ELSE health.since END,"
            " problem = excluded.problem, refused = excluded.refused",
            (part, problem, stamp(now), int(refused)),
        )

    def ends(self, part: str) -> None:
        """Given a part whose problem a person has ended, forget the problem; whether it works is still to be seen."""
        self._db.execute("UPDATE health SET problem = '', since = NULL, refused = 0 WHERE part = ?", (part,))

    def note_jump(self, sentence: str, now: datetime) -> None:
        """Given a sentence about a jump of the clock, keep it with the moment by the new clock."""
        self._db.execute(
            "INSERT INTO health (part, problem, since) VALUES (?, ?, ?)"
            " ON CONFLICT (part) DO UPDATE SET problem = excluded.problem, since = excluded.since",
            (CLOCK, sentence, stamp(now)),
        )

    def parts(self) -> list[Part]:
        """Return how every part is, the clock apart."""
        return [part for part in self._parts() if part.name != CLOCK]

    def last_jump(self) -> Part | None:
        """Return the last jump of the clock: its sentence and when it was seen, or None."""
        return next((part for part in self._parts() if part.name == CLOCK), None)

    def _parts(self) -> list[Part]:
        rows = self._db.execute("SELECT part, ok_at, problem, since, refused FROM health ORDER BY part").fetchall()
        return [Part(row[0], moment(row[1]), row[2], moment(row[3]), bool(row[4])) for row in rows]

    def count_ambiguous(self) -> int:
        """Return how many mails were maybe sent; a canary of which nobody knows is nobody's worry."""
        sql = "SELECT count(*) FROM outbox WHERE state = 'ambiguous' AND class <> 'canary'"
        return int(self._db.execute(sql).fetchone()[0])

    def oldest_pending(self) -> datetime | None:
        """Return when the oldest mail without a decision got its row, or None."""
        return moment(self._db.execute("SELECT min(recorded_at) FROM mail WHERE state = 'pending'").fetchone()[0])

    def owed_to_retainers(self) -> list[Owed]:
        """Return the open work of retainer clients that waits for the developer's first answer."""
        rows = self._db.execute(
            "SELECT opened_at, coalesce(answer_due, promise) FROM ticket WHERE tier = 'retainer' AND duty IS NULL"
            " AND answered_at IS NULL AND state IN ('new', 'accepted', 'planned', 'doing')"
        ).fetchall()
        return [Owed(instant(opened), date.fromisoformat(promise) if promise else None) for opened, promise in rows]

    def turn_back_if_ahead(self, now: datetime) -> int:
        """Given now, let mails that were made in what is the future leave at once: the clock was set back while
        nobody looked. Return how many."""
        moved = self._db.execute(
            "UPDATE outbox SET next_attempt = ? WHERE state IN ('queued', 'retry') AND created_at > ?"
            " AND next_attempt > ?",
            (stamp(now), stamp(now + JUMP), stamp(now)),
        )
        return moved.rowcount

    def turn_back(self, jumped: timedelta, now: datetime) -> int:
        """Given by how much the clock was set back (negative) and now, let no mail wait for a time that lies in what
        used to be the future. Return how many were moved.

        One that may leave earlier than it has to is no harm; one that waits for two days is.
        """
        rows = self._db.execute(
            "SELECT id, next_attempt, expires_at FROM outbox WHERE state IN ('queued', 'retry') AND next_attempt > ?",
            (stamp(now),),
        ).fetchall()
        self._db.executemany(
            "UPDATE outbox SET next_attempt = ?, expires_at = ? WHERE id = ?",
            [
                (stamp(again := max(now, instant(due) + jumped)), stamp(again + (instant(expires) - instant(due))), row)
                for row, due, expires in rows
            ],
        )
        return len(rows)

    def do_once(self, task: str, now: datetime) -> bool:
        """Given a task's name, return True for the first caller ever, so that it is done once whatever happens."""
        done = self._db.execute(
            "INSERT INTO done_once (task, at) VALUES (?, ?) ON CONFLICT (task) DO NOTHING", (task, stamp(now))
        )
        return done.rowcount == 1

    def was_done(self, task: str) -> bool:
        """Given a task's name, return whether it was done."""
        return self._db.execute("SELECT 1 FROM done_once WHERE task = ?", (task,)).fetchone() is not None

    def names_done(self, prefix: str) -> list[str]:
        """Given the beginning of task names, return those that were done."""
        sql = "SELECT task FROM done_once WHERE task >= ? AND task < ? ORDER BY task"
        return [str(row[0]) for row in self._db.execute(sql, (prefix, prefix + "\uffff"))]

    def done_at(self, task: str) -> datetime | None:
        """Given a task's name, return when it was done, or None."""
        row = self._db.execute("SELECT at FROM done_once WHERE task = ?", (task,)).fetchone()
        return instant(row[0]) if row else None

    def forget(self, task: str) -> bool:
        """Given a task's name, let it be done anew. Return whether it was done."""
        return self._db.execute("DELETE FROM done_once WHERE task = ?", (task,)).rowcount == 1

    def last_once(self, prefix: str) -> str | None:
        """Given the beginning of task names, return the greatest one that was done, or None."""
        row = self._db.execute(
            "SELECT max(task) FROM done_once WHERE task >= ? AND task < ?", (prefix, prefix + "\uffff")
        ).fetchone()
        return str(row[0]) if row and row[0] else None
