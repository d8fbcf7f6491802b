"""Public holidays of a country or region (the holidays library)."""

from collections.abc import Iterable
from datetime import date

import holidays


def list_holidays(code: str, years: Iterable[int]) -> frozenset[date]:
    """Given "PL" or "DE-BY" ("" for none) and years, return the holidays. An unknown code gives none;
    `check` refuses it before."""
    if not code:
        return frozenset()
    country, _, region = code.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=region or None, years=list(years)))
    except NotImplementedError:
        return frozenset()
