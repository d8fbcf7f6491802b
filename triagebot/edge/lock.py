"""The desk's lock: one daemon per desk."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from triagebot.core.errors import DeskBusy, StoreError

_WAIT_SECONDS = 0.25
"""`status` holds the lock for a moment to see whether a daemon runs; a daemon that starts just then waits for it."""


class DeskLock:
    """Holds an exclusive lock on a file while entered; the system frees it when the process ends, however it ends."""

    def __init__(self, path: Path, wait_seconds: float = _WAIT_SECONDS) -> None:
        self._path = path
        self._wait_seconds = wait_seconds
        self._handle = -1

    def __enter__(self) -> "DeskLock":
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"the lock file {self._path} cannot be made: {error.strerror}") from None
        deadline = time.monotonic() + self._wait_seconds
        while not self._is_taken():
            if time.monotonic() > deadline:
                os.close(self._handle)
                raise DeskBusy(f"another triagebot already runs this desk (it holds {self._path})")
            time.sleep(0.02)
        os.ftruncate(self._handle, 0)
        os.write(self._handle, f"{os.getpid()}\n".encode())
        return self

    def _is_taken(self) -> bool:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)
