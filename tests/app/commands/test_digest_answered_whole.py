"""The digest as the desk makes it, answered as mail programs answer it: with all of it quoted in one way or another."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.app.answered_desks import CLIENTS, READ, answer, ask_for_work, digest_id, outcomes, write_answer
from tests.app.desks import WIDE
from tests.app.quick_desks import DAY, HOUR, MINUTE, NOW, SUPPORT, QuickDesk, header, quick_desk
from triagebot.app.digest.gather import gather_digest
from triagebot.app.digest.send import put_digest_into_outbox
from triagebot.core.outgoing.compose import plain_text

ATTACK = (
    "Please change the phone number.\n1 close\nall ok\nmode live\n2 no\nnew ann 30m free work\naway 2026-12-01\nundo"
)
"""A client's mail; all of it stands in the digest that the developer quotes."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk in draft mode that has sent its digest: two drafts wait, one client's mail is full of commands."""
    with quick_desk(tmp_path / "desk", mode="draft", clients=CLIENTS, more=WIDE) as opened:
        ask_for_work(opened, ATTACK, NOW - HOUR)
        ask_for_work(opened, "Please change the roses.", NOW - MINUTE)
        with opened.store.transaction():
            digest = gather_digest(opened.store, opened.snapshot, NOW, NOW - DAY)
            put_digest_into_outbox(opened.store, digest, opened.snapshot, opened.key, NOW, "2026-11-24")
        yield opened


def quote(text: str, mark: str) -> str:
    """Given a text, return it with a mark before each line."""
    return "\n".join(f"{mark}{line}" for line in text.splitlines())


def rewrap(text: str, width: int) -> str:
    """Given a text, return it quoted as programs do that break long lines and mark only the first part."""
    pieces = (
        [line[start : start + width] for start in range(0, max(1, len(line)), width)] for line in text.splitlines()
    )
    return "\n".join(f"> {first}" + "".join(f"\n{rest}" for rest in others) for first, *others in pieces)


INTRO = "On Tue, 24 Nov 2026 at 09:00, Test Desk <support@company.test> wrote:\n"
WAYS: dict[str, Callable[[str], str]] = {
    "above, marked": lambda text: f"2 ok\n\n{INTRO}{quote(text, '> ')}",
    "below, marked": lambda text: f"{INTRO}{quote(text, '>')}\n\n2 ok\n",
    "between": lambda text: f"{INTRO}{quote(text[:900], '> ')}\n\n2 ok\n\n{quote(text[900:], '> ')}",
    "twice": lambda text: f"2 ok\n\n{INTRO}{quote(quote(text, '> '), '> ')}",
    "bars": lambda text: f"2 ok\n\n{INTRO}{quote(text, ' | ')}",
    "broken lines": lambda text: f"2 ok\n\n{INTRO}{rewrap(text, 40)}",
    "bare": lambda text: f"2 ok\n\n{INTRO}\n{text}",
    "outlook": lambda text: f"2 ok\n\n________________\nFrom: Test Desk\nSent: Tuesday\nTo: Ada\nSubject: A\n\n{text}",
    "original": lambda text: f"2 ok\n\n-----Original Message-----\nFrom: Test Desk\n{text}",
    "nothing between": lambda text: f"2 ok\n\n{text}",
}


@pytest.mark.parametrize("way", WAYS)
def test_only_the_developers_own_line_runs(desk: QuickDesk, way: str) -> None:
    """One of two drafts leaves; no ticket, mode or absence is touched by what the client wrote."""
    before = desk.rows("SELECT id, state, promise FROM ticket")
    body = WAYS[way](plain_text(desk.sent("digest")[0]))
    raw = write_answer(body, header(desk.sent("digest")[0], "Reply-To"), f"In-Reply-To: {digest_id(desk)}")
    answer(desk, raw)
    assert [line for line, outcome, _ in outcomes(desk) if outcome != "unclear"] == ["2 ok"]
    assert desk.rows("SELECT id, state, promise FROM ticket") == before
    states = desk.rows("SELECT state, recipient FROM outbox WHERE class <> 'digest' ORDER BY id")
    assert states == [("draft", "ann@client.test"), ("queued", "ann@client.test")]


@pytest.mark.parametrize("way", WAYS)
def test_a_quote_alone_runs_nothing(desk: QuickDesk, way: str) -> None:
    """Nor does the same without a line of the developer's own."""
    body = WAYS[way](plain_text(desk.sent("digest")[0])).replace("2 ok\n", "", 1)
    raw = write_answer(body, header(desk.sent("digest")[0], "Reply-To"), f"In-Reply-To: {digest_id(desk)}")
    answer(desk, raw)
    assert [line for line, outcome, _ in outcomes(desk) if outcome != "unclear"] == []


PAGES = {
    "gmail": '<div dir="ltr">2 ok</div><br><div class="gmail_quote"><div class="gmail_attr">On Tue, 24 Nov 2026 at'
    " 09:00, Test Desk wrote:<br></div><blockquote>{}</blockquote></div>",
    "apple": '<div>2 ok</div><div><br><blockquote type="cite"><div>On 24 Nov 2026, Test Desk wrote:</div>'
    "{}</blockquote></div>",
    "outlook": '<p class="MsoNormal">2 ok</p><div style="border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Test Desk<br>'
    "<b>Sent:</b> Tuesday<br><b>To:</b> Ada<br><b>Subject:</b> A day</p></div>{}",
    "nothing between": "<div>2 ok</div><div><br></div>{}",
}


@pytest.mark.parametrize("program", PAGES)
def test_a_page_that_quotes_the_page(desk: QuickDesk, program: str) -> None:
    """Answers in HTML alone, with the digest's own HTML quoted as the program does."""
    digest = message_from_bytes(desk.sent("digest")[0])
    (page,) = (part.get_payload(decode=True) for part in digest.walk() if part.get_content_type() == "text/html")
    assert isinstance(page, bytes)
    body = PAGES[program].format(re.sub("(?s)^.*<body[^>]*>|</body>.*$", "", page.decode()))
    kind = "Content-Type: text/html; charset=utf-8"
    raw = write_answer(body, str(digest["Reply-To"]), f"In-Reply-To: {digest_id(desk)}", kind)
    answer(desk, raw)
    assert [line for line, outcome, _ in outcomes(desk) if outcome != "unclear"] == ["2 ok"]
    states = desk.rows("SELECT state FROM outbox WHERE class <> 'digest' ORDER BY id")
    assert states == [("draft",), ("queued",)]


def test_the_confirmation_is_answered_with_all_of_it_quoted(desk: QuickDesk) -> None:
    """What it says was done is not done again."""
    answer(desk, write_answer("1 ok\n2 no", SUPPORT, f"In-Reply-To: {digest_id(desk)}"))
    text = plain_text(desk.sent("digest")[-1])
    raw = write_answer(
        f"undo 1\n\n{INTRO}{quote(text, '> ')}",
        SUPPORT,
        f"In-Reply-To: {digest_id(desk)}",
        message_id="<b@company.test>",
    )
    answer(desk, raw, READ + timedelta(minutes=1))
    assert [(line, outcome) for line, outcome, _ in outcomes(desk)] == [
        *(("1 ok", "undone"), ("2 no", "done"), ("undo 1", "done"))
    ]
