"""Triage: what is known beforehand decides with: verdicts, caps, open tickets, history, duplicates, alerts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.core.book import (
    AUTHORS,
    BOOK,
    DESK,
    FACTS,
    NOW,
    TEXTS,
    TOMORROW,
    decide,
    in_reply_to_ours,
    make_book,
    make_mail,
)
from tests.core.letters import PASSED
from triagebot.core.decision import Authentication, AuthState, Decision, MailState
from triagebot.core.facts import Facts
from triagebot.core.outgoing.limits import Tally
from triagebot.core.sender.identify import identify
from triagebot.core.tickets.ticket import OpenTicket
from triagebot.core.triage import triage

FOOTER = OpenTicket(7, "work", "work/small-change", f"A word\n{TEXTS['work']}", "planned", TOMORROW)
DOWN = replace(FOOTER, id=8, kind="emergency", reason="site/down", text=f"A word\n{TEXTS['emergency']}")
RIDDLE = replace(FOOTER, id=9, kind="question", reason="howto/riddle", text="A word\nThis is a riddle to me")
ODD = replace(FOOTER, id=10, kind="question", reason=None, text=f"A word\n{TEXTS['unmatched']}")


def tried(decision: Decision, step: str) -> str:
    """Given a decision, return what its trail says of a step."""
    return next((f"{one.verdict}: {one.why}" for one in decision.trail if one.step == step), "")


@pytest.mark.parametrize(
    ("lines", "changes", "code"),
    [
        ((in_reply_to_ours(),), {}, "reply-to-auto"),
        (("X-Auto-Response-Suppress: OOF",), {}, "suppress-header"),
        ((), {"to": "someone@else.test"}, "not-addressed"),
        ((), {"to": ", ".join(["support@adaweb.test", *(f"p{n}@many.test" for n in range(11))])}, "many-recipients"),
    ],
)
def test_a_clients_mail_nobody_may_answer_is_still_a_request(
    lines: tuple[str, ...], changes: dict[str, Any], code: str
) -> None:
    """A verdict HUMAN on an authenticated client's mail sends nothing, but the work is planned (safety.md A.1)."""
    decision = decide(TEXTS["work"], "retainer", *lines, **changes)
    assert (decision.guard.verdict, decision.guard.codes[0]) == ("human", code)
    assert (decision.reply, decision.state) == (None, "planned")
    assert decision.ticket
    assert (decision.ticket.state, decision.ticket.promise) == ("planned", TOMORROW)


@pytest.mark.parametrize("who", ["retainer", "one-off", "none"])
def test_not_solved_makes_a_ticket(who: str) -> None:
    """A question alone makes no ticket; the same question as a reply to the automatic answer does (section 8)."""
    assert decide(TEXTS["question"], who).ticket is None
    decision = decide(TEXTS["question"], who, in_reply_to_ours())
    assert decision.reply is None
    assert decision.ticket
    # Without a date nobody would see it among the support hours: it is shown to the developer.
    assert decision.ticket.state == ("planned" if who == "retainer" else "new")
    assert decision.state == ("planned" if who == "retainer" else "held")


def test_a_strangers_reply_is_held() -> None:
    """Nothing is planned for a stranger whose mail a person has to look at."""
    decision = decide(TEXTS["work"], "stranger", in_reply_to_ours())
    assert (decision.ticket, decision.reply, decision.state) == (None, None, "held")


@pytest.mark.parametrize("kind", ["work", "emergency"])
@pytest.mark.parametrize("why", ["human", "capped"])
@pytest.mark.parametrize("who", ["one-off", "none"])
def test_nobody_waits_for_an_answer_to_a_mail_never_sent(kind: str, why: str, who: str) -> None:
    """A ticket waits for the client only if a mail asked the client; else it is new, and the developer's turn."""
    lines = (in_reply_to_ours(),) if why == "human" else ()
    facts = replace(FACTS, tally=Tally(thread=1)) if why == "capped" else FACTS
    decision = decide(TEXTS[kind], who, *lines, facts=facts)
    assert decision.reply is None
    assert decision.ticket
    assert decision.ticket.state == "new"
    assert tried(decision, "ticket").startswith("new: ")
    asked = decide(TEXTS[kind], who).ticket
    assert asked
    assert (asked.price is not None, asked.expires_at is not None) == (kind == "work",) * 2
    assert replace(asked, state="new", price=None, expires_at=None) == decision.ticket


@pytest.mark.parametrize("who", ["retainer", "stranger"])
@pytest.mark.parametrize(
    ("tally", "code"),
    [
        (Tally(suppressed=True), "suppressed-address"),
        (Tally(breaker=True), "breaker"),
        (Tally(latched=True), "ping-pong"),
        (Tally(same_body=True), "duplicate"),
        (Tally(thread=1), "rate-thread"),
        (Tally(sender_day=5), "rate-sender"),
        (Tally(sender_week=15), "rate-sender"),
        (Tally(answers=frozenset({"permalinks"})), "rate-sender"),
        (Tally(domain_day=10), "rate-domain"),
        (Tally(desk_10_minutes=20), "rate-global"),
        (Tally(desk_day=100), "rate-global"),
    ],
)
def test_caps(tally: Tally, code: str, who: str) -> None:
    """Over any cap nothing is sent, the verdict is capped with the cap's code; a client's mail is held for a look."""
    decision = decide(TEXTS["question"], who, facts=replace(FACTS, tally=tally))
    assert decision.reply is None
    assert (decision.guard.verdict, decision.guard.codes[0]) == ("capped", code)
    assert tried(decision, f"limits.{code}").startswith("capped: ")
    assert decision.state == ("held" if who == "retainer" else "suppressed")


def test_a_capped_request_is_planned_all_the_same() -> None:
    """A cap stops the mail, not the work."""
    decision = decide(TEXTS["work"], facts=replace(FACTS, tally=Tally(desk_day=100)))
    assert (decision.reply, decision.state) == (None, "planned")
    assert decision.ticket
    assert decision.ticket.promise == TOMORROW


def test_a_closing_counts_as_an_answer() -> None:
    """ "Received" is told once a day, not to every mail no rule knows."""
    again = replace(FACTS, tally=Tally(answers=frozenset({"closing.unmatched"})))
    assert decide(TEXTS["unmatched"], facts=again).reply is None
    assert decide(TEXTS["unmatched"], facts=replace(FACTS, tally=Tally(answers=frozenset({"dns"})))).reply


@pytest.mark.parametrize(
    ("text", "ticket"),
    [
        (TEXTS["work"], FOOTER),
        (TEXTS["emergency"], DOWN),
        ("This is a riddle to me", RIDDLE),
        (TEXTS["unmatched"], ODD),
    ],
    ids=["work", "emergency", "question without an answer", "unmatched"],
)
def test_the_same_matter_joins_its_ticket(text: str, ticket: OpenTicket) -> None:
    """A request that repeats an open ticket joins it: no second ticket, no second promise, no second answer."""
    decision = decide(text, facts=replace(FACTS, open_tickets=(FOOTER, DOWN, RIDDLE, ODD)))
    assert (decision.joins, decision.ticket, decision.reply, decision.state) == (ticket.id, None, None, "merged")


def test_another_matter_opens_its_own_ticket() -> None:
    """Equal kind and reason about something else is new work."""
    decision = decide(
        "Please change the opening hours in the footer to nine", facts=replace(FACTS, open_tickets=(FOOTER,))
    )
    assert decision.joins is None
    assert decision.ticket


def test_a_canned_answer_is_given_beside_an_open_ticket() -> None:
    """Who asks again what a reply file answers gets the answer, not a merged ticket."""
    asked = OpenTicket(3, "question", "howto/permalinks", f"A word\n{TEXTS['question']}", "planned")
    decision = decide(TEXTS["question"], facts=replace(FACTS, open_tickets=(asked,)))
    assert (decision.joins, decision.state) == (None, "answered")


@pytest.mark.parametrize("kind", ["question", "work", "project", "unmatched"])
def test_a_thread_belongs_to_its_ticket(kind: str) -> None:
    """Whatever a client adds in the thread of an open ticket joins it."""
    decision = decide(TEXTS[kind], facts=replace(FACTS, thread_ticket=7, open_tickets=(FOOTER,)))
    assert (decision.joins, decision.ticket, decision.reply, decision.state) == (7, None, None, "merged")


def test_an_emergency_in_an_old_thread_is_an_emergency() -> None:
    """ "The site is down" written as a reply about the footer gets its own first slot, not the footer's."""
    facts = replace(FACTS, thread_ticket=7, open_tickets=(FOOTER,))
    decision = decide(TEXTS["emergency"], facts=facts)
    assert (decision.joins, decision.alert) == (None, True)
    assert decision.ticket
    assert decision.ticket.kind == "emergency"
    again = decide("Still down, my site is down!", facts=replace(facts, thread_ticket=8, open_tickets=(FOOTER, DOWN)))
    assert (again.joins, again.ticket) == (8, None)


@pytest.mark.parametrize("state", ["weak", "fail", "unknown"])
def test_nobody_joins_a_ticket_without_proof(state: AuthState) -> None:
    """A forged mail in a client's thread neither joins nor makes a ticket."""
    facts = replace(FACTS, thread_ticket=7, open_tickets=(FOOTER,))
    decision = decide(TEXTS["work"], authentication=Authentication(state), facts=facts)
    assert (decision.joins, decision.ticket, decision.reply, decision.state) == (None, None, None, "held")
    assert (decision.sender.client, decision.sender.claims, decision.sender.tier) == (None, "bakery", "none")


@pytest.mark.parametrize("kind", ["question", "work", "unmatched"])
def test_answer_weak(kind: str) -> None:
    """With answer_weak a weak sender is answered as a stranger: fixed subject, no client, nothing unmatched."""
    desk = replace(DESK, desk=replace(DESK.desk, answer_weak=True))
    decision = decide(TEXTS[kind], authentication=Authentication("weak"), book=make_book(desk))
    assert (decision.guard.verdict, decision.sender.client) == ("capped", None)
    if kind == "unmatched":
        assert (decision.reply, decision.state) == (None, "held")
        return
    assert decision.reply
    assert (decision.reply.subject, decision.reply.values.client_name, decision.reply.values.tier) == ("", "", "none")
    assert decide(TEXTS[kind], authentication=Authentication("weak")).reply is None


def test_arc_alone_is_never_answered() -> None:
    """Anybody can seal an ARC chain: answer_weak does not cover it (design.md section 8)."""
    desk = replace(DESK, desk=replace(DESK.desk, answer_weak=True))
    assert (
        decide(TEXTS["question"], authentication=Authentication("weak", ("arc",)), book=make_book(desk)).reply is None
    )


@pytest.mark.parametrize(
    ("facts", "age", "state"),
    [
        (replace(FACTS, backfill=True), timedelta(0), "history"),
        (replace(FACTS, backfill=True, rescan=True), timedelta(0), "held"),
        (replace(FACTS, first_start=NOW + timedelta(seconds=1)), timedelta(0), "history"),
        (FACTS, timedelta(hours=24, seconds=1), "history"),
        (replace(FACTS, rescan=True), timedelta(hours=25), "held"),
        (replace(FACTS, backfill=True, duplicate=True, rescan=True), timedelta(0), "merged"),
    ],
    ids=["backfill", "rescan", "before the start", "too old", "too old in a rescan", "known"],
)
def test_history_is_recorded_and_never_answered(facts: Facts, age: timedelta, state: MailState) -> None:
    """Mail from before, or found late, gets neither answer nor ticket; what a rescan finds is shown."""
    decision = decide(TEXTS["work"], facts=facts, age=age)
    assert (decision.state, decision.reply, decision.ticket, decision.alert) == (state, None, None, False)
    assert decide(TEXTS["work"], age=timedelta(hours=24)).reply


def test_a_duplicate_is_merged() -> None:
    """The same mail a second time changes nothing (safety.md F.1)."""
    decision = decide(TEXTS["emergency"], facts=replace(FACTS, duplicate=True))
    assert (decision.state, decision.reply, decision.ticket, decision.alert) == ("merged", None, None, False)


def test_a_reused_id_is_looked_at_by_a_person() -> None:
    """Another mail under a known Message-ID is not answered, but a client's work is planned (safety.md F.1)."""
    facts = replace(FACTS, id_reused=True)
    decision = decide(TEXTS["work"], facts=facts)
    assert (decision.guard.verdict, decision.guard.codes, decision.reply) == ("human", ("id-reused",), None)
    assert decision.state == "planned"
    assert decide(TEXTS["question"], "stranger", facts=facts).state == "held"


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        (("List-Id: <news.shop.test>",), "suppressed"),
        (("Auto-Submitted: auto-replied",), "suppressed"),
        (("X-Triagebot-Loop: ourloopcode",), "suppressed"),
        (("X-Failed-Recipients: a@b.test",), "suppressed"),
        (("Content-Type: text/calendar; method=REQUEST",), "held"),
    ],
)
@pytest.mark.parametrize("author", [AUTHORS["retainer"], "a@b.test, c@d.test"])
def test_what_machines_send_is_suppressed(lines: tuple[str, ...], state: MailState, author: str) -> None:
    """Automatic mail gets nothing and is only counted, an unclear From or not; an invitation is shown."""
    decision = decide(TEXTS["emergency"], author, *lines, content_type=None)
    assert (decision.state, decision.reply, decision.ticket, decision.alert) == (state, None, None, False)


@pytest.mark.parametrize(
    ("facts", "subject"),
    [
        (replace(FACTS, in_junk=True), "A word"),
        (replace(FACTS, auto_sent_within_10_minutes=True), "Out of office: back on Monday"),
    ],
)
def test_facts_reach_the_guard(facts: Facts, subject: str) -> None:
    """Mail in the Junk folder, and an absence note right after a mail of ours, are suppressed."""
    assert decide(TEXTS["work"], subject=subject).state != "suppressed"
    assert decide(TEXTS["work"], facts=facts, subject=subject).state == "suppressed"


@pytest.mark.parametrize(
    ("who", "detected", "languages"),
    [("retainer", "de", ("pl", "de", "en")), ("retainer", "pl", ("pl", "en")), ("stranger", "de", ("de", "en"))],
)
def test_languages(who: str, detected: str, languages: tuple[str, ...]) -> None:
    """A reply is looked up in the client's language, then the mail's, then the desk's."""
    decision = decide(TEXTS["question"], who, language=detected)
    assert decision.language == detected
    assert decision.reply
    assert decision.reply.languages == languages


def test_a_mail_without_words_has_no_language() -> None:
    """Where nothing was detected, client and desk decide."""
    mail = make_mail(TEXTS["question"])
    silent = replace(mail, content=replace(mail.content, languages=()))
    decision = triage(silent, PASSED, FACTS, BOOK, NOW)
    assert decision.language == ""
    assert decision.reply
    assert decision.reply.languages == ("pl", "en")


def test_an_unclear_from_is_held() -> None:
    """A person's mail with two senders is nobody's: held, and nothing else happens."""
    decision = decide(TEXTS["work"], "a@b.test, c@d.test")
    assert (decision.state, decision.reply, decision.ticket, decision.sender.address) == ("held", None, None, "")


@pytest.mark.parametrize(
    ("who", "state", "alerted", "alert"),
    [
        ("retainer", "pass", False, True),
        ("retainer", "pass", True, False),
        ("retainer", "unknown", False, True),
        ("retainer", "fail", False, True),
        ("retainer", "fail", True, False),
        ("opted-in", "unknown", False, True),
        ("one-off", "pass", False, False),
        ("one-off", "fail", False, False),
        ("stranger", "pass", False, False),
        ("stranger", "unknown", False, False),
    ],
)
def test_alerts(who: str, state: AuthState, alerted: bool, alert: bool) -> None:
    """An emergency wakes the developer for retainers and who opted in; a mere claim too, but once an hour (D.3)."""
    decision = decide(
        TEXTS["emergency"], who, authentication=Authentication(state), facts=replace(FACTS, alerted=alerted)
    )
    assert decision.alert is alert
    assert not decide(TEXTS["work"], who, authentication=Authentication(state)).alert


PRIVATE = ("jan@bakery.test", "mia@cafe.test", "ada@adaweb.test", "Cafe Central", "Kiosk", "bakery.test", "Other Host",
           "old matter", "secret", "Decimal('90')")  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in TEXTS if kind != "thanks"])
@pytest.mark.parametrize("who", ["retainer", "one-off", "none", "stranger"])
def test_nothing_private_reaches_a_reply(kind: str, who: str) -> None:
    """What a text may say holds no address, history, rate of the client, other client or received word."""
    old = replace(FOOTER, text="old matter", reason="x")
    facts = replace(FACTS, open_tickets=(old,), tally=Tally(domain_day=3))
    reply = decide(f"{TEXTS[kind]} secret", who, facts=facts).reply
    assert reply or (kind, who) == ("unmatched", "stranger")
    if reply is None:
        return
    said = repr(reply.values)
    own = {"one-off": ("Cafe Central", "Other Host"), "none": ("Kiosk",)}.get(who, ())
    assert [word for word in PRIVATE if word in said and word not in own] == []
    assert "Nowak" not in said or who == "retainer"
    if who == "stranger":
        assert (reply.subject, reply.values.client_name, reply.values.vendors) == ("", "", ())


states = st.sampled_from(("pass", "weak", "fail", "unknown"))
all_facts = st.builds(
    Facts,
    loop_code=st.just("ourloopcode"),
    is_own_id=st.just(FACTS.is_own_id),
    tally=st.just(Tally()) | st.builds(Tally, thread=st.integers(0, 1), sender_day=st.integers(0, 6)),
    open_tickets=st.lists(st.sampled_from((FOOTER, DOWN, RIDDLE, ODD)), unique=True).map(tuple),
    thread_ticket=st.none() | st.sampled_from((7, 8, 9)),
    first_start=st.just(FACTS.first_start),
    backfill=st.sampled_from((False, False, True)),
    rescan=st.booleans(),
    duplicate=st.sampled_from((False, False, False, True)),
    id_reused=st.sampled_from((False, False, True)),
    alerted=st.booleans(),
)
mails = st.tuples(
    st.lists(st.sampled_from((*TEXTS.values(), "?", "riddle", "menus")), max_size=4).map(" ".join)
    | st.text(max_size=40),
    st.sampled_from(sorted(AUTHORS)),
    st.lists(
        st.sampled_from((in_reply_to_ours(), "List-Id: <l.x.test>", "Reply-To: x@y.test", "X-Spam-Flag: YES")),
        max_size=2,
    ),
)


@given(mails, states, all_facts, st.booleans())
@example((TEXTS["work"], "one-off", []), "pass", replace(FACTS, tally=Tally(thread=1)), False)
def test_every_decision_is_sound(
    mail: tuple[str, str, list[str]], state: AuthState, facts: Facts, answer_weak: bool
) -> None:
    """Whatever comes in: the same again gives the same; no answer without proof, none twice, no promise unpinned."""
    text, who, lines = mail
    book = make_book(replace(DESK, desk=replace(DESK.desk, answer_weak=answer_weak)))
    authentication = PASSED if state == "pass" else Authentication(state)
    one, other = (
        decide(text, who, *lines, facts=facts, book=book, authentication=authentication)
        for book in (book, make_book(book.desk))
    )
    assert one == other
    assert one.trail
    if one.reply is not None:
        assert one.guard.verdict in ("ok", "capped")
        assert state == "pass" or (state == "weak" and answer_weak)
        assert one.reply.to == AUTHORS[who]
        assert one.joins is None
    if one.ticket is not None:
        assert one.joins is None
        assert one.closes is None
        assert (one.state == "planned") is bool(one.ticket.slots)
        assert one.state in ("planned", "held") or one.reply is not None
        assert (one.ticket.promise is None) is (one.ticket.due is None) is (not one.ticket.slots)
        assert one.ticket.promise in (one.ticket.due, one.ticket.answer_due)
        assert not one.ticket.slots or one.ticket.slots[-1].day <= (one.ticket.due or NOW.date())
        assert one.ticket.state != "waiting-client" or one.reply is not None
    assert (one.joins is not None or one.closes is not None) <= (one.state == "merged")
    assert (one.state in ("answered", "acknowledged")) <= (one.reply is not None)
    assert one.sender.client is None or state == "pass"


def test_triage_takes_a_sender_that_was_identified_before() -> None:
    """The caller may hand over what `identify` says of the mail; the decision is the same."""
    mail = make_mail(TEXTS["work"])
    sender = identify(mail, PASSED, DESK)
    assert triage(mail, PASSED, FACTS, BOOK, NOW, sender) == triage(mail, PASSED, FACTS, BOOK, NOW)
