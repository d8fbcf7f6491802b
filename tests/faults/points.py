"""The fault points and server faults of safety.md G.3, and what each can be for which kind of mail."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["automatic", "approved", "digest"]
KINDS: tuple[Kind, ...] = ("automatic", "approved", "digest")

POINTS = {
    "F1": "after FETCH",
    "F2": "inside T1, the outbox row without its bytes",
    "F3": "after T1",
    "F4": "after T2, the row claimed",
    "F5": "after RCPT",
    "F6": "in the middle of DATA",
    "F7": "after T2b, nothing of the mail written",
    "F8": "taken by the server, its 250 not yet said",
    "F9": "after the 250, before T3",
    "F10": "after T3, before the mark on the server",
    "F11": "approval set, not committed",
    "F12": "inside the migration of an old database",
}
SERVER_FAULTS = {
    "drop_after_data": "connection closed instead of a 250",
    "hang_after_data": "no 250, connection closed at last",
    "half_line": "half a 250, then closed",
    "reset_after_250": "250, then RST",
}
BY_SERVER = {"F6": "middle", "F8": "accepted"}
"""Points that lie with the server: it holds the mail there, and the daemon is killed from outside."""

NOT_APPLICABLE: dict[tuple[str, Kind], str] = {
    ("F1", "digest"): "no fetched mail causes a digest",
    ("F10", "digest"): "nothing is marked on the server for a digest",
    ("F11", "automatic"): "nobody approves it",
    ("F11", "digest"): "nobody approves it; for answers to it see tests/app/commands/test_answer_crash.py",
}

_SAID_OTHERWISE: dict[tuple[str, Kind], str] = {
    ("F1", "approved"): "after FETCH, on the way to a draft",
    ("F2", "approved"): "inside T1, on the way to a draft",
    ("F3", "approved"): "after T1, the draft not filed",
    ("F10", "approved"): "before its draft is taken away",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One trial: a fault point or server fault, a kind of mail, at the how manieth time the point is met, and
    whether the provider files a copy of what it takes in Sent."""

    point: str
    kind: Kind
    time: int = 1
    filed: bool = False

    @property
    def name(self) -> str:
        """Such as "F12:3 digest"."""
        time = f":{self.time}" if self.time > 1 else ""
        return f"{self.point}{time} {self.kind}{' filed' if self.filed else ''}"

    @property
    def what(self) -> str:
        """What happens, in words."""
        words = _SAID_OTHERWISE.get((self.point, self.kind)) or POINTS.get(self.point) or SERVER_FAULTS[self.point]
        return f"{words}; Sent has a copy" if self.filed else words


def all_cases(migration_steps: int) -> list[Case]:
    """Given how many statements the migration has, return every case: each point with each kind it applies to,
    doubts also where the provider files copies in Sent, the migration broken at its first, middle and last step."""
    cases = []
    for point in (*POINTS, *SERVER_FAULTS):
        for kind in KINDS:
            if (point, kind) in NOT_APPLICABLE:
                continue
            times = sorted({1, (migration_steps + 1) // 2, migration_steps}) if point == "F12" else [1]
            cases += [Case(point, kind, time) for time in times]
            if kind != "automatic" and point in ("F8", "F9", *SERVER_FAULTS):
                cases.append(Case(point, kind, filed=True))
    return cases
