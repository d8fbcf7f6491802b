"""Who looks at an emergency, and when: quiet hours, on-call packages, a colleague during an absence."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from triagebot.core.decision import ReplyValues
from triagebot.core.desk import Client, Colleague, Desk, Quiet
from triagebot.core.hours.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Cover:
    """Who looks at an emergency: the developer, told at `at` (None: at once), and the colleague, if there is one."""

    at: datetime | None = None
    colleague: Colleague | None = None

    def tell(self, values: ReplyValues, calendar: Calendar) -> ReplyValues:
        """Given what a reply may say, return it with who looks at the emergency and when."""
        seen_at = calendar.local(self.at).time() if self.at else None
        return replace(values, colleague=self.colleague.name if self.colleague else "", seen_at=seen_at)


def cover_emergency(desk: Desk, client: Client | None, calendar: Calendar, now: datetime, *, proven: bool) -> Cover:
    """Given the client an emergency is of, or is said to be of, and now, return who looks at it. What is told to a
    colleague leaves the house, so it is for proven mail alone."""
    at = alert_moment(desk, client, calendar, now)
    return Cover(at if at > now else None, find_colleague(client, calendar, now) if proven else None)


def quiet_until(quiet: Quiet, calendar: Calendar, now: datetime) -> datetime | None:
    """Given the quiet hours, the calendar and now, return when the quiet ends (UTC), or None when it is not quiet."""
    local = calendar.local(now)
    clock, first, last = local.time(), quiet.first, quiet.last
    over_midnight = first > last
    is_quiet = (clock >= first or clock < last) if over_midnight else first <= clock < last
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1) if over_midnight and clock >= first else local.date()
    return datetime.combine(day, last, tzinfo=calendar.zone).astimezone(UTC)


def is_on_call(desk: Desk, client: Client, calendar: Calendar, now: datetime) -> bool:
    """Given a client and now, return whether a season package it has taken covers it day and night."""
    today = calendar.local(now).date()
    return any(
        package.on_call and f"{season.id}/{package.id}" in client.packages
        for season in desk.season
        if season.first <= today <= season.last
        for package in season.package
    )


def alert_moment(desk: Desk, client: Client | None, calendar: Calendar, now: datetime) -> datetime:
    """Given the client of an emergency and now, return when the developer is told: at once, or at the end of the quiet
    hours where the client's plan covers none."""
    plan = next((plan for plan in desk.plan if client is not None and plan.id == client.plan), None)
    if client is None or plan is None or plan.emergencies == "always" or is_on_call(desk, client, calendar, now):
        return now
    return quiet_until(desk.alert.quiet, calendar, now) or now


def find_colleague(client: Client | None, calendar: Calendar, now: datetime) -> Colleague | None:
    """Given the client of an emergency and now, return who looks at it instead of the developer, or None."""
    if client is None or client.tier != "retainer":
        return None
    absences = calendar.absences_on(calendar.local(now).date())
    return next((absence.colleague for absence in absences if absence.colleague is not None), None)
