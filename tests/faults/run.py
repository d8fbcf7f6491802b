"""`make faults`: every fault point with every kind of mail, then 200 random kills; judged by the server's log.

`python -m tests.faults.run [--kills N] [--seed N] [--only F7,F8]` ends with 1 when a promise was broken.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.faults.old_database import MIGRATION_STEPS
from tests.faults.points import KINDS, NOT_APPLICABLE, POINTS, SERVER_FAULTS, Case, all_cases
from tests.faults.storm import Storm, run_storm
from tests.faults.trial import Verdict, run_case
from tests.servers.dovecot import Dovecot, find_program
from tests.servers.process import ServerFailedError, short_directory

SEED = 20261122
KILLS = 200
_NOT_CARRIED_THROUGH = (AssertionError, ServerFailedError, subprocess.TimeoutExpired)
AT_ONCE = 3  # on two cores: trials also wait, for the disk and for each other's words


def main(arguments: list[str]) -> int:
    """Given the command line, carry everything through, print it, and return the exit code."""
    options = _read_options(arguments)
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
    if find_program("dovecot") is None:
        console.print("The fault proof needs a real Dovecot (Debian: dovecot-imapd dovecot-lmtpd).", style="red")
        return 1
    cases = [case for case in all_cases(MIGRATION_STEPS) if not options.only or case.point in options.only]
    progress = _Progress(console, len(cases) + options.kills)
    with (
        short_directory("tb") as home,
        tempfile.TemporaryDirectory(prefix="faults-") as folder,
        Dovecot(home) as dovecot,
        ThreadPoolExecutor(AT_ONCE) as workers,
    ):
        trials = {
            workers.submit(run_case, case, dovecot, Path(folder) / f"trial{number}"): case
            for number, case in enumerate(cases)
        }
        storms = [
            workers.submit(_storm, dovecot, Path(folder) / f"storm{number}", options, number, progress.step)
            for number in range(AT_ONCE if options.kills else 0)
        ]
        verdicts = [_result(done, trials[done], progress) for done in as_completed(trials)]
        outcomes = [_outcome(storm) for storm in storms]
    progress.end()
    console.print(_table(sorted(verdicts, key=_order), options.only))
    for outcome in outcomes:
        _print_storm(console, outcome)
    breaches = [
        *(f"{verdict.case.name}: {breach}" for verdict in verdicts for breach in verdict.breaches),
        *(f"random kills: {breach}" for outcome in outcomes for breach in outcome.breaches),
    ]
    for breach in breaches:
        console.print(Text(breach, style="red"))
    console.print(
        f"{len(breaches)} promises were broken."
        if breaches
        else "Every promise was kept: nothing lost, nothing sent too often, every doubt listed.",
        style="bold red" if breaches else "bold green",
    )
    return 1 if breaches else 0


def _read_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS, help="random kills, in all")
    parser.add_argument("--seed", type=int, default=SEED, help="of the random moments")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[], help="points, such as F7,F8")
    return parser.parse_args(arguments)


class _Progress:
    """One line that counts; where nobody watches, a line for every tenth part."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._done = 0
        self._status = console.status("") if console.is_terminal else None
        if self._status is not None:
            self._status.start()

    def step(self) -> None:
        self._done += 1
        words = f"{self._done} of {self._total} deaths and trials"
        if self._status is not None:
            self._status.update(words)
        elif self._done % max(self._total // 10, 1) == 0:
            self._console.print(words)

    def end(self) -> None:
        if self._status is not None:
            self._status.stop()


def _storm(
    dovecot: Dovecot, directory: Path, options: argparse.Namespace, number: int, tell: Callable[[], None]
) -> Storm:
    """The kills are shared out; behind every second desk is a provider that files copies in Sent."""
    kills = options.kills // AT_ONCE + (number < options.kills % AT_ONCE)
    return run_storm(dovecot, directory, options.seed + number, kills, filed=bool(number % 2), tell=tell)


def _result(done: "Future[Verdict]", case: Case, progress: _Progress) -> Verdict:
    """A trial that cannot be carried through proves nothing, and that is a breach."""
    progress.step()
    try:
        return done.result()
    except _NOT_CARRIED_THROUGH as error:
        return Verdict(case, 0, "", (_explain(error),))


def _outcome(done: "Future[Storm]") -> Storm:
    try:
        return done.result()
    except _NOT_CARRIED_THROUGH as error:
        return Storm(0, 0, 0, Counter(), 0, 0, 0, 0, (_explain(error),))


def _explain(error: Exception) -> str:
    """In one line; the last one is that of the daemon's log."""
    lines = str(error).splitlines() or [type(error).__name__]
    return f"could not be carried through: {lines[0] if len(lines) == 1 else f'{lines[0]} … {lines[-1]}'}"


def _order(verdict: Verdict) -> tuple[int, int, int, bool]:
    case = verdict.case
    return [*POINTS, *SERVER_FAULTS].index(case.point), KINDS.index(case.kind), case.time, case.filed


def _table(verdicts: Iterable[Verdict], only: list[str]) -> Table:
    table = Table(title="What the server took", title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in ("point", "what happens", "kind", "copies", "ends as", "verdict"):
        table.add_column(column, justify="right" if column == "copies" else "left", no_wrap=column != "verdict")
    rows = [
        *((_order(verdict), _row(verdict)) for verdict in verdicts),
        *(
            (_order(Verdict(Case(point, kind), 0, "", ())), _absent_row(point, kind, reason))
            for (point, kind), reason in NOT_APPLICABLE.items()
            if not only or point in only
        ),
    ]
    for _, row in sorted(rows, key=lambda entry: entry[0]):
        table.add_row(*row)
    return table


def _row(verdict: Verdict) -> tuple[Text, ...]:
    case = verdict.case
    point = f"{case.point}:{case.time}" if case.point == "F12" else case.point
    said = Text("BROKEN", "bold red") if verdict.breaches else Text("kept", "green")
    words = (point, case.what, case.kind, str(verdict.copies), verdict.state)
    return (*map(Text, words), said)


def _absent_row(point: str, kind: str, reason: str) -> tuple[Text, ...]:
    return (*map(Text, (point, POINTS[point], kind, "", "")), Text(f"n/a: {reason}", "dim"))


def _print_storm(console: Console, storm: Storm) -> None:
    copies = ", ".join(
        f"{count} {outgoing} {times}x" for (outgoing, times), count in sorted(storm.copies.items()) if count
    )
    console.print(
        f"{storm.kills} random kills, {storm.under_way} of them with mail under way; {storm.arrived} mails arrived."
        f" Copies taken: {copies}. In doubt and not sent again: {storm.in_doubt} automatic answers; sent once more:"
        f" {storm.resent} others, of which a person was asked about {storm.for_a_person}. Parked as begun three times:"
        f" {storm.parked}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
