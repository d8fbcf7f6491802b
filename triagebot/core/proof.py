"""The proof that nothing was lost: what arrived is accounted for, and the server holds nothing unknown to the desk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import get_args

from triagebot.core.decision import MailState
from triagebot.core.phrase import Words, list_words, say, say_many

COMPARE_AT = time(3)
"""When the server is listed anew each night, in the desk's zone."""
LATE = timedelta(hours=49)
"""Without a comparison for so long (two nights), the proof is no longer one."""
_FINAL = frozenset(get_args(MailState))
_PENDING = "pending"
STATES = frozenset((*_FINAL, _PENDING))
"""Every state a mail may be in."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one look at a whole folder found. `on_server` counts the UIDs up to the last one that was listed before,
    `known` those of them with a row, `missing` those that had to be given one; `gone` are rows whose mail is no
    longer in the folder, because somebody, or the desk itself, moved or deleted it."""

    at: datetime
    inbox: str
    folder: str
    uidvalidity: int
    on_server: int
    known: int
    missing: int
    gone: int


def prove(states: Mapping[str, int], comparisons: Sequence[Comparison] = (), said_at: Words = "") -> Words:
    """Given how many mails are in each state, the last comparison of each folder and when those were, in words,
    return the proof line (design.md section 3.1)."""
    arrived = sum(states.values())
    ranked = sorted(states.items(), key=lambda one: (-one[1], one[0]))
    there, known = (sum(getattr(one, name) for one in comparisons) for name in ("on_server", "known"))
    if not arrived and not comparisons:
        return say("No mail arrived.")
    line = say("No mail arrived")
    if arrived:
        came = say_many("{count} arrived", "{count} arrived", arrived)
        accounted = sum(count for state, count in states.items() if state in _FINAL)
        clear = say_many("{count} accounted for", "{count} accounted for", accounted)
        counted = list_words([_count(state, count) for state, count in ranked if count])
        line = say("{came}, {clear}: {counted}", came=came, clear=clear, counted=counted)
    if not comparisons:
        return line
    return say(
        "{line}; compared with the server {when}: {there} there, {known} known",
        line=line,
        when=said_at,
        there=there,
        known=known,
    )


def _count(state: str, count: int) -> Words:
    return {
        "answered": say_many("{count} answered", "{count} answered", count),
        "acknowledged": say_many("{count} acknowledged", "{count} acknowledged", count),
        "planned": say_many("{count} planned", "{count} planned", count),
        "merged": say_many("{count} merged", "{count} merged", count),
        "held": say_many("{count} held", "{count} held", count),
        "suppressed": say_many("{count} suppressed", "{count} suppressed", count),
        "unreadable": say_many("{count} unreadable", "{count} unreadable", count),
        "history": say_many("{count} history", "{count} history", count),
        _PENDING: say_many("{count} pending", "{count} pending", count),
    }.get(state, f"{count} {state}")


def find_gaps(states: Mapping[str, int], comparisons: Mapping[str, Comparison | None], now: datetime) -> list[Words]:
    """Given how many mails are in each state, the last comparison of each inbox, and now, return a sentence for each
    reason why the proof does not hold."""
    found: list[Words] = [
        say_many(
            "{count} mail is in the state '{state}', which is none; the database was changed from outside",
            "{count} mails are in the state '{state}', which is none; the database was changed from outside",
            count,
            state=state,
        )
        for state, count in sorted(states.items())
        if count and state not in _FINAL and state != _PENDING
    ]
    for inbox, last in comparisons.items():
        if last is None:
            continue
        if last.missing:
            found.append(
                say_many(
                    "inbox {inbox}: {count} mail in {folder} had no row and was taken in when the server was last"
                    " compared; `triagebot reconcile` compares again",
                    "inbox {inbox}: {count} mails in {folder} had no row and were taken in when the server was last"
                    " compared; `triagebot reconcile` compares again",
                    last.missing,
                    inbox=inbox,
                    folder=last.folder,
                )
            )
        if now - last.at > LATE:
            found.append(
                say(
                    "inbox {inbox}: not compared with the server since {day}; `triagebot reconcile` does it",
                    inbox=inbox,
                    day=last.at.date().isoformat(),
                )
            )
    return found


def is_comparison_due(last: datetime | None, now: datetime) -> bool:
    """Given when a folder was last compared (or None) and now, both in the desk's zone, return whether the comparison
    of this night, or of the last one before 3 o'clock, is still to be made."""
    if last is None:
        return True
    day = now.date() if now.time() >= COMPARE_AT else now.date() - timedelta(days=1)
    return last < datetime.combine(day, COMPARE_AT, tzinfo=now.tzinfo)
