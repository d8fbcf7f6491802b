"""`triagebot demo`."""

import asyncio
import json
import logging
import sys

import click


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

    from triagebot.app.demo.play import Played, Served, play

    logging.basicConfig(level=logging.ERROR)
    console = Console(stderr=True)
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True) as bar:
        task = bar.add_task("Starting a mail server and the daemon", total=None)

        def show(done: int, every: int, what: str) -> None:
            if console.is_terminal:
                bar.update(task, description=f"{done} of {every}  {what}")
            else:
                click.echo(f"{done} of {every}  {what}", err=True)

        def stay(served: Served) -> None:
            bar.stop()
            _print_served(served)

        try:
            played: Played = asyncio.run(play(show, stay if serve else None))
        except KeyboardInterrupt:
            return
    print_played(played)


def print_played(played: "object") -> None:
    """Print what each mail got and why, the coming support hours, and where the digest is."""
    from triagebot.app.demo.play import Played
    from triagebot.cli.table import print_table

    assert isinstance(played, Played)  # noqa: S101 - imported late
    rows = []
    for outcome in played.outcomes:
        row = outcome.row
        words = "; ".join(f"{m['rule']}: {', '.join(m['words'])}" for m in json.loads(row["rules"] or "[]"))
        got = "answer" if any("@adaweb" not in to for to, _ in outcome.sent) else "nothing sent"
        if any("@adaweb" in to for to, _ in outcome.sent):
            got += " + alert to Ada"
        why = words or row["codes"] or "no rule matched"
        ticket = f"#{row['ticket']}" if row["ticket"] else ""
        who = row["client"] or row["sender"]
        rows.append((who, outcome.letter.subject, row["tier"], row["state"], got, ticket, why))
    print_table("What each mail got", ("from", "subject", "tier", "state", "got", "ticket", "why"), rows)
    click.echo("")
    slots = [
        (s["day"], f"{s['minutes']} min", s["client"] or s["sender_key"], s["state"], s["subject"])
        for s in played.slots
    ]
    print_table("Coming support hours", ("day", "planned", "client", "state", "matter"), slots)
    click.echo(f"\nThe developer's digest of this day: {played.digest}")


def _print_served(served: "object") -> None:
    from triagebot.app.demo.play import Served

    assert isinstance(served, Served)  # noqa: S101 - imported late
    click.echo(
        f"IMAP 127.0.0.1:{served.imap_port}, SMTP 127.0.0.1:{served.smtp_port}, no TLS, password {served.password!r}"
    )
    click.echo(f"Write to {served.support} as one of:")
    for address, who in served.clients.items():
        click.echo(f"  {address:24} {who}")
    click.echo("Their inboxes get the answers. End with Ctrl-C.")
