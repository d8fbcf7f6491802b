"""Reading what stands in a mail, in a limited child process.

The daemon and `explain` hold a Reader; it hands raw bytes to the child and gets a Content.
The child is this module's main(). What it answers is data from an untrusted place: it
is taken apart field by field, and anything odd counts as a crash. The libraries that
read mail are imported in the child only.
"""

import json
import math
import sys
import threading
from typing import TYPE_CHECKING, Any

from triagebot.core.mail import Bounce, Content
from triagebot.edge.sandbox import Sandbox, SandboxFailedError, serve

if TYPE_CHECKING:
    # not needed at run time, and the child is to stay small
    from collections.abc import Callable

    from triagebot.core.desk import Limits

_MAILS_EACH = 5000


def _nothing() -> None:
    """What is done meanwhile when nobody asks for anything."""


class Reader:
    """The parent's side: one mail at a time, whichever thread asks."""

    def __init__(self, limits: "Limits") -> None:
        """Given the desk's limits, remember them; the child starts with start() or the first mail."""
        self._limits = limits
        self._lock = threading.Lock()
        arguments = {
            "depth": limits.mime_depth,
            "parts": limits.mime_parts,
            "memory": limits.parse_memory,
            "cpu": max(1, math.ceil(limits.parse_cpu.total_seconds())),
        }
        wall = limits.parse_wall.total_seconds()
        self._sandbox = Sandbox("triagebot.app.intake.reader", [json.dumps(arguments)], wall, _MAILS_EACH)

    def has_limits(self, limits: "Limits") -> bool:
        """Given limits, return whether this reader has the same."""
        return self._limits == limits

    def start(self) -> None:
        """Start the child without waiting for it, so that it loads while the caller does other things."""
        with self._lock:
            self._sandbox.start()

    @property
    def process_id(self) -> int | None:
        """The child's process id, for those who watch its memory; None while there is no child."""
        return self._sandbox.process_id

    def read(self, raw: bytes, meanwhile: "Callable[[], None]" = _nothing) -> Content:
        """Given a mail, return its content; one that cannot be read gives a Content with `problem` set.

        `meanwhile` is called while the child reads.

        Raise SandboxUnavailableError if no child can be started: then no mail is at fault.
        """
        if len(raw) > self._limits.mail_bytes:
            return Content(problem=f"This mail is larger than {self._limits.mail_bytes // 2**20} MiB.")
        with self._lock:
            try:
                return self._read_once(raw, meanwhile)
            except SandboxFailedError as failure:
                if failure.kind != "crash":
                    return Content(problem=f"Reading this mail {self._said(failure)}.")
            # a child killed from outside is not the mail's fault; a mail that ends two children is
            try:
                return self._read_once(raw)
            except SandboxFailedError as failure:
                return Content(problem=f"Reading this mail failed twice: the reader {failure}.")

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._sandbox.close()

    def _read_once(self, raw: bytes, meanwhile: "Callable[[], None]" = _nothing) -> Content:
        answer = self._sandbox.exchange(raw, meanwhile)
        try:
            return _load_content(json.loads(answer))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self._sandbox.close()
            raise SandboxFailedError("crash", "gave an answer that makes no sense") from None

    def _said(self, failure: SandboxFailedError) -> str:
        if failure.kind == "cpu":
            return f"took more than {self._limits.parse_cpu.total_seconds():g} seconds of computing time"
        if failure.kind == "memory":
            return f"needed more than {self._limits.parse_memory // 2**20} MiB of memory"
        return str(failure)


def _load_content(fields: dict[str, Any]) -> Content:
    """Given the child's answer, return its Content. Raise ValueError, TypeError or KeyError if it is none."""
    return Content(
        text=_text(fields["text"]),
        new_text=_text(fields["new_text"]),
        languages=tuple((_text(code), float(probability)) for code, probability in fields["languages"]),
        types=tuple(map(_text, fields["types"])),
        report_type=_text(fields["report_type"]),
        calendar_method=_text(fields["calendar_method"]),
        attachments=tuple(map(_text, fields["attachments"])),
        bounces=tuple(Bounce(**{name: _text(value) for name, value in bounce.items()}) for bounce in fields["bounces"]),
        returned_id=_text(fields["returned_id"]),
        defects=tuple(map(_text, fields["defects"])),
        problem=_text(fields["problem"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def main() -> None:
    """The child: read mails from standard input until the parent hangs up."""
    arguments = json.loads(sys.argv[-1])
    serve(
        lambda: _load_reading(arguments["depth"], arguments["parts"]),
        memory_bytes=arguments["memory"],
        cpu_seconds=arguments["cpu"],
    )


def _load_reading(most_depth: int, most_parts: int) -> "Callable[[bytes], bytes]":
    from triagebot.app.intake.reading import make_answer  # brings the mail libraries along: in the child only

    return make_answer(most_depth, most_parts)


if __name__ == "__main__":
    main()
