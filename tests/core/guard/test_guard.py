"""Every row of safety.md A.2, and the order in which verdicts win."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.letters import FACTS, NOW, OWN_ID, PASSED, judge_letter, letter, read_letter
from triagebot.core.decision import Authentication, AuthState
from triagebot.core.guard.judge import CHECKS
from triagebot.core.guard.signals import AUTORESPONDER_HEADERS, LIST_HEADERS, OUT_OF_OFFICE
from triagebot.core.mail import Content

MACHINE_HEADERS = [
    ("X-Triagebot-Loop: ourloopcode", "own-loop"),
    ("Auto-Submitted: auto-replied", "auto-submitted"),
    ("Auto-Submitted: Auto-Generated", "auto-submitted"),
    ("AUTO-SUBMITTED: auto-notified; owner-email=x", "auto-submitted"),
    ("Auto-Submitted:", "auto-submitted"),
    ("Auto-Submitted: nothing", "auto-submitted"),
    *((f"{name}: x", "list") for name in LIST_HEADERS),
    ("Precedence: bulk", "precedence"),
    ("Precedence: List", "precedence"),
    ("Precedence: junk; x", "precedence"),
    ("X-Precedence: auto_reply", "precedence"),
    ("Preference: auto-reply", "precedence"),
    *((f"{name}: yes", "autoresponder-header") for name in AUTORESPONDER_HEADERS),
    ("X-POST-MessageClass: 9; Autoresponder", "autoresponder-header"),
    ("X-AMAZON-MAIL-RELAY-TYPE: notification", "autoresponder-header"),
    ("Delivered-To: Autoresponder", "autoresponder-header"),
    ("X-Loop: anything", "x-loop"),
    ("Feedback-ID: 1:2:3", "feedback-id"),
    ("X-Spam-Flag: YES", "spam"),
    ("X-Spam-Status: Yes, score=9", "spam"),
    ("X-MS-Exchange-Organization-SCL: 5", "spam"),
    ("X-Forefront-Antispam-Report: CIP:1.2.3.4;SCL:6;SRV:", "spam"),
    ("Delivered-To: support@adaweb.test", "hops"),
    ("\r\n".join(["Received: by a.test"] * 30), "hops"),
]
"""Header lines that alone forbid any automatic reply, with their reason code."""


@pytest.mark.parametrize(("line", "code"), MACHINE_HEADERS)
def test_a_machines_header_is_never_answered(line: str, code: str) -> None:
    """Each header of rows 1, 11 to 18, 23 and 28 gives `never`, also as the second instance of its name."""
    guard = judge_letter(letter(line))
    assert (guard.verdict, guard.codes) == ("never", (code,))
    name = line.partition(":")[0]
    assert judge_letter(letter(f"{name}: no", line)).verdict == "never"


@pytest.mark.parametrize(
    "line",
    [
        "X-Triagebot-Loop: another desk's",
        *(f"Auto-Submitted: {value}" for value in ("no", "No", "no (comment)", "no; x=y")),
        *(f"X-Auto-Response-Suppress: {value}" for value in ("DR, RN, NRN", "NDR", "None")),
        "Precedence: first-class",
        "X-Autoreply: no",
        "X-Spam-Flag: NO",
        "X-Spam-Status: No, hits=yes",
        "X-MS-Exchange-Organization-SCL: 4",
        "X-MS-Exchange-Inbox-Rules-Loop: x",
        "X-SES-Outgoing: 2026",
        "Delivered-To: ada@adaweb.test",
        "\r\n".join(["Received: by a.test"] * 29),
        "Body-Words: I am out of office, this is an automatic reply",
    ],
)
def test_harmless_headers_are_answered(line: str) -> None:
    """What only looks like a machine's mark is no signal: the reply may leave."""
    guard = judge_letter(letter(line))
    assert (guard.verdict, guard.codes) == ("ok", ())


def test_every_check_leaves_a_step() -> None:
    """The trail names each check once, in order, and says why it passed."""
    guard = judge_letter(letter())
    assert [step.step for step in guard.trail] == [name for name, _ in CHECKS]
    assert {step.verdict for step in guard.trail} == {"pass"}
    assert all(step.why for step in guard.trail)


@pytest.mark.parametrize("sender", ["support@adaweb.test", "Help@ADAWEB.test", "support+b-token@adaweb.test"])
def test_own_mail_is_never_answered(sender: str) -> None:
    """Row 1: mail from an alias or a token address of ours is a loop, above every other verdict."""
    guard = judge_letter(letter("X-Failed-Recipients: x@y.test", author=sender))
    assert (guard.verdict, guard.codes[0]) == ("never", "own-loop")


def test_a_message_id_of_ours_is_a_loop() -> None:
    """Row 1: a mail that carries an id only we can make came back."""
    assert judge_letter(letter(message_id=OWN_ID)).codes == ("own-loop",)


@pytest.mark.parametrize("value", ["<>", " < > ", "(empty) <>", "<> (null)", "", "<MAILER-DAEMON>"])
def test_an_empty_return_path_is_never_answered(value: str) -> None:
    """Row 2: an empty envelope sender, with spaces or comments, anywhere in the header."""
    assert judge_letter(letter(return_path=value)).codes == ("null-return-path",)
    assert judge_letter(letter(f"Return-Path: {value}")).verdict == "never"


def test_an_empty_return_path_with_a_report_is_a_bounce() -> None:
    """Row 2: with row 3 or 5 it is a bounce, whose reason is the delivery status."""
    guard = judge_letter(letter(return_path="<>", content=Content(types=("message/delivery-status",))))
    assert (guard.verdict, guard.codes) == ("bounce", ("dsn", "null-return-path"))


def test_failed_recipients_are_a_bounce() -> None:
    """Row 5: Exim's header alone, whoever the mail says it is from."""
    guard = judge_letter(letter("X-Failed-Recipients: mia@cafe.test"))
    assert (guard.verdict, guard.codes) == ("bounce", ("dsn",))


@pytest.mark.parametrize(
    ("content", "verdict", "code"),
    [
        (Content(types=("multipart/report", "message/delivery-status")), "bounce", "dsn"),
        (Content(types=("message/global-delivery-status",)), "bounce", "dsn"),
        (Content(types=("multipart/report",), report_type="Delivery-Status"), "bounce", "dsn"),
        (Content(types=("multipart/report",)), "report", "report"),
        (Content(types=("multipart/report",), report_type="tlsrpt"), "report", "report"),
        (Content(types=("multipart/report",), report_type="disposition-notification"), "report", "mdn"),
        (Content(types=("message/disposition-notification",)), "report", "mdn"),
        (Content(types=("multipart/report",), report_type="feedback-report"), "report", "report"),
        (Content(types=("message/feedback-report",)), "report", "report"),
        (Content(types=("multipart/mixed", "TEXT/Calendar")), "calendar", "calendar"),
        (Content(calendar_method="REPLY"), "calendar", "calendar"),
        (Content(types=("multipart/encrypted",)), "human", "encrypted"),
        (Content(types=("application/pkcs7-mime",)), "human", "encrypted"),
        (Content(problem="more than 500 parts"), "human", "quarantine"),
    ],
)
def test_parts_decide(content: Content, verdict: str, code: str) -> None:
    """Rows 3, 4, 8, 9, 10, 29 and F.2: the types inside a mail, however deep."""
    guard = judge_letter(letter(content=content))
    assert (guard.verdict, guard.codes) == (verdict, (code,))


@pytest.mark.parametrize(
    ("content_type", "verdict"),
    [
        ('multipart/report; report-type="delivery-status"', "bounce"),
        ("multipart/report; REPORT-TYPE=disposition-notification", "report"),
        ("text/calendar; method=REQUEST", "calendar"),
        ("multipart/encrypted", "human"),
        ("application/pkcs7-mime; smime-type=enveloped-data", "human"),
        ("application/pkcs7-mime; smime-type=signed-data", "ok"),
        ("multipart/signed", "ok"),
    ],
)
def test_the_header_alone_decides_when_nothing_could_be_parsed(content_type: str, verdict: str) -> None:
    """F.2: the verdict comes from raw headers first, so a mail no parser reads is still known for what it is."""
    assert judge_letter(letter(content_type=content_type)).verdict == verdict


def test_a_second_content_type_counts() -> None:
    """A.1: every instance of a header is looked at."""
    assert judge_letter(letter("Content-Type: text/calendar")).verdict == "calendar"


def test_zipped_dmarc_reports_are_reports() -> None:
    """Row 9: an archive from a DMARC reporter, or under its subject, is filed."""
    archive = Content(types=("application/zip",))
    assert judge_letter(letter(content=archive)).verdict == "ok"
    assert judge_letter(letter(content=archive, subject="Report Domain: x.test")).verdict == "report"
    assert judge_letter(letter(content=archive, author="dmarc_agg@big.test")).verdict == "report"


@pytest.mark.parametrize(
    ("sender", "verdict"),
    [
        ("MAILER-DAEMON@mx.test", "bounce"),
        ("mailer-daemon+x@mx.test", "bounce"),
        ("bounces+v@mx.test", "bounce"),
        ("Mail Delivery Subsystem <MAILER-DAEMON>", "bounce"),
        ("postmaster@mx.test", "never"),
        *((f"{local}@x.test", "never") for local in ("noreply", "no_reply.x", "Do-Not-Reply-12", "noreply+a")),
        *((f"{local}@x.test", "never") for local in ("owner-l", "l-request", "l-bounces", "x-relay", "bounce-1")),
        *((f"{local}@x.test", "never") for local in ("notifications", "www_data", "cron", "majordomo", "news")),
        *((f"{local}@x.test", "ok") for local in ("support", "info", "sales", "admin", "abuse", "newsagent")),
        ("noreply@site.test", "ok"),
    ],
)
def test_senders_are_people_or_robots(sender: str, verdict: str) -> None:
    """Rows 6 and 19: robots by their local part; people's role addresses and declared forms are answered."""
    assert judge_letter(letter(author=sender)).verdict == verdict


@pytest.mark.parametrize("subject", ["Undeliverable: x", "Mail delivery failed: y", "failure notice"])
def test_a_bounce_subject_alone_is_a_person(subject: str) -> None:
    """Row 7: people forward bounces; with an empty envelope sender or a daemon's address it is one."""
    assert judge_letter(letter(subject=subject)).verdict == "human"
    assert judge_letter(letter(subject=subject, return_path="<>")).verdict == "bounce"
    assert judge_letter(letter("X-Failed-Recipients: a@b.test", subject=subject)).verdict == "bounce"


@pytest.mark.parametrize("value", ["All", "OOF", "DR, OOF, AutoReply", "RN,autoreply"])
def test_exchange_people_who_want_no_reply(value: str) -> None:
    """Rows 14 and 17: a person's mail, not answered; with an inbox rule's mark it is a machine's."""
    line = f"X-Auto-Response-Suppress: {value}"
    guard = judge_letter(letter(line))
    assert (guard.verdict, guard.codes) == ("human", ("suppress-header",))
    assert judge_letter(letter(line, "X-MS-Exchange-Inbox-Rules-Loop: jan@bakery.test")).verdict == "never"


@pytest.mark.parametrize("starter", OUT_OF_OFFICE)
def test_out_of_office_subjects(starter: str) -> None:
    """Row 20: each starter, in any case, is weak alone and certain when we wrote before; after Re: it is a person."""
    for subject in (f"{starter} 1.-9. X", f"{starter.upper()}: Links"):
        assert judge_letter(letter(subject=subject)).codes == ("ooo-subject",)
        assert judge_letter(letter(subject=subject)).verdict == "human"
    facts = replace(FACTS, auto_sent_within_10_minutes=True)
    assert judge_letter(letter(subject=f"{starter} x"), facts=facts).verdict == "never"
    assert judge_letter(letter(f"In-Reply-To: {OWN_ID}", subject=f"{starter} x")).verdict == "never"
    assert judge_letter(letter(subject=f"Re: {starter} x")).verdict == "ok"


@pytest.mark.parametrize("subject", ["Urlaubsfotos hochladen", "Absences page is broken", "Automatic replying form"])
def test_longer_words_are_no_absence(subject: str) -> None:
    """Row 20: a starter is a whole word."""
    assert judge_letter(letter(subject=subject)).verdict == "ok"


@pytest.mark.parametrize(
    ("more", "to", "verdict"),
    [
        ((), "SUPPORT+tag@AdaWeb.test", "ok"),
        ((), "x@y.test, Help <help@adaweb.test>", "ok"),
        (("Cc: support@adaweb.test",), "x@y.test", "ok"),
        (("Resent-To: support@adaweb.test",), "x@y.test", "ok"),
        ((), None, "human"),
        ((), '"support@adaweb.test" <x@y.test>', "human"),
        ((), "x@y.test (support@adaweb.test)", "human"),
        ((), "support@adaweb.test.evil.test", "human"),
    ],
)
def test_the_mail_must_be_addressed_to_us(more: tuple[str, ...], to: str | None, verdict: str) -> None:
    """Row 21: an address of ours in To, Cc, Bcc or Resent-*; Delivered-To, names and comments do not count."""
    guard = judge_letter(letter(*more, to=to))
    assert (guard.verdict, guard.codes) == (verdict, () if verdict == "ok" else ("not-addressed",))


def test_crowds_and_undisclosed_recipients() -> None:
    """Row 22: more than ten addresses in To and Cc, or an empty group."""
    nine = ", ".join(f"a{number}@x.test" for number in range(9))
    assert judge_letter(letter(f"Cc: {nine}")).verdict == "ok"
    assert judge_letter(letter(f"Cc: {nine}, last@x.test")).codes == ("many-recipients",)
    guard = judge_letter(letter("Cc: support@adaweb.test", to="undisclosed-recipients:;"))
    assert guard.codes == ("many-recipients",)


def test_mail_in_junk_is_spam() -> None:
    """Row 23: the folder is a verdict too."""
    assert judge_letter(letter(), facts=replace(FACTS, in_junk=True)).codes == ("spam",)


@pytest.mark.parametrize(
    "sender", ["a@x.test, b@x.test", "a@good.test <b@x.test>", "g: a@x.test;", "", None, "żółw@x.test", "Jan"]
)
def test_a_doubtful_from_is_left_to_a_person(sender: str | None) -> None:
    """Row 24: anything but one clear address."""
    guard = judge_letter(letter(author=sender))
    assert (guard.verdict, guard.codes) == ("human", ("bad-from",))


@pytest.mark.parametrize(
    ("state", "codes", "weak_answered", "verdict", "code"),
    [
        ("pass", ("dmarc",), False, "ok", ()),
        ("fail", ("dmarc",), True, "human", ("auth-fail",)),
        ("unknown", (), True, "human", ("auth-unknown",)),
        ("weak", ("spf",), False, "human", ("auth-unknown",)),
        ("weak", ("spf",), True, "capped", ()),
        ("weak", ("arc",), True, "human", ("auth-unknown",)),
        ("weak", ("arc-forwarder",), True, "capped", ()),
    ],
)
def test_only_proven_senders_are_answered(
    state: AuthState, codes: tuple[str, ...], weak_answered: bool, verdict: str, code: tuple[str, ...]
) -> None:
    """Row 25 and design.md section 8: weak only with answer_weak, and a stranger's ARC seal never."""
    facts = replace(FACTS, answer_weak=weak_answered)
    guard = judge_letter(letter(), Authentication(state, codes), facts)
    assert (guard.verdict, guard.codes) == (verdict, code)


def test_history_is_not_answered() -> None:
    """Row 26: mail older than answer_within, from before the first start, or found by a rescan."""
    assert judge_letter(letter(age=timedelta(hours=24))).verdict == "ok"
    assert judge_letter(letter(age=timedelta(hours=24, seconds=1))).codes == ("too-old",)
    assert judge_letter(letter(age=timedelta(hours=1)), facts=replace(FACTS, first_start=NOW)).codes == ("backfill",)
    assert judge_letter(letter(), facts=replace(FACTS, backfill=True)).codes == ("backfill",)


@pytest.mark.parametrize("name", ["In-Reply-To", "References"])
def test_answers_to_automatic_mail_get_none(name: str) -> None:
    """Row 27: an id of kind auto among the parents; other ids do not matter."""
    assert judge_letter(letter(f"{name}: <other@x.test> {OWN_ID}")).codes == ("reply-to-auto",)
    assert judge_letter(letter(f"{name}: <other@x.test>")).verdict == "ok"


def test_own_ids_are_found_at_both_ends_of_a_long_thread() -> None:
    """Row 27 and B.3: twenty ids are looked up at most, the first and the last ones."""
    asked: list[str] = []
    facts = replace(FACTS, is_own_id=lambda message_id: asked.append(message_id))
    judge_letter(letter("References: " + " ".join(f"<{n}@x.test>" for n in range(400))), facts=facts)
    assert len(asked) == 21  # and the mail's own id
    assert {"<0@x.test>", "<399@x.test>"} <= set(asked)


def test_a_list_that_is_the_support_address_is_answered() -> None:
    """Row 12's exception: a Google Group's post is answered, other lists and other bulk marks are not."""
    group = ("List-ID: <support.adaweb.test>", "List-Post: <x>", "Precedence: list")
    assert judge_letter(letter(*group, to="group@lists.test")).verdict == "ok"
    assert judge_letter(letter(*group, "Precedence: bulk")).codes == ("precedence",)
    assert judge_letter(letter("List-ID: <x.support.adaweb.test>")).codes == ("list",)
    assert judge_letter(letter(*group, "List-ID: <other.test>")).codes == ("list", "precedence")
    assert judge_letter(letter('List-ID: "support.adaweb.test" <talk.test>')).codes == ("list",)


def test_look_alikes_are_left_to_a_person() -> None:
    """D.5: a sender that imitates somebody known gets no automatic reply."""
    guard = judge_letter(letter(), facts=replace(FACTS, lookalikes=("lookalike-domain:bakery.test",)))
    assert (guard.verdict, guard.codes) == ("human", ("lookalike",))


def test_headers_over_a_limit_are_quarantined() -> None:
    """F.2: a mail whose header block was cut is left to a person."""
    assert judge_letter(letter("X-Long: " + "a" * 20_000)).codes == ("quarantine",)


def test_the_gravest_verdict_wins_and_all_codes_stay() -> None:
    """A.1: bounce, report, calendar, never, human; each matched code once, the deciding one first."""
    content = Content(types=("message/delivery-status", "message/feedback-report", "text/calendar"))
    mail = letter("List-Id: <l.test>", "X-Auto-Response-Suppress: All", to="x@y.test", content=content)
    guard = judge_letter(mail, Authentication("unknown"))
    expected = ("dsn", "report", "calendar", "list", "suppress-header", "not-addressed", "auth-unknown")
    assert (guard.verdict, guard.codes) == ("bounce", expected)


@given(st.binary(max_size=400), st.sampled_from(["pass", "weak", "fail", "unknown"]))
def test_any_bytes_are_judged(raw: bytes, state: AuthState) -> None:
    """The guard never raises, and without a clear From nothing is answered."""
    guard = judge_letter(read_letter(raw), Authentication(state))
    assert guard.verdict not in ("ok", "capped") or state == "pass"
    assert len(guard.trail) == len(CHECKS)


@given(st.lists(st.tuples(st.sampled_from([line.partition(":")[0] for line, _ in MACHINE_HEADERS]), st.text())))
def test_any_value_of_a_known_header_is_judged(lines: list[tuple[str, str]]) -> None:
    """No value of a header the guard reads makes it raise."""
    folded = (f"{name}: {' '.join(value.split())}" for name, value in lines)
    raw = b"".join(line.encode("utf-8", "replace") + b"\r\n" for line in folded)
    assert judge_letter(read_letter(raw + b"From: a@b.test\r\n\r\n"), PASSED).trail


@pytest.mark.parametrize(
    "name", ["Return-Path", "List-Id", "Auto-Submitted", "X-Auto-Response-Suppress", "Delivered-To", "Cc", "Subject"]
)
@pytest.mark.parametrize("filler", ["(", "<", ",", ";", " ", "a.", "report-type="])
def test_bombs_are_judged_in_time(name: str, filler: str) -> None:
    """16 kB of anything in a header the guard reads costs linear time."""
    mail = letter(*[f"{name}: " + filler * (16_000 // len(filler)) + "x"] * 5)
    start = time.perf_counter()
    judge_letter(mail)
    assert time.perf_counter() - start < 1
