"""The developer's own mails, from whatever program: what they join, what they stop, which minutes they offer."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from tests.app.desks import PLAN, client
from tests.app.digests import show_digest
from tests.app.quick_desks import HOUR, MINUTE, NOW, SUPPORT, QuickDesk, header, quick_desk, read_quickly, write
from triagebot.app.money.unbooked import accept_offer, decline_offer, list_offers
from triagebot.app.tickets.written import Taken, take_own_copy, take_written
from triagebot.core.errors import LedgerError

JAN, ANN = "jan@bakery.test", "ann@client.test"
ADA = "ada@company.test"
CLIENTS = PLAN + client("bakery", JAN, "retainer", "since = 2026-01-01\n") + client("ann", ANN, "one-off")
_uids = count(1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A live desk whose mails wait ten minutes before they leave."""
    settings = '[outbox]\ndelay = "10m"\n[booking]\nrate = "80"\ncurrency = "EUR"\n[limits]\nthread = 9\n'
    with quick_desk(tmp_path / "desk", clients=CLIENTS, settings=settings) as opened:
        yield opened


def send(desk: QuickDesk, raw: bytes, at: datetime, uid: int = 0) -> Taken | None:
    """Given a mail the developer sent and when, take it in as out of the Sent folder."""
    mail = read_quickly(raw, at, desk.snapshot)
    with desk.store.transaction():
        place = ("box0", "Sent", 3, uid or next(_uids))
        return take_written(desk.store, place, mail, desk.snapshot, desk.key, at + MINUTE)


def ask(desk: QuickDesk, author: str = JAN, text: str = "Please change the phone number.") -> tuple[str, int]:
    """Given a client, let them ask for work; return the mail's id and the ticket."""
    raw = write(author, "Phone number", text)
    desk.receive(raw, NOW)
    ((ticket,),) = desk.rows("SELECT max(id) FROM ticket")
    return header(raw, "Message-ID"), ticket


def answer(message_id: str, to: str = JAN, text: str = "It is done.", *headers: str) -> bytes:
    """Given the id of a client's mail, return an answer written in a mail program."""
    return write(SUPPORT, "Re: Phone number", text, f"In-Reply-To: {message_id}", *headers, to=to)


def test_an_answer_joins_its_ticket_and_stops_the_clock_once(desk: QuickDesk) -> None:
    """The first answer's moment is kept, planned work stays planned, and the story tells it."""
    message_id, ticket = ask(desk)
    (owed,) = desk.rows("SELECT state, answer_due IS NOT NULL, answered_at FROM ticket")
    assert owed == ("planned", 1, None)
    assert send(desk, answer(message_id), NOW + HOUR) == Taken("answer", 1, ticket)
    first = desk.rows("SELECT state, answered_at FROM ticket")
    assert first == [("planned", f"{(NOW + HOUR).isoformat(timespec='microseconds')}")]
    send(desk, answer(message_id), NOW + 2 * HOUR)
    assert desk.rows("SELECT state, answered_at FROM ticket") == first
    events = [row[0] for row in desk.rows("SELECT what FROM event WHERE ticket = ? AND who = 'developer'", ticket)]
    assert events.count("answered by mail") == 2


def test_what_still_waited_is_not_sent_any_more(desk: QuickDesk) -> None:
    """The automatic answer in its undo window is stopped, and needs nobody."""
    message_id, _ = ask(desk)
    assert desk.rows("SELECT state FROM outbox") == [("queued",)]
    send(desk, answer(message_id), NOW + MINUTE)
    ((state, words),) = desk.rows("SELECT state, answer FROM outbox")
    assert state == "stopped"
    assert words.startswith("you answered yourself")
    with desk.store.transaction():
        assert desk.store.outbox.claim("box0", 10, NOW + HOUR, NOW + 2 * HOUR) == []
    assert "was stopped" not in digest_of(desk)


def test_what_was_made_after_the_answer_still_leaves(desk: QuickDesk) -> None:
    """The client wrote again after the developer, and Sent was looked into later: that answer is no old one."""
    message_id, _ = ask(desk, text="Where are the permalinks?")
    desk.receive(write(JAN, "Phone", "Please change the number.", f"In-Reply-To: {message_id}"), NOW + HOUR)
    before = desk.rows("SELECT id, state FROM outbox ORDER BY id")
    assert [state for _, state in before][-1] == "queued"
    send(desk, answer(message_id), NOW + 30 * MINUTE)
    after = dict(desk.rows("SELECT id, state FROM outbox ORDER BY id"))
    assert after[before[-1][0]] == "queued"


def test_a_forward_to_somebody_else_is_a_note(desk: QuickDesk) -> None:
    """The client has got no answer: the clock runs on, what waits is sent."""
    message_id, ticket = ask(desk)
    assert send(desk, answer(message_id, to="help@host.test"), NOW + MINUTE) == Taken("note", 1, ticket)
    assert desk.rows("SELECT answered_at FROM ticket") == [(None,)]
    assert desk.rows("SELECT state FROM outbox") == [("queued",)]
    assert desk.rows("SELECT what FROM event WHERE who = 'developer'") == [("wrote to help@host.test",)]
    assert list_offers(desk.snapshot) == []


def test_copies_of_a_mail_are_one(desk: QuickDesk) -> None:
    """In the Sent folders of two inboxes, or also in the inbox by Bcc to oneself, it counts once."""
    message_id, ticket = ask(desk)
    raw = answer(message_id, JAN, "Done.\n25m", f"Bcc: {SUPPORT}")
    assert send(desk, raw, NOW + MINUTE) is not None
    assert send(desk, raw, NOW + MINUTE) is None
    assert desk.receive(raw, NOW + MINUTE).reply is None
    assert desk.rows("SELECT count(*) FROM sent_mail") == [(1,)]
    assert [one.line for one in list_offers(desk.snapshot)] == [f"{ticket} 25m"]


def test_a_new_mail_about_the_same_matter_finds_the_ticket(desk: QuickDesk) -> None:
    """Without any id, the open ticket of the reader with the same subject; of other matters none."""
    _, ticket = ask(desk)
    raw = write(SUPPORT, "Phone number", "It is changed now.", to=f"Jan <{JAN}>")
    assert send(desk, raw, NOW + HOUR) == Taken("answer", 1, ticket)
    other = write(SUPPORT, "Christmas", "Happy holidays!", to=JAN)
    assert send(desk, other, NOW + HOUR) == Taken("answer", None, None)


def test_the_clients_answer_to_it_stays_in_the_conversation(desk: QuickDesk) -> None:
    """A mail that names only the developer's own joins the same ticket."""
    message_id, ticket = ask(desk)
    raw = answer(message_id)
    send(desk, raw, NOW + HOUR)
    reply = write(JAN, "Re: Phone number", "And the fax?", f"In-Reply-To: {header(raw, 'Message-ID')}")
    assert desk.receive(reply, NOW + 2 * HOUR).joins == ticket


def test_an_answer_seen_before_the_mail_it_answers(desk: QuickDesk) -> None:
    """The desk was down: what the developer answered meanwhile is not answered again, and its ticket is answered."""
    raw = write(JAN, "Phone number", "Please change the phone number.")
    sent = answer(header(raw, "Message-ID"), JAN, "It is done.\n25m")
    assert send(desk, sent, NOW - HOUR) == Taken("answer", None, None)
    decision = desk.receive(raw, NOW - 2 * HOUR)
    assert decision.reply is None
    assert desk.rows("SELECT count(*) FROM outbox") == [(0,)]
    ((ticket, answered),) = desk.rows("SELECT id, answered_at FROM ticket")
    assert answered is not None
    assert [one.line for one in list_offers(desk.snapshot)] == [f"{ticket} 25m"]


def test_nobody_else_can_pass_for_answered(desk: QuickDesk) -> None:
    """A stranger who uses the id of an answered mail is not taken for whom the developer answered."""
    raw = write(ANN, "Phone number", "Where are the permalinks?")
    send(desk, answer(header(raw, "Message-ID")), NOW - HOUR)
    assert desk.receive(raw, NOW).reply is not None


def test_the_developers_mail_in_the_inbox_is_his(desk: QuickDesk) -> None:
    """From his own address with the desk in copy, proven: never answered, no ticket, and it stops the clock."""
    message_id, ticket = ask(desk)
    raw = write(ADA, "Re: Phone number", "Done!", f"In-Reply-To: {message_id}", f"Cc: {SUPPORT}", to=JAN)
    decision = desk.receive(raw, NOW + MINUTE)
    assert (decision.state, decision.reply, decision.ticket) == ("merged", None, None)
    assert desk.rows("SELECT answered_at IS NOT NULL FROM ticket") == [(1,)]
    assert desk.rows("SELECT thread, ticket FROM mail ORDER BY id DESC LIMIT 1") == [(1, ticket)]
    assert desk.rows("SELECT state FROM outbox") == [("stopped",)]


def test_only_a_proven_mail_is_the_developers(desk: QuickDesk) -> None:
    """A forged one with his address stops nothing and is taken in nowhere."""
    message_id, _ = ask(desk)
    raw = write(ADA, "Re: Phone number", "Done!", f"In-Reply-To: {message_id}", f"Cc: {SUPPORT}", to=JAN)
    desk.receive(raw, NOW + MINUTE, "fail")
    assert desk.rows("SELECT count(*) FROM sent_mail") == [(0,)]
    assert desk.rows("SELECT answered_at FROM ticket") == [(None,)]
    assert desk.rows("SELECT state FROM outbox WHERE class = 'auto'") == [("queued",)]


def test_what_the_developer_writes_to_the_desk_alone_is_shown(desk: QuickDesk) -> None:
    """Nobody else reads it, so it is held for him and not answered, whatever rule matches."""
    decision = desk.receive(write(ADA, "Permalinks"), NOW)
    assert (decision.state, decision.reply, decision.ticket) == ("held", None, None)


def test_a_draft_sent_by_hand_closes_its_row(tmp_path: Path) -> None:
    """The very draft, seen in Sent, was sent; another answer in the thread makes a draft needless."""
    with quick_desk(tmp_path / "desk", mode="draft", clients=CLIENTS) as desk:
        message_id, _ = ask(desk)
        ((row, own_id),) = desk.rows("SELECT id, message_id FROM outbox")
        with desk.store.transaction():
            desk.store.outbox.set_drafted(row, "in Drafts", NOW)
            take_own_copy(desk.store, own_id, NOW + HOUR, desk.snapshot, NOW + HOUR)
        assert desk.rows("SELECT state, class, stale_draft FROM outbox") == [("sent", "approved", 1)]
        assert desk.rows("SELECT answered_at IS NOT NULL FROM ticket") == [(1,)]
        ask(desk, ANN, "Where are the permalinks?")
        ((row, mail),) = desk.rows("SELECT id, mail FROM outbox WHERE state = 'draft'")
        ((asked,),) = desk.rows("SELECT message_id FROM mail WHERE id = ?", mail)
        with desk.store.transaction():
            desk.store.outbox.set_drafted(row, "in Drafts", NOW)
        assert asked != message_id
        send(desk, answer(asked, to=ANN), NOW + HOUR)
        assert desk.rows("SELECT state, stale_draft FROM outbox WHERE id = ?", row) == [("stopped", 1)]


def test_an_automatic_copy_in_sent_is_no_answer(desk: QuickDesk) -> None:
    """Providers file what the desk sends by itself; that stops no clock."""
    ask(desk)
    ((row, own_id),) = desk.rows("SELECT id, message_id FROM outbox")
    with desk.store.transaction():
        desk.store.outbox.finish(row, "sent", "ok", NOW)
        take_own_copy(desk.store, own_id, NOW + HOUR, desk.snapshot, NOW + HOUR)
    assert desk.rows("SELECT state, class FROM outbox") == [("sent", "auto")]
    assert desk.rows("SELECT answered_at FROM ticket") == [(None,)]


def test_minutes_are_offered_and_booked_once(desk: QuickDesk) -> None:
    """Written ones take the place of a guess; what is booked is in the ledger under the mail's day, and never twice."""
    message_id, ticket = ask(desk)
    send(desk, answer(message_id, text="I look at it tomorrow."), NOW + HOUR)
    (guess,) = list_offers(desk.snapshot)
    assert (guess.line, guess.guessed) == (f"{ticket} 30m", True)
    send(desk, answer(message_id, text="It is done.\n\n25m"), NOW + 2 * HOUR)
    (offer,) = list_offers(desk.snapshot)
    assert (offer.line, offer.guessed, offer.client) == (f"{ticket} 25m", False, "bakery")
    assert f"[{ticket}]  25 min, Bakery: Phone number" in digest_of(desk).partition("Minutes to book")[2]
    now = NOW + timedelta(days=1)
    assert "Booked 25 minutes for Bakery on 2026-11-24" in accept_offer(desk.snapshot, offer.number, "", now)
    with pytest.raises(LedgerError, match="no minutes are offered"):
        accept_offer(desk.snapshot, offer.number, "", now)
    assert list_offers(desk.snapshot) == []
    booked = desk.rows("SELECT minutes, ticket, client FROM entry WHERE ticket IS NOT NULL")
    assert booked == [(25, ticket, "bakery")]
    assert desk.rows("SELECT minutes_done FROM ticket") == [(25,)]


def test_another_length_may_be_booked_and_none(desk: QuickDesk) -> None:
    """The offer is a proposal: the developer's word counts."""
    message_id, ticket = ask(desk)
    send(desk, answer(message_id, text="Done.\n1h30"), NOW + HOUR)
    (offer,) = list_offers(desk.snapshot)
    accept_offer(desk.snapshot, offer.number, "1h", NOW + 2 * HOUR)
    assert desk.rows("SELECT minutes FROM entry WHERE ticket = ?", ticket) == [(60,)]
    send(desk, answer(message_id, text="One more thing.\n10m"), NOW + 3 * HOUR)
    (offer,) = list_offers(desk.snapshot)
    decline_offer(desk.snapshot, offer.number)
    assert list_offers(desk.snapshot) == []
    assert desk.rows("SELECT count(*) FROM entry WHERE ticket = ?", ticket) == [(1,)]


@pytest.mark.parametrize(
    ("kind", "answered", "again"), [("question", "done", "doing"), ("work", "waiting-client", "new")]
)
def test_the_turn_goes_to_and_fro(desk: QuickDesk, kind: str, answered: str, again: str) -> None:
    """Of a question the answer was all that was owed, with other work the client is waited for; whoever writes again
    hands the turn back, and is shown."""
    raw = write(JAN, "Strange", "Something is odd.")
    desk.receive(raw, NOW)
    desk.store._connection.execute("UPDATE ticket SET state = 'new', kind = ?", (kind,))
    send(desk, answer(header(raw, "Message-ID")), NOW + HOUR)
    assert desk.rows("SELECT state FROM ticket") == [(answered,)]
    decision = desk.receive(
        write(JAN, "Re: Strange", "It still is odd.", f"In-Reply-To: {header(raw, 'Message-ID')}"), NOW + 2 * HOUR
    )
    assert (decision.state, desk.rows("SELECT state FROM ticket")) == ("merged", [(again,)])
    assert "| It still is odd." in digest_of(desk)


def test_an_open_estimate_keeps_waiting_for_its_answer(desk: QuickDesk) -> None:
    """The developer's words do not take it away, nor does a mail that says neither yes nor no."""
    message_id, _ = ask(desk, ANN)
    assert desk.rows("SELECT state FROM ticket") == [("waiting-client",)]
    send(desk, answer(message_id, ANN, "The price holds for both pages."), NOW + HOUR)
    assert desk.rows("SELECT state, expires_at IS NOT NULL FROM ticket") == [("waiting-client", 1)]


def digest_of(desk: QuickDesk) -> str:
    """Return the digest of the first day, as text."""
    return show_digest(desk.store, desk.snapshot, NOW + timedelta(days=1), NOW - HOUR)
