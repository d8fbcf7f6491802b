"""`triagebot init` and `triagebot check`."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click


@click.command("init")
@click.argument("directory", type=click.Path(path_type=Path))
def init_command(directory: Path) -> None:
    """Write a working desk into DIRECTORY: config, starter rules and replies."""
    from triagebot.app.desk.starter import DeskExists, write_desk

    try:
        written = write_desk(directory)
    except DeskExists as error:
        click.echo(f"triagebot: {error}", err=True)
        sys.exit(2)
    click.echo(f"Wrote {written} files into {directory}.")
    click.echo(
        f"Next: edit {directory / 'config.toml'}, then run: triagebot --config {directory / 'config.toml'} check"
    )


@click.command("check")
@click.option("--online", is_flag=True, help="Also log in everywhere and look at TLS, folders and recent mail.")
@click.option("--mail", "by_mail", is_flag=True, help="And let each inbox send a mail to itself, up to a minute.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a problem.")
@click.pass_obj
def check_command(config: Path, online: bool, by_mail: bool, as_json: bool) -> None:
    """Find everything that is wrong with the desk's files. Ends with 1 when there is an error."""
    from triagebot.app.desk.check import check_desk_files
    from triagebot.core.modes import tell_words
    from triagebot.core.phrase import ENGLISH

    loaded = check_desk_files(config, datetime.now(UTC))
    for problem in loaded.problems:
        click.echo(json.dumps(asdict(problem), ensure_ascii=False) if as_json else str(problem))
    if loaded.snapshot is None:
        if not as_json:
            click.echo(f"{len(loaded.errors)} to mend.", err=True)
        sys.exit(1)
    good = True
    if online or by_mail:
        from triagebot.app.desk.online import check_servers

        for finding in check_servers(loaded.snapshot, _show_progress, by_mail=by_mail):
            good = good and finding.good
            click.echo(json.dumps(asdict(finding), ensure_ascii=False) if as_json else str(finding))
    elif not as_json:
        desk, rules = loaded.snapshot.desk, loaded.snapshot.book.rules.rules
        tests = sum(len(rule.test) for rule in rules)
        click.echo(f"Good: {len(desk.client)} clients, {len(rules)} rules with {tests} tests, mode {desk.desk.mode}.")
        for said in tell_words(loaded.snapshot.modes):
            click.echo(ENGLISH.speak(said))
    sys.exit(0 if good else 1)


def _show_progress(line: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"...   {line}", err=True)
