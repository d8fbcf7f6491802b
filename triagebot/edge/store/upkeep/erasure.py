"""The end of what is held about one person: rows stay as numbers, states, dates and minutes (safety.md H)."""

from collections.abc import Iterator
from datetime import datetime

from triagebot.core.errors import StoreError
from triagebot.edge.store.rows import Rows, stamp
from triagebot.edge.store.upkeep.privacy import Held, chunks
from triagebot.edge.store.upkeep.retention import (
    EMPTY_TICKET,
    FORGET_ID,
    FORGET_THREAD,
    WORDLESS,
    WORDLESS_EVENTS,
    WORDLESS_SENT,
)

ERASED = "erased"
"""The reason on the suppression list: nothing is sent by itself to somebody who asked to be forgotten."""


Step = tuple[str, list[tuple[object]]]


class Erasure(Rows):
    """Takes away what `Privacy.find` found."""

    def withdraw(self, held: Held, now: datetime) -> int:
        """Given what is held, let nothing of it leave any more; copies in Drafts are to be removed by the watcher.

        Return how many mails were withdrawn. Raise StoreError while one is on its way out.
        """
        withdrawn = 0
        for row in (*held.outbox, *held.digests):
            changed = self._db.execute(
                "UPDATE outbox SET stale_draft = CASE WHEN state = 'drafted' THEN 1 ELSE stale_draft END,"
                " ended_at = ?, state = 'dropped' WHERE id = ?"
                " AND state NOT IN ('sent', 'dropped', 'sending')",
                (stamp(now), row),
            )
            withdrawn += changed.rowcount
            under_way = self._db.execute("SELECT 1 FROM outbox WHERE id = ? AND state = 'sending'", (row,)).fetchone()
            if under_way is not None:
                raise StoreError(
                    f"mail {row} of the outbox is being sent right now; nothing was erased, try again in a minute"
                )
        return withdrawn

    def remember(self, codes: tuple[str, ...], why: str, now: datetime) -> None:
        """Given the keyed codes of the person's addresses and a sentence without names, keep the codes on the
        suppression list and the sentence in the action log (Art. 5(2) GDPR: that it was done can be shown)."""
        self._db.executemany(
            "INSERT INTO suppression (code, address, reason, since) VALUES (?, NULL, ?, ?)"
            " ON CONFLICT (code) DO UPDATE SET address = NULL, reason = excluded.reason",
            [(code, ERASED, stamp(now)) for code in codes],
        )
        self._db.execute(
            "INSERT INTO event (at, who, what, why) VALUES (?, 'developer', ?, ?)", (stamp(now), ERASED, why)
        )

    def steps(self, held: Held) -> Iterator[Step]:
        """Given what is held, yield statement and keys of each small step; `do` does one."""
        statements: list[tuple[str, tuple[int, ...] | tuple[str, ...]]] = [
            (FORGET_ID, held.mails),
            (f"UPDATE mail SET {WORDLESS}, client = NULL WHERE id = ?", held.mails),
            (FORGET_THREAD, held.mails),
            (f"UPDATE ticket SET {EMPTY_TICKET} WHERE id = ?", held.tickets),
            (f"{WORDLESS_EVENTS} WHERE id = ?", held.events),
            ("DELETE FROM outbox_raw WHERE outbox = ?", (*held.outbox, *held.digests)),
            (f"UPDATE sent_mail SET {WORDLESS_SENT}, client = NULL WHERE id = ?", held.sent),
            (
                "UPDATE outbox SET subject = '', sender_key = NULL, client = NULL, answer = '', recipient = ''"
                " WHERE id = ?",
                held.outbox,
            ),
            ("UPDATE command SET line = '', said = '', undo = NULL WHERE id = ?", held.commands),
            ("UPDATE agreement SET why = '' WHERE mail = ?", held.agreements),
            ("UPDATE entry SET note = '' WHERE key = ?", held.entries),
            ("UPDATE fee SET note = '' WHERE key = ?", held.fees),
            ("DELETE FROM latch WHERE id = ?", held.latches),
            ("DELETE FROM counter WHERE scope = ?", held.counters),
            (f"UPDATE suppression SET address = NULL, reason = '{ERASED}' WHERE code = ?", held.suppressions),
        ]
        for statement, keys in statements:
            for chunk in chunks(tuple(keys)):
                yield statement, [(key,) for key in chunk]

    def do(self, step: Step) -> None:
        """Given a step, do it."""
        self._db.executemany(*step)
