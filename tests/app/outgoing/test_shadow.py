"""A fresh desk on an old mailbox: it says nothing about the past, whatever it is told to do."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk, letter, proven
from tests.app.digests import unwrap
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink

OLD_MAILS = 5000


@pytest.fixture
def shadow_desk(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> Iterator[LiveDesk]:
    """A desk in shadow mode, not started yet, whose first inbox is `account`."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port), mode="shadow") as desk:
        yield desk


def test_five_thousand_old_mails_are_never_answered(
    shadow_desk: LiveDesk, dovecot: Dovecot, account: str, sink: Sink
) -> None:
    """Neither in shadow nor live is anything sent about mail that was there first, be it years or an hour old; once
    live, only what arrives from then on is answered."""
    desk, hour = shadow_desk, datetime.now(UTC) - timedelta(hours=1)
    years = hour - timedelta(days=1000)
    old = [proven(f"a{n}@client{n}.test", account) for n in range(OLD_MAILS)]
    dovecot.append_many(account, old[: OLD_MAILS // 2], internaldate=years)
    dovecot.append_many(account, old[OLD_MAILS // 2 :], internaldate=hour)
    desk.start()
    desk.until_decided(OLD_MAILS, 40)
    assert desk.states() == {"history": OLD_MAILS}
    dovecot.append(account, proven("shadow@client.test", account))
    desk.until_decided(OLD_MAILS + 1)
    assert desk.sendings() == {"shadow": 1}
    desk.edit('mode = "shadow"', 'mode = "live"')
    desk.wait_for_log("files reloaded rules=4 mode=live")
    dovecot.append(account, old[0], internaldate=years)
    dovecot.append(account, proven("live@client.test", account))
    desk.until_idle(OLD_MAILS + 3)
    assert desk.stop() == 0
    assert desk.states() == {"history": OLD_MAILS + 1, "answered": 2}
    assert desk.sendings() == {"shadow": 1, "sent": 1}
    assert [mail.recipients for mail in sink.mails] == [("live@client.test",)]


def test_shadow_tells_the_developer_what_would_have_been_sent(
    shadow_desk: LiveDesk, dovecot: Dovecot, account: str, sink: Sink
) -> None:
    """In shadow a mail is decided as if live and nothing leaves; `explain`, digest and outbox show the answer."""
    desk = shadow_desk
    desk.start()
    desk.wait_for_log("connected folder=INBOX")
    dovecot.append(account, proven("ann@client.test", account, "Permalinks?"))
    desk.until_decided(1)
    assert desk.stop() == 0
    told = desk.run("explain", "1").stdout.decode()
    assert "shadow to ann@client.test" in told
    assert "Settings, then Permalinks." in told
    digest = unwrap(desk.run("digest").stdout)
    assert "1 arrived, 1 accounted for: 1 answered" in digest
    assert "The desk is in shadow mode: clients get no automatic mail." in digest
    assert "Would be answered (shadow mode)" in digest
    (row,) = desk.ask("outbox", "--all")
    assert (row["state"], row["recipient"]) == ("shadow", "ann@client.test")
    assert sink.mails == []


def test_mail_that_arrives_while_the_daemon_is_off_is_answered_when_it_is_back(
    shadow_desk: LiveDesk, dovecot: Dovecot, account: str, sink: Sink
) -> None:
    """The first start ever draws the line, not each start: a night's mail is answered in the morning."""
    desk = shadow_desk
    desk.edit('mode = "shadow"', 'mode = "live"')
    desk.start()
    desk.wait_for_log("connected folder=INBOX")
    assert desk.stop() == 0
    dovecot.append(account, proven("ann@client.test", account))
    time.sleep(1.1)  # into another second than the mail's
    desk.start()
    desk.until_idle(1)
    assert desk.stop() == 0
    assert [mail.recipients for mail in sink.mails] == [("ann@client.test",)]


def test_without_authserv_ids_nobody_is_answered_and_everybody_says_so(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """A desk that believes no server holds all mail for the developer; log, status and digest tell why."""
    box = Account(account, dovecot.users[account], dovecot.imap_port, sink.port, smtp_login=False, authserv_ids=())
    with LiveDesk(tmp_path / "desk", box) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, letter("ann@client.test", account))
        desk.until_decided(1)
        status = desk.status()
        assert desk.stop() == 0
        assert desk.states() == {"held": 1}
        assert not status["healthy"]
        assert "inbox box0: authserv_ids is empty, so nobody is answered" in status["problems"]
        assert "authserv_ids is empty: nobody is answered" in desk.said()
        assert "authserv_ids is empty, so nobody is answered" in unwrap(desk.run("digest").stdout)
    assert sink.mails == []
