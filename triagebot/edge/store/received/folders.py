"""The folders that are watched, and which of their UIDs have a row: every one, before anything else happens to it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from triagebot.edge.store.rows import Connection, instant, stamp

RESTORED = 2
"""Stands in `folder.rescan` from the restoring of a backup until the folder is opened again; 1 is a rescan."""
GONE = "moved or deleted by a person before it could be read"
_RENUMBERED = "the server renumbered the folder; the mail is met again under its new number"


@dataclass(frozen=True, slots=True)
class FolderState:
    """What is known of a folder: mails received before `since` are history, UIDs up to `listed_uid` have rows."""

    since: datetime
    rescan: bool
    listed_uid: int


@dataclass(frozen=True, slots=True)
class Known:
    """UIDs of a folder that have a row: all of them, and those whose mail was gone when it was to be read."""

    uids: frozenset[int]
    gone: frozenset[int]


class Folders:
    """Which UIDs of which folders have a row."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def start_inbox(self, inbox: str, now: datetime) -> datetime:
        """Given an inbox's id, return when it was started for the first time, which may be now.

        In whole seconds, as servers write INTERNALDATE.
        """
        self._db.execute(
            "INSERT INTO inbox (id, first_start) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
            (inbox, stamp(now.replace(microsecond=0))),
        )
        row = self._db.execute("SELECT first_start FROM inbox WHERE id = ?", (inbox,)).fetchone()
        return instant(row[0])

    def open_folder(self, inbox: str, name: str, uidvalidity: int, now: datetime) -> FolderState:
        """Given a folder as the server shows it, return what is known of it.

        The first UIDVALIDITY of a folder counts from the inbox's first start, a later one from now: what is
        then found in it was there before and is never answered (safety.md F.1).
        """
        where = (inbox, name, uidvalidity)
        found = self._db.execute(
            "SELECT since, rescan, listed_uid FROM folder WHERE inbox = ? AND name = ? AND uidvalidity = ?",
            where,
        ).fetchone()
        if found is not None and found[1] == RESTORED:
            # What arrived since the backup may have been answered already: it is held (safety.md F.1, as a rescan).
            found = (stamp(self.start_inbox(inbox, now)), 1, found[2])
            self._db.execute(
                "UPDATE folder SET since = ?, rescan = 1 WHERE inbox = ? AND name = ? AND uidvalidity = ?",
                (found[0], *where),
            )
        if found is None:
            first_start = self.start_inbox(inbox, now)
            known = self._db.execute(
                "SELECT 1 FROM folder WHERE inbox = ? AND name = ? LIMIT 1", (inbox, name)
            ).fetchone()
            since = now.replace(microsecond=0) if known else first_start
            found = (stamp(since), int(known is not None), 0)
            self._db.execute(
                "INSERT INTO folder (inbox, name, uidvalidity, since, rescan, listed_uid) VALUES (?, ?, ?, ?, ?, ?)",
                (*where, *found),
            )
        self._move_to_numbers(*where, now)
        return FolderState(instant(found[0]), bool(found[1]), int(found[2]))

    def _move_to_numbers(self, inbox: str, folder: str, uidvalidity: int, now: datetime) -> None:
        """Pending mails are asked for by the numbers the server gives now; when it goes back to those it gave before,
        what was pending under them is pending again."""
        self._db.execute(
            "UPDATE mail SET state = 'history', decided_at = ?, problem = ?"
            " WHERE state = 'pending' AND inbox = ? AND folder = ? AND uidvalidity <> ?",
            (stamp(now), _RENUMBERED, inbox, folder, uidvalidity),
        )
        self._db.execute(
            "UPDATE mail SET state = 'pending', decided_at = NULL, problem = NULL, attempts = 0"
            " WHERE state = 'history' AND inbox = ? AND folder = ? AND uidvalidity = ? AND problem = ?",
            (inbox, folder, uidvalidity, _RENUMBERED),
        )

    def record_arrivals(
        self,
        inbox: str,
        folder: str,
        uidvalidity: int,
        arrivals: Sequence[tuple[int, int, datetime]],
        now: datetime,
    ) -> None:
        """Given (uid, size, received_at) of mails the server shows, give each a row; known ones stay as they are."""
        self._db.executemany(
            "INSERT INTO mail (inbox, folder, uidvalidity, uid, size, received_at, recorded_at, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'pending') ON CONFLICT (inbox, folder, uidvalidity, uid) DO NOTHING",
            [(inbox, folder, uidvalidity, uid, size, stamp(received), stamp(now)) for uid, size, received in arrivals],
        )
        if arrivals:
            highest = max(uid for uid, _, _ in arrivals)
            self._db.execute(
                "UPDATE folder SET listed_uid = ? WHERE inbox = ? AND name = ? AND uidvalidity = ? AND listed_uid < ?",
                (highest, inbox, folder, uidvalidity, highest),
            )

    def find_folder(self, inbox: str, name: str, uidvalidity: int) -> FolderState | None:
        """Given a folder as the server shows it, return what is known of it, or None when it was never listed."""
        found = self._db.execute(
            "SELECT since, rescan, listed_uid FROM folder WHERE inbox = ? AND name = ? AND uidvalidity = ?",
            (inbox, name, uidvalidity),
        ).fetchone()
        return FolderState(instant(found[0]), bool(found[1]), int(found[2])) if found else None

    def renumbered(self, since: datetime) -> list[tuple[str, str, datetime]]:
        """Given a moment, return inbox, folder and when of each folder that the server has renumbered since."""
        rows = self._db.execute(
            "SELECT inbox, name, since FROM folder WHERE rescan = 1 AND since >= ? ORDER BY since", (stamp(since),)
        ).fetchall()
        return [(inbox, name, instant(at)) for inbox, name, at in rows]

    def known_between(self, inbox: str, folder: str, uidvalidity: int, lowest: int, highest: int) -> Known:
        """Given a folder and two UIDs, return which UIDs from one to the other have a row."""
        rows = self._db.execute(
            "SELECT uid, state = 'history' AND coalesce(problem, '') = ? FROM mail WHERE inbox = ? AND folder = ?"
            " AND uidvalidity = ? AND uid BETWEEN ? AND ?",
            (GONE, inbox, folder, uidvalidity, lowest, highest),
        ).fetchall()
        return Known(frozenset(uid for uid, _ in rows), frozenset(uid for uid, gone in rows if gone))

    def count_rows(self, inbox: str, folder: str, uidvalidity: int) -> int:
        """Given a folder, return how many of its mails have a row."""
        return int(
            self._db.execute(
                "SELECT count(*) FROM mail WHERE inbox = ? AND folder = ? AND uidvalidity = ?",
                (inbox, folder, uidvalidity),
            ).fetchone()[0]
        )

    def pending_uids(self, inbox: str, folder: str, uidvalidity: int) -> list[int]:
        """Given a folder, return the UIDs of its mails that have no decision yet."""
        rows = self._db.execute(
            "SELECT uid FROM mail WHERE state = 'pending' AND inbox = ? AND folder = ? AND uidvalidity = ?",
            (inbox, folder, uidvalidity),
        ).fetchall()
        return [uid for (uid,) in rows]

    def has_unbegun(self, inbox: str, folder: str, uidvalidity: int) -> bool:
        """Given a folder, return whether a mail of it waits that nobody has tried to read yet."""
        row = self._db.execute(
            "SELECT 1 FROM mail WHERE state = 'pending' AND attempts = 0 AND inbox = ? AND folder = ?"
            " AND uidvalidity = ? LIMIT 1",
            (inbox, folder, uidvalidity),
        ).fetchone()
        return row is not None

    def reopen(self, inbox: str, folder: str, uidvalidity: int, uids: Collection[int]) -> None:
        """Given UIDs whose mails had been gone and are there again, let them be decided."""
        self._db.executemany(
            "UPDATE mail SET state = 'pending', problem = NULL, decided_at = NULL, attempts = 0"
            " WHERE inbox = ? AND folder = ? AND uidvalidity = ? AND uid = ? AND state = 'history' AND problem = ?",
            [(inbox, folder, uidvalidity, uid, GONE) for uid in uids],
        )

    def end_gone(self, inbox: str, folder: str, uidvalidity: int, uids: Iterable[int], now: datetime) -> None:
        """Given UIDs of pending mails that are no longer on the server, end them."""
        self._db.executemany(
            "UPDATE mail SET state = 'history', problem = ?, decided_at = ?"
            " WHERE inbox = ? AND folder = ? AND uidvalidity = ? AND uid = ? AND state = 'pending'",
            [(GONE, stamp(now), inbox, folder, uidvalidity, uid) for uid in uids],
        )

    def set_watched(self, inbox: str, folder: str, uidvalidity: int, how: str) -> None:
        """Given a folder and how its news are met, remember it for the status."""
        self._db.execute(
            "UPDATE folder SET watched = ? WHERE inbox = ? AND name = ? AND uidvalidity = ?",
            (how, inbox, folder, uidvalidity),
        )

    def watched(self) -> dict[str, str]:
        """Return how the news of each inbox are met."""
        rows = self._db.execute("SELECT inbox, watched FROM folder WHERE watched <> '' ORDER BY since").fetchall()
        return dict(rows)
