"""What the developer answers to a digest happens, each line by itself and once, and one mail says what came of it."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.app.answered_desks import (
    CLIENTS,
    DEVELOPER,
    READ,
    SENT,
    answer,
    ask_for_work,
    digest_id,
    effects,
    outcomes,
    prove_plus,
    send_digest,
    write_answer,
)
from tests.app.desks import WIDE
from tests.app.quick_desks import HOUR, MINUTE, SUPPORT, THINKING, QuickDesk, header, quick_desk
from triagebot.core.digest.content import Shown
from triagebot.core.errors import StoreError
from triagebot.core.outgoing.compose import plain_text


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk with three planned tickets, numbers 1 to 3."""
    with quick_desk(tmp_path / "desk", clients=CLIENTS) as opened:
        for text in ("Please change the phone number.", "Please change the roses.", "Please change the price list."):
            ask_for_work(opened, text)
        assert states(opened) == ["planned", "planned", "planned"]
        yield opened


def states(desk: QuickDesk) -> list[str]:
    """The state of each ticket."""
    return [row[0] for row in desk.rows("SELECT state FROM ticket ORDER BY id")]


def confirmations(desk: QuickDesk) -> list[str]:
    """The text of each mail that went to the developer after the first digest."""
    return [plain_text(raw) for raw in desk.sent("digest")[1:]]


def refusal(desk: QuickDesk, raw: bytes, at: object = None) -> str:
    """Given an answer whose one command is refused, let it arrive and return why."""
    before = states(desk)
    answer(desk, raw, READ if at is None else at)  # type: ignore[arg-type]
    assert states(desk) == before
    line, outcome, said = outcomes(desk)[-1]
    assert outcome == "refused", (line, outcome, said)
    assert said in " ".join(confirmations(desk)[-1].split())
    return said


@pytest.mark.parametrize("way", ["token address", "answered id", "link", "references only"])
def test_each_way_an_answer_finds_its_digest(desk: QuickDesk, way: str) -> None:
    """To the address with the token; to the plain one, known by the id it answers; begun from a link in the digest."""
    if way == "token address":
        prove_plus(desk)
    to = send_digest(desk)
    assert ("+d-" in to.address) == (way == "token address")
    headers = {
        "token address": (),
        "answered id": (f"In-Reply-To: {digest_id(desk)}",),
        "link": (),
        "references only": (f"References: {digest_id(desk)} <other@company.test>",),
    }[way]
    subject = to.subject if way == "link" else "Re: A day"
    decision = answer(desk, write_answer("1 hold", to.address, *headers, subject=subject))
    assert (decision.state, states(desk)[0]) == ("merged", "waiting-client")
    assert [(line, outcome) for line, outcome, _ in outcomes(desk)] == [("1 hold", "done")]
    assert "[d-" not in header(desk.sent("digest")[-1], "Subject")


def test_the_lines_of_an_answer_run_by_themselves(desk: QuickDesk) -> None:
    """What is not clear and what cannot be done stops only itself; all of it stands in the log and in the mail back."""
    to = send_digest(desk, ("1", "2"))
    text = "Good morning,\n1 hold\n2 perhaps\n3 hold\n2 done\n"
    answer(desk, write_answer(text, to.address, f"In-Reply-To: {digest_id(desk)}"))
    assert states(desk) == ["waiting-client", "done", "planned"]
    assert [(line, outcome) for line, outcome, _ in outcomes(desk)] == [
        ("1 hold", "done"),
        ("3 hold", "refused"),
        ("2 done", "done"),
        ("2 perhaps", "unclear"),
    ]
    (text,) = confirmations(desk)
    proof, _, rest = text.partition("2 done, 1 not done, 1 line")
    assert proof
    assert rest.index("1 hold") < rest.index("2 done") < rest.index("3 hold") < rest.index("2 perhaps")


def test_the_confirmation_is_an_answer_to_the_answer(desk: QuickDesk) -> None:
    """It goes to the developer alone, in the thread, as the machine's mail it is, and says how to take things back."""
    to = send_digest(desk)
    raw = write_answer("1 hold", to.address, f"In-Reply-To: {digest_id(desk)}", subject="RE: AW: A day")
    answer(desk, raw)
    sent = desk.sent("digest")[-1]
    names = ("To", "Subject", "In-Reply-To", "Auto-Submitted", "Reply-To")
    assert [header(sent, name) for name in names] == [
        *(DEVELOPER, "Re: A day", "<answer-1@company.test>", "auto-replied", SUPPORT)
    ]
    assert header(sent, "References").split() == [digest_id(desk, 0), "<answer-1@company.test>"]
    assert desk.rows("SELECT kind FROM digest ORDER BY id") == [("digest",), ("confirmation",)]
    assert desk.rows("SELECT state FROM outbox WHERE class = 'digest' ORDER BY id") == [("queued",), ("queued",)]
    said = " ".join(confirmations(desk)[0].split())
    assert "answer: undo 1 " in said
    assert said.endswith("taken back with `undo N`: a mail until it leaves, anything else until it changes again.")


@pytest.mark.parametrize("proven", [True, False])
def test_no_link_can_be_fetched(desk: QuickDesk, proven: bool) -> None:
    """Whatever follows the links of a digest, a scanner or a preview, does nothing: those that hold the token begin a
    mail to be sent by a person, with one line of text (RFC 6068), and no form or script stands beside them."""
    if proven:
        prove_plus(desk)
    to = send_digest(desk)
    answer(desk, write_answer("1 hold", to.address, f"In-Reply-To: {digest_id(desk, 0)}"))
    (page,) = (
        part.get_payload(decode=True)
        for part in message_from_bytes(desk.sent("digest")[-1]).walk()
        if part.get_content_type() == "text/html"
    )
    assert isinstance(page, bytes)
    links = [unescape(link) for link in re.findall(r'(?:href|src|action)="([^"]*)"', page.decode())]
    assert links
    for link in links:
        assert unquote(link).startswith(f"mailto:{header(desk.sent('digest')[-1], 'Reply-To')}?")
        assert not re.search(r"%0[ad]|[\s<>]", link, re.IGNORECASE)
    assert not re.search(rb"<(form|script|iframe|input|button)|\son[a-z]+=", page, re.IGNORECASE)
    tokens = re.findall(rb"[a-z2-7]{42}", page)
    assert len(tokens) == sum(link.count("d-") for link in links)


def test_what_he_wrote_is_kept_once(desk: QuickDesk) -> None:
    """The lines are in the log of commands; the digest he quotes, with its clients, is not stored a second time."""
    to = send_digest(desk)
    raw = write_answer("1 hold\n\n> Matter 1 of Ann", to.address, f"In-Reply-To: {digest_id(desk)}")
    answer(desk, raw)
    assert desk.rows("SELECT text, new_text, ticket FROM mail ORDER BY id DESC LIMIT 1") == [("", "", None)]


def test_two_partial_answers_a_day_work(desk: QuickDesk) -> None:
    """Each item is used up by itself, not the digest."""
    to = send_digest(desk, ("1", "2", "3"))
    parent = f"In-Reply-To: {digest_id(desk)}"
    answer(desk, write_answer("1 hold", to.address, parent))
    answer(desk, write_answer("2 hold", to.address, parent, message_id="<answer-2@company.test>"), READ + HOUR)
    assert states(desk) == ["waiting-client", "waiting-client", "planned"]


def test_two_commands_about_one_thing_both_run(desk: QuickDesk) -> None:
    """The second one finds what the first one made of it."""
    to = send_digest(desk, ("1", "2"))
    answer(desk, write_answer("1 hold\n1 25m by phone\n2 hold", to.address, f"In-Reply-To: {digest_id(desk)}"))
    assert [outcome for _, outcome, _ in outcomes(desk)] == ["done", "done", "done"]
    assert states(desk) == ["waiting-client", "waiting-client", "planned"]
    assert desk.rows("SELECT minutes, note FROM entry WHERE ticket = 1") == [(25, "by phone")]


def test_a_used_item_is_used(desk: QuickDesk) -> None:
    """A second answer about the same thing is sent to what came back to the first one."""
    to = send_digest(desk)
    parent = f"In-Reply-To: {digest_id(desk)}"
    answer(desk, write_answer("1 hold", to.address, parent))
    why = refusal(desk, write_answer("1 close", to.address, parent, message_id="<answer-2@company.test>"))
    assert "a newer mail shows 1" in why


def test_an_item_is_used_even_where_nothing_changed_it(desk: QuickDesk) -> None:
    """Compare and set: the same version twice is still two answers."""
    to = send_digest(desk)
    with desk.store.transaction():
        assert desk.store.digests.use(1, "1", 99, READ)
    why = refusal(desk, write_answer("1 hold", to.address, f"In-Reply-To: {digest_id(desk)}"))
    assert "another answer of yours was about 1" in why


def test_a_refused_command_uses_nothing_up(desk: QuickDesk) -> None:
    """The developer may say it better, in answer to the digest or to the mail that refused."""
    to = send_digest(desk)
    parent = f"In-Reply-To: {digest_id(desk)}"
    assert "no ticket 99" in refusal(desk, write_answer("1 merge 99", to.address, parent))
    assert desk.rows("SELECT used_at FROM digest_item WHERE digest = 1") == [(None,)]
    raw = write_answer("1 hold", to.address, f"In-Reply-To: {digest_id(desk)}", message_id="<answer-2@company.test>")
    answer(desk, raw, READ + MINUTE)
    assert states(desk)[0] == "waiting-client"


def test_what_changed_since_is_left_alone(desk: QuickDesk) -> None:
    """The client writes after the digest was made: what it showed is not what there is."""
    to = send_digest(desk)
    ask_for_work(desk, "To 555-0199, please.", SENT + MINUTE, "In-Reply-To: <w0@client.test>")
    assert desk.rows("SELECT ticket FROM mail ORDER BY id DESC LIMIT 1") == [(1,)]
    why = refusal(desk, write_answer("1 hold", to.address, f"In-Reply-To: {digest_id(desk)}"))
    assert "1 has changed since that mail was written" in why
    reply = write_answer("1 hold", SUPPORT, f"In-Reply-To: {digest_id(desk)}", message_id="<answer-2@company.test>")
    assert "did not show 1;" in refusal(desk, reply)


def test_only_the_newest_digest_counts(desk: QuickDesk) -> None:
    """Yesterday's may still be answered about what today's does not show."""
    to = send_digest(desk, ("1", "2"))
    yesterday = f"In-Reply-To: {digest_id(desk)}"
    send_digest(desk, ("1", "3"), SENT + MINUTE, "2026-11-25")
    assert "a newer mail shows 1" in refusal(desk, write_answer("1 hold", to.address, yesterday))
    answer(desk, write_answer("2 hold", to.address, yesterday, message_id="<answer-2@company.test>"))
    assert states(desk) == ["planned", "waiting-client", "planned"]


@pytest.mark.parametrize("line", ["3 hold", "77 done", "m1 done", "o99 ok"])
def test_only_what_was_shown_can_be_named(desk: QuickDesk, line: str) -> None:
    """Nobody can tell in which state the developer believes anything else to be."""
    to = send_digest(desk)
    why = refusal(desk, write_answer(line, to.address, f"In-Reply-To: {digest_id(desk)}"))
    assert f"did not show {line.split()[0]};" in why


def test_undo_in_answer_to_the_confirmation(desk: QuickDesk) -> None:
    """It is a digest of its own, with the versions that the commands left."""
    to = send_digest(desk)
    answer(desk, write_answer("1 hold", to.address, f"In-Reply-To: {digest_id(desk)}"))
    raw = write_answer("undo 1", SUPPORT, f"In-Reply-To: {digest_id(desk)}", message_id="<answer-2@company.test>")
    answer(desk, raw, READ + MINUTE)
    assert states(desk)[0] == "planned"
    raw = write_answer("1 close", SUPPORT, f"In-Reply-To: {digest_id(desk)}", message_id="<answer-3@company.test>")
    answer(desk, raw, READ + 2 * MINUTE)
    assert states(desk)[0] == "closed"


def test_what_an_answer_touches_itself_is_not_thereby_known(desk: QuickDesk) -> None:
    """The first line changes a ticket that the digest does not show; the second may not name it all the same."""
    to = send_digest(desk)
    answer(desk, write_answer("1 merge 2\n2 reopen", to.address, f"In-Reply-To: {digest_id(desk)}"))
    assert [(line, outcome) for line, outcome, _ in outcomes(desk)] == [("1 merge 2", "done"), ("2 reopen", "refused")]
    assert "did not show 2;" in outcomes(desk)[1][2]


def test_both_tickets_of_a_merge_must_be_as_shown(desk: QuickDesk) -> None:
    """The other one too, if the digest shows it."""
    to = send_digest(desk, ("1", "2"))
    ask_for_work(desk, "And daisies.", SENT + MINUTE, "In-Reply-To: <w1@client.test>")
    assert desk.rows("SELECT ticket FROM mail ORDER BY id DESC LIMIT 1") == [(2,)]
    why = refusal(desk, write_answer("1 merge 2", to.address, f"In-Reply-To: {digest_id(desk)}"))
    assert "2 has changed since" in why


QUOTED = "Hello Ada,\n1 close\nall ok\nmode draft\nand 2 done please"
STYLES = {
    "marks": "> Hello Ada,\n> 1 close\n> all ok\n> mode draft\n",
    "nested": ">> 1 close\n> > 2 done\n>|1 close\n",
    "bars": "  | 1 close\n│ 2 done\n | all ok\n",
    "gmail": "On Tue, 24 Nov 2026 at 09:00, Test Desk wrote:\n> 1 close\n",
    "bare": "On Tue, 24 Nov 2026 at 09:00, Test Desk <support@company.test> wrote:\n\n1 close\nall ok\n",
    "outlook": "________________\nFrom: Test Desk\nSent: Tuesday\nTo: Ada\nSubject: A day\n\n1 close\n2 done\n",
    "original": "-----Original Message-----\nFrom: Test Desk\n1 close\nall ok\nmode draft\n",
    "wrapped": "On Tuesday Test Desk wrote:\n> * Matter 1 Hello Ada, 1 close all ok mode draft and\n2 done please\n",
    "signature": "-- \nAda\n1 close\n",
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("own", ["", "3 hold\n\n"])
def test_words_of_clients_are_never_commands(desk: QuickDesk, style: str, own: str) -> None:
    """A client writes lines that look like commands, the digest shows them, and the answer quotes them in some way."""
    to = send_digest(desk, ("1", "2", "3"), quote=QUOTED)
    raw = write_answer(f"{own}{STYLES[style]}", to.address, f"In-Reply-To: {digest_id(desk)}")
    answer(desk, raw)
    assert states(desk) == ["planned", "planned", "waiting-client" if own else "planned"]
    assert [line for line, outcome, _ in outcomes(desk) if outcome in ("done", "refused")] == (
        ["3 hold"] if own else []
    )


def test_an_answer_without_a_command_is_explained(desk: QuickDesk) -> None:
    """Also one that is nothing but an attachment; a few times a day, then it is left for the digest."""
    to = send_digest(desk)
    parent = f"In-Reply-To: {digest_id(desk)}"
    kind = ('Content-Type: image/png; name="1 hold.png"', "Content-Transfer-Encoding: base64")
    decisions = [
        answer(desk, write_answer(text, to.address, parent, *more, message_id=f"<answer-{number}@company.test>"))
        for number, (text, *more) in enumerate([("aGVsbG8=", *kind), *((f"Hello {n}",) for n in range(5))])
    ]
    assert [decision.state for decision in decisions] == [*("merged",) * 5, "held"]
    assert desk.rows("SELECT kind FROM digest") == [("digest",), *(("explanation",),) * 5]
    assert states(desk) == ["planned", "planned", "planned"]
    (said,) = desk.rows("SELECT problem FROM mail WHERE state = 'held'")[0]
    assert "too many answers of this day did nothing" in said


@pytest.mark.parametrize("room", range(5))
def test_a_full_disk_does_nothing_by_halves(desk: QuickDesk, room: int) -> None:
    """Wherever in the answer the disk is full: no line was carried out, and the mail is still to be decided; once there
    is space all of it happens."""
    to = send_digest(desk, ("1", "2"))
    note = "x" * 6000
    raw = write_answer(f"1 25m {note}\n2 25m {note}", to.address, f"In-Reply-To: {digest_id(desk)}")
    before = effects(desk)
    pages = desk.rows("PRAGMA page_count")[0][0] + desk.rows("PRAGMA freelist_count")[0][0]
    desk.rows(f"PRAGMA max_page_count = {pages + room}")
    with pytest.raises(StoreError, match="disk is full"):
        answer(desk, raw)
    assert effects(desk) == before
    assert outcomes(desk) == []
    desk.rows("PRAGMA max_page_count = 1000000")
    answer(desk, raw.replace(b"answer-1", b"answer-2"))
    assert [outcome for _, outcome, _ in outcomes(desk)] == ["done", "done"]


@pytest.fixture
def drafting(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk in draft mode with two tickets whose answers wait for a word."""
    with quick_desk(tmp_path / "drafting", mode="draft", clients=CLIENTS, more=WIDE) as opened:
        ask_for_work(opened)
        ask_for_work(opened, "Please change the roses.", SENT - MINUTE)
        yield opened


def waiting(desk: QuickDesk) -> list[tuple[str, bytes]]:
    """State and bytes of the mails to the client."""
    sql = "SELECT state, raw FROM outbox JOIN outbox_raw ON outbox = id WHERE class <> 'digest' ORDER BY id"
    return desk.rows(sql)


def test_ok_sends_exactly_what_was_shown(drafting: QuickDesk) -> None:
    """Of the two drafts the one that is named, unchanged to the last byte."""
    to = send_digest(drafting, ("1", "2"), shown=Shown("ann", "Re", "text"))
    before = waiting(drafting)
    answer(drafting, write_answer("1 ok", to.address, f"In-Reply-To: {digest_id(drafting)}"))
    assert waiting(drafting) == [("queued", before[0][1]), before[1]]


def test_until_when_a_mail_can_be_stopped(tmp_path: Path) -> None:
    """In the desk's own zone, to the minute, and said once."""
    zone = 'timezone = "Asia/Tokyo"\n'
    with quick_desk(tmp_path / "desk", mode="draft", clients=CLIENTS, settings=zone) as desk:
        ask_for_work(desk)
        to = send_digest(desk, ("1",), shown=Shown("ann", "Re", "text"))
        answer(desk, write_answer("1 ok", to.address, f"In-Reply-To: {digest_id(desk)}"))
        until = READ + desk.snapshot.desk.outbox.approved_delay + THINKING
        assert desk.rows("SELECT undo_until FROM command") == [(until.isoformat(timespec="microseconds"),)]
        said = " ".join(confirmations(desk)[0].split())
        assert "2026-11-24 19:10" in said
        assert said.count("`undo 1`") == 1


def test_all_ok_means_what_was_shown_whole(drafting: QuickDesk) -> None:
    """One line for all of them, each confirmed by itself; a draft the digest did not show waits on."""
    to = send_digest(drafting, ("1",), shown=Shown("ann", "Re", "text"))
    answer(drafting, write_answer("ALL OK", to.address, f"In-Reply-To: {digest_id(drafting)}"))
    assert [state for state, _ in waiting(drafting)] == ["queued", "draft"]
    assert drafting.rows("SELECT ref, verb, outcome FROM command") == [("1", "ok", "done")]


def test_all_ok_without_anything_shown_is_refused(drafting: QuickDesk) -> None:
    """A digest that only lists titles has shown no mail to say yes to."""
    to = send_digest(drafting, ("1", "2"))
    before = waiting(drafting)
    answer(drafting, write_answer("all ok", to.address, f"In-Reply-To: {digest_id(drafting)}"))
    assert waiting(drafting) == before
    assert "nothing that waits for your ok" in outcomes(drafting)[0][2]


def test_other_bytes_than_those_shown_are_not_approved(drafting: QuickDesk) -> None:
    """A draft that was replaced since is another version."""
    to = send_digest(drafting, ("1",), shown=Shown("ann", "Re", "text"))
    with drafting.store.transaction():
        drafting.store._connection.execute("UPDATE outbox_raw SET raw = CAST(raw || 'x' AS BLOB) WHERE outbox = 1")
    answer(drafting, write_answer("1 ok", to.address, f"In-Reply-To: {digest_id(drafting)}"))
    assert [state for state, _ in waiting(drafting)] == ["draft", "draft"]
    assert "has changed since" in outcomes(drafting)[0][2]


def test_a_draft_that_was_filed_since_is_the_same(drafting: QuickDesk) -> None:
    """Putting it into the Drafts folder changes nothing the developer has read."""
    to = send_digest(drafting, ("1",), shown=Shown("ann", "Re", "text"))
    with drafting.store.transaction():
        drafting.store.outbox.set_drafted(1, "", SENT)
    answer(drafting, write_answer("1 ok", to.address, f"In-Reply-To: {digest_id(drafting)}"))
    assert [state for state, _ in waiting(drafting)] == ["queued", "draft"]
