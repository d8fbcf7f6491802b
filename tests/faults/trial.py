"""One trial: a mail of a kind is provoked, the daemon dies at the point, is started again, and is judged."""

import signal
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from tests.app.desks import Account, LiveDesk, proven
from tests.faults.judge import collect, judge_desk, judge_sending
from tests.faults.old_database import is_old, make_old
from tests.faults.points import BY_SERVER, SERVER_FAULTS, Case, Kind
from tests.faults.server import JudgeSmtp
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Accepted

DEVELOPER = "ada@company.test"
CLIENT = "ann@client.test"
DONE = "Triaged"
_SECONDS = 60
_CLASS = {"automatic": "auto", "approved": "approved", "digest": "digest"}
UNSETTLED = """
SELECT 1 FROM outbox WHERE state IN ('queued', 'sending', 'retry', 'draft') OR stale_draft = 1
    OR (state = 'ambiguous' AND class IN ('approved', 'digest') AND resends = 0)
UNION ALL SELECT 1 FROM mail WHERE state = 'pending' OR (marked = 0 AND state <> 'history')
"""
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a trial ended: how many copies of the mail the server took, what the desk believes, and every breach."""

    case: Case
    copies: int
    state: str
    breaches: tuple[str, ...]


class CaseFailedError(AssertionError):
    """A trial could not be carried through: the daemon did not die where it should, or did not come to rest."""


def settings(directory: str = "") -> str:
    """Return lines of config.toml: it is about noon in the desk's zone, so that no trial is cut by a date, every day
    has a support hour, and a doubtful mail is looked up at once."""
    offset = datetime.now(UTC).hour - 12
    return (
        f'timezone = "Etc/GMT{offset:+d}"\n{directory}'
        '[outbox]\napproved_delay = "0s"\nlook_up_after = "0s"\n'
        '[digest]\nat = "00:00"\n'
        '[support_hour]\ndays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\n'
    )


def run_case(case: Case, dovecot: Dovecot, directory: Path) -> Verdict:
    """Given a case, a Dovecot and an empty directory, carry it through and return the verdict. Raise
    CaseFailedError."""
    address = dovecot.add_user(f"support@faults{next(_numbers)}.test")
    with JudgeSmtp() as server:
        account = Account.on_dovecot(dovecot, address, server.port)
        if case.point != "F10" or case.kind != "automatic":
            account = replace(account, more=f'done = "{DONE}"')
        mode = "draft" if case.kind == "approved" else "live"
        with LiveDesk(directory, account, developer=DEVELOPER, mode=mode, settings=settings()) as desk:
            return _Trial(case, dovecot, server, desk, address).run()


class _Trial:
    def __init__(self, case: Case, dovecot: Dovecot, server: JudgeSmtp, desk: LiveDesk, address: str) -> None:
        self.case = case
        self.dovecot = dovecot
        self.server = server
        self.desk = desk
        self.address = address
        if case.filed:
            server.file_copy = self._file_copy

    def run(self) -> Verdict:
        self.desk.start()
        self.desk.wait_for_log("connected folder=INBOX")
        before = {"automatic": self._before_automatic, "approved": self._before_approved, "digest": self._before_digest}
        before[self.case.kind]()
        self._go_wrong()
        if self.case.kind == "approved":
            self._approve_if_not_yet()
        if self.case.kind == "digest":
            self.desk.until(self._has_digest, "a digest", _SECONDS)
        self._settle()
        return self._judge()

    def _before_automatic(self) -> None:
        """Up to the moment before the point: the question lies in the inbox, or, for F10, is answered already."""
        if self.case.point == "F10":
            self._ask()
            self.desk.until_idle(1, _SECONDS)
            self._stop()
            self.desk.edit("trusted_mx = []\n", f'trusted_mx = []\ndone = "{DONE}"\n')
            return
        self._stop()
        self._ask()

    def _before_approved(self) -> None:
        """The question lies in the inbox, or its draft in Drafts, approved where the point comes after that."""
        if self.case.point in ("F1", "F2", "F3"):
            self._stop()
            self._ask()
            return
        self._ask()
        self._until_drafted()
        self._stop()
        if self.case.point not in ("F11", "F12"):
            self._approve()

    def _before_digest(self) -> None:
        """Today's digest is due at the next start: the desk began before today."""
        self._ask()
        self._settle()
        yesterday = (datetime.now(UTC) - timedelta(days=2)).isoformat(timespec="microseconds")
        with closing(sqlite3.connect(self.desk.database)) as database, database:
            database.execute("UPDATE inbox SET first_start = ?", (yesterday,))

    def _go_wrong(self) -> None:
        point = self.case.point
        if point in SERVER_FAULTS:
            self._let_the_server_err(point)
        elif point in BY_SERVER:
            self._die_at_the_server(point)
        elif point == "F11":
            self._die_approving()
        elif point == "F12":
            if self.case.kind != "approved":
                self._die("F3")
            make_old(self.desk.database)
            self._die(f"{point}:{self.case.time}")
            _hold(is_old(self.desk.database), "a broken migration left traces")
        else:
            self._die(point)
        if point not in SERVER_FAULTS:
            self.desk.start()

    def _die(self, point: str) -> None:
        self.desk.begin(crash_at=point)
        status = self.desk.wait(_SECONDS)
        marker = f"crash at {point.partition(':')[0]}\n"
        _hold(status == -signal.SIGKILL, f"the daemon ended with {status} instead of SIGKILL\n{self.desk.tail()}")
        _hold(self.desk.said().endswith(marker), f"the daemon did not end at {point}\n{self.desk.tail()}")

    def _die_at_the_server(self, point: str) -> None:
        self.server.hold = BY_SERVER[point]  # type: ignore[assignment]
        self.desk.begin()
        self.desk.until(lambda: self.server.held == 1, f"a mail held at {point}", _SECONDS)
        status = self.desk.kill()
        _hold(status == -signal.SIGKILL, f"the daemon ended with {status} instead of SIGKILL")
        phases = [phase for (phase,) in self.desk.rows("SELECT phase FROM outbox WHERE state = 'sending'")]
        _hold("data_end" in phases, f"at {point} the row must say that the mail may be taken, it says {phases}")

    def _die_approving(self) -> None:
        row = self._answer()
        done = self.desk.run("outbox", "approve", str(row), crash_at="F11")
        _hold(done.returncode == -signal.SIGKILL, f"approving ended with {done.returncode}: {done.stderr.decode()}")
        _hold(done.stderr.endswith(b"crash at F11\n"), f"it did not end at F11: {done.stderr.decode()}")
        classes = self.desk.rows("SELECT class, state FROM outbox WHERE id = ?", row)
        _hold(classes == [("auto", "drafted")], f"half an approval is in the database: {classes}")

    def _let_the_server_err(self, name: str) -> None:
        """Every time, not only the first: the second copy of an approved mail ends in doubt too."""
        self.server.misbehave(name)
        self.desk.start()
        if name == "hang_after_data":
            before = 1 if self.case.kind == "digest" else 0  # the answer to the question it reports
            for times in range(before + 1, before + (2 if self.case.kind == "automatic" or self.case.filed else 3)):
                self.server.wait_until(lambda times=times: self.server.concluded >= times, _SECONDS, "a mail")  # type: ignore[misc]
                self.server.drop_clients()

    def _ask(self) -> None:
        self.dovecot.append(self.address, proven(CLIENT, self.address))

    def _answer(self) -> int:
        return int(self.desk.rows("SELECT id FROM outbox WHERE mail IS NOT NULL")[0][0])

    def _until_drafted(self) -> None:
        drafted = "SELECT 1 FROM outbox WHERE state = 'drafted'"
        self.desk.until(lambda: bool(self.desk.rows(drafted)), "a draft", _SECONDS)

    def _approve(self) -> None:
        done = self.desk.run("outbox", "approve", str(self._answer()))
        _hold(done.returncode == 0, f"outbox approve: {done.stderr.decode()}")

    def _approve_if_not_yet(self) -> None:
        if self.case.point in ("F1", "F2", "F3", "F11", "F12"):
            self._until_drafted()
            self._stop()  # a running daemon looks only now and then whether something was approved
            self._approve()
            self.desk.start()
        again = self.desk.run("outbox", "approve", str(self._answer()))
        _hold(again.returncode == 1, "a mail was approved twice")

    def _settle(self) -> None:
        """Let the daemon work until nothing is left to do, and stop it."""
        self.desk.until_decided(1, _SECONDS)
        self.desk.until(lambda: not self.desk.rows(UNSETTLED), "a desk at rest", _SECONDS)
        self._stop()

    def _has_digest(self) -> bool:
        return bool(self.desk.rows("SELECT 1 FROM outbox WHERE class = 'digest'"))

    def _stop(self) -> None:
        status = self.desk.stop()
        _hold(status == 0, f"the daemon ended with {status}\n{self.desk.tail()}")

    def _file_copy(self, mail: Accepted) -> None:
        self.dovecot.append(self.address, mail.raw, "Sent")

    def _judge(self) -> Verdict:
        sendings, breaches = collect(self.desk, self.server.accepted)
        listed = {row["id"] for row in self.desk.ask("outbox")}
        for one in sendings:
            breaches += judge_sending(one, listed)
        breaches += judge_desk(self.desk, 1)
        meant = [one for one in sendings if one.outgoing == _CLASS[self.case.kind]]
        if len(meant) != 1:
            breaches.append(f"{len(meant)} mails were made instead of one")
            return Verdict(self.case, 0, "", tuple(breaches))
        breaches += self._judge_copies(self.case.kind, len(meant[0].copies))
        breaches += self._judge_folders()
        return Verdict(self.case, len(meant[0].copies), meant[0].state, tuple(breaches))

    def _judge_copies(self, kind: Kind, copies: int) -> list[str]:
        """An automatic mail at most once; any other at least once, and where Sent shows it, once."""
        if kind != "automatic" and not copies:
            return [f"the {kind} mail is lost"]
        if self.case.filed and copies > 1:
            return [f"Sent had a copy, and {copies} were sent"]
        return []

    def _judge_folders(self) -> list[str]:
        """The mail lies where it belongs, once; no draft of a sent mail is left to be sent by hand."""
        folders = {name: len(self.dovecot.messages(self.address, name)) for name in ("INBOX", DONE, "Drafts")}
        return [] if folders == {"INBOX": 0, DONE: 1, "Drafts": 0} else [f"the folders hold {folders}"]


def _hold(condition: bool, sentence: str) -> None:
    if not condition:
        raise CaseFailedError(sentence)
