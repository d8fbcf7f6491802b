"""Offers: tickets whose client was told a price, what comes of them, and gifts that were made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from triagebot.core.decision import Slot, TicketPlan, Turn
from triagebot.core.desk import Tier
from triagebot.core.money.offer import Estimate
from triagebot.core.rules.rule import Kind
from triagebot.core.tickets.offered import Offer
from triagebot.edge.store.rows import Connection, instant, stamp
from triagebot.edge.store.work.slots import Slots

_WAITING = "state = 'waiting-client' AND expires_at IS NOT NULL"
_COLUMNS = (
    "ticket.id, ticket.state, ticket.kind, ticket.minutes, ticket.tier, ticket.client, ticket.sender_key,"
    " ticket.text, coalesce(mail.language, ''), EXISTS (SELECT 1 FROM outbox WHERE outbox.ticket = ticket.id"
    " AND outbox.state IN ('sent', 'ambiguous')), ticket.expires_at, ticket.promise, ticket.price_low,"
    " ticket.price_high, ticket.currency, ticket.price_fixed, coalesce(ticket.closed_as, '')"
)


@dataclass(frozen=True, slots=True)
class Told:
    """The last mail of ours about a ticket: where it went, in which state it is, and what it answers."""

    state: str
    inbox: str
    recipient: str
    subject: str
    message_id: str
    thread: int | None
    request_id: str
    client: str | None
    kind: Kind
    tier: Tier


class Offers:
    """The rows of tickets as offers."""

    def __init__(self, connection: Connection, slots: Slots) -> None:
        self._db = connection
        self._slots = slots

    def record_terms(self, ticket: int, plan: TicketPlan, now: datetime) -> None:
        """Given a new ticket and its plan, write down on what terms it was taken: the price told, until when, or why
        it costs nothing."""
        if plan.billing:
            self._db.execute("UPDATE ticket SET billing = ? WHERE id = ?", (plan.billing, ticket))
            self._tell(ticket, None, "triagebot", f"taken as {plan.billing}", "nothing is billed for it", now)
        if plan.expires_at is None:
            return
        self._set_price(ticket, plan.price, plan.expires_at, fixed=False)
        self._tell(ticket, None, "triagebot", "price told", _say(plan.price, plan.expires_at), now)

    def offer(self, ticket: int, who: str, plan: TicketPlan, today: date, now: datetime) -> None:
        """Given a ticket and the plan of a quote with its fixed price, let it wait for the client's yes."""
        self._set_price(ticket, plan.price, plan.expires_at, fixed=True)
        self._set_state(ticket, plan.state, plan, None, now)
        self._replace_slots(ticket, plan, today)
        self._tell(ticket, None, who, "quoted", _say(plan.price, plan.expires_at), now)

    def turn(self, turn: Turn, who: str, mail: int | None, today: date, now: datetime) -> None:
        """Given what an answer makes of a ticket and who gave it in which mail, write it down."""
        self._set_state(turn.ticket, turn.state, turn.plan, turn.closed_as or None, now)
        if turn.state == "closed":
            self._slots.free(turn.ticket, today)
        elif turn.plan is not None:
            self._replace_slots(turn.ticket, turn.plan, today)
        what = f"{turn.state} ({turn.closed_as})" if turn.closed_as else turn.state
        self._tell(turn.ticket, mail, who, what, turn.why, now)

    def answered(self, own_ids: Sequence[str], thread: int | None, today: date) -> Offer | None:
        """Given the ids of our own mails that a mail names, the nearest first, and its thread, return the offer it
        answers: that of the mail of ours it names, else the only one in the thread that waits, else the last one."""
        for own_id in own_ids:
            row = self._db.execute(
                "SELECT coalesce(ticket.merged_into, ticket.id) FROM outbox JOIN ticket ON ticket.id = outbox.ticket"
                " WHERE outbox.message_id = ?",
                (own_id,),
            ).fetchone()
            if row is not None:
                return self.find(row[0], today, told=True)
        if thread is None:
            return None
        rows = self._db.execute(
            "SELECT id, state FROM ticket WHERE thread = ? AND expires_at IS NOT NULL AND merged_into IS NULL"
            " ORDER BY id DESC",
            (thread,),
        ).fetchall()
        waiting = [number for number, state in rows if state == "waiting-client"]
        if len(waiting) > 1 or not rows:
            return None  # which one is meant, only a person can tell
        return self.find((waiting or [rows[0][0]])[0], today)

    def find(self, ticket: int, today: date, *, told: bool = False) -> Offer | None:
        """Given a ticket, return it as an offer with the slots it holds from today on; None when it is none. `told`: it
        is known that the client has read it."""
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM ticket LEFT JOIN mail ON mail.id = ticket.mail"
            " WHERE ticket.id = ? AND ticket.expires_at IS NOT NULL",
            (ticket,),
        ).fetchone()
        if row is None:
            return None
        number, state, kind, minutes, tier, client, sender_key, request, language = row[:9]
        left, ends, promise, low, high, currency, fixed, closed_as = row[9:]
        slots = self._db.execute(
            "SELECT day, minutes, urgent FROM slot WHERE ticket = ? AND day >= ? ORDER BY day", (ticket, str(today))
        )
        return Offer(
            ticket=number,
            state=state,
            kind=kind,
            minutes=minutes,
            tier=tier,
            client=client,
            sender_key=sender_key,
            request=request,
            language=language,
            told=told or bool(left),
            expires_at=instant(ends),
            promise=date.fromisoformat(promise) if promise else None,
            slots=tuple(Slot(date.fromisoformat(day), length, bool(urgent)) for day, length, urgent in slots),
            price=Estimate(minutes, Decimal(low), Decimal(high), currency) if high is not None else None,
            fixed=bool(fixed),
            closed_as=closed_as,
        )

    def waiting(self, client: str) -> tuple[int, ...]:
        """Given a client, return the tickets that wait for its yes to a price."""
        rows = self._db.execute(f"SELECT id FROM ticket WHERE client = ? AND {_WAITING} ORDER BY id", (client,))
        return tuple(row[0] for row in rows)

    def telling(self, ticket: int) -> Told | None:
        """Given a ticket, return the last mail of ours to its client about it, or None. A quote counts only when it
        was sent: until then the mail before it is the last one."""
        row = self._db.execute(
            "SELECT outbox.state, outbox.inbox, outbox.recipient, outbox.subject, outbox.message_id, outbox.thread,"
            " coalesce(mail.message_id, ''), ticket.client, ticket.kind, ticket.tier"
            " FROM outbox JOIN ticket ON ticket.id = outbox.ticket LEFT JOIN mail ON mail.id = ticket.mail"
            " WHERE outbox.ticket = ? AND outbox.class IN ('auto', 'approved')"
            " ORDER BY outbox.state IN ('sent', 'ambiguous') DESC, outbox.id DESC LIMIT 1",
            (ticket,),
        ).fetchone()
        return Told(*row) if row else None

    def subject_of(self, ticket: int) -> Told | None:
        """Given a ticket about which no mail of ours is known, return what a first one needs to know of it."""
        row = self._db.execute(
            "SELECT '', '', '', '', '', ticket.thread, coalesce(mail.message_id, ''), ticket.client, ticket.kind,"
            " ticket.tier FROM ticket LEFT JOIN mail ON mail.id = ticket.mail WHERE ticket.id = ?",
            (ticket,),
        ).fetchone()
        return Told(*row) if row else None

    def unsent_quotes(self, ticket: int) -> tuple[int, ...]:
        """Given a ticket, return the rows of its quotes that no client has seen."""
        rows = self._db.execute(
            "SELECT id FROM outbox WHERE ticket = ? AND answers = 'quote' AND state IN ('draft', 'drafted', 'shadow')",
            (ticket,),
        )
        return tuple(row[0] for row in rows)

    def expired(self, now: datetime) -> tuple[int, ...]:
        """Given now, return the tickets whose offer has ended without an answer."""
        rows = self._db.execute(
            f"SELECT id FROM ticket WHERE {_WAITING} AND expires_at <= ? ORDER BY id", (stamp(now),)
        )
        return tuple(row[0] for row in rows)

    def was_gifted(self, client: str) -> bool:
        """Given a client, return whether it had a courtesy before: for ever, but for one that was only rehearsed."""
        row = self._db.execute(
            "SELECT 1 FROM ticket WHERE client = ? AND billing = 'courtesy' AND NOT EXISTS (SELECT 1 FROM outbox"
            " WHERE outbox.ticket = ticket.id AND outbox.state = 'shadow')"
            " UNION ALL SELECT 1 FROM entry WHERE client = ? AND source = 'courtesy' LIMIT 1",
            (client, client),
        ).fetchone()
        return row is not None

    def _set_price(self, ticket: int, price: Estimate | None, ends: datetime | None, *, fixed: bool) -> None:
        told = (str(price.low), str(price.high), price.currency) if price else (None, None, None)
        self._db.execute(
            "UPDATE ticket SET price_low = ?, price_high = ?, currency = ?, price_fixed = ?, expires_at = ?"
            " WHERE id = ?",
            (*told, int(fixed), stamp(ends) if ends else None, ticket),
        )

    def _set_state(
        self, ticket: int, state: str, plan: TicketPlan | None, closed_as: str | None, now: datetime
    ) -> None:
        self._db.execute(
            "UPDATE ticket SET state = ?, closed_as = ?, changed_at = ?, version = version + 1 WHERE id = ?",
            (state, closed_as, stamp(now), ticket),
        )
        if plan is not None:
            days = [day.isoformat() if day else None for day in (plan.promise, plan.due, plan.answer_due)]
            self._db.execute(
                "UPDATE ticket SET minutes = ?, promise = ?, due = ?, answer_due = ? WHERE id = ?",
                (plan.minutes, *days, ticket),
            )

    def _replace_slots(self, ticket: int, plan: TicketPlan, today: date) -> None:
        self._slots.free(ticket, today)
        (tier,) = self._db.execute("SELECT tier FROM ticket WHERE id = ?", (ticket,)).fetchone()
        self._slots.add(ticket, tier, plan.slots)

    def _tell(self, ticket: int, mail: int | None, who: str, what: str, why: str, now: datetime) -> None:
        self._db.execute(
            "INSERT INTO event (at, ticket, mail, who, what, why) VALUES (?, ?, ?, ?, ?, ?)",
            (stamp(now), ticket, mail, who, what, why),
        )


def _say(price: Estimate | None, ends: datetime | None) -> str:
    until = f"until {stamp(ends)}" if ends else ""
    if price is None:
        return f"none, by the hour, {until}"
    amount = f"{price.low}" if price.low == price.high else f"{price.low} to {price.high}"
    return f"{amount} {price.currency}, {until}"
