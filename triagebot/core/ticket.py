"""Tickets: work somebody is owed, and which open one a new mail belongs to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from triagebot.core.decision import TicketState
from triagebot.core.rules.fold import fold
from triagebot.core.rules.rule import Kind

OPEN_STATES: tuple[TicketState, ...] = ("new", "waiting-client", "accepted", "planned", "doing", "done")
_WORD = re.compile(r"[^\W_]+")
SAME_MATTER = 0.5
"""Share of common words from which two texts with the same reason are the same request."""


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A ticket of the same sender or client that is not closed yet."""

    id: int
    kind: Kind
    reason: str | None
    text: str
    state: TicketState
    promise: date | None = None


def find_same_matter(tickets: Iterable[OpenTicket], kind: Kind, reason: str | None, text: str) -> OpenTicket | None:
    """Given open tickets of a sender, return the one a new request repeats, or None.

    It must be of the same kind and reason, and say much the same in words (Jaccard over folded words).
    """
    alike = [ticket for ticket in tickets if ticket.kind == kind and ticket.reason == reason]
    wanted = _words(text) if alike else frozenset()
    best: tuple[float, OpenTicket] | None = None
    for ticket in alike:
        score = _likeness(wanted, _words(ticket.text))
        if score >= SAME_MATTER and (best is None or score > best[0]):
            best = (score, ticket)
    return best[1] if best else None


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(fold(text)))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    return len(one & other) / len(one | other)
