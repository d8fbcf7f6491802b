"""Real servers on ephemeral ports of the loopback: Dovecot for the mailboxes, bench.sink for what is sent."""

import grp
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import start_process, stop_process

PASSWORD = "bench"  # noqa: S105 - a throw-away server on the loopback
_DOVECOT = """\
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
auth_cache_size = 1M
default_internal_user = {internal_user}
default_internal_group = {internal_group}
default_login_user = {login_user}
mail_uid = {mail_user}
mail_gid = {mail_group}
first_valid_uid = 1
first_valid_gid = 1
mail_home = {base}/home/%u
mail_location = maildir:~/Maildir
mail_max_userip_connections = 100
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail_user} gid={mail_group} home={base}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    special_use = \\Drafts
    auto = create
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Sink:
    """A running bench.sink: its SMTP port and its control port."""

    smtp: int
    control: int

    def ask(self, word: str) -> object:
        """Given `counts`, `list` or `reset`, return the sink's answer."""
        with socket.create_connection(("127.0.0.1", self.control), timeout=30) as connection:
            connection.sendall(word.encode() + b"\n")
            return json.loads(connection.makefile("rb").readline())

    def accepted(self) -> int:
        """Return how many mails were taken since the last reset."""
        counts = self.ask("counts")
        return int(counts["accepted"]) if isinstance(counts, dict) else 0

    def replies(self) -> dict[str, float]:
        """Return when each mail was answered first: Message-ID to seconds of the monotonic clock."""
        listed = self.ask("list")
        assert isinstance(listed, list)  # noqa: S101 - the sink is ours
        return {parent: when for when, parent, _ in reversed(listed)}


@contextmanager
def run_sink(folder: Path) -> Iterator[Sink]:
    """Given a folder for its log, start bench.sink, yield it, end it."""
    process = start_process([sys.executable, "-m", "bench.sink"], log=folder / "sink.log", output=True)
    try:
        assert process.stdout  # noqa: S101 - started with a pipe
        yield Sink(**json.loads(process.stdout.readline()))
    finally:
        stop_process(process)


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox of the Dovecot we run."""

    name: str
    maildir: Path
    owner: tuple[int, int]

    def create(self) -> None:
        """Make an empty Maildir, owned by the user Dovecot reads mail as."""
        for folder in (
            self.maildir.parent,
            self.maildir,
            *(self.maildir / name for name in ("cur", "new", "tmp")),
        ):
            folder.mkdir(parents=True, exist_ok=True)
            os.chown(folder, *self.owner)

    def fill(self, stored: Iterable[Path]) -> int:
        """Given files made by store_mails, show them all as mails that arrive now; return how many."""
        now, count = time.time(), 0
        for count, path in enumerate(stored, 1):
            os.utime(path, (now, now))
            os.link(path, self.maildir / "cur" / f"{int(now)}.{count:07d}.bench,S={path.stat().st_size}:2,")
        return count

    def deliver(self, path: Path) -> float:
        """Given one stored mail, deliver it as an MDA does; return the moment (monotonic, seconds)."""
        now = time.time()
        os.utime(path, (now, now))
        os.link(path, self.maildir / "new" / f"{int(now)}.M{time.monotonic_ns()}.bench,S={path.stat().st_size}")
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running Dovecot: its IMAP port, its folder, and who owns the mailboxes."""

    port: int
    base: Path
    owner: tuple[int, int]

    def account(self, name: str) -> Account:
        """Given a user name, return its new, empty mailbox."""
        account = Account(name, self.base / "home" / name / "Maildir", self.owner)
        account.create()
        return account

    def store_mails(self, folder: str, mails: Iterable[bytes]) -> list[Path]:
        """Given mails, write them once; mailboxes get hard links. Return the files in the order given."""
        target = self.base / "stored" / folder
        target.mkdir(parents=True)
        paths = []
        for index, mail in enumerate(mails):
            path = target / f"{index:07d}.eml"
            path.write_bytes(mail)
            os.chown(path, *self.owner)
            paths.append(path)
        return paths


def read_message_id(path: Path) -> str:
    """Given a stored mail, return its Message-ID."""
    found = re.search(rb"^Message-ID: (<[^>]*>)", path.read_bytes(), re.MULTILINE)
    return found[1].decode() if found else ""


@contextmanager
def run_dovecot(base: Path) -> Iterator[Dovecot]:
    """Given a folder, start a Dovecot that keeps all in it, yield it, end it. Raise RuntimeError without."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not program:
        raise RuntimeError("Dovecot is not installed: apt-get install --no-install-recommends dovecot-imapd")
    user, internal, login = _choose_users()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    internal_group = "dovecot" if os.getuid() == 0 else _group_name()
    for folder in (base, base / "home"):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
    config = base / "dovecot.conf"
    config.write_text(
        _DOVECOT.format(
            base=base,
            port=port,
            password=PASSWORD,
            internal_user=internal,
            internal_group=internal_group,
            login_user=login,
            mail_user=user.pw_uid,
            mail_group=user.pw_gid,
        )
    )
    process = start_process([program, "-F", "-c", str(config)], log=base / "dovecot.err")
    try:
        _wait_for_port(port, process)
        yield Dovecot(port, base, (user.pw_uid, user.pw_gid))
    finally:
        stop_process(process)


def _choose_users() -> tuple[pwd.struct_passwd, str, str]:
    """Return the mailboxes' owner and Dovecot's two own users: as root the package's, else only ourselves."""
    if os.getuid() == 0:
        return pwd.getpwnam("mail"), "dovecot", "dovenull"
    me = pwd.getpwuid(os.getuid())
    return me, me.pw_name, me.pw_name


def _group_name() -> str:
    return grp.getgrgid(os.getgid()).gr_name


def _wait_for_port(port: int, process: subprocess.Popen[str], seconds: float = 15) -> None:
    """Return when something listens on the port. Raise RuntimeError when the process ends or time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the server on port {port} did not start; see the log beside its configuration")
