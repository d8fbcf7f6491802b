"""`triagebot hours`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from triagebot.app.desk.view import DeskView
    from triagebot.app.tickets.hours import Hour, Turn

_COLUMNS = ("day", "min", "what", "client", "matter", "left", "promise")
_STYLES = {"broken": "bold red", "at risk": "yellow"}


@click.command("hours")
@click.option("--days", type=click.IntRange(1, 366), default=14, show_default=True, help="How many days to look ahead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--ics", type=click.File("w", encoding="utf-8", atomic=True), help="Write an iCalendar file; - prints it."
)
@click.pass_obj
def hours_command(config: Path, days: int, as_json: bool, ics: TextIO | None) -> None:
    """List the coming support hours with what is done in them, in its order."""
    from triagebot.app.listings import read_feed, read_hours
    from triagebot.app.tickets.hours import describe_hours
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.table import print_table

    view, now = view_or_exit(config), datetime.now(UTC)
    if ics is not None:
        ics.write(read_feed(view, now))
        return
    hours = read_hours(view, now, days)
    if as_json:
        click.echo(json.dumps(describe_hours(hours), ensure_ascii=False))
        return
    rows, styles = [], []
    for row, style in _rows(hours, view):
        rows.append(row)
        styles.append(style)
    print_table("Coming support hours", _COLUMNS, rows, styles)


def _rows(hours: "list[Hour]", view: "DeskView") -> "Iterator[tuple[tuple[object, ...], str]]":
    for hour in hours:
        free = hour.minutes - hour.planned
        room = f"{free} free" if free > 0 else "full"
        yield (f"{hour.day:%Y-%m-%d %a}", "", f"{hour.planned} of {hour.minutes} min", "", room, "", ""), "bold"
        for turn in hour.turns:
            yield _row(turn, view), _STYLES.get(turn.risk, "cyan" if turn.urgent else "dim" if turn.held else "")


def _row(turn: "Turn", view: "DeskView") -> tuple[object, ...]:
    from triagebot.app.tickets.hours import name_of

    ticket = turn.ticket
    what = "first answer" if turn.answer else ticket.kind
    promise = f"{ticket.promise}" if ticket.promise else "-"
    state = turn.risk or ("held for a yes" if turn.held else "")
    matter = f"#{ticket.ticket} {ticket.subject}"
    left = f"{ticket.minutes_done} of {ticket.minutes} min done" if ticket.minutes_done else f"{ticket.minutes} min"
    return "", turn.minutes, what, name_of(ticket, view), matter, left, f"{promise} {state}".rstrip()
