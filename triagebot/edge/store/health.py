"""How the desk's parts are, from evidence: when each last worked and what is wrong with it now."""

from datetime import datetime

from triagebot.edge.store.rows import Connection, stamp


class Health:
    """Rows of parts such as "inbox support", "send support", "files", "database"."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def works(self, part: str, now: datetime) -> None:
        """Given a part that has just worked, remember when; its problem is over."""
        self._db.execute(
            "INSERT INTO health (part, ok_at) VALUES (?, ?)"
            " ON CONFLICT (part) DO UPDATE SET ok_at = excluded.ok_at, problem = '', since = NULL",
            (part, stamp(now)),
        )

    def fails(self, part: str, problem: str, now: datetime) -> None:
        """Given a part and one sentence about what is wrong, remember it with when it began."""
        self._db.execute(
            "INSERT INTO health (part, problem, since) VALUES (?, ?, ?) ON CONFLICT (part) DO UPDATE"
            " SET since = CASE WHEN health.problem = '' THEN excluded.since ELSE health.since END,"
            " problem = excluded.problem",
            (part, problem, stamp(now)),
        )

    def parts(self) -> list[dict[str, str | None]]:
        """Return every part with ok_at, problem and since."""
        rows = self._db.execute("SELECT part, ok_at, problem, since FROM health ORDER BY part").fetchall()
        return [dict(zip(("part", "ok_at", "problem", "since"), row, strict=True)) for row in rows]

    def do_once(self, task: str, now: datetime) -> bool:
        """Given a task's name, return True for the first caller ever, so that it is done once whatever happens."""
        done = self._db.execute(
            "INSERT INTO done_once (task, at) VALUES (?, ?) ON CONFLICT (task) DO NOTHING", (task, stamp(now))
        )
        return done.rowcount == 1

    def last_once(self, prefix: str) -> str | None:
        """Given the beginning of task names, return the greatest one that was done, or None."""
        row = self._db.execute(
            "SELECT max(task) FROM done_once WHERE task >= ? AND task < ?", (prefix, prefix + "\uffff")
        ).fetchone()
        return str(row[0]) if row and row[0] else None
