"""The alert command is run without a shell, given everything, ended in time, and never raises."""

import os
import sys
import time
from pathlib import Path

import pytest

from triagebot.edge.notify import run_command

KEEP = "import os, sys; open(sys.argv[1], 'w').write(os.environ['TRIAGEBOT_SUBJECT'] + '\\n' + sys.stdin.read())"


def test_subject_and_text_arrive(tmp_path: Path) -> None:
    """The text comes on standard input, the subject in the environment, on one line whatever stands in it."""
    file = tmp_path / "told"
    said = run_command((sys.executable, "-c", KEEP, str(file)), "Żółw\nis\x00 down\u202e", "line one\nпривет\n")
    assert said == ""
    assert file.read_text("utf-8") == "Żółw is  down \nline one\nпривет\n"


def test_no_shell_reads_the_words(tmp_path: Path) -> None:
    """One text alone is taken apart at its spaces; what a shell would do with its signs does not happen."""
    file = tmp_path / "words"
    keep = "import sys; open(sys.argv[1], 'w').write('|'.join(sys.argv[2:]))"
    assert run_command((f'{sys.executable} -c "{keep}" {file} $HOME; > * "a b" $(id)',), "s", "t") == ""
    assert file.read_text("utf-8") == "$HOME;|>|*|a b|$(id)"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("/nowhere/pager",), "the alert command /nowhere/pager cannot be run: No such file or directory"),
        (("/",), "the alert command / cannot be run: Permission denied"),
        (("pager 'open",), "the alert command cannot be read: No closing quotation"),
        (("",), "the alert command  cannot be run"),
        ((sys.executable, "-c", "import sys; sys.exit('no\\nsignal')"), "ended with 1: no signal"),
    ],
)
def test_what_goes_wrong_is_a_sentence(command: tuple[str, ...], told: str) -> None:
    """Not there, not allowed, not to be read, ended badly: one line each."""
    said = run_command(command, "s", "t")
    assert told in said
    assert "\n" not in said


def test_a_command_that_reads_nothing_is_fine() -> None:
    """A text longer than a pipe holds, to a program that does not look at it."""
    assert run_command((sys.executable, "-c", "pass"), "s", "x" * 1_000_000) == ""


def test_a_command_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    """After its time the whole group is killed, also a child that keeps standard output open."""
    file = tmp_path / "pid"
    child = "import subprocess, sys; print(p := subprocess.Popen(['sleep', '600'])); "
    child += f"open({str(file)!r}, 'w').write(str(p.pid)); sys.stdout.flush(); p.wait()"
    said = run_command((sys.executable, "-c", child), "s", "t", seconds=3)
    assert "took longer than 3 seconds and was ended" in said
    pid = int(file.read_text())
    deadline = time.monotonic() + 10
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _lives(pid)


def _lives(pid: int) -> bool:
    """Whether a process is there and not only waiting to be counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_environment_stays() -> None:
    """The program finds what it needs, and nothing is left behind in ours."""
    code = "import os, sys; sys.exit(os.environ.get('PATH', '') != sys.stdin.read())"
    assert run_command((sys.executable, "-c", code), "s", os.environ["PATH"]) == ""
    assert "TRIAGEBOT_SUBJECT" not in os.environ
