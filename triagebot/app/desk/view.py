"""The desk as listings need it: its config and calendar, without rules and replies."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from triagebot.core.desk import Desk
from triagebot.core.files.problem import Problem
from triagebot.core.hours.calendar import Calendar
from triagebot.edge.absences import read_absences
from triagebot.edge.config import load_desk


@dataclass(frozen=True, slots=True)
class DeskView:
    """What config.toml says, with the absences announced by a command. `directory` is where it lies."""

    directory: Path
    desk: Desk
    calendar: Calendar

    @property
    def data(self) -> Path:
        """The directory of database and key."""
        return self.directory / self.desk.desk.data


def load_view(config: Path, now: datetime) -> tuple[DeskView | None, list[Problem]]:
    """Given config.toml and now (for the years of the holidays), return the view, or None, and every problem."""
    desk, problems = load_desk(config)
    if desk is None:
        return None, problems
    root = config.parent.resolve()
    away, wrong = read_absences(root / desk.desk.data, root)
    problems += wrong
    if any(problem.severity == "error" for problem in wrong):
        return None, problems
    hour = replace(desk.support_hour, absences=(*desk.support_hour.absences, *away))
    desk = replace(desk, support_hour=hour)
    return DeskView(root, desk, make_calendar(desk, now)), problems


def make_calendar(desk: Desk, now: datetime) -> Calendar:
    """Given a desk and now, return its calendar with the holidays of this year and the next two."""
    zone = ZoneInfo(desk.desk.timezone)
    year = now.astimezone(zone).year
    code = desk.support_hour.holidays
    if not code:
        return Calendar(desk.support_hour, zone, seasons=desk.season)
    from triagebot.edge.holiday import list_holidays  # late: the library takes a while to load

    return Calendar(desk.support_hour, zone, list_holidays(code, range(year, year + 3)), desk.season)
