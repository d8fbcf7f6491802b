"""Conversations on a whole desk: who joins whose, and what a request that is repeated gets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.desks import client
from tests.app.quick_desks import DAY, HOUR, NOW, QuickDesk, header, quick_desk, write
from triagebot.core.decision import AuthState
from triagebot.edge.store.received.threads import OUTSIDER

JAN, EWA, BOB = "jan@bakery.test", "ewa@bakery.test", "bob@cafe.test"
CLIENTS = client("bakery", JAN, "one-off").replace(f'["{JAN}"]', f'["{JAN}", "{EWA}"]') + client("cafe", BOB, "one-off")
CHANGE = "Please change the phone number on our contact page to 555 0199, the old one is dead."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A live desk with two clients, one of them of two people."""
    with quick_desk(tmp_path / "desk", clients=CLIENTS) as opened:
        yield opened


def tickets(desk: QuickDesk) -> list[tuple[int, str | None]]:
    """Return the tickets with the dates they were promised for."""
    return desk.rows("SELECT id, promise FROM ticket ORDER BY id")


def threads(desk: QuickDesk) -> list[int]:
    """Return the thread of each mail."""
    return [row[0] for row in desk.rows("SELECT thread FROM mail ORDER BY id")]


def test_a_request_mailed_three_times_is_one(desk: QuickDesk) -> None:
    """In new threads, in other words, by another person of the client: one ticket, one date, one answer."""
    words = (CHANGE, f"Hello, did you get my mail? {CHANGE}", f"Just a reminder. {CHANGE}")
    for number, (author, text) in enumerate(zip((JAN, JAN, EWA), words, strict=True)):
        desk.receive(write(author, f"Phone number {'!' * number}", text), NOW + number * 26 * HOUR)
    first = tickets(desk)
    assert len(first) == 1
    assert first[0][1] is not None
    assert len(desk.sent()) == 1
    assert len(set(threads(desk))) == 3
    assert [row[0] for row in desk.rows("SELECT ticket FROM mail")] == [1, 1, 1]
    desk.receive(write(JAN, "Phone number", CHANGE), NOW + 30 * DAY)
    assert len(tickets(desk)) == 2


def test_a_ticket_number_or_id_that_somebody_else_quotes_joins_nothing(desk: QuickDesk) -> None:
    """Neither in the subject nor in the headers (field.md 20); both are written down for the developer."""
    desk.receive(first := write(JAN, "Phone number", CHANGE), NOW)
    (ours,) = desk.sent()
    named = f"In-Reply-To: {header(ours, 'Message-ID')}", f"References: {header(first, 'Message-ID')}"
    mails: tuple[tuple[str, AuthState, str], ...] = (
        (BOB, "pass", "Re: Phone number [#1]"),
        ("sam@elsewhere.test", "pass", "Re: [Ticket#1] Phone number"),
        (JAN, "fail", "Re: Phone number"),
    )
    for author, auth, subject in mails:
        desk.receive(write(author, subject, "Please change it to 555 0200, ticket #1", *named), NOW + HOUR, auth)
    assert threads(desk) == [1, 2, 3, 4]
    assert [row[0] for row in desk.rows("SELECT count(*) FROM mail WHERE ticket = 1")] == [1]
    assert desk.rows("SELECT ticket, mail FROM event WHERE what = ? ORDER BY mail", OUTSIDER) == [
        (1, 2),
        (1, 3),
        (1, 4),
    ]


def test_an_answer_of_the_same_client_joins(desk: QuickDesk) -> None:
    """By our signed id or by theirs, also when a colleague writes, and when References were overwritten."""
    desk.receive(first := write(JAN, "Phone number", CHANGE), NOW)
    (ours,) = desk.sent()
    theirs, own = header(first, "Message-ID"), header(ours, "Message-ID")
    for author, more in (
        (JAN, (f"In-Reply-To: {own}", f"References: {theirs} {own}")),
        (EWA, (f"In-Reply-To: {theirs}",)),
        (JAN, (f"In-Reply-To: {own}", "References: <something@else.test>")),
        (JAN, ("In-Reply-To: <something@else.test>", f"References: <odd@else.test> {own}")),
    ):
        desk.receive(write(author, "Re: Phone number", "One more word about it", *more), NOW + HOUR)
    assert threads(desk) == [1] * 5
    assert [row[0] for row in desk.rows("SELECT DISTINCT ticket FROM mail")] == [1]
    assert len(desk.sent()) == 1


def test_two_answers_to_a_mail_the_desk_never_saw_are_one_conversation(desk: QuickDesk) -> None:
    """It went from person to person; its id holds its place (field.md 22)."""
    for author in (JAN, EWA):
        desk.receive(write(author, "Re: Footer", CHANGE, "In-Reply-To: <private@ada.test>"), NOW)
    assert threads(desk) == [1, 1]
    assert len(tickets(desk)) == 1
