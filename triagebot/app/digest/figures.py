"""Reading the figures of a desk: of the last weeks for the digest, of any period for `triagebot reasons`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from triagebot.app.desk.opening import reading
from triagebot.app.desk.view import DeskView
from triagebot.core.hours.calendar import Calendar
from triagebot.core.insight import (
    Contacts,
    ReasonFigures,
    WeekFigures,
    sum_reasons,
    sum_weeks,
    weeks_before,
)
from triagebot.core.money.month import Month
from triagebot.edge.store import Store

WEEKS = 8
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WeeksReport:
    """The weeks before this one, the oldest first. `reasons` count all of them, with the minutes of the last one alone;
    `without_ticket` are its minutes on no ticket."""

    weeks: tuple[WeekFigures, ...]
    reasons: tuple[ReasonFigures, ...]
    without_ticket: int


@dataclass(frozen=True, slots=True)
class ReasonsReport:
    """Reasons for contact between two local dates. The counts of each are those of the earlier and the later half; of
    an odd number of days, that in the middle stands between them."""

    first: date
    last: date
    reasons: tuple[ReasonFigures, ...]
    without_ticket: int


def gather_weeks(store: Store, view: DeskView, now: datetime) -> WeeksReport:
    """Given now, return the figures of the weeks that ended before this one, in the desk's zone."""
    calendar = view.calendar
    weeks = weeks_before(calendar.local(now).date(), WEEKS)
    first, last = weeks[0].first, weeks[-1].last
    contacts = _read_contacts(store, calendar, ((week.first, week.last) for week in weeks))
    # A grant is spread over its month, so the one of the month that the first week begins in counts too.
    moved = store.figures.moved(Month.of(first).first, last)
    promised = store.figures.promises({day: _begin(calendar, day + _DAY) for week in weeks for day in week.days})
    minutes, without_ticket = store.figures.worked_on(weeks[-1].first, last)
    return WeeksReport(
        sum_weeks(weeks, contacts, moved, promised), sum_reasons(contacts, minutes, WEEKS), without_ticket
    )


def read_reasons(view: DeskView, days: int, now: datetime) -> ReasonsReport:
    """Given how many days to look back (1 is today alone) and now, return why clients wrote."""
    with reading(view) as store:
        last = view.calendar.local(now).date()
        first = last - (days - 1) * _DAY
        half = days // 2
        spans = [(first, first + (half - 1) * _DAY), (last - (half - 1) * _DAY, last)] if half else []
        if days % 2:
            spans.insert(len(spans) // 2, (first + half * _DAY, first + half * _DAY))
        contacts = _read_contacts(store, view.calendar, spans)
        minutes, without_ticket = store.figures.worked_on(first, last)
        return ReasonsReport(first, last, sum_reasons(contacts, minutes, len(spans)), without_ticket)


def show_reasons(report: ReasonsReport) -> dict[str, Any]:
    """Given a report, return it for JSON."""
    return {
        "first": report.first.isoformat(),
        "last": report.last.isoformat(),
        "minutes_without_ticket": report.without_ticket,
        "reasons": [
            {
                "reason": one.reason or None,
                "count": one.count,
                "answered_by_itself": one.by_itself,
                "share": one.share,
                "minutes": one.minutes,
                "trend": one.trend,
            }
            for one in report.reasons
        ],
    }


def _read_contacts(store: Store, calendar: Calendar, spans: Iterable[tuple[date, date]]) -> tuple[Contacts, ...]:
    return store.figures.contacts([(_begin(calendar, first), _begin(calendar, last + _DAY)) for first, last in spans])


def _begin(calendar: Calendar, day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=calendar.zone)
