"""What the developer is told when something breaks, and when it is over."""

from collections.abc import Sequence
from dataclasses import dataclass

from triagebot.core.watch import Alarm

_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class Notice:
    """A subject and a text. `cause` is the same whenever the same thing is told again."""

    cause: str
    subject: str
    text: str


def begin_notice(alarms: Sequence[Alarm], desk: str) -> Notice:
    """Given problems that last and the desk's name, return what is told of them."""
    more = f" (and {len(alarms) - 1} more)" if len(alarms) > 1 else ""
    return _notice(
        f"[trouble] {desk}: {alarms[0].text}{more}",
        f"Something is wrong with {desk}:",
        "`triagebot status` tells how it is now. You are told once more when it is over.",
        alarms,
    )


def end_notice(alarms: Sequence[Alarm], desk: str) -> Notice:
    """Given problems that are over and the desk's name, return what is told of them."""
    return _notice(
        f"[over] {desk}: {', '.join(alarm.id for alarm in alarms)}",
        f"This is over at {desk}:",
        "Mail that waited meanwhile is dealt with, and the next digest accounts for it.",
        alarms,
    )


def _notice(subject: str, opening: str, closing: str, alarms: Sequence[Alarm]) -> Notice:
    """What servers said stands indented, so that it never looks like ours."""
    kind = subject.partition(" ")[0]
    cause = " ".join((kind, *(f"{alarm.id} {alarm.since.isoformat()}" for alarm in alarms)))
    told = [f"    {on_one_line(alarm.text)}" for alarm in alarms]
    return Notice(cause, on_one_line(subject, _SUBJECT), "\n".join((opening, "", *told, "", closing, "")))


def on_one_line(text: str, length: int = 1000) -> str:
    """Given a text, return so much of it without anything that ends a line or cannot be seen."""
    return "".join(c if c.isprintable() else " " for c in text)[:length]
