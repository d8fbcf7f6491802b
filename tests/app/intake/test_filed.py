"""What the desk does in Drafts and Sent: a mail a person approved exists once (safety.md G.2, design.md section 8)."""

from email import message_from_bytes
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk, proven
from tests.servers.dovecot import Dovecot
from tests.servers.misbehaving_smtp import MisbehavingSmtp
from tests.servers.odd_imap import OddImap
from tests.servers.sink import Sink

QUICK = '[outbox]\napproved_delay = "0s"\nlook_up_after = "2s"\n'


def draft(desk: LiveDesk, dovecot: Dovecot, account: str) -> int:
    """Given a desk in draft mode that runs, let a client ask, and return the number of the draft once it is filed."""
    dovecot.append(account, proven("ann@client.test", account))
    desk.until(lambda: desk.rows("SELECT state FROM outbox WHERE class = 'auto'") == [("drafted",)], "the draft filed")
    ((number,),) = desk.rows("SELECT id FROM outbox")
    return int(number)


def state(desk: LiveDesk, number: int) -> str:
    """Given an outgoing mail, return its state."""
    return str(desk.rows("SELECT state FROM outbox WHERE id = ?", number)[0][0])


def test_an_approved_draft_leaves_drafts(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """Our copy is removed within seconds, so that nobody sends it by hand as well; a person's own draft stays, even
    one that is marked as deleted."""
    own = proven("support@company.test", "ann@client.test", "My own draft")
    dovecot.append_many(account, [own, own], "Drafts")
    with dovecot.connect(account) as client:
        client.select_folder("Drafts")
        client.delete_messages([1])
    with LiveDesk(
        tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port), mode="draft", settings=QUICK
    ) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        number = draft(desk, dovecot, account)
        filed = dovecot.messages(account, "Drafts")
        assert len(filed) == 3
        assert desk.run("outbox", "approve", str(number)).returncode == 0
        desk.until(lambda: state(desk, number) == "sent", "the approved mail sent")
        desk.until(lambda: dovecot.messages(account, "Drafts") == [own, own], "our draft removed")
        assert desk.stop() == 0
    (mail,) = sink.mails
    assert message_from_bytes(mail.raw)["Message-ID"] == message_from_bytes(filed[2])["Message-ID"]


@pytest.mark.parametrize("kept", [True, False], ids=["in Sent", "not in Sent"])
def test_an_approved_mail_in_doubt_is_looked_up_in_sent(
    kept: bool, dovecot: Dovecot, account: str, tmp_path: Path
) -> None:
    """The connection broke after the server took it. A copy in Sent: it is not sent again. None there: it is sent once
    more with the same bytes, and when that ends in doubt too, it is a person's turn."""
    with (
        MisbehavingSmtp("drop_after_data") as server,
        LiveDesk(
            tmp_path / "desk", Account.on_dovecot(dovecot, account, server.port), mode="draft", settings=QUICK
        ) as desk,
    ):
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        number = draft(desk, dovecot, account)
        assert desk.run("outbox", "approve", str(number)).returncode == 0
        desk.until(lambda: len(server.arrived) == 1, "the first sending")
        if kept:
            dovecot.append(account, server.arrived[0].raw, "Sent")
            desk.until(lambda: state(desk, number) == "sent", "found in Sent")
        else:
            desk.until(lambda: len(server.arrived) == 2, "sent once more")
            desk.until(lambda: state(desk, number) == "ambiguous", "a person's turn")
        assert desk.stop() == 0
        assert desk.run("run", "--once").returncode == 0
        assert desk.rows("SELECT state, resends FROM outbox") == [("sent", 0) if kept else ("ambiguous", 1)]
    assert len({mail.raw for mail in server.arrived}) == 1
    assert len(server.arrived) == (1 if kept else 2)


def test_an_automatic_answer_in_doubt_is_never_looked_up(dovecot: Dovecot, account: str, tmp_path: Path) -> None:
    """A client gets at most one: it stays in doubt whatever Sent holds."""
    with (
        MisbehavingSmtp("drop_after_data") as server,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, server.port), settings=QUICK) as desk,
    ):
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("ann@client.test", account))
        desk.until(lambda: desk.sendings() == {"ambiguous": 1}, "in doubt")
        assert desk.stop() == 0
        assert desk.run("run", "--once").returncode == 0
        assert desk.sendings() == {"ambiguous": 1}
    assert len(server.arrived) == 1


def test_a_missing_drafts_folder_keeps_no_mail_from_being_read(sink: Sink, tmp_path: Path) -> None:
    """It is told in the status with the key that mends it, and mails are read and decided all the same."""
    support = "support@company.test"
    with OddImap() as server:
        box = Account(support, "secret", server.port, sink.port, smtp_login=False)
        with LiveDesk(tmp_path / "desk", box, mode="draft") as desk:
            assert desk.run("run", "--once").returncode == 0
            server.mails.update({1: proven("ann@client.test", support), 2: proven("bob@client.test", support)})
            server.odd.date = "22-Nov-2036 12:00:00 +0000"
            assert desk.run("run", "--once").returncode == 0
            assert desk.run("run", "--once").returncode == 0
            assert desk.states() == {"answered": 2}
            assert desk.sendings() == {"draft": 2}
            (problem,) = (one for one in desk.status()["problems"] if "Drafts" in one)
            assert "name it with `drafts`" in problem
