"""Triage: the table kind × tier of design.md section 3, and what one mail with several matters gets."""

from dataclasses import replace
from datetime import date

import pytest

from tests.core.book import AUTHORS, DESK, FACTS, RULES, TEXTS, TOLD, TOLD_SPARE, TOMORROW, decide, make_book
from triagebot.core.decision import Authentication, MailState, TicketState
from triagebot.core.desk import Mode, Tier
from triagebot.core.rules.rule import Rule
from triagebot.core.tickets.ticket import OpenTicket

Row = tuple[str, str, str | None, TicketState | None, date | None, MailState, bool]

# kind, who, answer ("" for the closing alone, None for no mail), ticket, its promise, state of the mail, alert
TABLE: list[Row] = [
    ("question", "retainer", "permalinks", None, None, "answered", False),
    ("question", "one-off", "permalinks", None, None, "answered", False),
    ("question", "none", "permalinks", None, None, "answered", False),
    ("question", "stranger", "permalinks", None, None, "answered", False),
    ("vendor", "retainer", "dns", None, None, "answered", False),
    ("vendor", "one-off", "dns", None, None, "answered", False),
    ("vendor", "none", "dns", None, None, "answered", False),
    ("vendor", "stranger", "dns", None, None, "answered", False),
    ("enquiry", "retainer", "prices", None, None, "answered", False),
    ("enquiry", "one-off", "prices", None, None, "answered", False),
    ("enquiry", "none", "prices", None, None, "answered", False),
    ("enquiry", "stranger", "prices", None, None, "answered", False),
    ("work", "retainer", "small-change", "planned", TOMORROW, "planned", False),
    ("work", "one-off", "small-change", "waiting-client", TOLD, "planned", False),
    ("work", "none", "small-change", "waiting-client", TOLD_SPARE, "planned", False),
    ("work", "stranger", "small-change", "waiting-client", TOLD_SPARE, "planned", False),
    ("project", "retainer", "redesign", "new", TOLD, "planned", False),
    ("project", "one-off", "redesign", "new", TOLD, "planned", False),
    ("project", "none", "redesign", "new", TOLD_SPARE, "planned", False),
    ("project", "stranger", "redesign", "new", TOLD_SPARE, "planned", False),
    ("emergency", "retainer", "site-down", "planned", TOMORROW, "planned", True),
    ("emergency", "one-off", "site-down", "waiting-client", None, "answered", False),
    ("emergency", "opted-in", "site-down", "waiting-client", None, "answered", True),
    ("emergency", "none", "site-down", "waiting-client", None, "answered", False),
    ("emergency", "stranger", "site-down", "waiting-client", None, "answered", False),
    ("unmatched", "retainer", "", "planned", TOMORROW, "planned", False),
    ("unmatched", "one-off", "", "new", None, "acknowledged", False),
    ("unmatched", "none", "", "new", None, "acknowledged", False),
    ("unmatched", "stranger", None, None, None, "held", False),
    ("thanks", "retainer", None, None, None, "suppressed", False),
    ("thanks", "one-off", None, None, None, "suppressed", False),
    ("thanks", "none", None, None, None, "suppressed", False),
    ("thanks", "stranger", None, None, None, "suppressed", False),
]


@pytest.mark.parametrize(
    ("kind", "who", "answer", "ticket", "promise", "state", "alert"), TABLE, ids=[f"{row[0]}-{row[1]}" for row in TABLE]
)
def test_kind_by_tier(
    kind: str,
    who: str,
    answer: str | None,
    ticket: TicketState | None,
    promise: date | None,
    state: MailState,
    alert: bool,
) -> None:
    """Each cell of the table: which answer and closing, which ticket with which date, the mail's state, the alert."""
    decision = decide(TEXTS[kind], who)
    assert decision.kind == (None if kind == "unmatched" else kind)
    assert (decision.state, decision.alert) == (state, alert)
    assert (decision.ticket.state if decision.ticket else None) == ticket
    assert (decision.ticket.promise if decision.ticket else None) == promise
    if answer is None:
        assert decision.reply is None
        return
    assert decision.reply
    assert decision.reply.answers == ((answer,) if answer else ())
    assert decision.reply.closing == f"closing.{kind}"
    assert decision.reply.to == AUTHORS[who]
    tier = {"opted-in": "one-off", "stranger": "none"}.get(who, who)
    assert decision.reply.values.tier == decision.sender.tier == tier
    if promise:
        assert decision.reply.values.promise == promise


@pytest.mark.parametrize(
    ("who", "minutes", "low", "high"), [("retainer", 30, 45, 68), ("one-off", 30, 40, 60), ("stranger", 30, 40, 60)]
)
def test_work_comes_with_an_estimate(who: str, minutes: int, low: int, high: int) -> None:
    """Work is priced at the client's own hourly rate, else at the desk's."""
    reply = decide(TEXTS["work"], who).reply
    assert reply
    assert reply.values.estimate
    told = reply.values.estimate
    assert (told.minutes, int(told.low), int(told.high)) == (minutes, low, high)


@pytest.mark.parametrize("kind", ["question", "project", "emergency", "unmatched"])
def test_only_work_has_an_estimate(kind: str) -> None:
    """No price is told for what is no small change."""
    reply = decide(TEXTS[kind]).reply
    assert reply
    assert reply.values.estimate is None


def test_two_matters_in_one_mail() -> None:
    """Both answers are given, and one ticket carries the more demanding kind, whatever their order in the mail."""
    decision = decide(f"{TEXTS['question']} {TEXTS['work']}")
    assert decision.reply
    assert decision.reply.answers == ("small-change", "permalinks")
    assert decision.reply.closing == "closing.work"
    assert (decision.kind, decision.reason) == ("work", "work/small-change")
    assert decision.ticket
    assert (decision.ticket.kind, decision.ticket.minutes) == ("work", 30)


def test_three_answers_at_most() -> None:
    """Of five matters the three most demanding are answered; all of them stand in the decision."""
    asked = ("question", "vendor", "enquiry", "work", "emergency")
    decision = decide(" ".join(TEXTS[kind] for kind in asked))
    assert decision.reply
    assert decision.reply.answers == ("site-down", "small-change", "dns")
    assert {match.rule for match in decision.matches} == {"down", "change", "nameserver", "prices", "permalinks"}
    assert decision.kind == "emergency"


def test_one_answer_of_two_rules_is_given_once() -> None:
    """Two rules with the same reply are one answer and leave room for others."""
    twin = Rule("twin", "howto/twin", "question", any=("permalinks",), reply="permalinks")
    decision = decide("permalinks and menus", book=make_book(rules=(*RULES, twin)))
    assert decision.reply
    assert decision.reply.answers == ("permalinks", "menus")


def test_the_longest_work_of_the_leading_kind_counts() -> None:
    """A ticket takes the largest estimate among the rules of its kind, and none from lesser kinds."""
    long = Rule("long", "work/long", "work", any=("footer",), minutes=120)
    slow = Rule("slow", "howto/slow", "question", any=("footer",), minutes=500)
    decision = decide(TEXTS["work"], book=make_book(rules=(slow, *RULES, long)))
    assert decision.ticket
    assert decision.ticket.minutes == 120


def test_a_vendors_contact_is_the_clients_own() -> None:
    """The answer speaks of the vendor this client uses, never of another client's, and of none to a stranger."""
    named = {}
    for who in ("retainer", "one-off", "none", "stranger"):
        reply = decide(TEXTS["emergency"], who).reply
        assert reply
        named[who] = [vendor.id for vendor in reply.values.vendors]
        assert dict(reply.values.answer_vendors)["site-down"] == reply.values.vendors
    assert named == {"retainer": ["flywheel"], "one-off": ["other-host"], "none": [], "stranger": []}


@pytest.mark.parametrize(
    "text",
    [
        "Thanks! Could you look at the logo too?",
        "Thanks！ロゴも直せますか？",
        "شكرا thanks هل يمكنك؟",
        f"Thanks, {'and the page is yellow ' * 6}",
        "ありがとうございます。" + "ところで、トップページの写真が古いので新しいものに差し替えてください。" * 3,
    ],
)
def test_more_than_thanks_is_no_thanks(text: str) -> None:
    """Who asks something, or writes at length, is not only thanking: the mail is never dropped as thanks."""
    decision = decide(text)
    assert decision.kind is None
    assert decision.ticket
    assert any(step.step == "rules.thanks" for step in decision.trail)


def test_thanks_beside_work_is_work() -> None:
    """Thanks together with a request is the request."""
    assert decide(f"Thanks. {TEXTS['work']}").kind == "work"


def test_the_subject_of_a_reply_was_said_before() -> None:
    """ "Re: My site is down!" over new words is no second outage; the same subject on a new mail is one."""
    down = TEXTS["emergency"]
    assert decide("It says the same to me.", "retainer", "References: <one@x.test>", subject=f"Re: {down}").kind is None
    assert decide("It says the same to me.", subject=f"Re: {down}").kind == "emergency"
    assert decide("It says the same to me.", subject=down).kind == "emergency"


def test_thanks_under_an_old_subject_are_thanks() -> None:
    """An answer that only thanks is thanks, although the subject it repeats speaks of an outage."""
    subject = f"Re: {TEXTS['emergency']}"
    assert decide("Thanks!", "retainer", "References: <one@x.test>", subject=subject).kind == "thanks"
    assert decide("Thanks!", subject=subject).kind == "emergency"


@pytest.mark.parametrize("text", ["Thanks!", "ありがとうございました。今後ともよろしくお願いいたします。"])
def test_thanks_closes_the_ticket(text: str) -> None:
    """Thanks in a thread with a ticket whose work is done close it as solved, and nothing is sent."""
    done = OpenTicket(7, "work", "work/small-change", "a new logo", "done")
    decision = decide(text, facts=replace(FACTS, thread_ticket=7, open_tickets=(done,)))
    assert (decision.closes, decision.reply, decision.ticket, decision.state) == (7, None, None, "merged")


def test_thanks_for_a_promise_leave_the_work_owed() -> None:
    """A polite "thanks" towards a date only joins the ticket: nothing is sent, nothing is lost."""
    planned = OpenTicket(7, "work", "work/small-change", "a new logo", "planned")
    decision = decide("Thanks!", facts=replace(FACTS, thread_ticket=7, open_tickets=(planned,)))
    assert (decision.closes, decision.joins, decision.reply, decision.state) == (None, 7, None, "merged")


def test_a_solved_matter_closes_the_ticket() -> None:
    """Thanks by a rule whose reason ends in /solved close the ticket, whatever its state."""
    planned = OpenTicket(7, "emergency", "incident/site-down", "the site is down", "planned")
    solved = Rule("solved", "desk/solved", "thanks", any=("is back",))
    decision = decide(
        "It is back, thanks!",
        facts=replace(FACTS, thread_ticket=7, open_tickets=(planned,)),
        book=make_book(rules=(solved, *RULES)),
    )
    assert decision.closes == 7


def test_unproven_thanks_close_nothing() -> None:
    """Who is not proven to be the client cannot close the client's ticket."""
    decision = decide("Thanks!", authentication=Authentication("unknown"), facts=replace(FACTS, thread_ticket=7))
    assert (decision.closes, decision.reply) == (None, None)


@pytest.mark.parametrize(
    ("rule_mode", "tier_modes", "desk_mode", "mode"),
    [
        ("", {}, "live", "live"),
        ("", {}, "shadow", "shadow"),
        ("draft", {}, "live", "draft"),
        ("live", {}, "shadow", "live"),
        ("", {"retainer": "draft"}, "live", "draft"),
        ("", {"retainer": "live"}, "shadow", "live"),
        ("", {"one-off": "live"}, "shadow", "shadow"),
        ("shadow", {"retainer": "live"}, "live", "shadow"),
    ],
)
def test_modes(rule_mode: Mode, tier_modes: dict[Tier, Mode], desk_mode: Mode, mode: Mode) -> None:
    """A reply's mode is its rule's, else the tier's, else the desk's."""
    desk = replace(DESK, desk=replace(DESK.desk, mode=desk_mode, tier_modes=tier_modes))
    rules = tuple(replace(rule, mode=rule_mode) if rule.id == "permalinks" else rule for rule in RULES)
    reply = decide(TEXTS["question"], book=make_book(desk, rules)).reply
    assert reply
    assert reply.mode == mode


def test_of_several_modes_the_most_careful_counts() -> None:
    """A reply with one answer the developer wants to see first is a draft as a whole."""
    rules = tuple(replace(rule, mode="draft") if rule.id == "permalinks" else rule for rule in RULES)
    reply = decide(f"{TEXTS['question']} {TEXTS['vendor']}", book=make_book(rules=rules)).reply
    assert reply
    assert reply.mode == "draft"
