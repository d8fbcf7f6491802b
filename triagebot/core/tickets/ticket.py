"""Tickets: work somebody is owed, the states it goes through, and which open one a new mail belongs to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from triagebot.core.decision import TicketState
from triagebot.core.rules.rule import Kind
from triagebot.core.tickets.matter import likeness, matter_of

OPEN_STATES: tuple[TicketState, ...] = ("new", "waiting-client", "accepted", "planned", "doing", "done")
LEGAL: Mapping[TicketState, tuple[TicketState, ...]] = {
    "new": ("waiting-client", "accepted", "planned", "doing", "done", "closed"),
    "waiting-client": ("new", "accepted", "planned", "doing", "done", "closed"),
    "accepted": ("waiting-client", "planned", "doing", "done", "closed"),
    "planned": ("new", "waiting-client", "doing", "done", "closed"),
    "doing": ("new", "waiting-client", "planned", "done", "closed"),
    "done": ("planned", "doing", "closed"),
    "closed": ("new", "planned"),
}
"""From each state, those that may follow (design.md, the states of a ticket). Staying is no change."""
SAME_MATTER = 0.5
"""Share of common words from which two texts with the same reason are the same request: in
tests/core/tickets/test_ticket.py repeats in five languages reach 0.63 and more, other requests 0.39 at most."""


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A ticket of the same sender or client that is not closed yet."""

    id: int
    kind: Kind
    reason: str | None
    text: str
    state: TicketState
    promise: date | None = None
    opened_at: datetime | None = None


def forbid_change(number: int, old: TicketState, new: TicketState) -> str:
    """Given a ticket's number, its state and the one wanted, return "" if it may follow, else a sentence that says
    what may."""
    if new in LEGAL[old]:
        return ""
    can = ", ".join(LEGAL[old])
    return f"ticket {number} is {old} and cannot become {new}; from there it can become {can}"


def find_same_matter(
    tickets: Iterable[OpenTicket], kind: Kind, reason: str | None, text: str, since: datetime | None = None
) -> OpenTicket | None:
    """Given open tickets of a sender, a new request and the moment since which one counts as repeated, return the
    ticket it repeats, or None.

    It must be of the same kind and reason, and say much the same: in the beginnings of its words, greetings and
    pleas left out (core/tickets/courtesy.py), and with a number in common where both name some.
    """
    recent = [one for one in tickets if since is None or one.opened_at is None or one.opened_at >= since]
    alike = [ticket for ticket in recent if ticket.kind == kind and ticket.reason == reason]
    wanted = matter_of(text) if alike else frozenset()
    best: tuple[float, OpenTicket] | None = None
    for ticket in alike:
        score = likeness(wanted, matter_of(ticket.text))
        if score >= SAME_MATTER and (best is None or score > best[0]):
            best = (score, ticket)
    return best[1] if best else None
