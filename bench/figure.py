"""What all figures share: the servers and folders they use, and the line of the table they return."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from imapclient import IMAPClient

from bench.contender import Contender, write_desk
from bench.mails import client_addresses, make_mails
from bench.servers import PASSWORD, Account, Dovecot, Sink


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `good` is None when it could not be measured; `raw` is kept in the results."""

    name: str
    measured: str
    must_be: str
    good: bool | None
    raw: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bench:
    """What every figure needs: the servers, a folder on the measured disk, how thorough to be, the seed."""

    dovecot: Dovecot
    sink: Sink
    folder: Path
    quick: bool
    seed: int
    say: Callable[[str], None]

    def choose(self, thorough: int, quick: int) -> int:
        """Given a size for a whole and for a quick run, return the one that applies."""
        return quick if self.quick else thorough

    def store(self, name: str, count: int, seed: int, automatic: float = 0.1) -> list[Path]:
        """Given a name, a count and a step from the seed, write mails dated now; return their files."""
        people = client_addresses(count, count_firms(count))
        mails = make_mails(count, self.seed + seed, addresses=people, start=datetime.now(UTC), automatic=automatic)
        return self.dovecot.store_mails(name, mails)

    def desk(self, name: str, firms: int = 200, *, starter: bool = True) -> tuple[Contender, Account]:
        """Given a name, return a new desk with an empty mailbox of its own."""
        account = self.dovecot.account(name)
        desk = write_desk(
            self.folder / name,
            imap=self.dovecot.port,
            smtp=self.sink.smtp,
            user=name,
            firms=firms,
            starter=starter,
        )
        return desk, account

    def baseline(self, task: str, name: str) -> tuple[list[str], Account]:
        """Given `backlog` or `idle` and a name, return the baseline's command and its new, known mailbox."""
        account = self.dovecot.account(name)
        with IMAPClient("127.0.0.1", self.dovecot.port, ssl=False, timeout=60) as imap:
            imap.login(name, PASSWORD)
            imap.select_folder("INBOX")
        ports = ["--imap", str(self.dovecot.port), "--smtp", str(self.sink.smtp)]
        login = ["--user", name, "--password", PASSWORD, "--database", str(self.folder / f"{name}.sqlite")]
        return [sys.executable, "-m", "bench.baseline", task, *ports, *login], account


def count_firms(mails: int) -> int:
    """Given how many mails, return how many client firms write them: few enough to load, many enough that
    mails on the same matter rarely join one ticket and so stay without an answer of their own."""
    return max(200, min(2000, mails // 5))
