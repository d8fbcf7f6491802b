"""Processes of the benchmark: started and ended by their id, and what they took."""

import ctypes
import os
import resource
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_PR_SET_PDEATHSIG = 1


def start_process(
    command: list[str], *, log: Path, output: bool = False, environment: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    """Given a command and a log file, start it from the checkout; it is told to end when this process dies.

    With `output` its standard output is a pipe, else it goes to the log too.
    """
    libc = ctypes.CDLL(None)
    with log.open("a") as file:
        return subprocess.Popen(
            command,
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if output else file,
            stderr=file,
            text=True,
            env={**os.environ, **(environment or {})},
            preexec_fn=lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM),
        )


def stop_process(process: subprocess.Popen[str], seconds: float = 15) -> int:
    """Given a process we started, end it by its id and return its exit code."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
    return process.returncode


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command took: wall and processor seconds, its exit code and what it printed."""

    seconds: float
    cpu_seconds: float
    code: int
    output: str


def run_measured(command: list[str], *, log: Path, environment: dict[str, str] | None = None) -> Usage:
    """Given a command, run it to its end; processor time counts its children that it waited for, too."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    with log.open("a") as errors:
        done = subprocess.run(
            command,
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            check=False,
            env={**os.environ, **(environment or {})},
        )
    seconds = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Usage(seconds, cpu_seconds, done.returncode, done.stdout)
