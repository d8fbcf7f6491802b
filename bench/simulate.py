"""`make simulate`: a desk lives through simulated years, and the report says which of its promises were kept."""

import argparse
import sys
from statistics import mean

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.course import CLIENTS, YEAR, Course, Report
from bench.year import Year

KEPT_SHARE = 0.97
UNUSED_SHARE = 0.10
YEARS = 5


def main() -> int:
    """Simulate, print the report, return 1 when a promise of the planner itself does not hold."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first year (default 1)")
    parser.add_argument("--years", type=int, default=YEARS, help=f"how many, with seeds that follow (default {YEARS})")
    parser.add_argument("--load", type=float, default=Course(0).load, help="work as a share of all minutes")
    arguments = parser.parse_args()
    console = Console()
    console.width = max(console.width, 104)  # the table in full, also through a pipe
    seeds = range(arguments.seed, arguments.seed + arguments.years)
    reports = [
        Year(Course(seed, load=arguments.load)).run()
        for seed in track(seeds, "living through the years", console=console, transient=True)
    ]
    console.print(_describe(Course(0, load=arguments.load)))
    console.print(_table(dict(zip(seeds, reports, strict=True))))
    failures = _judge(reports)
    for failure in failures:
        console.print(f"[red]{failure}[/red]")
    if not failures:
        console.print("[green]Every promise of the planner held.[/green]")
    return 1 if failures else 0


def _describe(course: Course) -> str:
    clients = ", ".join(f"{count} {tier}" for tier, count in CLIENTS.items())
    hour = course.hour
    return (
        f"\nA desk in {YEAR} with {sum(CLIENTS.values())} clients ({clients}); {hour.minutes} minutes a day, "
        f"{hour.margin} % of coming hours not promised, {hour.slack_days} support days of slack.\n"
        f"Work takes {course.bias:g} x lognormal(0, {course.sigma:g}) of its estimate; {course.sick_days} sick days "
        f"nobody knew of, two weeks of summer, a busy Christmas season.\n"
    )


def _table(reports: dict[int, Report]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("seed", "told", "kept", "moved", "broken", "warned", "kept %", "unused %"):
        table.add_column(name, justify="right")
    for tier in CLIENTS:
        table.add_column(f"{tier}, days", justify="right", no_wrap=True)
    for seed, one in reports.items():
        table.add_row(
            str(seed),
            *(str(number) for number in (one.made, one.kept, one.moved, one.broken, one.warned)),
            f"{one.kept_share:.1%}",
            f"{one.unused_share:.1%}",
            *(f"{mean(waits):.1f}, {max(waits):.0f}" if waits else "" for waits in one.waits.values()),
        )
    table.caption = (
        "moved: a sick day began, and the client was told a new date that morning; days: mean and worst wait"
    )
    return table


def _judge(reports: list[Report]) -> list[str]:
    made, broken = sum(one.kept + one.broken for one in reports), sum(one.broken for one in reports)
    minutes, used = sum(one.minutes for one in reports), sum(one.used for one in reports)
    unwarned = broken - sum(one.warned for one in reports)
    found = []
    if broken > made * (1 - KEPT_SHARE):
        found.append(f"only {1 - broken / made:.1%} of the promises were kept; it must be {KEPT_SHARE:.0%}")
    if unwarned:
        found.append(f"{unwarned} broken promises were not warned of a day before")
    if used < minutes * (1 - UNUSED_SHARE):
        found.append(f"{1 - used / minutes:.1%} of the minutes were unused; at most {UNUSED_SHARE:.0%} may be")
    return found


if __name__ == "__main__":
    sys.exit(main())
