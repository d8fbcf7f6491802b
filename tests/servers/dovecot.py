"""A real Dovecot 2.3 of our own: IMAP, IMAPS, LMTP, SASL; all state in one directory; as root or anybody."""

import base64
import grp
import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Any, Self

import jwt
from imapclient import IMAPClient

from tests.servers.certificates import Authority
from tests.servers.process import (
    HOST,
    ServerFailedError,
    free_ports,
    start_process,
    stop_process,
    tail,
    wait_for_greeting,
)

IMAP_HOST_NAME = "imap.company.test"
"""Stands after `by` in the Received header that LMTP delivery adds."""

SPECIAL_FOLDERS = ("Drafts", "Sent", "Junk", "Trash", "Archive")
TOKEN_ISSUER = "tests"
_TEMPLATE = Path(__file__).with_name("dovecot.conf")
_SIEVE = Path("/usr/lib/dovecot/modules/lib90_sieve_plugin.so")
_PROGRAM_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin"))


def find_program(name: str) -> str | None:
    """Given a program's name, return its path, also where an ordinary user's PATH leaves /usr/sbin out."""
    return shutil.which(name, path=_PROGRAM_PATH)


class Dovecot:
    """A Dovecot server that lives in `directory`; `stop` and `start` keep its ports and its mail."""

    def __init__(self, directory: Path) -> None:
        self.host = HOST
        self.imap_port, self.imaps_port, self.relay_port = free_ports(3)
        self.users: dict[str, str] = {}
        self.directory = directory
        self.authority = Authority(directory)
        self.certificate = self.authority.good()
        self.log = directory / "dovecot.log"
        self.lmtp_socket = directory / "run" / "lmtp"
        self.sasl_socket = directory / "run" / "sasl"
        self._secret = secrets.token_hex(32)
        self._names = count(1)
        self._owner = pwd.getpwnam("mail") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._process: subprocess.Popen[bytes] | None = None
        self._write_files()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def ca(self) -> Path:
        """The PEM file a client of the TLS port has to trust."""
        return self.authority.ca

    def start(self) -> None:
        """Start the server; return once it greets. Raise ServerFailedError with the tail of its log."""
        program = find_program("dovecot")
        if program is None:
            raise ServerFailedError("dovecot is not installed (Debian: dovecot-imapd dovecot-lmtpd)")
        self._process = start_process([program, "-F", "-c", self.directory / "dovecot.conf"], self.log)
        try:
            wait_for_greeting(self.imap_port, b"* OK", self._process, self.log)
        except ServerFailedError:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server with all its connections; mail and ports stay."""
        if self._process is not None:
            process, self._process = self._process, None
            stop_process(process, self.log)

    def add_user(self, address: str, password: str = "secret") -> str:  # noqa: S107
        """Given an address, make the account, also while the server runs, and return the address."""
        self.users[address] = password
        (self.directory / "users" / address).write_text(f"{address}:{{PLAIN}}{password}::::::\n", "utf-8")
        self._maildir(address, "INBOX")
        return address

    def append(self, address: str, raw: bytes, folder: str = "INBOX", internaldate: datetime | None = None) -> None:
        """Given a mail, put it into a folder as it is; an idling client is told."""
        self.append_many(address, [raw], folder, internaldate)

    def append_many(
        self, address: str, raws: Iterable[bytes], folder: str = "INBOX", internaldate: datetime | None = None
    ) -> None:
        """Given mails, put all of them into a folder at some thousand a second, in their order.

        Dovecot gives them their UIDs when it next looks: a mail that LMTP brings meanwhile may come first.
        """
        maildir = self._maildir(address, folder)
        for raw in raws:
            # Maildir order is the order of the time and the counter in the name.
            name = f"{time.time_ns() // 10**9}.M{next(self._names):09d}P{os.getpid()}.tests"
            unfinished = maildir / "tmp" / name
            unfinished.write_bytes(raw)
            if internaldate is not None:
                os.utime(unfinished, (internaldate.timestamp(), internaldate.timestamp()))
            self._give_away(unfinished)
            unfinished.rename(maildir / "new" / name)

    def connect(self, address: str, tls: bool = False) -> IMAPClient:
        """Given an account, return a logged-in IMAPClient; the caller closes it (it is a context manager)."""
        context = self.certificate.client_context() if tls else None
        port = self.imaps_port if tls else self.imap_port
        client = IMAPClient(self.host, port, ssl=tls, ssl_context=context, timeout=10)
        client.login(address, self.users[address])
        return client

    def messages(self, address: str, folder: str = "INBOX") -> list[bytes]:
        """Given an account and a folder, return its mails as IMAP shows them, the oldest first."""
        with self.connect(address) as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            found: dict[int, dict[bytes, Any]] = client.fetch(client.search(), ["BODY.PEEK[]"])
            return [found[uid][b"BODY[]"] for uid in sorted(found)]

    def wait_for_messages(self, address: str, number: int, folder: str = "INBOX", seconds: float = 10) -> list[bytes]:
        """Given a number, return the folder's mails once it holds that many. Raise ServerFailedError."""
        deadline = time.monotonic() + seconds
        while len(found := self.messages(address, folder)) < number:
            if time.monotonic() > deadline:
                raise ServerFailedError(
                    f"{folder} of {address} holds {len(found)} instead of {number} mails\n{tail(self.log)}"
                )
            time.sleep(0.02)
        return found

    def kick(self, address: str) -> None:
        """Given an account, throw its connections out, as an administrator does."""
        doveadm = find_program("doveadm") or "doveadm"
        subprocess.run(
            [doveadm, "-c", self.directory / "dovecot.conf", "kick", address], check=True, capture_output=True
        )

    def token(self, address: str, valid: timedelta = timedelta(hours=1)) -> str:
        """Given an account, return a token for XOAUTH2 and OAUTHBEARER; a negative time makes it expired."""
        now = int(time.time())
        ends = now + int(valid.total_seconds())
        claims = {"iss": TOKEN_ISSUER, "sub": address, "email": address, "nbf": now - 5, "exp": ends}
        return jwt.encode(claims, self._secret, "HS256", headers={"kid": "default"})

    def install_sieve(self, address: str, script: str) -> None:
        """Given a Sieve script, run it on all mail of the account; its own mail goes to `relay_port`."""
        path = self._home(address) / ".dovecot.sieve"
        path.write_text(script, "utf-8")
        self._give_away(path)

    def _home(self, address: str) -> Path:
        local, _, domain = address.partition("@")
        return self.directory / "home" / domain / local

    def _maildir(self, address: str, folder: str) -> Path:
        """Return a folder's Maildir, made where it is missing (Maildir++: subfolders are .NAME)."""
        top = self._home(address) / "Maildir"
        maildir = top if folder == "INBOX" else top / f".{folder.replace('/', '.')}"
        if not (maildir / "cur").exists():
            for part in ("tmp", "new", "cur"):
                (maildir / part).mkdir(parents=True, exist_ok=True)
            if maildir != top:
                (maildir / "maildirfolder").touch()
            for path in (self._home(address).parent, self._home(address), top, maildir, *maildir.iterdir()):
                self._give_away(path)
        return maildir

    def _give_away(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def _write_files(self) -> None:
        keys = self.directory / "keys" / "default" / "HS256"
        for directory in (*(self.directory / name for name in ("run", "state", "home", "users")), keys):
            directory.mkdir(parents=True)
        self._give_away(self.directory / "home")
        (keys / "default").write_bytes(base64.b64encode(self._secret.encode()))
        root = os.geteuid() == 0
        owner, group = self._owner.pw_name, grp.getgrgid(self._owner.pw_gid).gr_name
        settings = {
            "directory": self.directory,
            "imap_port": self.imap_port,
            "imaps_port": self.imaps_port,
            "relay_port": self.relay_port,
            "host_name": IMAP_HOST_NAME,
            "internal_user": "dovecot" if root else owner,
            "internal_group": "dovecot" if root else group,
            "login_user": "dovenull" if root else owner,
            "owner": owner,
            "group": group,
            "chain": self.certificate.chain,
            "key": self.certificate.key,
            "lmtp_plugins": "sieve" if _SIEVE.exists() else "",
        }
        text = Template(_TEMPLATE.read_text("utf-8")).substitute(settings)
        (self.directory / "dovecot.conf").write_text(text, "utf-8")
        (self.directory / "oauth2.conf").write_text(
            "introspection_mode = local\n"
            f"local_validation_key_dict = fs:posix:prefix={self.directory}/keys/\n"
            "username_attribute = email\n"
            f"issuers = {TOKEN_ISSUER}\n",
            "utf-8",
        )
