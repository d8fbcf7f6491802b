"""What a command is about to change, as it stands, and putting it back: tickets, mails of ours, offers of minutes."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triagebot.edge.store.rows import Rows, instant, stamp

_TERMS = (
    *("state", "promise", "due", "answer_due", "answered_at", "expires_at", "price_low", "price_high", "currency"),
    *("price_fixed", "minutes", "billing", "closed_as"),
)
"""What commands change of a ticket, but for its minutes worked, which are counted."""
_LETTER = ("state", "class", "approved_at", "undo_until", "next_attempt", "expires_at", "answer", "ended_at")
_MAY_RETURN = ("queued", "retry", "stopped", "dropped")
"""States from which a mail can still become what it was: nobody has seen it."""
_MAY_STOP = ("queued", "retry", "draft", "drafted", "shadow")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a command may change: numbers of tickets, of received mails, of mails of ours."""

    tickets: frozenset[int] = frozenset()
    mails: frozenset[int] = frozenset()
    outgoing: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """A ticket as it stands: its version, the minutes worked on it, and what commands change."""

    version: int
    minutes_done: int
    terms: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything within a scope as it stands, by number; of entries only that they are there."""

    tickets: Mapping[int, Standing]
    letters: Mapping[int, Mapping[str, Any]]
    offers: Mapping[int, str]
    handled: Mapping[int, str | None]
    entries: frozenset[str]


@dataclass(frozen=True, slots=True)
class Undoable:
    """A command that was carried out and not undone: its row, when, how it was written, what takes it back."""

    row: int
    at: datetime
    line: str
    ref: str
    undo: dict[str, Any]


class Undoing(Rows):
    """Pictures of what commands change, and the way back."""

    def picture(self, scope: Scope) -> Picture:
        """Given a scope, return how everything in it stands."""
        tickets, mails = sorted(scope.tickets), sorted(scope.mails)
        return Picture(
            {
                row[0]: Standing(row[1], row[2], dict(zip(_TERMS, row[3:], strict=True)))
                for row in self._of(f"id, version, minutes_done, {', '.join(_TERMS)}", "ticket", "id", tickets)
            },
            {
                row[0]: dict(zip(_LETTER, row[1:], strict=True))
                for column, numbers in (("ticket", tickets), ("mail", mails), ("id", sorted(scope.outgoing)))
                for row in self._of(f"id, {', '.join(_LETTER)}", "outbox", column, numbers)
            },
            dict(self._of("id, offer", "sent_mail", "ticket", tickets)),
            dict(self._of("id, handled_at", "mail", "id", mails)),
            frozenset(row[0] for row in self._of("key", "entry", "ticket", tickets)),
        )

    def _of(self, columns: str, table: str, column: str, numbers: Collection[int]) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        for number in numbers:
            found += self._db.execute(f"SELECT {columns} FROM {table} WHERE {column} = ?", (number,)).fetchall()
        return found

    def restore_ticket(self, number: int, version: int, terms: Mapping[str, Any], now: datetime) -> bool:
        """Given a ticket, the version a command left it in and what it changed, put that back. Return whether nobody
        has changed it since."""
        known = [name for name in _TERMS if name in terms]
        columns = "".join(f"{name} = ?, " for name in known)
        restored = self._db.execute(
            f"UPDATE ticket SET {columns}changed_at = ?, version = version + 1 WHERE id = ? AND version = ?",
            (*(terms[name] for name in known), stamp(now), number, version),
        )
        return restored.rowcount == 1

    def restore_letter(self, row: int, was: Mapping[str, Any]) -> bool:
        """Given a mail of ours and how it stood, put that back. Return False when it has left, or may have.

        One whose copy was taken out of Drafts meanwhile is put there again.
        """
        known = [name for name in _LETTER if name in was and name != "state"]
        columns = "".join(f"{name} = ?, " for name in known)
        marks = ", ".join("?" for _ in _MAY_RETURN)
        restored = self._db.execute(
            f"UPDATE outbox SET {columns}state = CASE WHEN ? = 'drafted' AND stale_draft = 0 THEN 'draft' ELSE ? END,"
            f" stale_draft = 0, phase = '' WHERE id = ? AND state IN ({marks})",
            (*(was[name] for name in known), was["state"], was["state"], row, *_MAY_RETURN),
        )
        return restored.rowcount == 1

    def stop_letter(self, row: int, now: datetime) -> bool:
        """Given a mail of ours that a command wrote, never send it. Return False when it has left, or may have."""
        marks = ", ".join("?" for _ in _MAY_STOP)
        stopped = self._db.execute(
            "UPDATE outbox SET stale_draft = CASE WHEN state = 'drafted' THEN 1 ELSE stale_draft END,"
            f" state = 'dropped', ended_at = ? WHERE id = ? AND state IN ({marks})",
            (stamp(now), row, *_MAY_STOP),
        )
        if stopped.rowcount == 1:
            return True
        state = self._db.execute("SELECT state FROM outbox WHERE id = ?", (row,)).fetchone()
        return state is not None and state[0] in ("stopped", "dropped", "failed")

    def restore_offer(self, number: int, was: str) -> None:
        """Given an offer of minutes and its state before, put that back."""
        self._db.execute("UPDATE sent_mail SET offer = ? WHERE id = ?", (was, number))

    def pending(self, scope: Scope) -> list[dict[str, Any]]:
        """Given a scope, return its mails that wait for the developer's word, the oldest first."""
        found = {}
        names = ("id", "class", "state", "recipient", "subject", "mail", "ticket", "answers")
        for column, numbers in (("ticket", scope.tickets), ("mail", scope.mails), ("id", scope.outgoing)):
            for number in numbers:
                rows = self._db.execute(
                    f"SELECT {', '.join(names)} FROM outbox WHERE {column} = ? AND state IN ('shadow', 'draft',"
                    " 'drafted') AND (class = 'auto' OR (class = 'approved' AND approved_at IS NULL))",
                    (number,),
                )
                found.update({row[0]: dict(zip(names, row, strict=True)) for row in rows})
        return [found[number] for number in sorted(found)]

    def answer_to(self, mail: int) -> int | None:
        """Given a received mail, return the row of the desk's answer to it, or None."""
        row = self._db.execute(
            "SELECT min(id) FROM outbox WHERE mail = ? AND class IN ('auto', 'approved')", (mail,)
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def drop_answers(self, ticket: int, but: int | None, now: datetime) -> int:
        """Given a ticket about which the client is told something else, by a mail of ours, drop the desk's answers that
        wait in Drafts but that one. Return how many."""
        rows = self._db.execute(
            "UPDATE outbox SET stale_draft = CASE WHEN state = 'drafted' THEN 1 ELSE stale_draft END,"
            " state = 'dropped', ended_at = ? WHERE ticket = ? AND class = 'auto' AND state IN ('draft', 'drafted')"
            " AND id <> ? RETURNING id",
            (stamp(now), ticket, but or 0),
        ).fetchall()
        return len(rows)

    def was_told(self, ticket: int) -> bool:
        """Given a ticket, return whether its client has heard of it from us: on the phone, or by a mail that has left
        or is on its way."""
        row = self._db.execute(
            "SELECT 1 FROM ticket WHERE id = ? AND (source <> 'mail' OR EXISTS (SELECT 1 FROM outbox"
            " WHERE outbox.ticket = ticket.id AND class IN ('auto', 'approved') AND answers <> 'moved'"
            " AND outbox.state IN ('queued', 'retry', 'sending', 'sent', 'ambiguous')))",
            (ticket,),
        ).fetchone()
        return row is not None

    def unsent_moves(self, ticket: int) -> list[tuple[int, str]]:
        """Given a ticket, return row and cause of each mail about a moved date that has not left yet."""
        return self._db.execute(
            "SELECT id, dedupe_key FROM outbox WHERE ticket = ? AND answers = 'moved'"
            " AND state IN ('queued', 'retry', 'draft', 'drafted', 'shadow') ORDER BY id",
            (ticket,),
        ).fetchall()

    def last(self, limit: int = 200) -> list[Undoable]:
        """Return the commands that can be taken back, the last one first."""
        rows = self._db.execute(
            "SELECT id, at, line, ref, undo FROM command WHERE outcome = 'done' AND undone_at IS NULL"
            " AND undo IS NOT NULL ORDER BY id DESC LIMIT ?",
            (limit,),
        )
        return [Undoable(row[0], instant(row[1]), row[2], row[3], json.loads(row[4])) for row in rows]

    def keep(self, command: Undoable) -> None:
        """Given a command whose undo was changed, write that down."""
        self._db.execute("UPDATE command SET undo = ? WHERE id = ?", (json.dumps(command.undo), command.row))

    def set_undone(self, row: int, now: datetime) -> None:
        """Given a command that was taken back, remember that."""
        self._db.execute("UPDATE command SET outcome = 'undone', undone_at = ? WHERE id = ?", (stamp(now), row))
