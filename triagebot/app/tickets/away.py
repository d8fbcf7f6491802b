"""`triagebot away`: days without support announced on the spot, a sick day for one; they take effect at once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from triagebot.app.desk.opening import writing
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.desk.view import DeskView
from triagebot.app.tickets.absence import MovedTicket, move_promises
from triagebot.core.desk import Absence, Colleague
from triagebot.core.errors import AbsenceError
from triagebot.core.hours.absence import parse_days
from triagebot.core.phrase import say
from triagebot.core.reading.text import clean_line
from triagebot.edge.absences import read_absences, write_absences
from triagebot.edge.keys import load_key
from triagebot.edge.store import Store

_NOTE = 200


@dataclass(frozen=True, slots=True)
class Announced:
    """What an announcement did: the absence, and the tickets whose dates it moved."""

    absence: Absence
    moved: tuple[MovedTicket, ...]


def list_absences(view: DeskView, now: datetime) -> list[dict[str, Any]]:
    """Given a desk and now, return every absence that is not over, those of the files and those announced."""
    today = view.calendar.local(now).date()
    announced, _ = read_absences(view.data, view.directory)
    found = (absence for absence in view.desk.support_hour.absences if absence.last >= today)
    return [
        {
            "from": absence.first.isoformat(),
            "to": absence.last.isoformat(),
            "note": absence.note,
            "colleague": absence.colleague.name if absence.colleague else "",
            "announced by": "triagebot away" if absence in announced else "config",
        }
        for absence in sorted(found, key=lambda absence: (absence.first, absence.last))
    ]


def announce(snapshot: Snapshot, days: str, note: str, colleague: Colleague | None, now: datetime) -> Announced:
    """Given a desk, days as typed, a note for clients and who stands in, do what `go_away` does in a transaction of its
    own. Raise AbsenceError when the days cannot be read or are known, StoreError without a database."""
    first, last = parse_days(days, snapshot.calendar.local(now).date())
    absence = make_absence(first, last, note, colleague)
    with writing(snapshot) as store:
        return go_away(store, snapshot, load_key(snapshot.data / "key"), absence, now)


def make_absence(first: date, last: date, note: str, colleague: Colleague | None = None) -> Absence:
    """Given its days, a note as typed and who stands in, return the absence."""
    return Absence(first, last, clean_line(note).strip()[:_NOTE], colleague)


def end_absence(snapshot: Snapshot, day: str, now: datetime) -> Absence:
    """Given a desk and a day of an announced absence as typed, do what `come_back` does in a transaction of its own.
    Raise AbsenceError, StoreError."""
    first, _ = parse_days(day, snapshot.calendar.local(now).date())
    with writing(snapshot) as store:
        return come_back(store, snapshot, load_key(snapshot.data / "key"), first, now)


def go_away(store: Store, snapshot: Snapshot, key: bytes, absence: Absence, now: datetime) -> Announced:
    """Given the store inside a transaction, the desk, its key and an absence, move the dates it makes impossible and
    write it down; the file comes last, so that nothing is left of an absence whose rows cannot be written. Of two
    callers at the same time one waits for the other's transaction. Raise AbsenceError."""
    today, first, last = snapshot.calendar.local(now).date(), absence.first, absence.last
    if last < first or last < today:
        raise AbsenceError(say("{first} to {last} are no days to come; write FROM..TO", first=first, last=last))
    announced, others = _read(snapshot)
    for known in (*announced, *others):
        if known.first <= first and last <= known.last and absence.colleague in (None, known.colleague):
            raise AbsenceError(
                say(
                    "you are away from {first} to {last} already; see `triagebot away`",
                    first=known.first,
                    last=known.last,
                )
            )
    kept = (*_still_to_come(announced, today), absence)
    moved = move_promises(store, _with_absences(snapshot, (*others, *kept)), key, now)
    write_absences(snapshot.data, kept)
    return Announced(absence, moved)


def come_back(store: Store, snapshot: Snapshot, key: bytes, day: date, now: datetime) -> Absence:
    """Given the store inside a transaction, the desk, its key and a day of an announced absence, end that absence: from
    that day on there is support again. Return it as it was. Dates that were moved stay as they were told. Raise
    AbsenceError."""
    today = snapshot.calendar.local(now).date()
    announced, others = _read(snapshot)
    ended = next((one for one in announced if one.first <= day <= one.last), None)
    if ended is None:
        raise AbsenceError(say("no absence announced by a command holds {day}; see `triagebot away`", day=day))
    shorter = [replace(ended, last=day - timedelta(days=1))] if ended.first < day else []
    kept = _still_to_come((*(one for one in announced if one != ended), *shorter), today)
    move_promises(store, _with_absences(snapshot, (*others, *kept)), key, now)
    write_absences(snapshot.data, kept)
    return ended


def with_latest(snapshot: Snapshot) -> Snapshot:
    """Given a desk, return it with the absences announced by now, which it may not have read yet; as it is when they
    cannot be read."""
    try:
        announced, others = _read(snapshot)
    except AbsenceError:
        return snapshot
    if announced == snapshot.announced:
        return snapshot
    return replace(_with_absences(snapshot, (*others, *announced)), announced=announced)


def _read(snapshot: Snapshot) -> tuple[tuple[Absence, ...], tuple[Absence, ...]]:
    """The absences announced by now, which may be more than the snapshot knows, and those of the desk's own files."""
    announced, problems = read_absences(snapshot.data, snapshot.directory)
    if problems:
        raise AbsenceError(say("{problem}; mend it, then say it again", problem=str(problems[0])))
    loaded = {*announced, *snapshot.announced}
    return announced, tuple(one for one in snapshot.desk.support_hour.absences if one not in loaded)


def _with_absences(snapshot: Snapshot, absences: Iterable[Absence]) -> Snapshot:
    """The desk as its files will be."""
    hour = replace(snapshot.desk.support_hour, absences=tuple(absences))
    desk, calendar = replace(snapshot.desk, support_hour=hour), replace(snapshot.calendar, hour=hour)
    return replace(snapshot, desk=desk, calendar=calendar, book=replace(snapshot.book, desk=desk, calendar=calendar))


def _still_to_come(absences: Iterable[Absence], today: date) -> list[Absence]:
    return [absence for absence in absences if absence.last >= today]
