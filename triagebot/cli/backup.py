"""`triagebot backup` and `triagebot restore`."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from triagebot.app.safety.backup import Backup


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--check", "only_check", is_flag=True, help="Look through a backup that is there; nothing is written.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def backup_command(config: Path, file: Path, only_check: bool, as_json: bool) -> None:
    """Write database, key and files of the desk into FILE (.tar.gz), also while the daemon runs."""
    from triagebot.app.safety.backup import back_up, check_backup
    from triagebot.cli.loading import view_or_exit

    found = check_backup(file) if only_check else back_up(view_or_exit(config), config, file, datetime.now(UTC))
    if as_json:
        click.echo(json.dumps({**asdict(found), "made_at": found.made_at.isoformat()}, ensure_ascii=False))
    else:
        _print_backup(found, file)


def _print_backup(found: "Backup", file: Path) -> None:
    click.echo(
        f"Good: {file} holds {found.desk} as of {found.made_at:%Y-%m-%d %H:%M:%S} UTC:"
        f" {found.mails} mails, {found.files} files, {found.size} bytes; all of it was looked through."
    )
    for line in found.left_out:
        click.echo(f"Not in it: {line}")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def restore_command(file: Path, directory: Path, as_json: bool) -> None:
    """Make the desk of the backup FILE anew in DIRECTORY. Nobody is answered twice."""
    from triagebot.app.safety.restore import restore

    done = restore(file, directory, datetime.now(UTC))
    if as_json:
        said = {**asdict(done), "config": str(done.config), "made_at": done.made_at.isoformat()}
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    click.echo(f"{directory} is the desk as of {done.made_at:%Y-%m-%d %H:%M:%S} UTC, with {done.mails} mails.")
    for line in done.left_out:
        click.echo(f"Not in the backup: {line}")
    if done.waiting:
        click.echo(f"{done.waiting} mails waited to be sent and may have been since: see `triagebot outbox` there.")
    click.echo(
        "What arrives until its first start is held for you, never answered by itself. Make sure that the old desk does"
        f" not run any more, then: triagebot --config {done.config} check --online, and run."
    )
