"""`triagebot demo`."""

import asyncio
import json
import logging
import shutil
import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from triagebot.app.demo.play import Played, Served
    from triagebot.app.demo.stage import Exchange, Outcome

_WIDEST = 100
_FATE, _TIER, _GAPS = 18, 8, 8
"""How wide what always fits is in the table of mails, and the space between its five columns."""


@click.command("demo")
@click.option("--serve", is_flag=True, help="Stay up afterwards, so that you can write to it with your mail program.")
def demo_command(serve: bool) -> None:
    """See a day of a fictional desk: real daemon, embedded mail server, no account, nothing leaves the machine."""
    try:
        import aiosmtpd  # noqa: F401
        import pymap  # noqa: F401
    except ImportError:
        click.echo("triagebot: the demo's mail server is not installed; run: pip install 'triagebot[demo]'", err=True)
        sys.exit(1)
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from triagebot.app.demo.play import play

    logging.basicConfig(level=logging.ERROR)
    console = Console(stderr=True)
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True) as bar:
        task = bar.add_task("Starting a mail server and the daemon", total=None)

        def show(done: int, every: int, what: str) -> None:
            if console.is_terminal:
                bar.update(task, description=f"{done} of {every}  {what}")
            else:
                click.echo(f"{done} of {every}  {what}", err=True)

        def stay(played: "Played", served: "Served") -> None:
            bar.stop()
            print_played(played)
            _print_served(served)

        try:
            played = asyncio.run(play(show, stay if serve else None))
        except KeyboardInterrupt:
            return
    if not serve:
        print_played(played)


def print_played(played: "Played") -> None:
    """Print what each mail got and why, the coming support hours, and the developer's two mails."""
    width = min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST)
    _print_mails(played, width)
    click.echo("")
    _print_slots(played)
    _print_exchange(played.exchange)


def _print_slots(played: "Played") -> None:
    """What is planned of one matter on one day is one row."""
    from triagebot.cli.table import print_table

    planned: Counter[tuple[str, ...]] = Counter()
    for slot in played.slots:
        planned[slot["day"], slot["client"] or slot["sender_key"], slot["state"], slot["subject"]] += slot["minutes"]
    rows = [(day, f"{minutes} min", *matter) for (day, *matter), minutes in planned.items()]
    print_table("Coming support hours", ("day", "planned", "client", "state", "matter"), rows)


def _print_mails(played: "Played", width: int) -> None:
    """A row each, cut to the terminal: two thirds of what is left for the subject and the sender, the rest for why."""
    from triagebot.cli.table import print_table

    room = width - _FATE - _TIER - _GAPS
    who, why = room // 4, room // 3
    most = (who, room - who - why, _TIER, _FATE, why)
    rows = [
        [_cut(cell, columns) for cell, columns in zip(_describe(outcome), most, strict=True)]
        for outcome in played.outcomes
    ]
    print_table("What each mail got", ("from", "subject", "tier", "outcome", "why"), rows)


def _describe(outcome: "Outcome") -> tuple[str, ...]:
    row = outcome.row
    rules = ", ".join(match["rule"] for match in json.loads(row["rules"] or "[]"))
    if outcome.drafted:
        fate = "draft for Ada"
    elif not outcome.sent:
        fate = row["state"]
    else:
        fate = "answer + alert" if outcome.alerted else "answer"
    ticket = f", #{row['ticket']}" if row["ticket"] else ""
    why = (row["codes"] or "").split(" ")[0] if not outcome.sent else ""
    return row["client"] or row["sender"], outcome.letter.subject, row["tier"], fate + ticket, why or rules or "no rule"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _print_exchange(exchange: "Exchange") -> None:
    _print_mail("One mail to read: the digest, here what needs Ada and her next support hour", exchange.excerpt)
    click.echo(f"\n  ({exchange.left_out} more sections are in the mail)")
    _print_mail("One mail to answer: Ada replies, with the digest quoted below", "\n".join(exchange.answer))
    _print_mail("What came of it: the desk confirms each line", exchange.confirmation)
    click.echo(f"\nThe developer's digest of this day: {exchange.page}")


def _print_mail(title: str, text: str) -> None:
    click.echo(f"\n{click.style(title, bold=True)}\n")
    for line in text.splitlines():
        click.echo(f"  {line}".rstrip())


def _print_served(served: "Served") -> None:
    click.echo(
        f"\nIMAP 127.0.0.1:{served.imap_port}, SMTP 127.0.0.1:{served.smtp_port}, no TLS, password {served.password!r}"
    )
    click.echo(f"Write to {served.support} as one of:")
    for address, who in served.clients.items():
        click.echo(f"  {address:24} {who}")
    click.echo("Their inboxes get the answers. Be Ada, too, and answer the digest from your mail program:")
    click.echo(f"  {served.developer:24} the developer: reply with lines such as `undo 5`")
    click.echo("End with Ctrl-C.")
