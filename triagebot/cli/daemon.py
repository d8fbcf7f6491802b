"""`triagebot run` and `triagebot status`."""

import asyncio
import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

import click


@click.command("run")
@click.option("--once", is_flag=True, help="One pass over every inbox, send what is due, then end (for cron).")
@click.option("--quiet", is_flag=True, help="Log problems only.")
@click.pass_obj
def run_command(config: Path, once: bool, quiet: bool) -> None:
    """Run the desk until SIGTERM. Ends with 75 when another daemon holds it."""
    from triagebot.app.daemon import run_daemon
    from triagebot.app.desk.check import check_desk_files

    logging.basicConfig(
        level=logging.WARNING if quiet else logging.INFO,
        format="%(asctime)s level=%(levelname)s %(message)s",
        stream=sys.stderr,
    )
    logging.getLogger("imapclient").setLevel(logging.WARNING)
    loaded = check_desk_files(config, datetime.now(UTC))
    if loaded.snapshot is None:
        for problem in loaded.errors:
            click.echo(str(problem), err=True)
        sys.exit(1)
    failures = asyncio.run(run_daemon(config, loaded.snapshot, once=once))
    for failure in failures:
        click.echo(f"triagebot: {failure}", err=True)
    sys.exit(1 if failures else 0)


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status_command(config: Path, as_json: bool) -> None:
    """Tell how the desk is: 0 when healthy, 1 when not."""
    from triagebot.app.listings import read_status
    from triagebot.cli.loading import view_or_exit

    status = read_status(view_or_exit(config), datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(status, ensure_ascii=False, indent=1))
    else:
        _print_status(status)
    sys.exit(0 if status["healthy"] else 1)


def _print_status(status: dict[str, object]) -> None:
    from triagebot.cli.auth import print_signins
    from triagebot.cli.table import print_table

    for name in ("desk", "modes", "running", "mails", "outbox", "oldest unsent"):
        click.echo(f"{name + ':':15}{status[name]}")
    parts = status["parts"]
    assert isinstance(parts, list)  # noqa: S101 - made by gather_status
    print_table("", ("part", "last worked", "problem"), [(p["part"], p["worked"], p["problem"]) for p in parts])
    watched = status["watched by"]
    assert isinstance(watched, dict)  # noqa: S101 - made by gather_status
    for inbox, how in watched.items():
        click.echo(f"inbox {inbox} is watched by {how}")
    signins = status["signins"]
    assert isinstance(signins, list)  # noqa: S101 - made by gather_status
    if signins:
        print_signins(signins)
    canaries, notes, problems = status["canaries"], status["notes"], status["problems"]
    assert isinstance(canaries, list)  # noqa: S101 - made by gather_status
    assert isinstance(notes, list)  # noqa: S101 - made by gather_status
    assert isinstance(problems, list)  # noqa: S101 - made by gather_status
    for one in canaries:
        click.echo(f"canary {one['inbox']}: sent {one['sent']}, back after {one['round_trip_seconds']} s")
    for note in notes:
        click.echo(f"  {note}")
    for problem in problems:
        click.echo(f"! {problem}")
    click.echo("healthy" if status["healthy"] else "NOT healthy")
