"""The starter desk that `init` writes: the example config, starter rules and replies."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from triagebot.core.errors import TriagebotError

_NOT_FOR_GIT = "# The database, the key and passwords stay out of git.\nvar/\n*.password\n"
_TOP = Path(__file__).resolve().parents[3]


class DeskExists(TriagebotError):
    """There is a desk already, or something else in its way."""


def write_desk(directory: Path) -> int:
    """Given a directory, write the starter desk into it and return how many files that made.

    Raise DeskExists when there is a desk, or the directory cannot be written. Nothing is ever overwritten.
    """
    with as_file(files("triagebot") / "starter") as packed:
        source = packed if packed.is_dir() else _TOP  # a checkout keeps them at its top level
        config = source / ("config.toml" if packed.is_dir() else "config.example.toml")
        try:
            return _copy(source, config, directory)
        except OSError as error:
            raise DeskExists(f"{error.filename or directory} cannot be written: {error.strerror}") from None


def _copy(source: Path, config: Path, directory: Path) -> int:
    for name in ("config.toml", "rules", "replies"):
        if (directory / name).exists():
            raise DeskExists(f"{directory} has {name} already; choose another directory")
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("rules", "replies"):
        shutil.copytree(source / name, directory / name)
    shutil.copyfile(config, directory / "config.toml")
    (directory / "clients").mkdir(exist_ok=True)
    (directory / ".gitignore").write_text(_NOT_FOR_GIT, encoding="utf-8")
    return sum(1 for path in directory.rglob("*") if path.is_file())
