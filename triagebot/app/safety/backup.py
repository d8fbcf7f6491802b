"""Backups: database, key and files of the desk in one archive, made beside the daemon and looked through."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from triagebot import __version__
from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Secret
from triagebot.edge.absences import ABSENCES
from triagebot.edge.archive import ArchiveError, new_file, pack, read_member, scratch_directory, unpack
from triagebot.edge.keys import load_key
from triagebot.edge.modes import MODES
from triagebot.edge.store.upkeep.copies import check_copy, copy_database

MANIFEST = "manifest.json"
DATABASE = "triagebot.db"
_MANIFEST_BYTES = 16 * 1024 * 1024
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Backup:
    """A good backup: of which desk, when it was made, how many files and mails it holds and its size in bytes.

    `config` and `data` are where config and database belong in the desk; `left_out` says what is not in it.
    """

    desk: str
    made_at: datetime
    config: str
    data: str
    files: int
    mails: int
    size: int
    left_out: tuple[str, ...]


def back_up(view: DeskView, config: Path, target: Path, now: datetime) -> Backup:
    """Given a desk, its config and a file, write a backup there; it takes its place only when it was found good.

    Raise StoreError, or ArchiveError, also when something is there that is no backup.
    """
    if target.exists():
        _read_manifest(target)
    files, left_out = _desk_files(view, config)
    with scratch_directory(target) as scratch:
        copy = scratch / DATABASE
        copy.touch(0o600)
        copy_database(view.data / DATABASE, copy)
        files |= {"data/key": load_key(view.data / "key"), f"data/{DATABASE}": copy}
        said = (view.data / name for name in (ABSENCES, MODES))
        files |= {f"data/{file.name}": file for file in said if file.is_file()}
        manifest = {
            "format": _FORMAT,
            "desk": view.desk.desk.name,
            "made_at": now.astimezone(UTC).isoformat(timespec="seconds"),
            "version": __version__,
            "config": config.name,
            "data": view.desk.desk.data,
            "left_out": left_out,
            "files": {name: _digest(source) for name, source in files.items()},
        }
        with new_file(target) as unfinished:
            pack(unfinished, {MANIFEST: json.dumps(manifest, ensure_ascii=False, indent=1).encode(), **files})
            return check_backup(unfinished)


def check_backup(archive: Path) -> Backup:
    """Given an archive, unpack it aside, compare every file and the whole database, and return what it is.

    Raise ArchiveError or StoreError when anything is wrong with it.
    """
    with scratch_directory(archive) as scratch:
        return unpack_backup(archive, scratch)


def unpack_backup(archive: Path, directory: Path) -> Backup:
    """As `check_backup`, and leave the files in an empty directory."""
    manifest = _read_manifest(archive)
    names = unpack(archive, directory)
    expected: dict[str, str] = manifest["files"]
    if sorted(names) != sorted((MANIFEST, *expected)):
        raise ArchiveError(f"{archive} is damaged: it does not hold the files it lists")
    for name, digest in expected.items():
        if _digest(directory / name) != digest:
            raise ArchiveError(f"{archive} is damaged: {name} is not what was packed")
    return Backup(
        desk=manifest["desk"],
        made_at=datetime.fromisoformat(manifest["made_at"]),
        config=manifest["config"],
        data=manifest["data"],
        files=len(expected),
        mails=check_copy(directory / "data" / DATABASE),
        size=archive.stat().st_size,
        left_out=tuple(manifest["left_out"]),
    )


def _read_manifest(archive: Path) -> dict[str, Any]:
    raw = read_member(archive, MANIFEST, _MANIFEST_BYTES)
    try:
        manifest: dict[str, Any] = json.loads(raw)
        known = manifest["format"] == _FORMAT
    except (ValueError, KeyError, TypeError):
        raise ArchiveError(f"{archive} is no backup of a desk: its {MANIFEST} cannot be read") from None
    if not known:
        raise ArchiveError(f"{archive} was made by another version of triagebot ({manifest.get('version')}); use that")
    return manifest


def _desk_files(view: DeskView, config: Path) -> tuple[dict[str, Path | bytes], list[str]]:
    """The files of a desk under their names in an archive, and sentences on what is left out: all that is secret."""
    desk, root = view.desk.desk, view.directory
    secrets = tuple(_secrets(view.desk))
    named = {(root / secret.file).resolve() for secret in secrets if secret.file}
    found: set[Path] = {root / config.name}
    for glob in desk.include:
        found.update(root.glob(glob))
    found.update((root / desk.rules).glob("*.toml"), (root / desk.replies).glob("*/*.md"))
    found.update(root / server.ca for inbox in view.desk.inbox for server in (inbox.imap, inbox.smtp) if server.ca)
    files: dict[str, Path | bytes] = {}
    left_out = ["passwords and sign-ins: give them anew"]
    for path in sorted(found):
        if path.resolve() in named or not path.is_file():
            continue
        if not path.resolve().is_relative_to(root):
            left_out.append(f"{path}: outside of the desk's directory")
            continue
        files[f"desk/{path.relative_to(root).as_posix()}"] = _without(secrets, path.read_bytes())
    return files, left_out


def _without(secrets: Iterable[Secret], content: bytes) -> bytes:
    """A literal password, which only a server on this machine may have, is cut out."""
    for literal in {secret.literal.encode() for secret in secrets if secret.literal}:
        for quote in (b'"', b"'"):
            content = content.replace(quote + literal + quote, quote * 2)
    return content


def _secrets(value: object) -> Iterator[Secret]:
    """Every secret in a config, wherever it stands."""
    if isinstance(value, Secret):
        yield value
    elif is_dataclass(value):
        for item in fields(value):
            yield from _secrets(getattr(value, item.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _secrets(item)
    elif isinstance(value, Mapping):
        yield from _secrets(tuple(value.values()))


def _digest(source: Path | bytes) -> str:
    if isinstance(source, bytes):
        return sha256(source).hexdigest()
    digest = sha256()
    with source.open("rb") as content:
        while piece := content.read(1024 * 1024):
            digest.update(piece)
    return digest.hexdigest()
