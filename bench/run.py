"""Run the benchmark: `python -m bench.run [--quick] [--only backlog,latency,…]`.

Prints a table of figures with what design.md section 7 demands, and keeps the raw numbers in
bench/results/. A figure that falls short is a warning, not a failure: the exit code is 0 unless the harness
itself cannot run.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import soak, speed, weight
from bench.figure import Bench, Figure
from bench.machine import describe_machine
from bench.servers import run_dovecot, run_sink

RESULTS = Path(__file__).resolve().parent / "results"
FIGURES: dict[str, Callable[[Bench], list[Figure]]] = {
    "backlog": speed.measure_backlog,
    "latency": speed.measure_latency,
    "rules": weight.measure_rules,
    "soak": soak.measure_soak,
    "start": weight.measure_start,
    "listings": weight.measure_listings,
    "plan": weight.measure_plan,
}
EXTRA = {"baseline": speed.measure_baseline}


def main(arguments: list[str]) -> int:
    """Given the command line, measure, print and keep; return the exit code."""
    options = _read_options(arguments)
    console = Console(width=None if sys.stdout.isatty() else 150)
    folder = Path(tempfile.mkdtemp(prefix="triagebot-bench-", dir=options.work))
    folder.chmod(0o755)  # Dovecot reads the mailboxes as another user
    try:
        machine = describe_machine(folder)
        console.print("machine:", ", ".join(f"{name} {value}" for name, value in machine.items()), highlight=False)
        with run_dovecot(folder / "dovecot") as dovecot, run_sink(folder) as sink:
            bench = Bench(dovecot, sink, folder, options.quick, options.seed, lambda words: _say(console, words))
            figures = [figure for name in options.only for figure in _measure(name, bench)]
    except (OSError, RuntimeError) as error:
        console.print(f"The benchmark could not run: {error}", style="red", highlight=False)
        return 1
    finally:
        if options.keep:
            console.print(f"kept: {folder}", highlight=False)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    _print_figures(console, figures)
    path = _keep_results(figures, machine, options)
    console.print(f"raw numbers: {path}", highlight=False)
    return 0


def _read_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small counts: minutes become seconds, figures rougher")
    parser.add_argument("--only", type=_read_names, default=list(FIGURES), help=f"some of {','.join(FIGURES | EXTRA)}")
    parser.add_argument("--seed", type=int, default=20261122, help="of mails and rules")
    parser.add_argument("--work", type=Path, default=Path("/var/tmp"), help="a folder on the disk to measure")  # noqa: S108
    parser.add_argument("--keep", action="store_true", help="leave desks, databases and logs in place")
    return parser.parse_args(arguments)


def _read_names(written: str) -> list[str]:
    names = [name.strip() for name in written.split(",")]
    unknown = [name for name in names if name not in FIGURES | EXTRA]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: choose from {', '.join(FIGURES | EXTRA)}")
    return names


def _measure(name: str, bench: Bench) -> list[Figure]:
    """Given a figure's name, measure it; what cannot be measured becomes a line that says why."""
    try:
        return (FIGURES | EXTRA)[name](bench)
    except RuntimeError as error:
        return [Figure(name, str(error), "", None)]


def _say(console: Console, words: str) -> None:
    console.print(f"  {words}", style="dim", highlight=False)


def _print_figures(console: Console, figures: list[Figure]) -> None:
    table = Table("figure", "measured", "must be", "verdict")
    verdicts = {True: "[green]ok[/]", False: "[yellow]short[/]", None: "[red]not measured[/]"}
    for figure in figures:
        table.add_row(figure.name, figure.measured, figure.must_be, verdicts[figure.good])
    console.print(table)
    for figure in figures:
        if not figure.good:
            console.print(f"warning: {figure.name}: {figure.measured}", style="yellow", highlight=False)


def _keep_results(figures: list[Figure], machine: dict[str, object], options: argparse.Namespace) -> Path:
    """Given what was measured and on what, write it as JSON under a name made of the time and the commit."""
    now = datetime.now(UTC)
    results = {
        "at": now.isoformat(timespec="seconds"),
        "quick": options.quick,
        "seed": options.seed,
        "machine": machine,
        "figures": [asdict(figure) for figure in figures],
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y%m%dT%H%M%SZ}-{machine['commit']}{'-quick' if options.quick else ''}.json"
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
