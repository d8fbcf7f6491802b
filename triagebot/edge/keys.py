"""The desk's secret key: 32 random bytes in a file only the owner can read."""

import contextlib
import os
import secrets
import stat
from pathlib import Path

from triagebot.core.errors import StoreError

_LENGTH = 32


def load_key(path: Path) -> bytes:
    """Given the key file's path, return the key, making it first if need be. Raise StoreError.

    A key that others may read (a copy put back with the usual mode) is made the owner's alone again (safety.md F.4).
    """
    try:
        if not path.exists():
            _make_key(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)
        key = path.read_bytes()
    except OSError as error:
        raise StoreError(f"the key file {path} cannot be used: {error.strerror}") from None
    if len(key) != _LENGTH:
        raise StoreError(f"the key file {path} is damaged ({len(key)} bytes); restore it from a backup")
    return key


def _make_key(path: Path) -> None:
    """Under its name the key is there whole or not at all; of two that make it at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_LENGTH))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(unfinished, path)
    finally:
        unfinished.unlink()


def read_key_or_throwaway(path: Path) -> bytes:
    """Given the key file's path, return the key, or one for this process alone when there is none yet."""
    try:
        key = path.read_bytes()
    except OSError:
        return secrets.token_bytes(_LENGTH)
    return key if len(key) == _LENGTH else secrets.token_bytes(_LENGTH)
