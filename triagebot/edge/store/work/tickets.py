"""Tickets, and the events that tell their story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from triagebot.core.decision import TicketPlan
from triagebot.core.desk import Tier
from triagebot.core.tickets.ticket import OPEN_STATES, OpenTicket
from triagebot.edge.store.rows import Connection, instant, stamp
from triagebot.edge.store.work.slots import Slots

_OPEN = ", ".join(f"'{state}'" for state in OPEN_STATES)
_COLUMNS = (
    "id, client, sender_key, tier, kind, reason, subject, text, minutes, state, promise, opened_at, mail, version,"
    " minutes_done, due, answer_due, answered_at, source, merged_into, price_low, price_high, currency"
)


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket to be opened, with where it comes from."""

    plan: TicketPlan
    tier: Tier
    subject: str
    text: str
    mail: int | None = None
    thread: int | None = None
    client: str | None = None
    sender_key: str = ""
    reason: str | None = None


class Tickets:
    """The rows of tickets. `who` in an event is "triagebot", "developer" or an address."""

    def __init__(self, connection: Connection, slots: Slots) -> None:
        self._db = connection
        self._slots = slots

    def open(self, ticket: NewTicket, now: datetime) -> int:
        """Given a ticket, open it with its slots; return its number."""
        plan = ticket.plan
        row = self._db.execute(
            "INSERT INTO ticket (mail, thread, client, sender_key, tier, kind, reason, subject, text, minutes, state,"
            " promise, due, answer_due, opened_at, changed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                ticket.mail,
                ticket.thread,
                ticket.client,
                ticket.sender_key,
                ticket.tier,
                plan.kind,
                ticket.reason,
                ticket.subject,
                ticket.text,
                plan.minutes,
                plan.state,
                *(day.isoformat() if day else None for day in (plan.promise, plan.due, plan.answer_due)),
                stamp(now),
                stamp(now),
            ),
        ).fetchone()
        number = int(row[0])
        self._slots.add(number, ticket.tier, plan.slots)
        when = f", promised for {plan.promise}" if plan.promise else ""
        self.tell(number, "triagebot", f"opened as {plan.state}", f"{plan.kind}, {plan.minutes} minutes{when}", now)
        return number

    def tell(self, ticket: int, who: str, what: str, why: str, now: datetime, mail: int | None = None) -> None:
        """Given a ticket and something that happened to it, write it down."""
        self._db.execute(
            "INSERT INTO event (at, ticket, mail, who, what, why) VALUES (?, ?, ?, ?, ?, ?)",
            (stamp(now), ticket, mail, who, what, why),
        )

    def close(self, ticket: int, who: str, why: str, now: datetime, today: date, mail: int | None = None) -> bool:
        """Given a ticket and today's local date, close it and free its coming slots.

        Return False when it was closed before.
        """
        closed = self._db.execute(
            f"UPDATE ticket SET state = 'closed', changed_at = ?, version = version + 1"
            f" WHERE id = ? AND state IN ({_OPEN})",
            (stamp(now), ticket),
        )
        if closed.rowcount != 1:
            return False
        self._slots.free(ticket, today)
        self.tell(ticket, who, "closed", why, now, mail)
        return True

    def open_of(self, client: str | None, sender_key: str) -> tuple[OpenTicket, ...]:
        """Given a client, or a sender nobody knows, return their open tickets."""
        column, value = ("client", client) if client else ("sender_key", sender_key)
        rows = self._db.execute(
            f"SELECT id, kind, reason, text, state, promise, opened_at FROM ticket WHERE {column} = ?"
            f" AND state IN ({_OPEN}) ORDER BY id LIMIT 200",
            (value,),
        )
        return tuple(
            OpenTicket(
                *(row[0], row[1], row[2], row[3], row[4]),
                *(date.fromisoformat(row[5]) if row[5] else None, instant(row[6])),
            )
            for row in rows
        )

    def of_thread(self, thread: int, client: str | None, sender_key: str) -> int | None:
        """Given a thread and who writes in it, return the open ticket of the same person there, or None."""
        row = self._db.execute(
            # A repeat in a thread of its own has joined the ticket too, and so does what answers it.
            "SELECT id FROM ticket WHERE (thread = ? OR id IN (SELECT ticket FROM mail WHERE thread = ?))"
            f" AND state IN ({_OPEN}) AND (sender_key = ? OR client = ?) ORDER BY id DESC LIMIT 1",
            (thread, thread, sender_key, client),
        ).fetchone()
        return int(row[0]) if row else None

    def listing(
        self, states: Sequence[str] = OPEN_STATES, client: str | None = None, limit: int = 500
    ) -> list[dict[str, object]]:
        """Given states, and a client's id or a sender's key if only theirs are wanted, return the tickets in them, what
        breaks first on top."""
        marks = ", ".join("?" for _ in states)
        cursor = self._db.execute(
            f"SELECT {_COLUMNS} FROM ticket WHERE state IN ({marks})"
            f"{' AND (client = ? OR sender_key = ?)' if client else ''}"
            " ORDER BY promise IS NULL, promise, opened_at LIMIT ?",
            (*states, *((client, client) if client else ()), limit),
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def find(self, number: int) -> dict[str, object] | None:
        """Given a ticket's number, return its row with its events, or None."""
        cursor = self._db.execute(f"SELECT {_COLUMNS} FROM ticket WHERE id = ?", (number,))
        row = cursor.fetchone()
        if row is None:
            return None
        found = dict(zip([column[0] for column in cursor.description], row, strict=True))
        events = self._db.execute("SELECT at, who, what, why FROM event WHERE ticket = ? ORDER BY id", (number,))
        found["events"] = [dict(zip(("at", "who", "what", "why"), event, strict=True)) for event in events]
        return found
