"""Days and lengths of time as a developer types them in a hurry: fri, tomorrow, 3h, 1h30; and prices."""

import re
from datetime import date, timedelta
from decimal import Decimal

from triagebot.core.hours.calendar import WEEKDAYS

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_AHEAD = re.compile(r"\+(\d{1,3})([dw])", re.ASCII)
_LENGTH = re.compile(r"(?:(\d{1,3})(?:[.,](\d{1,2}))?h)?(?:(\d{1,4})m?(?:in)?)?", re.ASCII)
_PRICE = re.compile(r"\d{1,7}(?:[.,]\d{1,2})?", re.ASCII)
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_FORMS = "2026-12-01, today, tomorrow, fri, next fri, next week, +3d or +2w"
LENGTH_FORMS = "45, 45m, 3h, 1h30 or 1.5h"


def read_day(text: str, today: date) -> date | None:
    """Given words and today's local date, return the date they mean, or None when they mean none.

    A weekday is the next one after today; with "next" before it, that of the week after this one (weeks begin on
    Monday). "next week" is its Monday.
    """
    words = " ".join(text.casefold().split())
    simple = {"today": today, "tomorrow": today + timedelta(days=1)}
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=1)
    if words in simple:
        return simple[words]
    if words == "next week":
        return monday
    following = words.removeprefix("next ")
    weekday = _weekday(following)
    if weekday is not None:
        ahead = (weekday - today.weekday() - 1) % 7 + 1
        return monday + timedelta(days=weekday) if following != words else today + timedelta(days=ahead)
    if found := _AHEAD.fullmatch(words):
        return today + timedelta(days=int(found[1]) * (7 if found[2] == "w" else 1))
    if found := _ISO.fullmatch(words):
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            return None
    return None


def read_minutes(text: str) -> int | None:
    """Given a length of time, return it in whole minutes, or None when it is none; a plain number is minutes."""
    words = "".join(text.casefold().split())
    found = _LENGTH.fullmatch(words)
    if not words or found is None:
        return None
    hours, part, minutes = found.groups()
    fraction = int(part) / 10 ** len(part) if part else 0
    total = (int(hours or 0) + fraction) * 60 + int(minutes or 0)
    return round(total) if total >= 1 and not (part and minutes) else None


def read_price(text: str) -> Decimal | None:
    """Given an amount of money, return it, or None when it is none: above zero, with two decimals at most."""
    found = _PRICE.fullmatch(text.strip())
    price = Decimal(text.strip().replace(",", ".")) if found else Decimal(0)
    return price if price > 0 else None


def _weekday(word: str) -> int | None:
    for number, names in enumerate(zip(WEEKDAYS, _NAMES, strict=True)):
        if word in names:
            return number
    return None
