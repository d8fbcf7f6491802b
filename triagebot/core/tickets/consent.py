"""Consent: what a client's answer to an estimate or a quote does to its ticket (design.md section 8).

Money hangs on it. Only who was told the price can agree to it, only with a plain yes, and only in answer to the mail
that told it; everything else is for the developer. Each state of a ticket answers once, so nothing can go round.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from triagebot.core.decision import Guard, Sender, Step, TicketPlan, TicketState, Turn
from triagebot.core.desk import Desk
from triagebot.core.hours.calendar import Calendar
from triagebot.core.hours.planner import Booked
from triagebot.core.reading.address import sender_key
from triagebot.core.reading.assent import Assent, read_assent
from triagebot.core.tickets.offered import ASSENT, Offer
from triagebot.core.tickets.work import plan_work

Effect = Literal["accept", "decline", "hand over", "hold", "repeat"]
"""`hand over`: it is the developer's turn; `hold`: a person reads it, the ticket stays; `repeat`: said before."""

_OWED: tuple[TicketState, ...] = ("accepted", "planned", "doing")
AGREED = (*_OWED, "done")
"""States after a yes."""
_HARMLESS = frozenset(("reply-to-auto",))
_WORDS = {
    "yes": "the client says yes",
    "no": "the client says no",
    "but": "the client says more than yes or no",
    "question": "the client asks something",
}


@dataclass(frozen=True, slots=True)
class Reaction:
    """What an answer to an offer leads to, with the step that says why."""

    effect: Effect
    step: Step
    words: str


def react(new_text: str, sender: Sender, person: str, guard: Guard, offer: Offer, desk: Desk) -> Reaction | None:
    """Given the new text of an answer in an offer's thread, who wrote it, what the guard says and the offer, return
    what follows, or None when it is a mail like any other."""
    assent = read_assent(new_text, offer.request)
    if assent is None or sender.auth != "pass" or not offer.told:
        return None
    words = _WORDS[assent]
    if not _is_theirs(offer, sender, person, desk):
        who = f"{words}, but not from the address that asked: ticket {offer.ticket} stays as it is"
        return Reaction("hold", Step(ASSENT, "held", who), words)
    effect = _choose(assent, guard, offer)
    if effect is None:
        return None
    return Reaction(effect, Step(ASSENT, effect, f"{words}: ticket {offer.ticket}, {_describe(offer)}"), words)


def proposes_yes(new_text: str, sender: Sender, guard: Guard) -> bool:
    """Given a mail outside of any offer's thread, return whether it is a bare yes of a proven client: to what, only a
    person can tell."""
    return sender.auth == "pass" and sender.client is not None and _is_clear(guard) and read_assent(new_text) == "yes"


def accept(
    offer: Offer, calendar: Calendar, booked: Booked, now: datetime, words: str, *, silent: bool = False
) -> Turn:
    """Given an offer that is accepted, return its ticket's turn. The date that was held stays; where it is past, or
    the offer expired before this, it gets a new one, which a `silent` desk does not tell."""
    held = offer.promise is not None and bool(offer.slots) and offer.promise >= calendar.first_plannable_day(now)
    if held and now <= offer.expires_at:
        return Turn(offer.ticket, "planned", words, promise=offer.promise)
    freed = tuple(replace(slot, minutes=-slot.minutes) for slot in offer.slots)  # it makes room for itself
    free = booked.add(offer.tier, freed)
    plan = plan_work(offer.kind, offer.minutes, "planned", offer.tier, calendar, free, now)
    if not plan.slots:
        return Turn(offer.ticket, "accepted", f"{words}; no support hour is free for it", plan=plan)
    # What is agreed to is promised by its end, to a retainer too.
    plan = replace(plan, promise=None if silent else plan.due, answer_due=None)
    return Turn(offer.ticket, "planned", f"{words}; planned anew", promise=plan.promise, plan=plan)


def take_back(turn: Turn | None) -> Turn | None:
    """Given the turn of a ticket whose confirmation cannot be written, return the developer's turn instead."""
    if turn is None:
        return None
    return Turn(turn.ticket, "new", f"{turn.why}; no confirmation could be written")


def hand_over(offer: Offer, words: str) -> Turn:
    """Given an offer whose client says what a person must read, return its ticket's turn: the developer's."""
    return Turn(offer.ticket, "new", f"{words}; {_describe(offer)}")


def decline(offer: Offer, words: str) -> Turn:
    """Given an offer that is declined, return its ticket's turn: it is closed."""
    return Turn(offer.ticket, "closed", words, closed_as="declined")


def withdraw(plan: TicketPlan | None) -> TicketPlan | None:
    """Given the ticket of a mail that gets no answer, return it without what the client was to be told: nobody was
    asked for a yes, no price was told and no gift announced, so it is the developer's turn."""
    if plan is None or not (plan.state == "waiting-client" or plan.expires_at or plan.billing == "courtesy"):
        return plan
    return replace(plan, state="new", price=None, expires_at=None, billing="")


def _is_theirs(offer: Offer, sender: Sender, person: str, desk: Desk) -> bool:
    """Is it the person who was told the price? For a request by telephone: any listed address of the client."""
    if sender.client != offer.client:
        return False
    if offer.sender_key:
        return person == offer.sender_key
    client = desk.client_by_id(offer.client or "")
    return client is not None and person in {sender_key(address) for address in client.addresses}


def _is_clear(guard: Guard) -> bool:
    return guard.verdict in ("ok", "human") and set(guard.codes) <= _HARMLESS


def _choose(assent: Assent, guard: Guard, offer: Offer) -> Effect | None:
    waiting: dict[Assent, Effect] = {"yes": "accept", "no": "decline", "but": "hand over", "question": "hand over"}
    if offer.state == "waiting-client":
        return waiting[assent] if _is_clear(guard) else "hand over"
    if offer.state == "closed" and offer.closed_as:
        return "repeat" if assent == "no" else "hand over"
    if offer.state in _OWED:
        return "repeat" if assent == "yes" else "hold"
    return "hold" if offer.state == "new" else None


def _describe(offer: Offer) -> str:
    price = offer.price
    if price is None:
        told = "no price was told"
    else:
        amount = f"{price.low}" if price.low == price.high else f"{price.low} to {price.high}"
        told = f"price told was {amount} {price.currency}"
    ended = {"expired": ", it had expired", "declined": ", it was declined before"}.get(offer.closed_as, "")
    return f"{told}{ended}"
