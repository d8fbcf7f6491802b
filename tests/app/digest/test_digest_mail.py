"""The digest as the mail that leaves: both parts, where its answers go, and what they may be about."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from tests.app.books import at, book, books
from tests.app.desks import PLAN, client
from tests.app.quick_desks import QuickDesk, header, quick_desk, write
from tests.html_lint import find_faults
from triagebot.app.digest.gather import gather_digest
from triagebot.app.digest.send import put_digest_into_outbox
from triagebot.app.outgoing.rows import plus_mark
from triagebot.core.digest.content import Digest
from triagebot.core.outgoing.compose import plain_text

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
BAKERY = "jan@bakery.test"
KNOWN = PLAN + client("bakery", BAKERY, "retainer")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk in draft mode with one draft of a ticket and one of a question."""
    with quick_desk(tmp_path / "desk", clients=KNOWN, mode="draft") as opened:
        opened.receive(write(BAKERY, "Phone", "Please change the phone number."), NOW)
        opened.receive(write(BAKERY, "How", "Where are the permalinks?"), NOW)
        yield opened


def send(desk: QuickDesk, cause: str = "2026-11-24", digest: Digest | None = None, now: datetime = NOW) -> bytes:
    """Given a desk and what causes its digest, put it into the outbox; return the last one there."""
    with desk.store.transaction():
        made = digest or gather_digest(desk.store, desk.snapshot, now, now - DAY)
        put_digest_into_outbox(desk.store, made, desk.snapshot, desk.key, now, cause)
    return desk.sent("digest")[-1]


def part(raw: bytes, kind: str) -> str:
    """Given a mail and the type of a part, return its words."""
    found = next(one for one in message_from_bytes(raw).walk() if one.get_content_type() == kind)
    payload = found.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n")


def test_both_parts_say_the_same(desk: QuickDesk) -> None:
    """The draft whole, its command, and the subject with the count; the page holds only what mail programs know."""
    raw = send(desk)
    text, page = plain_text(raw), part(raw, "text/html")
    assert header(raw, "Subject") == "Test Desk: 2 need you, Tuesday, 24 November 2026"
    for said in (text, page):
        assert "That takes half an hour." in said
        assert "1 ok" in said
    assert find_faults(page) == []
    assert header(raw, "Auto-Submitted") == "auto-generated"
    assert header(raw, "Content-Language") == "en"


def test_what_it_shows_is_remembered(desk: QuickDesk) -> None:
    """Each ref once, in the version it has, with those whose mail was shown whole marked for `all ok`."""
    send(desk)
    shown = dict(desk.rows("SELECT ref, shown FROM digest_item"))
    assert {ref for ref, whole in shown.items() if whole} == {"1", "m2"}
    (version,) = desk.rows("SELECT version FROM digest_item WHERE ref = '1'")[0]
    assert version == desk.store.digests.version_of("1")
    (message_id,) = desk.rows("SELECT message_id FROM digest")[0]
    assert message_id == header(desk.sent("digest")[0], "Message-ID")


def test_one_cause_has_one_mail(desk: QuickDesk) -> None:
    """A second one of the same day is neither sent nor remembered; one that was asked for by hand is another."""
    send(desk)
    send(desk)
    assert (len(desk.sent("digest")), desk.rows("SELECT count(*) FROM digest")) == (1, [(1,)])
    send(desk, "2026-11-24T09:00:00")
    assert (len(desk.sent("digest")), desk.rows("SELECT count(*) FROM digest")) == (2, [(2,)])


def test_answers_go_to_a_token_address_once_it_is_proven(desk: QuickDesk) -> None:
    """Until plus-addressing is proven, the desk's own; the links carry the token in their subject all the same."""
    raw = send(desk)
    assert header(raw, "Reply-To") == "support@company.test"
    assert "%5Bd-" in part(raw, "text/html")
    with desk.store.transaction():
        desk.store.health.do_once(plus_mark("box0"), NOW)
    assert header(send(desk, "again"), "Reply-To").startswith("support+d-")


def test_without_trust_it_cannot_be_answered(desk: QuickDesk) -> None:
    """Where no server is believed there is no token, no link and no command; the last line says why."""
    inbox = replace(desk.snapshot.desk.inbox[0], authserv_ids=())
    untrusting = replace(desk.snapshot, desk=replace(desk.snapshot.desk, inbox=(inbox,)))
    with desk.store.transaction():
        digest = gather_digest(desk.store, untrusting, NOW, NOW - DAY)
        put_digest_into_outbox(desk.store, digest, untrusting, desk.key, NOW, "today")
    (raw,) = desk.sent("digest")
    assert header(raw, "Reply-To") == ""
    assert "mailto:" not in part(raw, "text/html")
    assert "Answers to this mail are off" in " ".join(plain_text(raw).split())
    assert desk.rows("SELECT count(*) FROM digest_item") == [(0,)]


def test_on_mondays_pictures_come_along(tmp_path: Path) -> None:
    """Each picture the page names is a part of the mail, and nothing else is fetched."""
    with books(tmp_path / "desk") as desk:
        book(desk, "bakery", 90, "2026-11-18", now="2026-11-18T09:00")
        monday = at("2026-11-23T07:30")
        message = message_from_bytes(send(desk, "2026-11-23", now=monday))
    page = next(one for one in message.walk() if one.get_content_type() == "text/html")
    pictures: list[Message] = [one for one in message.walk() if one.get_content_type() == "image/png"]
    words = page.get_payload(decode=True)
    assert isinstance(words, bytes)
    assert pictures
    for picture in pictures:
        assert f"cid:{picture['Content-ID'][1:-1]}" in words.decode()
        assert picture.get_payload(decode=True)[:8] == b"\x89PNG\r\n\x1a\n"  # type: ignore[index]
    assert words.decode().count("cid:") == len(pictures)
