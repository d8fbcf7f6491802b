"""What is wrong with a desk, told from evidence, and when a person is told of it.

Evidence, not error counters: what worked last and what has waited since (field.md 14 and 16). `status` shows the
problems; the watchdog keeps an alarm for each that somebody has to hear of.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

Weight = Literal["note", "look", "trouble", "halt"]
"""`note`: worth knowing, the desk is healthy. `look`: a person has to look, and the digest says so. `trouble`: somebody
is told when it lasts. `halt`: mail does not flow besides, so that the heartbeat stops."""

UNSENT = timedelta(minutes=30)
UNDECIDED = timedelta(minutes=30)
JUMP = timedelta(minutes=2)
"""The clock is set, not merely corrected, when it moves this far against the time that has passed."""
REMEMBERED = timedelta(days=1)
"""How long status speaks of a jump of the clock."""
LITTLE_SPACE = 1024 * 1024
"""Bytes below which SQLite may not be able to write a mail and its answer."""
PING_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the desk such as "inbox support", "send support", "files": when it last worked, and what is wrong with
    it since when. `refused`: the server does not take the password, which no waiting mends."""

    name: str
    worked_at: datetime | None = None
    problem: str = ""
    since: datetime | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Canary:
    """A mail the desk sent to itself: by which inbox, when it was made, and when it was met there, or None."""

    inbox: str
    made_at: datetime
    back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything a judgement rests on, as it is at one moment."""

    parts: tuple[Part, ...] = ()
    inboxes: tuple[str, ...] = ()
    untrusting: tuple[str, ...] = ()
    running: bool = True
    oldest_unsent: datetime | None = None
    oldest_pending: datetime | None = None
    ambiguous: int = 0
    overdue: int = 0
    free_bytes: int | None = None
    place: str = ""
    canaries: tuple[Canary, ...] = ()
    jump: Part | None = None
    breaker: str = ""
    neglect: str = ""
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `id` stays the same while it lasts, `text` is a sentence for a person.

    `at_once`: waiting does not mend it. `sending`: it concerns the outbox, so the outbox must not carry the news.
    """

    id: str
    text: str
    weight: Weight = "trouble"
    at_once: bool = False
    sending: bool = False

    @property
    def is_alarming(self) -> bool:
        """Whether somebody is told when it lasts."""
        return self.weight in ("trouble", "halt")


@dataclass(frozen=True, slots=True)
class Alarm:
    """A problem as the watchdog remembers it: since when it saw it, when somebody was told, and since when it is
    gone, if it is."""

    id: str
    text: str
    since: datetime
    told_at: datetime | None = None
    gone_at: datetime | None = None
    sending: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """What one look concluded: all alarms to be kept, those of them to be told now, and those that are over."""

    alarms: tuple[Alarm, ...]
    tell: tuple[Alarm, ...]
    over: tuple[Alarm, ...]


def find_problems(
    evidence: Evidence, now: datetime, silence: timedelta, canary_within: timedelta
) -> tuple[Problem, ...]:
    """Given evidence, now and from when on an inbox is silent and a canary lost, return everything that is wrong."""
    return (
        *_judge_inboxes(evidence, now, silence),
        *_judge_other_parts(evidence),
        *_judge_mails(evidence, now),
        *_judge_canaries(evidence, now, canary_within),
        *_judge_machine(evidence, now),
    )


def _judge_inboxes(evidence: Evidence, now: datetime, silence: timedelta) -> Iterator[Problem]:
    parts = {part.name: part for part in evidence.parts}
    for inbox in evidence.inboxes:
        name = f"inbox {inbox}"
        part = parts.get(name, Part(name))
        silent = part.worked_at is None or abs(now - part.worked_at) > silence
        text = part.problem
        if silent:
            last = "never fetched yet" if part.worked_at is None else f"last fetched {say_span(now - part.worked_at)}"
            daemon = "" if evidence.running else ", and no daemon is running"
            text = f"{text} ({last}{daemon})" if text else f"{last}{daemon}"
        if text:
            yield Problem(name, f"{name}: {text}", "halt", at_once=part.refused and bool(part.problem))
        if inbox in evidence.untrusting:
            yield Problem(f"trust {inbox}", f"{name}: authserv_ids is empty, so nobody is answered", "look")


def _judge_other_parts(evidence: Evidence) -> Iterator[Problem]:
    watched = {f"inbox {inbox}" for inbox in evidence.inboxes}
    for part in evidence.parts:
        if part.problem and part.name not in watched:
            sending = part.name.startswith("send ")
            weight: Weight = "halt" if sending else "trouble"
            text = f"{part.name}: {part.problem}"
            yield Problem(part.name, text, weight, at_once=part.refused, sending=sending)


def _judge_mails(evidence: Evidence, now: datetime) -> Iterator[Problem]:
    if evidence.oldest_unsent is not None and now - evidence.oldest_unsent > UNSENT:
        text = f"a mail has waited in the outbox since {say_span(now - evidence.oldest_unsent)}; see `triagebot outbox`"
        yield Problem("outbox", text, "halt", sending=True)
    if evidence.oldest_pending is not None and now - evidence.oldest_pending > UNDECIDED:
        text = f"a mail arrived {say_span(now - evidence.oldest_pending)} and has not been decided yet"
        yield Problem("pending", text)
    if evidence.ambiguous:
        mails = "1 mail was" if evidence.ambiguous == 1 else f"{evidence.ambiguous} mails were"
        yield Problem("ambiguous", f"{mails} maybe sent; look at `triagebot outbox`", "look")
    if evidence.breaker:
        yield Problem("breaker", evidence.breaker, "look")
    if evidence.neglect:
        yield Problem("neglect", evidence.neglect, "trouble")
    for number, gap in enumerate(evidence.gaps):
        yield Problem(f"proof {number}", gap, "look")
    if evidence.overdue:
        tickets = "1 ticket" if evidence.overdue == 1 else f"{evidence.overdue} tickets"
        text = f"{tickets} of retainer clients should have been answered by now; see `triagebot tickets`"
        yield Problem("overdue", text, "note")


def _judge_canaries(evidence: Evidence, now: datetime, within: timedelta) -> Iterator[Problem]:
    """The oldest that is not back since one was: a later one on its way proves nothing."""
    for inbox in evidence.inboxes:
        ours = [canary for canary in evidence.canaries if canary.inbox == inbox]
        last = max((canary.made_at for canary in ours if canary.back_at), default=None)
        out = [canary.made_at for canary in ours if not canary.back_at and (last is None or canary.made_at > last)]
        if out and now - min(out) > within:
            text = (
                f"inbox {inbox}: the mail it sent to itself {say_span(now - min(out))} has not come back;"
                " look into its Junk folder and at `triagebot outbox --all`"
            )
            yield Problem(f"canary {inbox}", text)


def _judge_machine(evidence: Evidence, now: datetime) -> Iterator[Problem]:
    if evidence.free_bytes is not None and evidence.free_bytes < LITTLE_SPACE:
        text = (
            f"the disk of {evidence.place} is full: {evidence.free_bytes // 1024} KiB are left; nothing can be taken in"
        )
        yield Problem("disk", text, "halt", sending=True)
    jump = evidence.jump
    if jump is not None and jump.since is not None and abs(now - jump.since) < REMEMBERED:
        yield Problem("clock", jump.problem, "note")


def review(problems: Sequence[Problem], known: Sequence[Alarm], now: datetime, after: timedelta) -> Review:
    """Given what is wrong now, the alarms so far, now and how long a problem may last untold, return what to do.

    One that nobody was told of is forgotten when it ends. The end of a told one is told when it has been away for
    `after` as well, so that a connection that comes and goes is one alarm.
    """
    before = {alarm.id: alarm for alarm in known}
    current = {problem.id: problem for problem in problems if problem.is_alarming}
    alarms: list[Alarm] = []
    tell: list[Alarm] = []
    over: list[Alarm] = []
    for problem in current.values():
        was = before.get(problem.id) or Alarm(problem.id, problem.text, now)
        alarm = replace(was, text=problem.text, gone_at=None, sending=problem.sending)
        alarms.append(alarm)
        if alarm.told_at is None and (problem.at_once or abs(now - alarm.since) >= after):
            tell.append(alarm)
    for alarm in before.values():
        if alarm.id in current or alarm.told_at is None:
            continue
        gone = alarm if alarm.gone_at is not None else replace(alarm, gone_at=now)
        alarms.append(gone)
        if gone.gone_at is not None and abs(now - gone.gone_at) >= after:
            over.append(gone)
    return Review(tuple(alarms), tuple(tell), tuple(over))


def may_ping(
    evidence: Evidence, problems: Sequence[Problem], since: datetime, last_ping: datetime | None, now: datetime
) -> bool:
    """Given the evidence, what is wrong, the moment after which looks count, when the heartbeat was last given and now,
    return whether to give it: every inbox was looked into, mail flows, and a minute has passed."""
    if not evidence.inboxes or any(problem.weight == "halt" for problem in problems):
        return False
    worked = {part.name: part.worked_at for part in evidence.parts}
    looks = [worked.get(f"inbox {inbox}") for inbox in evidence.inboxes]
    rested = last_ping is None or now - last_ping >= PING_EVERY
    return rested and all(look is not None and look > since for look in looks)


def measure_jump(wall: timedelta, passed: timedelta) -> timedelta | None:
    """Given by how much the clock on the wall moved and how much time has passed meanwhile, return by how much it was
    set (negative: back), or None when it was not."""
    jumped = wall - passed
    return jumped if abs(jumped) > JUMP else None


def say_span(span: timedelta) -> str:
    """Given how long ago something was, return it in words a person would use; what lies ahead is so by the clock."""
    seconds = round(abs(span).total_seconds())
    told = f"{seconds} seconds"
    for size, unit in ((60, "minutes"), (3600, "hours"), (86400, "days")):
        if seconds >= 2 * size:
            told = f"{seconds // size} {unit}"
    return f"{told} ago" if span >= timedelta(0) else f"{told} ahead of the clock"
