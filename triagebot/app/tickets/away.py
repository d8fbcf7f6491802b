"""`triagebot away`: days without support announced on the spot, a sick day for one; they take effect at once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from triagebot.app.desk.opening import writing
from triagebot.app.desk.snapshot import Snapshot, load_snapshot
from triagebot.app.desk.view import DeskView
from triagebot.app.tickets.absence import MovedTicket, move_promises
from triagebot.core.desk import Absence, Colleague
from triagebot.core.errors import AbsenceError
from triagebot.core.hours.absence import parse_days
from triagebot.core.reading.text import clean_line
from triagebot.edge.absences import read_absences, write_absences
from triagebot.edge.keys import load_key

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


def announce(
    config: Path, snapshot: Snapshot, days: str, note: str, colleague: Colleague | None, now: datetime
) -> Announced:
    """Given a desk, days as typed, a note for clients and who stands in, write the absence down and move the dates it
    makes impossible. Raise AbsenceError when the days cannot be read or are known, StoreError without a database."""
    today = snapshot.calendar.local(now).date()
    first, last = parse_days(days, today)
    absence = Absence(first, last, clean_line(note).strip()[:_NOTE], colleague)
    with writing(snapshot):  # of two commands at the same time one waits for the other
        announced, _ = read_absences(snapshot.data, snapshot.directory)
        for known in snapshot.desk.support_hour.absences:
            if known.first <= first and last <= known.last and colleague in (None, known.colleague):
                raise AbsenceError(f"you are away from {known.first} to {known.last} already; see `triagebot away`")
        write_absences(snapshot.data, (*_still_to_come(announced, today), absence))
    return Announced(absence, _take_effect(config, now))


def end_absence(config: Path, snapshot: Snapshot, day: str, now: datetime) -> Absence:
    """Given a desk and a day of an announced absence as typed, end that absence: from that day on there is support
    again. Return it as it was. Dates that were moved stay as they were told. Raise AbsenceError."""
    today = snapshot.calendar.local(now).date()
    first, _ = parse_days(day, today)
    with writing(snapshot):
        announced, _ = read_absences(snapshot.data, snapshot.directory)
        ended = next((one for one in announced if one.first <= first <= one.last), None)
        if ended is None:
            raise AbsenceError(f"no absence announced by a command holds {first}; see `triagebot away`")
        shorter = [replace(ended, last=first - timedelta(days=1))] if ended.first < first else []
        others = [one for one in announced if one != ended]
        write_absences(snapshot.data, _still_to_come((*others, *shorter), today))
    _take_effect(config, now)
    return ended


def _take_effect(config: Path, now: datetime) -> tuple[MovedTicket, ...]:
    """The running daemon sees the file change and would do the same; whoever is first does it."""
    loaded = load_snapshot(config, now)
    if loaded.snapshot is None:
        raise AbsenceError(f"it is written down, but the desk's files are not right: {loaded.errors[0]}")
    with writing(loaded.snapshot) as store:
        return move_promises(store, loaded.snapshot, load_key(loaded.snapshot.data / "key"), now)


def _still_to_come(absences: Iterable[Absence], today: date) -> list[Absence]:
    return [absence for absence in absences if absence.last >= today]
