"""What a simulated year is made of: who writes, how much, how long work really takes, and what became of it."""

import math
import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from triagebot.core.desk import Absence, SupportHour, Tier
from triagebot.core.hours.agenda import minutes_left
from triagebot.core.hours.planner import WorkClass
from triagebot.core.rules.rule import Kind

YEAR = 2026
ZONE = ZoneInfo("Europe/Warsaw")
CLIENTS: dict[Tier, int] = {"retainer": 15, "one-off": 25, "none": 20}
SIZES = (15, 15, 20, 20, 30, 30, 45, 60, 90)
HELD = timedelta(days=14)
"""How long an estimate holds its date without a yes."""
ACCEPTED = 0.6
"""Share of estimates that get a yes."""
DUTY_MINUTES = 25
"""Standing duties of a retainer in a month: updates, backups looked at."""
MIX: tuple[tuple[Tier, Kind, int, float], ...] = (
    ("retainer", "question", 15, 0.25),
    ("retainer", "work", 0, 0.22),
    ("retainer", "emergency", 60, 0.02),
    ("one-off", "work", 0, 0.31),
    ("none", "work", 0, 0.20),
)


HOUR = SupportHour(
    holidays="PL",
    reserve={"retainer": 25},
    absences=(
        Absence(date(YEAR, 7, 6), date(YEAR, 7, 17), "summer"),
        Absence(date(YEAR, 12, 24), date(YEAR, 12, 31), "Christmas"),
    ),
)


@dataclass(frozen=True, slots=True)
class Course:
    """What a year is made of: the seed, how full it is (1 = as much work as minutes), and how estimates err:
    real minutes = estimate x bias x lognormal(0, sigma)."""

    seed: int
    load: float = 1.15
    bias: float = 1.05
    sigma: float = 0.5
    sick_days: int = 5
    hour: SupportHour = HOUR


@dataclass(slots=True)
class Job:
    """A ticket of the year: its work by the estimate, what it really takes, and what was told about it."""

    number: int
    tier: Tier
    work: WorkClass
    opened_at: datetime
    estimate: int
    real: float
    due: date | None
    promise: date | None = None
    not_before: date | None = None
    owes_answer: bool = False
    accepted: bool = True
    done: float = 0.0
    warned: date | None = None

    @property
    def is_open(self) -> bool:
        return self.accepted and self.done < self.real

    def is_planned(self, now: datetime) -> bool:
        """Is it in the agenda? An estimate holds its date for some days."""
        held = self.due is not None and self.due >= now.date() and now < self.opened_at + HELD
        return self.done < self.real and (self.accepted or held)

    def left(self) -> int:
        """Minutes left by the estimate, as the product sees it."""
        return minutes_left(self.estimate, self.done)


@dataclass(slots=True)
class Report:
    """What became of a year. Waits are in days, from the mail to the first answer or the finished work."""

    made: int = 0
    kept: int = 0
    moved: int = 0
    broken: int = 0
    warned: int = 0
    pending: int = 0
    minutes: int = 0
    used: float = 0.0
    slowest_plan: float = 0.0
    waits: dict[Tier, list[float]] = field(default_factory=lambda: {"retainer": [], "one-off": [], "none": []})

    @property
    def kept_share(self) -> float:
        """Share of the promises that came due and were kept."""
        return self.kept / max(1, self.kept + self.broken)

    @property
    def unused_share(self) -> float:
        """Share of the support hours' minutes in which nothing was worked."""
        return 1 - self.used / max(1, self.minutes)


def season(day: date) -> float:
    """How much is written on a day: more before Christmas, less in summer."""
    if day >= date(YEAR, 11, 20) or day <= date(YEAR, 1, 5):
        return 1.6
    return 0.7 if day.month in (7, 8) else 1.0


def poisson(source: random.Random, mean: float) -> int:
    limit, count, product = math.exp(-mean), 0, source.random()
    while product > limit:
        count += 1
        product *= source.random()
    return count
