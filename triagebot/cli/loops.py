"""`triagebot loops`."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click


@click.group("loops", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def loops_command(context: click.Context, as_json: bool) -> None:
    """List who is left unanswered as a machine, and whether the breaker is open."""
    if context.invoked_subcommand is not None:
        return
    from triagebot.app.outgoing.loops import list_loops
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.table import print_table

    rows = list_loops(view_or_exit(context.obj), datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    columns = ("#", "what", "who", "thread", "why", "since", "until", "silenced", "last subject")
    cells = [
        (
            row["id"],
            row["kind"] if row["mode"] == "live" else f"{row['kind']} ({row['mode']})",
            row["who"],
            row["thread"] or "all",
            row["why"],
            row["since"],
            row["until"] or "released",
            row["silenced"],
            row["last_subject"],
        )
        for row in rows
    ]
    print_table(f"{len(rows)} latched", columns, cells)


@loops_command.command("release")
@click.argument("which", metavar="ID|breaker")
@click.pass_obj
def release_command(config: Path, which: str) -> None:
    """Answer again: a number of the list, or the breaker."""
    from triagebot.app.outgoing.loops import release_loop
    from triagebot.cli.loading import view_or_exit

    number = release_loop(view_or_exit(config), which, datetime.now(UTC))
    click.echo(f"Released {number}: new mail is answered again, what came meanwhile is not.")
