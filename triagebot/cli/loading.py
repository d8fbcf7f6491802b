"""Loading the desk for a command: problems are printed and end the command with 1."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from triagebot.app.desk.view import DeskView, load_view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from triagebot.app.desk.snapshot import Snapshot
    from triagebot.core.files.problem import Problem


def load_or_exit(config: Path) -> "Snapshot":
    """Given config.toml, return the whole desk; print every error and exit with 1 when there is one."""
    from triagebot.app.desk.snapshot import load_snapshot

    loaded = load_snapshot(config, datetime.now(UTC))
    if loaded.snapshot is None:
        exit_with(loaded.errors)
    return loaded.snapshot


def view_or_exit(config: Path) -> DeskView:
    """Given config.toml, return the desk without rules and replies, so that a listing works while those are bad."""
    view, problems = load_view(config, datetime.now(UTC))
    if view is None:
        exit_with(problem for problem in problems if problem.severity == "error")
    return view


def exit_with(problems: "Iterable[Problem]") -> NoReturn:
    """Given problems, print each and exit with 1."""
    for problem in problems:
        click.echo(str(problem), err=True)
    sys.exit(1)
