"""The present plan: which ticket has which minutes of the coming support hours, and what it is made from.

Slots are made anew whenever something changed (core/hours/agenda.py); promises are in the tickets and stay.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from triagebot.core.decision import Slot, TicketState
from triagebot.core.desk import Tier
from triagebot.core.hours.planner import Booked
from triagebot.core.rules.rule import Kind
from triagebot.edge.store.rows import Connection, instant

_TO_DO = "'new', 'waiting-client', 'accepted', 'planned', 'doing'"


@dataclass(frozen=True, slots=True)
class Owed:
    """A ticket with work left to do. `expires_at` is the end of an estimate that waits for a yes."""

    ticket: int
    client: str | None
    sender_key: str
    tier: Tier
    kind: Kind
    state: TicketState
    subject: str
    minutes: int
    minutes_done: int
    opened_at: datetime
    promise: date | None
    due: date | None
    answer_due: date | None
    answered_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Planned:
    """A row of the plan: minutes of a support hour for a ticket, counted for a tier."""

    ticket: int
    day: date
    minutes: int
    tier: Tier
    urgent: bool = False


class Slots:
    """The rows of the plan."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._booked: tuple[tuple[int, int, date], Booked] | None = None
        self._changes = 0

    def add(self, ticket: int, tier: Tier, slots: tuple[Slot, ...]) -> None:
        """Given a new ticket, its tier and its slots, write them down."""
        self._insert(Planned(ticket, slot.day, slot.minutes, tier, slot.urgent) for slot in slots)
        if self._booked is not None and self._booked[0][1] == self._changes:  # keep what is known up to date
            (version, _, today), booked = self._booked
            self._changes += 1
            self._booked = ((version, self._changes, today), booked.add(tier, slots))

    def free(self, ticket: int, first: date) -> None:
        """Given a ticket and a local date, free its slots from that day on; those before were worked."""
        self._db.execute("DELETE FROM slot WHERE ticket = ? AND day >= ?", (ticket, first.isoformat()))
        self._changes += 1

    def booked(self, today: date) -> Booked:
        """Given today's local date, return what is planned from today on; kept until anything changes."""
        version = self._db.execute("PRAGMA data_version").fetchone()[0]
        key = (version, self._changes, today)
        if self._booked is None or self._booked[0] != key:
            minutes: dict[date, dict[Tier, int]] = {}
            urgent: dict[date, int] = {}
            rows = self._db.execute(
                "SELECT day, tier, sum(minutes), sum(minutes * urgent) FROM slot WHERE day >= ? GROUP BY day, tier",
                (today.isoformat(),),
            )
            for text, tier, total, hurried in rows:
                day = date.fromisoformat(text)
                minutes.setdefault(day, {})[tier] = total
                urgent[day] = urgent.get(day, 0) + hurried
            self._booked = (key, Booked(minutes, urgent))
        return self._booked[1]

    def forget_booked(self) -> None:
        """Drop what `booked` keeps, after a transaction that was undone."""
        self._booked = None

    def owed(self) -> list[Owed]:
        """Return every ticket with work left to do, the oldest first."""
        rows = self._db.execute(
            "SELECT id, client, sender_key, tier, kind, state, subject, minutes, minutes_done, opened_at, promise, due,"
            f" answer_due, answered_at, expires_at FROM ticket WHERE state IN ({_TO_DO}) ORDER BY id"
        )
        return [
            Owed(*(*row[:9], instant(row[9]), *map(_day, row[10:13]), *map(_moment, row[13:15])))  # as the columns
            for row in rows
        ]

    def on(self, day: date) -> list[Planned]:
        """Given a local date, return what is planned on it for tickets that are not at their end."""
        return self._read(f"day = ? AND ticket IN (SELECT id FROM ticket WHERE state IN ({_TO_DO}))", day)

    def rewrite(self, first: date, wanted: Iterable[Planned]) -> int:
        """Given a local date and the whole plan from it on, make the rows so. Return how many differed; the others
        are not touched."""
        target = dict.fromkeys(wanted)
        cursor = self._db.execute(
            "SELECT ticket, day, minutes, tier, urgent, id FROM slot WHERE day >= ?", (first.isoformat(),)
        )
        gone = []
        for *values, number in cursor:
            if (known := _planned(values)) in target:
                del target[known]
            else:
                gone.append((number,))
        self._db.executemany("DELETE FROM slot WHERE id = ?", gone)
        self._insert(target)
        if gone or target:
            self._changes += 1
        return len(gone) + len(target)

    def _insert(self, rows: Iterable[Planned]) -> None:
        self._db.executemany(
            "INSERT INTO slot (ticket, day, minutes, tier, urgent) VALUES (?, ?, ?, ?, ?)",
            [(row.ticket, row.day.isoformat(), row.minutes, row.tier, int(row.urgent)) for row in rows],
        )

    def _read(self, where: str, day: date) -> list[Planned]:
        cursor = self._db.execute(
            f"SELECT ticket, day, minutes, tier, urgent FROM slot WHERE {where} ORDER BY id", (day.isoformat(),)
        )
        return [_planned(row) for row in cursor]


def _planned(row: Iterable[object]) -> Planned:
    ticket, day, minutes, tier, urgent = row
    return Planned(ticket, date.fromisoformat(str(day)), minutes, tier, bool(urgent))  # type: ignore[arg-type]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return instant(text) if text else None
