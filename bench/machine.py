"""What the figures were measured on, and what a process tree weighs."""

import os
import platform
import statistics
import subprocess
import time
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def describe_machine(folder: Path) -> dict[str, object]:
    """Given a folder on the disk that is measured, return what one must know to compare figures."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _read_processor(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "dovecot": _ask("dovecot", "--version"),
        "fdatasync_ms": round(measure_fdatasync(folder) * 1000, 3),
        "load": os.getloadavg()[0],
        "commit": _ask("git", "-C", str(_ROOT), "rev-parse", "--short", "HEAD") or "none",
        "changed_files": len(_ask("git", "-C", str(_ROOT), "status", "--short").splitlines()),
    }


def measure_fdatasync(folder: Path, times: int = 100) -> float:
    """Given a folder, return the median seconds of appending 4 KB and fdatasync there."""
    path = folder / "fdatasync.probe"
    seconds = []
    with path.open("wb") as file:
        for _ in range(times):
            started = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fdatasync(file.fileno())
            seconds.append(time.perf_counter() - started)
    path.unlink()
    return statistics.median(seconds)


def list_family(pid: int) -> list[int]:
    """Given a process id, return it and all its descendants."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended while we looked
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    family = [pid]
    for member in family:
        family.extend(children.get(member, ()))
    return family


def weigh_family(pid: int) -> float:
    """Given a process id, return the proportional set size of it and its descendants in MB (10^6 bytes)."""
    kilobytes = 0
    for member in list_family(pid):
        try:
            rollup = Path(f"/proc/{member}/smaps_rollup").read_text()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return kilobytes * 1024 / 1e6


def _read_processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _ask(*command: str) -> str:
    """Given a command, return what it prints, or an empty string when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
