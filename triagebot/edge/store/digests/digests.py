"""Mails that can be answered with commands: what each showed and in which version, and the answers that were taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from triagebot.edge.fault import crash_at
from triagebot.edge.store.rows import Rows, instant, stamp

DigestKind = Literal["digest", "confirmation", "explanation"]
"""A confirmation says what was done; where nothing was, it is an explanation."""
_KEPT = ("shadow", "draft", "drafted")
_LEAVING = ("queued", "sending", "retry", "sent")
"""What a mail of ours goes through by itself once it may leave: no other version of it."""


@dataclass(frozen=True, slots=True)
class NewDigest:
    """A mail that can be answered. `code` is its 40-bit id, `cause` names why it was made: there is one for each."""

    code: str
    kind: DigestKind
    cause: str
    message_id: str
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KnownDigest(NewDigest):
    """One that was registered."""

    id: int


@dataclass(frozen=True, slots=True)
class Ref:
    """A thing that was shown: what a command names it by, its version, and whether a mail of ours was shown whole."""

    ref: str
    version: str
    shown: bool = False


class Digests(Rows):
    """Registers digests, finds them again, and uses what they showed at most once."""

    def register(self, digest: NewDigest, refs: Sequence[Ref]) -> None:
        """Given a digest and what it shows, remember it. One cause has one digest; a second changes nothing."""
        row = self._db.execute(
            "INSERT INTO digest (code, kind, cause, message_id, made_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING RETURNING id",
            (
                digest.code,
                digest.kind,
                digest.cause,
                digest.message_id,
                stamp(digest.made_at),
                stamp(digest.expires_at),
            ),
        ).fetchone()
        if row is not None:
            self._db.executemany(
                "INSERT INTO digest_item (digest, ref, version, shown) VALUES (?, ?, ?, ?)",
                [(row[0], ref.ref, ref.version, int(ref.shown)) for ref in refs],
            )

    def find(self, code: str) -> KnownDigest | None:
        """Given a digest's 40-bit id, return it, or None."""
        return self._one("code", code)

    def find_by_message_id(self, message_id: str) -> KnownDigest | None:
        """Given the Message-ID of a mail of ours, return the digest it carried, or None."""
        return self._one("message_id", message_id)

    def refs_of(self, digest: int) -> list[Ref]:
        """Given a digest, return what it showed."""
        rows = self._db.execute(
            "SELECT ref, version, shown FROM digest_item WHERE digest = ? ORDER BY ref", (digest,)
        ).fetchall()
        return [Ref(ref, version, bool(shown)) for ref, version, shown in rows]

    def newer_than(self, digest: int, ref: str) -> datetime | None:
        """Given a digest and something it showed, return when a later mail showed the same, or None: only the newest
        may be answered (safety.md E)."""
        row = self._db.execute(
            "SELECT max(made_at) FROM digest JOIN digest_item ON digest_item.digest = digest.id"
            " WHERE ref = ? AND digest.id > ?",
            (ref, digest),
        ).fetchone()
        return instant(row[0]) if row[0] else None

    def use(self, digest: int, ref: str, mail: int, now: datetime) -> bool:
        """Given a digest, something it showed and the answer that names it, use it up for every other answer. Return
        False when another has used it."""
        used = self._db.execute(
            "UPDATE digest_item SET used_at = ?, used_by = ? WHERE digest = ? AND ref = ? AND used_at IS NULL",
            (stamp(now), mail, digest, ref),
        )
        crash_at("F11")
        return used.rowcount == 1

    def take_answer(self, digest: int, mail: int, message_id: str, body_key: str, now: datetime) -> None:
        """Given a digest and an answer to it that is believed, remember it, so that it takes effect once."""
        self._db.execute(
            "INSERT INTO digest_answer (digest, mail, message_id, body_key, at) VALUES (?, ?, ?, ?, ?)",
            (digest, mail, message_id, body_key, stamp(now)),
        )

    def came_before(self, message_id: str) -> int | None:
        """Given the id of an answer, return the mail by which it came before, whatever it answered; or None."""
        return self._answer("message_id = ?", message_id)

    def said_before(self, digest: int, body_key: str) -> int | None:
        """Given a digest and the words of an answer to it, return the mail that said the same; or None."""
        return self._answer("digest = ? AND body_key = ?", digest, body_key)

    def _answer(self, condition: str, *values: object) -> int | None:
        row = self._db.execute(f"SELECT min(mail) FROM digest_answer WHERE {condition}", values).fetchone()
        return None if row[0] is None else int(row[0])

    def count_since(self, kind: DigestKind, since: datetime) -> int:
        """Given a kind and a moment, return how many were made since."""
        row = self._db.execute(
            "SELECT count(*) FROM digest WHERE kind = ? AND made_at >= ?", (kind, stamp(since))
        ).fetchone()
        return int(row[0])

    def version_of(self, ref: str) -> str:
        """Given what a command names, return the version it has now: another one as soon as its state has changed, its
        client has written, or a mail of ours that waits for a word is another or has other bytes. "" where there is
        no such thing."""
        number = int(ref.lstrip("mo") or 0)
        if ref.startswith("m"):
            return self._mail_version(number)
        return self._outbox_version(number) if ref.startswith("o") else self._ticket_version(number)

    def _ticket_version(self, number: int) -> str:
        row = self._db.execute("SELECT version, state FROM ticket WHERE id = ?", (number,)).fetchone()
        if row is None:
            return ""
        newest = self._db.execute("SELECT max(id) FROM mail WHERE ticket = ?", (number,)).fetchone()[0]
        return " ".join((f"v{row[0]}", row[1], f"m{newest or 0}", *self._drafts("ticket", number)))

    def _mail_version(self, number: int) -> str:
        row = self._db.execute(
            "SELECT state, coalesce(ticket, 0), thread, handled_at IS NULL FROM mail WHERE id = ?", (number,)
        ).fetchone()
        if row is None:
            return ""
        newest = self._newest(row[2]) if row[2] is not None else number
        answers = self._db.execute(
            "SELECT id, state FROM outbox WHERE mail = ? AND class IN ('auto', 'approved') ORDER BY id", (number,)
        ).fetchall()
        return " ".join(
            (row[0], f"t{row[1]}", f"m{newest}", f"open{row[3]}", *(self._mark(*answer) for answer in answers))
        )

    def _outbox_version(self, number: int) -> str:
        row = self._db.execute("SELECT state, thread FROM outbox WHERE id = ?", (number,)).fetchone()
        if row is None:
            return ""
        newest = self._newest(row[1]) if row[1] is not None else 0
        return f"{self._mark(number, row[0])} m{newest}"

    def _newest(self, thread: int) -> int:
        """The last mail a person wrote in a thread."""
        row = self._db.execute(
            "SELECT max(id) FROM mail WHERE thread = ? AND state NOT IN ('suppressed', 'history')", (thread,)
        ).fetchone()
        return int(row[0] or 0)

    def _drafts(self, column: str, number: int) -> list[str]:
        marks = ", ".join("?" for _ in _KEPT)
        rows = self._db.execute(
            f"SELECT id, state FROM outbox WHERE {column} = ? AND class IN ('auto', 'approved')"
            f" AND state IN ({marks}) ORDER BY id",
            (number, *_KEPT),
        ).fetchall()
        return [self._mark(*row) for row in rows]

    def _mark(self, row_id: int, state: str) -> str:
        """A mail of ours: one that waits for a word by its bytes, any other by how it ended."""
        if state not in _KEPT:
            return f"o{row_id}:{'leaving' if state in _LEAVING else state}"
        raw = self._db.execute("SELECT raw FROM outbox_raw WHERE outbox = ?", (row_id,)).fetchone()
        return f"o{row_id}:{sha256(raw[0] if raw else b'').hexdigest()[:16]}"

    def _one(self, column: str, value: str) -> KnownDigest | None:
        row = self._db.execute(
            f"SELECT code, kind, cause, message_id, made_at, expires_at, id FROM digest WHERE {column} = ?", (value,)
        ).fetchone()
        if row is None:
            return None
        code, kind, cause, message_id, made_at, expires_at, number = row
        return KnownDigest(code, kind, cause, message_id, instant(made_at), instant(expires_at), number)
