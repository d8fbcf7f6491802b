"""All that happens to a mail between the server and the outbox, on a real database and with a real reader."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.properties.hostile import CASES
from triagebot.app.arrived import Arrived
from triagebot.app.decide import decide_mail
from triagebot.app.desk.snapshot import Snapshot, load_snapshot
from triagebot.app.explain import Explainer
from triagebot.app.intake.arrival import Trust, read_raw
from triagebot.app.intake.reader import Reader
from triagebot.core.decision import Decision
from triagebot.core.desk import Desk, Limits
from triagebot.edge.store import Store, open_store

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PROVIDER = "mx.provider-nobody-knows.test"
"""The only server that is believed. No strategy knows its name, so only a test can authenticate a mail."""
KEY = b"k" * 32
FINAL = {"answered", "acknowledged", "planned", "merged", "held", "suppressed", "unreadable", "history"}
UNCLEAN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_MANY = 10**9
_WIDE = Limits(
    client_per_day=_MANY,
    client_per_week=_MANY,
    stranger_per_day=_MANY,
    stranger_per_week=_MANY,
    thread=_MANY,
    domain_per_day=_MANY,
    desk_per_10_minutes=_MANY,
    desk_per_day=_MANY,
    same_answer=timedelta(0),
    same_body=timedelta(0),
    parse_cpu=timedelta(seconds=5),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one mail: its decision, its row and the rows of the outbox it caused, by column."""

    decision: Decision
    row: dict[str, Any]
    sent: list[dict[str, Any]]


class Pipeline:
    """A live desk of the golden corpus that believes PROVIDER alone, and has no caps that would hide an answer."""

    def __init__(self, store: Store, reader: Reader, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._store = store
        self._reader = reader
        self._explainer = Explainer(snapshot, reader, KEY, NOW)
        self._uid = 0

    def take(self, raw: bytes) -> Taken:
        """Given a mail's bytes, record, read and decide it as the daemon does, and return what became of it."""
        self._uid += 1
        store, inbox = self._store, self.snapshot.desk.inbox[0]
        with store.transaction():
            store.mails.record_arrivals(inbox.id, "INBOX", 7, [(self._uid, len(raw), NOW)], NOW)
            (pending,) = store.mails.claim(inbox.id, "INBOX", 7, 10, self._uid - 1)
        mail, authentication = read_raw(raw, NOW, self.snapshot.desk, Trust.of(inbox), self._reader)
        arrived = Arrived(pending.id, inbox.id, mail, authentication, False, False, raw)
        with store.transaction():
            decision = decide_mail(store, arrived, self.snapshot, KEY, NOW)
        (row,) = self.rows("SELECT * FROM mail WHERE uid = ?", self._uid)
        return Taken(decision, row, self.rows("SELECT * FROM outbox WHERE mail = ?", pending.id))

    def explain(self, raw: bytes) -> dict[str, Any]:
        """Given a mail's bytes, return what `explain --json` prints about it, read back."""
        said: dict[str, Any] = json.loads(json.dumps(self._explainer.explain(raw), ensure_ascii=False).encode())
        return said

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Given a query, return its rows by column."""
        cursor = self._store._connection.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def unclean(self) -> list[str]:
        """Return every text of the database with a control, a direction mark or half a character in it."""
        return [
            f"{table}.{column}: {value!r}"
            for table in self._tables()
            for row in self.rows(f"SELECT * FROM {table}")
            for column, value in row.items()
            if isinstance(value, str) and UNCLEAN.search(value)
        ]

    def forget(self) -> None:
        """Empty the database but for its inbox, so that no mail meets another, and looking through it stays cheap."""
        with self._store.transaction():
            self._store._connection.execute("PRAGMA defer_foreign_keys = ON")
            for table in set(self._tables()) - {"inbox", "folder"}:
                self._store._connection.execute(f"DELETE FROM {table}")
        self._store.slots.forget_booked()

    def _tables(self) -> list[str]:
        found = self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        return [row["name"] for row in found if not row["name"].startswith(("_", "sqlite"))]


@contextmanager
def open_pipeline(directory: Path) -> Iterator[Pipeline]:
    """Given a new directory, open a pipeline there until the end."""
    snapshot = load_snapshot(CASES / "desk" / "config.toml", NOW).snapshot
    assert snapshot is not None
    desk = _change(snapshot.desk)
    snapshot = replace(snapshot, desk=desk, book=replace(snapshot.book, desk=desk))
    store, reader = open_store(directory / "triagebot.db"), Reader(desk.limits)
    try:
        with store.transaction():
            inbox = desk.inbox[0].id
            store.mails.start_inbox(inbox, NOW - timedelta(days=1))
            store.mails.open_folder(inbox, "INBOX", 7, NOW - timedelta(days=1))
        yield Pipeline(store, reader, snapshot)
    finally:
        reader.close()
        store.close()


def _change(desk: Desk) -> Desk:
    inbox = replace(desk.inbox[0], authserv_ids=(PROVIDER,))
    return replace(desk, inbox=(inbox,), limits=_WIDE)
