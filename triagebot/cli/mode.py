"""`triagebot mode`."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from triagebot.app.desk.view import DeskView

_COLUMNS = ("of", "mode", "files say", "said", "why")


@click.command("mode")
@click.argument("words", nargs=-1, metavar="[live|draft|shadow] [TARGET]")
@click.option(
    "--back", is_flag=True, help="Take back what was said of TARGET (the desk): the desk's files count again."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def mode_command(config: Path, words: tuple[str, ...], back: bool, as_json: bool) -> None:
    """List the modes of desk, tiers and rules, or say one: TARGET is a tier or a rule; without it, the whole desk.

    shadow: answers are kept; draft: they wait in the Drafts folder; live: they are sent.
    """
    from triagebot.app.desk.modes import list_modes
    from triagebot.cli.loading import view_or_exit
    from triagebot.cli.table import print_table

    view = view_or_exit(config)
    if words or back:
        _say(config, view, words, back=back, as_json=as_json)
        return
    rows = list_modes(view)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    print_table("", _COLUMNS, [[row[name] for name in _COLUMNS] for row in rows])


def _say(config: Path, view: "DeskView", words: tuple[str, ...], *, back: bool, as_json: bool) -> None:
    from triagebot.app.desk.modeword import change_by_command
    from triagebot.core.phrase import ENGLISH

    done = change_by_command(config, view, words, datetime.now(UTC), back=back)
    if as_json:
        said = [ENGLISH.speak(one) for one in done.change.sentences]
        click.echo(json.dumps({**done.change.as_json(), "said": said}, ensure_ascii=False))
    else:
        for sentence in done.change.sentences:
            click.echo(ENGLISH.speak(sentence))
    if done.problem:
        click.echo(f"triagebot: {done.problem}", err=True)
        sys.exit(1)
