"""What can be answered to the digest, typed: `triagebot ticket ok`, `send`, `no`, `book` and `undo`; `mail done`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triagebot.cli.number import ROW
from triagebot.cli.ticket_typed import JSON, read_minutes
from triagebot.core.commands.command import Command
from triagebot.core.phrase import ENGLISH

if TYPE_CHECKING:
    from triagebot.core.commands.command import Verb

_REF = click.argument("ref")


def _run(config: Path, as_json: bool, verb: "Verb", ref: str, **values: Any) -> None:
    """Carry out a command, and print what it did."""
    from triagebot.app.commands.typed import carry_out_typed
    from triagebot.cli.loading import load_or_exit

    command = Command(f"{ref} {verb}".strip(), verb, ref, **values)
    done = carry_out_typed(load_or_exit(config), command, datetime.now(UTC))
    said = [ENGLISH.speak(sentence) for sentence in done.sentences]
    if as_json:
        found = {"ref": done.ref, "sentences": said, "changed": done.changed, "touched": done.refs_touched}
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        click.echo("\n".join(said))


@click.command("ok")
@_REF
@JSON
@click.pass_obj
def ok_command(config: Path, ref: str, as_json: bool) -> None:
    """Yes to what waits: REF is a ticket (12), a received mail (m40) or a mail of yours (o7)."""
    _run(config, as_json, "ok", ref)


@click.command("no")
@_REF
@JSON
@click.pass_obj
def no_command(config: Path, ref: str, as_json: bool) -> None:
    """No to what waits: the mail is not sent, the minutes are not booked; an automatic answer was wrong."""
    _run(config, as_json, "no", ref)


@click.command("send")
@_REF
@click.argument("text")
@JSON
@click.pass_obj
def send_command(config: Path, ref: str, text: str, as_json: bool) -> None:
    """Send TEXT in place of the mail that waits, or as an answer where none does."""
    _run(config, as_json, "send", ref, text=text)


@click.command("book")
@_REF
@click.argument("length")
@click.argument("note", default="")
@JSON
@click.pass_obj
def book_command(config: Path, ref: str, length: str, note: str, as_json: bool) -> None:
    """Book LENGTH (45, 3h, 1h30) of work on a ticket, with a NOTE for statement and invoice."""
    _run(config, as_json, "book", ref, minutes=read_minutes(length), text=note)


@click.command("undo")
@click.argument("ref", default="")
@JSON
@click.pass_obj
def undo_command(config: Path, ref: str, as_json: bool) -> None:
    """Take back the last command about REF, or the last one of all; a mail until it leaves."""
    _run(config, as_json, "undo", ref)


@click.group("mail")
def mail_command() -> None:
    """Work with one received mail that has no ticket."""


@mail_command.command("done")
@click.argument("number", type=ROW)
@JSON
@click.pass_obj
def mail_done_command(config: Path, number: int, as_json: bool) -> None:
    """A mail that was held, or could not be read, is dealt with: the digest shows it no more."""
    _run(config, as_json, "done", f"m{number}")


ANSWERS = (ok_command, send_command, no_command, book_command, undo_command)
