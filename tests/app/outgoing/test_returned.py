"""Bounces: matched to the mail they return by our own signed ids alone (safety.md A.6)."""

from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from tests.app.bounces import bounce
from tests.app.desks import PLAN, client
from tests.app.digests import show_digest
from tests.app.quick_desks import HOUR, MINUTE, NOW, QuickDesk, quick_desk, write
from triagebot.app.digest.gather import gather_digest
from triagebot.app.digest.send import put_digest_into_outbox
from triagebot.app.outgoing.outbox import approve_mail, list_suppressed
from triagebot.core.outgoing.identity import bounce_address, make_message_id

ANN = "ann@client.test"
BAKERY = "jan@bakery.test"
LATER = NOW + 10 * MINUTE


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A live desk that knows the bakery, which has the plan with emergencies."""
    with quick_desk(tmp_path / "desk", clients=PLAN + client("bakery", BAKERY, "retainer")) as opened:
        yield opened


def answer(desk: QuickDesk, author: str = ANN, subject: str = "A question", text: str = "The permalinks?") -> bytes:
    """Given an author and a mail, let the desk answer it and the server accept the answer; return the answer."""
    desk.receive(write(author, subject, text), NOW)
    send(desk)
    return desk.sent()[-1]


def send(desk: QuickDesk) -> None:
    """Let the server accept whatever is due."""
    with desk.store.transaction():
        for one in desk.store.outbox.claim("box0", 50, NOW + HOUR, NOW + 2 * HOUR):
            desk.store.outbox.begin_transfer(one.id)
            desk.store.outbox.finish(one.id, "sent", "250 OK", NOW + MINUTE)


def row(desk: QuickDesk, raw: bytes) -> dict[str, Any]:
    """Given a mail of the desk, return its row."""
    found = desk.store.outbox.find_by_message_id(message_from_bytes(raw)["Message-ID"])
    assert found is not None
    return found


def events(desk: QuickDesk) -> list[str]:
    """Return what happened to outgoing mails, the oldest first."""
    return [what for (what,) in desk.rows("SELECT what FROM event WHERE outbox IS NOT NULL ORDER BY id")]


def test_a_dead_address_gets_no_more_mail(desk: QuickDesk) -> None:
    """A failed delivery with 5.1.1 is told with the server's words, and the address is neither answered again nor
    sent what is still waiting for it."""
    sent = answer(desk, BAKERY)
    desk.receive(write(BAKERY, "Second", "Please change the phone number"), NOW)
    decision = desk.receive(bounce(sent), LATER)
    assert (decision.guard.verdict, decision.reply, decision.ticket) == ("bounce", None, None)
    assert row(desk, sent)["state"] == "returned"
    assert row(desk, sent)["answer"] == f"came back: 5.1.1 {BAKERY} 550 5.1.1 said the server"
    assert [one["address"] for one in list_suppressed(desk.snapshot)] == [BAKERY]
    third = desk.receive(write(BAKERY, "Third", "Our site is down"), LATER)
    assert third.reply is None
    assert "suppressed-address" in third.guard.codes
    send(desk)
    (waited,) = desk.rows("SELECT answer FROM outbox WHERE state = 'failed'")
    assert f"triagebot outbox unsuppress {BAKERY}" in waited[0]
    assert events(desk) == ["came back", "address suppressed"]


@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.10"])
def test_what_makes_an_address_dead(desk: QuickDesk, status: str) -> None:
    """No such mailbox, no such domain, a domain without mail."""
    desk.receive(bounce(answer(desk), status=status), LATER)
    assert len(list_suppressed(desk.snapshot)) == 1


@pytest.mark.parametrize("status", ["4.4.7", "5.2.2", "5.7.1", "5.0.0"])
def test_what_does_not(desk: QuickDesk, status: str) -> None:
    """Failed is final whatever the status says, but a full mailbox or a refusal is no dead address."""
    sent = answer(desk)
    desk.receive(bounce(sent, status=status), LATER)
    assert row(desk, sent)["state"] == "returned"
    assert list_suppressed(desk.snapshot) == []


def test_a_delay_is_only_news(desk: QuickDesk) -> None:
    """The mail is still on its way; its story says that it takes longer."""
    sent = answer(desk)
    desk.receive(bounce(sent, action="delayed", status="4.4.1"), LATER)
    assert row(desk, sent)["state"] == "sent"
    assert list_suppressed(desk.snapshot) == []
    assert events(desk) == ["delivery delayed"]


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "sung"])
def test_good_news_is_no_news(desk: QuickDesk, action: str) -> None:
    """What arrived, or was handed on, changes nothing."""
    sent = answer(desk)
    desk.receive(bounce(sent, action=action, status="2.0.0"), LATER)
    assert row(desk, sent)["state"] == "sent"
    assert events(desk) == []


def test_a_forged_bounce_changes_nothing(desk: QuickDesk) -> None:
    """Without a returned id, with a stranger's, with one of ours that was altered or belongs to no mail, and with a
    bounce address nobody made: else anybody could silence a client (safety.md A.6)."""
    sent = answer(desk)
    ours = message_from_bytes(sent)["Message-ID"]
    altered = ours.replace("ar.", "ar.a", 1)[:-1] + ">"
    unknown = make_message_id(desk.key, "auto", "some other mail", "company.test")
    foreign = make_message_id(b"x" * 32, "auto", "some other mail", "company.test")
    for message_id in ("<1@client.test>", altered, unknown, foreign):
        desk.receive(bounce(sent.replace(ours.encode(), message_id.encode())), LATER)
    desk.receive(bounce(recipient=ANN), LATER)
    desk.receive(bounce(recipient=ANN, to=bounce_address("support@company.test", foreign)), LATER)
    desk.receive(bounce(recipient=ANN, headers=(f"In-Reply-To: {foreign}",)), LATER)
    desk.key = b"x" * 32  # now no id in the outbox is ours
    desk.receive(bounce(sent), LATER)
    assert row(desk, sent)["state"] == "sent"
    assert list_suppressed(desk.snapshot) == []
    assert events(desk) == []


def test_somebody_elses_death_suppresses_nobody(desk: QuickDesk) -> None:
    """A mailbox behind the client's forwarding is gone: the mail came back, but the client's address lives."""
    sent = answer(desk)
    desk.receive(bounce(sent, recipient="old@elsewhere.test"), LATER)
    assert row(desk, sent)["state"] == "returned"
    assert list_suppressed(desk.snapshot) == []


@pytest.mark.parametrize("how", ["Delivered-To", "In-Reply-To", "References"])
def test_a_bounce_that_brings_nothing_back_is_known_by_where_it_went(desk: QuickDesk, how: str) -> None:
    """The bounce address carries the mail's token; else the ids it answers count, if their MAC is ours."""
    sent = answer(desk)
    message_id = message_from_bytes(sent)["Message-ID"]
    if how == "Delivered-To":
        raw = bounce(recipient=ANN, to=bounce_address("support@company.test", message_id))
    else:
        raw = bounce(recipient=ANN, headers=(f"{how}: {message_id}",))
    assert desk.receive(raw, LATER).guard.verdict == "bounce"
    assert row(desk, sent)["state"] == "returned"


def test_an_absence_note_to_the_bounce_address_is_no_bounce(desk: QuickDesk) -> None:
    """Autoresponders write to the envelope's sender: never answered, and nothing came back."""
    sent = answer(desk)
    address = bounce_address("support@company.test", message_from_bytes(sent)["Message-ID"])
    decision = desk.receive(write(ANN, "I am away", "The permalinks are closed.", to=address), LATER)
    assert (decision.guard.verdict, decision.state) == ("bounce", "suppressed")
    assert row(desk, sent)["state"] == "sent"


def test_a_bounce_without_delivery_status(desk: QuickDesk) -> None:
    """Exim's header names who failed; a mail daemon that says nothing at all is believed to mean it."""
    sent = answer(desk)
    ours = message_from_bytes(sent)["Message-ID"]
    daemon = "MAILER-DAEMON@mx.test"
    raw = write(daemon, "Mail delivery failed", "gone", f"In-Reply-To: {ours}", f"X-Failed-Recipients: {ANN}")
    desk.receive(raw, LATER)
    assert row(desk, sent)["state"] == "returned"
    second = answer(desk, "bob@client2.test")
    ours = message_from_bytes(second)["Message-ID"]
    desk.receive(write(daemon, "Warning: delayed 4 hours", "wait", f"In-Reply-To: {ours}"), LATER)
    assert row(desk, second)["state"] == "sent"
    desk.receive(write(daemon, "failure notice", "gone", f"In-Reply-To: {ours}"), LATER)
    assert row(desk, second)["state"] == "returned"
    assert list_suppressed(desk.snapshot) == []


def test_a_bounce_about_sixty_recipients_is_quarantined(desk: QuickDesk) -> None:
    """Each mail of ours has one recipient: such a report is for a person, and changes nothing (safety.md A.6)."""
    sent = answer(desk)
    assert desk.receive(bounce(sent, times=51), LATER).state == "unreadable"
    assert row(desk, sent)["state"] == "sent"


def test_the_developers_own_address_is_never_suppressed(desk: QuickDesk) -> None:
    """A digest must never be the mail that is not sent."""
    digest = gather_digest(desk.store, desk.snapshot, NOW, NOW - HOUR)
    with desk.store.transaction():
        put_digest_into_outbox(desk.store, digest, desk.snapshot, desk.key, NOW, "today")
    send(desk)
    (sent,) = desk.sent("digest")
    desk.receive(bounce(sent), LATER)
    assert row(desk, sent)["state"] == "returned"
    assert list_suppressed(desk.snapshot) == []


def test_an_emergency_answer_that_comes_back_is_told_at_once(desk: QuickDesk) -> None:
    """The developer is alerted a second time; an ordinary answer that comes back waits for the digest."""
    ordinary = answer(desk)
    desk.receive(bounce(ordinary, status="5.2.2"), LATER)
    assert desk.sent("alert") == []
    urgent = answer(desk, BAKERY, "Help", "Our site is down!")
    for _ in range(2):
        desk.receive(bounce(urgent, status="5.2.2"), LATER)
    _, alert = desk.sent("alert")
    assert message_from_bytes(alert)["Subject"].startswith(f"[came back] {BAKERY}")
    assert b"    5.2.2 jan@bakery.test 550 5.2.2 said the server" in alert
    digest = show_digest(desk.store, desk.snapshot, LATER + HOUR, NOW - HOUR)
    assert f"Mail to {ANN} came back" in digest[digest.index("Needs you") :]


def test_an_approved_answer_that_comes_back_is_told_at_once(tmp_path: Path) -> None:
    """What a person sent is a person's to mend."""
    with quick_desk(tmp_path / "desk", mode="draft", more='[outbox]\napproved_delay = "0s"\n') as desk:
        desk.receive(write(ANN), NOW)
        approve_mail(desk.snapshot, 1, NOW + MINUTE, anyway=False)
        send(desk)
        (sent,) = desk.sent("approved")
        desk.receive(bounce(sent, status="5.2.2"), LATER)
        assert row(desk, sent)["state"] == "returned"
        (alert,) = desk.sent("alert")
        assert b"The answer you approved did not reach ann@client.test." in alert


def test_a_bounce_that_is_faster_than_the_books_stands(desk: QuickDesk) -> None:
    """It may arrive before `sent` is written down; what is written down then does not hide it."""
    desk.receive(write(ANN), NOW)
    with desk.store.transaction():
        (one,) = desk.store.outbox.claim("box0", 5, NOW + MINUTE, LATER)
        desk.store.outbox.begin_transfer(one.id)
    desk.receive(bounce(desk.sent()[0]), LATER)
    with desk.store.transaction():
        desk.store.outbox.finish(one.id, "sent", "250 OK", LATER)
    assert row(desk, desk.sent()[0])["state"] == "returned"
