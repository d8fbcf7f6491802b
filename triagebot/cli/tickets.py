"""`triagebot tickets`, `triagebot ticket` and `triagebot hours`."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from triagebot.cli.number import ROW

_SHOWN = ("id", "subject", "client", "tier", "kind", "reason", "minutes", "state", "promise", "opened_at")


@click.command("tickets")
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def tickets_command(config: Path, everything: bool, as_json: bool) -> None:
    """List the work somebody is owed, what breaks first on top."""
    from triagebot.app.listings import list_tickets
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.table import print_table
    from triagebot.core.ticket import OPEN_STATES

    rows = list_tickets(view_or_exit(config), (*OPEN_STATES, "closed") if everything else OPEN_STATES)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    columns = ("#", "promise", "state", "kind", "tier", "min", "client", "subject")
    cells = [
        (r["id"], r["promise"] or "-", r["state"], r["kind"], r["tier"], r["minutes"], _who(r), r["subject"])
        for r in rows
    ]
    print_table(f"{len(rows)} tickets", columns, cells)


def _who(row: dict[str, object]) -> object:
    return row["client"] or row["sender_key"]


@click.group("ticket")
def ticket_command() -> None:
    """Work with one ticket."""


@ticket_command.command("show")
@click.argument("number", type=ROW)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show_command(config: Path, number: int, as_json: bool) -> None:
    """Show a ticket and its story."""
    from triagebot.app.listings import find_ticket
    from triagebot.cli.loading import view_or_exit

    ticket = find_ticket(view_or_exit(config), number)
    if as_json:
        click.echo(json.dumps(ticket, ensure_ascii=False, indent=1))
        return
    for name in _SHOWN:
        click.echo(f"{name + ':':12}{ticket[name] if ticket[name] is not None else '-'}")
    click.echo("")
    for line in str(ticket["text"]).splitlines():
        click.echo(f"    {line}")
    click.echo("")
    for event in ticket["events"]:
        click.echo(f"{event['at']}  {event['who']}: {event['what']} ({event['why']})")


@ticket_command.command("close")
@click.argument("number", type=ROW)
@click.argument("why", default="closed by hand")
@click.pass_obj
def close_command(config: Path, number: int, why: str) -> None:
    """Close a ticket and free its coming slots; WHY goes into its story."""
    from triagebot.app.listings import close_ticket
    from triagebot.cli.loading import view_or_exit

    close_ticket(view_or_exit(config), number, why, datetime.now(UTC))
    click.echo(f"Ticket {number} is closed.")


@click.command("hours")
@click.option("--days", type=click.IntRange(1, 366), default=14, show_default=True, help="How many days to look ahead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def hours_command(config: Path, days: int, as_json: bool) -> None:
    """List the coming support hours with what is planned into them."""
    from triagebot.app.listings import list_hours
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.table import print_table

    view = view_or_exit(config)
    hours = list_hours(view, datetime.now(UTC), days)
    if as_json:
        found = [{"day": day.isoformat(), "slots": slots} for day, slots in hours]
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    rows: list[tuple[object, ...]] = []
    for day, slots in hours:
        used = sum(slot["minutes"] for slot in slots)
        rows.append((day, f"{used} of {view.desk.support_hour.minutes} min", "", "", ""))
        rows += [("", f"{s['minutes']} min", _who(s), s["state"], f"#{s['ticket']} {s['subject']}") for s in slots]
    print_table("Coming support hours", ("day", "planned", "client", "state", "ticket"), rows)
