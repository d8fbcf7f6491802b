"""Servers that go away, passwords that are wrong, disks that are full: told once, nothing lost, no restart."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk, letter, proven
from tests.servers.background import BackgroundServer
from tests.servers.dovecot import Dovecot
from tests.servers.misbehaving_smtp import MisbehavingSmtp
from tests.servers.postfix import TRUSTED_MX
from tests.servers.sink import Sink
from tests.servers.stack import MailStack
from triagebot.app.intake.folder import check_space
from triagebot.core.errors import StoreError
from triagebot.edge.store import open_store
from triagebot.edge.store.received.mails import MOST_ATTEMPTS


def test_the_imap_server_is_gone_for_a_while(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """While IMAP is away log and status say so; what arrived meanwhile is answered when it is back, once each."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.stop()
        try:
            desk.wait_for_log("cannot be reached")
            dovecot.append_many(account, [proven(f"a{n}@client.test", account) for n in range(3)])
            assert any("IMAP localhost" in problem for problem in desk.status()["problems"])
        finally:
            dovecot.start()
        desk.until_idle(3)
        desk.wait_for_log("inbox=box0 works again")
        assert desk.said().count("cannot be reached") == 1
        assert desk.status()["problems"] == []
        assert desk.stop() == 0
    assert sorted(mail.recipients[0] for mail in sink.mails) == [f"a{n}@client.test" for n in range(3)]


def test_a_connection_that_breaks_in_every_fetch_parks_no_mail(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """However often the connection breaks while mails are fetched, they are not held to be at fault."""
    with (
        Cutter(dovecot.imap_port) as cutter,
        LiveDesk(
            tmp_path / "desk", replace(Account.on_dovecot(dovecot, account, sink.port), imap_port=cutter.port)
        ) as desk,
    ):
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append_many(account, [proven(f"a{n}@client.test", account) for n in range(5)])
        for number in range(1, MOST_ATTEMPTS + 3):
            desk.until(lambda number=number: cutter.cuts >= number, "a cut")  # type: ignore[misc]
            desk.reload()
        cutter.words = b"never said"
        desk.reload()
        desk.until_idle(5)
        assert desk.stop() == 0
        assert desk.states() == {"answered": 5}


def test_the_smtp_server_is_gone_for_a_while(mail_stack: MailStack, tmp_path: Path) -> None:
    """While SMTP is away answers wait, and log and status say so; when it is back each leaves once."""
    stack, boxes = mail_stack, Account.on_stack(mail_stack, TRUSTED_MX)
    with LiveDesk(tmp_path / "desk", boxes) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        stack.postfix.stop()
        try:
            for number in range(3):
                question = proven(stack.client, stack.support, f"Question {number}")
                stack.dovecot.append(stack.support, question)
            desk.wait_for_log("send=box0 problem=")
            desk.until_decided(3)
            assert any("SMTP localhost" in problem for problem in desk.status()["problems"])
            assert desk.sendings().keys() <= {"queued", "sending"}
        finally:
            stack.postfix.start()
        desk.reload()
        desk.until_idle(3)
        assert desk.status()["problems"] == []
        assert desk.stop() == 0
        assert desk.said().count("send=box0 problem=") == 1
    assert len(stack.dovecot.wait_for_messages(stack.client, 3)) == 3


def test_a_server_in_trouble_is_left_in_peace(dovecot: Dovecot, account: str, tmp_path: Path) -> None:
    """A server that turns us away is not dialled again at once, by none of the connections; a reload asks it again."""
    with (
        MisbehavingSmtp("greeting_421") as server,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, server.port)) as desk,
    ):
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append_many(account, [proven(f"a{n}@client.test", account) for n in range(20)])
        desk.wait_for_log("send=box0 problem=")
        desk.until_decided(20)
        time.sleep(1)
        assert server.connections <= 2
        desk.reload()
        desk.until(lambda: server.connections > 2, "another attempt")
        assert desk.stop() == 0
        assert desk.sendings().keys() == {"queued"}
        assert desk.rows("SELECT sum(attempts) FROM outbox") == [(0,)]


def test_wrong_passwords_are_told_and_mending_them_is_enough(mail_stack: MailStack, tmp_path: Path) -> None:
    """A refused login is one sentence with the account in it, and never the password; the corrected password file
    is noticed by itself or at once by a reload, for IMAP and for SMTP."""
    stack = mail_stack
    good = stack.password(stack.support)
    with LiveDesk(tmp_path / "desk", Account.on_stack(stack, TRUSTED_MX)) as desk:
        for server in ("imap", "smtp"):
            desk.password_file(server).write_text("wrong-password", "utf-8")
        desk.start()
        desk.wait_for_log("refuses the login of")
        stack.send(letter(stack.client, stack.support), stack.client, stack.support)
        stack.dovecot.wait_for_messages(stack.support, 1)
        status = desk.status()
        assert f"refuses the login of {stack.support}: [AUTHENTICATIONFAILED]" in " ".join(status["problems"])
        desk.password_file("imap").write_text(good, "utf-8")
        desk.wait_for_log("535 5.7.8")
        (problem,) = desk.status()["problems"]
        assert "535 5.7.8" in problem
        assert desk.sendings().keys() <= {"queued", "sending"}
        desk.password_file("smtp").write_text(good, "utf-8")
        desk.reload()
        desk.until_idle(1)
        assert desk.status()["problems"] == []
        assert desk.stop() == 0
        assert "wrong-password" not in desk.said()
        assert good not in desk.said()
        assert desk.said().count("refuses the login") == 1
        assert desk.said().count("send=box0 problem=") == 1
    assert len(stack.dovecot.wait_for_messages(stack.client, 1)) == 1


class Cutter(BackgroundServer):
    """Stands between a client and an IMAP server, and hangs up when the client says `words`."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.words = b"BODY.PEEK[]"
        self.cuts = 0
        self._server_port = port

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on both directions, line by line from the client."""
        from_server, to_server = await asyncio.open_connection(self.host, self._server_port)
        answering = asyncio.create_task(self._hand_on(from_server, writer))
        while (line := await reader.readline()) and self.words not in line:
            to_server.write(line)
        self.cuts += bool(line)
        answering.cancel()
        to_server.close()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)
        writer.close()


@contextmanager
def small_disk(directory: Path, size: str) -> Iterator[Path]:
    """Given a new directory, mount a file system of that size there until the end."""
    directory.mkdir(parents=True)
    mount = [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(directory)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a size-limited file system cannot be mounted here (it needs root): {done.stderr.strip()}")
    try:
        yield directory
    finally:
        subprocess.run([shutil.which("umount") or "umount", "-l", str(directory)], check=True)


def fill(directory: Path) -> Path:
    """Given a small disk, write a file into it until there is no byte left, and return the file."""
    filler = directory / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return filler


def test_a_full_disk_stops_nothing_for_ever(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """While the disk is full nothing is taken in or sent, and log and status say so; with space again every mail
    is answered once and the database is whole."""
    with (
        small_disk(tmp_path / "desk" / "var", "8m") as disk,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk,
    ):
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("first@client.test", account))
        desk.until_idle(1)
        filler = fill(disk)
        dovecot.append_many(account, [proven(f"a{n}@client.test", account) for n in range(40)])
        desk.wait_for_log("the disk is full")
        assert any("is full" in problem for problem in desk.status()["problems"])
        assert desk.said().count("inbox=box0 problem='the disk is full") == 1
        assert len(sink.mails) < 41
        filler.unlink()
        desk.until_idle(41)
        assert desk.status()["problems"] == []
        assert desk.stop() == 0
        assert desk.states() == {"answered": 41}
        assert desk.sendings() == {"sent": 41}
        store = open_store(desk.database)
        assert store.integrity() == "ok"
        store.close()
    recipients = [mail.recipients[0] for mail in sink.mails]
    assert len(recipients) == len(set(recipients)) == 41


def test_an_almost_full_disk_is_full(tmp_path: Path) -> None:
    """Intake pauses before the last byte is gone: a mail and its answer have to be written together (field.md 13)."""
    check_space(tmp_path)
    with small_disk(tmp_path / "var", "512k") as disk, pytest.raises(StoreError, match="the disk is full; nothing is"):
        check_space(disk)


def test_the_disk_fills_up_between_the_decision_and_the_answer(dovecot: Dovecot, account: str, tmp_path: Path) -> None:
    """Answers that wait when the disk fills up leave once when there is space again."""
    answers = {f"a{n}@client.test": ["421 4.3.2 closing"] for n in range(20)}
    with (
        Sink(answers=answers) as sink,
        small_disk(tmp_path / "desk" / "var", "8m") as disk,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk,
    ):
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append_many(account, [proven(f"a{n}@client.test", account) for n in range(20)])
        desk.wait_for_log("send=box0 problem=")
        desk.until_decided(20)
        filler = fill(disk)
        sink.answers.clear()
        desk.reload()
        desk.wait_for_log("send=box0 problem='the disk is full")
        filler.unlink()
        desk.until_idle(20)
        assert desk.stop() == 0
        assert desk.sendings() == {"sent": 20}
    recipients = [mail.recipients[0] for mail in sink.mails]
    assert len(recipients) == len(set(recipients)) == 20
