"""Tickets to look at: the list with what breaks first on top, and one with its story."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from triagebot.app.desk.opening import reading
from triagebot.app.desk.view import DeskView
from triagebot.app.tickets.agenda import find_risks, make_plan
from triagebot.core.decision import TicketState
from triagebot.core.errors import StoreError
from triagebot.core.hours.agenda import minutes_left
from triagebot.core.money.entry import Account, Entry
from triagebot.core.tickets.ticket import OPEN_STATES
from triagebot.edge.store import Store
from triagebot.edge.store.rows import instant
from triagebot.edge.wording import say_time

Urgency = Literal["broken", "today", "at risk", ""]
"""A promise that has passed; one of today; one that is planned to be kept with no day to spare, or later."""
_ORDER: tuple[Urgency, ...] = ("broken", "today", "at risk", "")


def list_tickets(
    view: DeskView, states: Sequence[TicketState], now: datetime, client: str | None = None
) -> list[dict[str, Any]]:
    """Given a desk, states, now and maybe a client's id or a sender's address, return the tickets in them, what breaks
    first on top: with `urgency`, `age` in days and `left`, the minutes of work to come."""
    today = view.calendar.local(now).date()
    with reading(view) as store:
        rows: list[dict[str, Any]] = store.tickets.listing(states, client)
        risky = {risk.ticket.ticket for risk in find_risks(make_plan(store, view, now), view.calendar, now)}
    for row in rows:
        row["urgency"] = _judge(row, today, risky)
        row["age"] = max(0, (today - view.calendar.local(instant(row["opened_at"])).date()).days)
        working = row["state"] in OPEN_STATES and row["state"] != "done"
        row["left"] = minutes_left(row["minutes"], row["minutes_done"]) if working else 0
    return sorted(rows, key=lambda row: (_ORDER.index(row["urgency"]), _next_date(row) or "9999", row["opened_at"]))


def read_ticket(view: DeskView, number: int) -> dict[str, Any]:
    """Given a ticket's number, return it with its story, mails, minutes booked and slots, times in the desk's zone.
    Raise StoreError."""
    with reading(view) as store:
        ticket: dict[str, Any] | None = store.tickets.find(number)
        if ticket is None:
            raise StoreError(f"there is no ticket {number}; see `triagebot tickets --all`")
        ticket |= _gather(store, number, ticket["client"])
    for entry in (ticket, *ticket["events"], *ticket["mails"]):
        for key in {"opened_at", "answered_at", "at"} & entry.keys():
            entry[key] = say_time(instant(entry[key]), view.calendar.zone) if entry[key] else None
    return ticket


def _gather(store: Store, number: int, client: str | None) -> dict[str, Any]:
    mails = [
        {"id": mail.id, "at": mail.received_at.isoformat(), "sender": mail.sender, "subject": mail.subject}
        for mail in store.changes.mails_of(number)
    ]
    booked = [
        {"day": entry.day.isoformat(), "minutes": entry.minutes, "note": entry.note, "pays": _payer(entry)}
        for entry in (store.ledger.entries(client) if client else ())
        if entry.ticket == number
    ]
    return {"mails": mails, "booked": booked, "slots": store.changes.slots_of(number)}


def _payer(entry: Entry) -> Account:
    """Who pays: the account across from the work."""
    return entry.source if entry.target == "worked" else entry.target


def _judge(row: dict[str, Any], today: date, risky: set[int]) -> Urgency:
    next_date = _next_date(row)
    if row["state"] in ("done", "closed", "waiting-client") or next_date is None:
        return ""
    if next_date <= today.isoformat():
        return "today" if next_date == today.isoformat() else "broken"
    return "at risk" if row["id"] in risky else ""


def _next_date(row: dict[str, Any]) -> str | None:
    """The next date the client was told: of the first answer while they wait for it, else of the work."""
    waiting = row["answer_due"] if row["answered_at"] is None else None
    told = row["promise"] if row["answered_at"] is None or row["answer_due"] is None else row["due"] or row["promise"]
    dates = [day for day in (waiting, told) if day]
    return min(dates) if dates else None
