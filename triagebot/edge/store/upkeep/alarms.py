"""What the watchdog remembers: problems it saw and whom it told, so that a restart tells nothing twice."""

from collections.abc import Iterable
from datetime import datetime

from triagebot.core.watch import Alarm
from triagebot.edge.store.rows import Rows, instant, moment, stamp


class Alarms(Rows):
    """The rows of alarms, and of mails of class `alert` that were told by other ways too."""

    def all(self) -> list[Alarm]:
        """Return every alarm."""
        rows = self._db.execute("SELECT id, text, since, told_at, gone_at, sending FROM alarm ORDER BY id").fetchall()
        return [
            Alarm(name, text, instant(since), moment(told_at), moment(gone_at), bool(sending))
            for name, text, since, told_at, gone_at, sending in rows
        ]

    def keep(self, alarms: Iterable[Alarm]) -> None:
        """Given all alarms as they are now, keep these and no others."""
        self._db.execute("DELETE FROM alarm")
        self._db.executemany(
            "INSERT INTO alarm (id, text, since, told_at, gone_at, sending) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    one.id,
                    one.text,
                    stamp(one.since),
                    stamp(one.told_at) if one.told_at else None,
                    stamp(one.gone_at) if one.gone_at else None,
                    int(one.sending),
                )
                for one in alarms
            ],
        )

    def unpaged(self, since: datetime, now: datetime, limit: int = 20) -> list[tuple[int, str, bytes]]:
        """Given a moment and now, return (row, subject, bytes) of alerts that became due between them and that were not
        told yet by the ways besides the desk's own mail."""
        return self._db.execute(
            "SELECT id, subject, raw FROM outbox JOIN outbox_raw ON outbox = id WHERE class = 'alert'"
            " AND mode = 'live' AND coalesce(undo_until, created_at) BETWEEN ? AND ? AND paged_at IS NULL"
            " ORDER BY id LIMIT ?",
            (stamp(since), stamp(now), limit),
        ).fetchall()

    def set_paged(self, row_id: int, now: datetime) -> None:
        """Given the row of an alert, remember that it needs no other way any more."""
        self._db.execute("UPDATE outbox SET paged_at = ? WHERE id = ?", (stamp(now), row_id))
