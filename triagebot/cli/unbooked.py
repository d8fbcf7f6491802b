"""`triagebot log --offers`, `--accept` and `--decline`: minutes told by the developer's own mails."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click


def print_offers(config: Path, *, as_json: bool) -> None:
    """Given the config file, list what waits to be booked."""
    from triagebot.app.money.unbooked import list_offers
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.table import print_table

    offers = list_offers(view_or_exit(config))
    if as_json:
        rows = [{**asdict(one), "day": str(one.day)} for one in offers]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    names = ("offer", "ticket", "client", "min", "sent", "what", "")
    title = "Minutes to book: triagebot log --accept OFFER [MINUTES]" if offers else "No minutes wait to be booked"
    cells = [
        (one.number, one.ticket, one.client, one.minutes, one.day, one.subject, "guessed" if one.guessed else "")
        for one in offers
    ]
    print_table(title, names, cells)


def end_offer(config: Path, number: int, minutes: str, *, accept: bool) -> None:
    """Given the config file, an offer's number and minutes as typed ("" for those offered), book or decline it."""
    from triagebot.app.money.unbooked import accept_offer, decline_offer
    from triagebot.cli.loading import view_or_exit

    view = view_or_exit(config)
    click.echo(accept_offer(view, number, minutes, datetime.now(UTC)) if accept else decline_offer(view, number))
