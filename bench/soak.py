"""The soak: 50,000 mails through one running daemon; memory stays flat, and none is lost or answered twice."""

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.contender import Contender
from bench.figure import Bench, Figure, count_firms
from bench.machine import weigh_family
from bench.processes import stop_process
from bench.speed import wait_for_next_second

QUIET_SECONDS = 4
MOST_MEGABYTES = 80
MOST_GROWTH = 1.1


@dataclass(frozen=True, slots=True)
class _Proof:
    """What the database and the servers say at the end: mails delivered, rows, rows without a final state, automatic
    answers in the database that were sent and not sent, what the SMTP server accepted, what reconcile found missing."""

    delivered: int
    rows: int
    unfinished: int
    sent: int
    unsent: int
    accepted: int
    missing: int

    @property
    def holds(self) -> bool:
        """Each mail has one row with a final state; each answer that was made left exactly once."""
        return (
            self.rows == self.delivered
            and self.unfinished == self.unsent == self.missing == 0
            and self.accepted == self.sent > 0
        )


def measure_soak(bench: Bench) -> list[Figure]:
    """Proportional set size of the daemon and its children at rest, after each slice and after all; and the proof."""
    slices, size = bench.choose(10, 3), bench.choose(5000, 200)
    desk, account = bench.desk("soak", count_firms(slices * size))
    desk.call("run", "--once")
    wait_for_next_second()
    process = desk.start_daemon()
    time.sleep(6)
    rest = peak = weigh_family(process.pid)
    after: list[float] = []
    bench.sink.ask("reset")
    began, since = time.monotonic(), datetime.now(UTC)
    for number in range(slices):
        for path in bench.store(f"soak-{number}", size, seed=100 + number):
            account.deliver(path)
        peak = max(peak, _wait_until_quiet(bench, process.pid))
        after.append(round(weigh_family(process.pid), 1))
        bench.say(f"{(number + 1) * size} mails: {after[-1]} MB, peak {peak:.1f} MB, {time.monotonic() - began:.0f} s")
    alive = process.poll() is None
    proof = _prove(bench, desk, slices * size, since)
    stop_process(process)
    raw: dict[str, object] = {
        "rest": rest,
        "slices": after,
        "peak": peak,
        "alive": alive,
        **{name: getattr(proof, name) for name in _Proof.__slots__},
    }
    later = f"{after[0]:.0f} after {size}, {after[-1]:.0f} after {slices * size} (peak {peak:.0f})"
    memory = f"{rest:.0f} MB at rest, {later}"
    flat = max(rest, after[-1]) <= MOST_MEGABYTES and after[-1] <= MOST_GROWTH * after[0]
    counted = f"{proof.delivered} mails, {proof.rows} rows, {proof.sent} answers sent once, {proof.missing} missing"
    return [
        Figure("memory (PSS)", memory, f"≤ {MOST_MEGABYTES} MB, and flat", flat, raw),
        Figure("soak", counted, "none lost, none twice", alive and proof.holds, raw),
    ]


def _wait_until_quiet(bench: Bench, pid: int) -> float:
    """Wait until nothing was sent for some seconds; return the largest weight seen meanwhile, in MB."""
    peak, seen, since = 0.0, -1, time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        time.sleep(0.5)
        accepted = bench.sink.accepted()
        if accepted != seen:
            seen, since = accepted, time.monotonic()
        peak = max(peak, weigh_family(pid))
    return peak


def _prove(bench: Bench, desk: Contender, delivered: int, since: datetime) -> _Proof:
    """Ask database and servers what became of the mails delivered since."""
    found = json.loads(desk.run("reconcile", "--json").output)
    with closing(sqlite3.connect(f"file:{desk.folder / 'var' / 'triagebot.db'}?mode=ro", uri=True)) as database:

        def count(sql: str, *values: object) -> int:
            return int(database.execute(sql, values).fetchone()[0])

        made = "SELECT count(*) FROM outbox WHERE created_at >= ? AND state"

        return _Proof(
            delivered=delivered,
            rows=count("SELECT count(*) FROM mail"),
            unfinished=count("SELECT count(*) FROM mail WHERE state = 'pending'"),
            sent=count(f"{made} = 'sent'", since.isoformat()),
            unsent=count(f"{made} <> 'sent'", since.isoformat()),
            accepted=bench.sink.accepted(),
            missing=sum(int(one["missing"]) for one in found["inboxes"]),
        )
