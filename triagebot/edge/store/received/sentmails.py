"""The developer's own mails, as Sent folders and copies to the desk show them; the minutes they offer to book."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from triagebot.core.decision import TicketState
from triagebot.core.rules.rule import Kind
from triagebot.core.tickets.ticket import OPEN_STATES
from triagebot.edge.store.rows import Rows, instant, stamp

OfferState = Literal["", "open", "booked", "declined"]
BOOKED_KEY = "sent/"
"""How the ledger's keys of minutes begin that were booked from such a mail."""
_OPEN = ", ".join(f"'{state}'" for state in OPEN_STATES)
_TICKET = "id, state, kind, client, coalesce(sender_key, ''), subject, minutes, minutes_done, thread"


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a Sent folder was looked through: up to a UID of one numbering, and when."""

    uidvalidity: int
    uid: int
    looked_at: datetime


@dataclass(frozen=True, slots=True)
class AnsweredTicket:
    """A ticket the developer writes about. `minutes` are estimated, `minutes_done` booked."""

    id: int
    state: TicketState
    kind: Kind
    client: str | None
    sender_key: str
    subject: str
    minutes: int
    minutes_done: int
    thread: int | None = None


@dataclass(frozen=True, slots=True)
class Unbooked:
    """Minutes that wait to be booked. `written` is None where nobody wrote how long it took; `estimated` and `done` are
    the ticket's, None without one; `since` were booked on it in another way after the mail."""

    number: int
    ticket: int | None
    client: str | None
    subject: str
    written: int | None
    estimated: int | None
    done: int | None
    since: int
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of the developer's. `answers` is the id it answers; `place` names inbox, folder, numbering and UID."""

    place: tuple[str, str, int, int]
    sent_at: datetime
    message_id: str
    answers: str
    recipient: str
    subject: str
    text: str
    thread: int | None = None
    ticket: int | None = None
    client: str | None = None
    minutes: int | None = None
    offer: OfferState = ""


class SentMails(Rows):
    """The rows of the developer's own mails."""

    def seen(self, inbox: str, folder: str) -> Seen | None:
        """Given a Sent folder, return how far it was looked through, or None for the first time."""
        row = self._db.execute(
            "SELECT uidvalidity, uid, looked_at FROM sent_folder WHERE inbox = ? AND name = ?", (inbox, folder)
        ).fetchone()
        return Seen(row[0], row[1], instant(row[2])) if row else None

    def set_seen(self, inbox: str, folder: str, uidvalidity: int, uid: int, now: datetime) -> None:
        """Given a Sent folder, remember that it was looked through up to a UID; never back within one numbering."""
        self._db.execute(
            "INSERT INTO sent_folder (inbox, name, uidvalidity, uid, looked_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (inbox, name) DO UPDATE SET looked_at = excluded.looked_at, uid = CASE"
            " WHEN sent_folder.uidvalidity = excluded.uidvalidity AND sent_folder.uid > excluded.uid"
            " THEN sent_folder.uid ELSE excluded.uid END, uidvalidity = excluded.uidvalidity",
            (inbox, folder, uidvalidity, uid, stamp(now)),
        )

    def knows(self, message_id: str) -> bool:
        """Given a Message-ID, return whether that mail of the developer's was taken in before."""
        return self._db.execute("SELECT 1 FROM sent_mail WHERE message_id = ?", (message_id,)).fetchone() is not None

    def add(self, mail: SentMail) -> int | None:
        """Given a mail, add it; return its number, or None when that place has a row."""
        row = self._db.execute(
            "INSERT INTO sent_mail (inbox, folder, uidvalidity, uid, sent_at, message_id, answers, recipient, subject,"
            " text, thread, ticket, client, minutes, offer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING RETURNING id",
            (
                *mail.place,
                stamp(mail.sent_at),
                mail.message_id or None,
                mail.answers or None,
                mail.recipient,
                mail.subject,
                mail.text,
                mail.thread,
                mail.ticket,
                mail.client,
                mail.minutes,
                mail.offer,
            ),
        ).fetchone()
        return int(row[0]) if row else None

    def answer_to(self, message_id: str) -> tuple[int, SentMail] | None:
        """Given the id of a client's mail, return the first mail of the developer's that answers it and has no thread
        yet, because the client's was not decided then, with its number; or None."""
        row = self._db.execute(
            "SELECT id, sent_at, message_id, recipient, subject, text, client, minutes FROM sent_mail"
            " WHERE answers = ? AND thread IS NULL ORDER BY sent_at, id LIMIT 1",
            (message_id,),
        ).fetchone()
        if not message_id or row is None:
            return None
        number, sent_at, own_id, recipient, subject, text, client, minutes = row
        place = ("", "", 0, 0)
        mail = SentMail(place, instant(sent_at), own_id or "", message_id, recipient, subject, text)
        return number, replace(mail, client=client, minutes=minutes)

    def attach(self, number: int, thread: int, ticket: int | None, client: str | None, offer: OfferState) -> None:
        """Given a mail's number and where it belongs, remember that."""
        self._db.execute(
            "UPDATE sent_mail SET thread = ?, ticket = ?, client = ?, offer = ? WHERE id = ?",
            (thread, ticket, client, offer, number),
        )

    def ticket_of_thread(self, thread: int) -> AnsweredTicket | None:
        """Given a thread, return its newest ticket, an open one first; one that was merged stands for the other."""
        return self._ticket(
            "WHERE (thread = ? OR id IN (SELECT ticket FROM mail WHERE thread = ?)) AND merged_into IS NULL"
            f" ORDER BY state IN ({_OPEN}) DESC, id DESC LIMIT 1",
            (thread, thread),
        )

    def find_ticket(self, number: int) -> AnsweredTicket | None:
        """Given a ticket's number, return it, or None."""
        return self._ticket("WHERE id = ?", (number,))

    def _ticket(self, condition: str, values: tuple[object, ...]) -> AnsweredTicket | None:
        row = self._db.execute(f"SELECT {_TICKET} FROM ticket {condition}", values).fetchone()
        return AnsweredTicket(*row) if row else None

    def people(self, thread: int) -> tuple[frozenset[str], frozenset[str]]:
        """Given a thread, return the clients and the addresses (as sender keys) whose conversation it is."""
        rows = self._db.execute(
            "SELECT client, sender_key FROM mail WHERE thread = ? UNION SELECT client, sender_key FROM ticket"
            " WHERE thread = ?",
            (thread, thread),
        ).fetchall()
        return frozenset(row[0] for row in rows if row[0]), frozenset(row[1] for row in rows if row[1])

    def hand_back(self, ticket: int, who: str, mail: int, now: datetime) -> None:
        """Given a ticket whose client goes on writing, and the mail, give the developer the turn again: what was done
        is not done yet, what the client was waited for is here. An open estimate keeps waiting for its answer."""
        row = self._db.execute(
            "UPDATE ticket SET state = CASE state WHEN 'done' THEN 'doing' ELSE 'new' END, changed_at = ?,"
            " version = version + 1 WHERE id = ? AND (state = 'done'"
            " OR (state = 'waiting-client' AND expires_at IS NULL)) RETURNING state",
            (stamp(now), ticket),
        ).fetchone()
        if row is not None:
            self._db.execute(
                "INSERT INTO event (at, ticket, mail, who, what, why) VALUES (?, ?, ?, ?, ?, ?)",
                (stamp(now), ticket, mail, who, row[0], "the client writes again"),
            )

    def has_open_offer(self, ticket: int) -> bool:
        """Given a ticket, return whether minutes of it wait to be booked."""
        sql = "SELECT 1 FROM sent_mail WHERE ticket = ? AND offer = 'open' LIMIT 1"
        return self._db.execute(sql, (ticket,)).fetchone() is not None

    def end_guesses(self, ticket: int) -> None:
        """Given a ticket for which minutes are written now, take back those that were only guessed."""
        self._db.execute(
            "UPDATE sent_mail SET offer = '' WHERE ticket = ? AND offer = 'open' AND minutes IS NULL", (ticket,)
        )

    def unbooked(self) -> list[Unbooked]:
        """Return the minutes that wait to be booked, the oldest first."""
        rows = self._db.execute(
            "SELECT sent_mail.id, sent_mail.ticket, coalesce(sent_mail.client, ticket.client),"
            " coalesce(ticket.subject, sent_mail.subject), sent_mail.minutes, ticket.minutes, ticket.minutes_done,"
            " (SELECT coalesce(sum(entry.minutes), 0) FROM entry WHERE entry.ticket = ticket.id"
            f" AND entry.created_at > sent_mail.sent_at AND entry.key NOT LIKE '{BOOKED_KEY}%'), sent_mail.sent_at"
            " FROM sent_mail LEFT JOIN ticket ON ticket.id = sent_mail.ticket WHERE sent_mail.offer = 'open'"
            " ORDER BY sent_mail.sent_at, sent_mail.id"
        )
        return [Unbooked(*(*row[:8], instant(row[8]))) for row in rows]

    def end_offer(self, number: int, state: OfferState) -> bool:
        """Given an open offer's number, end it. Return False when it was ended before."""
        ended = self._db.execute("UPDATE sent_mail SET offer = ? WHERE id = ? AND offer = 'open'", (state, number))
        return ended.rowcount == 1
