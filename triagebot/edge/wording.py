"""Dates and money in the reader's language (Babel)."""

from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency

_PREFERRED = {"en": "en_GB"}
"""Plain English is read everywhere with the day before the month."""


@lru_cache(maxsize=32)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(_PREFERRED.get(language, language), sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


@lru_cache(maxsize=256)
def say_date(day: date, language: str) -> str:
    """Given a date and a language code, return it with its weekday: "Tuesday, 24 November 2026"."""
    return str(format_date(day, format="full", locale=_locale(language)))


def say_short_date(day: date, language: str) -> str:
    """Given a date and a language code, return it for tables: "24 Nov 2026"."""
    return str(format_date(day, format="medium", locale=_locale(language)))


def say_month(day: date, language: str) -> str:
    """Given a date and a language code, return its month: "November 2026"."""
    return str(format_skeleton("yMMMM", day, locale=_locale(language)))


@lru_cache(maxsize=32)
def say_clock(clock: time, language: str) -> str:
    """Given a time of day and a language code, return it as people write it: "07:00"."""
    return str(format_time(clock, format="short", locale=_locale(language)))


@lru_cache(maxsize=256)
def say_money(amount: Decimal, currency: str, language: str) -> str:
    """Given an amount, a currency code and a language code, return them as people write them: "€80.00"."""
    return str(format_currency(amount, currency, locale=_locale(language)))


def say_time(moment: datetime, zone: ZoneInfo) -> str:
    """Given an aware moment and a zone, return it for tables: "2026-11-24 09:00"."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
