"""`triagebot privacy`."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from triagebot.app.privacy.erase import Erased
    from triagebot.app.privacy.inquiry import Inquiry
    from triagebot.app.privacy.purge import Purged

_NAMES = {
    "mail": "mails",
    "ticket": "tickets (client, dates and minutes stay)",
    "event": "entries of the action log",
    "outbox": "outgoing mails",
    "sent_mail": "your own mails (their minutes stay)",
    "latch": "latches",
    "counter": "counters",
    "suppression": "entries of the suppression list",
    "entry": "entries of the ledger (minutes, dates and closed invoices stay)",
    "command": "your commands about them (what was done, and when, stays)",
    "agreement": "notes on how well answers fitted (rule and verdict stay)",
    "fee": "fees (amounts, dates and closed invoices stay)",
    "digest": "stored digests and what waits of them, which may quote them",
}

_CLEAN = {
    True: "The bytes of the database were searched: no address is left.",
    False: "Something is left in the bytes of the database, or they could not be searched: stop the daemon and run this"
    " again.",
    None: "An address still stands in the words of others; see below.",
}


def _whom(command: "Callable[..., None]") -> "Callable[..., None]":
    """The options that name a person."""
    command = click.option("--client", metavar="ID", help="All of this client's correspondence.")(command)
    return click.option(
        "--address", "addresses", metavar="ADDRESS", multiple=True, help="An address of theirs; may be repeated."
    )(command)


@click.group("privacy")
def privacy_command() -> None:
    """What is held about people: export it, end it, show for how long it is kept."""


@privacy_command.command("export")
@_whom
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR|FILE.zip",
    help="A new directory, or a new .zip.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def export_command(config: Path, addresses: tuple[str, ...], client: str | None, output: Path, as_json: bool) -> None:
    """Write everything held about a person into files. Make sure first that it is this person who asks."""
    from triagebot.app.privacy.export import export
    from triagebot.app.privacy.inquiry import name_person
    from triagebot.cli.loading import view_or_exit

    view = view_or_exit(config)
    inquiry = export(view, name_person(view, addresses, client), output, datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(_as_json(inquiry), ensure_ascii=False))
        return
    _print_inquiry(inquiry)
    click.echo(f"Wrote {output}.")


@privacy_command.command("erase")
@_whom
@click.option("--dry-run", is_flag=True, help="Only list what would be erased, and what would not be reached.")
@click.option("--mailbox", is_flag=True, help="Also remove the mails on the mail server.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; needs --yes or --dry-run.")
@click.pass_obj
def erase_command(
    config: Path,
    addresses: tuple[str, ...],
    client: str | None,
    dry_run: bool,
    mailbox: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Erase what is held about a person, for good. Ends with 1 when something of it is left."""
    from triagebot.app.privacy.erase import erase, preview, unreached
    from triagebot.app.privacy.inquiry import name_person
    from triagebot.cli.loading import view_or_exit

    if as_json and not (yes or dry_run):
        raise click.UsageError("--json asks nothing; add --yes or --dry-run")
    view = view_or_exit(config)
    person = name_person(view, addresses, client)
    inquiry = preview(view, person)
    advice = unreached(view, inquiry, mailbox=mailbox)
    if dry_run:
        if as_json:
            click.echo(json.dumps({**_as_json(inquiry), "advice": advice}, ensure_ascii=False))
        else:
            _print_inquiry(inquiry)
            _print_advice(advice)
        return
    if not yes:
        _print_inquiry(inquiry)
        typed = click.prompt(f"This cannot be undone. Type {person.name} to erase it", default="", show_default=False)
        if typed.strip() != person.name:
            click.echo("Nothing was erased.")
            sys.exit(1)
    erased = erase(view, person, datetime.now(UTC), lambda line: click.echo(line, err=True), mailbox=mailbox)
    if as_json:
        click.echo(json.dumps(asdict(erased), ensure_ascii=False))
    else:
        _print_erased(erased)
    sys.exit(1 if erased.clean is False else 0)


@privacy_command.command("purge")
@click.option("--dry-run", is_flag=True, help="Only show what tonight's purge would remove.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def purge_command(config: Path, dry_run: bool, as_json: bool) -> None:
    """Remove what is kept for longer than [retention] says; the daemon does it every night."""
    from triagebot.app.privacy.purge import purge, survey
    from triagebot.cli.loading import view_or_exit

    view, now = view_or_exit(config), datetime.now(UTC)
    _print_purged(survey(view, now) if dry_run else purge(view, now), as_json=as_json, dry_run=dry_run)


@privacy_command.command("record")
@click.pass_obj
def record_command(config: Path) -> None:
    """Print the record of processing activities (GDPR Art. 30), to be completed where it has brackets."""
    from triagebot.cli.loading import view_or_exit
    from triagebot.core.record import make_record

    click.echo(make_record(view_or_exit(config).desk), nl=False)


def _print_purged(found: "list[Purged]", *, as_json: bool, dry_run: bool) -> None:
    from triagebot.cli.table import print_table

    if as_json:
        rows = [
            {
                "class": one.name,
                "what": one.label,
                "kept_days": one.kept.days,
                "rows": one.rows,
                "oldest": one.oldest.isoformat() if one.oldest else None,
            }
            for one in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    cells = [(o.label, o.name, f"{o.kept.days} d", o.rows, o.oldest.date() if o.oldest else "-") for o in found]
    print_table(
        "Would be removed tonight" if dry_run else "Removed", ("what", "class", "kept", "rows", "oldest"), cells
    )


def _as_json(inquiry: "Inquiry") -> dict[str, object]:
    return {
        "addresses": inquiry.person.addresses,
        "client": inquiry.person.client,
        "counts": inquiry.counts,
        "mentions": inquiry.mentions,
        "others": inquiry.others,
        "waiting": inquiry.waiting,
    }


def _print_inquiry(inquiry: "Inquiry") -> None:
    _print_counts(inquiry.counts, f"Held about {', '.join(inquiry.person.addresses) or inquiry.person.name}")
    if inquiry.others:
        click.echo(
            f"Client {inquiry.client} also writes from {', '.join(inquiry.others)}; not included"
            f" (--client {inquiry.client} takes all)."
        )


def _print_erased(erased: "Erased") -> None:
    _print_counts(erased.counts, "Erased")
    click.echo(f"{erased.withdrawn} mails that waited were withdrawn; {erased.copies} removed on the mail server.")
    click.echo(_CLEAN[erased.clean])
    _print_advice(erased.advice)


def _print_counts(counts: dict[str, int], title: str) -> None:
    click.echo(f"{title}:")
    for table, count in counts.items():
        click.echo(f"{count:6} {_NAMES[table]}")


def _print_advice(advice: tuple[str, ...]) -> None:
    click.echo("Not reached:")
    for line in advice:
        click.echo(f"  - {line}")
