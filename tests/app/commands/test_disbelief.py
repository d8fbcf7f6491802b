"""What is no answer of the developer does nothing, whatever it holds, and the reason is written down (safety.md E)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.answered_desks import (
    BY_DMARC,
    CLIENT,
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
from tests.app.desks import AUTHSERV_ID
from tests.app.quick_desks import DAY, SUPPORT, THINKING, QuickDesk, quick_desk, relay
from triagebot.core.commands.token import LIFETIME, make_code, make_token, token_address
from triagebot.core.outgoing.identity import loop_code, make_message_id

COMMAND = "1 hold"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk with one planned ticket, number 1."""
    with quick_desk(tmp_path / "desk", clients=CLIENTS) as opened:
        prove_plus(opened)
        ask_for_work(opened)
        yield opened


@pytest.fixture
def to(desk: QuickDesk) -> str:
    """The address that answers to its digest go to."""
    return send_digest(desk).address


def expect_nothing(desk: QuickDesk, raw: bytes, why: str, state: str = "held") -> None:
    """Given a mail, let it arrive: nothing changes, and that it was not believed stands in the log with why."""
    before, logged = effects(desk), len(outcomes(desk))
    decision = answer(desk, raw)
    assert effects(desk) == before
    ((line, outcome, said),) = outcomes(desk)[logged:]
    assert (line, outcome) == ("", "ignored")
    assert why in said
    assert decision.state == state
    assert desk.rows("SELECT state, problem FROM mail ORDER BY id DESC LIMIT 1") == [(state, said)]


def test_the_desk_of_these_tests_believes_the_developer(desk: QuickDesk, to: str) -> None:
    """Without anything wrong the same answer takes effect: the tests below can fail."""
    assert desk.rows("SELECT id, state FROM ticket") == [(1, "planned")]
    decision = answer(desk, write_answer(COMMAND, to))
    assert decision.state == "merged"
    assert desk.rows("SELECT id, state FROM ticket") == [(1, "waiting-client")]
    assert [outcome for _, outcome, _ in outcomes(desk)] == ["done"]


@pytest.mark.parametrize(
    ("results", "why"),
    [
        ("", "DMARC does not prove"),
        (f"{AUTHSERV_ID}; dmarc=fail header.from=company.test", "(fail: dmarc)"),
        (f"{AUTHSERV_ID}; dmarc=none header.from=company.test", "(unknown: auth-unknown)"),
        (f"{AUTHSERV_ID}; spf=pass smtp.mailfrom=ada@company.test", "(weak: spf)"),
        (f"{AUTHSERV_ID}; dkim=pass header.d=company.test", "(pass: dkim)"),
        (f"{AUTHSERV_ID}; dkim=pass header.d=company.test; spf=pass smtp.mailfrom=ada@company.test", "(pass: dkim)"),
        (f"{AUTHSERV_ID}; arc=pass; dmarc=none header.from=company.test", "(weak: arc)"),
        (f"{AUTHSERV_ID}; dmarc=pass header.from=client.test", "DMARC does not prove"),
        ("mx.elsewhere.test; dmarc=pass header.from=company.test", "DMARC does not prove"),
    ],
)
def test_only_dmarc_proves_the_developer(desk: QuickDesk, to: str, results: str, why: str) -> None:
    """Not a permitted server, not an aligned signature, not a seal, and no word of a server that is not ours."""
    expect_nothing(desk, write_answer(COMMAND, to, results=results), why)


@pytest.mark.parametrize(
    "author",
    [
        CLIENT,
        "adam@company.test",
        "ada+x@company.test",
        "ada@sub.company.test",
        "ada@company.test.client.test",
        "support@company.test",
    ],
)
def test_only_the_developers_address_commands(desk: QuickDesk, to: str, author: str) -> None:
    """Whoever got hold of the token, even somebody of the same domain, with DMARC's blessing."""
    results = f"{AUTHSERV_ID}; dmarc=pass header.from={author.rpartition('@')[2]}"
    expect_nothing(desk, write_answer(COMMAND, to, author=author, results=results), "not from the developer")


def test_the_log_tells_it_without_names(desk: QuickDesk, to: str, caplog: pytest.LogCaptureFixture) -> None:
    """A number and a word; who it was stands in the database alone, where it can be erased."""
    raw = write_answer(COMMAND, to, author=CLIENT, results=f"{AUTHSERV_ID}; dmarc=pass header.from=client.test")
    expect_nothing(desk, raw, CLIENT)
    (told,) = [record.getMessage() for record in caplog.records if "not believed" in record.getMessage()]
    assert told == "mail=2 answer not believed: sender"


def test_two_senders_are_nobody(desk: QuickDesk, to: str) -> None:
    """A second From, whichever of them was signed."""
    raw = write_answer(COMMAND, to, f"From: {CLIENT}")
    expect_nothing(desk, raw, "no clear address")


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (("Auto-Submitted: auto-replied",), "Auto-Submitted"),
        (("Auto-Submitted: no", "Auto-Submitted: auto-generated"), "Auto-Submitted"),
        (("X-Autoreply: yes",), "x-autoreply"),
        (("Precedence: bulk",), "Precedence"),
        (("List-Id: <all.company.test>",), "list-id"),
        (("List-Unsubscribe: <mailto:x@company.test>",), "list-unsubscribe"),
        (("X-Loop: x",), "X-Loop"),
        (("Feedback-ID: 1:2:3",), "Feedback-ID"),
        (("Return-Path: <>",), "Return-Path"),
    ],
)
def test_the_developers_own_machine_is_no_developer(
    desk: QuickDesk, to: str, headers: tuple[str, ...], why: str
) -> None:
    """Out of office, a filter's answer, a list: written down, and nobody is bothered with it."""
    expect_nothing(desk, write_answer(COMMAND, to, *headers), why, "suppressed")


@pytest.mark.parametrize(
    "subject", ["Automatic reply: A day", "Out of office", "Abwesenheitsnotiz: A day", "Автоответ: A day", "不在"]
)
def test_an_absence_note_without_any_header_is_none_either(desk: QuickDesk, to: str, subject: str) -> None:
    """By the beginning of its subject, in any language."""
    expect_nothing(desk, write_answer(COMMAND, to, subject=subject), "the subject starts with", "suppressed")


def test_an_absence_note_that_looks_like_a_letter_runs_no_command(desk: QuickDesk, to: str) -> None:
    """Nothing tells it from a person's, but there is no command in it: tickets stay as they are."""
    tickets = desk.rows("SELECT * FROM ticket")
    answer(desk, write_answer("I am out of the office until Monday.\nIn urgent cases call Bob.", to))
    assert desk.rows("SELECT * FROM ticket") == tickets
    assert {outcome for _, outcome, _ in outcomes(desk)} == {"unclear"}


def test_a_bounce_of_the_digest_is_no_answer(desk: QuickDesk, to: str) -> None:
    """It is taken for what it is."""
    kind = "multipart/report; report-type=delivery-status; boundary=x"
    raw = write_answer(COMMAND, to, f"Content-Type: {kind}", f"In-Reply-To: {digest_id(desk)}")
    before = desk.rows("SELECT * FROM ticket")
    assert answer(desk, raw).guard.verdict == "bounce"
    assert desk.rows("SELECT * FROM ticket") == before
    assert outcomes(desk) == []


def alter(address: str, place: int) -> str:
    """Given a token address, return it with another letter at a place of its token."""
    local, _, domain = address.rpartition("@")
    start, token = local[: local.index("+d-") + 3], local.partition("+d-")[2]
    return f"{start}{token[:place]}{'a' if token[place] != 'a' else 'b'}{token[place + 1 :]}@{domain}"


@pytest.mark.parametrize("place", [0, 1, 4, 9, 12, 20, 41])
def test_an_altered_token_is_none(desk: QuickDesk, to: str, place: int) -> None:
    """Whichever letter: version, key, digest, item, MAC."""
    expect_nothing(desk, write_answer(COMMAND, alter(to, place)), "its token is not one this desk made")


@pytest.mark.parametrize(
    "forge",
    [
        lambda _: "support+d-@company.test",
        lambda _: "support+d-hello@company.test",
        lambda desk: token_address(
            SUPPORT, make_token(b"x" * 32, make_code(desk.key, "digest", "2026-11-24"), SENT + LIFETIME, DEVELOPER)
        ),
        lambda desk: token_address(
            SUPPORT, make_token(desk.key, make_code(desk.key, "digest", "other"), SENT + LIFETIME, DEVELOPER)
        ),
        lambda desk: token_address(
            SUPPORT, make_token(desk.key, make_code(desk.key, "digest", "2026-11-24"), SENT + 2 * LIFETIME, DEVELOPER)
        ),
        lambda desk: token_address(
            SUPPORT, make_token(desk.key, make_code(desk.key, "digest", "2026-11-24"), SENT + LIFETIME, CLIENT)
        ),
    ],
)
@pytest.mark.usefixtures("to")
def test_a_token_of_something_else_is_none(desk: QuickDesk, forge: Callable[[QuickDesk], str]) -> None:
    """Nothing, anything, another desk's key, a digest that was never sent, a later end, another developer."""
    expect_nothing(desk, write_answer(COMMAND, forge(desk)), "its token is not one this desk made")


@pytest.mark.usefixtures("to")
def test_an_id_of_no_digest_is_none(desk: QuickDesk) -> None:
    """Our own id proves a mail of ours; which digest it was must be known besides."""
    forged = make_message_id(desk.key, "digest", "unknown", "company.test")
    expect_nothing(desk, write_answer(COMMAND, SUPPORT, f"In-Reply-To: {forged}"), "is not known any more")


def test_a_digest_can_be_answered_for_14_days(desk: QuickDesk, to: str) -> None:
    """Not a moment longer."""
    before = effects(desk)
    answer(desk, write_answer(COMMAND, to), SENT + 15 * DAY)
    answer(desk, write_answer(COMMAND, to), SENT + LIFETIME - THINKING)
    assert effects(desk) == before
    assert all("expired on 2026-12-08" in said for _, _, said in outcomes(desk))
    answer(desk, write_answer(COMMAND, to), SENT + LIFETIME - THINKING - timedelta(microseconds=1))
    assert desk.rows("SELECT state FROM ticket") == [("waiting-client",)]


@pytest.mark.parametrize("how", ["backfill", "rescan"])
def test_what_is_read_again_does_nothing(desk: QuickDesk, to: str, how: str) -> None:
    """After the mailbox was renumbered or a backup restored nobody knows what was carried out."""
    decision = answer(desk, write_answer(COMMAND, to), backfill=how == "backfill", rescan=how == "rescan")
    assert desk.rows("SELECT state FROM ticket") == [("planned",)]
    assert decision.state in ("held", "history")
    assert "read again" in outcomes(desk)[-1][2]


@pytest.mark.parametrize(
    ("message_id", "why", "state"),
    [
        ("<answer-1@company.test>", "it came and was carried out before (mail 2)", "suppressed"),
        ("<answer-2@company.test>", "another mail said the same and was carried out (mail 2)", "held"),
    ],
)
def test_a_replay_does_nothing(desk: QuickDesk, to: str, message_id: str, why: str, state: str) -> None:
    """The same mail again, or the same words under another id; its ticket was put back in between."""
    answer(desk, write_answer(COMMAND, to))
    with desk.store.transaction():
        desk.store._connection.execute("UPDATE ticket SET state = 'planned', version = 1")
        desk.store._connection.execute("UPDATE digest_item SET used_at = NULL")
    raw = write_answer(f"  {COMMAND.upper()}\n", to, message_id=message_id)
    expect_nothing(desk, raw, why, state)


def test_a_desk_with_the_developers_address(tmp_path: Path) -> None:
    """His answers come from the desk's own address and are believed; digest and confirmation come back to the same
    inbox, name digests, and are no answers (design.md section 8)."""
    with quick_desk(tmp_path / "desk", DEVELOPER) as desk:
        prove_plus(desk)
        to = send_digest(desk).address
        assert answer(desk, write_answer("Hello?", to, f"In-Reply-To: {digest_id(desk)}")).state == "merged"
        assert [outcome for _, outcome, _ in outcomes(desk)] == ["unclear"]
        ours = desk.sent("digest")
        assert len(ours) == 2
        before = effects(desk)
        for raw in ours:
            for copy in (raw, relay(raw)):
                answer(desk, f"Authentication-Results: {BY_DMARC}\r\n".encode() + copy)
        marked = write_answer(COMMAND, to, f"X-Triagebot-Loop: {loop_code(desk.key)}", message_id="<x@company.test>")
        assert answer(desk, marked).guard.codes[0] == "own-loop"
        assert effects(desk) == before
        assert len(outcomes(desk)) == 1


def test_without_authserv_ids_no_answer_is_asked_for(tmp_path: Path) -> None:
    """Nothing could prove it, so the digest does not offer it."""
    with quick_desk(tmp_path / "desk") as desk:
        config = desk.config.read_text("utf-8")
        assert f'["{AUTHSERV_ID}"]' in config
    desk.config.write_text(config.replace(f'["{AUTHSERV_ID}"]', "[]"), "utf-8")
    from tests.app.quick_desks import open_desk
    from triagebot.app.commands.answerable import answer_to

    with open_desk(desk.config) as desk:
        assert answer_to(desk.snapshot, desk.store, desk.key, "digest", "x", SENT) is None


_HEADERS = ("Subject", "Auto-Submitted", "Reply-To", "Sender", "Authentication-Results", "In-Reply-To", "Cc", "X-A")
_VALUES = st.sampled_from(
    (
        *("", "no", DEVELOPER, CLIENT, SUPPORT, BY_DMARC.upper(), "x; dmarc=pass header.from=company.test"),
        *(f"{AUTHSERV_ID}; dkim=pass header.d=company.test", f"{AUTHSERV_ID} 1; spf=pass smtp.mailfrom={DEVELOPER}"),
    )
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(_HEADERS), _VALUES), max_size=6),
    st.sampled_from((DEVELOPER, CLIENT, f"{DEVELOPER}, {CLIENT}", "", f'"{DEVELOPER}" <{CLIENT}>')),
    st.one_of(st.binary(max_size=300), st.just(b"1 hold\r\nall ok\r\n1 done 25m\r\nmode live\r\nnew x 30m y\r\n")),
)
def test_no_bytes_without_dmarc_change_anything(
    desk: QuickDesk, headers: list[tuple[str, str]], author: str, body: bytes
) -> None:
    """Whatever headers and text come with the right token: no ticket and no mail of ours is another than before."""
    to = token_of(desk)
    before = effects(desk)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    number = len(desk.rows("SELECT id FROM mail"))
    raw = f"From: {author}\r\nTo: {to}\r\nMessage-ID: <h{number}@company.test>\r\n{lines}\r\n".encode() + body
    answer(desk, raw, READ + timedelta(milliseconds=number))
    assert effects(desk) == before


def token_of(desk: QuickDesk) -> str:
    """The address that answers to the one digest of a desk go to; it is sent at first use."""
    if not desk.rows("SELECT 1 FROM digest"):
        return send_digest(desk).address
    token = make_token(desk.key, make_code(desk.key, "digest", "2026-11-24"), SENT + LIFETIME, DEVELOPER)
    return token_address(SUPPORT, token)
