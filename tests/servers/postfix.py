"""A real Postfix in an instance directory of its own, in front of our Dovecot. It has to be started by root.

What arrives over it carries these headers, from the top:

    Return-Path, Delivered-To                       Dovecot, at LMTP delivery
    Received: … by imap.company.test …              Dovecot
    Authentication-Results: mx.company.test; …      the provider, on all three ports
    Received: … by mx.company.test …                Postfix
    (what the sender wrote, without Authentication-Results that claim mx.company.test)

So a desk has to trust the Received above the verdict: authserv_ids = [AUTHSERV_ID], trusted_mx = TRUSTED_MX.
"""

import os
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Self

from tests.servers.dovecot import IMAP_HOST_NAME, Dovecot, find_program
from tests.servers.process import (
    HOST,
    ServerFailedError,
    free_ports,
    start_process,
    stop_process,
    wait_for_greeting,
)
from tests.servers.provider import AUTHSERV_ID, Provider

TRUSTED_MX = (AUTHSERV_ID, IMAP_HOST_NAME)
_MASTER = Path("/usr/lib/postfix/sbin/master")
# Owner, group and mode as in postfix-files(5), so that the slow `postfix check` is not needed.
_QUEUES = "active bounce corrupt defer deferred flush hold incoming private saved trace"


def is_available() -> bool:
    """Return whether Postfix is installed and may be started by this user."""
    return os.geteuid() == 0 and _MASTER.exists() and find_program("postfix") is not None


class Postfix:
    """Postfix with ports for the world (`mx_port`) and for logins (STARTTLS and TLS), in front of `dovecot`.

    `dmarc` says how mail from outside fares: `postfix.dmarc["client.test"] = "pass"`; other domains fail.
    On the login ports it passes if From is the login's own address. `answers` maps a recipient to its refusal
    at RCPT.
    """

    def __init__(self, dovecot: Dovecot) -> None:
        self.host = HOST
        self.mx_port = dovecot.relay_port
        self.submission_port, self.submissions_port = free_ports(2)
        self.directory = dovecot.directory / "postfix"
        self.log = self.directory / "maillog"
        self.certificate = dovecot.certificate
        self.provider = Provider(dovecot)
        self.dmarc = self.provider.dmarc
        self.answers = self.provider.answers
        self._dovecot = dovecot
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.enter_context(self.provider)
            self._write_files()
            self.start()
            undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.provider.__exit__(kind, error, trace)

    @property
    def ca(self) -> Path:
        """The PEM file a client of the login ports has to trust."""
        return self.certificate.ca

    def start(self) -> None:
        """Start the server; return once it greets. Raise ServerFailedError with the tail of its log."""
        if not is_available():
            raise ServerFailedError("Postfix is not installed (Debian: postfix), or this user is not root")
        self._process = start_process([_MASTER, "-c", self.directory / "etc", "-s"], self.log)
        try:
            wait_for_greeting(self.mx_port, b"220", self._process, self.log)
        except ServerFailedError:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server; queue and ports stay."""
        if self._process is not None:
            process, self._process = self._process, None
            stop_process(process, self.log)

    def flush(self) -> None:
        """Try at once what waits in the queue (for instance because Dovecot was gone)."""
        program = find_program("postqueue") or "postqueue"
        subprocess.run([program, "-c", self.directory / "etc", "-f"], check=True, capture_output=True)

    def _write_files(self) -> None:
        configuration, spool, data = (self.directory / name for name in ("etc", "spool", "data"))
        for directory in (configuration, spool / "pid"):
            directory.mkdir(parents=True)
        for directory in (data, *(spool / name for name in _QUEUES.split())):
            directory.mkdir(mode=0o700)
            shutil.chown(directory, "postfix")
        for name, mode in (("maildrop", 0o730), ("public", 0o710)):
            (spool / name).mkdir()
            shutil.chown(spool / name, "postfix", "postdrop")
            (spool / name).chmod(mode)
        settings = {
            "directory": self.directory,
            "log": self.log,
            "host_name": AUTHSERV_ID,
            "provider": self.provider.socket,
            "lmtp_socket": self._dovecot.lmtp_socket,
            "sasl_socket": self._dovecot.sasl_socket,
            "chain": self.certificate.chain,
            "key": self.certificate.key,
            "mx_port": self.mx_port,
            "submission_port": self.submission_port,
            "submissions_port": self.submissions_port,
        }
        for name in ("main.cf", "master.cf"):
            template = Template(Path(__file__).with_name(name).read_text("utf-8"))
            (configuration / name).write_text(template.substitute(settings), "utf-8")
            # Postfix re-reads a file for a second and a half while it looks freshly written.
            os.utime(configuration / name, (0, 0))
