"""How values are written in the desk's files: durations, sizes, money, dates, addresses, codes.

Every function takes one written value, returns the value meant, and raises ValueError with a
sentence that says what is wrong and how it is written.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMGT]i?)?B?", re.IGNORECASE | re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_ID = re.compile(r"[a-z0-9-]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-([A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3}))*")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_LOCAL_PART = re.compile(r"[^\s@<>(),:;\"\[\]\\\x00-\x1f\x7f]{1,64}")
_LONGEST_DURATION = timedelta(days=3650)


def parse_duration(written: object) -> timedelta:
    """Given "24h", "10m", "1h30m", "7d" or "0s", return the duration."""
    how = 'a duration is written as "24h", "10m", "90s", "7d" or "1h30m"'
    if not isinstance(written, str):
        raise ValueError(f"{how}, with quotes and a unit, not as {written!r}")
    found = _DURATION.fullmatch(written.replace(" ", ""))
    if found is None or not any(found.groups()):
        raise ValueError(f"{how}, not as {written!r}")
    if max(map(len, filter(None, found.groups()))) > 9:
        raise ValueError(f"{written!r} is longer than ten years; {how}")
    days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
    duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if duration > _LONGEST_DURATION:
        raise ValueError(f"{written!r} is longer than ten years; {how}")
    return duration


def parse_size(written: object) -> int:
    """Given a number of bytes, "25MiB" (powers of 1024) or "100kB" (powers of 1000), return bytes."""
    how = 'a size is a number of bytes or text such as "25MiB" or "100kB"'
    if isinstance(written, int) and not isinstance(written, bool) and written >= 0:
        return written
    found = _SIZE.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f"{how}, not {written!r}")
    number, unit = found.group(1), (found.group(2) or "").lower()
    return int(Decimal(number) * (1024 if unit.endswith("i") else 1000) ** _POWERS[unit.rstrip("i")])


def parse_money(written: object) -> Decimal:
    """Given "80", "79.50" or 80, return the amount. A float is refused: 0.1 is not exact."""
    if isinstance(written, float):
        raise ValueError(f'money is written in quotes, so that it stays exact: "{written}"')
    if isinstance(written, bool) or not isinstance(written, int | str):
        raise ValueError('money is written as a whole number or in quotes, such as 80 or "79.50"')
    try:
        amount = Decimal(written)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise ValueError(f'{written!r} is no amount; write digits only, such as "79.50", without a currency')
    if amount < 0:
        raise ValueError(f"{written!r} is below zero; an amount is zero or more")
    return amount


def parse_date(written: object) -> date:
    """Given a TOML date or "2026-12-24", return the date."""
    how = "a date is written as 2026-12-24"
    if isinstance(written, datetime):
        raise ValueError(f"{how}, without a time of day")
    if isinstance(written, date):
        return written
    if not isinstance(written, str):
        raise ValueError(f"{how}, not as {written!r}")
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ValueError(f"{how}, not as {written!r}") from None


def parse_time(written: object) -> time:
    """Given a TOML time or "09:00", return the time of day, in the desk's zone."""
    how = 'a time of day is written as "09:00"'
    if isinstance(written, time):
        return written
    if not isinstance(written, str) or re.fullmatch(r"\d{2}:\d{2}(:\d{2})?", written) is None:
        raise ValueError(f"{how}, not as {written!r}")
    try:
        return time.fromisoformat(written)
    except ValueError:
        raise ValueError(f"{how}; {written!r} is not on the clock") from None


def parse_domain(written: str) -> str:
    """Given a mail domain, return it in lower case and A-label form (RFC 5890 section 2.3.2.1)."""
    if "@" in written:
        raise ValueError(f"{written!r} is an address; a domain is the part after the @")
    domain = written.strip().rstrip(".").lower()
    if not domain.isascii():
        domain = _to_ascii(domain, written)
    labels = domain.split(".")
    if len(domain) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or len(labels) < 2:
        raise ValueError(f"{written!r} is no mail domain; write it as bakery.example")
    return domain


def _to_ascii(domain: str, written: str) -> str:
    import idna  # its tables take 10 ms to read, and most desks have plain domains

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ValueError(f"{written!r} is no mail domain; write it as bakery.example") from None


def parse_address(written: str) -> str:
    """Given a bare mail address, return it with its domain in lower case and A-label form."""
    if "<" in written:
        raise ValueError(f"{written!r} holds a name; write the bare address, such as jan@bakery.example")
    local, at, domain = written.strip().rpartition("@")
    if not at or _LOCAL_PART.fullmatch(local) is None or local[0] == "." or local[-1] == "." or ".." in local:
        raise ValueError(f"{written!r} is no mail address; write it as jan@bakery.example")
    try:
        return f"{local}@{parse_domain(domain)}"
    except ValueError:
        raise ValueError(f"{written!r} is no mail address; write it as jan@bakery.example") from None


def parse_url(written: str) -> str:
    """Given the address of a web page, return it."""
    if re.fullmatch(r"https?://[^\s/]\S*", written) is None:
        raise ValueError(f"{written!r} is no web address; write it whole, such as https://bakery.example")
    return written


def parse_id(written: str) -> str:
    """Given an id, return it; ids are small letters, digits and hyphens."""
    return _plain_word(written, "id")


def parse_kind(written: str) -> str:
    """Given what a vendor sells, such as "dns", return it; a kind is written like an id."""
    return _plain_word(written, "kind")


def _plain_word(written: str, what: str) -> str:
    if _ID.fullmatch(written) is None:
        letters = unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode().lower()
        plain = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
        better = f", such as {plain!r}" if plain else ""
        raise ValueError(f"{written!r} is no {what}; write small letters a-z, digits and hyphens only{better}")
    return written


def parse_reason(written: str) -> str:
    """Given a reason for contact, a path such as dns/propagation, return it."""
    if re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)*", written) is None:
        raise ValueError(f"{written!r} is no reason; write a path such as 'dns/propagation'")
    return written


def parse_moment(written: str) -> str:
    """Given what a rule's `when` asks for, return it."""
    if re.fullmatch(r"closed|absence|season:[a-z0-9-]+", written) is None:
        raise ValueError(f'must be "closed", "absence" or "season:ID", not "{written}"')
    return written


def parse_language(written: str) -> str:
    """Given a language code (BCP 47, RFC 5646 section 2.1), return it as usual: pl, pt-BR, zh-Hant."""
    if _LANGUAGE.fullmatch(written) is None:
        raise ValueError(f'{written!r} is no language code; write it as "en", "pl" or "pt-BR"')
    language, *subtags = written.split("-")
    cased = {2: str.upper, 4: str.title}
    return "-".join([language.lower(), *(cased.get(len(tag), str.lower)(tag) for tag in subtags)])


def parse_currency(written: str) -> str:
    """Given a currency code (ISO 4217, three capital letters), return it."""
    if _CURRENCY.fullmatch(written) is None:
        raise ValueError(f'{written!r} is no currency code; write three capital letters, such as "EUR"')
    return written
