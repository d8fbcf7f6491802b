"""What each command does, on a desk with real rows: its effect, and the sentence when it cannot be."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.app.commanded import (
    JAN,
    MIRA,
    SAID,
    WINDOW,
    ask_again,
    commanded,
    do,
    leave,
    letters,
    said,
    ticket,
    write_yourself,
)
from tests.app.quick_desks import HOUR, MINUTE, NOW, SECOND, QuickDesk, header, write
from triagebot.app.money.ledger import settle_all
from triagebot.app.money.unbooked import list_offers
from triagebot.app.tickets.mails import quote
from triagebot.core.errors import TriagebotError
from triagebot.core.money.entry import balance
from triagebot.core.outgoing.compose import plain_text

LATER = SAID + WINDOW + SECOND
MOVED = date(2026, 12, 3)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[QuickDesk]:
    """A live desk; its first answer has left."""
    with commanded(tmp_path / "live") as desk:
        leave(desk, NOW + MINUTE)
        yield desk


@pytest.fixture
def drafting(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk whose answers wait for a word."""
    with commanded(tmp_path / "drafting", "draft") as desk:
        yield desk


def draft_quote(desk: QuickDesk) -> None:
    """Quote ticket 1 by a mail that waits for a word."""
    with desk.store.transaction():
        quote(desk.store, desk.snapshot, desk.key, 1, 180, Decimal(240), NOW + HOUR - MINUTE)


@pytest.mark.parametrize("mode", ["draft", "shadow"])
@pytest.mark.parametrize("ref", ["1", "m1", "o1"])
def test_ok_sends_exactly_what_was_shown(tmp_path: Path, mode: str, ref: str) -> None:
    """By whatever name: the very bytes leave, once, after the undo window and not before."""
    with commanded(tmp_path / "desk", mode) as desk:
        shown = desk.store.outbox.raw(1)
        assert "leaves at 2026-11-24 10:10" in said(do(desk, "ok", ref))
        assert leave(desk, SAID + WINDOW - SECOND) == []
        (sent,) = leave(desk, SAID + WINDOW)
        assert (sent.raw, sent.outgoing, sent.recipient) == (shown, "approved", JAN)
        with suppress(TriagebotError):
            do(desk, "ok", ref, LATER)
        assert leave(desk, LATER + HOUR) == []
        assert desk.rows("SELECT answered_at IS NOT NULL FROM ticket") == [(1,)]


def test_ok_among_several_is_not_guessed(drafting: QuickDesk) -> None:
    """A ticket with two mails that wait: the sentence names both, and each can be said by itself."""
    drafting.receive(write(JAN, "A question", "Where are the permalinks?"), NOW + MINUTE)
    with drafting.store.transaction():
        drafting.store._connection.execute("UPDATE outbox SET ticket = 1")
    with pytest.raises(TriagebotError, match=r"o1 \(Re: Phone number\), o2 \(Re: A question\)"):
        do(drafting, "ok", "1")
    assert set(letters(drafting).values()) == {"draft"}
    do(drafting, "no", "o1")
    assert letters(drafting)[1] == "dropped"
    assert letters(drafting)[2] == "draft"


def test_the_client_writing_meanwhile_voids_a_draft(drafting: QuickDesk) -> None:
    """Nothing leaves, and the sentence says why and what to do; a mail in its window is stopped."""
    ask_again(drafting, NOW + 2 * MINUTE)
    with pytest.raises(TriagebotError, match=r"the client wrote again since .* write another one with `send`"):
        do(drafting, "ok", "o1")
    assert letters(drafting)[1] == "draft"


def test_the_client_writing_meanwhile_voids_a_quote(live: QuickDesk) -> None:
    """A mail that answers none in particular is voided by the client's next one too."""
    draft_quote(live)
    ask_again(live, SAID + MINUTE)
    with pytest.raises(TriagebotError, match="the client wrote again since"):
        do(live, "ok", "o2", SAID + HOUR)


def test_no_drops_the_mail_and_corrects_the_rule(drafting: QuickDesk) -> None:
    """Its copy in Drafts is to be taken away, and the rule makes drafts at most from now on."""
    with drafting.store.transaction():
        drafting.store.outbox.set_drafted(1, "", NOW)
    assert "rule small-change makes drafts at most" in said(do(drafting, "no", "1"))
    assert drafting.rows("SELECT state, stale_draft FROM outbox") == [("dropped", 1)]
    assert drafting.rows("SELECT rule, verdict FROM agreement") == [("small-change", "no")]
    assert leave(drafting, LATER) == []


def test_no_to_an_answer_that_left_corrects_its_rule(live: QuickDesk) -> None:
    """It cannot be called back; the next one waits for a word."""
    assert "rule small-change makes drafts at most" in said(do(live, "no", "m1"))
    live.receive(write(MIRA, "Footer", "Please change the footer."), SAID + HOUR)
    assert letters(live) == {1: "sent", 2: "draft"}


def test_no_to_an_answer_that_is_about_to_leave_stops_it(tmp_path: Path) -> None:
    """It waits for its undo window."""
    with commanded(tmp_path / "desk", more='[outbox]\ndelay = "2h"\n') as desk:
        assert "is not sent" in said(do(desk, "no", "m1"))
        assert leave(desk, NOW + 3 * HOUR) == []
        do(desk, "undo", "m1", SAID + SECOND)
        assert len(leave(desk, NOW + 3 * HOUR)) == 1


def test_no_to_a_quote_makes_it_the_developers_turn(live: QuickDesk) -> None:
    """A ticket does not wait for a yes to a price nobody was told."""
    draft_quote(live)
    assert "not quoted any more: it is your turn" in said(do(live, "no", "1", SAID + MINUTE))
    assert ticket(live)["state"] == "new"
    assert letters(live)[2] == "dropped"


@pytest.mark.parametrize("verb", ["ok", "done", "close"])
def test_a_held_mail_is_dealt_with(live: QuickDesk, verb: Any) -> None:
    """By each word for it, once, and its story says so."""
    live.receive(write("who@else.test", "Hello", "Anything."), NOW + MINUTE, "fail")
    done = do(live, verb, "m2")
    assert said(done) == "Mail m2 is dealt with."
    assert live.rows("SELECT id, handled_at IS NOT NULL FROM mail ORDER BY id") == [(1, 0), (2, 1)]
    assert live.rows("SELECT who, what, why FROM event WHERE mail = 2") == [("developer", "dealt with", "held")]
    assert not do(live, verb, "m2", SAID + MINUTE).changed


def test_a_doubtful_mail_is_sent_again_or_never(live: QuickDesk) -> None:
    """`ok` lets the same bytes leave after the window, `no` never."""
    shown = live.store.outbox.raw(1)
    for verb, state in (("ok", "queued"), ("no", "dropped")):
        with live.store.transaction():
            live.store._connection.execute("UPDATE outbox SET state = 'ambiguous' WHERE id = 1")
        do(live, verb, "o1")  # type: ignore[arg-type]
        assert letters(live) == {1: state}
        if verb == "ok":
            assert leave(live, SAID + MINUTE) == []
            assert [one.raw for one in leave(live, LATER)] == [shown]


def test_minutes_are_booked_in_place_of_those_offered(live: QuickDesk) -> None:
    """The developer's own mail offered 25: what he says is booked, and nothing is offered twice."""
    write_yourself(live, "It is done.\n\n25m", SAID)
    (offer,) = list_offers(live.snapshot)
    assert "Booked 40 minutes for Bakery Nowak" in said(do(live, "book", "1", SAID + HOUR, minutes=40, text="footer"))
    assert list_offers(live.snapshot) == []
    assert live.rows("SELECT minutes, note FROM entry WHERE ticket = 1") == [(40, "footer")]
    assert offer.minutes == 25
    assert ticket(live)["minutes_done"] == 40


@pytest.mark.parametrize(("verb", "state", "booked"), [("ok", "booked", 25), ("no", "declined", None)])
def test_what_was_offered_is_taken_or_not(live: QuickDesk, verb: Any, state: str, booked: int | None) -> None:
    """A plain word is enough for it."""
    write_yourself(live, "It is done.\n\n25m", SAID)
    do(live, verb, "1", SAID + HOUR)
    assert live.rows("SELECT offer FROM sent_mail") == [(state,)]
    assert live.rows("SELECT sum(minutes) FROM entry WHERE ticket = 1") == [(booked,)]


def test_minutes_offered_twice_are_not_guessed(live: QuickDesk) -> None:
    """Each is booked by its length; `ok` alone is not clear."""
    for uid, minutes in enumerate((25, 40), 1):
        write_yourself(live, f"It is done.\n\n{minutes}m", SAID + uid * MINUTE, uid=uid)
    with pytest.raises(TriagebotError, match="more than once \\(25m, 40m\\)"):
        do(live, "ok", "1", SAID + HOUR)
    do(live, "book", "1", SAID + HOUR, minutes=40)
    assert [one.minutes for one in list_offers(live.snapshot)] == [25]


def test_done_with_its_minutes(live: QuickDesk) -> None:
    """The plan pays, and what the developer's mail offered is booked by that."""
    write_yourself(live, "It is done.\n\n25m", SAID)
    with live.store.transaction():
        settle_all(live.store, live.snapshot, SAID)
    before = balance(live.store.ledger.entries("bakery"))
    do(live, "done", "1", SAID + HOUR, minutes=25, text="number changed")
    assert (ticket(live)["state"], ticket(live)["minutes_done"]) == ("done", 25)
    assert list_offers(live.snapshot) == []
    assert balance(live.store.ledger.entries("bakery")) == before - 25


def test_two_bookings_in_one_answer_are_two(live: QuickDesk) -> None:
    """Of the same moment; the same line once more is the same."""
    for minutes, note in ((25, "menu"), (10, "footer"), (25, "menu")):
        do(live, "book", "1", minutes=minutes, text=note)
    assert live.rows("SELECT sum(minutes) FROM entry WHERE ticket = 1") == [(35,)]


def test_a_date_moves_and_the_client_is_told(live: QuickDesk) -> None:
    """The mail waits for the window and leaves; another move before that tells the date the client knows."""
    told = date.fromisoformat(ticket(live)["promise"])
    do(live, "move", "1", day=MOVED)
    assert ticket(live)["promise"] == str(MOVED)
    do(live, "move", "1", SAID + MINUTE, day=date(2026, 12, 4))
    assert letters(live) == {1: "sent", 2: "dropped", 3: "queued"}
    (sent,) = leave(live, LATER + MINUTE)
    assert sent.recipient == JAN
    words = plain_text(sent.raw)
    assert "Friday, 4 December 2026" in words
    assert f"instead of {told:%A}, {told.day} {told:%B %Y}" in words
    assert "on which I am away" not in words
    assert header(sent.raw, "In-Reply-To") == live.rows("SELECT message_id FROM mail")[0][0]
    assert not header(sent.raw, "Auto-Submitted")


def test_moving_back_writes_to_nobody(live: QuickDesk) -> None:
    """The client never heard of the other date."""
    told = date.fromisoformat(ticket(live)["promise"])
    do(live, "move", "1", day=MOVED)
    assert "knows no other date" in said(do(live, "move", "1", SAID + MINUTE, day=told))
    assert leave(live, LATER + MINUTE) == []
    assert ticket(live)["promise"] == str(told)


@pytest.mark.parametrize(
    ("verb", "values"), [("move", {"day": MOVED}), ("quote", {"minutes": 180, "price": Decimal(240)})]
)
def test_what_the_client_is_told_instead_drops_the_draft(drafting: QuickDesk, verb: Any, values: Any) -> None:
    """The answer that waited would tell another date, or another price; it waits again when that is taken back."""
    assert "does not fit any more and is dropped" in said(do(drafting, verb, "1", **values))
    assert letters(drafting) == {1: "dropped", 2: "queued"}
    do(drafting, "undo", "1", SAID + SECOND)
    assert letters(drafting) == {1: "draft", 2: "dropped"}


def test_who_was_told_no_date_hears_of_no_other(drafting: QuickDesk) -> None:
    """The answer with the first date has never left."""
    do(drafting, "move", "1", day=MOVED)
    (sent,) = leave(drafting, LATER)
    words = plain_text(sent.raw)
    assert "Thursday, 3 December 2026" in words
    assert "instead of" not in words
    assert "cannot keep" not in words
    assert "sorry" not in words


def test_a_quote_leaves_and_is_agreed_to(live: QuickDesk) -> None:
    """After the window; the client's yes plans it."""
    assert "leaves at 2026-11-24 10:10" in said(do(live, "quote", "1", minutes=180, price=Decimal(240)))
    (sent,) = leave(live, LATER)
    assert "240.00" in plain_text(sent.raw)
    yes = write(JAN, "Re: Phone number", "Yes, please", f"In-Reply-To: {header(sent.raw, 'Message-ID')}")
    assert live.receive(yes, LATER + HOUR).state == "planned"


@pytest.mark.parametrize(
    ("verbs", "state"),
    [(["start"], "doing"), (["hold"], "waiting-client"), (["close"], "closed"), (["close", "reopen"], "planned")],
)
def test_states(live: QuickDesk, verbs: list[Any], state: str) -> None:
    """Each word gives a ticket its state."""
    for verb in verbs:
        do(live, verb, "1")
    assert ticket(live)["state"] == state


def test_two_tickets_are_one_and_two_again(live: QuickDesk) -> None:
    """A call that is the same matter."""
    call = do(live, "new", other="bakery", text="The phone number", minutes=45)
    assert (call.ref, ticket(live, 2)["minutes"]) == ("2", 45)
    do(live, "merge", "1", other="2")
    assert ticket(live, 2)["merged_into"] == 1
    do(live, "split", "1", other="2")
    assert ticket(live, 2)["merged_into"] is None


def test_a_mail_becomes_a_ticket_of_its_own(live: QuickDesk) -> None:
    """What answers it follows it there."""
    ask_again(live, NOW + HOUR)
    done = do(live, "split", "1", SAID + HOUR, other="m2")
    assert live.rows("SELECT ticket FROM mail WHERE id = 2") == [(2,)]
    assert "2" in done.refs_touched


def test_days_away_move_dates(live: QuickDesk) -> None:
    """They take effect at once, and are in the file that the running desk reads."""
    done = do(live, "away", first=date(2026, 11, 24), last=date(2026, 11, 27), text="Sick")
    assert "Ticket 1 moves from" in said(done)
    assert ticket(live)["promise"] > "2026-11-27"
    assert live.snapshot.announced[0].note == "Sick"
    assert "is over" in said(do(live, "back", at=SAID + MINUTE, first=date(2026, 11, 24)))
    assert live.snapshot.announced == ()


def test_days_away_hold_for_the_rest_of_the_answer(live: QuickDesk) -> None:
    """What comes after them in the same answer is planned behind them, though the desk has not read its files anew."""
    before = live.snapshot
    do(live, "away", first=date(2026, 11, 24), last=date(2026, 11, 27), text="Sick")
    live.snapshot = before
    do(live, "start", "1")
    assert live.rows("SELECT count(*) FROM slot WHERE day < '2026-11-28'") == [(0,)]


def test_a_mode_is_said(live: QuickDesk) -> None:
    """The desk follows the word."""
    do(live, "mode", mode="draft")
    assert live.snapshot.desk.desk.mode == "draft"
    do(live, "mode", mode="live", target="tier one-off")
    assert live.snapshot.desk.desk.tier_modes["one-off"] == "live"


@pytest.mark.parametrize(
    ("verb", "ref", "values", "sentence"),
    [
        ("ok", "1", {}, "ticket 1 has no mail and no minutes that wait for your word"),
        ("ok", "9", {}, "there is no ticket 9"),
        ("ok", "m9", {}, "there is no mail 9"),
        ("ok", "o9", {}, "there is no mail 9"),
        ("ok", "o1", {}, "mail 1 is not failed or ambiguous or returned or stopped"),
        ("ok", "twelve", {}, "twelve names nothing; write a number of the digest"),
        ("ok", "all", {}, "all names nothing"),
        ("no", "1", {}, "ticket 1 has no mail"),
        ("book", "1", {}, "say how long it took, such as: 1 25m"),
        ("book", "m1", {"minutes": 5}, "m1 is a mail and no ticket; there is nothing to book"),
        ("done", "o1", {}, "o1 is a mail of yours; say `o1 ok` or `o1 no`"),
        ("start", "m1", {}, "nothing to start"),
        ("move", "1", {}, "say for when, such as: 1 fri"),
        ("move", "1", {"day": date(2026, 11, 28)}, "there is no support hour on Saturday 28 November 2026"),
        ("move", "1", {"day": date(2026, 11, 20)}, "has passed"),
        ("quote", "1", {"minutes": 60}, "such as: 1 quote 3h 240"),
        ("quote", "1", {"minutes": 0, "price": Decimal(1)}, "needs minutes and a price above zero"),
        ("merge", "1", {"other": "m1"}, "m1 is no ticket"),
        ("merge", "1", {"other": "1"}, "cannot be merged with itself"),
        ("split", "1", {"other": "o1"}, "such as: 1 split m40"),
        ("split", "1", {"other": "m1"}, "was made from mail 1"),
        ("new", "", {"other": "bakry", "text": "Menu"}, "did you mean 'bakery'"),
        ("mode", "", {}, "say which mode"),
        ("mode", "", {"mode": "live", "target": "permalink"}, "permalinks"),
        ("away", "", {}, "such as: away 2026-12-24..2026-12-31"),
        ("away", "", {"first": date(2026, 11, 1)}, "are no days to come"),
        ("back", "", {}, "no absence announced by a command holds"),
        ("undo", "1", {}, "nothing was done to 1 that can be taken back"),
        ("undo", "", {}, "nothing was done that can be taken back"),
    ],
)
def test_what_cannot_be_done_is_told(live: QuickDesk, verb: Any, ref: str, values: Any, sentence: str) -> None:
    """One sentence, and nothing has changed."""
    before = live.rows("SELECT * FROM ticket"), live.rows("SELECT * FROM outbox"), live.rows("SELECT * FROM event")
    with pytest.raises(TriagebotError) as refused:
        do(live, verb, ref, **values)
    assert sentence in str(refused.value)
    assert before == (
        live.rows("SELECT * FROM ticket"),
        live.rows("SELECT * FROM outbox"),
        live.rows("SELECT * FROM event"),
    )
