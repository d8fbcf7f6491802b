"""Loading the desk for a command: problems are printed and end the command with 1."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from triagebot.app.snapshot import Snapshot, load_snapshot
from triagebot.edge.store import Store, open_store, open_store_to_read


def load_or_exit(config: Path, now: datetime | None = None) -> Snapshot:
    """Given config.toml, return its snapshot; print every error and exit with 1 when there is one."""
    loaded = load_snapshot(config, now or datetime.now(UTC))
    if loaded.snapshot is None:
        for problem in loaded.errors:
            click.echo(str(problem), err=True)
        sys.exit(1)
    return loaded.snapshot


def read_store(snapshot: Snapshot) -> Store:
    """Given a snapshot, open its database for reading."""
    return open_store_to_read(snapshot.data / "triagebot.db")


def write_store(snapshot: Snapshot) -> Store:
    """Given a snapshot, open its database for writing."""
    return open_store(snapshot.data / "triagebot.db")
