"""Sign-ins on the disk: one file each, for the owner alone, replaced in one step, renewed by one process at a time."""

import fcntl
import json
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from triagebot.core.errors import SecretError, ServerError, StoreError
from triagebot.core.oauth import Signin

_VERSION = 1
_ROOM = 32 * 1024
_WAIT_SECONDS = 60.0
_TIMES = ("obtained_at", "expires_at", "signed_in_at", "ends_at", "refused_at")
SIGNINS = "oauth"
"""The folder of sign-ins in the desk's data."""
SIGNED_IN = "signed-in"
"""Touched at every sign-in by a person, never at a renewal: a daemon that waits for one looks at its time."""


class SigninFile:
    """The file of one sign-in, in the folder `directory`."""

    def __init__(self, directory: Path, client: str, account: str) -> None:
        self._directory = directory
        self.path = directory / f"{client}-{quote(account, safe='@+')}.json"
        self._draft: Path | None = None

    def read(self) -> Signin | None:
        """Return the sign-in, or None when there is none. Raise SecretError when the file must not be used."""
        try:
            with self.path.open("rb") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                    raise SecretError(f"{self.path} can be read by others; run: chmod 600 {self.path}")
                return _parse(file.read())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SecretError(f"the sign-in file {self.path} cannot be read: {error.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise SecretError(f"the sign-in file {self.path} is damaged; delete it and run: triagebot auth") from None

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep all other threads and processes from renewing this sign-in, with room on the disk for the new one.

        The room is taken first: a refresh token may be good for one use, and must not be spent when what it gives
        cannot be kept. Raise StoreError, or ServerError when another one takes too long.
        """
        draft = self.path.with_suffix(".new")
        with self._lock():
            try:
                self._take_room(draft)
                self._draft = draft
                yield
            finally:
                self._draft = None
                with suppress(OSError):
                    draft.unlink()

    def _take_room(self, draft: Path) -> None:
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(bytes(_ROOM))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(f"the sign-in file {self.path} cannot be written: {error.strerror}") from None

    def save(self, signin: Signin) -> None:
        """Given a sign-in, put it on the disk, whole or not at all; only inside `hold`. Raise StoreError."""
        if self._draft is None:
            raise StoreError(f"the sign-in file {self.path} is not held")
        try:
            with self._draft.open("r+b") as file:
                file.write(_write(signin))
                file.truncate()
                file.flush()
                os.fsync(file.fileno())
            self._draft.replace(self.path)
            folder = os.open(self._directory, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise StoreError(f"the sign-in file {self.path} cannot be written: {error.strerror}") from None

    def announce(self) -> None:
        """Let a running daemon know that somebody signed in."""
        with suppress(OSError):
            (self._directory / SIGNED_IN).touch(0o600)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"the sign-in file {self.path} cannot be written: {error.strerror}") from None
        try:
            self._take(handle)
            yield
        finally:
            os.close(handle)

    def _take(self, handle: int) -> None:
        end = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    raise ServerError(f"another triagebot takes too long to renew {self.path}") from None
                time.sleep(0.02)
            else:
                return


def _write(signin: Signin) -> bytes:
    values: dict[str, Any] = {"version": _VERSION, **asdict(signin)}
    for name in _TIMES:
        values[name] = values[name].isoformat() if values[name] is not None else None
    return json.dumps(values, indent=1).encode()


def _parse(raw: bytes) -> Signin:
    values = json.loads(raw)
    if not isinstance(values, dict) or values.pop("version") != _VERSION:
        raise ValueError("another version wrote it")
    for name in _TIMES:
        values[name] = _read_time(values[name])
    signin = Signin(**values)
    texts = (signin.access_token, signin.refresh_token, signin.refusal)
    times = (signin.obtained_at, signin.expires_at, signin.signed_in_at)
    if not all(isinstance(text, str) for text in texts) or None in times:
        raise TypeError("a token is no text, or a time is missing")
    return signin


def _read_time(written: str | None) -> datetime | None:
    if written is None:
        return None
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment
