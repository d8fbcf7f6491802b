"""What a client's answer to an offer does: only a plain yes of who was told the price is one."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.core.book import BOOK, DESK, NOW
from triagebot.core.decision import Guard, Sender, Slot, TicketPlan, TicketState, Turn
from triagebot.core.hours.planner import Booked, promise_day
from triagebot.core.money.offer import Estimate
from triagebot.core.tickets.consent import Effect, accept, proposes_yes, react, take_back, withdraw
from triagebot.core.tickets.offered import Offer

MIA = Sender("mia@cafe.test", "pass", "cafe", "one-off")
OK, TO_US = Guard("ok"), Guard("human", ("reply-to-auto",))
PRICE = Estimate(30, Decimal(40), Decimal(60), "EUR")
HELD = date(2026, 11, 26)
OFFER = Offer(
    ticket=7,
    state="waiting-client",
    kind="work",
    minutes=30,
    tier="one-off",
    client="cafe",
    sender_key="mia@cafe.test",
    request="Please change the phone number in the footer",
    language="en",
    told=True,
    expires_at=NOW + timedelta(days=14),
    promise=date(2026, 11, 30),
    slots=(Slot(HELD, 30),),
    price=PRICE,
)


def effect(text: str, offer: Offer = OFFER, sender: Sender = MIA, guard: Guard = TO_US) -> Effect | None:
    """Given the words of an answer, return what it leads to."""
    reaction = react(text, sender, sender.address, guard, offer, DESK)
    return reaction.effect if reaction else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Yes, please", "accept"), ("No thanks", "decline"), ("Yes, but also the logo", "hand over"),
     ("How long does it take?", "hand over"), ("I will think about it", None)],
)  # fmt: skip
def test_an_open_offer_is_answered_by_its_client(text: str, expected: Effect | None) -> None:
    """A plain yes agrees, a plain no ends it, all else is the developer's; what is neither is a mail like any other."""
    assert effect(text) == expected


@pytest.mark.parametrize(
    ("state", "closed_as", "on_yes", "on_no", "on_question"),
    [
        ("accepted", "", "repeat", "hold", "hold"),
        ("planned", "", "repeat", "hold", "hold"),
        ("doing", "", "repeat", "hold", "hold"),
        ("new", "", "hold", "hold", "hold"),
        ("closed", "declined", "hand over", "repeat", "hand over"),
        ("closed", "expired", "hand over", "repeat", "hand over"),
        ("closed", "", None, None, None),
        ("done", "", None, None, None),
    ],
)
def test_each_state_answers_once(
    state: TicketState, closed_as: str, on_yes: Effect | None, on_no: Effect | None, on_question: Effect | None
) -> None:
    """Only an offer that waits is agreed to or declined: whatever comes after that makes no mail, so nothing loops."""
    offer = replace(OFFER, state=state, closed_as=closed_as)
    assert [effect(text, offer) for text in ("Yes", "No", "When?")] == [on_yes, on_no, on_question]


@pytest.mark.parametrize(
    "sender",
    [
        Sender("tom@cafe.test", "pass", "cafe", "one-off"),
        Sender("jan@bakery.test", "pass", "bakery", "retainer"),
        Sender("sam@elsewhere.test", "pass"),
    ],
)
def test_nobody_else_agrees(sender: Sender) -> None:
    """A colleague in Cc, another client, a stranger: the ticket stays, and a person reads it."""
    assert [effect(text, sender=sender) for text in ("Yes", "No")] == ["hold", "hold"]


@pytest.mark.parametrize("auth", ["fail", "unknown", "weak"])
def test_nothing_unproven_agrees(auth: str) -> None:
    """A forged yes is no answer at all."""
    assert effect("Yes", sender=replace(MIA, auth=auth, client=None)) is None  # type: ignore[arg-type]


def test_what_was_not_told_cannot_be_agreed_to() -> None:
    """A yes in a thread whose estimate never left is no yes to it."""
    assert effect("Yes", replace(OFFER, told=False)) is None


def test_a_doubt_of_the_guard_is_for_the_developer() -> None:
    """A mail that is more to the guard than an answer to ours agrees to nothing by itself."""
    assert effect("Yes", guard=Guard("human", ("reply-to-auto", "many-recipients"))) == "hand over"
    assert effect("Yes", guard=Guard("capped", ("ping-pong",))) == "hand over"
    assert effect("Yes", guard=OK) == "accept"


def test_a_request_by_telephone_is_agreed_to_by_a_listed_address() -> None:
    """A ticket without a sender belongs to its client's listed addresses, not to everybody at the domain."""
    phoned = replace(OFFER, sender_key="")
    assert effect("Yes", phoned) == "accept"
    assert effect("Yes", phoned, Sender("tom@cafe.test", "pass", "cafe", "one-off")) == "hold"


def turn(offer: Offer, now: datetime = NOW, booked: Booked = Booked(), *, silent: bool = False) -> Turn:
    """Given an offer, return its turn when it is accepted."""
    return accept(offer, BOOK.calendar, booked, now, "yes", silent=silent)


def test_the_held_date_stays() -> None:
    """What was told is what is confirmed, whatever else was booked meanwhile."""
    full = Booked({HELD + timedelta(days=day): {"one-off": 60} for day in range(60)})
    agreed = turn(OFFER, booked=full)
    assert (agreed.state, agreed.promise, agreed.plan) == ("planned", OFFER.promise, None)


@pytest.mark.parametrize(
    "offer",
    [replace(OFFER, promise=date(2026, 11, 23)), replace(OFFER, expires_at=NOW - timedelta(seconds=1)),
     replace(OFFER, promise=None), replace(OFFER, slots=())],
    ids=["past", "expired", "none", "freed"],
)  # fmt: skip
def test_a_date_that_does_not_hold_is_made_anew(offer: Offer) -> None:
    """A yes after the date, or after the end of the offer, gets a date that can be kept, and its own time is free."""
    agreed = turn(offer, booked=Booked().add("one-off", offer.slots))
    assert agreed.plan is not None
    assert agreed.promise == promise_day(agreed.plan.slots, BOOK.calendar, NOW)
    assert agreed.promise is not None
    assert agreed.promise > NOW.date()
    assert sum(slot.minutes for slot in agreed.plan.slots) == offer.minutes


def test_a_retainer_who_agrees_is_told_the_end_of_the_work() -> None:
    """A quote is no support request: its date is not that of a first answer."""
    agreed = turn(replace(OFFER, tier="retainer", minutes=300, slots=()))
    assert agreed.plan is not None
    assert agreed.promise == agreed.plan.due == promise_day(agreed.plan.slots, BOOK.calendar, NOW)
    assert agreed.plan.answer_due is None


def test_a_silent_desk_tells_no_new_date() -> None:
    """Where nothing new is promised, a yes is still taken, and planned."""
    agreed = turn(replace(OFFER, promise=None), silent=True)
    assert (agreed.state, agreed.promise) == ("planned", None)
    assert agreed.plan is not None
    assert agreed.plan.promise is None
    assert agreed.plan.slots


def test_a_bare_yes_elsewhere_is_a_proposal() -> None:
    """Only the bare yes of a proven client is worth a guess."""
    assert proposes_yes("Yes", MIA, OK)
    assert not proposes_yes("Yes, change it", MIA, OK)
    assert not proposes_yes("Yes", Sender("sam@elsewhere.test", "pass"), OK)
    assert not proposes_yes("Yes", replace(MIA, auth="fail"), OK)


def test_what_was_not_said_is_not_written_down() -> None:
    """Without its mail an estimate has no price, a courtesy is none, and an agreement is not made."""
    told = TicketPlan("work", 30, "waiting-client", price=PRICE, expires_at=datetime(2026, 12, 8, tzinfo=UTC))
    assert withdraw(told) == TicketPlan("work", 30, "new")
    assert withdraw(TicketPlan("work", 10, "planned", billing="courtesy")) == TicketPlan("work", 10, "new")
    kept = TicketPlan("work", 10, "planned", billing="warranty")
    assert withdraw(kept) == kept
    assert withdraw(None) is None
    back = take_back(Turn(7, "closed", "the client says no", closed_as="declined"))
    assert back is not None
    assert (back.ticket, back.state, back.closed_as) == (7, "new", "")
