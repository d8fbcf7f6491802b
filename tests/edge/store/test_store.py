"""The database file and its transactions: everything on the disk before it is told, and all of it or nothing."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from tests.edge.stores import NOW, add, arrive, outgoing, states
from triagebot.core.errors import StoreError
from triagebot.edge.store import LATEST_MIGRATION, Store, open_store, open_store_to_read


def pragma(store: Store, name: str) -> object:
    """Given a store, return what one of SQLite's settings is on its connection."""
    return store._connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_every_commit_is_on_the_disk(store: Store) -> None:
    """WAL with synchronous=FULL (2), and foreign keys that hold: kill -9 cannot test a power cut, this can."""
    assert [pragma(store, name) for name in ("journal_mode", "synchronous", "foreign_keys")] == ["wal", 2, 1]


def test_the_files_are_for_the_owner_alone(path: Path) -> None:
    """Also in a directory others can enter, also the log of changes beside the database, also when it was opened up."""
    path.parent.mkdir(mode=0o755)
    path.touch(0o644)
    with closing(open_store(path)) as store:
        arrive(store, 1)
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
    assert modes == {path.name: 0o600, f"{path.name}-wal": 0o600, f"{path.name}-shm": 0o600}


def test_opening_again_changes_nothing(path: Path) -> None:
    """Migrations run once; what was recorded stays."""
    shapes = []
    for uid in (1, 2, 3):
        with closing(open_store(path)) as store:
            arrive(store, uid)
            shapes.append(store._connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall())
    assert shapes[0] == shapes[1] == shapes[2]
    with closing(open_store_to_read(path)) as store:
        assert store.mails.count_states() == {"pending": 3}
        assert store.integrity() == "ok"


def test_the_latest_migration_is_the_last_one(store: Store) -> None:
    """What tells an up-to-date database without loading sqlite-utils names the last migration there is."""
    names = [name for (name,) in store._connection.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]
    assert names[-1] == LATEST_MIGRATION


def test_two_that_open_a_new_database_at_once_both_get_it(path: Path) -> None:
    """The daemon and a command may both be the first."""

    def open_and_close(_: int) -> None:
        open_store(path).close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(open_and_close, range(8)))
    with closing(open_store(path)) as store:
        assert store.integrity() == "ok"


def test_a_database_that_is_not_there_is_one_sentence(path: Path) -> None:
    """Looking makes no file."""
    with pytest.raises(StoreError, match=rf"^there is no database at {path} yet; start `triagebot run` first$"):
        open_store_to_read(path)
    assert not path.parent.exists()


def test_a_database_that_is_being_made_is_one_sentence(path: Path) -> None:
    """A command that looks while the daemon starts for the first time."""
    path.parent.mkdir()
    path.touch()
    with pytest.raises(StoreError, match="still being made; try again"):
        open_store_to_read(path)


@pytest.mark.parametrize("opener", [open_store, open_store_to_read])
def test_a_file_that_is_no_database_is_one_sentence(path: Path, opener: object) -> None:
    """It is told and left as it is."""
    path.parent.mkdir()
    path.write_bytes(b"This is my diary. " * 100)
    with pytest.raises(StoreError, match=r"^the database is damaged or not ours: "):
        opener(path)  # type: ignore[operator]
    assert path.read_bytes().startswith(b"This is my diary.")


def test_a_damaged_page_is_one_sentence(path: Path) -> None:
    """What the disk has lost is noticed when it is needed."""
    with closing(open_store(path)) as store:
        arrive(store, *range(1, 500))
    raw = bytearray(path.read_bytes())
    raw[4096:] = b"\xff" * (len(raw) - 4096)
    path.write_bytes(raw)
    with (
        pytest.raises(StoreError, match=r"^the database (is damaged|cannot be used)"),
        closing(open_store(path)) as store,
    ):
        arrive(store, 1000)


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """A file where the directory should be, or a directory where the file should be."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"the directory .*file/var cannot be made: "):
        open_store(tmp_path / "file" / "var" / "x.db")
    with pytest.raises(StoreError):
        open_store(tmp_path)


def test_a_path_with_odd_signs_can_be_read(tmp_path: Path) -> None:
    """`?`, `#` and `%` mean something in the URI that opens a file for reading."""
    path = tmp_path / "what? 100%25 #1" / "x.db"
    open_store(path).close()
    with closing(open_store_to_read(path)) as store:
        assert store.mails.count_states() == {}


def test_who_opens_to_read_cannot_write(path: Path, store: Store) -> None:
    """`status` and `tickets` leave no trace."""
    with closing(open_store_to_read(path)) as reader, pytest.raises(StoreError), reader.transaction():
        reader.health.works("x", NOW)
    assert store.health.parts() == []


def write_much(store: Store) -> None:
    """Write something small and, in a step of its own, something large."""
    with store.transaction():
        store.health.works("before", NOW)
        with store.step():
            store.outbox.add(outgoing("big", raw=b"x" * 1_000_000), NOW)


def test_a_full_disk_is_one_sentence_and_undone_whole(store: Store) -> None:
    """Nothing of the transaction stays, and with space again the desk goes on."""
    arrive(store, 1)
    pages = pragma(store, "page_count")
    pragma(store, f"max_page_count = {pages}")
    with pytest.raises(StoreError, match=r"^the disk is full; "):
        write_much(store)
    assert store.health.parts() == []
    assert states(store) == {}
    pragma(store, "max_page_count = 1000000")
    assert add(store, "big", raw=b"x" * 1_000_000) is not None


def test_a_killed_process_leaves_whole_transactions(path: Path) -> None:
    """What was committed is there, what was under way is not, and nobody has to repair anything."""
    script = f"""
import os, signal
from pathlib import Path
from datetime import datetime, UTC
from triagebot.edge.store import open_store
store, now = open_store(Path({str(path)!r})), datetime.now(UTC)
with store.transaction():
    store.health.works("committed", now)
with store.transaction():
    store.health.works("under way", now)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    with closing(open_store(path)) as store:
        assert [part.name for part in store.health.parts()] == ["committed"]
        assert store.integrity() == "ok"


def fail_in(store: Store, part: AbstractContextManager[None], error: type[BaseException]) -> None:
    """Given a transaction or a step, write in it and raise an error."""
    with part:
        store.health.works("undone", NOW)
        raise error


def test_what_is_raised_undoes_the_transaction(store: Store) -> None:
    """Also what is no Exception; the next one works."""
    for error in (ValueError, KeyboardInterrupt):
        with pytest.raises(error):
            fail_in(store, store.transaction(), error)
    with store.transaction():
        assert store.health.parts() == []


def test_a_step_is_undone_alone(store: Store) -> None:
    """Of jobs that share a commit one that fails takes no other with it."""
    with store.transaction():
        store.health.works("first", NOW)
        with pytest.raises(ValueError):  # noqa: PT011 - it has no words
            fail_in(store, store.step(), ValueError)
        with store.step():
            store.health.works("third", NOW)
    assert [part.name for part in store.health.parts()] == ["first", "third"]


def test_a_writer_waits_for_the_other(path: Path, store: Store) -> None:
    """Daemon and command line write in turn instead of failing."""

    def write(number: int) -> None:
        with closing(open_store(path)) as own:
            for count in range(10):
                with own.transaction():
                    own.health.works(f"{number} {count}", NOW)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    assert len(store.health.parts()) == 40
