"""`send`: what the developer typed reaches the client as a person's answer in its thread, or nobody at all."""

from collections.abc import Iterator
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
)
from tests.app.quick_desks import HOUR, MARKS, MINUTE, NOW, SECOND, QuickDesk, header, write
from triagebot.core.errors import TriagebotError
from triagebot.core.outgoing.compose import plain_text
from triagebot.core.outgoing.identity import address_code

WORDS = "Hello Jan,\nthe number is changed: żółć, {{ desk.name }} <b>*as is*</b>."
LATER = SAID + WINDOW + SECOND


@pytest.fixture
def live(tmp_path: Path) -> Iterator[QuickDesk]:
    """A live desk; its first answer has left."""
    with commanded(tmp_path / "live") as desk:
        leave(desk, NOW + MINUTE)
        yield desk


def test_other_words_take_the_drafts_place(tmp_path: Path) -> None:
    """To, subject and thread are the draft's; the text is the developer's, and nothing says that a machine sent it. The
    draft is gone from Drafts, and the words count as a correction of it."""
    with commanded(tmp_path / "desk", "draft") as desk:
        with desk.store.transaction():
            desk.store.outbox.set_drafted(1, "", NOW)
        draft = desk.store.outbox.raw(1)
        assert f"The mail to {JAN} leaves at 2026-11-24 10:10" in said(do(desk, "send", "1", text=WORDS))
        assert desk.rows("SELECT state, stale_draft FROM outbox WHERE id = 1") == [("dropped", 1)]
        (sent,) = leave(desk, LATER)
        for name in ("From", "To", "Subject", "In-Reply-To", "References", "Content-Language"):
            assert header(sent.raw, name) == header(draft, name) != ""
        assert header(sent.raw, "Message-ID").startswith("<ap.")
        assert header(sent.raw, "Message-ID") != header(draft, "Message-ID")
        for name in set(MARKS) - {"X-Triagebot-Loop", "Content-Language"}:
            assert not header(sent.raw, name)
        assert plain_text(sent.raw) == f"{WORDS}\n\nTest Desk\n"
        assert desk.rows("SELECT rule, verdict FROM agreement") == [("small-change", "differs")]
        assert desk.rows("SELECT answered_at IS NOT NULL FROM ticket") == [(1,)]


def test_an_answer_where_no_draft_waits(live: QuickDesk) -> None:
    """It goes to who wrote last, and refers to the conversation, our own answer in it too."""
    ask_again(live, NOW + 2 * MINUTE)
    do(live, "send", "1", text=WORDS)
    (sent,) = leave(live, LATER)
    first, last = (row[0] for row in live.rows("SELECT message_id FROM mail ORDER BY id"))
    ours = live.rows("SELECT message_id FROM outbox WHERE id = 1")[0][0]
    assert (sent.recipient, header(sent.raw, "Subject")) == (JAN, "Re: Phone number")
    assert header(sent.raw, "In-Reply-To") == last
    assert header(sent.raw, "References").split() == [first, ours, last]
    assert live.rows("SELECT answered_at IS NOT NULL, state FROM ticket") == [(1, "planned")]


def test_an_answer_hands_the_turn_over(live: QuickDesk) -> None:
    """What nobody has planned waits for the client then."""
    with live.store.transaction():
        live.store._connection.execute("UPDATE ticket SET state = 'new'")
    do(live, "send", "1", SAID + MINUTE, text="Which number?")
    assert ticket(live)["state"] == "waiting-client"
    do(live, "undo", "1", SAID + 2 * MINUTE)
    assert ticket(live)["state"] == "new"


def test_a_mail_without_a_ticket_is_answered_and_dealt_with(live: QuickDesk) -> None:
    """A held mail of a proven stranger."""
    live.receive(write("new@person.test", "Hello", "Do you mend bicycles?"), NOW + MINUTE)
    do(live, "send", "m2", text="No.")
    (sent,) = leave(live, LATER)
    assert (sent.recipient, header(sent.raw, "Subject")) == ("new@person.test", "Re: Hello")
    assert live.rows("SELECT handled_at IS NOT NULL FROM mail WHERE id = 2") == [(1,)]


def test_who_called_is_written_to(live: QuickDesk) -> None:
    """At the first address of the client; there is no thread yet."""
    do(live, "new", other="shop", text="The menu")
    do(live, "send", "2", text="It is done.")
    (sent,) = leave(live, LATER)
    assert (sent.recipient, header(sent.raw, "Subject"), header(sent.raw, "References")) == (MIRA, "The menu", "")


def test_the_client_writing_meanwhile_stops_it(live: QuickDesk) -> None:
    """In its window it is as good as unsaid."""
    do(live, "send", "1", text=WORDS)
    ask_again(live, SAID + MINUTE)
    assert letters(live)[2] == "stopped"
    assert leave(live, LATER) == []


def test_the_same_words_of_one_moment_leave_once(live: QuickDesk) -> None:
    """A line that stands twice in an answer."""
    do(live, "send", "1", text=WORDS)
    with pytest.raises(TriagebotError, match="sent by the same answer already"):
        do(live, "send", "1", text=WORDS)
    do(live, "send", "1", SAID + SECOND, text=WORDS)
    assert len(leave(live, LATER + SECOND)) == 2


@pytest.mark.parametrize("auth", ["fail", "unknown", "weak"])
def test_nobody_who_is_not_proven_is_written_to(live: QuickDesk, auth: Any) -> None:
    """A forged mail makes the desk write to no one, by the mail's number or as the last of its ticket."""
    live.receive(write(JAN, "Phone", "Please change the number."), NOW + HOUR, auth)
    for ref in ("m2", *(str(row[0]) for row in live.rows("SELECT ticket FROM mail WHERE id = 2 AND ticket > 0"))):
        with pytest.raises(TriagebotError, match="m2 is not proven to come from"):
            do(live, "send", ref, text=WORDS)
    assert letters(live) == {1: "sent"}


def test_nothing_goes_where_mail_came_back_from(live: QuickDesk) -> None:
    """The sentence says how that ends."""
    with live.store.transaction():
        live.store._connection.execute(
            "INSERT INTO suppression (code, address, reason, since) VALUES (?, ?, '550 5.1.1', ?)",
            (address_code(live.key, JAN), JAN, NOW.isoformat()),
        )
    with pytest.raises(TriagebotError, match="triagebot outbox unsuppress"):
        do(live, "send", "1", text=WORDS)
    assert letters(live) == {1: "sent"}


@pytest.mark.parametrize(
    ("ref", "words", "sentence"),
    [
        ("1", " \n", 'there are no words to send; write 1 send "your answer"'),
        ("2", "Hello", "no address is known to answer ticket 2 at: call them"),
        ("9", "Hello", "there is no ticket 9"),
        ("m9", "Hello", "there is no mail 9"),
        ("o1", "Hello", "o1 does not wait for your word any more"),
    ],
)
def test_what_cannot_be_sent_is_told(live: QuickDesk, ref: str, words: str, sentence: str) -> None:
    """One sentence, and nothing is written."""
    do(live, "new", other="choir", text="Sing")
    with pytest.raises(TriagebotError) as refused:
        do(live, "send", ref, text=words)
    assert sentence in str(refused.value)
    assert letters(live) == {1: "sent"}
