"""Triage: from a mail, the facts, the desk's book and a moment to a decision. Pure; the trail tells every step."""

from dataclasses import replace
from datetime import datetime

from triagebot.core.answer import Reading, choose_answers, effective_delay, effective_mode, reply_values
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
from triagebot.core.desk import Desk, Limits
from triagebot.core.facts import Book, Facts
from triagebot.core.guard.judge import GuardFacts, judge
from triagebot.core.hours.calendar import moments
from triagebot.core.hours.cover import Cover, cover_emergency
from triagebot.core.mail import Mail
from triagebot.core.outgoing.limits import check_caps
from triagebot.core.outgoing.pingpong import Heard, Loop, find_loop
from triagebot.core.reading.text import reply_subject, strip_prefixes
from triagebot.core.rules.fold import is_unspaced
from triagebot.core.rules.match import Matter
from triagebot.core.rules.rule import DEMAND
from triagebot.core.sender.identify import choose_destination, identify
from triagebot.core.tickets.consent import withdraw
from triagebot.core.tickets.pricing import set_terms
from triagebot.core.tickets.settlement import settle
from triagebot.core.tickets.ticket import find_same_matter
from triagebot.core.tickets.work import plan_ticket
from triagebot.core.tickets.written import Readers, is_by_developer

THANKS_WORDS = 25
"""A mail only thanks when its new text is this short and asks nothing."""
_QUESTION_MARKS = "?\uff1f\u061f"
SOLVED = "/solved"
"""How the reason of a thanks rule ends that says the matter is solved."""
_READABLE = ("ok", "capped", "human")
_HISTORY_CODES = ("backfill", "too-old")


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
    ended = _end_early(guard, facts)
    guard, loop = _watch_for_loops(mail, guard, sender, facts, book.desk.limits) if ended is None else (guard, None)
    latched = "ping-pong" in guard.codes
    trail = [*authentication.trail, *guard.trail, *sender.trail]
    decision = Decision(guard=guard, sender=sender, language=_detected_language(mail), loop=loop)
    if ended is not None:
        return replace(decision, state=ended, trail=tuple(trail))
    if is_by_developer(mail, sender, book.desk, facts.is_own_id):
        return _take_copy(decision, mail, book.desk, trail)
    matches, steps = _match(mail, sender, book, now)
    reading = Reading.of(matches, book.rules)
    trail += steps
    decision = replace(
        decision,
        matches=matches,
        kind=reading.kind,
        reason=reading.reason,
        alert=_alerts(reading, sender, facts, book),
    )
    cover = _cover(decision, book, now)
    if decision.alert:
        decision = replace(decision, alert_at=cover.at, colleague=cover.colleague)
    settled = settle(replace(decision, trail=tuple(trail)), mail, authentication, facts, book, now)
    if settled is not None:
        return settled
    if reading.kind == "thanks":
        return _accept_thanks(decision, facts, trail)
    joined = _joins(mail, sender, reading, facts, now - book.desk.desk.same_matter)
    if guard.verdict == "human" and (authentication.state != "pass" or sender.client is None):
        trail.append(Step("ticket", "none", "held for the developer: no automatic work for this sender"))
        return replace(decision, state="suppressed" if latched else "held", trail=tuple(trail))
    ticket = None
    if joined is None:
        ticket = plan_ticket(reading, sender, guard, book.calendar, facts.booked, now)
        client, asked = book.desk.client_by_id(sender.client or ""), mail.received_at
        ticket = set_terms(ticket, reading.rules, client, book.desk, book.calendar, asked, now, gifted=facts.gifted)
    if facts.silent and ticket is not None:
        ticket = replace(ticket, promise=None)
        trail.append(Step("promise", "none", "nothing was done for the work that waits, so no date is told"))
    if joined is not None:
        trail += (_ticket_step(ticket, joined), Step("reply", "none", "the ticket's answer was given before"))
        return replace(decision, joins=joined, state="merged", trail=tuple(trail))
    if guard.verdict == "human":
        ticket = withdraw(ticket)
        trail.append(_ticket_step(ticket, joined))
        return replace(
            decision, ticket=ticket, state="planned" if ticket and ticket.slots else "held", trail=tuple(trail)
        )
    mode = effective_mode(reading, sender.tier, book.desk.desk)
    facts = replace(facts, tally=replace(facts.tallies.get(mode, facts.tally), latched=latched))
    reply, steps, capped = _reply(mail, authentication, sender, reading, ticket, facts, book, cover, now)
    if reply is None:
        ticket = withdraw(ticket)
    trail += (_ticket_step(ticket, joined), *steps)
    if capped:
        guard = replace(guard, verdict="capped", codes=tuple(dict.fromkeys((*capped, *guard.codes))))
    return replace(
        decision,
        guard=guard,
        reply=reply,
        ticket=ticket,
        mode=mode,
        state="answered"
        if facts.answered and not (ticket and ticket.slots)
        else _final_state(reply, ticket, reading, suppressed=bool(capped or latched) and sender.client is None),
        trail=tuple(trail),
    )


def _take_copy(decision: Decision, mail: Mail, desk: Desk, trail: list[Step]) -> Decision:
    """The developer's own mail with the desk in copy is no client's: it joins its conversation, unanswered. One that
    nobody else reads is for him to see."""
    others = bool(Readers.of(mail, desk).keys)
    trail.append(Step("sender.developer", "merged" if others else "held", "the developer wrote it himself"))
    return replace(decision, state="merged" if others else "held", trail=tuple(trail))


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
            bounced_id=facts.bounced_id,
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


def _watch_for_loops(
    mail: Mail, guard: Guard, sender: Sender, facts: Facts, limits: Limits
) -> tuple[Guard, Loop | None]:
    """Is the sender a machine that answers our mails? Only proven mail counts: forgeries silence nobody."""
    if sender.auth not in ("pass", "weak"):
        return guard, None
    text = mail.content.text if "reply-to-auto" in guard.codes else ""
    loop = find_loop(facts.story, Heard(mail.received_at, mail.subject, facts.story.thread, text), limits)
    if loop is None and not facts.tally.latched:
        return guard, None
    step = Step("guard.ping-pong", "capped", loop.why if loop else "a loop was seen before; see `triagebot loops`")
    verdict = "capped" if guard.verdict == "ok" else guard.verdict
    return Guard(verdict, (*guard.codes, "ping-pong"), (*guard.trail, step)), loop


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


def _alerts(reading: Reading, sender: Sender, facts: Facts, book: Book) -> bool:
    """Who is woken at once: retainers, clients who opted in; claims alone count too, all of them together no more
    than once in `limits.alert` (safety.md D.3). An alarm for another reason than those told may be a graver one."""
    client = book.desk.client_by_id(sender.client or sender.claims or "")
    if reading.kind != "emergency" or facts.alerted or reading.reason in facts.alarms or client is None:
        return False
    return client.tier == "retainer" or client.emergency_alert


def _cover(decision: Decision, book: Book, now: datetime) -> Cover:
    sender = decision.sender
    if decision.kind != "emergency":
        return Cover()
    client = book.desk.client_by_id(sender.client or sender.claims or "")
    return cover_emergency(book.desk, client, book.calendar, now, proven=sender.auth == "pass")


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


def _joins(mail: Mail, sender: Sender, reading: Reading, facts: Facts, since: datetime) -> int | None:
    if sender.auth != "pass":
        return None
    kinds = {ticket.id: ticket.kind for ticket in facts.open_tickets}
    # Something broke while other work was being talked about: that is a matter of its own, with the first slot.
    apart = reading.kind == "emergency" and kinds.get(facts.thread_ticket or 0, "emergency") != "emergency"
    if facts.thread_ticket is not None and not apart:
        return facts.thread_ticket
    if reading.kind == "emergency" and reading.reason in facts.alarms:  # an alarm that rings again, in other words
        same_alarm = [one.id for one in facts.open_tickets if (one.kind, one.reason) == ("emergency", reading.reason)]
        if same_alarm:
            return same_alarm[-1]
    if choose_answers(reading) and DEMAND.index(reading.rules[0].kind) > DEMAND.index("work"):
        return None
    text = f"{mail.subject}\n{mail.content.new_text}"
    same = find_same_matter(facts.open_tickets, reading.kind or "question", reading.reason, text, since)
    return same.id if same else None


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
    cover: Cover,
    now: datetime,
) -> tuple[ReplyPlan | None, list[Step], tuple[str, ...]]:
    if facts.answered:
        return None, [Step("reply", "none", "the developer has answered it himself")], ()
    destination = choose_destination(mail, authentication, sender, book.desk)
    steps = list(destination.trail)
    if not destination.address:
        return None, [*steps, Step("reply", "none", destination.code or "no destination")], ()
    known = sender.client is not None
    if reading.kind is None and not known:
        return None, [*steps, Step("reply", "none", "nothing matched and the sender is a stranger")], ()
    answers = choose_answers(reading)
    closing = (ticket.billing if ticket else "") or f"closing.{reading.kind or 'unmatched'}"
    broken = check_caps(facts.tally, book.desk.limits, answers or (closing,), known=known, form=sender.form)
    if broken:
        steps += [Step(f"limits.{code}", "capped", why) for code, why in broken]
        return None, steps, tuple(dict.fromkeys(code for code, _ in broken))
    steps.append(Step("limits", "pass", "within all caps"))
    client = book.desk.client_by_id(sender.client or "")
    wanted = (client.language if client else "", _detected_language(mail), book.desk.desk.language)
    values = reply_values(reading, sender, ticket, book.desk, book.calendar, facts.booked, now)
    if facts.silent:
        values = replace(values, promise=None, waiting=True, silent=True)
    plan = ReplyPlan(
        answers=answers,
        closing=closing,
        languages=tuple(dict.fromkeys(language for language in wanted if language)),
        to=destination.address,
        subject=reply_subject(mail.subject) if known and mail.subject else "",
        mode=effective_mode(reading, sender.tier, book.desk.desk),
        values=cover.tell(values, book.calendar),
        delay=effective_delay(reading, book.desk.outbox),
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
