"""`triagebot digest`."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click


@click.command("digest")
@click.option("--send", is_flag=True, help="Put it into the outbox, to the developer, now.")
@click.option("--html", "html_file", type=click.Path(path_type=Path, dir_okay=False), help="Write it as an HTML file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def digest_command(config: Path, send: bool, html_file: Path | None, as_json: bool) -> None:
    """Show what came in during the last 24 hours and what needs you."""
    from triagebot.app.digest import gather_digest, put_digest_into_outbox
    from triagebot.cli.loading import read_store, view_or_exit, write_store
    from triagebot.core.digest import render_html, render_text
    from triagebot.edge.keys import load_key

    snapshot, now = view_or_exit(config), datetime.now(UTC)
    store = read_store(snapshot)
    digest = gather_digest(store, snapshot, now, now - timedelta(days=1))
    store.close()
    if html_file is not None:
        try:
            html_file.write_text(render_html(digest, "en"), encoding="utf-8")
        except OSError as error:
            raise click.FileError(str(html_file), error.strerror) from None
        click.echo(f"Wrote {html_file}")
    elif as_json:
        click.echo(json.dumps(asdict(digest), ensure_ascii=False))
    elif send:
        writable = write_store(snapshot)
        with writable.transaction():
            key = load_key(snapshot.data / "key")
            put_digest_into_outbox(writable, digest, snapshot, key, now, now.isoformat())
        writable.close()
        click.echo(
            f"It is in the outbox, to {snapshot.desk.desk.developer[0]}; a running daemon sends it within a minute."
        )
    else:
        click.echo(render_text(digest), nl=False)
