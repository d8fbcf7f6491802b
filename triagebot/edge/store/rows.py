"""Small helpers for rows: times as text and back, the connection everybody here works on."""

import sqlite3
from datetime import UTC, datetime

Connection = sqlite3.Connection


class Rows:
    """A part of a table's methods; works on the store's one connection."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection


def stamp(moment: datetime) -> str:
    """Given an aware moment, return it as the database writes it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str | None) -> datetime | None:
    """Given what `stamp` wrote, or None, return the moment in UTC."""
    return datetime.fromisoformat(text) if text else None


def instant(text: str) -> datetime:
    """Given what `stamp` wrote, return the moment in UTC."""
    return datetime.fromisoformat(text)
