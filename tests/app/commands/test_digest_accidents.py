"""Accidents with answers to digests: only what was meant happens, and once."""

import contextlib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.app.answered_desks import (
    CLIENT,
    CLIENTS,
    READ,
    answer,
    ask_for_work,
    digest_id,
    outcomes,
    prove_plus,
    send_digest,
    write_answer,
)
from tests.app.commanded import do
from tests.app.quick_desks import (
    DAY,
    HOUR,
    MINUTE,
    SUPPORT,
    THINKING,
    QuickDesk,
    quick_desk,
    read_quickly,
)
from tests.app.tempted_desks import TEMPTING, done, last_said, states, tempted
from triagebot.app.arrived import Arrived
from triagebot.app.decide import decide_mail
from triagebot.app.tickets.merging import merge
from triagebot.app.tickets.written import take_written
from triagebot.core.decision import Authentication
from triagebot.core.digest.content import Shown
from triagebot.core.outgoing.compose import plain_text
from triagebot.edge.modes import read_modes


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


def test_the_answer_seen_in_sent(desk: QuickDesk, to: str) -> None:
    """It is the developer's own mail there; minutes he booked by it are not offered to be booked again."""
    raw = write_answer("1 25m fixed the footer", to, f"In-Reply-To: {digest_id(desk)}")
    for sent_first in (True, False):
        if sent_first:
            with desk.store.transaction():
                mail = read_quickly(raw, READ, desk.snapshot)
                taken = take_written(desk.store, ("box0", "Sent", 3, 1), mail, desk.snapshot, desk.key, READ)
            assert taken is not None
            assert (taken.role, taken.ticket) == ("note", None)
        else:
            answer(desk, raw)
    assert desk.rows("SELECT minutes FROM entry WHERE ticket = 1") == [(25,)]
    assert desk.rows("SELECT count(*) FROM sent_mail WHERE offer = 'open'") == [(0,)]


def test_ok_sends_nothing_that_was_not_shown(tmp_path: Path) -> None:
    """In shadow the digest counts what was answered and shows no text of it; `ok` may mean that all is well."""
    with quick_desk(tmp_path / "desk", mode="shadow", clients=CLIENTS) as desk:
        prove_plus(desk)
        ask_for_work(desk)
        to = send_digest(desk, ("1", "m1")).address
        answer(desk, write_answer("1 ok\nm1 ok", to))
        assert [outcome for _, outcome, _ in outcomes(desk)] == ["refused", "refused"]
        assert "triagebot outbox approve 1" in last_said(desk)
        assert desk.rows("SELECT class, state FROM outbox WHERE id = 1") == [("auto", "shadow")]
        again = send_digest(desk, ("1",), at=READ + HOUR, cause="2026-11-25", shown=Shown(CLIENT, "Re: Work", "All"))
        answer(desk, write_answer("1 ok", again.address, message_id="<answer-2@company.test>"), READ + 2 * HOUR)
        assert desk.rows("SELECT class, state FROM outbox WHERE id = 1") == [("approved", "queued")]


def test_an_old_confirmation_undoes_what_it_confirmed_and_nothing_newer(desk: QuickDesk, to: str) -> None:
    """The link in it is tapped a day later; in between something else was done to the same ticket."""
    answer(desk, write_answer("1 hold", to))
    link = ("undo 1", SUPPORT, f"In-Reply-To: {digest_id(desk)}")
    do(desk, "done", "1", READ + HOUR)
    answer(desk, write_answer(*link, message_id="<answer-2@company.test>"), READ + DAY)
    assert states(desk) == ["done", "planned"]
    assert "something else was done since that mail" in last_said(desk)
    do(desk, "undo", "1", READ + DAY + HOUR)
    raw = write_answer("Please, undo 1", *link[1:], message_id="<answer-3@company.test>")
    answer(desk, raw, READ + DAY + 2 * HOUR)
    assert states(desk) == ["planned", "planned"]


def test_a_line_that_takes_back_the_one_above(desk: QuickDesk, to: str) -> None:
    """Nothing leaves, and the confirmation does not say that anything will."""
    answer(desk, write_answer('2 send "Hello"\n1 hold\nundo 2', to))
    assert desk.rows("SELECT state FROM outbox WHERE class = 'approved'") == [("dropped",)]
    said = plain_text(desk.sent("digest")[-1])
    assert "leaves at" not in said
    assert said.count("took that back") == 1
    assert "answer: undo 1" in said
    assert "answer: undo 2" not in said


def test_a_ticket_that_is_another_now(desk: QuickDesk, to: str) -> None:
    """Merged on the command line after the digest: neither number is what was read."""
    with desk.store.transaction():
        merge(desk.store, desk.snapshot, 1, 2, READ - MINUTE)
    answer(desk, write_answer('1 done\n2 done\n2 send "Hello"', to))
    assert [outcome for _, outcome, _ in outcomes(desk)] == ["refused"] * 3
    assert states(desk) == ["planned", "closed"]


def in_html(text: str) -> EmailMessage:
    """An answer in HTML alone."""
    message = EmailMessage()
    message.set_content(text, subtype="html", cte="base64")
    return message


def with_parts() -> EmailMessage:
    """An answer to which a text and a forwarded mail are attached."""
    message, forwarded = EmailMessage(), EmailMessage()
    message.set_content("1 hold\n")
    message.add_attachment("2 done\n", filename="notes.txt")
    forwarded["Subject"] = "2 done"
    forwarded.set_content("2 done\n")
    message.add_attachment(forwarded)
    return message


def in_text(text: str, cte: str = "quoted-printable", **params: str) -> EmailMessage:
    """An answer in plain text."""
    message = EmailMessage()
    message.set_content(text, cte=cte)
    for name, value in params.items():
        message.set_param(name, value)
    return message


QUOTE = "".join(f"<p>{line}</p>" for line in TEMPTING.splitlines())
SHAPES = {
    "Gmail": in_html(f'<div>1 hold</div><div class="gmail_quote">On Tuesday:<blockquote>{QUOTE}</blockquote></div>'),
    "Outlook": in_html(
        '<p>1&nbsp;hold</p><div id="divRplyFwdMsg"><b>From:</b> Test Desk &lt;support@company.test&gt;<br><b>Sent:</b>'
        f" Tuesday<br><b>To:</b> Ada<br><b>Subject:</b> A day</div>{QUOTE}"
    ),
    "hidden": in_html(f'<p>1 hold</p><blockquote type="cite">{QUOTE}</blockquote><!-- 2 done --><style>2 done</style>'),
    "base64": in_text("1 hold\n\n> 2 done\n", "base64"),
    "soft breaks": in_text(f"1 hold\n\n> {'x ' * 60}\n> 2 done\n"),
    "flowed": in_text("1 \nhold\n\n> Dear Ada, \n> 2 done \n> all ok\n", "7bit", format="flowed"),
    "attached": with_parts(),
    "huge": in_text(f"1 hold\n\nOn Tuesday Test Desk wrote:\n{'> 2 done' * 8}\n" + "> 2 done\n" * 200_000, "7bit"),
    "unseen": in_text("\ufeff\u202e1\u200b ho\u00adld\u202c\n\n> 2 done\n", "base64"),
    "wide": in_text("\uff11\u3000\uff28\uff2f\uff2c\uff24\n\n\uff1e 2 done\n", "base64"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_one_command_in_every_shape(desk: QuickDesk, to: str, shape: str) -> None:
    """Whatever a mail program makes of the answer: the developer's line is read, the client's are not."""
    body = SHAPES[shape].as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    head = write_answer("", to, f"In-Reply-To: {digest_id(desk)}").partition(b"\r\n\r\n")[0]
    answer(desk, head + b"\r\n" + body)
    assert states(desk) == ["waiting-client", "planned"]
    assert done(desk) == ["1 hold"] or shape in ("unseen", "wide")
    assert len(done(desk)) == 1


@pytest.mark.parametrize("digits", ["\u0661 hold", "\u00b9 hold", "\u2460 hold", "I hold", "0x1 hold", "1e0 hold"])
def test_numbers_that_are_none(desk: QuickDesk, to: str, digits: str) -> None:
    """Digits of other scripts, raised and circled ones, letters: a number is what the digest writes."""
    answer(desk, write_answer(digits, to, "Content-Type: text/plain; charset=utf-8"))
    assert states(desk) == ["planned", "planned"]
    assert done(desk) == []


def test_files_that_cannot_be_written(desk: QuickDesk, to: str) -> None:
    """A mode, an absence: the sentence says which file; what else was said is done."""
    for name in ("modes.new", "absences.new"):
        (desk.snapshot.data / name).mkdir()
    answer(desk, write_answer("mode draft\naway 2026-12-24..2026-12-31 Christmas\n1 hold", to))
    found = {line: (outcome, said) for line, outcome, said in outcomes(desk)}
    assert found["1 hold"][0] == "done"
    for line, name in (("mode draft", "modes.toml"), ("away 2026-12-24..2026-12-31 Christmas", "absences.toml")):
        assert found[line][0] == "refused"
        assert name in found[line][1]
    assert states(desk) == ["waiting-client", "planned"]


def test_what_is_cut_off_between_file_and_database(desk: QuickDesk, to: str) -> None:
    """The process dies before its transaction ends: the answer is read again, and each line has happened once."""
    raw = write_answer("mode draft\n1 hold\nnew ann 30m menu", to)
    with desk.store.transaction():
        desk.store.mails.record_arrivals("box0", "INBOX", 7, [(99, len(raw), READ)], READ)
        (pending,) = desk.store.mails.claim("box0", "INBOX", 7, 1, 98)
    arrived = Arrived(
        pending.id,
        "box0",
        read_quickly(raw, READ, desk.snapshot),
        Authentication("pass", ("dmarc",)),
        False,
        False,
        raw,
    )
    with contextlib.suppress(InterruptedError), desk.store.transaction():
        decide_mail(desk.store, arrived, desk.snapshot, desk.key, READ + THINKING)
        raise InterruptedError
    assert states(desk) == ["planned", "planned"]
    with desk.store.transaction():
        decide_mail(desk.store, arrived, desk.snapshot, desk.key, READ + THINKING)
    assert done(desk) == ["mode draft", "1 hold", "new ann 30m menu"]
    assert states(desk) == ["waiting-client", "planned", "planned"]
    said = read_modes(desk.snapshot.data, desk.snapshot.directory)[0]
    assert [(one.of, one.mode) for one in said] == [("desk", "draft")]
    assert len(desk.sent("digest")) == 2
