"""Making a change of a ticket from the command line: what was typed is read, done in one transaction and told."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triagebot.core.phrase import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Callable

    from triagebot.app.commands.memory import Step
    from triagebot.app.desk.view import DeskView
    from triagebot.app.tickets.handling import Change, Outcome
    from triagebot.app.tickets.mails import Mailing

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def apply_change(
    config: Path,
    as_json: bool,
    change: "Change",
    number: int,
    line: str,
    find_undo: "Callable[[Outcome], list[Step]] | None" = None,
) -> None:
    """Given a change of a ticket, its number (0: one to come), the command as typed, and what takes it back where the
    ticket does not show it, make the change in one transaction, and print what it did."""
    from triagebot.app.commands.typed import change_ticket
    from triagebot.cli.loading import view_or_exit

    _print(change_ticket(view_or_exit(config), change, number, line, datetime.now(UTC), find_undo), as_json)


def apply_mailing(config: Path, as_json: bool, mailing: "Mailing", number: int, line: str) -> None:
    """Given a change that comes with a mail, the ticket's number and the command as typed, make the change in one
    transaction, and print what it did."""
    from triagebot.app.commands.typed import mail_ticket
    from triagebot.cli.loading import load_or_exit

    _print(mail_ticket(load_or_exit(config), mailing, number, line, datetime.now(UTC)), as_json)


def _print(outcome: "Outcome", as_json: bool) -> None:
    if as_json:
        said = [ENGLISH.speak(sentence) for sentence in outcome.sentences]
        click.echo(json.dumps({**asdict(outcome), "sentences": said}, ensure_ascii=False, default=str))
    else:
        click.echo("\n".join(map(ENGLISH.speak, outcome.sentences)))


def read_day(view: "DeskView", text: str, now: datetime) -> Any:
    """Given a day as typed, return it. Raise UsageError."""
    from triagebot.core.tickets.spoken import DAY_FORMS, read_day

    day = read_day(text, view.calendar.local(now).date())
    if day is None:
        raise click.UsageError(f"{text!r} is no day; write it like {DAY_FORMS}")
    return day


def read_minutes(text: str) -> int:
    """Given a length of time as typed, return its minutes. Raise UsageError."""
    from triagebot.core.tickets.spoken import LENGTH_FORMS, read_minutes

    minutes = read_minutes(text)
    if minutes is None:
        raise click.UsageError(f"{text!r} is no length of time; write it like {LENGTH_FORMS}")
    return minutes
