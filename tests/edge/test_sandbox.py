"""The limited child: what it may not do, and that the next frame is served after anything."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from triagebot.edge.sandbox import Sandbox, SandboxFailedError, SandboxUnavailableError

CHILD = "tests.edge.sandbox_child"


def make_sandbox(argument: str = "", wall_seconds: float = 5.0, frames_each: int = 1000) -> Sandbox:
    return Sandbox(CHILD, [argument], wall_seconds, frames_each)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for the tests that leave it usable, which all must."""
    child = make_sandbox()
    yield child
    child.close()


def failure_of(sandbox: Sandbox, order: bytes) -> str:
    """Given an order that gets no answer, return the kind of failure, having seen the next frame served."""
    with pytest.raises(SandboxFailedError) as caught:
        sandbox.exchange(order)
    assert sandbox.exchange(b"still there?") == b"still there?"
    return caught.value.kind


def test_frames_of_any_size_come_back(sandbox: Sandbox) -> None:
    """An empty frame and one larger than any pipe's buffer pass unchanged."""
    for frame in (b"", b"x", os.urandom(3_000_000)):
        assert sandbox.exchange(frame) == frame


def test_computing_time_is_limited_and_renewed(sandbox: Sandbox) -> None:
    """A frame that computes for ever ends by the CPU limit, which starts anew with each frame."""
    assert failure_of(sandbox, b"spin") == "cpu"
    assert failure_of(sandbox, b"spin") == "cpu"


def test_memory_is_limited(sandbox: Sandbox) -> None:
    """A frame that needs more memory than allowed ends as such."""
    assert failure_of(sandbox, b"eat") == "memory"


def test_a_crash_is_contained(sandbox: Sandbox) -> None:
    """A child that aborts costs one frame only."""
    assert failure_of(sandbox, b"die") == "crash"


def test_waiting_is_limited() -> None:
    """A child that neither answers nor computes is killed at the wall limit."""
    sandbox = make_sandbox(wall_seconds=0.5)
    began = time.monotonic()
    assert failure_of(sandbox, b"sleep") == "wall"
    assert time.monotonic() - began < 5
    sandbox.close()


@pytest.mark.parametrize("order", [b"connect", b"open"])
def test_no_network_and_no_file(sandbox: Sandbox, order: bytes) -> None:
    """The child can open neither a connection nor a file."""
    assert sandbox.exchange(order) == b"OSError"


def test_a_codec_that_is_not_loaded_is_unknown(sandbox: Sandbox) -> None:
    """A charset whose codec cannot be loaded any more looks unknown, as parsers expect."""
    assert sandbox.exchange(b"codec") == b"LookupError"


def test_prints_do_not_disturb(sandbox: Sandbox) -> None:
    """What a library prints does not get between the frames."""
    assert sandbox.exchange(b"print me") == b"print me"


def test_the_child_gets_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent's passwords are not in the child's environment."""
    monkeypatch.setenv("TRIAGEBOT_IMAP_PASSWORD", "hunter2")
    sandbox = make_sandbox()
    assert b"TRIAGEBOT" not in sandbox.exchange(b"environment")
    sandbox.close()


def test_a_child_serves_its_number_of_frames() -> None:
    """After so many frames a new child takes over."""
    sandbox = make_sandbox(frames_each=2)
    seen = []
    for _ in range(4):
        sandbox.exchange(b"x")
        seen.append(sandbox.process_id)
    sandbox.close()
    assert len(set(seen)) == 3


def test_a_large_frame_is_its_childs_last(sandbox: Sandbox) -> None:
    """What a large frame needed of memory is given back by a new child."""
    sandbox.exchange(b"x")
    before = sandbox.process_id
    sandbox.exchange(bytes(3_000_000))
    assert sandbox.process_id != before


def test_a_child_killed_while_idle_is_replaced() -> None:
    """A child that somebody killed between two frames is not noticed by the next one."""
    sandbox = make_sandbox()
    sandbox.exchange(b"x")
    assert sandbox.process_id is not None
    os.kill(sandbox.process_id, signal.SIGKILL)
    os.waitid(os.P_PID, sandbox.process_id, os.WEXITED | os.WNOWAIT)
    assert sandbox.exchange(b"y") == b"y"
    sandbox.close()


def test_a_child_that_cannot_start_is_no_frames_fault() -> None:
    """A broken installation is told apart from bad input, with the reason."""
    with pytest.raises(SandboxUnavailableError, match="library is not installed"):
        make_sandbox("missing").exchange(b"x")
    with pytest.raises(SandboxUnavailableError, match="to see why, run"):
        make_sandbox("exit").exchange(b"x")


def test_closing_ends_the_child() -> None:
    """After close there is no child, and closing again does no harm."""
    sandbox = make_sandbox()
    sandbox.exchange(b"x")
    child = sandbox.process_id
    sandbox.close()
    sandbox.close()
    assert sandbox.process_id is None
    assert child is not None
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
