"""The daemon on a real Dovecot and Postfix: a mail comes in, the answer goes out."""

import fcntl
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.app.desks import PLAN, Account, LiveDesk, client, letter, proven
from tests.servers.dovecot import Dovecot
from tests.servers.misbehaving_smtp import MisbehavingSmtp
from tests.servers.postfix import TRUSTED_MX
from tests.servers.sink import Sink
from tests.servers.stack import MailStack
from triagebot.core.errors import DeskBusy
from triagebot.edge.lock import DeskLock

OWN_ID = re.compile(r"<ar\.[a-z2-7]{26}@[a-z0-9.-]+>")


@pytest.fixture
def loop_desk(mail_stack: MailStack, tmp_path: Path) -> LiveDesk:
    """A desk on Dovecot and Postfix over verified TLS, whose one client is the stack's."""
    account = Account.on_stack(mail_stack, TRUSTED_MX)
    clients = PLAN + client("alice", mail_stack.client, "retainer")
    return LiveDesk(tmp_path / "desk", account, developer=mail_stack.developer, clients=clients)


def test_a_clients_mail_is_answered_in_its_thread(loop_desk: LiveDesk, mail_stack: MailStack) -> None:
    """While the daemon idles, a submitted mail gets one answer under it, with safety.md B's headers, unread before
    and after; forged mail gets nothing."""
    stack = mail_stack
    question = letter(stack.client, stack.support, "Re: AW: Addresses")
    forged = letter(stack.client, stack.support, "Forged")
    with loop_desk as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        stack.send_from_outside(forged, stack.client, stack.support)
        desk.until_decided(1)
        stack.send(question, stack.client, stack.support)
        answer = message_from_bytes(stack.dovecot.wait_for_messages(stack.client, 1)[0])
        desk.until_idle(2)
        assert desk.stop() == 0
        assert desk.states() == {"held": 1, "answered": 1}
        assert desk.sendings() == {"sent": 1}
    asked = message_from_bytes(question)
    assert answer["In-Reply-To"] == asked["Message-ID"]
    assert answer["References"] == asked["Message-ID"]
    assert (answer["Subject"], answer["To"]) == ("Re: Addresses", stack.client)
    assert answer["From"] == f"Test Desk <{stack.support}>"
    assert OWN_ID.fullmatch(answer["Message-ID"])
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["X-Auto-Response-Suppress"] == "All"
    assert answer["Precedence"] == "auto_reply"
    assert answer["X-Triagebot-Loop"]
    assert answer["Content-Language"] == "en"
    assert answer["Return-Path"] == f"<{stack.support}>"
    assert not {"cc", "bcc", "reply-to", "sender", "list-id"} & {name.lower() for name in answer.keys()}  # noqa: SIM118
    parts = [part.get_content_type() for part in answer.walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]
    assert b"Settings, then Permalinks." in answer.as_bytes()
    assert len(stack.dovecot.messages(stack.client)) == 1
    with stack.dovecot.connect(stack.support) as box:
        box.select_folder("INBOX", readonly=True)
        flags = [found[b"FLAGS"] for found in box.fetch(box.search(), ["FLAGS"]).values()]
    assert len(flags) == 2
    assert all(b"\\Seen" not in one for one in flags)


def test_the_daemons_own_answers_are_never_answered(loop_desk: LiveDesk, mail_stack: MailStack) -> None:
    """An answer that comes back (a client's filter sends it on) ends the matter: the desk knows its own mail."""
    stack = mail_stack
    with loop_desk as desk:
        desk.start()
        stack.send(letter(stack.client, stack.support), stack.client, stack.support)
        answer = stack.dovecot.wait_for_messages(stack.client, 1)[0]
        stack.send_from_outside(answer, stack.client, stack.support)
        desk.until_idle(2)
        assert desk.stop() == 0
        assert desk.states() == {"answered": 1, "suppressed": 1}
        assert desk.sendings() == {"sent": 1}


def test_a_certificate_nobody_vouches_for_is_refused(loop_desk: LiveDesk, mail_stack: MailStack) -> None:
    """Without the `ca` key the server is not trusted: one sentence, no password sent, no mail touched."""
    ca = f', ca = "{mail_stack.dovecot.ca}"'
    text = loop_desk.config.read_text("utf-8")
    assert text.count(ca) == 2
    loop_desk.config.write_text(text.replace(ca, ""), "utf-8")
    done = loop_desk.run("run", "--once")
    assert done.returncode == 1
    assert b"certificate refused" in done.stderr.splitlines()[-1]
    assert b"Traceback" not in done.stderr


def test_sigterm_ends_an_idle_daemon_at_once(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """Idle, the daemon ends with status 0 within five seconds of SIGTERM."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        assert desk.stop(5) == 0


def test_sigterm_ends_a_busy_daemon_and_nothing_is_lost(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """In the middle of a backlog SIGTERM ends it within five seconds; the next start does the rest, once."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        assert desk.stop() == 0
        dovecot.append_many(account, [proven(f"a{n}@client{n}.test", account) for n in range(150)])
        desk.start()
        desk.until_decided(20)
        assert desk.stop(5) == 0
        assert desk.decided() < 150
        desk.start()
        desk.until_idle(150)
        assert desk.stop() == 0
        assert desk.states() == {"answered": 150}
        assert desk.sendings() == {"sent": 150}
    assert sorted(mail.recipients[0] for mail in sink.mails) == sorted(f"a{n}@client{n}.test" for n in range(150))


def test_sigterm_does_not_wait_for_a_server_that_hangs(dovecot: Dovecot, account: str, tmp_path: Path) -> None:
    """A server that took the mail and says nothing holds the end up no longer than five seconds; the mail is then
    listed as maybe sent and never sent again."""
    with (
        MisbehavingSmtp("hang_after_data") as server,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, server.port)) as desk,
    ):
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("a@client.test", account))
        desk.until(lambda: bool(desk.rows("SELECT 1 FROM outbox WHERE phase = 'data_end'")), "the transfer")
        assert desk.stop(5) == 0
        assert desk.sendings() == {"sending": 1}
        desk.start()
        desk.until(lambda: desk.sendings() == {"ambiguous": 1}, "maybe sent")
        assert desk.stop(5) == 0
    assert len(server.arrived) == 1


def test_sigterm_does_not_wait_for_a_mail_that_is_slow_to_read(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """A mail that takes many seconds to be read does not hold the end up; it is read after the next start."""
    part = b"--x\r\nContent-Type: text/html\r\n\r\n" + b"<p>a<b>c " * 3000 + b"\r\n"
    headers = (b"MIME-Version: 1.0", b'Content-Type: multipart/mixed; boundary="x"', b"Subject: A question")
    slow = proven("ann@client.test", account).replace(b"Subject: A question", b"\r\n".join(headers))
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, slow + part * 490 + b"--x--\r\n")
        desk.until(lambda: bool(desk.rows("SELECT 1 FROM mail WHERE attempts = 1")), "the mail begun")
        time.sleep(1)  # it is fetched and being read now, which takes some eight seconds
        assert desk.stop(5) == 0
        assert desk.states() == {"pending": 1}


def test_a_second_daemon_leaves_the_first_alone(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """Who runs a desk that is running already is told so and ends with 75 (EX_TEMPFAIL)."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.start()
        done = desk.run("run")
        assert done.returncode == 75
        assert b"another triagebot already runs this desk" in done.stderr
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("a@client.test", account))
        desk.until_idle(1)
        assert desk.stop() == 0


def test_looking_at_the_status_never_keeps_a_daemon_from_starting(tmp_path: Path) -> None:
    """`status` holds the desk's lock for a moment; a daemon that starts just then waits for it."""
    file = tmp_path / "lock"
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        release = threading.Timer(0.05, fcntl.flock, (handle, fcntl.LOCK_UN))
        release.start()
        with DeskLock(file):
            release.join()
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(DeskBusy, match="another triagebot"), DeskLock(file):
            pass


def test_several_inboxes_are_each_answered_from_their_own(
    dovecot: Dovecot, new_account: Callable[[], str], tmp_path: Path
) -> None:
    """Two inboxes of one desk: each mail is answered once, over its own SMTP server, from its own address."""
    one, two = new_account(), new_account()
    with (
        Sink() as first,
        Sink() as second,
        LiveDesk(
            tmp_path / "desk",
            Account.on_dovecot(dovecot, one, first.port),
            Account.on_dovecot(dovecot, two, second.port),
        ) as desk,
    ):
        desk.start()
        desk.wait_for_log("connected folder=INBOX", 2)
        dovecot.append(one, proven("ann@client.test", one))
        dovecot.append(two, proven("bob@client.test", two))
        desk.until_idle(2)
        assert desk.stop() == 0
    for server, author, address in ((first, "ann@client.test", one), (second, "bob@client.test", two)):
        assert [(mail.recipients, mail.sender) for mail in server.mails] == [((author,), address)]
        assert message_from_bytes(server.mails[0].raw)["From"].endswith(f"<{address}>")


def test_a_mail_to_two_inboxes_is_answered_once(
    dovecot: Dovecot, new_account: Callable[[], str], sink: Sink, tmp_path: Path
) -> None:
    """The same mail in two inboxes is one mail: one answer, the other copy is merged."""
    one, two = new_account(), new_account()
    accounts = [Account.on_dovecot(dovecot, address, sink.port) for address in (one, two)]
    raw = proven("ann@client.test", one)
    with LiveDesk(tmp_path / "desk", *accounts) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX", 2)
        dovecot.append(one, raw)
        dovecot.append(two, raw)
        desk.until_idle(2)
        assert desk.stop() == 0
        assert desk.states() == {"answered": 1, "merged": 1}
    assert len(sink.mails) == 1


def test_done_mails_are_flagged_and_moved_but_not_read(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """With `keyword` and `done` a mail is flagged and moved once it is decided, still unread; history stays put."""
    dovecot.append(account, proven("old@client.test", account), internaldate=datetime.now(UTC) - timedelta(hours=1))
    box = Account.on_dovecot(dovecot, account, sink.port, 'done = "Triaged"\nkeyword = "Answered-By-Desk"')
    with LiveDesk(tmp_path / "desk", box) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("new@client.test", account))
        desk.until_idle(2)
        desk.until(lambda: bool(desk.rows("SELECT 1 FROM mail WHERE marked = 1")), "the mail moved")
        assert desk.stop() == 0
        assert desk.states() == {"history": 1, "answered": 1}
    assert [b"old@client.test" in raw for raw in dovecot.messages(account)] == [True]
    with dovecot.connect(account) as connection:
        connection.select_folder("Triaged", readonly=True)
        (found,) = connection.fetch(connection.search(), ["FLAGS", "BODY.PEEK[HEADER]"]).values()
    assert b"Answered-By-Desk" in found[b"FLAGS"]
    assert b"\\Seen" not in found[b"FLAGS"]
    assert b"new@client.test" in found[b"BODY[HEADER]"]
