"""The child of the sandbox's tests: does on command what hostile input would make a parser do."""

import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from triagebot.edge.sandbox import serve

MEMORY = 400 * 1024 * 1024


def obey(frame: bytes) -> bytes:
    """Given an order, carry it out and return what came of it."""
    order = frame.partition(b" ")[0].decode("ascii", "replace")
    if order == "spin":
        while True:
            pass
    if order == "sleep":
        time.sleep(60)
    if order == "eat":
        return bytes(2 * MEMORY)[:1]
    if order == "die":
        os.abort()
    if order == "print":
        print("noise on standard output", flush=True)
    return _try(order) or frame


def _try(order: str) -> bytes:
    attempts: dict[str, Callable[[], object]] = {
        "connect": lambda: socket.socket().connect(("127.0.0.1", 9)),
        "open": lambda: Path("/etc/passwd").read_bytes(),
        "codec": lambda: b"x".decode("cp037").encode(),
        "environment": lambda: sorted(os.environ),
    }
    if order not in attempts:
        return b""
    try:
        return str(attempts[order]()).encode()
    except (OSError, LookupError) as error:
        return type(error).__name__.encode()


def main() -> None:
    """Serve, or fail to start as the argument says."""
    if sys.argv[-1] == "exit":
        return
    if sys.argv[-1] == "missing":
        serve(_missing, MEMORY, 1)
        return
    serve(lambda: obey, MEMORY, 1)


def _missing() -> Callable[[bytes], bytes]:
    raise ImportError("The library is not installed.")
