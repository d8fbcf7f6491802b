"""What each comparison of a folder with the database found."""

from triagebot.core.proof import Comparison
from triagebot.edge.store.rows import Connection, instant, stamp

_COLUMNS = "at, inbox, folder, uidvalidity, on_server, known, missing, gone"


class Reconciliations:
    """Rows of comparisons, the newest last."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(self, comparison: Comparison) -> None:
        """Given what a comparison found, remember it."""
        self._db.execute(
            f"INSERT INTO reconciliation ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                stamp(comparison.at),
                comparison.inbox,
                comparison.folder,
                comparison.uidvalidity,
                comparison.on_server,
                comparison.known,
                comparison.missing,
                comparison.gone,
            ),
        )

    def last(self, inbox: str, folder: str) -> Comparison | None:
        """Given an inbox and its folder, return the last comparison of it, or None."""
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM reconciliation WHERE inbox = ? AND folder = ? ORDER BY id DESC LIMIT 1",
            (inbox, folder),
        ).fetchone()
        return Comparison(instant(row[0]), *row[1:]) if row else None
