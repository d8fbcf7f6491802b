"""Figures of weight: rules, start of commands, listings of a large desk (design.md section 7)."""

import json
import statistics
import sys

from bench.contender import Contender
from bench.figure import Bench, Figure, count_firms
from bench.mails import make_long_mail
from bench.processes import run_measured
from bench.rows import multiply_mails
from bench.rules import write_rulebook
from bench.speed import wait_for_next_second


def measure_rules(bench: Bench) -> list[Figure]:
    """Time to decide one mail of 5 KB in process, against 10, 1,000 and 10,000 rules (bench.decide)."""
    mail = bench.folder / "long.eml"
    mail.write_bytes(make_long_mail(5000, bench.seed))
    found: dict[str, dict[str, float]] = {}
    for count in (10, 1000, 10_000):
        desk, _ = bench.desk(f"rules-{count}", starter=False)
        write_rulebook(desk.folder, count, bench.seed)
        command = [sys.executable, "-m", "bench.decide", str(desk.folder / "config.toml"), str(mail)]
        usage = run_measured(command, log=desk.log)
        if usage.code != 0:
            raise RuntimeError(f"bench.decide failed: {desk.log.read_text().strip().splitlines()[-1:]}")
        found[str(count)] = json.loads(usage.output)
        bench.say(f"{count} rules: {found[str(count)]}")
    ratio = found["10000"]["decide_ms"] / found["10"]["decide_ms"]
    times = " / ".join(f"{run['decide_ms']:.2f}" for run in found.values())
    raw: dict[str, object] = {"by_rules": found}
    return [Figure("decide 5 KB, 10/1,000/10,000 rules", f"{ratio:.1f} × ({times} ms)", "≤ 3 ×", ratio <= 3, raw)]


def measure_start(bench: Bench) -> list[Figure]:
    """Whole commands, from the shell's view: `--help`, and `explain` of one mail."""
    times = bench.choose(15, 5)
    desk, _ = bench.desk("start")
    (path,) = bench.store("start", 1, seed=3, automatic=0)
    return [
        _time_command(desk, times, 0.25, "--help"),
        _time_command(desk, times, 0.5, "explain", "--json", str(path)),
    ]


def measure_listings(bench: Bench) -> list[Figure]:
    """`digest`, `hours` and `tickets` on a desk with 200,000 mails, made of some real ones."""
    count, target = bench.choose(2000, 200), bench.choose(200_000, 20_000)
    desk, account = bench.desk("listings", count_firms(count))
    desk.call("run", "--once")
    wait_for_next_second()
    account.fill(bench.store("listings", count, seed=4))
    desk.call("run", "--once")
    rows = multiply_mails(desk.folder / "var", target)
    bench.say(f"listings: {rows} mails in the database")
    return [_time_command(desk, bench.choose(7, 3), 0.5, command) for command in ("digest", "hours", "tickets")]


def measure_plan(bench: Bench) -> list[Figure]:
    """Time to plan 2,000 open tickets over more than a year, and to find the promises at risk (bench.plan)."""
    log = bench.folder / "plan.log"
    usage = run_measured([sys.executable, "-m", "bench.plan", str(bench.seed)], log=log)
    if usage.code != 0:
        raise RuntimeError(f"bench.plan failed: {log.read_text().strip().splitlines()[-1:]}")
    found: dict[str, object] = json.loads(usage.output)
    median = float(str(found["plan_ms"]))
    return [Figure("plan of 2,000 tickets", f"{median:.0f} ms", "≤ 100 ms", median <= 100, found)]


def _time_command(desk: Contender, times: int, limit: float, *arguments: str) -> Figure:
    """Given a command line, return the median of its runs after one that warms up."""
    desk.call(*arguments)
    seconds = [round(desk.call(*arguments).seconds, 4) for _ in range(times)]
    median = statistics.median(seconds)
    raw: dict[str, object] = {"seconds": seconds}
    return Figure(f"triagebot {arguments[0]}", f"{median:.2f} s", f"≤ {limit} s", median <= limit, raw)
