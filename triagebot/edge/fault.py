"""Fault points: where a test makes the process end as by `kill -9`, to show that nothing is lost (safety.md G.3).

`TRIAGEBOT_CRASH_AT=F7` ends it when it first comes to F7, `F7:3` at the third time. Unset, as always outside of
tests, a point costs one comparison. The other edges may import this one: a point inside a transaction or between
two commands of a conversation cannot be reached from outside.
"""

import os
import signal
from itertools import count

_POINT, _, _TIME = os.environ.get("TRIAGEBOT_CRASH_AT", "").partition(":")
_FIRST = int(_TIME) if _TIME.isdecimal() else 1
_times = count(1)


def crash_at(point: str) -> None:
    """Given the fault point the process has come to, end it here if this is the one that is asked for.

    No handler runs and nothing is flushed; one line on standard error is the proof that it ended here.
    """
    if point == _POINT and next(_times) >= _FIRST:
        os.write(2, f"crash at {point}\n".encode())
        os.kill(os.getpid(), signal.SIGKILL)
