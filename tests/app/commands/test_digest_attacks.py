"""Attacks on the answering of digests: nothing happens, and what was tried is written down."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.answered_desks import (
    BY_DMARC,
    CLIENT,
    DEVELOPER,
    READ,
    answer,
    digest_id,
    effects,
    outcomes,
    prove_plus,
    send_digest,
    write_answer,
)
from tests.app.desks import AUTHSERV_ID
from tests.app.quick_desks import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    SUPPORT,
    QuickDesk,
    quick_desk,
)
from tests.app.tempted_desks import done, last_said, states, tempted
from triagebot.app.desk.snapshot import load_snapshot


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[QuickDesk, str]]:
    """A desk with two planned tickets in its digest, and where answers to that go."""
    with tempted(tmp_path / "desk") as found:
        yield found


@pytest.fixture
def desk(opened: tuple[QuickDesk, str]) -> QuickDesk:
    """The desk."""
    return opened[0]


@pytest.fixture
def to(opened: tuple[QuickDesk, str]) -> str:
    """Where answers go."""
    return opened[1]


def expect_held(desk: QuickDesk, raw: bytes, why: str) -> None:
    """Given a mail that pretends to be an answer, let it arrive: no effect, the reason written down and shown."""
    before = effects(desk)
    assert answer(desk, raw).state == "held"
    assert effects(desk) == before
    assert outcomes(desk)[-1][:2] == ("", "ignored")
    assert why in last_said(desk)


def replayed(*above: str, results: str = BY_DMARC, author: str = f"Ada <{DEVELOPER}>", to: str = CLIENT) -> bytes:
    """Given header lines that stand above a mail, return the mail, which reads like a command."""
    lines = [f"Authentication-Results: {results}", *above, f"From: {author}", f"To: {to}"]
    return "\r\n".join((*lines, "Subject: Re: A day", "Message-ID: <old@company.test>", "", "1 hold", "")).encode()


@pytest.mark.parametrize("line", ["To: {to}", "Cc: {to}\r\nCc: x@company.test"])
def test_headers_added_above_signed_ones(desk: QuickDesk, to: str, line: str) -> None:
    """A signature covers one header of a name: of a replayed mail the upper one may be new (safety.md 0.8)."""
    expect_held(desk, replayed(line.format(to=to)), "more than once")


def test_references_added_above_signed_ones(desk: QuickDesk, to: str) -> None:
    """Of the ids it answers none is known to be the developer's."""
    ids = f"References: <a@company.test>\r\nReferences: {digest_id(desk)}"
    expect_held(desk, replayed(ids, to=SUPPORT), "more than once")


@pytest.mark.parametrize("age", [DAY + HOUR, 300 * DAY])
def test_a_mail_that_is_older_than_the_digest(desk: QuickDesk, to: str, age: timedelta) -> None:
    """It was written about something else; whoever holds a token sends it again."""
    written = f"{NOW - age:%a, %d %b %Y %H:%M:%S} +0000"
    expect_held(desk, replayed(f"Date: {written}", to=to), "was written before")


@pytest.mark.parametrize(
    "date", ["Tue, 24 Nov 2026 08:00:00 +0000", "Tue, 24 Nov 2026 23:00:00 +1400", "gibberish", ""]
)
def test_clocks_of_computers_differ(desk: QuickDesk, to: str, date: str) -> None:
    """By hours, where a zone is set wrongly; and what is no date says nothing."""
    assert answer(desk, replayed(f"Date: {date}", to=to)).state == "merged"
    assert states(desk) == ["waiting-client", "planned"]


def test_a_signature_of_a_part_of_the_mail(desk: QuickDesk, to: str) -> None:
    """With l= anybody appends commands to what was signed."""
    head = "DKIM-Signature: v=1; a=rsa-sha256; d=company.test; s=x; h=from:to; l=12; bh=x; b=x"
    expect_held(desk, replayed(head, to=to), "part of it")
    assert answer(desk, replayed(head.replace("l=12; ", ""), to=to)).state == "merged"


@pytest.mark.parametrize(
    ("author", "results"),
    [
        (f'"{DEVELOPER}" <{CLIENT}>', f"{AUTHSERV_ID}; dmarc=pass header.from=client.test"),
        (f"{DEVELOPER} <{CLIENT}>", f"{AUTHSERV_ID}; dmarc=pass header.from=client.test"),
        (f"Ada <{DEVELOPER}>, Ann <{CLIENT}>", BY_DMARC),
        (f"Developers: {DEVELOPER};", BY_DMARC),
        ("Ada <ada@mail.company.test>", f"{AUTHSERV_ID}; dmarc=pass header.from=mail.company.test"),
        (f"Ada <{DEVELOPER}>", f"{AUTHSERV_ID}; dmarc=pass header.from=mail.company.test"),
        (f"Ada <{DEVELOPER}.client.test>", f"{AUTHSERV_ID}; dmarc=pass header.from=company.test.client.test"),
        ("Ada <ada+x@company.test>", BY_DMARC),
        ("Ada <\u0430da@company.test>", BY_DMARC),
    ],
)
def test_names_that_look_like_the_developers(desk: QuickDesk, to: str, author: str, results: str) -> None:
    """In a display name, a second address, a group, a subdomain, a longer domain, a tag, a letter of another script."""
    expect_held(desk, replayed(author=author, results=results, to=to), "not believed")


def test_a_client_who_answers_all(desk: QuickDesk, to: str) -> None:
    """The developer put a client into Cc: their answer holds the token and the developer's own lines."""
    answer(desk, write_answer("2 hold", to, f"Cc: {CLIENT}"))
    before = effects(desk)
    results = f"{AUTHSERV_ID}; dmarc=pass header.from=client.test"
    text = "1 ok\nall ok\n\nOn Tuesday Ada wrote:\n> 2 hold\n"
    raw = write_answer(text, to, author=CLIENT, results=results, message_id="<c@client.test>")
    assert answer(desk, raw, READ + MINUTE).state == "held"
    assert effects(desk) == before
    assert f"it comes from {CLIENT}" in last_said(desk)
    assert "all ok" in desk.rows("SELECT new_text FROM mail ORDER BY id DESC LIMIT 1")[0][0]


def test_one_answer_in_two_watched_inboxes(desk: QuickDesk, to: str) -> None:
    """To the desk and, as a copy, to another of its addresses; also without any Message-ID, as another has none."""
    bare = [write_answer(text, to).replace(b"Message-ID", b"X-Nothing") for text in ("2 25m footer", "new ann 5m menu")]
    for raw in (write_answer("1 hold", to), *bare):
        assert answer(desk, raw).state == "merged"
        before = effects(desk)
        assert answer(desk, raw, READ + SECOND).state == "suppressed"
        assert effects(desk) == before
    assert done(desk) == ["1 hold", "2 25m footer", "new ann 5m menu"]
    assert len(desk.sent("digest")) == 4


def carry(sender: QuickDesk, receiver: QuickDesk, known: set[int], domain: str) -> int:
    """Let every new mail of a desk arrive at another one, proven; return how many there were."""
    rows = sender.rows("SELECT id FROM outbox WHERE state NOT IN ('draft', 'shadow') ORDER BY id")
    fresh = [row for (row,) in rows if row not in known]
    known.update(fresh)
    for row in fresh:
        head = f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from={domain}\r\n".encode()
        answer(receiver, head + sender.store.outbox.raw(row))
    return len(fresh)


def test_desks_that_are_each_others_developers(tmp_path: Path) -> None:
    """Their digests and confirmations come to the other's inbox: read by nobody, answered by nobody."""
    with quick_desk(tmp_path / "a", "help@one.test") as one, quick_desk(tmp_path / "b", "help@two.test") as two:
        for own, other in ((one, "help@two.test"), (two, "help@one.test")):
            config = own.config.read_text("utf-8").replace(f'developer = "{DEVELOPER}"', f'developer = "{other}"')
            own.config.write_text(config, "utf-8")
            loaded = load_snapshot(own.config, NOW)
            assert loaded.snapshot is not None, loaded.errors
            own.snapshot = loaded.snapshot
            prove_plus(own)
        sent: tuple[set[int], set[int]] = (set(), set())
        to = send_digest(one).address
        send_digest(two)
        written = write_answer("mode draft", to, author="help@two.test", results=f"{AUTHSERV_ID}; dmarc=pass")
        answer(one, written.replace(b"dmarc=pass", b"dmarc=pass header.from=two.test"))
        counts = [carry(one, two, sent[0], "one.test") + carry(two, one, sent[1], "two.test") for _ in range(4)]
        assert counts == [3, 0, 0, 0]
        assert (done(one), done(two)) == (["mode draft"], [])


@pytest.mark.parametrize("value", ["All", "DR, OOF, AutoReply"])
def test_an_exchange_server_asks_for_no_machines_answer(desk: QuickDesk, to: str, value: str) -> None:
    """People's mail says so too (safety.md 0.7): nothing is carried out, but it is not put aside in silence; an absence
    note of the same server is."""
    header = f"X-Auto-Response-Suppress: {value}"
    expect_held(desk, write_answer("1 hold", to, header), "Suppress")
    raw = write_answer("1 hold", to, header, "Auto-Submitted: auto-replied", message_id="<note@company.test>")
    assert answer(desk, raw).state == "suppressed"
    assert states(desk) == ["planned", "planned"]
