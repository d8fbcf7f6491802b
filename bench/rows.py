"""A large desk out of a real small one: its mails with all that hangs on them, repeated on earlier days."""

import sqlite3
from contextlib import closing
from pathlib import Path

TABLES = ("mail", "ticket", "slot", "event", "outbox")
_REFERENCES = {"id", "uid", "mail", "ticket", "outbox", "thread", "duplicate_of"}
_UNIQUE_TEXTS = {"message_id", "dedupe_key"}
_DAYS = {"at", "day", "promise", "next_attempt"}


def multiply_mails(data: Path, target: int) -> int:
    """Given a desk's data folder and how many mails it is to hold, repeat its rows; return how many it holds.

    The n-th copy lies n days back; its tickets are closed. Ids, UIDs and what refers to them are moved by the
    same step, so that every reference holds; Message-IDs get the number of the copy. Raise RuntimeError if it
    has no mail.
    """
    with closing(sqlite3.connect(find_database(data))) as database, database:
        (mails,) = database.execute("SELECT count(*) FROM mail").fetchone()
        if not mails:
            raise RuntimeError("the desk recorded no mail that could be multiplied")
        step = max(database.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0] for table in TABLES)
        statements = [_write_copy(database, table) for table in TABLES]
        for copy in range(1, -(-target // mails)):
            values = {
                "shift": copy * (step + 1),
                "back": f"-{copy} days",
                "suffix": f".copy{copy}",
                "step": step,
            }
            for statement in statements:
                database.execute(statement, values)
        (total,) = database.execute("SELECT count(*) FROM mail").fetchone()
    return int(total)


def find_database(data: Path) -> Path:
    """Given a desk's data folder, return its SQLite file. Raise RuntimeError if there is none."""
    for path in sorted(data.iterdir()) if data.is_dir() else ():
        if path.is_file() and path.open("rb").read(15) == b"SQLite format 3":
            return path
    raise RuntimeError(f"no database in {data}")


def _write_copy(database: sqlite3.Connection, table: str) -> str:
    """Given a table, return the statement that copies its original rows."""
    columns = {row[1]: str(row[2]).upper() for row in database.execute(f"PRAGMA table_info({table})")}
    copied = ", ".join(_copy_column(table, name, kind) for name, kind in columns.items())
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {copied} FROM {table} WHERE id <= :step"


def _copy_column(table: str, name: str, kind: str) -> str:
    """Given a column, return the expression of its copy. Times begin with the day, whatever follows."""
    if kind == "INTEGER" and name in _REFERENCES:
        return f"{name} + :shift"
    if name in _UNIQUE_TEXTS:
        return f"{name} || :suffix"
    if name in _DAYS or name.endswith("_at"):
        return f"date(substr({name}, 1, 10), :back) || substr({name}, 11)"
    if (table, name) == ("ticket", "state"):
        return "'closed'"
    return name
