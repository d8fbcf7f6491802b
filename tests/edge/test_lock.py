"""One daemon per desk."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from triagebot.core.errors import DeskBusy, StoreError
from triagebot.edge.lock import DeskLock

HOLD = """
import sys
from pathlib import Path
from triagebot.edge.lock import DeskLock
with DeskLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(path: Path) -> "subprocess.Popen[str]":
    """Given a lock file, start a process that holds it until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_daemon_is_refused_and_a_later_one_is_not(tmp_path: Path) -> None:
    """The lock is held while entered, and the sentence names the file."""
    path = tmp_path / "var" / "lock"
    with DeskLock(path), pytest.raises(DeskBusy, match=f"already runs this desk.*{path}"), DeskLock(path):
        raise AssertionError("two daemons on one desk")
    with DeskLock(path):
        assert path.read_text("utf-8") == f"{os.getpid()}\n"


def test_the_lock_of_a_killed_daemon_is_free(tmp_path: Path) -> None:
    """The system frees it however the process ends: a file left behind never stops a desk."""
    path = tmp_path / "lock"
    with hold(path) as process:
        with pytest.raises(DeskBusy), DeskLock(path):
            pass
        assert path.read_text("utf-8") == f"{process.pid}\n"
        process.kill()
    with DeskLock(path):
        assert path.read_text("utf-8") == f"{os.getpid()}\n"


def test_the_lock_is_not_inherited_by_children(tmp_path: Path) -> None:
    """A worker process that outlives the daemon must not keep the desk locked."""
    path = tmp_path / "lock"
    with DeskLock(path):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    with child:
        with DeskLock(path):
            assert child.poll() is None
        child.communicate(b"\n")


def test_the_lock_file_is_private(tmp_path: Path) -> None:
    """Directory and file are for the owner alone."""
    with DeskLock(tmp_path / "var" / "lock"):
        modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("var", "var/lock")]
    assert modes == [0o700, 0o600]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file where the directory should be is a sentence, not a traceback."""
    (tmp_path / "var").touch()
    with pytest.raises(StoreError, match=r"the lock file .* cannot be made: "), DeskLock(tmp_path / "var" / "lock"):
        pass
