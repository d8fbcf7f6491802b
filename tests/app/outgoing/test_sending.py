"""What becomes of answers by what the server says to them (safety.md G.2)."""

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.desks import WIDE, Account, LiveDesk, proven
from tests.edge.stores import NOW, outgoing
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from triagebot.app.outgoing.rows import plus_mark, record_sent
from triagebot.core.decision import TicketPlan
from triagebot.core.outgoing.retry import OutgoingClass
from triagebot.edge.store import open_store
from triagebot.edge.store.rows import instant
from triagebot.edge.store.work.tickets import NewTicket

ANN = "ann@client.test"
ONE_BY_ONE = WIDE + "[outbox]\nconnections = 1\n"
UNWANTED = "550 5.7.1 your mail looks like spam"


def start(desk: LiveDesk) -> None:
    """Start the daemon; return once it watches its inbox."""
    desk.start()
    desk.wait_for_log("connected folder=INBOX")


def test_greylisting_costs_five_minutes_and_nothing_else(dovecot: Dovecot, account: str, tmp_path: Path) -> None:
    """After a 451 the same bytes come from the same sender to the same recipient, not before five minutes."""
    with (
        Sink(answers={ANN: ["451 4.7.1 greylisted"]}) as sink,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk,
    ):
        start(desk)
        dovecot.append(account, proven(ANN, account))
        desk.until(lambda: desk.sendings() == {"retry": 1}, "the answer put off")
        ((number, attempts, again, until, raw),) = desk.rows(
            "SELECT id, attempts, next_attempt, expires_at, raw FROM outbox JOIN outbox_raw ON outbox = id"
        )
        told = desk.run("outbox").stdout.decode()
        assert instant(again) - datetime.now(UTC) > timedelta(minutes=4, seconds=30)
        assert (attempts, sink.mails) == (1, [])
        assert "451 4.7.1 greylisted" in told
        assert instant(until) - instant(again) < timedelta(hours=24)
        assert desk.run("outbox", "retry", str(number)).returncode == 0
        desk.reload()
        sink.wait_for(1)
        desk.until(lambda: desk.sendings() == {"sent": 1}, "the answer sent")
        assert desk.stop() == 0
        envelopes = [re.sub(r" SIZE=\d+", "", one) for one in sink.commands if one.startswith(("MAIL", "RCPT"))]
    assert envelopes[:2] == envelopes[2:4]
    assert len(envelopes) == 4
    assert [mail.raw for mail in sink.mails] == [raw]


def test_what_is_refused_for_good_is_not_tried_again(dovecot: Dovecot, account: str, tmp_path: Path) -> None:
    """A 550 ends the mail after one attempt; a full mailbox (552 at RCPT) does not."""
    with (
        Sink(answers={ANN: ["550 5.1.1 no such user"], "bob@client.test": ["552 5.2.2 mailbox full"]}) as sink,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk,
    ):
        start(desk)
        for author in (ANN, "bob@client.test"):
            dovecot.append(account, proven(author, account))
        desk.until(lambda: desk.sendings() == {"failed": 1, "retry": 1}, "both refused")
        desk.reload()
        dovecot.append(account, proven("eve@client.test", account))
        sink.wait_for(1)
        assert desk.stop() == 0
        assert [row["address"] for row in desk.ask("outbox", "suppressed")] == [ANN]
    assert sum(ANN in command for command in sink.commands) == 1
    assert [mail.recipients for mail in sink.mails] == [("eve@client.test",)]


def test_a_server_that_calls_us_spammers_is_left_alone_until_a_person_looks(
    dovecot: Dovecot, account: str, tmp_path: Path
) -> None:
    """After three refusals by policy in a row nothing more leaves, not after a restart either; status says what to
    do, and `outbox resume` lets the rest go."""
    authors = [f"a{number}@client{number}.test" for number in range(5)]
    with (
        Sink(answers={author: [UNWANTED] for author in authors}) as sink,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port), more=ONE_BY_ONE) as desk,
    ):
        start(desk)
        dovecot.append_many(account, [proven(author, account) for author in authors])
        desk.wait_for_log("refused 3 mails in a row as unwanted")
        desk.until_decided(5)
        assert desk.stop() == 0
        asked = len(sink.commands)
        start(desk)
        desk.wait_for_log("refused 3 mails in a row as unwanted")
        assert any("triagebot outbox resume box0" in problem for problem in desk.status()["problems"])
        assert desk.sendings() == {"failed": 3, "queued": 2}
        assert len(sink.commands) == asked
        sink.answers.clear()
        assert desk.run("outbox", "resume", "box0").returncode == 0
        desk.reload()
        desk.until(lambda: desk.sendings() == {"failed": 3, "sent": 2}, "the rest sent")
        assert not any("unwanted" in problem for problem in desk.status()["problems"])
        assert desk.stop() == 0
    assert len(sink.mails) == 2
    assert desk.rows("SELECT count(*) FROM suppression") == [(0,)]


def test_one_refusal_by_policy_is_that_mails_own(dovecot: Dovecot, account: str, tmp_path: Path) -> None:
    """Only refusals in a row mean us: with an accepted mail between them nothing stops."""
    authors = [f"a{number}@client{number}.test" for number in range(8)]
    with (
        Sink(answers={author: [UNWANTED] for author in authors[::2]}) as sink,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port), more=ONE_BY_ONE) as desk,
    ):
        start(desk)
        dovecot.append_many(account, [proven(author, account) for author in authors])
        desk.until_idle(8)
        assert desk.stop() == 0
        assert desk.sendings() == {"failed": 4, "sent": 4}
        assert "unwanted" not in desk.said()


def test_a_server_that_takes_the_plain_sender_only_gets_it(dovecot: Dovecot, account: str, tmp_path: Path) -> None:
    """Where an account may not send from its token address, the answer leaves from the plain one at once, and so do
    all that follow."""
    plain_only = "553 5.7.1 Sender address rejected: not owned by user"
    with (
        Sink(answers={ANN: [plain_only]}) as sink,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk,
    ):
        store = open_store(desk.database)
        with store.transaction():
            store.health.do_once(plus_mark("box0"), datetime.now(UTC))
        store.close()
        start(desk)
        dovecot.append(account, proven(ANN, account))
        sink.wait_for(1)
        desk.until(lambda: desk.sendings() == {"sent": 1}, "the answer sent")
        dovecot.append(account, proven("bob@client.test", account))
        sink.wait_for(2)
        assert desk.stop() == 0
    senders = [command.split()[1] for command in sink.commands if command.startswith("MAIL")]
    local, _, domain = account.partition("@")
    assert re.fullmatch(rf"FROM:<{local}\+b-[a-z2-7]{{26}}@{domain}>", senders[0])
    assert senders[1:] == [f"FROM:<{account}>"] * 2


@pytest.mark.parametrize(("kind", "stops"), [("approved", True), ("auto", False)])
def test_an_answer_a_person_approved_stops_the_clock(tmp_path: Path, kind: OutgoingClass, stops: bool) -> None:
    """Once the server has it, a retainer has been answered, also where nothing is filed in Sent; what the machine
    sent by itself is no first answer."""
    plan = TicketPlan("question", 15, "planned", NOW.date(), (), answer_due=NOW.date())
    with closing(open_store(tmp_path / "triagebot.db")) as store:
        with store.transaction():
            ticket = store.tickets.open(NewTicket(plan, "retainer", "Subject", "Text", client="bakery"), NOW)
            row = store.outbox.add(outgoing("auto content", outgoing=kind, ticket=ticket), NOW)
            assert row is not None
            record_sent(store, row, "send support", "250 ok", NOW)
        found = store.tickets.find(ticket)
        assert found is not None
        assert (found["answered_at"] is not None) == stops
