"""A child process with little to spend, for work on input that may be hostile.

Parent and child talk in frames over the child's standard streams: four bytes of length,
then the content. The child lowers its own limits before it reads the first frame: memory,
computing time (renewed for each frame), no core dumps, no files written, and no new file
descriptor, hence no network (safety.md F.2). Waiting is the parent's to limit: it kills.
A child that ended badly is replaced at once, and so is one that has served for long.
"""

import codecs
import encodings
import gc
import math
import os
import resource
import select
import shlex
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from triagebot.core.errors import TriagebotError

_LENGTH = struct.Struct("!I")
_READY = b"ready"
_START_SECONDS = 30.0
_LARGEST_ANSWER = 8 * 1024 * 1024
_CHUNK = 1024 * 1024
# The allocator keeps much of what a large frame needed; a new child gives it back.
_LARGE_FRAME = 2 * 1024 * 1024
_OUT_OF_MEMORY = 70
_INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")
_ROOT = str(Path(__file__).resolve().parents[2])
# Whatever the working directory holds, the child imports this very package.
_BOOT = "import sys; sys.path[:0] = {{sys.argv[1]}} - set(sys.path); from {} import main; main()"


class SandboxFailedError(TriagebotError):
    """This frame got no answer, the next one meets a new child. `kind` is cpu, memory, wall or crash."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


class SandboxUnavailableError(TriagebotError):
    """No child can be started: a fault of the installation or the machine, not of the input."""


class Sandbox:
    """One limited child, started when needed and kept. Not for use by two threads at once."""

    def __init__(self, module: str, arguments: Sequence[str], wall_seconds: float, frames_each: int) -> None:
        """Given a module whose main serves frames, and its arguments, remember them; start nothing yet.

        A frame may take `wall_seconds`; a child serves `frames_each` frames.
        """
        self._command = [sys.executable, "-P", "-W", "ignore", "-c", _BOOT.format(module), _ROOT, *arguments]
        self._wall_seconds = wall_seconds
        self._frames_each = frames_each
        self._served = 0
        self._ready = False
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def process_id(self) -> int | None:
        """The child's process id, or None while there is none."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Start the child without waiting for it. Raise SandboxUnavailableError if the machine cannot."""
        if self._child is not None and self._child.poll() is None:
            return
        self._drop()
        try:
            # A session of its own: Ctrl-C in a terminal ends the parent in order, not the child in mid-frame.
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxUnavailableError(f"The limited child process cannot be started: {error}.") from error
        for stream in (self._child.stdin, self._child.stdout):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)

    def exchange(self, frame: bytes, meanwhile: Callable[[], None] = lambda: None) -> bytes:
        """Given a frame, return the child's answer; `meanwhile` is called while the child works.

        Raise SandboxFailedError or SandboxUnavailableError.
        """
        self.start()
        self._await_ready()
        deadline = time.monotonic() + self._wall_seconds
        try:
            self._write(_LENGTH.pack(len(frame)) + frame, deadline)
            self._do(meanwhile)
            answer = self._read_frame(deadline)
        except TimeoutError:
            self._replace()
            raise SandboxFailedError("wall", f"took longer than {self._wall_seconds:g} seconds") from None
        except (EOFError, OSError):
            kind, sentence = self._why_ended()
            self._replace()
            raise SandboxFailedError(kind, sentence) from None
        self._served += 1
        if self._served >= self._frames_each or len(frame) > _LARGE_FRAME:
            self._replace()
        return answer

    def _do(self, meanwhile: Callable[[], None]) -> None:
        """An answer that nobody reads would be taken for the next one's: then the child has to go."""
        try:
            meanwhile()
        except BaseException:
            self._replace()
            raise

    def close(self) -> None:
        """End the child, if there is one."""
        self._drop()

    def _replace(self) -> None:
        self._drop()
        self.start()

    def _drop(self) -> None:
        child, self._child = self._child, None
        self._served, self._ready = 0, False
        if child is not None:
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    stream.close()

    def _await_ready(self) -> None:
        if self._ready:
            return
        try:
            greeting = self._read_frame(time.monotonic() + _START_SECONDS)
        except (EOFError, OSError) as error:
            self._drop()
            raise SandboxUnavailableError(
                f"The limited child process does not start; to see why, run: {shlex.join(self._command)}"
            ) from error
        if greeting != _READY:
            self._drop()
            raise SandboxUnavailableError(greeting.decode("utf-8", "replace")[:1000])
        self._ready = True

    def _why_ended(self) -> tuple[str, str]:
        if self._child is None:
            return "crash", "ended without an answer"
        try:
            code = self._child.wait(1.0)
        except subprocess.TimeoutExpired:
            return "crash", "gave no answer"
        if code == -signal.SIGXCPU:
            return "cpu", "took too much computing time"
        if code == _OUT_OF_MEMORY:
            return "memory", "needed too much memory"
        return "crash", f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}"

    def _write(self, data: bytes, deadline: float) -> None:
        if self._child is None or self._child.stdin is None:
            raise EOFError
        stream, rest = self._child.stdin.fileno(), memoryview(data)
        while rest:
            _wait(stream, select.POLLOUT, deadline)
            rest = rest[os.write(stream, rest[:_CHUNK]) :]

    def _read_frame(self, deadline: float) -> bytes:
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, deadline))
        if length > _LARGEST_ANSWER:
            raise EOFError
        return self._read(length, deadline)

    def _read(self, length: int, deadline: float) -> bytes:
        if self._child is None or self._child.stdout is None:
            raise EOFError
        stream, data = self._child.stdout.fileno(), bytearray()
        while len(data) < length:
            _wait(stream, select.POLLIN, deadline)
            piece = os.read(stream, min(_CHUNK, length - len(data)))
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)


def _wait(stream: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(stream, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError


def _environment() -> dict[str, str]:
    """The child gets no secret of the parent's."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**kept, "PYTHONUTF8": "1"}


def serve(make: Callable[[], Callable[[bytes], bytes]], memory_bytes: int, cpu_seconds: int) -> None:
    """In the child: given what makes the handler, and the limits, answer frames until the parent hangs up."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    frames, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not disturb the frames
    try:
        handle = make()
    except (ImportError, LookupError, OSError, TriagebotError) as error:
        _send(answers, str(error).encode())
        return
    gc.collect()
    gc.freeze()  # what is loaded stays: no collection looks at it again
    _lower_limits(memory_bytes)
    _send(answers, _READY)
    while len(head := frames.read(_LENGTH.size)) == _LENGTH.size:
        frame = frames.read(_LENGTH.unpack(head)[0])
        _renew_computing_time(cpu_seconds)
        try:
            answer = handle(frame)
        except MemoryError:
            # what is left of this process is not worth trusting
            os._exit(_OUT_OF_MEMORY)
        _send(answers, answer)


def _send(stream: BinaryIO, content: bytes) -> None:
    stream.write(_LENGTH.pack(len(content)) + content)
    stream.flush()


def _find_codec(name: str) -> codecs.CodecInfo | None:
    """A codec that was not loaded in time is unknown (LookupError), not a file that cannot be opened."""
    try:
        return encodings.search_function(name)
    except OSError:
        return None


def _lower_limits(memory_bytes: int) -> None:
    """Everything is loaded by now: nothing needs to be opened, written or started any more."""
    codecs.unregister(encodings.search_function)
    codecs.register(_find_codec)
    first_free = os.dup(0)
    os.close(first_free)
    _lower(resource.RLIMIT_NOFILE, first_free)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_AS, memory_bytes)


def _lower(limit: int, value: int) -> None:
    hard = resource.getrlimit(limit)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (value, value))


def _renew_computing_time(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + seconds
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
