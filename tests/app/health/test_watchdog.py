"""The watchdog of a running desk: what lasts is told once by a way that is not broken, and so is its end."""

import asyncio
import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.desks import PLAN, WIDE, Account, LiveDesk, client, proven
from tests.app.digests import unwrap
from tests.servers.background import BackgroundServer
from tests.servers.dovecot import Dovecot
from tests.servers.listener import Listener, listening
from tests.servers.postfix import TRUSTED_MX
from tests.servers.process import free_ports
from tests.servers.sink import Sink
from tests.servers.stack import MailStack

SHORT = '[health]\nalert_after = "2s"\n'
AT_LEISURE = '[health]\nalert_after = "10m"\n'


class Pager:
    """The file an alert command writes to."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "pager"
        script = f'printf "Subject: %s\\n" "$TRIAGEBOT_SUBJECT" >> {shlex.quote(str(self._file))}; '
        script += f"cat >> {shlex.quote(str(self._file))}"
        self.setting = f"[alert]\ncommand = {json.dumps(['sh', '-c', script])}\n"

    def said(self) -> str:
        """Return everything it was given."""
        return self._file.read_text("utf-8") if self._file.exists() else ""

    def subjects(self) -> list[str]:
        """Return the subjects, without what servers said in them."""
        lines = (line for line in self.said().splitlines() if line.startswith("Subject: "))
        return [line.removeprefix("Subject: ") for line in lines]

    def kinds(self) -> list[str]:
        """Return what kind of alert each one was."""
        return [subject.partition(" ")[0].strip("[]") for subject in self.subjects()]


@pytest.fixture
def pager(tmp_path: Path) -> Pager:
    """An alert command that appends to a file."""
    return Pager(tmp_path)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A web server that takes heartbeats."""
    with listening() as server:
        yield server


def test_a_dead_server_is_one_alert_and_one_all_clear(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path, pager: Pager
) -> None:
    """IMAP away for longer than alert_after: the command is given one alert, nothing more over a restart, and one
    all-clear when the server is back."""
    more = WIDE + SHORT + pager.setting
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port), more=more) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.stop()
        try:
            desk.until(lambda: pager.kinds() == ["trouble"], "an alert")
            assert "IMAP localhost" in pager.said()
            desk.until(
                lambda: bool(desk.rows("SELECT 1 FROM alarm WHERE told_at IS NOT NULL")), "the alert written down"
            )
            assert desk.stop() == 0
            desk.start()
            desk.wait_for_log("cannot be reached")
        finally:
            dovecot.start()
        desk.reload()
        desk.until(lambda: len(pager.kinds()) > 1, "an all-clear", 30)
        desk.until(lambda: not desk.rows("SELECT 1 FROM alarm"), "no alarm")
        assert pager.kinds() == ["trouble", "over"]
        assert desk.stop() == 0
    assert sink.mails == []


def test_a_wrong_password_is_told_at_once_and_once(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path, pager: Pager
) -> None:
    """Nobody waits for alert_after where waiting does not help; a restart does not tell it again, though other
    trouble is told then."""
    with LiveDesk(
        tmp_path / "desk",
        Account.on_dovecot(dovecot, account, sink.port),
        more=WIDE + AT_LEISURE + pager.setting,
    ) as desk:
        desk.password_file("imap").write_text("wrong-password", "utf-8")
        desk.start()
        desk.until(lambda: pager.kinds() == ["trouble"], "an alert", 30)
        assert f"refuses the login of {account}" in pager.said()
        assert "wrong-password" not in pager.said()
        desk.until(lambda: bool(desk.rows("SELECT 1 FROM alarm WHERE told_at IS NOT NULL")), "the alert written down")
        assert desk.stop() == 0
        desk.edit('alert_after = "10m"', 'alert_after = "1s"')
        desk.start()
        desk.wait_for_log("refuses the login")
        (desk.directory / "rules" / "20-bad.toml").write_text("[[rule]]\n", "utf-8")
        desk.until(lambda: len(pager.kinds()) > 1, "another alert", 30)
        assert desk.stop() == 0
    assert pager.kinds() == ["trouble", "trouble"]
    assert ": files: " in pager.subjects()[1]
    assert "refuses the login" not in pager.said().rpartition("Subject: ")[2]


def test_a_slow_alert_command_holds_nothing_up(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """While it runs mail is answered, and the daemon ends in its time."""
    begun = tmp_path / "begun"
    slow = f"[alert]\ncommand = {json.dumps(['sh', '-c', f'touch {begun}; exec sleep 20'])}\n"
    (nowhere,) = free_ports(1)
    good = Account.on_dovecot(dovecot, account, sink.port)
    accounts = (good, replace(good, address="second@company.test", imap_port=nowhere))
    with LiveDesk(tmp_path / "desk", *accounts, more=WIDE + '[health]\nalert_after = "1s"\n' + slow) as desk:
        desk.start()
        desk.until(begun.exists, "the command")
        dovecot.append(account, proven("ann@client.test", account))
        desk.until_idle(1)
        assert desk.stop() == 0


def test_broken_sending_is_told_by_the_second_account(
    dovecot: Dovecot, account: str, tmp_path: Path, pager: Pager
) -> None:
    """The desk's SMTP login is refused: the alert leaves by [alert.smtp], and nothing of it by the desk's outbox."""
    second = '[alert.smtp]\nhost = "localhost"\nport = {}\nsecurity = "none"\nto = "ada@other.test"\n'
    with (
        Sink(users={account: "another-password"}) as first,
        Sink() as other,
        LiveDesk(
            tmp_path / "desk",
            replace(Account.on_dovecot(dovecot, account, first.port), smtp_login=True),
            more=WIDE + SHORT + second.format(other.port),
        ) as desk,
    ):
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("ann@client.test", account))
        (alert,) = other.wait_for(1, 30)
        assert alert.recipients == ("ada@other.test",)
        assert b"535" in alert.raw
        assert b"Auto-Submitted: auto-generated" in alert.raw
        assert first.mails == []
        assert desk.rows("SELECT count(*) FROM outbox WHERE class = 'alert'") == [(0,)]
        desk.password_file("smtp").write_text("another-password", "utf-8")
        desk.reload()
        assert [mail.recipients for mail in first.wait_for(1, 30)] == [("ann@client.test",)]
        assert b"[over]" in other.wait_for(2, 30)[1].raw
        assert desk.stop() == 0
    assert len(other.mails) == 2


def test_without_a_route_the_outbox_tells_what_is_not_about_sending(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """Nothing is configured and IMAP is refused: the developer gets one mail by the desk's own account."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port), more=WIDE + SHORT) as desk:
        desk.password_file("imap").write_text("wrong-password", "utf-8")
        desk.start()
        (alert,) = sink.wait_for(1, 30)
        assert alert.recipients == ("ada@company.test",)
        assert b"Subject: [trouble] Test Desk: inbox box0" in alert.raw
        assert desk.stop() == 0


def test_an_emergency_reaches_the_command_too(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path, pager: Pager
) -> None:
    """Besides the mail: once, at once, and what the client wrote stands indented."""
    who = client("florist", "rosa@client.test", "retainer")
    with LiveDesk(
        tmp_path / "desk",
        Account.on_dovecot(dovecot, account, sink.port),
        clients=PLAN + who,
        more=WIDE + AT_LEISURE + pager.setting,
    ) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        text = "Our site is down!\nSubject: pay at once"
        dovecot.append(account, proven("rosa@client.test", account, "Help", text))
        desk.until(lambda: pager.kinds() == ["emergency"], "a page")
        desk.until(lambda: "    Subject: pay at once" in pager.said(), "its text")
        sink.wait_for(2)
        desk.until(lambda: desk.rows("SELECT count(*) FROM outbox WHERE paged_at IS NOT NULL") == [(1,)], "it written")
        assert desk.stop() == 0
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("rosa@client.test", account, "Question", "Where are the permalinks?"))
        desk.until_idle(2)
        assert desk.stop() == 0
    assert pager.kinds() == ["emergency"]
    assert sorted(mail.recipients[0] for mail in sink.mails)[0] == "ada@company.test"


def test_the_heartbeat_is_given_after_good_passes_only(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path, pager: Pager, listener: Listener
) -> None:
    """Once for a pass that worked, at most once a minute; never while an inbox cannot be fetched."""
    ping = f'ping = "{listener.address}/1234"\n'
    good = Account.on_dovecot(dovecot, account, sink.port)
    with LiveDesk(tmp_path / "desk", good, more=WIDE + SHORT + ping + pager.setting) as desk:
        desk.start()
        desk.until(lambda: listener.asked == ["/1234"], "a heartbeat")
        dovecot.append(account, proven("ann@client.test", account))
        desk.until_idle(1)
        (desk.directory / "rules" / "20-bad.toml").write_text("[[rule]]\n", "utf-8")
        desk.until(lambda: pager.kinds() == ["trouble"], "looks after it")
        assert listener.asked == ["/1234"]
        assert desk.stop() == 0
    listener.asked.clear()
    (nowhere,) = free_ports(1)
    accounts = (good, replace(good, address="second@company.test", imap_port=nowhere))
    with LiveDesk(tmp_path / "half", *accounts, more=WIDE + SHORT + ping + pager.setting) as desk:
        desk.start()
        desk.wait_for_log("inbox=box0 connected")
        desk.until(lambda: len(pager.kinds()) == 2, "looks after it")
        assert desk.stop() == 0
    assert listener.asked == []


def test_no_heartbeat_while_mail_does_not_leave(
    dovecot: Dovecot, account: str, tmp_path: Path, pager: Pager, listener: Listener
) -> None:
    """Every inbox works, and the answers stand still: that is no desk that is well. A failing heartbeat is logged."""
    (nowhere,) = free_ports(1)
    ping = f'ping = "{listener.address}/1234"\n'
    more = WIDE + SHORT + ping + pager.setting
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, nowhere), more=more) as desk:
        listener.answers["/1234"] = (500, "")
        desk.run("run", "--once")
        assert listener.asked == ["/1234"]
        dovecot.append(account, proven("ann@client.test", account))
        desk.run("run", "--once")
        desk.start()
        desk.until(lambda: pager.kinds() == ["trouble"], "an alert")
        assert desk.stop() == 0
    assert listener.asked == ["/1234"]


class Hush(BackgroundServer):
    """Stands between a client and an IMAP server. A conversation in which IDLE was begun hears nothing any more, though
    its connection stays open; the `well_after`-th and later ones are left alone."""

    def __init__(self, port: int, well_after: int) -> None:
        super().__init__()
        self._server_port = port
        self._well_after = well_after
        self.met = 0
        self.silent = False

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on both directions, until the silence."""
        self.met += 1
        deaf = self.met <= self._well_after
        from_server, to_server = await asyncio.open_connection(self.host, self._server_port)
        answering = asyncio.create_task(self._hand_on(from_server, writer))
        while line := await reader.readline():
            to_server.write(line)
            if deaf and b"IDLE" in line:
                await asyncio.sleep(0.2)  # the server's consent to IDLE still arrives
                answering.cancel()
                self.silent = True
        answering.cancel()
        to_server.close()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)


def test_a_connection_that_went_deaf_is_ended(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """IDLE that never hears again (field.md 12): the watchdog ends the connection, and the mail is answered."""
    more = WIDE + '[health]\nalert_after = "2s"\nsilence = "3s"\n'
    with (
        Hush(dovecot.imap_port, well_after=1) as hush,
        LiveDesk(
            tmp_path / "desk", replace(Account.on_dovecot(dovecot, account, sink.port), imap_port=hush.port), more=more
        ) as desk,
    ):
        desk.start()
        desk.until(lambda: hush.silent, "silence")
        dovecot.append(account, proven("ann@client.test", account))
        desk.wait_for_log("gave no sign of life", seconds=30)
        desk.until_idle(1)
        assert hush.met == 2
        assert desk.stop() == 0
    assert [mail.recipients for mail in sink.mails if b"[trouble]" not in mail.raw] == [("ann@client.test",)]


def test_a_canary_proves_the_whole_way(mail_stack: MailStack, tmp_path: Path) -> None:
    """Out by Postfix, in by Dovecot: its time stands in status; it is suppressed as our own, answered by nobody,
    counted by no cap, sent once over a restart, and not in the digest's list."""
    stack = mail_stack
    more = WIDE + SHORT + 'canary = "6h"\n'
    with LiveDesk(tmp_path / "desk", Account.on_stack(stack, TRUSTED_MX), developer=stack.developer, more=more) as desk:
        desk.start()
        desk.until(lambda: desk.states() == {"suppressed": 1}, "the canary in the inbox")
        status = desk.status()
        assert status["problems"] == []
        (canary,) = status["canaries"]
        assert canary["inbox"] == "box0"
        assert canary["round_trip_seconds"] < 60
        assert desk.rows("SELECT verdict, message_id FROM mail WHERE codes LIKE 'own-loop %'") == desk.rows(
            "SELECT 'never', message_id FROM outbox"
        )
        assert desk.rows("SELECT class, recipient FROM outbox") == [("canary", stack.support)]
        assert desk.rows("SELECT count(*) FROM counter") == [(0,)]
        digest = unwrap(desk.run("digest").stdout)
        assert "1 arrived, 1 accounted for: 1 suppressed" in digest
        assert "A mail to myself" not in digest
        assert desk.stop() == 0
        desk.start()
        stack.dovecot.append(stack.support, proven(stack.client, stack.support))
        desk.until_idle(2)
        assert desk.stop() == 0
        assert desk.rows("SELECT count(*) FROM outbox WHERE class = 'canary'") == [(1,)]


def test_a_lost_canary_is_a_problem(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path, pager: Pager) -> None:
    """A server that takes mails and delivers none: status says so, and somebody is told."""
    more = WIDE + SHORT + 'canary = "6h"\ncanary_within = "1s"\n' + pager.setting
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port), more=more) as desk:
        desk.start()
        (canary,) = sink.wait_for(1)
        assert canary.recipients == (account,)
        desk.until(lambda: pager.kinds() == ["trouble"], "an alert")
        (problem,) = desk.status()["problems"]
        assert "the mail it sent to itself" in problem
        assert "has not come back" in problem
        assert desk.stop() == 0
