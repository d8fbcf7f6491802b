"""`triagebot tickets`, `triagebot ticket` and `triagebot hours`."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from triagebot.cli.number import ROW


@click.command("tickets")
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def tickets_command(config: Path, everything: bool, as_json: bool) -> None:
    """List the work somebody is owed, what breaks first on top."""
    from triagebot.cli.loading import read_store, view_or_exit
    from triagebot.cli.table import print_table
    from triagebot.core.ticket import OPEN_STATES

    store = read_store(view_or_exit(config))
    rows = store.tickets.listing((*OPEN_STATES, "closed") if everything else OPEN_STATES)
    store.close()
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
    from triagebot.cli.loading import read_store, view_or_exit
    from triagebot.core.errors import StoreError

    store = read_store(view_or_exit(config))
    ticket = store.tickets.find(number)
    store.close()
    if ticket is None:
        raise StoreError(f"there is no ticket {number}")
    if as_json:
        click.echo(json.dumps(ticket, ensure_ascii=False, indent=1))
        return
    for name in (
        "id",
        "subject",
        "client",
        "tier",
        "kind",
        "reason",
        "minutes",
        "state",
        "promise",
        "opened_at",
    ):
        click.echo(f"{name + ':':12}{ticket[name] if ticket[name] is not None else '-'}")
    click.echo("")
    for line in str(ticket["text"]).splitlines():
        click.echo(f"    {line}")
    click.echo("")
    events = ticket["events"]
    assert isinstance(events, list)  # noqa: S101 - made by the store
    for event in events:
        click.echo(f"{event['at'][:16]}  {event['who']}: {event['what']} ({event['why']})")


@ticket_command.command("close")
@click.argument("number", type=ROW)
@click.argument("why", default="closed by hand")
@click.pass_obj
def close_command(config: Path, number: int, why: str) -> None:
    """Close a ticket and free its coming slots; WHY goes into its story."""
    from triagebot.cli.loading import view_or_exit, write_store
    from triagebot.core.errors import StoreError

    store = write_store(view_or_exit(config))
    with store.transaction():
        closed = store.tickets.close(number, "developer", why, datetime.now(UTC))
    store.close()
    if not closed:
        raise StoreError(f"there is no open ticket {number}; see `triagebot tickets --all`")
    click.echo(f"Ticket {number} is closed.")


@click.command("hours")
@click.option("--days", type=click.IntRange(1, 366), default=14, show_default=True, help="How many days to look ahead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def hours_command(config: Path, days: int, as_json: bool) -> None:
    """List the coming support hours with what is planned into them."""
    from triagebot.cli.loading import read_store, view_or_exit
    from triagebot.cli.table import print_table

    snapshot = view_or_exit(config)
    calendar = snapshot.calendar
    today = calendar.local(datetime.now(UTC)).date()
    store = read_store(snapshot)
    slots = store.tickets.slots(today, today + timedelta(days=days - 1))
    store.close()
    by_day: dict[str, list[dict[str, object]]] = {day.isoformat(): [] for day in calendar.open_days(today, days)}
    for slot in slots:
        by_day.setdefault(str(slot["day"]), []).append(slot)
    if as_json:
        click.echo(
            json.dumps([{"day": day, "slots": found} for day, found in sorted(by_day.items())], ensure_ascii=False)
        )
        return
    rows: list[tuple[object, ...]] = []
    for day, found in sorted(by_day.items()):
        used = sum(int(str(slot["minutes"])) for slot in found)
        rows.append((day, f"{used} of {snapshot.desk.support_hour.minutes} min", "", "", ""))
        rows += [("", f"{s['minutes']} min", _who(s), s["state"], f"#{s['ticket']} {s['subject']}") for s in found]
    print_table("Coming support hours", ("day", "planned", "client", "state", "ticket"), rows)
