"""Settlement: a mail that answers an offer of ours, decided: the ticket's turn and the one mail that confirms it."""

from dataclasses import replace
from datetime import datetime

from triagebot.core.answer import Reading, reply_values
from triagebot.core.decision import Authentication, Decision, MailState, ReplyPlan, Step, Turn
from triagebot.core.desk import Mode
from triagebot.core.facts import Book, Facts
from triagebot.core.hours.planner import is_long_wait
from triagebot.core.mail import Mail
from triagebot.core.reading.text import reply_subject
from triagebot.core.sender.identify import choose_destination
from triagebot.core.tickets.consent import (
    AGREED,
    Reaction,
    accept,
    decline,
    hand_over,
    proposes_yes,
    react,
)
from triagebot.core.tickets.offered import ASSENT, Offer

ACCEPTED, DECLINED, EXPIRED = "accepted", "declined", "expired"
"""The reply files that confirm a yes and a no, and that end an offer nobody answered."""


def settle(
    decision: Decision, mail: Mail, authentication: Authentication, facts: Facts, book: Book, now: datetime
) -> Decision | None:
    """Given what is decided so far about a readable mail, return the whole decision when it answers an offer, or None
    when it is a mail like any other. What broke meanwhile, and thanks after a yes, are no answers to a price."""
    offer = facts.offer
    if decision.kind == "emergency" or (decision.kind == "thanks" and offer and offer.state in AGREED):
        return None
    if offer is None:
        return _propose(decision, mail, facts)
    reaction = react(mail.content.new_text, decision.sender, facts.person, decision.guard, offer, book.desk)
    if reaction is None:
        return None
    decision = replace(decision, trail=(*decision.trail, reaction.step))
    if reaction.effect in ("accept", "decline"):
        return _confirm(decision, mail, authentication, offer, reaction, facts, book, now)
    if reaction.effect == "hand over":
        return replace(decision, turn=hand_over(offer, reaction.words), state="held")
    theirs = decision.sender.client == offer.client and (offer.client or facts.person == offer.sender_key)
    state = decision.state if reaction.effect == "hold" else "merged"
    return replace(decision, joins=offer.ticket if theirs else None, state=state)


def _propose(decision: Decision, mail: Mail, facts: Facts) -> Decision | None:
    """A bare yes outside of the thread: the developer is told what it may mean."""
    if len(facts.open_offers) != 1 or not proposes_yes(mail.content.new_text, decision.sender, decision.guard):
        return None
    ticket = facts.open_offers[0]
    why = f"a yes in a thread of its own; it may be meant for ticket {ticket}, the one that waits for it"
    return replace(decision, joins=ticket, state="held", trail=(*decision.trail, Step(ASSENT, "held", why)))


def _confirm(
    decision: Decision,
    mail: Mail,
    authentication: Authentication,
    offer: Offer,
    reaction: Reaction,
    facts: Facts,
    book: Book,
    now: datetime,
) -> Decision:
    """The ticket's turn with its mail; where that mail may not leave, nothing is agreed to by itself."""
    sender, settings = decision.sender, book.desk.desk
    mode: Mode = settings.tier_modes.get(sender.tier, settings.mode)
    destination = choose_destination(mail, authentication, sender, book.desk)
    blocked = destination.code or "no destination" if not destination.address else _blocked(facts, mode)
    if blocked:
        step = Step("reply", "held", f"{blocked}: nothing is agreed to without a confirmation")
        trail = (*decision.trail, *destination.trail, step)
        return replace(decision, turn=hand_over(offer, reaction.words), state="held", trail=trail)
    agreed = reaction.effect == "accept"
    if agreed:
        turn = accept(offer, book.calendar, facts.booked, now, reaction.words, silent=facts.silent)
    else:
        turn = decline(offer, reaction.words)
    closing = ACCEPTED if agreed else DECLINED
    reply = _plan_reply(decision, mail, destination.address, closing, mode, turn, offer, facts, book, now)
    trail = (*decision.trail, *destination.trail, Step("ticket", turn.state, turn.why), Step("reply", mode, closing))
    state: MailState = "planned" if turn.state == "planned" else "answered"
    return replace(decision, turn=turn, reply=reply, mode=mode, state=state, trail=trail)


def _blocked(facts: Facts, mode: Mode) -> str:
    """Caps do not count here (design.md section 8); what stops all automatic mail does."""
    tally = facts.tallies.get(mode, facts.tally)
    if tally.breaker:
        return "the desk's breaker is open"
    if tally.latched:
        return "this conversation looked like two machines"
    return "mail to this address came back" if tally.suppressed else ""


def _plan_reply(
    decision: Decision,
    mail: Mail,
    address: str,
    closing: str,
    mode: Mode,
    turn: Turn,
    offer: Offer,
    facts: Facts,
    book: Book,
    now: datetime,
) -> ReplyPlan:
    """A yes is too short to tell its language, so the request's counts."""
    sender, desk = decision.sender, book.desk
    client = desk.client_by_id(sender.client or "")
    wanted = (client.language if client else "", offer.language, decision.language, desk.desk.language)
    values = reply_values(Reading(), sender, None, desk, book.calendar, facts.booked, now)
    return ReplyPlan(
        answers=(),
        closing=closing,
        languages=tuple(dict.fromkeys(language for language in wanted if language)),
        to=address,
        subject=reply_subject(mail.subject) if client and mail.subject else "",
        mode=mode,
        values=replace(
            values,
            promise=turn.promise,
            waiting=is_long_wait(turn.promise, book.calendar, now),
            estimate=offer.price,
        ),
        delay=desk.outbox.delay,
    )
