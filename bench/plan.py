"""Plan 2,000 open tickets over more than a year, many times in this process: `python -m bench.plan SEED`."""

import json
import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta

from bench.course import SIZES, ZONE
from triagebot.core.desk import TIERS, SupportHour
from triagebot.core.hours.agenda import Work, find_at_risk, make_agenda
from triagebot.core.hours.calendar import Calendar
from triagebot.core.hours.planner import SPARE_DAYS, WORK_CLASS

TICKETS, TIMES = 2000, 15
_HOUR = SupportHour(minutes=360, reserve={"retainer": 90})
"""Long enough that all of them fit into two years."""


def main(seed: int) -> None:
    """Given a seed, print milliseconds as JSON."""
    now, calendar = datetime(2026, 11, 23, 5, tzinfo=UTC), Calendar(_HOUR, ZONE)
    works = _draw(random.Random(seed), now)
    times = []
    for _ in range(TIMES):
        started = time.perf_counter()
        agenda = make_agenda(works, calendar, now)
        find_at_risk(agenda, works, calendar)
        times.append((time.perf_counter() - started) * 1000)
    days = (agenda.assigned[-1].day - now.date()).days
    found = {
        "plan_ms": statistics.median(times),
        "worst_ms": max(times),
        "days": days,
        "unplaced": len(agenda.unplaced),
    }
    print(json.dumps(found))


def _draw(source: random.Random, now: datetime) -> list[Work]:
    works = []
    for number in range(TICKETS):
        tier, opened = source.choice(TIERS), now - timedelta(minutes=source.randrange(100_000))
        due = now.date() + timedelta(days=source.randrange(400))
        not_before = (opened + timedelta(days=SPARE_DAYS)).date() if tier == "none" else None
        urgent = tier == "retainer" and source.random() < 0.1
        works.append(Work(number, source.choice(SIZES), WORK_CLASS[tier], opened, due, not_before, urgent=urgent))
    return works


if __name__ == "__main__":
    main(int(sys.argv[1]))
