"""A desk at full work is killed at random moments, again and again; what the server took is judged at the end."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.app.desks import PLAN, WIDE, Account, LiveDesk, client, proven
from tests.faults.judge import Sending, collect, judge_desk, judge_sending
from tests.faults.server import JudgeSmtp
from tests.faults.trial import DEVELOPER, DONE, UNSETTLED, settings
from tests.servers.dovecot import Dovecot

RETAINER = "bakery.test"
"""Mail of this domain is answered by drafts, which are approved now and then."""

_SECONDS = 120
_STARTING = 0.15  # this part of the kills falls into the start, within so many seconds of it:
_START_SECONDS = 0.8
_TAKING_IN = 0.35  # this part so long after the connection stands, when mails are taken in and decided:
_MEAN_SECONDS, _MOST_SECONDS = 0.08, 0.4
_TALKING = 12  # the others after one of so many further commands at the SMTP server, or when it says no more for:
_SILENT_SECONDS = 1.0
_MOMENT_SECONDS = 0.004
_APPROVED_AT_THE_END = 5
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Storm:
    """What came of it: kills, how many of them met mail under way, mails that arrived, how many rows of each class
    got how many copies, automatic answers in doubt, others that were sent once more because they were, how many of
    those a person had to look at, mails that were begun three times, and every breach."""

    kills: int
    under_way: int
    arrived: int
    copies: Counter[tuple[str, int]]
    in_doubt: int
    resent: int
    for_a_person: int
    parked: int
    breaches: tuple[str, ...]


def run_storm(
    dovecot: Dovecot, directory: Path, seed: int, kills: int, *, filed: bool, tell: Callable[[], None]
) -> Storm:
    """Given a seed and a number of kills, carry the storm through. `filed`: the provider files copies in Sent.
    `tell` is called after each kill."""
    address = dovecot.add_user(f"support@storm{next(_numbers)}.test")
    with JudgeSmtp() as server:
        if filed:
            server.file_copy = lambda mail: dovecot.append(address, mail.raw, "Sent")
        account = Account.on_dovecot(dovecot, address, server.port, more=f'done = "{DONE}"')
        clients = client("bakery", f"owner@{RETAINER}", "retainer", f'domains = ["{RETAINER}"]\n') + PLAN
        lines = settings('tier_modes = { retainer = "draft" }\n')
        with LiveDesk(directory, account, developer=DEVELOPER, clients=clients, settings=lines, more=WIDE) as desk:
            return _Killing(dovecot, server, desk, address, random.Random(seed)).run(kills, tell)


class _Killing:
    def __init__(
        self, dovecot: Dovecot, server: JudgeSmtp, desk: LiveDesk, address: str, moments: random.Random
    ) -> None:
        self.dovecot = dovecot
        self.server = server
        self.desk = desk
        self.address = address
        self.moments = moments
        self.arrived = 0

    def run(self, kills: int, tell: Callable[[], None]) -> Storm:
        self.desk.start()
        self.desk.wait_for_log("connected folder=INBOX")
        under_way = 0
        for _ in range(kills):
            self._bring_mail()
            self._live_a_while()
            self.desk.kill()
            under_way += bool(self.desk.rows(UNSETTLED))
            self.desk.begin()
            tell()
        self.desk.wait_for_log("connected folder=INBOX")
        self._settle()
        self._approve(self._drafted()[:_APPROVED_AT_THE_END])
        self._settle()
        for_a_person = self._answer_doubts()
        self._settle()
        assert self.desk.stop() == 0
        return self._judge(kills, under_way, for_a_person)

    def _bring_mail(self) -> None:
        for _ in range(self.moments.randint(1, 4)):
            self.arrived += 1
            retainer = self.moments.random() < 0.3
            author = f"ann{self.arrived}@{RETAINER if retainer else f'client{self.arrived}.test'}"
            text = f"Where are the permalinks? I asked {self.arrived} people."
            self.dovecot.append(self.address, proven(author, self.address, f"Question {self.arrived}", text))

    def _live_a_while(self) -> None:
        """Up to the moment of the kill; sometimes the developer does something meanwhile."""
        when, act = self.moments.random(), self.moments.random()
        if when < _STARTING:
            time.sleep(self.moments.uniform(0, _START_SECONDS))
            return
        commands = len(self.server.commands) + self.moments.randint(1, _TALKING)
        self.desk.wait_for_log("connected folder=INBOX", seconds=_SECONDS)
        if act < 0.25:
            self._approve(self._drafted()[:1])
        elif act < 0.35:
            assert self.desk.run("digest", "--send").returncode == 0
        if when < _STARTING + _TAKING_IN:
            time.sleep(min(self.moments.expovariate(1 / _MEAN_SECONDS), _MOST_SECONDS))
            return
        end = time.monotonic() + _SILENT_SECONDS
        while len(self.server.commands) < commands and time.monotonic() < end:
            time.sleep(0.0005)
        time.sleep(self.moments.expovariate(1 / _MOMENT_SECONDS))

    def _drafted(self) -> list[int]:
        return [row for (row,) in self.desk.rows("SELECT id FROM outbox WHERE state = 'drafted' ORDER BY id")]

    def _approve(self, rows: list[int]) -> None:
        for row in rows:
            done = self.desk.run("outbox", "approve", str(row))
            assert done.returncode == 0, done.stderr.decode()

    def _answer_doubts(self) -> int:
        """What is left in doubt a person looks up: an approved mail or digest nobody got is sent by hand."""
        sendings, _ = collect(self.desk, self.server.accepted)
        doubtful = [one for one in sendings if one.state == "ambiguous" and one.outgoing in ("approved", "digest")]
        for one in doubtful:
            done = self.desk.run("outbox", "drop" if one.copies else "retry", str(one.id))
            assert done.returncode == 0, done.stderr.decode()
        return len(doubtful)

    def _settle(self) -> None:
        self.desk.reload()  # what a command has just queued leaves now, not within a minute
        self.desk.until_decided(self.arrived, _SECONDS)
        self.desk.until(lambda: not self.desk.rows(UNSETTLED), "a desk at rest", _SECONDS)

    def _judge(self, kills: int, under_way: int, for_a_person: int) -> Storm:
        sendings, breaches = collect(self.desk, self.server.accepted)
        listed = {row["id"] for row in self.desk.ask("outbox")}
        for one in sendings:
            breaches += _judge_one(one, listed)
        breaches += judge_desk(self.desk, self.arrived)
        inbox, done, drafts = (len(self.dovecot.messages(self.address, name)) for name in ("INBOX", DONE, "Drafts"))
        kept = len(self._drafted())
        if (inbox, done, drafts) != (0, self.arrived, kept):
            breaches.append(
                f"{self.arrived} mails: {inbox} lie in INBOX, {done} in {DONE}; {kept} drafts: {drafts} lie in Drafts"
            )
        copies = Counter((one.outgoing, len(one.copies)) for one in sendings if one.state != "drafted")
        parked = self.desk.states().get("unreadable", 0)
        in_doubt = sum(one.outgoing == "auto" and one.state == "ambiguous" for one in sendings)
        resent = sum(one.resends > 0 for one in sendings)
        return Storm(kills, under_way, self.arrived, copies, in_doubt, resent, for_a_person, parked, tuple(breaches))


def _judge_one(one: Sending, listed: set[int]) -> list[str]:
    if one.state == "dropped" and one.copies:
        return []  # a person saw that it had arrived
    if one.state == "drafted" and not one.copies:
        return []  # nobody approved it
    breaches = judge_sending(one, listed)
    if one.outgoing in ("approved", "digest") and not one.copies:
        breaches.append(f"{one.outgoing} mail {one.id} is lost")
    return breaches
