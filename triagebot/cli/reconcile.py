"""`triagebot reconcile`."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click


@click.command("reconcile")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def reconcile_command(config: Path, as_json: bool) -> None:
    """List every mailbox on its server and compare it with the database: 1 when a mail was missing.

    A missing mail gets its row at once, and its decision with the daemon's next look, within seconds.
    """
    from triagebot.app.intake.reconcile import reconcile_desk
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.table import print_table

    found = reconcile_desk(view_or_exit(config), datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        columns = ("inbox", "folder", "on the server", "known", "missing", "gone from there")
        names = ("inbox", "folder", "on_server", "known", "missing", "gone")
        print_table("", columns, [tuple(one[name] for name in names) for one in found["inboxes"]])
        click.echo(found["proof"])
        for problem in found["problems"]:
            click.echo(f"! {problem}")
    sys.exit(1 if found["problems"] else 0)
