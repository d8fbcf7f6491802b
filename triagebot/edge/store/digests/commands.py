"""The log of commands: every line of every answer, what came of it, and what takes it back."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from triagebot.edge.store.rows import Rows, stamp

CommandOutcome = Literal["done", "refused", "unclear", "undone", "ignored"]
"""`ignored` is a whole answer that was not believed: none of its lines was read."""


class CommandLog(Rows):
    """Only ever added to; that a line was undone is marked on it (undoing.py)."""

    def add(
        self,
        outcome: CommandOutcome,
        said: str,
        now: datetime,
        *,
        line: str = "",
        verb: str = "",
        ref: str = "",
        digest: int | None = None,
        mail: int | None = None,
        undo: dict[str, Any] | None = None,
        undo_until: datetime | None = None,
    ) -> int:
        """Given an outcome, what was said of it and the line with all that is known, write it down. Return its
        number. A line typed on the command line has neither digest nor mail."""
        row = self._db.execute(
            "INSERT INTO command (digest, mail, line, verb, ref, outcome, said, at, undo, undo_until)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                digest,
                mail,
                line,
                verb,
                ref,
                outcome,
                said,
                stamp(now),
                json.dumps(undo, ensure_ascii=False) if undo is not None else None,
                stamp(undo_until) if undo_until else None,
            ),
        ).fetchone()
        return int(row[0])

    def undone(self, rows: Sequence[int]) -> frozenset[int]:
        """Given numbers of commands, return those that were taken back."""
        marks = ", ".join("?" for _ in rows)
        found = self._db.execute(
            f"SELECT id FROM command WHERE undone_at IS NOT NULL AND id IN ({marks})", tuple(rows)
        ).fetchall()
        return frozenset(row[0] for row in found)
