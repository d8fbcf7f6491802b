"""A clock on the wall that a test sets (libfaketime); the monotonic one goes on as it does in the real world."""

from datetime import timedelta
from pathlib import Path

_PLACES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1")


def find_library() -> Path | None:
    """Return libfaketime's library, or None where it is not installed (Debian: faketime)."""
    return next((found for place in _PLACES for found in sorted(Path("/").glob(place.lstrip("/")))), None)


class WallClock:
    """Sets the time that processes with `environment` see; `file` says how far it is from the real one."""

    def __init__(self, library: Path, file: Path) -> None:
        self._file = file
        self.set(timedelta(0))
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, ahead: timedelta) -> None:
        """Given how far the clock is to be ahead of the real one (behind, if negative), set it."""
        draft = self._file.with_suffix(".new")
        draft.write_text(f"{round(ahead.total_seconds()):+d}", "ascii")
        draft.replace(self._file)
