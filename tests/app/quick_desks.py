"""A desk without servers and clock: mails are handed over with the moment they came, and decided on a real database."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from tests.app.desks import Account, LiveDesk
from triagebot.app.arrived import Arrived
from triagebot.app.decide import decide_mail
from triagebot.app.desk.snapshot import Snapshot, load_snapshot
from triagebot.app.intake.reading import read_content
from triagebot.core.decision import Authentication, AuthState, Decision
from triagebot.core.mail import Mail
from triagebot.core.reading.headers import body_of, content_key, read_headers, read_mail
from triagebot.edge.language import LanguageModel
from triagebot.edge.store import Store, open_store

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SUPPORT = "support@company.test"
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=number) for number in (1, 60, 3600, 86400))
THINKING = timedelta(milliseconds=200)
"""How long after a mail's arrival it is decided."""
MARKS = (
    *("Auto-Submitted", "X-Triagebot-Loop", "Precedence", "X-Auto-Response-Suppress", "Return-Path"),
    "Content-Language",
)
"""Everything by which a mail of ours says that it is automatic."""
_ids = count(1)


class QuickDesk:
    """A desk on its files and database."""

    def __init__(self, config: Path, snapshot: Snapshot, store: Store) -> None:
        self.config = config
        self.snapshot = snapshot
        self.store = store
        self.key = desk_key(config)
        self._uid = self.rows("SELECT coalesce(max(uid), 0) FROM mail")[0][0]

    def receive(
        self,
        raw: bytes,
        at: datetime,
        auth: AuthState | Authentication = "pass",
        *,
        backfill: bool = False,
        rescan: bool = False,
    ) -> Decision:
        """Given a mail's bytes, when the server took it in and what is proven of its sender, decide it."""
        self._uid += 1
        inbox, uid = self.snapshot.desk.inbox[0].id, self._uid
        with self.store.transaction():
            self.store.mails.record_arrivals(inbox, "INBOX", 7, [(uid, len(raw), at)], at)
            (pending,) = self.store.mails.claim(inbox, "INBOX", 7, 1, uid - 1)
        proven = auth if isinstance(auth, Authentication) else Authentication(auth)
        arrived = Arrived(pending.id, inbox, read_quickly(raw, at, self.snapshot), proven, backfill, rescan, raw)
        with self.store.transaction():
            return decide_mail(self.store, arrived, self.snapshot, self.key, at + THINKING)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Given a query, return its rows."""
        return self.store._connection.execute(sql, values).fetchall()

    def sent(self, outgoing: str = "auto") -> list[bytes]:
        """Return the mails of a class in the outbox, the oldest first."""
        rows = self.rows("SELECT id FROM outbox WHERE class = ? ORDER BY id", outgoing)
        return [self.store.outbox.raw(row[0]) for row in rows]

    def codes(self) -> list[str]:
        """Return the codes of every mail, the oldest first."""
        return [row[0] for row in self.rows("SELECT codes FROM mail ORDER BY id")]


@contextmanager
def quick_desk(
    directory: Path, address: str = SUPPORT, mode: str = "live", clients: str = "", settings: str = "", more: str = ""
) -> Iterator[QuickDesk]:
    """Given a new directory and what is special about it, open a desk there; limits are the default ones."""
    account = Account(address, "unused", 1, 1)
    with open_desk(
        LiveDesk(directory, account, mode=mode, clients=clients, settings=settings, more=more).config
    ) as desk:
        yield desk


@contextmanager
def open_desk(config: Path) -> Iterator[QuickDesk]:
    """Given the config file of a desk, open it with its files as they are now."""
    loaded = load_snapshot(config, NOW)
    assert loaded.snapshot is not None, loaded.errors
    with closing(open_store(config.parent / "var" / "triagebot.db")) as store:
        store._connection.execute("PRAGMA synchronous = OFF")  # a power cut is none of these tests' matter
        with store.transaction():
            store.mails.open_folder("box0", "INBOX", 7, NOW - 30 * DAY)
        yield QuickDesk(config, loaded.snapshot, store)


def desk_key(config: Path) -> bytes:
    """Given a desk's config file, return a key of its own: desks do not know each other's mail."""
    return str(config).encode()[-32:].rjust(32, b"k")


def read_quickly(raw: bytes, at: datetime, snapshot: Snapshot) -> Mail:
    """Given a mail, read it as the limited child does, in this process."""
    limits = snapshot.desk.limits
    block = read_headers(raw, limits)
    content = read_content(raw, limits.mime_depth, limits.mime_parts, _model())
    return read_mail(block, content, at, len(raw), content_key(block, body_of(raw)))


@lru_cache(maxsize=1)
def _model() -> LanguageModel:
    return LanguageModel()


def write(
    author: str, subject: str = "A question", text: str = "Where are the permalinks?", *headers: str, to: str = SUPPORT
) -> bytes:
    """Given an author, a subject, a text and further headers, return a new mail with an id of its own."""
    number = next(_ids)
    lines = (
        f"From: {author}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Message-ID: <{number}@{author.rpartition('@')[2]}>",
        *headers,
        "",
        *text.splitlines(),
        "",
    )
    return "\r\n".join(lines).encode()


def header(raw: bytes, name: str) -> str:
    """Given a mail and a header's name, return its value."""
    return str(message_from_bytes(raw)[name] or "")


def relay(raw: bytes, change: Callable[[Message], None] | None = None) -> bytes:
    """Given a mail, return it as a relay hands it on that takes away every mark of an automatic mail."""
    message = message_from_bytes(raw)
    for name in MARKS:
        del message[name]
    if change is not None:
        change(message)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def rename(message: Message) -> None:
    """Given a mail, give it a new Message-ID and take away what it refers to."""
    for name in ("Message-ID", "In-Reply-To", "References"):
        del message[name]
    message["Message-ID"] = f"<{next(_ids)}@relay.test>"
