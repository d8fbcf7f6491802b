"""Server processes on loopback: free ports, a start that waits for the greeting, an end by process id."""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

HOST = "127.0.0.1"
# Below the range Linux hands out to outgoing connections (ip_local_port_range, from 32768): a stopped server
# must find its ports free when it starts again.
FIRST_PORT, LAST_PORT = 20_000, 32_000

_GUARD = """"$@" & server=$!; trap 'kill $server' TERM; wait $server; wait $server"""


class ServerFailedError(RuntimeError):
    """A server did not start or stop; the text ends with the tail of its log."""


def free_ports(count: int) -> list[int]:
    """Given a number, return that many different ports of 127.0.0.1 on which nothing listens."""
    ports: list[int] = []
    while len(ports) < count:
        port = random.randint(FIRST_PORT, LAST_PORT)
        if port not in ports and is_free(port):
            ports.append(port)
    return ports


def is_free(port: int) -> bool:
    """Given a port, return whether a server could listen on it now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


@contextmanager
def short_directory(name: str) -> Iterator[Path]:
    """Given a name, yield a fresh directory that other users may enter, and remove it at the end.

    Its path is short, because the path of a Unix socket has 107 characters at most (unix(7)).
    """
    base = tempfile.gettempdir()
    directory = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=base if len(base) < 40 else "/tmp"))  # noqa: S108
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def start_process(arguments: Sequence[str | Path], log: Path, directory: Path | None = None) -> subprocess.Popen[bytes]:
    """Given a command line, start it in `directory` with its output in `log`, and return the process.

    It ends when this process dies, even by SIGKILL: the kernel tells a shell that waits for the server (one that
    changes its user, like Postfix, would not be told itself). The kernel looks at the starting thread, so call
    this from the main thread (prctl(2), PR_SET_PDEATHSIG).
    """
    setpriv = shutil.which("setpriv")
    prefix = [setpriv, "--pdeathsig", "TERM", "sh", "-c", _GUARD, "guard"] if setpriv else []
    with log.open("ab") as output:
        return subprocess.Popen(
            [*prefix, *arguments],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def stop_process(process: subprocess.Popen[bytes], log: Path, seconds: float = 10) -> None:
    """Given a server of `start_process`, end its group. Raise ServerFailedError if it had to be killed.

    The whole group is told at once: Dovecot's master alone takes a second to end its children.
    """
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise ServerFailedError(f"{process.args!r} did not stop within {seconds} s\n{tail(log)}") from None


def wait_for_greeting(
    port: int, greeting: bytes, process: subprocess.Popen[bytes], log: Path, seconds: float = 10
) -> None:
    """Given a port and how a greeting starts, return as soon as it is said. Raise ServerFailedError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerFailedError(f"{process.args!r} ended with status {process.returncode}\n{tail(log)}")
        try:
            with socket.create_connection((HOST, port), timeout=1) as connection:
                if connection.recv(512).startswith(greeting):
                    return
        except OSError:
            pass  # not listening yet, or the greeting is late
        time.sleep(0.01)
    raise ServerFailedError(f"nobody greets with {greeting!r} on port {port} after {seconds} s\n{tail(log)}")


def tail(log: Path, lines: int = 20) -> str:
    """Given a log file, return its last lines, or a sentence that there are none."""
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:]) or f"({log} is empty)"
