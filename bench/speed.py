"""Figures of speed: the backlog after an outage, and the answer to one mail (design.md section 7)."""

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bench.figure import Bench, Figure, count_firms
from bench.processes import Usage, run_measured, start_process, stop_process
from bench.servers import Account, read_message_id

SIDES = ("baseline", "triagebot")
WARM_UP = 3
Run = dict[str, float]


def measure_baseline(bench: Bench) -> list[Figure]:
    """The baseline alone: what this machine gives."""
    stored = bench.store("baseline", bench.choose(5000, 400), seed=1)
    runs = [run_backlog(bench, "baseline", number, stored) for number in range(bench.choose(5, 2))]
    times = time_replies(
        bench, "baseline", bench.store("baseline-idle", bench.choose(60, 10) + WARM_UP, 2, automatic=0)
    )
    speed = statistics.median(run["per_second"] for run in runs)
    return [
        Figure("baseline backlog", f"{speed:.0f} mails/s", "", good=True, raw={"rounds": runs}),
        Figure("baseline latency", describe_times(times), "", good=True, raw={"baseline_ms": times}),
    ]


def measure_backlog(bench: Bench) -> list[Figure]:
    """Mails per second of a whole process over a full mailbox; rounds alternate, medians count."""
    count = bench.choose(5000, 400)
    stored = bench.store("backlog", count, seed=1)
    sides: dict[str, list[Run]] = {side: [] for side in SIDES}
    for number in range(bench.choose(5, 2)):
        for side in sorted(sides, reverse=bool(number % 2)):
            sides[side].append(run_backlog(bench, side, number, stored))
    speeds = {side: statistics.median(run["per_second"] for run in runs) for side, runs in sides.items()}
    answered = {side: statistics.median(run["answered"] for run in runs) for side, runs in sides.items()}
    ratio = speeds["triagebot"] / speeds["baseline"]
    whole = answered["triagebot"] >= 0.85 * answered["baseline"] and not any(run["code"] for run in sides["triagebot"])
    measured = (
        f"{ratio:.2f} × ({speeds['triagebot']:.0f} against {speeds['baseline']:.0f} mails/s;"
        f" {answered['triagebot']:.0f} and {answered['baseline']:.0f} of {count} answered)"
    )
    raw: dict[str, object] = {"count": count, "rounds": sides, "ratio": ratio}
    return [Figure("backlog", measured, "≥ 1.5 × (goal 2.5 ×)", ratio >= 1.5 and whole, raw)]


def run_backlog(bench: Bench, side: str, number: int, stored: Sequence[Path]) -> Run:
    """Given a side and its round, fill a new mailbox with the stored mails and let the side work it off."""
    name = f"backlog-{side}-{number}"
    run: Callable[[], Usage]
    if side == "baseline":
        command, account = bench.baseline("backlog", name)
        run = partial(run_measured, command, log=bench.folder / f"{name}.log")
    else:
        desk, account = bench.desk(name, count_firms(len(stored)))
        desk.call("run", "--once")
        run = partial(desk.run, "run", "--once")
    wait_for_next_second()
    count = account.fill(stored)
    bench.sink.ask("reset")
    usage = run()
    replies = bench.sink.replies()
    numbers = {
        "per_second": round(count / usage.seconds, 1),
        "seconds": round(usage.seconds, 3),
        "cpu_ms_a_mail": round(usage.cpu_seconds * 1000 / count, 3),
        "answered": sum(read_message_id(path) in replies for path in stored),
        "code": usage.code,
    }
    bench.say(f"{name}: {numbers}")
    return numbers


def wait_for_next_second() -> None:
    """INTERNALDATE counts whole seconds: a mail must be younger than the desk's first start by one."""
    time.sleep(1.2)


def measure_latency(bench: Bench) -> list[Figure]:
    """Arrival in the Maildir to reply accepted by SMTP, the process waiting in IDLE, one mail at a time.

    Dovecot tells of new mail half a second late, to both alike; so the difference is triagebot's own time.
    """
    count = bench.choose(60, 10)
    stored = bench.store("latency", 2 * (count + WARM_UP), seed=2, automatic=0)
    base = time_replies(bench, "baseline", stored[: count + WARM_UP])
    own = time_replies(bench, "triagebot", stored[count + WARM_UP :])
    raw: dict[str, object] = {"baseline_ms": base, "triagebot_ms": own}
    if min(len(base), len(own)) < 0.8 * count:
        measured = f"{len(own)} of {count} answered (baseline {len(base)})"
        return [Figure("latency", measured, "an answer to each", good=False, raw=raw)]
    figures = []
    for share in (50, 95):
        over = percentile(own, share) - percentile(base, share)
        measured = f"{over:+.0f} ms ({percentile(own, share):.0f} against {percentile(base, share):.0f} ms)"
        figures.append(Figure(f"latency p{share}", measured, "≤ 30 ms over the baseline", over <= 30, raw))
    return figures


def time_replies(bench: Bench, side: str, stored: Sequence[Path]) -> list[float]:
    """Given a side, start it, deliver the mails one by one and return the milliseconds of each reply.

    The first ones warm up and do not count; an unanswered mail is left out after five seconds (the first:
    30).
    """
    name = f"latency-{side}"
    if side == "baseline":
        command, account = bench.baseline("idle", name)
        process = start_process(command, log=bench.folder / f"{name}.log")
    else:
        desk, account = bench.desk(name, count_firms(len(stored)))
        desk.call("run", "--once")
        wait_for_next_second()
        process = desk.start_daemon()
    bench.sink.ask("reset")
    taken = []
    try:
        for index, path in enumerate(stored):
            seconds = _time_reply(bench, account, path, 5 if index else 30)
            if seconds is not None and index >= WARM_UP:
                taken.append(round(seconds * 1000, 2))
            if process.poll() is not None:
                break
    finally:
        stop_process(process)
    bench.say(f"{name}: {describe_times(taken)}")
    return taken


def _time_reply(bench: Bench, account: Account, path: Path, patience: float) -> float | None:
    """Given a stored mail, deliver it and return the seconds until the sink had its reply, or None."""
    message_id = read_message_id(path)
    delivered = account.deliver(path)
    while time.monotonic() < delivered + patience:
        time.sleep(0.03)
        accepted = bench.sink.replies().get(message_id)
        if accepted is not None:
            return accepted - delivered
    return None


def percentile(values: Sequence[float], share: int) -> float:
    """Given values and a share in percent, return the value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def describe_times(values: Sequence[float]) -> str:
    """Given milliseconds, return their middle and their upper end in words."""
    if not values:
        return "no reply"
    return f"p50 {percentile(values, 50):.1f} ms, p95 {percentile(values, 95):.1f} ms of {len(values)}"
