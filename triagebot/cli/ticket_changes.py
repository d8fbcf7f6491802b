"""The commands that change one ticket: `triagebot ticket new`, `done`, `move` and the others."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triagebot.cli.number import ROW

if TYPE_CHECKING:
    from triagebot.app.desk.view import DeskView
    from triagebot.app.tickets.handling import Change, Outcome
    from triagebot.app.tickets.mails import Mailing

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _apply(config: Path, as_json: bool, change: "Change") -> None:
    """Make a change in one transaction, and print what it did."""
    from triagebot.app.tickets.handling import apply_change
    from triagebot.cli.loading import view_or_exit

    _print(apply_change(view_or_exit(config), change, datetime.now(UTC)), as_json)


def _apply_mailing(config: Path, as_json: bool, mailing: "Mailing") -> None:
    """Make a change that comes with a mail, in one transaction, and print what it did."""
    from triagebot.app.tickets.mails import apply_mailing
    from triagebot.cli.loading import load_or_exit

    _print(apply_mailing(load_or_exit(config), mailing, datetime.now(UTC)), as_json)


def _print(outcome: "Outcome", as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(outcome), ensure_ascii=False, default=str))
    else:
        click.echo("\n".join(outcome.sentences))


def _read_day(view: "DeskView", text: str, now: datetime) -> Any:
    from triagebot.core.tickets.spoken import DAY_FORMS, read_day

    day = read_day(text, view.calendar.local(now).date())
    if day is None:
        raise click.UsageError(f"{text!r} is no day; write it like {DAY_FORMS}")
    return day


def _read_minutes(text: str) -> int:
    from triagebot.core.tickets.spoken import LENGTH_FORMS, read_minutes

    minutes = read_minutes(text)
    if minutes is None:
        raise click.UsageError(f"{text!r} is no length of time; write it like {LENGTH_FORMS}")
    return minutes


@click.command("new")
@click.argument("client")
@click.argument("matter")
@click.option("--minutes", default="30", show_default=True, metavar="LENGTH", help="How long it takes: 45, 3h, 1h30.")
@click.option("--kind", default="work", show_default=True, help="work, question, project, emergency, …")
@click.option("--promise", metavar="DATE", help="The date you told them; else the honest one.")
@_JSON
@click.pass_obj
def new_command(
    config: Path, client: str, matter: str, minutes: str, kind: Any, promise: str | None, as_json: bool
) -> None:
    """Write down what CLIENT (an id, or anybody's address) asked for on the phone."""
    from triagebot.app.tickets.handling import open_call

    length = _read_minutes(minutes)

    def change(store: Any, view: "DeskView", now: datetime) -> "Outcome":
        day = _read_day(view, promise, now) if promise else None
        return open_call(store, view, client, matter, now, minutes=length, kind=kind, promise=day)

    _apply(config, as_json, change)


@click.command("done")
@click.argument("number", type=ROW)
@click.argument("minutes", required=False)
@click.argument("note", default="")
@_JSON
@click.pass_obj
def done_command(config: Path, number: int, minutes: str | None, note: str, as_json: bool) -> None:
    """A ticket's work is done; MINUTES (45, 3h, 1h30) are booked with NOTE."""
    from triagebot.app.tickets.handling import finish

    length = _read_minutes(minutes) if minutes else None
    _apply(config, as_json, lambda store, view, now: finish(store, view, number, now, length, note))


@click.command("doing")
@click.argument("number", type=ROW)
@_JSON
@click.pass_obj
def doing_command(config: Path, number: int, as_json: bool) -> None:
    """A ticket is being worked on."""
    from triagebot.app.tickets.handling import start

    _apply(config, as_json, lambda store, view, now: start(store, view, number, now))


@click.command("move")
@click.argument("number", type=ROW)
@click.argument("date", nargs=-1, required=True)
@click.option("--tell", is_flag=True, help="Put the mail that tells the client into Drafts.")
@_JSON
@click.pass_obj
def move_command(config: Path, number: int, date: tuple[str, ...], tell: bool, as_json: bool) -> None:
    """Promise a ticket for DATE: fri, tomorrow, next week, 2026-12-01."""
    from triagebot.app.tickets.handling import move
    from triagebot.app.tickets.mails import move_and_tell

    words = " ".join(date)
    if tell:

        def mailing(store: Any, snapshot: Any, key: bytes, now: datetime) -> "Outcome":
            return move_and_tell(store, snapshot, key, number, _read_day(snapshot, words, now), now)

        _apply_mailing(config, as_json, mailing)
        return
    _apply(
        config,
        as_json,
        lambda store, view, now: move(store, view, number, _read_day(view, words, now), now),
    )


@click.command("quote")
@click.argument("number", type=ROW)
@click.argument("length")
@click.argument("price")
@_JSON
@click.pass_obj
def quote_command(config: Path, number: int, length: str, price: str, as_json: bool) -> None:
    """Offer a ticket's work, of LENGTH (3h), for the fixed PRICE, by a mail in Drafts."""
    from triagebot.app.tickets.mails import quote
    from triagebot.core.tickets.spoken import read_price

    minutes, amount = _read_minutes(length), read_price(price)
    if amount is None:
        raise click.UsageError(f"{price!r} is no price; write it like 240 or 240.50")
    _apply_mailing(
        config, as_json, lambda store, snapshot, key, now: quote(store, snapshot, key, number, minutes, amount, now)
    )


@click.command("hold")
@click.argument("number", type=ROW)
@_JSON
@click.pass_obj
def hold_command(config: Path, number: int, as_json: bool) -> None:
    """A ticket cannot go on without the client: it waits for them."""
    from triagebot.app.tickets.handling import hold

    _apply(config, as_json, lambda store, view, now: hold(store, view, number, now))


@click.command("close")
@click.argument("number", type=ROW)
@click.argument("why", default="closed by hand")
@_JSON
@click.pass_obj
def close_command(config: Path, number: int, why: str, as_json: bool) -> None:
    """End a ticket and free its coming slots; WHY goes into its story."""
    from triagebot.app.tickets.handling import close

    _apply(config, as_json, lambda store, view, now: close(store, view, number, now, why))


@click.command("reopen")
@click.argument("number", type=ROW)
@_JSON
@click.pass_obj
def reopen_command(config: Path, number: int, as_json: bool) -> None:
    """Take up a ticket again that was done or closed."""
    from triagebot.app.tickets.handling import reopen

    _apply(config, as_json, lambda store, view, now: reopen(store, view, number, now))


@click.command("merge")
@click.argument("number", type=ROW)
@click.argument("other", type=ROW)
@_JSON
@click.pass_obj
def merge_command(config: Path, number: int, other: int, as_json: bool) -> None:
    """OTHER is the same matter: make it part of ticket NUMBER, with the earlier date of both."""
    from triagebot.app.tickets.merging import merge

    _apply(config, as_json, lambda store, view, now: merge(store, view, number, other, now))


@click.command("split")
@click.argument("number", type=ROW)
@click.argument("mail", type=ROW, required=False)
@click.option("--ticket", type=ROW, help="Undo the merging of this ticket instead.")
@_JSON
@click.pass_obj
def split_command(config: Path, number: int, mail: int | None, ticket: int | None, as_json: bool) -> None:
    """MAIL is another matter: make it a ticket of its own, or the one again that was merged."""
    from triagebot.app.tickets.merging import split, unmerge

    if (mail is None) == (ticket is None):
        raise click.UsageError("name a mail of the ticket, or --ticket and one that was merged into it")

    def change(store: Any, view: "DeskView", now: datetime) -> "Outcome":
        return split(store, view, number, mail, now) if mail else unmerge(store, view, number, ticket or 0, now)

    _apply(config, as_json, change)


CHANGES = (
    *(new_command, doing_command, done_command, move_command, quote_command, hold_command, close_command),
    *(reopen_command, merge_command, split_command),
)
