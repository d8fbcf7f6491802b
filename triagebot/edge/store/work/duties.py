"""Tickets of standing duties: one for each client, duty and period, whatever happens."""

from dataclasses import dataclass
from datetime import date, datetime

from triagebot.core.hours.duties import Owed
from triagebot.core.tickets.ticket import OPEN_STATES
from triagebot.edge.store.rows import Rows, stamp

_LEFT = ", ".join(f"'{state}'" for state in OPEN_STATES if state != "done")


@dataclass(frozen=True, slots=True)
class Missed:
    """A duty whose period ended without it."""

    ticket: int
    client: str
    name: str
    duty: str
    due: date


class Duties(Rows):
    """Rows of `ticket` whose `duty` is "DUTY/PERIOD"; nobody is told a date for them."""

    def open(self, owed: Owed, now: datetime) -> int | None:
        """Given a duty a client is owed, open its ticket. Return its number, or None when there was one before."""
        row = self._db.execute(
            "INSERT INTO ticket (client, tier, kind, subject, text, minutes, state, due, source, duty, opened_at,"
            " changed_at) VALUES (?, 'retainer', 'work', ?, ?, ?, 'planned', ?, 'duty', ?, ?, ?)"
            " ON CONFLICT (client, duty) DO NOTHING RETURNING id",
            (
                *(owed.client, owed.duty.name, owed.duty.name, owed.duty.minutes),
                *(owed.due.isoformat(), owed.key, stamp(now), stamp(now)),
            ),
        ).fetchone()
        if row is None:
            return None
        self._db.execute(
            "INSERT INTO event (at, ticket, who, what, why) VALUES (?, ?, 'triagebot', 'opened as planned', ?)",
            (stamp(now), row[0], f"standing duty {owed.key}, {owed.duty.minutes} minutes, due {owed.due}"),
        )
        return int(row[0])

    def missed(self, today: date) -> list[Missed]:
        """Given today's local date, return the duties that are past their day and not done, the oldest first."""
        rows = self._db.execute(
            f"SELECT id, client, subject, duty, due FROM ticket WHERE duty IS NOT NULL AND state IN ({_LEFT})"
            " AND due < ? ORDER BY due, id",
            (today.isoformat(),),
        ).fetchall()
        return [Missed(row[0], row[1], row[2], row[3], date.fromisoformat(row[4])) for row in rows]
