"""Which thread an id belongs to, for whom; threads that turn out to be one are joined (core/tickets/threading.py)."""

from collections.abc import Sequence
from datetime import datetime

from triagebot.core.tickets.threading import Known, choose_threads
from triagebot.core.tickets.ticket import OPEN_STATES
from triagebot.edge.store.rows import Rows, stamp

OUTSIDER = "referred to from outside"
"""What an event says of a conversation that somebody else's mail names."""
_OPEN = ", ".join(f"'{state}'" for state in OPEN_STATES)
_FOLLOWERS = ("mail", "ticket", "outbox", "latch", "sent_mail")
"""Tables whose rows go along when threads become one."""


class Threads(Rows):
    """The rows of ids. `parties` are those of core/tickets/threading.py, the mail's own first."""

    def place(self, parties: Sequence[str], links: Sequence[str]) -> int | None:
        """Given whose threads a mail may join and the ids it has and names, the nearest first, return its thread, or
        None when all are new. Threads that it shows to be one become one, under the lowest number."""
        if not parties or not links:
            return None
        threads = choose_threads(links, self._known(parties, links))
        for other in threads[1:]:
            self._join(threads[0], other)
        return threads[0] if threads else None

    def record(self, parties: Sequence[str], links: Sequence[str], thread: int) -> None:
        """Given whose thread it is and ids that belong to it, remember those nobody has named before."""
        if parties:
            self._db.executemany(
                "INSERT INTO reference (party, message_id, thread) VALUES (?, ?, ?)"
                " ON CONFLICT (party, message_id) DO NOTHING",
                [(parties[0], link, thread) for link in links],
            )

    def begin_apart(self, message_id: str, thread: int, other: int) -> None:
        """Given a mail's id, its thread and another one, let a conversation begin with it there: what names it, and
        older ids too, belongs to the other thread from now on."""
        self._db.execute(
            "UPDATE reference SET thread = ?, apart = 1 WHERE message_id = ? AND thread = ?",
            (other, message_id, thread),
        )

    def end_apart(self, message_id: str) -> None:
        """Given the id of a mail that begins a conversation no more, let what names it join as all mails do."""
        self._db.execute("UPDATE reference SET apart = 0 WHERE message_id = ?", (message_id,))

    def join(self, one: int, other: int) -> int:
        """Given two threads, make them one; return the lower number, which it keeps."""
        first, second = sorted((one, other))
        if first != second:
            self._join(first, second)
        return first

    def find(self, links: Sequence[str]) -> int | None:
        """Given ids that the developer's own mail names, the nearest first, return the thread of the first one that is
        known, whosever it is, or None."""
        for table in ("outbox", "mail", "reference"):  # a mail that is there tells more than those that name it
            for link in links:
                row = self._db.execute(f"SELECT min(thread) FROM {table} WHERE message_id = ?", (link,)).fetchone()
                if row[0] is not None:
                    return int(row[0])
        return None

    def note_outsider(self, mail: int, parents: Sequence[str], thread: int, now: datetime) -> None:
        """Given a mail, the ids it names and its thread, write down when it names a conversation that its sender is no
        part of: it does not join it (field.md 20), but whoever reads either is told."""
        other = self.find(parents)
        if other is None or other == thread:
            return
        why = f"mail {mail} names this conversation, in which its sender has no proven part; it was not joined"
        self._db.execute(
            "INSERT INTO event (at, ticket, mail, who, what, why) VALUES"
            f" (?, (SELECT max(id) FROM ticket WHERE thread = ? AND state IN ({_OPEN})), ?, 'triagebot', ?, ?)",
            (stamp(now), other, mail, OUTSIDER, why),
        )

    def _known(self, parties: Sequence[str], links: Sequence[str]) -> dict[str, list[Known]]:
        marks = ", ".join("?" for _ in links)
        found: dict[str, list[Known]] = {}
        for party in parties:
            kind, _, name = party.partition(" ")
            column = "client" if kind == "client" else "sender_key"
            rows = self._db.execute(
                f"SELECT message_id, thread, apart FROM reference WHERE party = ? AND message_id IN ({marks})"
                f" UNION ALL SELECT message_id, thread, 0 FROM outbox WHERE message_id IN ({marks})"
                f" AND {column} = ? AND thread IS NOT NULL",
                (party, *links, *links, name),
            )
            for message_id, thread, apart in rows:
                found.setdefault(message_id, []).append(Known(thread, bool(apart)))
        return found

    def _join(self, kept: int, other: int) -> None:
        for table in (*_FOLLOWERS, "reference"):
            self._db.execute(f"UPDATE {table} SET thread = ? WHERE thread = ?", (kept, other))
