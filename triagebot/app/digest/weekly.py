"""The week in figures, on its first support day: why clients wrote, minutes, promises; in words, table and picture."""

import logging
from dataclasses import replace
from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.digest.figures import WeeksReport, gather_weeks
from triagebot.app.digest.painter import draw_all
from triagebot.core.desk import Mode
from triagebot.core.digest.content import Item, Picture, Section, Table
from triagebot.core.digest.drawing import Bars, Columns, Drawing, Stacks
from triagebot.core.insight import ReasonFigures, Trend, WeekFigures
from triagebot.core.phrase import Phrase, Words, list_words, say, say_many
from triagebot.edge.store import Store

MOST_REASONS = 8
"""So many reasons are listed; the rest is one row."""
_UNKNOWN = "?"
_TRENDS: dict[Trend, Words] = {
    "": "",
    "new": say("new"),
    "more": say("more often"),
    "less": say("less often"),
    "gone": say("not any more"),
}
_Told = tuple[Section, Words, Drawing]
"""A section with its table, the words that stand for its picture, and the picture."""
log = logging.getLogger(__name__)


def gather_weekly(store: Store, view: DeskView, now: datetime, *, pictures: bool = True) -> tuple[Section, ...]:
    """Given the store, the desk and now, on the first support day of a week return what the week before was like,
    beside the seven before that; nothing on other days, nor where there is nothing to tell. Without `pictures` none is
    drawn."""
    if not view.calendar.is_first_of_week(view.calendar.local(now).date()):
        return ()
    report = gather_weeks(store, view, now)
    found = [
        *_tell_reasons(report, view.desk.desk.mode),
        *_tell_minutes(report),
        *_tell_promises(report),
    ]
    if not pictures:
        return tuple(section for section, _, _ in found)
    drawn, problem = draw_all([drawing for _, _, drawing in found])
    if problem:
        log.warning("%s", problem)
        return tuple(section for section, _, _ in found)
    return tuple(
        replace(section, picture=Picture(f"week-{number}.png", one.png, words, one.width, one.height))
        for number, ((section, words, _), one) in enumerate(zip(found, drawn, strict=True), 1)
    )


def _tell_reasons(report: WeeksReport, mode: Mode) -> tuple[_Told, ...]:
    week = report.weeks[-1]
    rows = sorted((one for one in report.reasons if one.counts[-1]), key=lambda one: -one.counts[-1])
    if not rows:
        return ()
    said = _count_requests(week, mode)
    shown, rest = rows[:MOST_REASONS], rows[MOST_REASONS:]
    cells = [_reason_row(one) for one in shown]
    if rest:
        cells.append(_rest_row(rest))
    heads = (say("Reason"), say("Trend"), say("Week"), say("8 weeks"), say("Minutes"))
    table = Table(heads, tuple(cells), frozenset((2, 3, 4)))
    named = [say("{reason}: {count}", reason=_say_reason(one.reason), count=one.counts[-1]) for one in shown]
    words = say("Requests of the week by reason: {list}", list=list_words(named))
    bars = Bars(tuple((one.reason or _UNKNOWN, one.counts[-1]) for one in shown))
    return ((Section(say("The week: why clients wrote"), (Item(said),), table), words, bars),)


def _count_requests(week: WeekFigures, mode: Mode) -> Phrase:
    total = week.by_itself + week.by_hand
    if mode == "live":
        return say_many(
            "{count} request from {first} to {last}; {answered} of them the desk answered by itself.",
            "{count} requests from {first} to {last}; {answered} of them the desk answered by itself.",
            total,
            first=week.week.first,
            last=week.week.last,
            answered=week.by_itself,
        )
    return say_many(
        "{count} request from {first} to {last}; {answered} of them the desk would have answered by itself.",
        "{count} requests from {first} to {last}; {answered} of them the desk would have answered by itself.",
        total,
        first=week.week.first,
        last=week.week.last,
        answered=week.by_itself,
    )


def _reason_row(one: ReasonFigures) -> tuple[Words, ...]:
    return _say_reason(one.reason), _TRENDS[one.trend], str(one.counts[-1]), str(one.count), str(one.minutes)


def _rest_row(rest: list[ReasonFigures]) -> tuple[Words, ...]:
    named = say_many("{count} other", "{count} others", len(rest))
    week, weeks, minutes = map(sum, zip(*((one.counts[-1], one.count, one.minutes) for one in rest), strict=True))
    return named, "", str(week), str(weeks), str(minutes)


def _say_reason(reason: str) -> "str | Phrase":
    return reason or say("(not recognised)")


def _tell_minutes(report: WeeksReport) -> tuple[_Told, ...]:
    if not any(week.worked for week in report.weeks):
        return ()
    week = report.weeks[-1]
    lines: list[Words] = []
    if report.without_ticket:
        lines.append(say_many("{count} of them on no ticket.", "{count} of them on no ticket.", report.without_ticket))
    said = say_many("{count} minute worked.", "{count} minutes worked.", week.worked)
    if any(one.granted for one in report.weeks):
        said = say("{worked} Plans give {granted} for these days.", worked=said, granted=week.granted)
    table = Table(
        (say("Week from"), say("Worked"), say("Granted")),
        tuple((str(one.week.first), str(one.worked), str(one.granted)) for one in report.weeks),
        frozenset((1, 2)),
    )
    words = say(
        "Minutes worked and granted by week: {worked} of {granted} in the last one.",
        worked=week.worked,
        granted=week.granted,
    )
    columns = Columns(
        tuple(map(_name, report.weeks)),
        tuple(one.worked for one in report.weeks),
        tuple(one.granted for one in report.weeks),
    )
    return ((Section(say("The week: minutes"), (Item(said, tuple(lines)),), table), words, columns),)


def _tell_promises(report: WeeksReport) -> tuple[_Told, ...]:
    if not any(week.told for week in report.weeks):
        return ()
    week = report.weeks[-1]
    said = _count_promises(week) if week.told else say("No promise was for that week.")
    table = Table(
        (say("Week from"), say("Told"), say("Kept"), say("Broken")),
        tuple((str(one.week.first), str(one.told), str(one.kept), str(one.broken)) for one in report.weeks),
        frozenset((1, 2, 3)),
    )
    words = say(
        "Promises kept and broken by week: {kept} and {broken} in the last one.", kept=week.kept, broken=week.broken
    )
    stacks = Stacks(
        tuple(map(_name, report.weeks)),
        tuple(one.kept for one in report.weeks),
        tuple(one.broken for one in report.weeks),
    )
    item = Item(said, tone="warn" if week.broken else "calm")
    return ((Section(say("The week: promises"), (item,), table), words, stacks),)


def _count_promises(week: WeekFigures) -> Phrase:
    return say_many(
        "{count} promise was for that week: {kept} kept, {broken} broken.",
        "{count} promises were for that week: {kept} kept, {broken} broken.",
        week.told,
        kept=week.kept,
        broken=week.broken,
    )


def _name(figures: WeekFigures) -> str:
    """A week's first day as a picture has room for: month and day."""
    return f"{figures.week.first:%m-%d}"
