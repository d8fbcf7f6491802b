"""What the figures of a desk say: why clients write, what is worked and granted, which promises are kept.

Pure: it adds up rows that somebody else has read. Minutes and counts are whole numbers.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from triagebot.core.money.month import Month

Trend = Literal["", "new", "more", "less", "gone"]
"""A reason in the later half of a period against the earlier one; "" is about the same."""
LEAST_CHANGE = 2
"""So many contacts more or fewer are the least that is a trend, and they must be half as many again."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week from Monday to Sunday (ISO 8601), by its first day."""

    first: date

    @classmethod
    def of(cls, day: date) -> "Week":
        """Given a date, return its week."""
        return cls(day - timedelta(days=day.weekday()))

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.first + timedelta(days=6)

    @property
    def next(self) -> "Week":
        """The week after it."""
        return Week(self.first + timedelta(days=7))

    @property
    def days(self) -> tuple[date, ...]:
        """Its seven days."""
        return tuple(self.first + timedelta(days=number) for number in range(7))


def weeks_before(day: date, count: int) -> tuple[Week, ...]:
    """Given a date, return so many weeks that ended before it, the oldest first."""
    monday = Week.of(day).first
    return tuple(Week(monday - timedelta(days=7 * back)) for back in range(count, 0, -1))


@dataclass(frozen=True, slots=True)
class Contacts:
    """Mails that asked for something, of one reason in one period (its number): those a canned answer was enough for,
    and those that were left to a person. `reason` is "" where none was recognised."""

    reason: str
    period: int
    by_itself: int
    by_hand: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Minutes that entries of a local date moved from one account to another (core/money/entry.py)."""

    day: date
    source: str
    target: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Promised:
    """Promises of a local date: how many were told, how many of them ended on or before it, how many did not. Those
    that wait for the client are neither."""

    day: date
    told: int
    kept: int
    broken: int


@dataclass(frozen=True, slots=True)
class ReasonFigures:
    """One reason for contact: how often in each period, how often a canned answer was enough, minutes worked on it."""

    reason: str
    counts: tuple[int, ...]
    by_itself: int
    minutes: int

    @property
    def count(self) -> int:
        """How often in all."""
        return sum(self.counts)

    @property
    def share(self) -> int | None:
        """Per cent of them that were answered by the desk itself, rounded down; None where there were none."""
        return self.by_itself * 100 // self.count if self.count else None

    @property
    def trend(self) -> Trend:
        """The later half of the periods against the earlier one; of an odd number the one in the middle is left out."""
        half = len(self.counts) // 2
        return compare(sum(self.counts[:half]), sum(self.counts[len(self.counts) - half :]))


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """A week of a desk. `granted` is what plans give for its days: a month's grant, spread evenly over its days."""

    week: Week
    by_itself: int
    by_hand: int
    worked: int
    granted: int
    told: int
    kept: int
    broken: int


def compare(before: int, after: int) -> Trend:
    """Given how often something was in two periods of one length, return how that changed."""
    if abs(after - before) < LEAST_CHANGE:
        return ""
    if not before or not after:
        return "gone" if before else "new"
    if 2 * after >= 3 * before:
        return "more"
    return "less" if 2 * before >= 3 * after else ""


def sum_reasons(contacts: Iterable[Contacts], minutes: Mapping[str, int], periods: int) -> tuple[ReasonFigures, ...]:
    """Given contacts, the minutes worked by reason and how many periods there are, return each reason's figures, the
    most frequent first, then those that took longest."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * periods)
    by_itself: dict[str, int] = defaultdict(int)
    for one in contacts:
        counts[one.reason][one.period] += one.by_itself + one.by_hand
        by_itself[one.reason] += one.by_itself
    found = (
        ReasonFigures(reason, tuple(counts[reason]), by_itself[reason], minutes.get(reason, 0))
        for reason in {*counts, *minutes}
    )
    filled = (one for one in found if one.count or one.minutes)
    return tuple(sorted(filled, key=lambda one: (-one.count, -one.minutes, one.reason)))


def sum_weeks(
    weeks: Sequence[Week], contacts: Iterable[Contacts], moved: Iterable[Moved], promised: Iterable[Promised]
) -> tuple[WeekFigures, ...]:
    """Given weeks and what was in them (a contact's period is the number of its week), return the figures of each."""
    answered, worked = [[0, 0] for _ in weeks], dict.fromkeys(weeks, 0)
    for one in contacts:
        answered[one.period][0] += one.by_itself
        answered[one.period][1] += one.by_hand
    granted: dict[Week, int] = dict.fromkeys(weeks, 0)
    for entry in moved:
        week = Week.of(entry.day)
        if week in worked:
            worked[week] += minutes_worked(entry)
        for day, share in spread_grant(entry):
            if Week.of(day) in granted:
                granted[Week.of(day)] += share
    promises = {week: [0, 0, 0] for week in weeks}
    for one_day in promised:
        for place, number in enumerate((one_day.told, one_day.kept, one_day.broken)):
            if Week.of(one_day.day) in promises:
                promises[Week.of(one_day.day)][place] += number
    found = []
    for (by_itself, by_hand), week in zip(answered, weeks, strict=True):
        told, kept, broken = promises[week]
        found.append(WeekFigures(week, by_itself, by_hand, worked[week], granted[week], told, kept, broken))
    return tuple(found)


def minutes_worked(entry: Moved) -> int:
    """Given an entry, return the minutes of work it stands for, below zero where work is taken back; that of a plan is
    taken back by an adjustment (core/money/entry.py)."""
    if entry.target == "worked" or (entry.source, entry.target) == ("balance", "adjusted"):
        return entry.minutes
    if entry.source == "worked" or (entry.source, entry.target) == ("adjusted", "balance"):
        return -entry.minutes
    return 0


def spread_grant(entry: Moved) -> tuple[tuple[date, int], ...]:
    """Given an entry, return the minutes that a plan grants by it for each day from its own to the month's last, as
    even as whole minutes can be and together all of them; nothing where it grants nothing."""
    if entry.source not in ("granted", "gift") or entry.target != "balance":
        return ()
    days = (Month.of(entry.day).last - entry.day).days + 1
    return tuple(
        (entry.day + number * _DAY, entry.minutes * (number + 1) // days - entry.minutes * number // days)
        for number in range(days)
    )
