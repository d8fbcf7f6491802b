"""Machines that answer each other fall silent, whatever they hide (safety.md C; field.md 27 to 31)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from email.message import Message
from pathlib import Path

import pytest

from tests.app.desks import PLAN, client
from tests.app.digests import show_digest
from tests.app.quick_desks import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    QuickDesk,
    header,
    quick_desk,
    relay,
    rename,
    write,
)
from triagebot.core.errors import StoreError

OTHER = "help@agency.test"
VENDOR = "support@vendor.test"
BAKERY = "jan@bakery.test"
KNOWN = PLAN + client("bakery", BAKERY, "retainer")
INJECTED = 1000


def new_id(message: Message) -> None:
    """Given a mail that is brought in again, make it another one."""
    rename(message)
    message["X-Round"] = message["Message-ID"]


def renumber(message: Message) -> None:
    """Given a mail that is brought in again, make it another one that still answers the same mail."""
    old = message["Message-ID"]
    kept = {name: message[name] for name in ("In-Reply-To", "References")}
    rename(message)
    for name, value in kept.items():
        message[name] = value or old


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A live desk with default limits that knows the bakery."""
    with quick_desk(tmp_path / "desk", clients=KNOWN) as opened:
        yield opened


def digest_of(desk: QuickDesk, days: int = 1) -> str:
    """Return the digest of the last days, as text."""
    now = NOW + days * DAY
    return show_digest(desk.store, desk.snapshot, now, NOW - HOUR)


def make_loop(desk: QuickDesk) -> int:
    """Given a desk, let the bakery look like a machine; return the latch's number."""
    for number, text in enumerate(("The permalinks?", "Please change one.", "Our site is down!")):
        desk.receive(write(BAKERY, f"Matter {number}", text), NOW + number * 20 * SECOND)
    assert len(desk.sent()) == 2
    (latch,) = desk.store.latches.listing(NOW + HOUR)
    return int(str(latch["id"]))


@pytest.mark.parametrize(
    ("acquainted", "handed_on", "again", "pace"),
    [
        pytest.param(False, None, renumber, 40 * SECOND, id="strangers-ids-kept"),
        pytest.param(False, rename, new_id, 4 * MINUTE, id="strangers-ids-renewed"),
        pytest.param(True, None, renumber, 4 * MINUTE, id="clients-ids-kept"),
        pytest.param(True, rename, new_id, 4 * MINUTE, id="clients-ids-renewed"),
        pytest.param(True, rename, new_id, SECOND, id="clients-ids-renewed-at-once"),
    ],
)
def test_two_desks_without_any_mark_fall_silent(
    tmp_path: Path,
    acquainted: bool,
    handed_on: Callable[[Message], None] | None,
    again: Callable[[Message], None],
    pace: timedelta,
) -> None:
    """Two desks that answer each other through a relay that takes away every mark make two automatic mails in all;
    a thousand mails more that are brought in cause none."""
    with ExitStack() as stack:
        clients = [client("other", one) if acquainted else "" for one in (OTHER, "support@company.test")]
        ours = stack.enter_context(quick_desk(tmp_path / "ours", clients=clients[0]))
        theirs = stack.enter_context(quick_desk(tmp_path / "theirs", OTHER, clients=clients[1]))
        ours.receive(write(OTHER, "Permalinks", "Where are the permalinks? Please change them."), NOW)
        at, passed, turn = NOW, 0, (ours, theirs)
        while len(turn[0].sent()) > passed // 2:
            at += pace
            turn[1].receive(relay(turn[0].sent()[passed // 2], handed_on), at)
            passed, turn = passed + 1, (turn[1], turn[0])
            assert passed < 10, "they go on"
        assert len(ours.sent()) + len(theirs.sent()) <= 2
        last = {desk: relay(mate.sent()[-1], handed_on) for desk, mate in ((ours, theirs), (theirs, ours))}
        for number in range(INJECTED):
            at += pace
            desk = (ours, theirs)[number % 2]
            desk.receive(relay(last[desk], again), at)
        assert len(ours.sent()) + len(theirs.sent()) <= 2
        assert len(ours.rows("SELECT id FROM mail")) + len(theirs.rows("SELECT id FROM mail")) > INJECTED


@pytest.mark.parametrize("pace", [30 * SECOND, 3 * MINUTE, 2 * HOUR], ids=str)
def test_a_vendors_ticket_machine_is_answered_once(desk: QuickDesk, pace: timedelta) -> None:
    """Ten rounds with a machine that refers to our mail and says nothing of itself: one answer, then a latch."""
    desk.receive(write(VENDOR, "[Ticket#5501] Permalinks"), NOW)
    (ours,) = desk.sent()
    reference = f"In-Reply-To: {header(ours, 'Message-ID')}"
    subject = header(ours, "Subject")
    for number in range(1, 10):
        subject = f"[Ticket#5501] Received: {subject}"
        text = f"We have got your message, permalinks team.\n\nOn 24 Nov 2026 at 10:0{number}, Desk wrote:\n> Hello"
        desk.receive(write(VENDOR, subject, text, reference), NOW + number * pace)
    assert len(desk.sent()) == 1
    (latch,) = desk.store.latches.listing(NOW + 9 * pace)
    assert latch["sender_key"] == VENDOR
    assert int(str(latch["silenced"])) >= 7
    assert desk.codes()[0] == ""
    assert all("ping-pong" in codes and "reply-to-auto" in codes for codes in desk.codes()[3:])


def test_a_machine_that_only_quotes_is_latched(desk: QuickDesk) -> None:
    """Answers to an automatic mail with no word above the quote: the second latches, at any pace."""
    desk.receive(write(VENDOR), NOW)
    reference = f"In-Reply-To: {header(desk.sent()[0], 'Message-ID')}"
    for number in (1, 2):
        quote = f"On Tue, 24 Nov 2026 at 10:00, Test Desk <a@b.test> wrote:\n> Hello {number}"
        desk.receive(write(VENDOR, f"Re: {number}", quote, reference), NOW + number * 5 * HOUR)
    (latch,) = desk.store.latches.listing(NOW + DAY)
    assert "without a word" in str(latch["reason"])


def test_a_machine_with_a_new_conversation_each_time_is_latched(desk: QuickDesk) -> None:
    """A known client's machine that never refers to anything and changes its subject gets two answers, then none."""
    texts = ("Where are the permalinks?", "Please change the phone number.", "Our site is down!", "Something else.")
    for number in range(40):
        text = f"{texts[number % len(texts)]} {'again ' * number}"
        desk.receive(write(BAKERY, f"Report {chr(65 + number % 26)}", text), NOW + number * 5 * SECOND)
    assert len(desk.sent()) == 2
    (latch,) = desk.store.latches.listing(NOW + HOUR)
    assert (latch["sender_key"], latch["thread"], latch["silenced"]) == (BAKERY, None, 38)


def test_a_client_who_was_heard_all_at_once_is_no_machine(desk: QuickDesk) -> None:
    """Mails that waited while the desk was down all get their answers: they came before ours left."""
    for number, text in enumerate(("The permalinks?", "Please change the number.", "Something odd to see.")):
        raw = write(BAKERY, f"Matter {number}", text)
        desk.receive(raw, NOW)
    assert len(desk.sent()) == 3
    assert desk.store.latches.listing(NOW) == []


def test_a_person_who_writes_again_is_no_machine(desk: QuickDesk) -> None:
    """A quick "thank you", a second question an hour later and a third one get what they would get anyway."""
    desk.receive(write(BAKERY, "Permalinks"), NOW)
    reference = f"In-Reply-To: {header(desk.sent()[0], 'Message-ID')}"
    desk.receive(write(BAKERY, "Re: Permalinks", "Thank you!", reference), NOW + 40 * SECOND)
    desk.receive(write(BAKERY, "Phone", "Please change the phone number."), NOW + HOUR)
    desk.receive(write(BAKERY, "Another matter", "The blue thing looks odd."), NOW + HOUR + 3 * MINUTE)
    assert len(desk.sent()) == 3
    assert desk.store.latches.listing(NOW + DAY) == []


@pytest.mark.parametrize("author", [BAKERY, "sam@elsewhere.test"])
def test_fifty_mails_in_an_hour_get_one_answer_and_one_line(desk: QuickDesk, author: str) -> None:
    """One sender, fifty mails, each another text: one answer; the digest tells the others in one line."""
    for number in range(50):
        text = f"Where are the permalinks? I ask {'again and ' * number} again."
        desk.receive(write(author, f"Question {number}", text), NOW + number * 72 * SECOND)
    assert len(desk.sent()) == 1
    suppressed = digest_of(desk).partition("Suppressed\n")[2]
    about = [line for line in suppressed.splitlines() if line.startswith("  *  ")]
    assert len(about) == 1, suppressed
    assert "mails" in about[0]
    assert "ping-pong" in about[0]
    assert "the last: Question 49" in suppressed


def test_the_digest_names_a_latched_sender(desk: QuickDesk) -> None:
    """A latch is among the notices with its reason, and how a person is released."""
    for number in range(8):
        desk.receive(write(VENDOR, f"Question {number}", f"permalinks {'x ' * number}"), NOW + number * 20 * SECOND)
    (latch,) = desk.store.latches.listing(NOW + HOUR)
    notice = next(line for line in digest_of(desk).splitlines() if VENDOR in line)
    assert str(latch["reason"]) in notice
    assert f"triagebot loops release {latch['id']}" in notice


def test_an_address_that_turns_by_a_letter_is_bounded_by_its_domain(desk: QuickDesk) -> None:
    """A machine that writes from another address each time gets no more than its domain may (freescout#688)."""
    for number in range(200):
        author = f"reply-{number:04}@crm.test"
        desk.receive(write(author, f"Case {number}", "permalinks " * (number + 1)), NOW + number * MINUTE)
    assert len(desk.sent()) == desk.snapshot.desk.limits.domain_per_day
    assert "rate-domain" in desk.codes()[-1]


def test_an_address_that_turns_by_a_letter_is_known_by_its_text(desk: QuickDesk) -> None:
    """The same text from another address of the domain gets nothing, whatever numbers and ids are in it."""
    for number in range(20):
        text = f"Case {number * 7919} with key a{number}bc{number} was opened. See the permalinks."
        desk.receive(write(f"reply-{number:04}@crm.test", f"Case {number}", text), NOW + number * MINUTE)
    assert len(desk.sent()) == 1
    assert all("duplicate" in codes for codes in desk.codes()[1:])
    desk.receive(write("ann@other.test", "Case", "Case 1 with key a0bc0 was opened. See the permalinks."), NOW + HOUR)
    assert len(desk.sent()) == 2


def test_free_mail_domains_have_no_common_budget(tmp_path: Path) -> None:
    """People at a provider anybody can use do not take each other's answers."""
    with quick_desk(tmp_path / "desk") as desk:
        for number in range(15):
            desk.receive(write(f"person{number}@gmail.com", "Hello", "The permalinks?"), NOW + number * MINUTE)
        assert len(desk.sent()) == 15
        assert desk.rows("SELECT scope FROM counter WHERE scope LIKE '%gmail%'") == []


def test_the_urgent_mail_of_a_latched_client_alerts(desk: QuickDesk) -> None:
    """The answer is not repeated, the developer is told all the same (safety.md C)."""
    for number in range(8):
        desk.receive(write(BAKERY, f"Matter {number}", f"permalinks {'x ' * number}"), NOW + number * 20 * SECOND)
    answers = len(desk.sent())
    assert desk.store.latches.listing(NOW + HOUR)
    decision = desk.receive(write(BAKERY, "Help", "Our site is down!"), NOW + HOUR)
    assert (decision.alert, decision.reply) == (True, None)
    assert len(desk.sent()) == answers
    (alert,) = desk.sent("alert")
    assert header(alert, "Subject") == "[emergency] Bakery: Help"


def test_a_forger_silences_nobody(desk: QuickDesk) -> None:
    """Mails that are not proven to be a client's latch nothing and are no part of the story."""
    desk.receive(write(BAKERY, "Permalinks"), NOW)
    for number in range(20):
        desk.receive(write(BAKERY, f"[T1] [T1] {number}", f"Hello {number}"), NOW + number * SECOND, "fail")
    assert desk.store.latches.listing(NOW + HOUR) == []
    assert desk.receive(write(BAKERY, "Phone", "Please change the number."), NOW + HOUR).reply


def test_forged_mail_of_a_latched_sender_is_shown_by_itself(desk: QuickDesk) -> None:
    """It is not counted among the silenced ones: it stands in the digest with the warning that it is not proven."""
    make_loop(desk)
    desk.receive(write(BAKERY, "New bank account", "Please change the account."), NOW + HOUR, "fail")
    assert "ping-pong" not in desk.codes()[-1]
    assert f"NOT proven to come from {BAKERY}" in digest_of(desk)


def test_a_latch_ends_by_time(desk: QuickDesk) -> None:
    """Seven days after the last sign the sender is answered again; a mail without a sign does not prolong it."""
    make_loop(desk)
    assert desk.receive(write(BAKERY, "Odd", "Something odd."), NOW + 6 * DAY).reply is None
    assert desk.receive(write(BAKERY, "Odd", "Odd is that blue thing."), NOW + 7 * DAY + MINUTE).reply
    assert desk.store.latches.listing(NOW + 7 * DAY + HOUR) == []


def test_a_machine_that_goes_on_stays_latched(desk: QuickDesk) -> None:
    """Each further sign counts the seven days anew, on the same latch."""
    desk.receive(write(VENDOR, "Permalinks"), NOW)
    reference = f"In-Reply-To: {header(desk.sent()[0], 'Message-ID')}"
    for days in (1, 6, 12):
        desk.receive(write(VENDOR, "[T1] Re: [T1] Permalinks", f"Day {'x' * days}", reference), NOW + days * DAY)
    (latch,) = desk.store.latches.listing(NOW + 18 * DAY)
    assert (latch["silenced"], latch["last_subject"]) == (3, "[T1] Re: [T1] Permalinks")


def test_a_released_sender_begins_with_a_clean_sheet(desk: QuickDesk) -> None:
    """What was written before the release is no sign any more."""
    latch = make_loop(desk)
    with desk.store.transaction():
        assert desk.store.latches.release(latch, NOW + 40 * SECOND)
        assert not desk.store.latches.release(latch, NOW + 40 * SECOND)
    assert desk.receive(write(BAKERY, "Odd", "Odd is that blue thing."), NOW + 45 * SECOND).reply
    assert desk.store.latches.listing(NOW + HOUR) == []


def test_what_was_before_a_release_is_no_sign(desk: QuickDesk) -> None:
    """After a release it takes two answers without a word again, not one."""
    desk.receive(write(VENDOR), NOW)
    reference = f"In-Reply-To: {header(desk.sent()[0], 'Message-ID')}"
    latches = []
    for hour in range(1, 5):
        desk.receive(write(VENDOR, f"Re: {hour}", f"> Hello {hour}", reference), NOW + hour * HOUR)
        latches.append([int(str(row["id"])) for row in desk.store.latches.listing(NOW + hour * HOUR)])
        with desk.store.transaction():
            for number in latches[-1]:
                desk.store.latches.release(number, NOW + hour * HOUR + MINUTE)
    assert latches == [[], [1], [], [2]]


def test_a_database_that_cannot_count_answers_nobody(desk: QuickDesk) -> None:
    """Whatever fails while loops are looked for or written down, the mail is not decided and nothing is sent."""
    desk.store._connection.execute("ALTER TABLE latch RENAME TO gone")
    with pytest.raises(StoreError):
        desk.receive(write(BAKERY, "Permalinks"), NOW)
    assert desk.sent() == []
    assert desk.rows("SELECT state FROM mail") == [("pending",)]
