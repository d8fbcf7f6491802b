"""The minutes a developer writes under a mail ("25m", "time: 1h30"), for the ledger.

Minutes become money, so it is strict: a duration counts only alone on one of the last lines, or after a word for time
there, and only when there is exactly one. It is offered to the developer and never booked by itself.
"""

import re

from triagebot.core.rules.fold import fold

MOST_MINUTES = 12 * 60
"""More in one mail is no working time but something else, such as how long a job runs."""
_LAST_LINES = 6
_LONGEST_LINE = 60
_WORDS = (
    "time|time spent|time taken|worked|work|billable|minutes|czas|czas pracy|praca|zajęło|süre|çalışma süresi|çalışma|"
    "время|время работы|затрачено|работа|作業時間|所要時間|作業|時間|zeit|arbeitszeit|aufwand|temps|temps passé|durée|"
    "tiempo|tiempo dedicado|duración"
)
_HOURS = "h|hr|hrs|hour|hours|godz|godzina|godziny|godzinę|godzin|saat|sa|ч|час|часа|часов|時間|std|stunde|stunden|"
_HOURS += "heure|heures|hora|horas"
_MINUTES = "m|min|mins|minute|minutes|minut|minuta|minuty|minutę|dk|dakika|мин|минута|минуты|минуту|минут|分|分間|"
_MINUTES += "minuten|minuto|minutos"
_LINE = re.compile(
    rf"[(\[*-]? ?(?:(?:{fold(_WORDS)}) ?[:=] ?)?"
    rf"(?:(?P<hours>\d{{1,2}}(?:[.,]\d{{1,2}})?) ?(?:{fold(_HOURS)})\.?"
    rf"(?: ?(?P<rest>[0-5]?\d) ?(?:(?:{fold(_MINUTES)})\.?)?)?"
    rf"|(?P<minutes>\d{{1,3}}) ?(?:{fold(_MINUTES)})\.?)"
    r" ?[)\]*]?[.!]?"
)


def read_worked(new_text: str) -> int | None:
    """Given the new text of a developer's mail, return the minutes written at its end, or None when there are none or
    when it is not clear which.

    `25m`, `25 min`, `1h`, `1h30`, `0.5h` and what people write for it in English, Polish, Turkish, Russian, Japanese,
    German, French and Spanish.
    """
    lines = [line for line in (" ".join(fold(one).split()) for one in new_text.splitlines()) if line]
    found = {minutes for line in lines[-_LAST_LINES:] if (minutes := _read_line(line))}
    return found.pop() if len(found) == 1 else None


def _read_line(line: str) -> int | None:
    if len(line) > _LONGEST_LINE or (match := _LINE.fullmatch(line)) is None:
        return None
    if match["minutes"]:
        minutes = int(match["minutes"])
    elif match["rest"] and not match["hours"].isdigit():
        return None  # "1.5h30" says two things
    else:
        minutes = _to_minutes(match["hours"]) + int(match["rest"] or 0)
    return minutes if 0 < minutes <= MOST_MINUTES else None


def _to_minutes(hours: str) -> int:
    """Whole minutes of hours such as 1, 0.5 and 1,25; a part of a minute counts as one."""
    whole, _, part = hours.replace(",", ".").partition(".")
    return int(whole) * 60 + -(-int((part + "00")[:2]) * 60 // 100)
