"""`triagebot outbox`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triagebot.cli.number import ROW

if TYPE_CHECKING:
    from triagebot.core.delivery import OutboxState

_WAITING: "tuple[OutboxState, ...]" = ("queued", "sending", "retry", "failed", "ambiguous", "draft")
_ENDED: "tuple[OutboxState, ...]" = ("sent", "shadow", "drafted", "dropped")


@click.group("outbox", invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Sent, shadow and dropped ones too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def outbox_command(context: click.Context, everything: bool, as_json: bool) -> None:
    """List what waits to be sent or was not, and why."""
    if context.invoked_subcommand is not None:
        return
    from triagebot.app.listings import list_outbox
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.table import print_table

    rows = list_outbox(view_or_exit(context.obj), (*_WAITING, *_ENDED) if everything else _WAITING)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    columns = ("#", "mail", "state", "class", "to", "subject", "attempts", "why")
    names = ("id", "mail", "state", "class", "recipient", "subject", "attempts", "answer")
    print_table(f"{len(rows)} mails", columns, [tuple(row[name] for name in names) for row in rows])


@outbox_command.command("retry")
@click.argument("number", type=ROW)
@click.pass_obj
def retry_command(config: Path, number: int) -> None:
    """Send a failed or maybe-sent mail (again), with the same bytes and Message-ID."""
    _change(config, number, ("failed", "ambiguous", "retry"), "queued", "goes out with the next run")


@outbox_command.command("drop")
@click.argument("number", type=ROW)
@click.pass_obj
def drop_command(config: Path, number: int) -> None:
    """Never send this mail."""
    _change(config, number, ("queued", "retry", "failed", "ambiguous", "draft"), "dropped", "is dropped")


def _change(config: Path, number: int, states: "tuple[OutboxState, ...]", new_state: "OutboxState", told: str) -> None:
    from triagebot.app.listings import change_outbox
    from triagebot.cli.loading import view_or_exit

    change_outbox(view_or_exit(config), number, states, new_state, datetime.now(UTC))
    click.echo(f"Mail {number} {told}.")
