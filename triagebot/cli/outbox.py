"""`triagebot outbox`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triagebot.cli.number import ROW

if TYPE_CHECKING:
    from triagebot.core.outgoing.delivery import OutboxState

_WAITING: "tuple[OutboxState, ...]" = (
    *("queued", "sending", "retry", "failed", "ambiguous", "returned", "stopped", "draft"),
)
_ENDED: "tuple[OutboxState, ...]" = ("sent", "shadow", "drafted", "dropped")
_RETRIED: "tuple[OutboxState, ...]" = ("failed", "ambiguous", "retry", "returned", "stopped")
_DROPPED: "tuple[OutboxState, ...]" = (
    *("queued", "retry", "failed", "ambiguous", "returned", "stopped", "draft", "drafted"),
)


@click.group("outbox", invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Sent, kept and dropped ones too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def outbox_command(context: click.Context, everything: bool, as_json: bool) -> None:
    """List what waits to be sent or was not, when it leaves, and why."""
    if context.invoked_subcommand is not None:
        return
    from triagebot.app.outgoing.outbox import list_outbox
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.table import print_table

    rows = list_outbox(view_or_exit(context.obj), (*_WAITING, *_ENDED) if everything else _WAITING)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    columns = ("#", "mail", "state", "class", "to", "subject", "leaves", "attempts", "why")
    names = ("id", "mail", "state", "class", "recipient", "subject", "leaves", "attempts", "answer")
    print_table(f"{len(rows)} mails", columns, [tuple(row[name] for name in names) for row in rows])


@outbox_command.command("approve")
@click.argument("number", type=ROW)
@click.option("--anyway", is_flag=True, help="Although the client wrote again, or the mail it answers is old.")
@click.pass_obj
def approve_command(config: Path, number: int, anyway: bool) -> None:
    """Send an answer that shadow or draft mode kept, as it is; until it leaves, `outbox drop` takes that back."""
    from triagebot.app.outgoing.outbox import approve_mail
    from triagebot.cli.loading import view_or_exit

    leaves = approve_mail(view_or_exit(config), number, datetime.now(UTC), anyway=anyway)
    click.echo(f"Mail {number} is approved and leaves at {leaves}; until then: triagebot outbox drop {number}")


@outbox_command.command("retry")
@click.argument("number", type=ROW)
@click.pass_obj
def retry_command(config: Path, number: int) -> None:
    """Send a failed, returned, stopped or maybe-sent mail (again), with the same bytes and Message-ID."""
    _change(config, number, _RETRIED, "queued", "goes out with the next run")


@outbox_command.command("drop")
@click.argument("number", type=ROW)
@click.pass_obj
def drop_command(config: Path, number: int) -> None:
    """Never send this mail."""
    _change(config, number, _DROPPED, "dropped", "is dropped")


@outbox_command.command("suppressed")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def suppressed_command(config: Path, as_json: bool) -> None:
    """List addresses nothing is sent to, because mail came back from there."""
    from triagebot.app.outgoing.outbox import list_suppressed
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.table import print_table

    rows = list_suppressed(view_or_exit(config))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    cells = [(row["address"] or "(erased)", row["since"], row["outbox"], row["reason"]) for row in rows]
    print_table(f"{len(rows)} addresses", ("address", "since", "mail", "why"), cells)


@outbox_command.command("unsuppress")
@click.argument("address")
@click.pass_obj
def unsuppress_command(config: Path, address: str) -> None:
    """Send to an address again."""
    from triagebot.app.outgoing.outbox import unsuppress
    from triagebot.cli.loading import view_or_exit

    unsuppress(view_or_exit(config), address)
    click.echo(f"Mail to {address} is sent again; see `triagebot outbox` for what failed before.")


@outbox_command.command("resume")
@click.argument("inbox")
@click.pass_obj
def resume_command(config: Path, inbox: str) -> None:
    """Let the queue of an INBOX send again, after its server refused mail as unwanted."""
    from triagebot.app.outgoing.outbox import resume_queue
    from triagebot.cli.loading import view_or_exit

    resume_queue(view_or_exit(config), inbox)
    click.echo(f"Inbox {inbox} sends again within a minute.")


def _change(config: Path, number: int, states: "tuple[OutboxState, ...]", new_state: "OutboxState", told: str) -> None:
    from triagebot.app.outgoing.outbox import change_outbox
    from triagebot.cli.loading import view_or_exit

    change_outbox(view_or_exit(config), number, states, new_state, datetime.now(UTC))
    click.echo(f"Mail {number} {told}.")
