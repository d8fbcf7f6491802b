"""`triagebot away`."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click


@click.command("away")
@click.argument("days", required=False)
@click.argument("note", default="")
@click.option("--colleague", nargs=2, metavar="NAME ADDRESS", help="Who looks at emergencies of retainer clients.")
@click.option("--back", is_flag=True, help="End the absence that DAYS (today) lies in: support is given again.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def away_command(
    config: Path, days: str | None, note: str, colleague: tuple[str, str] | None, back: bool, as_json: bool
) -> None:
    """List your absences, or announce one: DAYS is today, tomorrow, 2026-12-24 or FROM..TO; clients are told NOTE."""
    from triagebot.app.tickets.away import announce, end_absence
    from triagebot.cli.loading import load_or_exit
    from triagebot.core.desk import Colleague

    now = datetime.now(UTC)
    if days is None and not back:
        _list(config, now, as_json=as_json)
        return
    snapshot = load_or_exit(config)
    if back:
        ended = end_absence(snapshot, days or "today", now)
        click.echo(f"Ended: the absence from {ended.first} to {ended.last}. Dates that were moved stay as told.")
        return
    stands_in = Colleague(*colleague) if colleague else None
    done = announce(snapshot, days or "today", note, stands_in, now)
    if as_json:
        moved = [
            {"ticket": one.shift.ticket, "before": str(one.shift.before), "after": _day(one.shift.after)}
            for one in done.moved
        ]
        found = {"from": str(done.absence.first), "to": str(done.absence.last), "moved": moved}
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"Away from {done.absence.first} to {done.absence.last}. Dates moved: {len(done.moved)}.")
    for one in done.moved:
        told = "a mail waits in `triagebot outbox`" if one.told else "no mail: tell them yourself"
        click.echo(f"  ticket {one.shift.ticket}: {one.shift.before} -> {_day(one.shift.after) or 'none'} ({told})")


def _day(day: object) -> str | None:
    return str(day) if day else None


def _list(config: Path, now: datetime, *, as_json: bool) -> None:
    from triagebot.app.tickets.away import list_absences
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.table import print_table

    rows = list_absences(view_or_exit(config), now)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    columns = ("from", "to", "note", "colleague", "announced by")
    print_table(f"{len(rows)} absences", columns, [[row[name] for name in columns] for row in rows])
