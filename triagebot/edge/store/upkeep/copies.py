"""Copies of the database: made while it is in use, and taken into use again without anything being sent twice."""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from triagebot.core.errors import StoreError
from triagebot.edge.store.received.folders import RESTORED
from triagebot.edge.store.rows import Rows, stamp


def copy_database(source: Path, target: Path) -> None:
    """Given the database's path, write what it holds at this moment into a new file, also while the daemon writes
    (SQLite's backup API, one read transaction). Raise StoreError."""
    if not source.exists():
        raise StoreError(f"there is no database at {source} yet; start `triagebot run` first")
    with _opened(f"{source.absolute().as_uri()}?mode=ro") as original, _opened(target.absolute().as_uri()) as copy:
        original.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file holds everything


def check_copy(path: Path) -> int:
    """Given the path of a copy, return how many mails it knows. Raise StoreError when it is damaged."""
    with _opened(f"{path.absolute().as_uri()}?mode=ro") as copy:
        found = [str(row[0]) for row in copy.execute("PRAGMA integrity_check(3)")]
        if found != ["ok"]:
            raise StoreError(f"the copied database is damaged: {'; '.join(found)}")
        if copy.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise StoreError("the copied database is damaged: rows refer to rows that are not there")
        return int(copy.execute("SELECT count(*) FROM mail").fetchone()[0])


class Restoring(Rows):
    """Makes a database that was restored from a copy fit to be used: what happened since is not in it."""

    def begin_anew(self, made_at: datetime, now: datetime) -> int:
        """Given when the copy was made and now, let nothing leave that may have left since, and let every inbox begin
        anew at the daemon's next start: what arrived before is held for the developer, unless its decision is known.

        Return how many mails now wait for a person's word.
        """
        waiting = self._db.execute(
            "UPDATE outbox SET state = CASE WHEN class = 'digest' THEN 'dropped' ELSE 'ambiguous' END, phase = '',"
            " resends = 1, ended_at = ?, answer = ? WHERE state IN ('queued', 'sending', 'retry', 'draft')",
            (stamp(now), f"waited in the backup of {made_at:%Y-%m-%d %H:%M} UTC; it may have been sent since then"),
        ).rowcount
        self._db.execute("DELETE FROM inbox")
        self._db.execute("UPDATE folder SET rescan = ?", (RESTORED,))
        self._db.execute(
            "INSERT INTO event (at, who, what, why) VALUES (?, 'developer', 'restored', ?)",
            (stamp(now), f"from the backup of {stamp(made_at)}"),
        )
        return waiting


@contextlib.contextmanager
def _opened(name: str) -> Iterator[sqlite3.Connection]:
    try:
        with contextlib.closing(sqlite3.connect(name, uri=True, timeout=10)) as connection:
            yield connection
    except sqlite3.OperationalError as error:
        raise StoreError(f"the database cannot be copied: {error}") from None
    except sqlite3.DatabaseError as error:
        raise StoreError(f"the database is damaged or not ours: {error}") from None
