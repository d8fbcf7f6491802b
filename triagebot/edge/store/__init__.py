"""The database: SQLite through sqlite-utils. All SQL lives in this room, behind methods named in domain words."""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triagebot.core.errors import StoreError

if TYPE_CHECKING:
    from triagebot.edge.store.digests.agreements import Agreements
    from triagebot.edge.store.digests.commands import CommandLog
    from triagebot.edge.store.digests.digests import Digests
    from triagebot.edge.store.digests.figures import Figures
    from triagebot.edge.store.digests.matters import Matters
    from triagebot.edge.store.digests.undoing import Undoing
    from triagebot.edge.store.outgoing.latches import Latches
    from triagebot.edge.store.outgoing.outbox import Outbox
    from triagebot.edge.store.outgoing.suppressions import Suppressions
    from triagebot.edge.store.received.facts import FactFinder
    from triagebot.edge.store.received.mails import Mails
    from triagebot.edge.store.received.reconciliations import Reconciliations
    from triagebot.edge.store.received.sentmails import SentMails
    from triagebot.edge.store.received.threads import Threads
    from triagebot.edge.store.upkeep.alarms import Alarms
    from triagebot.edge.store.upkeep.canaries import Canaries
    from triagebot.edge.store.upkeep.copies import Restoring
    from triagebot.edge.store.upkeep.erasure import Erasure
    from triagebot.edge.store.upkeep.health import Health
    from triagebot.edge.store.upkeep.privacy import Privacy
    from triagebot.edge.store.upkeep.retention import Keeping
    from triagebot.edge.store.work.changes import TicketChanges
    from triagebot.edge.store.work.duties import Duties
    from triagebot.edge.store.work.emergencies import Emergencies
    from triagebot.edge.store.work.ledger import Ledger
    from triagebot.edge.store.work.offers import Offers
    from triagebot.edge.store.work.promises import Promises
    from triagebot.edge.store.work.slots import Slots
    from triagebot.edge.store.work.tickets import Tickets

BUSY_SECONDS = 10
_PAGES_AT_ONCE = 500
_PIECE = 1024 * 1024
DISK_FULL = "the disk is full; nothing is taken in until there is space again"
_PRAGMAS = (
    "auto_vacuum = INCREMENTAL",  # only before the first table is made
    "secure_delete = ON",  # what is purged or erased is overwritten, in the file and in what is written from now on
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "cache_size = -2048",
    "wal_autocheckpoint = 4000",
)

_PARTS = {
    "mails": ("received.mails", "Mails"),
    "outbox": ("outgoing.outbox", "Outbox"),
    "suppressions": ("outgoing.suppressions", "Suppressions"),
    "sent_mails": ("received.sentmails", "SentMails"),
    "threads": ("received.threads", "Threads"),
    "slots": ("work.slots", "Slots"),
    "tickets": ("work.tickets", "Tickets"),
    "changes": ("work.changes", "TicketChanges"),
    "offers": ("work.offers", "Offers"),
    "facts": ("received.facts", "FactFinder"),
    "ledger": ("work.ledger", "Ledger"),
    "health": ("upkeep.health", "Health"),
    "emergencies": ("work.emergencies", "Emergencies"),
    "duties": ("work.duties", "Duties"),
    "promises": ("work.promises", "Promises"),
    "latches": ("outgoing.latches", "Latches"),
    "alarms": ("upkeep.alarms", "Alarms"),
    "canaries": ("upkeep.canaries", "Canaries"),
    "reconciliations": ("received.reconciliations", "Reconciliations"),
    "digests": ("digests.digests", "Digests"),
    "agreements": ("digests.agreements", "Agreements"),
    "commands": ("digests.commands", "CommandLog"),
    "figures": ("digests.figures", "Figures"),
    "keeping": ("upkeep.retention", "Keeping"),
    "privacy": ("upkeep.privacy", "Privacy"),
    "erasure": ("upkeep.erasure", "Erasure"),
    "restoring": ("upkeep.copies", "Restoring"),
    "matters": ("digests.matters", "Matters"),
    "undoing": ("digests.undoing", "Undoing"),
}
"""Where each part of a store is: its file is read when the part is first used, since most commands use a few."""
_ON_SLOTS = ("tickets", "offers")

LATEST_MIGRATION = "m004_digest"
"""The last one of schema.py; a test holds that it is."""


class Store:
    """One connection. Use it from the thread that opened it; write inside `transaction`."""

    mails: "Mails"
    outbox: "Outbox"
    suppressions: "Suppressions"
    sent_mails: "SentMails"
    threads: "Threads"
    slots: "Slots"
    tickets: "Tickets"
    changes: "TicketChanges"
    offers: "Offers"
    facts: "FactFinder"
    ledger: "Ledger"
    health: "Health"
    emergencies: "Emergencies"
    duties: "Duties"
    promises: "Promises"
    latches: "Latches"
    alarms: "Alarms"
    canaries: "Canaries"
    reconciliations: "Reconciliations"
    digests: "Digests"
    agreements: "Agreements"
    commands: "CommandLog"
    figures: "Figures"
    keeping: "Keeping"
    privacy: "Privacy"
    erasure: "Erasure"
    restoring: "Restoring"
    matters: "Matters"
    undoing: "Undoing"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    if not TYPE_CHECKING:  # else every name would be one of its parts

        def __getattr__(self, name: str) -> Any:
            """Given the name of a part that was not used yet, make it."""
            if name not in _PARTS:
                raise AttributeError(f"a store has no part {name!r}")
            module, kind = _PARTS[name]
            make = getattr(import_module(f"{__name__}.{module}"), kind)
            part = make(self._connection, self.slots) if name in _ON_SLOTS else make(self._connection)
            setattr(self, name, part)
            return part

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN IMMEDIATE … COMMIT; anything raised undoes all of it. Raise StoreError when it cannot be written."""
        with _sentences():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._undo()
                raise
            try:
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                self._undo()
                raise

    @contextlib.contextmanager
    def step(self) -> Iterator[None]:
        """A part of a transaction that is undone alone when it raises."""
        with _sentences():
            self._connection.execute("SAVEPOINT step")
            try:
                yield
            except BaseException:
                self.slots.forget_booked()
                if self._connection.in_transaction:  # a full disk ends the whole transaction by itself
                    self._connection.execute("ROLLBACK TO step")
                    self._connection.execute("RELEASE step")
                raise
            self._connection.execute("RELEASE step")

    @property
    def in_transaction(self) -> bool:
        """Whether one is open; a full disk ends it by itself."""
        return self._connection.in_transaction

    def _undo(self) -> None:
        self.slots.forget_booked()
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def integrity(self) -> str:
        """Return "ok", or what SQLite finds wrong with the file."""
        with _sentences():
            return str(self._connection.execute("PRAGMA integrity_check").fetchone()[0])

    def tidy(self) -> bool:
        """Give freed pages back and move the log of changes into the file, outside of any transaction.

        Return whether the log is empty now; while somebody reads it cannot be.
        """
        with _sentences():
            free = self._free_pages()
            while free:
                self._connection.execute(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})").fetchall()
                before, free = free, self._free_pages()
                if free >= before:  # a database that was made without auto_vacuum keeps its size
                    break
            return int(self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]) == 0

    def holds(self, needles: Sequence[bytes]) -> bool:
        """Given texts in lower case, return whether the bytes of the database's files hold one, in rows or in what is
        left of them."""
        file = Path(self._connection.execute("PRAGMA database_list").fetchone()[2])
        return any(_file_holds(path, needles) for path in (file, file.with_name(f"{file.name}-wal")) if path.exists())

    def _free_pages(self) -> int:
        return int(self._connection.execute("PRAGMA freelist_count").fetchone()[0])

    def rebuild(self) -> None:
        """Write the whole file anew, so that nothing is left of what was removed before. Raise StoreError when
        somebody else uses the database."""
        with _sentences():
            self._connection.execute("VACUUM")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def open_store(path: Path) -> Store:
    """Given the database's path, open it, creating or migrating it as needed.

    Every commit is on the disk before it returns (WAL, synchronous=FULL). Raise StoreError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(f"the directory {path.parent} cannot be made: {error.strerror}") from None
    try:
        path.touch(mode=0o600)
        path.chmod(0o600)  # before it is opened: SQLite gives its other files the same mode
    except OSError as error:
        raise StoreError(f"the database {path} cannot be made: {error.strerror}") from None
    with _connect(str(path)) as connection:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.isolation_level = None  # transactions are begun by name
        store = Store(connection)
        with store.transaction():  # two that start at once migrate one after the other
            if not _is_current(connection):
                _migrate(connection)
    return store


def _file_holds(path: Path, needles: Sequence[bytes]) -> bool:
    longest = max(map(len, needles), default=0)
    before = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            window = before + piece.lower()
            if any(needle in window for needle in needles):
                return True
            before = window[-longest:]
    return False


def _is_current(connection: sqlite3.Connection) -> bool:
    """Whether the last migration was made: then sqlite-utils, six megabytes of it, need not be loaded."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone() is None:
        return False
    made = connection.execute("SELECT 1 FROM _sqlite_migrations WHERE name = ?", (LATEST_MIGRATION,)).fetchone()
    return made is not None


def _migrate(connection: sqlite3.Connection) -> None:
    from sqlite_utils import Database

    from triagebot.edge.store.schema import migrations

    migrations.apply(Database(connection, execute_plugins=False))


def open_store_to_read(path: Path) -> Store:
    """Given the database's path, open it for reading only. Raise StoreError when there is none."""
    if not path.exists():
        raise StoreError(f"there is no database at {path} yet; start `triagebot run` first")
    with _connect(f"{path.absolute().as_uri()}?mode=ro") as connection:
        connection.isolation_level = None
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'done_once'").fetchone() is None:
            raise StoreError(f"the database at {path} is still being made; try again in a moment")
    return Store(connection)


@contextlib.contextmanager
def _connect(name: str) -> Iterator[sqlite3.Connection]:
    """A new connection, closed again when setting it up fails."""
    with _sentences():
        connection = sqlite3.connect(name, uri=name.startswith("file:"), timeout=BUSY_SECONDS)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """SQLite's errors as sentences for the user."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise StoreError(DISK_FULL) from None
        raise StoreError(f"the database cannot be used: {error}") from None
    except sqlite3.DatabaseError as error:
        raise StoreError(f"the database is damaged or not ours: {error}") from None
