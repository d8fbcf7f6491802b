"""Fault points do nothing, until one is asked for by name."""

import os
import signal
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("crash_at", "came_through"), [("", 3), ("F8", 3), ("F7", 0), ("F7:2", 1), ("F7:3", 2), ("F7:4", 3)]
)
def test_a_point_ends_the_process_when_it_is_asked_for(crash_at: str, came_through: int) -> None:
    """Unset or for another point nothing happens; else the process dies by SIGKILL at that time, and says where."""
    program = "from triagebot.edge.fault import crash_at\nfor n in range(3): crash_at('F7'); print(n, flush=True)"
    environment = {**os.environ, "TRIAGEBOT_CRASH_AT": crash_at}
    ended = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    assert len(ended.stdout.splitlines()) == came_through
    dies = came_through < 3
    assert ended.returncode == (-signal.SIGKILL if dies else 0)
    assert ended.stderr == (b"crash at F7\n" if dies else b"")
