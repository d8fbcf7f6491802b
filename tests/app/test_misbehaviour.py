"""The catalogue of servers that misbehave, each met by a whole daemon: survived, told in one line, next mail fine.

Servers that are away or refuse logins and full disks are in test_outage.py, mails that vanish in test_reconcile.py,
IDLE that tells of nothing in test_odd_server.py, broken TLS in test_transport.py, kills in tests/faults.
"""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk, proven
from tests.conftest import leave_out
from tests.servers.clock import WallClock, find_library
from tests.servers.dovecot import Dovecot
from tests.servers.misbehaving_proxy import Meddling, MeddlingImap
from tests.servers.misbehaving_smtp import SMTP_BEHAVIOURS, MisbehavingSmtp
from tests.servers.sink import Sink

TWO_DAYS = timedelta(days=2)
QUICK = '\n[health]\nalert_after = "1s"\n'
"""Has the watchdog look four times a second."""

SMTP = {
    # What becomes of the mail that met it, how often the server kept it, and what log and status say.
    "drop_before_data": ("sent", 1, "send=box0 problem='SMTP localhost:"),
    "greeting_421": ("sent", 1, "421 4.3.2 too busy"),
    "reset_after_250": ("sent", 1, ""),
    "drop_mid_data": ("ambiguous", 0, "outcome=unknown"),
    "drop_after_data": ("ambiguous", 1, "outcome=unknown"),
    "half_line": ("ambiguous", 1, "outcome=unknown"),
    "tempfail_then_ok": ("retry", 0, "outcome=temporary code=451"),
    "rcpt_452": ("retry", 0, "outcome=temporary code=452"),
    "data_554": ("failed", 0, "outcome=permanent code=554"),
}


@pytest.mark.parametrize("name", SMTP)
def test_an_smtp_server_that_misbehaves_once(dovecot: Dovecot, account: str, tmp_path: Path, name: str) -> None:
    """The mail that meets it is sent, waits, has failed (the digest tells it) or is listed as maybe sent (status tells
    it), and is never kept twice by the server; one line in the log says so, and the next mail is sent."""
    state, kept, line = SMTP[name]
    with (
        MisbehavingSmtp(name) as server,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, server.port)) as desk,
    ):
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("first@client.test", account))
        desk.until(lambda: bool(server.connections) and (not line or line in desk.said()), "the misbehaviour")
        server.behaviour = SMTP_BEHAVIOURS["no_starttls"]
        dovecot.append(account, proven("second@other.test", account))
        desk.until(lambda: sendings(desk) == {"first@client.test": state, "second@other.test": "sent"}, f"{name} over")
        problems = desk.status()["problems"]
        assert desk.stop() == 0
        assert not line or desk.said().count(line) == 1
        assert len(problems) == (state == "ambiguous"), problems
    recipients = [mail.recipients[0] for mail in server.accepted]
    assert recipients.count("first@client.test") == kept
    assert recipients.count("second@other.test") == 1


def test_an_smtp_server_that_hangs_holds_up_one_mail(dovecot: Dovecot, account: str, tmp_path: Path) -> None:
    """While it is silent over one mail the next goes over another connection; when it hangs up at last, the first is
    listed as maybe sent."""
    with (
        MisbehavingSmtp("hang_after_data") as server,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, server.port)) as desk,
    ):
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("first@client.test", account))
        server.wait_for_mail(1)
        server.behaviour = SMTP_BEHAVIOURS["no_starttls"]
        dovecot.append(account, proven("second@other.test", account))
        desk.until(lambda: sendings(desk).get("second@other.test") == "sent", "the second mail")
        assert sendings(desk)["first@client.test"] == "sending"
        server.drop_conversations()
        desk.until(lambda: sendings(desk)["first@client.test"] == "ambiguous", "the first mail")
        (problem,) = desk.status()["problems"]
        assert "maybe" in problem or "ambiguous" in problem
        assert desk.stop() == 0


@pytest.mark.parametrize("how", ["close", "bye", "half"])
def test_an_imap_server_that_ends_idle(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path, how: Meddling
) -> None:
    """Hung up, said BYE or half a line in IDLE: told once, and what arrives meanwhile is answered."""
    with (
        MeddlingImap(dovecot.imap_port, b" IDLE", how) as proxy,
        LiveDesk(tmp_path / "desk", behind(proxy, dovecot, account, sink)) as desk,
    ):
        desk.start()
        desk.wait_for_log("IMAP localhost:")
        dovecot.append(account, proven("ann@client.test", account))
        desk.until_idle(1)
        desk.wait_for_log("inbox=box0 works again")
        assert desk.status()["problems"] == []
        assert desk.stop() == 0
        assert desk.said().count("problem=") == 1
        assert (proxy.meddled, desk.sendings()) == (True, {"sent": 1})


@pytest.fixture
def wall_clock(tmp_path: Path) -> WallClock:
    """A clock the daemon sees, set by the test."""
    library = find_library()
    if library is None:
        leave_out("libfaketime is not installed (Debian: faketime)")
    return WallClock(library, tmp_path / "clock")


def test_the_clock_goes_two_days_ahead_and_back(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path, wall_clock: WallClock
) -> None:
    """Mail that seems two days old by a wrong clock is recorded and shown, never answered late; before and after it
    all is as ever, nothing is sent twice, and each jump is told in one line."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port), settings=QUICK) as desk:
        desk.environment = wall_clock.environment
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("before@a.test", account))
        desk.until_idle(1)
        wall_clock.set(TWO_DAYS)
        desk.wait_for_log("the clock was set forward by 2 days")
        dovecot.append(account, proven("ahead@b.test", account))
        desk.until_idle(2)
        wall_clock.set(timedelta(0))
        desk.wait_for_log("the clock was set back by 2 days")
        dovecot.append(account, proven("after@c.test", account))
        desk.until_idle(3)
        assert desk.stop() == 0
        assert desk.said().count("the clock was set") == 2
        assert desk.states() == {"answered": 2, "history": 1}
        assert desk.rows("SELECT codes FROM mail WHERE state = 'history'") == [("too-old",)]
    assert answered(sink) == ["before@a.test", "after@c.test"]


def test_the_clock_goes_two_days_back_and_ahead(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path, wall_clock: WallClock
) -> None:
    """By a clock that is behind, mail is answered as ever; set right again, nothing is answered anew, and who had the
    day's mail under either clock still gets no second."""
    caps = "\n[limits]\nstranger_per_day = 1\nstranger_per_week = 1\n"
    with LiveDesk(
        tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port), settings=QUICK, more=caps
    ) as desk:
        desk.environment = wall_clock.environment
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("before@a.test", account))
        desk.until_idle(1)
        wall_clock.set(-TWO_DAYS)
        desk.wait_for_log("the clock was set back by 2 days")
        dovecot.append(account, proven("before@a.test", account, "Again", "permalinks, once more"))
        dovecot.append(account, proven("behind@b.test", account))
        desk.until_idle(3)
        wall_clock.set(timedelta(0))
        desk.wait_for_log("the clock was set forward by 2 days")
        dovecot.append(account, proven("behind@b.test", account, "Again", "permalinks, once more"))
        dovecot.append(account, proven("after@c.test", account))
        desk.until_idle(5)
        assert desk.stop() == 0
    assert answered(sink) == ["before@a.test", "behind@b.test", "after@c.test"]


def test_what_waits_when_the_clock_is_set_back_does_not_wait_for_days(
    dovecot: Dovecot, account: str, tmp_path: Path, wall_clock: WallClock
) -> None:
    """A mail that was told "later" by a clock far ahead is tried again within minutes of the right one, once, with the
    same bytes and so the same Message-ID."""
    with (
        Sink(answers={"ann@client.test": ["451 4.3.0 later"]}) as sink,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port), settings=QUICK) as desk,
    ):
        desk.environment = wall_clock.environment
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        wall_clock.set(timedelta(hours=20))
        desk.wait_for_log("the clock was set forward by")
        dovecot.append(account, proven("ann@client.test", account))
        desk.until(lambda: sendings(desk) == {"ann@client.test": "retry"}, "the retry")
        first = desk.rows("SELECT message_id, raw FROM outbox JOIN outbox_raw ON outbox = id WHERE class = 'auto'")
        wall_clock.set(timedelta(0))
        desk.wait_for_log("the clock was set back by")
        wall_clock.set(timedelta(minutes=7))
        desk.until(lambda: sendings(desk) == {"ann@client.test": "sent"}, "the second attempt", 30)
        assert desk.stop() == 0
    (arrived,) = [mail for mail in sink.mails if mail.recipients == ("ann@client.test",)]
    assert [(str(message_from_bytes(arrived.raw)["Message-ID"]), arrived.raw)] == first


def answered(sink: Sink) -> list[str]:
    """Return who was answered, in order; what the watchdog tells the developer is another matter."""
    return [mail.recipients[0] for mail in sink.mails if mail.recipients[0] != "ada@company.test"]


def behind(proxy: MeddlingImap, dovecot: Dovecot, account: str, sink: Sink) -> Account:
    """Given a proxy before Dovecot, return the account as it is seen through it."""
    return replace(Account.on_dovecot(dovecot, account, sink.port), imap_port=proxy.port)


def sendings(desk: LiveDesk) -> dict[str, str]:
    """Return the state of the one answer of each recipient."""
    return dict(desk.rows("SELECT recipient, state FROM outbox WHERE class = 'auto'"))
