"""The alert command: a program of the developer's own that is given an alert, such as a messenger or a pager."""

import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Sequence

SUBJECT = "TRIAGEBOT_SUBJECT"
SECONDS = 30.0
_SAID = 200


def run_command(command: Sequence[str], subject: str, text: str, seconds: float = SECONDS) -> str:
    """Given a command, an alert's subject and text, run it without a shell: the text on its standard input, the subject
    in TRIAGEBOT_SUBJECT. Return "", or a sentence about what went wrong. Never raises.

    After so many seconds it is killed with everything it started. One text alone is taken apart at its spaces.
    """
    try:
        words = shlex.split(command[0]) if len(command) == 1 else list(command)
    except ValueError as error:
        return f"the alert command cannot be read: {error}"
    name = words[0] if words else ""
    environment = {**os.environ, SUBJECT: _on_one_line(subject)}
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                env=environment,
                start_new_session=True,
            )
        except (OSError, ValueError, IndexError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            return f"the alert command {name} cannot be run: {reason}"
        try:
            process.communicate(text.encode("utf-8", "replace"), timeout=seconds)
        except subprocess.TimeoutExpired:
            _kill_group(process)
            return f"the alert command {name} took longer than {seconds:g} seconds and was ended"
        if process.returncode == 0:
            return ""
        said.seek(0)
        words_said = _on_one_line(said.read(_SAID).decode("utf-8", "replace")).strip()
        told = f": {words_said}" if words_said else ""
        return f"the alert command {name} ended with {process.returncode}{told}"


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # its session is its own, so the group's id is its process id
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    process.wait()


def _on_one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
