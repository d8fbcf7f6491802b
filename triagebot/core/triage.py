"""Triage: from a mail, the facts, the desk's book and a moment to a decision. Pure; the trail tells every step."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from triagebot.core.answer import Reading, choose_answers, effective_mode, reply_values
from triagebot.core.calendar import Calendar, moments
from triagebot.core.decision import (
    Authentication,
    Decision,
    Guard,
    MailState,
    ReplyPlan,
    RuleMatch,
    Sender,
    Step,
    TicketPlan,
)
from triagebot.core.desk import Desk
from triagebot.core.guard.judge import GuardFacts, judge
from triagebot.core.limits import Tally, check_caps
from triagebot.core.mail import Mail
from triagebot.core.planner import Booked
from triagebot.core.reading.text import reply_subject, strip_prefixes
from triagebot.core.rules.fold import is_unspaced
from triagebot.core.rules.match import Matter, Rulebook
from triagebot.core.rules.rule import DEMAND, Kind
from triagebot.core.sender.identify import choose_destination, identify
from triagebot.core.ticket import OpenTicket, find_same_matter
from triagebot.core.work import plan_ticket

THANKS_WORDS = 25
"""A mail only thanks when its new text is this short and asks nothing."""
_QUESTION_MARKS = "?\uff1f\u061f"
SOLVED = "/solved"
"""How the reason of a thanks rule ends that says the matter is solved."""
_READABLE = ("ok", "capped", "human")
_HISTORY_CODES = ("backfill", "too-old")


@dataclass(frozen=True, slots=True)
class Book:
    """What the desk's files say, as one immutable snapshot."""

    desk: Desk
    rules: Rulebook
    calendar: Calendar
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database knows that matters for one mail; all of it is read in the deciding transaction."""

    loop_code: str
    is_own_id: Callable[[str], str | None]
    tally: Tally = Tally()
    booked: Booked = Booked()
    open_tickets: tuple[OpenTicket, ...] = ()
    thread_ticket: int | None = None
    first_start: datetime | None = None
    backfill: bool = False
    rescan: bool = False
    auto_sent_within_10_minutes: bool = False
    in_junk: bool = False
    duplicate: bool = False
    id_reused: bool = False
    alerted: bool = False


def triage(
    mail: Mail,
    authentication: Authentication,
    facts: Facts,
    book: Book,
    now: datetime,
    sender: Sender | None = None,
) -> Decision:
    """Given a mail with its authentication, the facts, the book and now (aware), return the decision.

    `sender` is what `identify` says of the mail, if the caller has asked it already.
    """
    sender = sender or identify(mail, authentication, book.desk)
    guard = _judge(mail, authentication, sender, facts, book.desk, now)
    trail = [*authentication.trail, *guard.trail, *sender.trail]
    decision = Decision(guard=guard, sender=sender, language=_detected_language(mail))
    ended = _end_early(guard, facts)
    if ended is not None:
        return replace(decision, state=ended, trail=tuple(trail))
    matches, steps = _match(mail, sender, book, now)
    reading = Reading.of(matches, book.rules)
    trail += steps
    decision = replace(
        decision,
        matches=matches,
        kind=reading.kind,
        reason=reading.reason,
        alert=_alerts(reading.kind, sender, facts, book),
    )
    if reading.kind == "thanks":
        return _accept_thanks(decision, facts, trail)
    joined = _joins(mail, sender, reading, facts)
    if guard.verdict == "human" and (authentication.state != "pass" or sender.client is None):
        trail.append(Step("ticket", "none", "held for the developer: no automatic work for this sender"))
        return replace(decision, trail=tuple(trail))
    ticket = None
    if joined is None:
        ticket = plan_ticket(reading, sender, guard, book.calendar, facts.booked, now)
    if joined is not None:
        trail += (_ticket_step(ticket, joined), Step("reply", "none", "the ticket's answer was given before"))
        return replace(decision, joins=joined, state="merged", trail=tuple(trail))
    if guard.verdict == "human":
        ticket = _unasked(ticket)
        trail.append(_ticket_step(ticket, joined))
        return replace(
            decision, ticket=ticket, state="planned" if ticket and ticket.slots else "held", trail=tuple(trail)
        )
    reply, steps, capped = _reply(mail, authentication, sender, reading, ticket, facts, book, now)
    if reply is None:
        ticket = _unasked(ticket)
    trail += (_ticket_step(ticket, joined), *steps)
    if capped:
        guard = replace(guard, verdict="capped", codes=(*capped, *guard.codes))
    return replace(
        decision,
        guard=guard,
        reply=reply,
        ticket=ticket,
        state=_final_state(reply, ticket, reading, suppressed=bool(capped) and sender.client is None),
        trail=tuple(trail),
    )


def _judge(
    mail: Mail, authentication: Authentication, sender: Sender, facts: Facts, desk: Desk, now: datetime
) -> Guard:
    guard = judge(
        mail,
        authentication,
        GuardFacts(
            own_addresses=desk.own_addresses,
            list_ids=desk.desk.list_ids,
            forms=tuple(form.sender for form in desk.form),
            loop_code=facts.loop_code,
            is_own_id=facts.is_own_id,
            now=now,
            first_start=facts.first_start,
            answer_within=desk.desk.answer_within,
            backfill=facts.backfill,
            auto_sent_within_10_minutes=facts.auto_sent_within_10_minutes,
            in_junk=facts.in_junk,
            answer_weak=desk.desk.answer_weak,
            lookalikes=tuple(flag for flag in sender.flags if flag.startswith("lookalike")),
        ),
    )
    if facts.id_reused and guard.verdict in _READABLE:
        step = Step("guard.id-reused", "human", "another mail carried the same Message-ID")
        return Guard("human", (*guard.codes, "id-reused"), (*guard.trail, step))
    return guard


def _end_early(guard: Guard, facts: Facts) -> MailState | None:
    """The states that need no look at the rules."""
    if facts.duplicate:
        return "merged"
    if "quarantine" in guard.codes:
        return "unreadable"
    if guard.verdict not in _READABLE:
        return "held" if guard.verdict == "calendar" else "suppressed"
    if "bad-from" in guard.codes:
        return "held"
    if any(code in guard.codes for code in _HISTORY_CODES):
        return "held" if facts.rescan else "history"
    return None


def _detected_language(mail: Mail) -> str:
    return mail.content.languages[0][0] if mail.content.languages else ""


def _match(mail: Mail, sender: Sender, book: Book, now: datetime) -> tuple[tuple[RuleMatch, ...], list[Step]]:
    quoted = bool(mail.parents) and strip_prefixes(mail.subject) != mail.subject
    matter = Matter(
        subject="" if quoted else mail.subject,  # the subject of a reply is what was said before
        text=mail.content.new_text,
        sender=sender.address,
        to=tuple(address.spec for address in mail.to),
        tier=sender.tier,
        client=sender.client,
        language=_detected_language(mail),
        moments=moments(book.desk, book.calendar, now),
        has_attachment=bool(mail.content.attachments),
    )
    found = book.rules.match(matter)
    steps = [Step(f"rule.{match.rule}", "match", ", ".join(match.words)) for match in found]
    if mail.parents and len(_thanking(found, book)) not in (0, len(found)):
        written = book.rules.match(replace(matter, subject=""))
        if written == _thanking(written, book):  # "Site is down" over words of thanks is no new outage
            steps.append(Step("rules.subject", "ignored", "an answer that only thanks repeats the subject"))
            found = written
    kept = tuple(match for match in found if book.rules.by_id(match.rule).kind != "thanks")
    if len(kept) == len(found) or not _says_more(mail.content.new_text):
        kept = found
    else:
        steps.append(Step("rules.thanks", "ignored", "the mail says more than thanks"))
    if not found:
        steps.append(Step("rules", "none", f"none of {len(book.rules.rules)} rules matched"))
    return kept, steps


def _thanking(found: tuple[RuleMatch, ...], book: Book) -> tuple[RuleMatch, ...]:
    return tuple(match for match in found if book.rules.by_id(match.rule).kind == "thanks")


def _says_more(text: str) -> bool:
    """Does a text with words of thanks ask something, or go on? Three letters without spaces count as a word."""
    words = len(text.split()) + sum(is_unspaced(character) for character in text) // 3
    return any(mark in text for mark in _QUESTION_MARKS) or words > THANKS_WORDS


def _alerts(kind: Kind | None, sender: Sender, facts: Facts, book: Book) -> bool:
    """Who is woken at once: retainers, clients who opted in; a claim alone counts, but not more than once an hour."""
    client = book.desk.client_by_id(sender.client or sender.claims or "")
    if kind != "emergency" or facts.alerted or client is None:
        return False
    return client.tier == "retainer" or client.emergency_alert


def _accept_thanks(decision: Decision, facts: Facts, trail: list[Step]) -> Decision:
    """Thanks close a ticket whose work is done, or when they say that the matter is solved. Politeness
    towards a promise ("thanks!") only joins it: the work is still owed."""
    ticket = facts.thread_ticket if decision.sender.auth == "pass" else None
    if ticket is None:
        trail.append(Step("thanks", "none", "no open ticket in this thread"))
        return replace(decision, state="suppressed", trail=tuple(trail))
    states = {one.id: one.state for one in facts.open_tickets}
    if states.get(ticket) == "done" or (decision.reason or "").endswith(SOLVED):
        trail.append(Step("thanks", "close", f"ticket {ticket} is solved"))
        return replace(decision, closes=ticket, state="merged", trail=tuple(trail))
    trail.append(Step("thanks", "joins", f"ticket {ticket} is still owed"))
    return replace(decision, joins=ticket, state="merged", trail=tuple(trail))


def _joins(mail: Mail, sender: Sender, reading: Reading, facts: Facts) -> int | None:
    if sender.auth != "pass":
        return None
    kinds = {ticket.id: ticket.kind for ticket in facts.open_tickets}
    # Something broke while other work was being talked about: that is a matter of its own, with the first slot.
    apart = reading.kind == "emergency" and kinds.get(facts.thread_ticket or 0, "emergency") != "emergency"
    if facts.thread_ticket is not None and not apart:
        return facts.thread_ticket
    if choose_answers(reading) and DEMAND.index(reading.rules[0].kind) > DEMAND.index("work"):
        return None
    text = f"{mail.subject}\n{mail.content.new_text}"
    same = find_same_matter(facts.open_tickets, reading.kind or "question", reading.reason, text)
    return same.id if same else None


def _unasked(ticket: TicketPlan | None) -> TicketPlan | None:
    """A ticket of a mail that gets no answer: nobody asked the client anything, so it is the developer's turn."""
    return replace(ticket, state="new") if ticket is not None and ticket.state == "waiting-client" else ticket


def _ticket_step(ticket: TicketPlan | None, joined: int | None) -> Step:
    if joined is not None:
        return Step("ticket", "joins", f"ticket {joined}")
    if ticket is None:
        return Step("ticket", "none", "nothing to be done by hand")
    when = f", promised for {ticket.promise}" if ticket.promise else ""
    return Step("ticket", ticket.state, f"{ticket.kind}, {ticket.minutes} minutes{when}")


def _reply(
    mail: Mail,
    authentication: Authentication,
    sender: Sender,
    reading: Reading,
    ticket: TicketPlan | None,
    facts: Facts,
    book: Book,
    now: datetime,
) -> tuple[ReplyPlan | None, list[Step], tuple[str, ...]]:
    destination = choose_destination(mail, authentication, sender, book.desk)
    steps = list(destination.trail)
    if not destination.address:
        return None, [*steps, Step("reply", "none", destination.code or "no destination")], ()
    known = sender.client is not None
    if reading.kind is None and not known:
        return None, [*steps, Step("reply", "none", "nothing matched and the sender is a stranger")], ()
    answers = choose_answers(reading)
    closing = f"closing.{reading.kind or 'unmatched'}"
    broken = check_caps(facts.tally, book.desk.limits, answers or (closing,), known=known, form=sender.form)
    if broken:
        steps += [Step(f"limits.{code}", "capped", why) for code, why in broken]
        return None, steps, tuple(dict.fromkeys(code for code, _ in broken))
    steps.append(Step("limits", "pass", "within all caps"))
    client = book.desk.client_by_id(sender.client or "")
    wanted = (client.language if client else "", _detected_language(mail), book.desk.desk.language)
    plan = ReplyPlan(
        answers=answers,
        closing=closing,
        languages=tuple(dict.fromkeys(language for language in wanted if language)),
        to=destination.address,
        subject=reply_subject(mail.subject) if known and mail.subject else "",
        mode=effective_mode(reading, sender.tier, book.desk.desk),
        values=reply_values(reading, sender, ticket, book.desk, book.calendar, facts.booked, now),
    )
    return plan, [*steps, Step("reply", plan.mode, ", ".join((*answers, closing)))], ()


def _final_state(
    reply: ReplyPlan | None, ticket: TicketPlan | None, reading: Reading, *, suppressed: bool
) -> MailState:
    if ticket is not None and ticket.slots:
        return "planned"
    if reply is not None:
        return "answered" if reading.rules else "acknowledged"
    return "suppressed" if suppressed and ticket is None else "held"
