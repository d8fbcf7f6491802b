"""The desk as listings need it: its config and calendar, without rules and replies."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from triagebot.core.calendar import Calendar
from triagebot.core.desk import Desk
from triagebot.core.files.problem import Problem
from triagebot.edge.config import load_desk


@dataclass(frozen=True, slots=True)
class DeskView:
    """What config.toml says. `directory` is where it lies."""

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
    return DeskView(config.parent.resolve(), desk, make_calendar(desk, now)), problems


def make_calendar(desk: Desk, now: datetime) -> Calendar:
    """Given a desk and now, return its calendar with the holidays of this year and the next two."""
    zone = ZoneInfo(desk.desk.timezone)
    year = now.astimezone(zone).year
    code = desk.support_hour.holidays
    if not code:
        return Calendar(desk.support_hour, zone)
    from triagebot.edge.holiday import list_holidays  # late: the library takes a while to load

    return Calendar(desk.support_hour, zone, list_holidays(code, range(year, year + 3)))
