"""`triagebot digest`."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from triagebot.core.digest.content import Digest
    from triagebot.core.phrase import Voice

_WIDEST = 100
"""Longer lines are hard to read, however wide the terminal is."""


@click.command("digest")
@click.option("--send", is_flag=True, help="Put it into the outbox, to the developer, now.")
@click.option("--html", "html_file", type=click.Path(path_type=Path, dir_okay=False), help="Write it as an HTML file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def digest_command(config: Path, send: bool, html_file: Path | None, as_json: bool) -> None:
    """Show what came in during the last 24 hours and what needs you."""
    from triagebot.cli.loading import view_or_exit

    view, now = view_or_exit(config), datetime.now(UTC)
    if send:
        from triagebot.app.digest.asked import send_digest

        send_digest(view, now)
        developer = view.desk.desk.developer[0]
        click.echo(f"It is in the outbox, to {developer}; a running daemon sends it within a minute.")
        return
    from triagebot.app.digest.asked import read_digest
    from triagebot.app.digest.voice import voice_of

    digest, voice = read_digest(view, now, pictures=html_file is not None), voice_of(view)
    if html_file is not None:
        _write(html_file, digest, voice)
    elif as_json:
        from triagebot.core.digest.values import describe_digest

        click.echo(json.dumps(describe_digest(digest, voice), ensure_ascii=False))
    else:
        from triagebot.core.digest.plain import render_text

        width = min(shutil.get_terminal_size().columns, _WIDEST)
        click.echo(render_text(digest, voice, width), nl=False)


def _write(file: Path, digest: "Digest", voice: "Voice") -> None:
    """As one file that needs no other: its pictures are in it."""
    from triagebot.core.digest.page import name_by_content, render_html

    try:
        file.write_text(render_html(digest, voice, name_by_content), encoding="utf-8")
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from None
    click.echo(f"Wrote {file}")
