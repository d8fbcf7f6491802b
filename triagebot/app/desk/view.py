"""The desk as listings need it: its config and calendar, without rules and replies."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from triagebot.core.desk import Absence, Desk
from triagebot.core.files.problem import Problem
from triagebot.core.hours.calendar import Calendar
from triagebot.core.modes import Modes, apply_to_desk
from triagebot.edge.absences import read_absences
from triagebot.edge.config import load_desk
from triagebot.edge.modes import read_modes


@dataclass(frozen=True, slots=True)
class DeskView:
    """What config.toml says, with the absences and modes announced by a command. `directory` is where it lies, `modes`
    what was said, and what the file says instead, `announced` those of the absences that a command announced."""

    directory: Path
    desk: Desk
    calendar: Calendar
    modes: Modes = field(default=Modes(), kw_only=True)
    announced: tuple[Absence, ...] = field(default=(), kw_only=True)

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
    data = root / desk.desk.data
    away, wrong = read_absences(data, root)
    words, misfits = read_modes(data, root)
    wrong += misfits
    problems += wrong
    if any(problem.severity == "error" for problem in wrong):
        return None, problems
    hour = replace(desk.support_hour, absences=(*desk.support_hour.absences, *away))
    modes = Modes(words, desk.desk.mode, desk.desk.tier_modes)
    desk = replace(desk, support_hour=hour, desk=apply_to_desk(desk.desk, words))
    return DeskView(root, desk, make_calendar(desk, now), modes=modes, announced=away), problems


def make_calendar(desk: Desk, now: datetime) -> Calendar:
    """Given a desk and now, return its calendar with the holidays of this year and the next two."""
    zone = ZoneInfo(desk.desk.timezone)
    year = now.astimezone(zone).year
    code = desk.support_hour.holidays
    if not code:
        return Calendar(desk.support_hour, zone, seasons=desk.season)
    from triagebot.edge.holiday import list_holidays  # late: the library takes a while to load

    return Calendar(desk.support_hour, zone, list_holidays(code, range(year, year + 3)), desk.season)
