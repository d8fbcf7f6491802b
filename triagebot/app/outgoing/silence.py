"""Loops and the breaker: what is known of them before a mail is decided, and what follows from its decision
(safety.md C). All of it happens in the deciding transaction; what fails there undoes the decision."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from triagebot.app.desk.view import DeskView
from triagebot.app.outgoing.letters import post, write_to_developer
from triagebot.core.decision import Decision
from triagebot.core.desk import Desk, Limits, Mode
from triagebot.core.digest.content import Item
from triagebot.core.mail import Mail
from triagebot.core.names import say_name
from triagebot.core.outgoing.limits import Tally
from triagebot.core.outgoing.pingpong import Story, find_conversation
from triagebot.core.phrase import Words, say, say_many
from triagebot.edge.store import Store
from triagebot.edge.store.received.facts import Question
from triagebot.edge.store.rows import instant
from triagebot.edge.wording import say_time

BREAKER = "breaker"
"""The kind of the breaker's rows, the code of what it stops, and its name on the command line."""
_REMEMBERED = timedelta(days=30)
"""How long a subject of ours leads an answer without ids into its conversation."""
_WEEK = timedelta(days=7)
_LEAST_HEARD = 20
_MOST_TOLD = 5
"""Loops the digest names; the others it counts."""


def gather_story(
    store: Store, question: Question, subject: str, limits: Limits, now: datetime, *, proven: bool
) -> Story:
    """Given the question about a mail, its subject and whether its sender is proven, return what went to and fro
    with that sender and the thread the mail belongs to: by the ids it names, else by a subject of ours."""
    thread = store.threads.place(question.parties, question.links)
    if not proven or not question.sender_key:
        return Story(thread=thread)
    told = store.facts.told(question.sender_key, question.mode, now - _REMEMBERED)
    if not any(one.automatic for one in told):
        return Story(thread=thread)
    if thread is None:
        thread = find_conversation(told, subject)
    released = store.latches.of_sender(question.sender_key, question.mode, now).released_at
    since = max(now - _WEEK, released) if released else now - _WEEK
    return Story(told, store.facts.heard(question, since, max(_LEAST_HEARD, 2 * limits.burst_mails)), thread)


def gather_tallies(
    store: Store,
    question: Question,
    thread: int | None,
    modes: Iterable[Mode],
    limits: Limits,
    now: datetime,
    *,
    suppressed: bool,
) -> dict[Mode, Tally]:
    """Given the question about a mail, its thread, the modes its reply may have and whether mail to where it would go
    came back, return what each mode counts."""
    breakers = store.latches.open_breakers()
    latched = store.latches.of_sender(question.sender_key, question.mode, now).holds(thread) is not None
    return {
        mode: replace(
            store.facts.tally(replace(question, mode=mode), thread, limits, now),
            latched=latched,
            breaker=mode in breakers,
            suppressed=suppressed,
        )
        for mode in {question.mode, *modes}
    }


def record_silence(
    store: Store,
    decision: Decision,
    question: Question,
    thread: int | None,
    mail: Mail,
    inbox: str,
    desk: Desk,
    key: bytes,
    now: datetime,
) -> None:
    """Given a decision, in its transaction: latch the loop it shows, open the breaker it crosses (which tells the
    developer once), and count the mail that a latch or breaker silenced."""
    rows: list[int | None] = []
    if decision.loop is not None:
        until = now + desk.limits.latch
        held = (question.sender_key, decision.loop.thread, question.mode, decision.loop.why)
        rows.append(store.latches.latch(*held, now, until))
    elif "ping-pong" in decision.guard.codes:
        rows.append(store.latches.of_sender(question.sender_key, question.mode, now).holds(thread))
    if BREAKER in decision.guard.codes and decision.mode is not None:
        rows.append(store.latches.open_breakers().get(decision.mode))
    elif "rate-global" in decision.guard.codes and decision.mode is not None:
        rows.append(_open_breaker(store, decision, decision.mode, inbox, desk, key, now))
    for row in rows:
        if row is not None:
            store.latches.silence(row, mail.subject)


def _open_breaker(
    store: Store, decision: Decision, mode: Mode, inbox: str, desk: Desk, key: bytes, now: datetime
) -> int:
    why = next(step.why for step in decision.trail if step.step == "limits.rate-global")
    row = store.latches.open_breaker(mode, why, now)
    cause = f"breaker {row}"
    subject = "[breaker] Automatic answers are stopped"
    draft = write_to_developer(desk, key, "alert", cause, subject, _breaker_text(why), now)
    post(store, draft, key, "alert", inbox, "shadow" if mode == "shadow" else "live", f"alert {cause}", now)
    return row


def _breaker_text(why: str) -> str:
    return f"""Another automatic mail was due, beyond what [limits] allows: {why}.

So the breaker has opened. Mail is still taken in, sorted and planned, and emergencies still reach you; but no
automatic mail leaves until you say so. You are told this once.

Look first at what was answered, and whether somebody's machine answers yours:

    triagebot outbox --all
    triagebot loops

Then let answers leave again; what came meanwhile stays unanswered and stands in the digest:

    triagebot loops release breaker
"""


def tell_breaker(store: Store, desk: Desk, now: datetime) -> Words:
    """Given a desk, return the sentence about its open breaker, or "". One of a mode that is not in use is none."""
    modes = {desk.desk.mode, *desk.desk.tier_modes.values()}
    found = [row for row in store.latches.listing(now) if row["kind"] == BREAKER and row["mode"] in modes]
    if not found:
        return ""
    return say_many(
        "The breaker is open ({why}): no automatic mail leaves, {count} was kept back; look at"
        " `triagebot outbox --all`, then `triagebot loops release breaker`.",
        "The breaker is open ({why}): no automatic mail leaves, {count} were kept back; look at"
        " `triagebot outbox --all`, then `triagebot loops release breaker`.",
        int(str(found[0]["silenced"])),
        why=str(found[0]["reason"]),
    )


def tell_loops(store: Store, view: DeskView, now: datetime) -> tuple[Words, ...]:
    """Given a desk and now, return a sentence for the open breaker and for each of the first latched loops."""
    modes = {view.desk.desk.mode, *view.desk.desk.tier_modes.values()}
    loops = [row for row in store.latches.listing(now) if row["kind"] != BREAKER and row["mode"] in modes]
    breaker = tell_breaker(store, view.desk, now)
    found = [breaker] if breaker else []
    for row in loops[:_MOST_TOLD]:
        until = say_time(instant(str(row["until"])), view.calendar.zone)
        found.append(
            say(
                "{who} is taken for a machine ({why}) and not answered until {until}; if it is a person:"
                " triagebot loops release {number}",
                who=str(row["sender_key"]),
                why=str(row["reason"]),
                until=until,
                number=str(row["id"]),
            )
        )
    if len(loops) > _MOST_TOLD:
        found.append(
            say_many(
                "{count} more is taken for a machine; see triagebot loops",
                "{count} more are taken for machines; see triagebot loops",
                len(loops) - _MOST_TOLD,
            )
        )
    return tuple(found)


def list_silenced(store: Store, view: DeskView, since: datetime) -> tuple[Item, ...]:
    """Given a desk and a moment, return one item for each sender whose mails a limit silenced since."""
    items = []
    for row in store.latches.silenced_mails(since):
        who = view.desk.name_of(str(row["client"] or ""), str(row["sender"]))
        subject: Words = str(row["subject"] or "") or say("(no subject)")
        codes, last = str(row["codes"]), str(row["last"])
        if row["number"] == 1:
            state = say("mail {number}, {state}", number=last, state=say_name(str(row["state"])))
            title = say("{who}: {subject}", who=who, subject=subject)
            items.append(Item(title, (state, say("capped: {codes}", codes=codes))))
        else:
            count = int(str(row["number"]))
            title = say_many(
                "{who}: {count} mail, {codes}", "{who}: {count} mails, {codes}", count, who=who, codes=codes
            )
            numbers = say("mails {first} to {last}", first=str(row["first"]), last=last)
            items.append(Item(title, (say("the last: {subject}", subject=subject), numbers)))
    return tuple(items)
