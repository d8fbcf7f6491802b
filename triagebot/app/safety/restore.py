"""Restoring a backup: a desk as it was, and nobody answered twice for what happened since."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from triagebot.app.safety.backup import DATABASE, Backup, unpack_backup
from triagebot.edge.archive import ArchiveError, make_private, scratch_directory
from triagebot.edge.store import open_store


@dataclass(frozen=True, slots=True)
class Restored:
    """A desk that was restored: its config, when the backup was made, its mails, how many unsent ones wait for a
    person's word, and what the backup did not hold."""

    config: Path
    made_at: datetime
    mails: int
    waiting: int
    left_out: tuple[str, ...]


def restore(archive: Path, directory: Path, now: datetime) -> Restored:
    """Given a backup and a directory that is not there or empty, make the desk there, ready for `run`.

    Mails that arrive until its first start are held for the developer: the lost desk may have answered them.
    Raise ArchiveError or StoreError; then nothing is left in the directory.
    """
    directory = directory.resolve()
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise ArchiveError(f"{directory} is not empty; name a new directory")
    make_private(directory.parent)
    with scratch_directory(directory) as scratch:
        backup = unpack_backup(archive, scratch)
        waiting = _begin_anew(scratch / "data" / DATABASE, backup, now)
        root, data = scratch / "desk", (directory / backup.data).resolve()
        if data.is_relative_to(directory):
            _put(scratch / "data", root / data.relative_to(directory))
        elif (data / DATABASE).exists():
            raise ArchiveError(f"{data} holds the database of another desk; move it away, then restore again")
        else:
            _put(scratch / "data", data)
        root.rename(directory)
    return Restored(directory / backup.config, backup.made_at, backup.mails, waiting, backup.left_out)


def _begin_anew(database: Path, backup: Backup, now: datetime) -> int:
    store = open_store(database)
    try:
        with store.transaction():
            waiting = store.restoring.begin_anew(backup.made_at, now)
        store.tidy()
        return waiting
    finally:
        store.close()


def _put(source: Path, target: Path) -> None:
    """Move database and key to where the config has them."""
    make_private(target)
    try:
        for file in sorted(source.iterdir()):
            shutil.move(file, target / file.name)
    except OSError as error:
        raise ArchiveError(f"{target} cannot be written: {error.strerror}") from None
