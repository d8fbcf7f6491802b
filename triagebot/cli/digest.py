"""`triagebot digest`."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click


@click.command("digest")
@click.option("--send", is_flag=True, help="Put it into the outbox, to the developer, now.")
@click.option("--html", "html_file", type=click.Path(path_type=Path, dir_okay=False), help="Write it as an HTML file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def digest_command(config: Path, send: bool, html_file: Path | None, as_json: bool) -> None:
    """Show what came in during the last 24 hours and what needs you."""
    from triagebot.app.listings import read_digest, send_digest
    from triagebot.cli.loading import view_or_exit
    from triagebot.core.digest.page import render_html
    from triagebot.core.digest.plain import render_text

    view, now = view_or_exit(config), datetime.now(UTC)
    if send:
        send_digest(view, now)
        developer = view.desk.desk.developer[0]
        click.echo(f"It is in the outbox, to {developer}; a running daemon sends it within a minute.")
        return
    digest = read_digest(view, now)
    if html_file is not None:
        try:
            html_file.write_text(render_html(digest), encoding="utf-8")
        except OSError as error:
            raise click.FileError(str(html_file), error.strerror) from None
        click.echo(f"Wrote {html_file}")
    elif as_json:
        click.echo(json.dumps(asdict(digest), ensure_ascii=False))
    else:
        click.echo(render_text(digest), nl=False)
