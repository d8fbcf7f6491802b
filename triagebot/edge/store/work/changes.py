"""Changes of tickets by hand: states, promises, merging and splitting. Each is a compare-and-set with its event."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from triagebot.core.decision import TicketState
from triagebot.core.desk import Tier
from triagebot.core.errors import StoreError
from triagebot.core.rules.rule import Kind
from triagebot.edge.store.rows import Rows, instant, moment, stamp

_CASE = (
    "id, version, client, sender_key, tier, kind, reason, subject, text, minutes, minutes_done, state, mail, thread,"
    " merged_into, opened_at, promise, due, answer_due, answered_at"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket as a command needs it. `mail` is the one it was made from, None for a call; `promise`, `due` and
    `answer_due` are local dates."""

    id: int
    version: int
    client: str | None
    sender_key: str
    tier: Tier
    kind: Kind
    reason: str | None
    subject: str
    text: str
    minutes: int
    minutes_done: int
    state: TicketState
    mail: int | None
    thread: int | None
    merged_into: int | None
    opened_at: datetime
    promise: date | None
    due: date | None
    answer_due: date | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Joined:
    """A mail that belongs to a ticket."""

    id: int
    thread: int | None
    message_id: str | None
    received_at: datetime
    sender: str
    subject: str
    new_text: str
    kind: Kind | None
    reason: str | None


class TicketChanges(Rows):
    """The rows of tickets, changed by a person."""

    def find(self, number: int) -> Case | None:
        """Given a ticket's number, return it, or None."""
        row = self._db.execute(f"SELECT {_CASE} FROM ticket WHERE id = ?", (number,)).fetchone()
        if row is None:
            return None
        days = (date.fromisoformat(text) if text else None for text in row[16:19])
        values: tuple[Any, ...] = (*row[:15], instant(row[15]), *days, moment(row[19]))
        return Case(*values)

    def set_state(self, case: Case, state: TicketState, who: str, why: str, now: datetime) -> None:
        """Given a ticket as it was read, give it a state. Raise StoreError when somebody changed it meanwhile."""
        self._update(case, {"state": state}, now)
        self._tell(case.id, who, state, why, now)

    def set_promise(self, case: Case, promise: date, who: str, why: str, now: datetime) -> None:
        """Given a ticket as it was read, move its promise, and what was aimed at to the same date. Raise StoreError
        when somebody changed it meanwhile."""
        day = promise.isoformat()
        changed: dict[str, object] = {"promise": day, "due": day}
        if case.answer_due is not None and case.answered_at is None:
            changed["answer_due"] = day
        self._update(case, changed, now)
        self._tell(case.id, who, "moved", why, now)

    def set_answered(self, number: int, at: datetime) -> None:
        """Given a ticket and when its client was answered, stop the clock of the first answer."""
        self._db.execute("UPDATE ticket SET answered_at = ? WHERE id = ? AND answered_at IS NULL", (stamp(at), number))

    def answer(self, number: int, state: TicketState, at: datetime, now: datetime) -> None:
        """Given a ticket, when the developer has answered it himself, and its state from now on, write both down. An
        estimate whose time is over does not begin anew by that."""
        self.set_answered(number, at)
        self._db.execute(
            "UPDATE ticket SET changed_at = ?, version = version + 1,"
            " expires_at = CASE WHEN state <> ? AND expires_at < ? THEN NULL ELSE expires_at END, state = ?"
            " WHERE id = ?",
            (stamp(now), state, stamp(now), state, number),
        )

    def set_source(self, number: int, source: str) -> None:
        """Given a new ticket, remember that it came from elsewhere than a mail."""
        self._db.execute("UPDATE ticket SET source = ? WHERE id = ?", (source, number))

    def called_lately(self, client: str | None, sender_key: str, subject: str, since: datetime) -> int | None:
        """Given what a new ticket would say, return one that says the same and was made by hand since, or None."""
        row = self._db.execute(
            "SELECT min(id) FROM ticket WHERE source = 'call' AND coalesce(client, '') = ? AND sender_key = ?"
            " AND subject = ? AND opened_at >= ?",
            (client or "", sender_key, subject, stamp(since)),
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def mails_of(self, number: int) -> list[Joined]:
        """Given a ticket, return its mails, the oldest first."""
        rows = self._db.execute(
            "SELECT id, thread, message_id, received_at, coalesce(sender, ''), coalesce(subject, ''),"
            " coalesce(new_text, ''), kind, reason FROM mail WHERE ticket = ? ORDER BY id",
            (number,),
        )
        found: list[tuple[Any, ...]] = [(*row[:3], instant(row[3]), *row[4:]) for row in rows]
        return [Joined(*values) for values in found]

    def slots_of(self, number: int) -> list[dict[str, object]]:
        """Given a ticket, return its minutes in support hours, by day."""
        rows = self._db.execute("SELECT day, minutes FROM slot WHERE ticket = ? ORDER BY day, id", (number,))
        return [{"day": day, "minutes": minutes} for day, minutes in rows]

    def merge(self, kept: Case, gone: Case, who: str, now: datetime) -> None:
        """Given two tickets, let the second be part of the first: its mails go along, the earlier of both promises and
        the longer estimate hold. What was before is written down for `unmerge`."""
        mails = [mail.id for mail in self.mails_of(gone.id)]
        before = {"state": gone.state, "mails": mails, **_terms(kept)}
        self._update(gone, {"state": "closed", "merged_into": kept.id, "undo": json.dumps(before)}, now)
        promises = [day.isoformat() for day in (kept.promise, gone.promise) if day is not None]
        dues = [day.isoformat() for day in (kept.due, gone.due) if day is not None]
        terms: dict[str, object] = {
            "promise": min(promises, default=None),
            "due": min(dues, default=None),
            "minutes": max(kept.minutes, gone.minutes),
        }
        self._update(kept, terms, now)
        self._give(mails, kept.id)
        self._tell(kept.id, who, "merged", f"ticket {gone.id} is part of this one", now)
        self._tell(gone.id, who, "closed", f"part of ticket {kept.id}", now)

    def unmerge(self, kept: Case, gone: Case, who: str, now: datetime) -> None:
        """Given two merged tickets, make them two as they were; what was changed by hand since stays."""
        row = self._db.execute("SELECT undo FROM ticket WHERE id = ?", (gone.id,)).fetchone()
        before = json.loads(row[0])
        self._update(gone, {"state": before["state"], "merged_into": None, "undo": None}, now)
        made = _terms(kept)
        expected = {
            "promise": _least(before["promise"], gone.promise),
            "due": _least(before["due"], gone.due),
            "minutes": max(before["minutes"], gone.minutes),
        }
        self._update(kept, {name: before[name] for name in made if made[name] == expected[name]}, now)
        later = "UPDATE mail SET ticket = ? WHERE ticket = ? AND thread = ?"
        if gone.thread is not None and gone.thread != kept.thread:
            self._db.execute(later, (gone.id, kept.id, gone.thread))
        self._give(before["mails"], gone.id)
        self._tell(kept.id, who, "split", f"ticket {gone.id} is one of its own again", now)
        self._tell(gone.id, who, "reopened", f"no longer part of ticket {kept.id}", now)

    def merged_with(self, kept: int, mail: int) -> int | None:
        """Given a ticket and one of its mails, return the ticket that brought the mail along, or None."""
        rows = self._db.execute("SELECT id, undo FROM ticket WHERE merged_into = ? ORDER BY id DESC", (kept,))
        return next((int(number) for number, undo in rows if undo and mail in json.loads(undo)["mails"]), None)

    def give(self, mail: int, number: int, thread: int) -> None:
        """Given a mail, let it and what answered it belong to a ticket and a thread."""
        self._give([mail], number)
        self._db.execute("UPDATE mail SET thread = ? WHERE id = ?", (thread, mail))
        self._db.execute("UPDATE outbox SET thread = ?, ticket = ? WHERE mail = ?", (thread, number, mail))

    def _give(self, mails: list[int], number: int) -> None:
        self._db.executemany("UPDATE mail SET ticket = ? WHERE id = ?", [(number, mail) for mail in mails])

    def _update(self, case: Case, changed: dict[str, object], now: datetime) -> None:
        columns = "".join(f"{name} = ?, " for name in changed)
        done = self._db.execute(
            f"UPDATE ticket SET {columns}changed_at = ?, version = version + 1 WHERE id = ? AND version = ?",
            (*changed.values(), stamp(now), case.id, case.version),
        )
        if done.rowcount != 1:
            raise StoreError(f"ticket {case.id} was changed meanwhile; look at it (`triagebot ticket show {case.id}`)")

    def _tell(self, number: int, who: str, what: str, why: str, now: datetime) -> None:
        self._db.execute(
            "INSERT INTO event (at, ticket, who, what, why) VALUES (?, ?, ?, ?, ?)",
            (stamp(now), number, who, what, why),
        )


def _terms(case: Case) -> dict[str, object]:
    days = {"promise": case.promise, "due": case.due}
    return {**{name: day.isoformat() if day else None for name, day in days.items()}, "minutes": case.minutes}


def _least(text: str | None, day: date | None) -> str | None:
    return min(filter(None, (text, day.isoformat() if day else None)), default=None)
