"""A desk's database as the first release would have left it, for crashes inside the migration."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from triagebot.edge.store import schema

FIRST_MIGRATIONS_END = "m002_safety"
MIGRATION_STEPS = len(schema._SAFETY)


def make_old(path: Path) -> None:
    """Given the database of a desk that does not run, replace it by one with the tables of the first migration
    only and the same rows, as far as these had a place then."""
    old = path.with_suffix(".old")
    with closing(sqlite3.connect(old)) as connection:
        schema.migrations.apply(Database(connection), stop_before=FIRST_MIGRATIONS_END)
        connection.commit()
        connection.execute("ATTACH ? AS now", (str(path),))
        tables = [row[0] for row in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table.startswith(("_sqlite", "sqlite_")):
                continue
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")
        connection.commit()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    old.replace(path)


def is_old(path: Path) -> bool:
    """Given a database, return whether nothing of the later migrations is in it."""
    with closing(sqlite3.connect(path)) as connection:
        made = {row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations")}
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    return FIRST_MIGRATIONS_END not in made and "latch" not in tables
