"""An SMTP sink in a process of its own, to judge a daemon that is killed: what it took stands in its log."""

import argparse
import base64
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers.process import HOST, ServerFailedError, start_process, stop_process, tail
from tests.servers.sink import Accepted, Sink

_ROOT = Path(__file__).parents[2]


class SinkProcess:
    """A Sink in another process; what it took stands in `log` as a line of JSON before it says 250."""

    def __init__(self, log: Path, *, answers: Mapping[str, Sequence[str]] | None = None) -> None:
        self.host = HOST
        self.port = 0
        self.log = log
        self._errors = log.with_suffix(".err")
        self._answers = {recipient: list(replies) for recipient, replies in (answers or {}).items()}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        module = [sys.executable, "-m", "tests.servers.sink_process", "--log", str(self.log)]
        self._process = start_process([*module, "--answers", json.dumps(self._answers)], self._errors, _ROOT)
        self._wait(lambda: bool(self._read("port")), 10, "port")
        self.port = int(self._read("port")[0])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            stop_process(self._process, self._errors)

    @property
    def mails(self) -> list[Accepted]:
        """Everything taken so far."""
        return [
            Accepted(mail["sender"], tuple(mail["recipients"]), base64.b64decode(mail["raw"]), mail["at"])
            for mail in self._read("mail")
        ]

    @property
    def commands(self) -> list[str]:
        """Every line clients sent so far, mails apart."""
        return [str(line) for line in self._read("command")]

    def wait_for(self, number: int, seconds: float = 10) -> list[Accepted]:
        """Given a number, return all mails once that many were taken. Raise ServerFailedError."""
        self._wait(lambda: len(self.mails) >= number, seconds, f"{number} mails")
        return self.mails

    def _read(self, kind: str) -> list[Any]:
        if not self.log.exists():
            return []
        complete = self.log.read_bytes().rpartition(b"\n")[0].splitlines()
        return [entry[kind] for entry in map(json.loads, complete) if kind in entry]

    def _wait(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise ServerFailedError(f"SinkProcess: no {what} within {seconds} s\n{tail(self._errors)}")
            time.sleep(0.01)


class _JournalSink(Sink):
    """The Sink inside a SinkProcess: it remembers in a file instead of a list."""

    def __init__(self, log: Path, answers: Mapping[str, Sequence[str]]) -> None:
        super().__init__(answers=answers)
        self._log = log.open("a", encoding="utf-8")

    def remember(self, mail: Accepted) -> None:
        raw = base64.b64encode(mail.raw).decode()
        self.write({"mail": {"sender": mail.sender, "recipients": mail.recipients, "raw": raw, "at": mail.at}})

    def remember_command(self, line: str) -> None:
        self.write({"command": line})

    def write(self, entry: dict[str, Any]) -> None:
        """Given an object, put it into the log as one line, so that a kill cannot tear it apart."""
        self._log.write(json.dumps(entry) + "\n")
        self._log.flush()


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--answers", type=json.loads, default={})
    options = parser.parse_args()
    with _JournalSink(options.log, options.answers) as sink:
        sink.write({"port": sink.port})
        signal.pause()


if __name__ == "__main__":
    main()
