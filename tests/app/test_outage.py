"""Servers that go away, passwords that are wrong, disks that are full: told once, nothing lost, no restart."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk, letter, proven
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import TRUSTED_MX
from tests.servers.sink import Sink
from tests.servers.stack import MailStack
from triagebot.edge.store import open_store


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
        assert "inbox=box0 works again" in desk.said()
        assert desk.said().count("cannot be reached") == 1
        assert desk.status()["problems"] == []
        assert desk.stop() == 0
    assert sorted(mail.recipients[0] for mail in sink.mails) == [f"a{n}@client.test" for n in range(3)]


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


def test_wrong_passwords_are_told_and_mending_them_is_enough(mail_stack: MailStack, tmp_path: Path) -> None:
    """A refused login is one sentence with the account in it, and never the password; the corrected password file
    is noticed without a restart, for IMAP and for SMTP."""
    stack = mail_stack
    with LiveDesk(tmp_path / "desk", Account.on_stack(stack, TRUSTED_MX)) as desk:
        desk.password_file().write_text("wrong-password", "utf-8")
        desk.start()
        desk.wait_for_log("refuses the login of")
        stack.send(letter(stack.client, stack.support), stack.client, stack.support)
        stack.dovecot.wait_for_messages(stack.support, 1)
        status = desk.status()
        assert f"refuses the login of {stack.support}" in " ".join(status["problems"])
        good = stack.password(stack.support)
        desk.password_file().write_text(good, "utf-8")
        desk.until_idle(1)
        assert desk.status()["problems"] == []
        assert len(stack.dovecot.wait_for_messages(stack.client, 1)) == 1
        stack.dovecot.add_user(stack.support, "changed")
        stack.postfix.stop()  # so that SMTP has to log in again
        stack.postfix.start()
        stack.send(letter(stack.client, stack.support), stack.client, stack.support)
        desk.wait_for_log("535 5.7.8")
        assert desk.status()["problems"]
        desk.password_file().write_text("changed", "utf-8")
        desk.until_idle(2)
        assert desk.status()["problems"] == []
        assert desk.stop() == 0
        assert "wrong-password" not in desk.said()
        assert good not in desk.said()
        assert desk.said().count("refuses the login") == 1
    assert len(stack.dovecot.wait_for_messages(stack.client, 2)) == 2


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
