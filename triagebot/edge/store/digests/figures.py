"""Figures: contacts by reason, minutes by day, promises by their date. Read over indexes alone, so that they are there
at once beside 200,000 mails."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from triagebot.core.insight import Contacts, Moved, Promised, minutes_worked
from triagebot.edge.store.rows import Rows, stamp

_ASKED = ("answered", "acknowledged", "planned", "held")
"""How mails end that asked for something; what only goes on with a matter is merged into it."""
_IS_ASKED = f"mail.state IN ({', '.join(repr(state) for state in _ASKED)})"
_REASON = "coalesce(mail.reason, '')"
_ANSWERED = "CASE WHEN promise = answer_due THEN answered_at END"
_ENDED = (
    f"coalesce({_ANSWERED}, CASE WHEN state IN ('done', 'closed') THEN coalesce((SELECT max(at) FROM event"
    " WHERE event.ticket = ticket.id AND what IN ('done', 'answered by mail, done')), (SELECT max(at) FROM event"
    " WHERE event.ticket = ticket.id AND what = 'closed'), changed_at) END)"
)
_PROMISED = (
    f"SELECT count(*), coalesce(sum(CASE WHEN {_ENDED} < :over THEN 1 ELSE 0 END), 0),"
    f" coalesce(sum(CASE WHEN state = 'waiting-client' AND {_ANSWERED} IS NULL THEN 1 ELSE 0 END), 0)"
    " FROM ticket WHERE promise = :day AND closed_as IS NULL AND merged_into IS NULL"
)


class Figures(Rows):
    """Reads mails, tickets and entries, changes nothing."""

    def contacts(self, periods: Sequence[tuple[datetime, datetime]]) -> tuple[Contacts, ...]:
        """Given periods, each with the moment it begins and the one before which it ends, return how many mails asked
        for something in each, by reason."""
        states = ", ".join(f"('{state}')" for state in _ASKED)
        spans = ", ".join("(?, ?, ?)" for _ in periods)
        bounds = [value for number, span in enumerate(periods) for value in (number, *map(stamp, span))]
        # The reasons there are, each found by a step in the index: counting them otherwise reads every row.
        rows = self._db.execute(
            "WITH RECURSIVE state (name) AS (VALUES " + states + "), found (state, reason) AS ("
            f" SELECT name, (SELECT min({_REASON}) FROM mail WHERE {_IS_ASKED} AND mail.state = name) FROM state"
            f" UNION ALL SELECT found.state, (SELECT min({_REASON}) FROM mail WHERE {_IS_ASKED}"
            f" AND mail.state = found.state AND {_REASON} > found.reason) FROM found WHERE found.reason IS NOT NULL),"
            " span (number, since, until) AS (VALUES " + spans + ")"
            " SELECT found.reason, found.state, span.number,"
            f" (SELECT count(*) FROM mail WHERE {_IS_ASKED} AND mail.state = found.state AND {_REASON} = found.reason"
            " AND mail.received_at >= span.since AND mail.received_at < span.until)"
            " FROM found, span WHERE found.reason IS NOT NULL",
            bounds,
        )
        counts: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
        for reason, state, number, count in rows:
            counts[reason, number][state != "answered"] += count
        return tuple(Contacts(*key, *found) for key, found in sorted(counts.items()) if any(found))

    def moved(self, first: date, last: date) -> tuple[Moved, ...]:
        """Given two local dates, return the minutes that entries from the one to the other moved."""
        rows = self._db.execute(
            "SELECT day, source, target, sum(minutes) FROM entry WHERE day >= ? AND day <= ?"
            " GROUP BY day, source, target",
            (first.isoformat(), last.isoformat()),
        )
        return tuple(Moved(date.fromisoformat(day), source, target, total) for day, source, target, total in rows)

    def worked_on(self, first: date, last: date) -> tuple[dict[str, int], int]:
        """Given two local dates, return the minutes worked from the one to the other by the reasons of their tickets
        ("" where none was recognised), and those on no ticket."""
        rows = self._db.execute(
            "SELECT CASE WHEN ticket.id IS NULL THEN NULL ELSE coalesce(ticket.reason, '') END AS matter,"
            " entry.source, entry.target, sum(entry.minutes) FROM entry LEFT JOIN ticket ON ticket.id = entry.ticket"
            " WHERE entry.day >= ? AND entry.day <= ? GROUP BY matter, entry.source, entry.target",
            (first.isoformat(), last.isoformat()),
        )
        minutes: dict[str | None, int] = defaultdict(int)
        for reason, source, target, total in rows:
            minutes[reason] += minutes_worked(Moved(first, source, target, total))
        on_none = minutes.pop(None, 0)
        return {reason: total for reason, total in minutes.items() if reason is not None and total}, on_none

    def promises(self, ends: Mapping[date, datetime]) -> tuple[Promised, ...]:
        """Given local dates, each with the moment it is over, return what became of the promises of each. A promise of
        a first answer ends with it, any other with its ticket."""
        found = []
        for day, over in sorted(ends.items()):
            told, kept, waiting = self._db.execute(_PROMISED, {"day": day.isoformat(), "over": stamp(over)}).fetchone()
            if told:
                found.append(Promised(day, told, kept, told - kept - waiting))
        return tuple(found)

    def changes_since(self, moment: datetime) -> dict[str, int]:
        """Given a moment, return by how many minutes each balance has changed that was written to since."""
        rows = self._db.execute(
            "SELECT client, source, target, sum(minutes) FROM entry WHERE created_at >= ?"
            " AND 'balance' IN (source, target) GROUP BY client, source, target",
            (stamp(moment),),
        )
        changes: dict[str, int] = defaultdict(int)
        for client, source, target, minutes in rows:
            changes[client] += minutes * ((target == "balance") - (source == "balance"))
        return dict(changes)

    def waiting_statements(self) -> list[tuple[int, str]]:
        """Return row and client of each statement that waits to be approved, the oldest first."""
        return self._db.execute(
            "SELECT id, client FROM outbox WHERE class = 'approved' AND approved_at IS NULL"
            " AND state IN ('shadow', 'draft', 'drafted') AND dedupe_key >= 'statement ' AND dedupe_key < 'statement!'"
            " ORDER BY id"
        ).fetchall()
