"""`triagebot explain`."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from triagebot.cli.number import is_row

if TYPE_CHECKING:
    from triagebot.app.intake.reader import Reader


@click.command("explain")
@click.argument("mails", metavar="FILE…|-|ID", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a mail.")
@click.option("--raw", is_flag=True, help="Print the bytes that were kept of one mail that could not be read.")
@click.option("--at", "at", default="", help="Judge as if it were this moment (ISO 8601; else in the desk's zone).")
@click.pass_obj
def explain_command(config: Path, mails: tuple[str, ...], as_json: bool, raw: bool, at: str) -> None:
    """Tell what would happen to each mail if it arrived now, and why. Touches nothing.

    A mail is a file, "-" for standard input, or the number of a mail the desk has handled.
    """
    if raw:
        _print_raw(config, mails)
        return
    from triagebot.app.intake.reader import Reader
    from triagebot.core.desk import Limits

    for name in mails:
        if name != "-" and not is_row(name) and not Path(name).is_file():
            raise click.BadParameter(f"there is no file {name!r}")
    reader = Reader(Limits())
    reader.start()  # it loads while everything else does
    with closing(reader):
        _explain(config, mails, at, reader, as_json=as_json)


def _print_raw(config: Path, mails: tuple[str, ...]) -> None:
    from triagebot.app.explain import read_kept
    from triagebot.cli.loading import view_or_exit

    if len(mails) != 1 or not is_row(mails[0]):
        raise click.BadParameter("give the number of one mail", param_hint="--raw")
    sys.stdout.buffer.write(read_kept(view_or_exit(config), int(mails[0])))


def _explain(config: Path, mails: tuple[str, ...], at: str, reader: "Reader", *, as_json: bool) -> None:
    from triagebot.app.explain import explain_all
    from triagebot.cli.loading import load_or_exit

    snapshot = load_or_exit(config)
    moment = _moment(at, ZoneInfo(snapshot.desk.desk.timezone))
    objects = explain_all(snapshot, list(_read(mails)), moment, reader)
    for number, explained in enumerate(objects):
        if as_json:
            sys.stdout.write(json.dumps(explained, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        else:
            _print(explained, first=number == 0)


def _read(names: tuple[str, ...]) -> Iterator[bytes | int]:
    for name in names:
        if name == "-":
            yield sys.stdin.buffer.read()
        elif is_row(name) and not Path(name).is_file():
            yield int(name)
        else:
            yield _read_file(name)


def _read_file(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise click.FileError(name, error.strerror) from None


def _moment(text: str, zone: ZoneInfo) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no ISO 8601 moment such as 2026-11-24T10:00", param_hint="--at"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _print(explained: dict[str, Any], *, first: bool) -> None:
    if not first:
        click.echo("")
    sender, guard, reply, ticket = (explained[key] for key in ("sender", "guard", "reply", "ticket"))
    click.echo(f"{explained['subject'] or '(no subject)'}  from {explained['from']}")
    client = sender["client"] or (f"claims to be {sender['claims']}" if sender["claims"] else "unknown")
    click.echo(f"  sender  {sender['address']}  {sender['auth']}, {client}, {sender['tier']}")
    click.echo(f"  guard   {guard['verdict']}  {' '.join(guard['codes'])}")
    click.echo(f"  rules   {', '.join(explained['rules']) or 'none'}  kind {explained['kind'] or '-'}")
    if ticket:
        click.echo(
            f"  ticket  {ticket['kind']}, {ticket['minutes']} min, {ticket['state']}, promise {ticket['promise']}"
        )
    for step in explained["trail"]:
        click.echo(f"  {step['step']:<24} {step['verdict']:<10} {step['why']}")
    if reply is None:
        click.echo("  reply   none")
        return
    click.echo(f"  reply   {reply['mode']} to {reply['to']} in {reply['language']}: {reply['subject']}")
    click.echo("")
    for line in reply["text"].splitlines():
        click.echo(f"    {line}")
