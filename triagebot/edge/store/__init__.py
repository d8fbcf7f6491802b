"""The database: SQLite through sqlite-utils. All SQL lives in this room, behind methods named in domain words."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from triagebot.core.errors import StoreError
from triagebot.edge.store.facts import FactFinder
from triagebot.edge.store.health import Health
from triagebot.edge.store.mails import Mails
from triagebot.edge.store.outbox import Outbox
from triagebot.edge.store.tickets import Tickets

BUSY_SECONDS = 10
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "cache_size = -2048",
    "wal_autocheckpoint = 4000",
)

LATEST_MIGRATION = "m002_safety"
"""The last one of schema.py; a test holds that it is."""


class Store:
    """One connection. Use it from the thread that opened it; write inside `transaction`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.mails = Mails(connection)
        self.outbox = Outbox(connection)
        self.tickets = Tickets(connection)
        self.facts = FactFinder(connection)
        self.health = Health(connection)

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
                self.tickets.forget_booked()
                if self._connection.in_transaction:  # a full disk ends the whole transaction by itself
                    self._connection.execute("ROLLBACK TO step")
                    self._connection.execute("RELEASE step")
                raise
            self._connection.execute("RELEASE step")

    def _undo(self) -> None:
        self.tickets.forget_booked()
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def integrity(self) -> str:
        """Return "ok", or what SQLite finds wrong with the file."""
        with _sentences():
            return str(self._connection.execute("PRAGMA integrity_check").fetchone()[0])

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
            raise StoreError("the disk is full; nothing is taken in until there is space again") from None
        raise StoreError(f"the database cannot be used: {error}") from None
    except sqlite3.DatabaseError as error:
        raise StoreError(f"the database is damaged or not ours: {error}") from None
