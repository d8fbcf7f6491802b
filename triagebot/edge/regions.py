"""Names of places: are a timezone and a country's holidays known on this machine?"""

import re

from triagebot.core.files.problem import propose

_HOLIDAYS = re.compile(r"([A-Z]{2})(?:-(.+))?")


def check_zone(name: str) -> str:
    """Given a timezone's name (IANA database), return what is wrong with it, or nothing."""
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        hint = propose(name, zoneinfo.available_timezones()) or '; write it as "Europe/Warsaw"'
        return f"there is no timezone '{name}'{hint}"
    return ""


def check_holidays(code: str) -> str:
    """Given a country such as PL or a region such as DE-BY (ISO 3166), return what is wrong, or nothing."""
    if not code:
        return ""
    from holidays import country_holidays  # takes 0.1 s, and not every desk names a country
    from holidays.registry import COUNTRIES

    countries = [names[1] for names in COUNTRIES.values()]
    found = _HOLIDAYS.fullmatch(code)
    if found is None or found.group(1) not in countries:
        hint = propose(code, countries) or '; write a country such as "PL", or a region such as "DE-BY"'
        return f"no holidays are known for '{code}'{hint}"
    country, region = found.groups()
    if region is None:
        return ""
    calendar = country_holidays(country)
    regions = calendar.subdivisions
    if region not in regions and region not in calendar.subdivisions_aliases:
        hint = f"; regions of {country}: {', '.join(regions)}" if regions else f'; write "{country}" alone'
        return f"no holidays are known for '{code}'{hint}"
    return ""
