"""A small desk of a test's own on given servers, and the daemon that runs it as a process of its own."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers.dovecot import Dovecot
from tests.servers.stack import MailStack
from triagebot.edge.tinymail.headers import stamp

AUTHSERV_ID = "mx.company.test"
WIDE = """
[limits]
client_per_day = 100000
client_per_week = 100000
stranger_per_day = 100000
stranger_per_week = 100000
domain_per_day = 100000
desk_per_10_minutes = 100000
desk_per_day = 100000
same_answer = "0s"
same_body = "0s"
latch = "0s"
"""
"""Limits that never stop a test which is about something else."""

_RULES = """\
[[rule]]
id = "permalinks"
reason = "howto/permalinks"
kind = "question"
any = ["permalink*"]
reply = "permalinks"
[[rule.test]]
text = "Where are the permalinks?"

[[rule]]
id = "site-down"
reason = "outage/site"
kind = "emergency"
any = ["site is down"]
reply = "site-down"
[[rule.test]]
text = "Our site is down!"

[[rule]]
id = "small-change"
reason = "work/small"
kind = "work"
any = ["please change"]
reply = "small-change"
minutes = 30
[[rule.test]]
text = "Please change the phone number."

[[rule]]
id = "thanks"
reason = "thanks"
kind = "thanks"
any = ["thank you"]
[[rule.test]]
text = "Thank you so much."
"""
_REPLIES = {
    "frame": "Subject: Your message\n\nHello,\n\n"
    "{% for answer in answers %}{{ answer }}\n\n{% endfor %}{{ closing }}\n",
    "permalinks": "Settings, then Permalinks.",
    "site-down": "First ask your host.",
    "small-change": "That takes half an hour.",
    "accepted": "Agreed{% if promise %}: {{ promise }}{% endif %}.",
    "declined": "Nothing happens.",
    "expired": "Nobody answered, so it is closed.",
    **{
        f"closing.{kind}": f"This was about: {kind}."
        for kind in ("emergency", "project", "work", "vendor", "enquiry", "question", "unmatched")
    },
}
_ids = count(1)


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox a desk watches and the servers it is on. `more` are further lines of its [[inbox]].

    With `oauth`, the id of an [[oauth]] table, it has a sign-in instead of its password.
    """

    address: str
    password: str
    imap_port: int
    smtp_port: int
    security: str = "none"
    smtp_security: str = "none"
    ca: Path | None = None
    smtp_login: bool = True
    authserv_ids: Sequence[str] = (AUTHSERV_ID,)
    trusted_mx: Sequence[str] = ()
    more: str = ""
    oauth: str = ""

    @classmethod
    def on_dovecot(cls, dovecot: Dovecot, address: str, smtp_port: int, more: str = "") -> Self:
        """Given an account of Dovecot and the port of a sink that wants no login, return the account."""
        password = dovecot.users[address]
        return cls(address, password, dovecot.imap_port, smtp_port, smtp_login=False, more=more)

    @classmethod
    def on_stack(cls, stack: MailStack, trusted_mx: Sequence[str], more: str = "") -> Self:
        """Given Dovecot and Postfix, return their support account, over verified TLS and STARTTLS."""
        return cls(
            stack.support,
            stack.password(stack.support),
            stack.dovecot.imaps_port,
            stack.postfix.submission_port,
            security="tls",
            smtp_security="starttls",
            ca=stack.dovecot.ca,
            trusted_mx=trusted_mx,
            more=more,
        )


class LiveDesk:
    """A desk in `directory`; `start` and `stop` its daemon, or leave that to `with`, which kills what still runs.

    `environment` holds variables that the daemon gets beside ours.
    """

    def __init__(
        self,
        directory: Path,
        *accounts: Account,
        developer: str = "",
        mode: str = "live",
        clients: str = "",
        settings: str = "",
        more: str = WIDE,
    ) -> None:
        self.directory = directory
        self.config = directory / "config.toml"
        self.database = directory / "var" / "triagebot.db"
        self.log = directory / "daemon.log"
        self.accounts = accounts
        self.environment: dict[str, str] = {}
        self._log_began = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._write_files(developer or "ada@company.test", mode, settings, clients + more)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self.kill()

    def start(self) -> None:
        """Start the daemon; return once it has its database and begins to look into its inboxes."""
        self.begin()
        self.wait_for_log("started desk=")

    def begin(self, crash_at: str = "") -> None:
        """Start the daemon without waiting for anything. Given a fault point (edge/fault.py), it ends itself there."""
        self._log_began = self.log.stat().st_size if self.log.exists() else 0
        setpriv = shutil.which("setpriv")
        guard = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [*guard, *self._command("run")],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=_environment(crash_at) | self.environment,
            )

    def stop(self, seconds: float = 5) -> int:
        """End the daemon with SIGTERM and return its exit status. Fail when it takes longer."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds: float = 10) -> int:
        """Wait until the daemon has ended by itself and return its exit status."""
        assert self._process is not None
        try:
            status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the daemon did not end within {seconds} s\n{self.tail()}") from None
        self._process = None
        return status

    def kill(self) -> int:
        """End the daemon with SIGKILL and return its exit status."""
        assert self._process is not None
        process, self._process = self._process, None
        process.kill()
        return process.wait()

    def reload(self) -> None:
        """Ask the daemon to read its files anew."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def run(
        self, *arguments: str, stdin: bytes = b"", seconds: float = 30, crash_at: str = ""
    ) -> "subprocess.CompletedProcess[bytes]":
        """Given a command and its arguments, run it on this desk; given a fault point, it ends itself there."""
        return subprocess.run(
            self._command(*arguments),
            input=stdin,
            capture_output=True,
            timeout=seconds,
            check=False,
            env=_environment(crash_at),
        )

    def ask(self, *arguments: str, status: int = 0) -> Any:
        """Given a command, run it with --json and return what it says; its exit status must be `status`."""
        done = self.run(*arguments, "--json")
        assert done.returncode == status, done.stderr.decode()
        return json.loads(done.stdout)

    def edit(self, old: str, new: str) -> None:
        """Given a piece of config.toml that is there once, replace it, as editors do: in one step."""
        text = self.config.read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in config.toml"
        draft = self.config.with_suffix(".new")
        draft.write_text(text.replace(old, new), "utf-8")
        draft.replace(self.config)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Given a query, return its rows."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as database:
            return database.execute(sql, values).fetchall()

    def states(self) -> dict[str, int]:
        """Return how many mails are in each state."""
        return dict(self.rows("SELECT state, count(*) FROM mail GROUP BY state"))

    def sendings(self) -> dict[str, int]:
        """Return how many automatic answers are in each state."""
        return dict(self.rows("SELECT state, count(*) FROM outbox WHERE class = 'auto' GROUP BY state"))

    def until(self, holds: Callable[[], bool], what: str, seconds: float = 15) -> None:
        """Given a condition, return once it holds. Fail with the end of the daemon's log."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {seconds} s\n{self.tail()}")
            assert self._process is None or self._process.poll() is None, f"{what}: it ended\n{self.tail()}"
            time.sleep(0.02)

    def until_decided(self, number: int, seconds: float = 15) -> None:
        """Given a number, return once that many mails have a final state."""
        self.until(lambda: self.decided() >= number, f"{number} mails decided", seconds)

    def decided(self) -> int:
        """Return how many mails have a final state."""
        return sum(count for state, count in self.states().items() if state != "pending")

    def until_idle(self, number: int, seconds: float = 15) -> None:
        """Given a number, return once that many mails are decided and nothing waits to be sent."""
        self.until_decided(number, seconds)
        waiting = "SELECT 1 FROM outbox WHERE state IN ('queued', 'sending', 'retry')"
        self.until(lambda: not self.rows(waiting), "an empty outbox", seconds)

    def wait_for_log(self, words: str, times: int = 1, seconds: float = 15) -> None:
        """Given words, return once the daemon's log holds them so many times."""
        self.until(lambda: self.said().count(words) >= times, f"{words!r} in the log", seconds)

    def said(self) -> str:
        """Return the daemon's log since its last start."""
        log = self.log.read_bytes() if self.log.exists() else b""
        return log[self._log_began :].decode("utf-8", "replace")

    def tail(self) -> str:
        """Return the end of the daemon's log."""
        return self.said()[-3000:]

    def status(self) -> dict[str, Any]:
        """Return what `triagebot status --json` says."""
        said: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return said

    def password_file(self, server: str, number: int = 0) -> Path:
        """Given "imap" or "smtp" and an inbox's number, return the file with the password for it."""
        return self.directory / f"{server}-password-{number}"

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "triagebot", "--config", str(self.config), *arguments]

    def _write_files(self, developer: str, mode: str, settings: str, more: str) -> None:
        (self.directory / "rules").mkdir(parents=True)
        (self.directory / "rules" / "10-small.toml").write_text(_RULES, "utf-8")
        replies = self.directory / "replies" / "en"
        replies.mkdir(parents=True)
        for name, text in _REPLIES.items():
            (replies / f"{name}.md").write_text(text, "utf-8")
        address = self.accounts[0].address
        desk = f'[desk]\nname = "Test Desk"\naddress = "{address}"\ndeveloper = "{developer}"\nmode = "{mode}"\n'
        others = [account.address for account in self.accounts[1:]]
        inboxes = "".join(self._write_inbox(number, account) for number, account in enumerate(self.accounts))
        self.config.write_text(f"{desk}aliases = {json.dumps(others)}\n{settings}{inboxes}{more}", "utf-8")

    def _write_inbox(self, number: int, account: Account) -> str:
        logins = []
        for server in ("imap", "smtp"):
            file = self.password_file(server, number)
            file.touch(0o600)
            file.write_text(account.password, "utf-8")
            source = f'oauth = "{account.oauth}"' if account.oauth else f'file = "{file.name}"'
            logins.append(f', user = "{account.address}", password = {{ {source} }}')
        ca = f', ca = "{account.ca}"' if account.ca else ""
        imap = f'host = "localhost", port = {account.imap_port}, security = "{account.security}"{logins[0]}{ca}'
        smtp = f'host = "localhost", port = {account.smtp_port}, security = "{account.smtp_security}"{ca}'
        if account.smtp_login:
            smtp += logins[1]
        return (
            f'\n[[inbox]]\nid = "box{number}"\nimap = {{ {imap} }}\nsmtp = {{ {smtp} }}\n'
            f"authserv_ids = {json.dumps(list(account.authserv_ids))}\n"
            f"trusted_mx = {json.dumps(list(account.trusted_mx))}\n{account.more}\n"
        )


def _environment(crash_at: str) -> dict[str, str]:
    """What the processes inherit; what made a process under test crash is not handed on by accident."""
    environment = {name: value for name, value in os.environ.items() if name != "TRIAGEBOT_CRASH_AT"}
    return environment | ({"TRIAGEBOT_CRASH_AT": crash_at} if crash_at else {})


def client(name: str, address: str, tier: str = "none", more: str = "") -> str:
    """Given a client's id, address and tier, return its table of config.toml; retainers are on the plan "care"."""
    plan = 'plan = "care"\n' if tier == "retainer" else ""
    who = f'id = "{name}"\nname = "{name.title()}"\naddresses = ["{address}"]'
    return f'\n[[client]]\n{who}\ntier = "{tier}"\n{plan}{more}'


PLAN = '\n[[plan]]\nid = "care"\nname = "Care"\nminutes = 180\nprice = "240"\n'


def letter(
    author: str, to: str, subject: str = "A question", text: str = "Where are the permalinks?", *headers: str
) -> bytes:
    """Given an author, an address of the desk, a subject, a text and further headers, return a new mail."""
    number = next(_ids)
    lines = (
        f"From: {author}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Date: {format_datetime(datetime.now(UTC))}",
        f"Message-ID: <{number}.{time.time_ns()}@{author.rpartition('@')[2].rstrip('>')}>",
        *headers,
        "",
        *text.splitlines(),
        "",
    )
    return "\r\n".join(lines).encode()


def proven(author: str, to: str, *rest: str) -> bytes:
    """As `letter`, but as the provider files it: proven to come from its author's domain."""
    domain = author.rpartition("@")[2].rstrip(">")
    raw = letter(author, to, *rest)
    return stamp(raw, AUTHSERV_ID, f"dmarc=pass header.from={domain}", author, to, datetime.now(UTC))
