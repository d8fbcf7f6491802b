"""`triagebot tickets`, and `triagebot ticket show`; what changes one stands in ticket_changes.py."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from triagebot.cli.number import ROW
from triagebot.cli.ticket_answers import ANSWERS
from triagebot.cli.ticket_changes import CHANGES

_SHOWN = (
    *("id", "subject", "client", "sender_key", "tier", "kind", "reason", "source", "state", "minutes", "minutes_done"),
    *("opened_at", "promise", "due", "answer_due", "answered_at", "merged_into"),
)
_STYLES = {"broken": "bold red", "today": "bold", "at risk": "yellow"}
_STATES = ("new", "waiting-client", "accepted", "planned", "doing", "done", "closed")


@click.command("tickets")
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@click.option("--client", help="Only those of a client's id, or of an address.")
@click.option("--state", "states", type=click.Choice(_STATES), multiple=True, help="Only those in this state.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def tickets_command(config: Path, everything: bool, client: str | None, states: tuple[Any, ...], as_json: bool) -> None:
    """List the work somebody is owed, what breaks first on top."""
    from triagebot.app.tickets.listing import list_tickets
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.table import print_table
    from triagebot.core.tickets.ticket import OPEN_STATES

    wanted = states or ((*OPEN_STATES, "closed") if everything else OPEN_STATES)
    rows = list_tickets(view_or_exit(config), wanted, datetime.now(UTC), client)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    columns = ("#", "promise", "urgency", "state", "kind", "tier", "left", "age", "client", "subject")
    cells = [
        (
            *(r["id"], r["promise"] or "-", r["urgency"] or "-", r["state"], r["kind"], r["tier"]),
            *(f"{r['left']} min", f"{r['age']} d", r["client"] or r["sender_key"], r["subject"]),
        )
        for r in rows
    ]
    print_table(f"{len(rows)} tickets", columns, cells, [_STYLES.get(r["urgency"], "") for r in rows])


@click.group("ticket")
def ticket_command() -> None:
    """Work with one ticket."""


for _change in (*CHANGES, *ANSWERS):
    ticket_command.add_command(_change)


@ticket_command.command("show")
@click.argument("number", type=ROW)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show_command(config: Path, number: int, as_json: bool) -> None:
    """Show a ticket and its story."""
    from triagebot.app.tickets.listing import read_ticket
    from triagebot.cli.loading import view_or_exit

    ticket = read_ticket(view_or_exit(config), number)
    if as_json:
        click.echo(json.dumps(ticket, ensure_ascii=False, indent=1))
        return
    for name in _SHOWN:
        click.echo(f"{name + ':':14}{ticket[name] if ticket[name] is not None else '-'}")
    if ticket["price_high"]:
        click.echo(f"{'price told:':14}{ticket['price_low']} to {ticket['price_high']} {ticket['currency']}")
    _print_lines("Plan", [f"{slot['day']}  {slot['minutes']} min" for slot in ticket["slots"]])
    _print_lines(
        "Booked", [f"{one['day']}  {one['minutes']} min  {one['pays']}  {one['note']}" for one in ticket["booked"]]
    )
    _print_lines("Words", str(ticket["text"]).splitlines())
    _print_lines(
        "Mails", [f"{one['at']}  mail {one['id']}  {one['sender']}  {one['subject']}" for one in ticket["mails"]]
    )
    _print_lines("Story", [f"{one['at']}  {one['who']}: {one['what']} ({one['why']})" for one in ticket["events"]])


def _print_lines(title: str, lines: list[str]) -> None:
    if lines:
        click.echo("\n".join(("", title, *(f"    {line}" for line in lines))))
