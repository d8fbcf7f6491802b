"""Folders and archives of files, written whole or not at all, for the owner alone (zipfile, tarfile)."""

import contextlib
import io
import os
import secrets
import shutil
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from triagebot.core.errors import TriagebotError

_MOST_BYTES = 64 * 1024**3
"""What an archive may say it holds; more is no backup of a desk."""


class ArchiveError(TriagebotError):
    """A folder or archive cannot be written, or is not one of ours."""


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Given the path of a new directory, or of a new .zip, and files by their relative names, write them there.

    Modes 0700 and 0600. Raise ArchiveError when something is there already, or it cannot be written.
    """
    with _errors(target):
        if target.exists():
            raise ArchiveError(f"{target} is there already; choose another name")
        if target.suffix == ".zip":
            with new_file(target) as unfinished, zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as packed:
                for name, content in sorted(files.items()):
                    packed.writestr(name, content)
            return
        for name, content in sorted(files.items()):
            path = target / name
            make_private(path.parent)
            path.touch(0o600)
            path.write_bytes(content)


def make_private(directory: Path) -> None:
    """Given a directory, make it and what is missing above it, mode 0700. Raise ArchiveError."""
    with _errors(directory):
        for missing in reversed([one for one in (directory, *directory.parents) if not one.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)


@contextlib.contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Given a path, the path of an unfinished file beside it, mode 0600, that takes its place in one step at the end
    and is removed when anything is raised. Raise ArchiveError."""
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with _errors(target):
            os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            yield unfinished
            with unfinished.open("rb") as written:
                os.fsync(written.fileno())
            unfinished.replace(target)
            _sync(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)


@contextlib.contextmanager
def scratch_directory(beside: Path) -> Iterator[Path]:
    """Given a path, a new directory beside it, mode 0700, that is removed in the end. Raise ArchiveError."""
    path = beside.with_name(f".{beside.name}.{secrets.token_hex(4)}")
    with _errors(path.parent):
        path.mkdir(mode=0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def pack(target: Path, files: Mapping[str, Path | bytes]) -> None:
    """Given the path of an archive and its files by their relative names, as paths or bytes, write a .tar.gz of
    regular files there, the smaller first. Raise ArchiveError."""
    with _errors(target), tarfile.open(target, "w:gz", compresslevel=6) as packed:
        for name, source in files.items():
            if isinstance(source, bytes):
                packed.addfile(_entry(name, len(source)), io.BytesIO(source))
            else:
                with source.open("rb") as content:
                    packed.addfile(_entry(name, os.fstat(content.fileno()).st_size), content)


def unpack(archive: Path, directory: Path) -> list[str]:
    """Given an archive of `pack` and an empty directory, write its files there, mode 0600, and return their names.

    Raise ArchiveError for anything but regular files inside the directory, and when it cannot be read or written.
    """
    names = []
    with _errors(archive), tarfile.open(archive, "r:gz") as packed:
        left = _MOST_BYTES
        for entry in packed:
            left -= entry.size
            content = packed.extractfile(entry) if entry.isreg() and _stays_inside(entry.name) and left > 0 else None
            if content is None:
                raise ArchiveError(f"{archive} is no backup of a desk: it holds {entry.name!r}; nothing of it is used")
            path = directory / entry.name
            make_private(path.parent)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
                while piece := content.read(1024 * 1024):
                    written.write(piece)
                written.flush()
                os.fsync(written.fileno())
            names.append(entry.name)
    return names


def read_member(archive: Path, name: str, most: int) -> bytes:
    """Given an archive and the name of its first file, return at most so many bytes of it. Raise ArchiveError."""
    with _errors(archive), tarfile.open(archive, "r:gz") as packed:
        entry = packed.next()
        content = packed.extractfile(entry) if entry is not None and entry.name == name else None
        if content is None:
            raise ArchiveError(f"{archive} is no backup of a desk: {name} is missing")
        return content.read(most)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and bool(path.parts)


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise ArchiveError(f"{path} is damaged or no backup of a desk: {error}") from None
    except OSError as error:
        raise ArchiveError(f"{error.filename or path} cannot be used: {error.strerror or error}") from None
