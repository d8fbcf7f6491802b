"""The commands that change one ticket: `triagebot ticket new`, `done`, `move` and the others."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triagebot.cli.number import ROW
from triagebot.cli.ticket_typed import JSON, apply_change, apply_mailing, read_day, read_minutes

if TYPE_CHECKING:
    from triagebot.app.desk.view import DeskView
    from triagebot.app.tickets.handling import Outcome


@click.command("new")
@click.argument("client")
@click.argument("matter")
@click.option("--minutes", default="30", show_default=True, metavar="LENGTH", help="How long it takes: 45, 3h, 1h30.")
@click.option("--kind", default="work", show_default=True, help="work, question, project, emergency, …")
@click.option("--promise", metavar="DATE", help="The date you told them; else the honest one.")
@JSON
@click.pass_obj
def new_command(
    config: Path, client: str, matter: str, minutes: str, kind: Any, promise: str | None, as_json: bool
) -> None:
    """Write down what CLIENT (an id, or anybody's address) asked for on the phone."""
    from triagebot.app.tickets.handling import open_call

    length = read_minutes(minutes)

    def change(store: Any, view: "DeskView", now: datetime) -> "Outcome":
        day = read_day(view, promise, now) if promise else None
        return open_call(store, view, client, matter, now, minutes=length, kind=kind, promise=day)

    apply_change(
        config, as_json, change, 0, f"new {client} {matter}", lambda done: [{"do": "close", "number": done.ticket}]
    )


@click.command("done")
@click.argument("number", type=ROW)
@click.argument("minutes", required=False)
@click.argument("note", default="")
@JSON
@click.pass_obj
def done_command(config: Path, number: int, minutes: str | None, note: str, as_json: bool) -> None:
    """A ticket's work is done; MINUTES (45, 3h, 1h30) are booked with NOTE."""
    from triagebot.app.tickets.handling import finish

    length = read_minutes(minutes) if minutes else None
    apply_change(
        config,
        as_json,
        lambda store, view, now: finish(store, view, number, now, length, note),
        number,
        f"done {number}",
    )


@click.command("doing")
@click.argument("number", type=ROW)
@JSON
@click.pass_obj
def doing_command(config: Path, number: int, as_json: bool) -> None:
    """A ticket is being worked on."""
    from triagebot.app.tickets.handling import start

    apply_change(config, as_json, lambda store, view, now: start(store, view, number, now), number, f"doing {number}")


@click.command("move")
@click.argument("number", type=ROW)
@click.argument("date", nargs=-1, required=True)
@click.option("--tell", is_flag=True, help="Put the mail that tells the client into Drafts.")
@JSON
@click.pass_obj
def move_command(config: Path, number: int, date: tuple[str, ...], tell: bool, as_json: bool) -> None:
    """Promise a ticket for DATE: fri, tomorrow, next week, 2026-12-01."""
    from triagebot.app.tickets.handling import move
    from triagebot.app.tickets.mails import move_and_tell

    words = " ".join(date)
    if tell:

        def mailing(store: Any, snapshot: Any, key: bytes, now: datetime) -> "Outcome":
            return move_and_tell(store, snapshot, key, number, read_day(snapshot, words, now), now)

        apply_mailing(config, as_json, mailing, number, f"move {number} {words}")
        return
    apply_change(
        config,
        as_json,
        lambda store, view, now: move(store, view, number, read_day(view, words, now), now),
        number,
        f"move {number} {words}",
    )


@click.command("quote")
@click.argument("number", type=ROW)
@click.argument("length")
@click.argument("price")
@JSON
@click.pass_obj
def quote_command(config: Path, number: int, length: str, price: str, as_json: bool) -> None:
    """Offer a ticket's work, of LENGTH (3h), for the fixed PRICE, by a mail in Drafts."""
    from triagebot.app.tickets.mails import quote
    from triagebot.core.tickets.spoken import read_price

    minutes, amount = read_minutes(length), read_price(price)
    if amount is None:
        raise click.UsageError(f"{price!r} is no price; write it like 240 or 240.50")
    apply_mailing(
        config,
        as_json,
        lambda store, snapshot, key, now: quote(store, snapshot, key, number, minutes, amount, now),
        number,
        f"quote {number} {length} {price}",
    )


@click.command("hold")
@click.argument("number", type=ROW)
@JSON
@click.pass_obj
def hold_command(config: Path, number: int, as_json: bool) -> None:
    """A ticket cannot go on without the client: it waits for them."""
    from triagebot.app.tickets.handling import hold

    apply_change(config, as_json, lambda store, view, now: hold(store, view, number, now), number, f"hold {number}")


@click.command("close")
@click.argument("number", type=ROW)
@click.argument("why", default="closed by hand")
@JSON
@click.pass_obj
def close_command(config: Path, number: int, why: str, as_json: bool) -> None:
    """End a ticket and free its coming slots; WHY goes into its story."""
    from triagebot.app.tickets.handling import close

    apply_change(
        config, as_json, lambda store, view, now: close(store, view, number, now, why), number, f"close {number}"
    )


@click.command("reopen")
@click.argument("number", type=ROW)
@JSON
@click.pass_obj
def reopen_command(config: Path, number: int, as_json: bool) -> None:
    """Take up a ticket again that was done or closed."""
    from triagebot.app.tickets.handling import reopen

    apply_change(config, as_json, lambda store, view, now: reopen(store, view, number, now), number, f"reopen {number}")


@click.command("merge")
@click.argument("number", type=ROW)
@click.argument("other", type=ROW)
@JSON
@click.pass_obj
def merge_command(config: Path, number: int, other: int, as_json: bool) -> None:
    """OTHER is the same matter: make it part of ticket NUMBER, with the earlier date of both."""
    from triagebot.app.tickets.merging import merge

    apply_change(
        config,
        as_json,
        lambda store, view, now: merge(store, view, number, other, now),
        number,
        f"merge {number} {other}",
        lambda _: [{"do": "unmerge", "kept": number, "gone": other}],
    )


@click.command("split")
@click.argument("number", type=ROW)
@click.argument("mail", type=ROW, required=False)
@click.option("--ticket", type=ROW, help="Undo the merging of this ticket instead.")
@JSON
@click.pass_obj
def split_command(config: Path, number: int, mail: int | None, ticket: int | None, as_json: bool) -> None:
    """MAIL is another matter: make it a ticket of its own, or the one again that was merged."""
    from triagebot.app.tickets.merging import split, unmerge

    if (mail is None) == (ticket is None):
        raise click.UsageError("name a mail of the ticket, or --ticket and one that was merged into it")

    def change(store: Any, view: "DeskView", now: datetime) -> "Outcome":
        return split(store, view, number, mail, now) if mail else unmerge(store, view, number, ticket or 0, now)

    apply_change(
        config,
        as_json,
        change,
        number,
        f"split {number} {mail or ticket}",
        lambda done: [{"do": "merge", "kept": number, "gone": done.ticket}],
    )


@click.command("accept")
@click.argument("number", type=ROW)
@JSON
@click.pass_obj
def accept_command(config: Path, number: int, as_json: bool) -> None:
    """The client said yes to a ticket's price, on the phone say: it is planned."""
    from triagebot.app.tickets.settling import agree

    apply_change(config, as_json, lambda store, view, now: agree(store, view, number, now), number, f"accept {number}")


CHANGES = (
    *(new_command, doing_command, done_command, move_command, quote_command, hold_command, close_command),
    *(reopen_command, merge_command, split_command, accept_command),
)
