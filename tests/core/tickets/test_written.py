"""Mails the developer wrote: whose they are, whom they answer, what they change."""

import pytest

from tests.core.letters import DESK, OWN_ID, letter
from triagebot.core.decision import Sender, TicketState
from triagebot.core.mail import Content
from triagebot.core.rules.rule import Kind
from triagebot.core.tickets.ticket import LEGAL, OPEN_STATES, OpenTicket
from triagebot.core.tickets.written import (
    Readers,
    choose_role,
    find_matter,
    guess_minutes,
    is_by_developer,
    is_machine_made,
    state_after,
)

KINDS: tuple[Kind, ...] = ("emergency", "project", "work", "vendor", "enquiry", "question")
ADA = Sender("Ada@AdaWeb.test", "pass")


def is_own(message_id: str) -> bool:
    """Tell ids of our own mails."""
    return message_id == OWN_ID


@pytest.mark.parametrize(
    "line", ["Auto-Submitted: auto-replied", "Auto-Submitted: Auto-Generated; x=y", "X-Triagebot-Loop: code"]
)
def test_what_a_program_wrote_answers_nobody(line: str) -> None:
    """An absence notice in Sent is no answer of the developer's, nor is a mail of a desk."""
    assert is_machine_made(letter(line))
    assert not is_by_developer(letter(line), ADA, DESK, is_own)


@pytest.mark.parametrize("kind", ["multipart/report", "text/calendar"])
def test_receipts_and_invitations_are_no_answers(kind: str) -> None:
    """By their type, without any other mark."""
    assert is_machine_made(letter(content=Content(types=("multipart/mixed", kind))))
    assert not is_machine_made(letter("Auto-Submitted: no", content=Content(types=("text/plain",))))


@pytest.mark.parametrize(
    ("sender", "message_id", "expected"),
    [
        (ADA, "<one@x.test>", True),
        (Sender("help@adaweb.test", "pass"), "<one@x.test>", True),
        (Sender("ada@adaweb.test", "weak"), "<one@x.test>", False),
        (Sender("ada@adaweb.test", "fail"), "<one@x.test>", False),
        (Sender("jan@bakery.test", "pass", "bakery"), "<one@x.test>", False),
        (Sender("", "pass"), "<one@x.test>", False),
        (ADA, OWN_ID, False),
    ],
)
def test_the_developers_mail_is_his_only_when_proven(sender: Sender, message_id: str, expected: bool) -> None:
    """From his own address or the desk's, and none that this desk itself has sent."""
    assert is_by_developer(letter(message_id=message_id), sender, DESK, is_own) is expected


def test_readers_are_all_but_the_desk_and_the_developer() -> None:
    """To, Cc and Bcc count; copies to oneself do not; clients are known by address or domain."""
    mail = letter(
        "Cc: help@adaweb.test, eva@cafe.test", "Bcc: Ada <ada@adaweb.test>, x@host.test", to="Jan@Bakery.test"
    )
    readers = Readers.of(mail, DESK)
    assert readers.keys == {"jan@bakery.test", "eva@cafe.test", "x@host.test"}
    assert readers.clients == {"bakery", "cafe"}
    assert readers.addresses == ("Jan@bakery.test", "eva@cafe.test", "x@host.test")


def test_an_answer_goes_to_whom_the_conversation_is_with() -> None:
    """A colleague of the client's answers for it too; anybody else gets a note."""
    readers = Readers(("jan@bakery.test",), frozenset({"jan@bakery.test"}), frozenset({"bakery"}))
    assert choose_role(readers, ["bakery"], []) == "answer"
    assert choose_role(readers, [], ["jan@bakery.test"]) == "answer"
    assert choose_role(readers, ["cafe"], ["mia@cafe.test"]) == "note"
    assert choose_role(Readers((), frozenset(), frozenset()), ["bakery"], ["jan@bakery.test"]) == "note"


def test_a_new_mail_is_about_the_ticket_with_its_subject_or_words() -> None:
    """The newest one with the subject, whatever its prefixes; else one that says the same; else none."""
    tickets = [
        OpenTicket(number, "work", "work/small", text, "planned")
        for number, text in enumerate(
            ("Menu\nPut the soup first", "Menu\nNew prices", "Logo\nIt is blurred on phones"), 1
        )
    ]
    found = find_matter(tickets, "AW: menu", "It is done.")
    assert found is not None
    assert found.id == 2
    found = find_matter(tickets, "Your website", "The logo is not blurred on phones any more: logo, phones, blurred.")
    assert found is not None
    assert found.id == 3
    assert find_matter(tickets, "", "Happy holidays") is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", [*OPEN_STATES, "closed"])
def test_an_answer_moves_only_what_nobody_has_planned(kind: Kind, state: TicketState) -> None:
    """And only where the table of states lets it go."""
    after = state_after(kind, state)
    assert (after != state) is (state == "new")
    assert after == state or after in LEGAL[state]


def test_a_guess_is_what_is_left_of_the_estimate() -> None:
    """And nothing when more than that is booked."""
    assert (guess_minutes(30, 0), guess_minutes(30, 25), guess_minutes(30, 30), guess_minutes(30, 45)) == (
        30,
        5,
        None,
        None,
    )
