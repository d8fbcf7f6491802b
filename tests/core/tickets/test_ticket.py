"""Which open ticket a new request repeats (design.md section 3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.repeats import REQUESTS
from triagebot.core.decision import TicketState
from triagebot.core.tickets.ticket import LEGAL, OPEN_STATES, OpenTicket, find_same_matter, forbid_change

FOOTER = OpenTicket(7, "work", "work/small-change", "Footer\nPlease change the footer of my pages", "planned")
texts = st.text(max_size=60)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Footer\nPlease change the footer of my pages", True),
        ("Re: Footer\nplease CHANGE the Footer of my pages!!", True),
        ("Re: Footer\nDid you see this? Please change the footer of my pages", True),
        ("Footer\nThe phone number in the header is wrong", False),
        ("", False),
        ("!!! ... ---", False),
    ],
)
def test_the_same_words_are_the_same_matter(text: str, same: bool) -> None:
    """A request is repeated when half of all words used are common, whatever case and punctuation."""
    found = find_same_matter([FOOTER], "work", "work/small-change", text)
    assert found == (FOOTER if same else None)


def test_folding_counts() -> None:
    """Turkish dots, width and letters in another case are the same word (core/fold.py)."""
    ticket = replace(FOOTER, text="İLETİŞİM sayfası ＡＢＣ")
    assert find_same_matter([ticket], "work", FOOTER.reason, "iletişim sayfası abc") == ticket


@pytest.mark.parametrize("change", [{"kind": "emergency"}, {"reason": "work/other"}, {"reason": None}])
def test_another_kind_or_reason_is_another_matter(change: dict[str, str]) -> None:
    """Equal words about something else are a new request."""
    other: OpenTicket = replace(FOOTER, **change)  # type: ignore[arg-type]
    assert find_same_matter([other], "work", FOOTER.reason, FOOTER.text) is None


def test_the_likest_ticket_is_joined() -> None:
    """Of several open tickets the one with the most words in common is meant, of equals the oldest."""
    far = replace(FOOTER, id=1, text="Please change the footer of my pages soon, it is urgent and wrong")
    twin = replace(FOOTER, id=8)
    assert find_same_matter([far, FOOTER, twin], "work", FOOTER.reason, FOOTER.text) == FOOTER


def test_a_ticket_nobody_gave_a_reason() -> None:
    """Mails no rule knew are compared among themselves."""
    ticket = replace(FOOTER, kind="question", reason=None)
    assert find_same_matter([ticket], "question", None, FOOTER.text) == ticket


@given(st.lists(texts, max_size=5), texts)
def test_only_open_tickets_that_were_given_are_found(known: list[str], text: str) -> None:
    """Any text finds one of the tickets it was given, or none, and equal words always find one."""
    tickets = [replace(FOOTER, id=number, text=said) for number, said in enumerate(known)]
    found = find_same_matter(tickets, "work", FOOTER.reason, text)
    assert found is None or found in tickets
    if any(character.isalnum() for character in text):
        assert find_same_matter([*tickets, replace(FOOTER, id=99, text=text)], "work", FOOTER.reason, text)


def test_only_closed_is_closed() -> None:
    """A ticket that is done is open until the client or the developer closes it."""
    assert set(OPEN_STATES) == {"new", "waiting-client", "accepted", "planned", "doing", "done"}


@pytest.mark.parametrize("language", REQUESTS)
def test_a_request_that_is_repeated_in_other_words(language: str) -> None:
    """A second and a third mail about it is the same matter, another request of the same client is not."""
    matters = REQUESTS[language]
    for mails in matters:
        for one, other in combinations(mails, 2):
            assert find_same_matter([replace(FOOTER, text=one)], "work", FOOTER.reason, other), (one, other)
    for mails, others in combinations(matters, 2):
        for one, other in product(mails, others):
            assert not find_same_matter([replace(FOOTER, text=one)], "work", FOOTER.reason, other), (one, other)


def test_the_same_words_with_another_number() -> None:
    """Two invoices are two matters, however alike the mails are."""
    ticket = replace(FOOTER, text="Invoice\nI cannot open invoice 118, could you send it again")
    for number, same in (("118", True), ("119", False)):
        said = f"Invoice\nI cannot open invoice {number}, could you send it again"
        assert bool(find_same_matter([ticket], "work", FOOTER.reason, said)) is same


def test_a_repeat_counts_for_a_while() -> None:
    """What was asked before the window is asked anew."""
    ticket = replace(FOOTER, opened_at=NOON)
    late = NOON + timedelta(microseconds=1)
    assert find_same_matter([ticket], "work", FOOTER.reason, FOOTER.text, NOON) == ticket
    assert find_same_matter([ticket], "work", FOOTER.reason, FOOTER.text, late) is None


def test_states_follow_each_other_as_the_table_says() -> None:
    """Each refusal is a sentence that says what is possible; nothing ends where it cannot go on."""
    states: tuple[TicketState, ...] = get_args(TicketState)
    assert set(LEGAL) == set(states)
    for old, new in product(states, states):
        said = forbid_change(7, old, new)
        assert bool(said) is (new not in LEGAL[old])
        assert (
            not said or f"ticket 7 is {old} and cannot become {new}; from there it can become {LEGAL[old][0]}" in said
        )
    assert all(LEGAL[state] and state not in LEGAL[state] for state in states)
    assert all("closed" in LEGAL[state] for state in OPEN_STATES)
