"""The ledger of a plan: what each month grants and costs, and what its end carries over.

Pure: given the entries there are, it tells the entries that are missing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from triagebot.core.desk import Carry
from triagebot.core.money.entry import Entry, Fee, balance
from triagebot.core.money.month import Month


@dataclass(frozen=True, slots=True)
class Terms:
    """What a client's plan gives for `price` a month: `since` is its first day, `ended` its last one, if it has.

    `counted_from` is when the desk began to count: the months before are another book's. `rate` is the price of an
    hour beyond the plan.
    """

    client: str
    minutes: int
    since: date
    carry: Carry = field(default_factory=Carry)
    first_month_gift: bool = False
    ended: date | None = None
    counted_from: date | None = None
    name: str = ""
    price: Decimal = Decimal(0)
    rate: Decimal | None = None

    def covers(self, day: date) -> bool:
        """Given a local date, return whether the plan is in force."""
        return self.since <= day and (self.ended is None or day <= self.ended)


def settle_months(terms: Terms, entries: Iterable[Entry], today: date) -> tuple[Entry, ...]:
    """Given a plan's terms, the client's entries and today, return what is missing among them: the grant of each
    month until today's and the end of each month before it. Called again with those added, it returns nothing.

    At a month's end, minutes above `carry.up` expire, and what is overdrawn beyond `carry.down` becomes overage,
    which is billed; at the plan's end all that is overdrawn does. A month that was closed stays as it was, whatever
    the plan says now.
    """
    known = list(entries)
    keys = {entry.key for entry in known}
    missing: list[Entry] = []

    def add(entry: Entry) -> None:
        if entry.key not in keys:
            keys.add(entry.key)
            known.append(entry)
            missing.append(entry)

    for month in _months(terms, known, today):
        if terms.minutes:
            add(_grant(terms, month, gift=_is_gift(terms, month, known)))
        if month.last < today and _closing(terms.client, month) not in keys:
            add(_close(terms, month, balance(known, month.last)))
    return tuple(missing)


def settle_fees(terms: Terms, entries: Iterable[Entry], fees: Iterable[str], today: date) -> tuple[Fee, ...]:
    """Given a plan's terms, the client's entries, the keys of known fees and today, return the prices of months that
    are missing among them. One that is known stays as it was, whatever the plan costs now."""
    known, keys = list(entries), set(fees)
    return tuple(
        fee
        for month in _months(terms, known, today)
        if (fee := _plan_fee(terms, month, gift=_is_gift(terms, month, known))).key not in keys
    )


def correct_ends(terms: Terms, entries: Iterable[Entry], late: Entry) -> tuple[Entry, ...]:
    """Given a plan's terms, the client's entries and one more that is booked into a month which was already closed,
    return what mends the ends of that month and of those after it: every balance is then as if the entry had been
    there in time."""
    before = list(entries)
    after, mended = [*before, late], []
    prefix = f"closed/{terms.client}/"
    closed = sorted({Month.of(entry.day) for entry in before if entry.key.startswith(prefix)})
    for month in (one for one in closed if one >= Month.of(late.day)):
        expired, overage = _end(terms, month, _without_end(before, terms.client, month))
        better_expired, better_overage = _end(terms, month, _without_end(after, terms.client, month))
        found = _mend(terms, month, late.key, better_expired - expired, better_overage - overage)
        after += found
        mended += found
    return tuple(mended)


def _months(terms: Terms, known: Iterable[Entry], today: date) -> Iterator[Month]:
    """The months of the plan until today. Those before the desk began to count are not, unless they once were."""
    month, last = Month.of(terms.since), Month.of(min(today, terms.ended or today))
    if terms.counted_from is not None:
        granted = [Month.of(entry.day) for entry in known if entry.key.startswith("grant/")]
        month = max(month, min([Month.of(terms.counted_from), *granted]))
    while month <= last:
        yield month
        month = month.next


def _is_gift(terms: Terms, month: Month, known: Iterable[Entry]) -> bool:
    """Only the first month of a new client, not of one that comes back."""
    if not terms.first_month_gift or month != Month.of(terms.since):
        return False
    return not any(entry.key.startswith("grant/") and Month.of(entry.day) < month for entry in known)


def _grant(terms: Terms, month: Month, *, gift: bool) -> Entry:
    return Entry(
        f"grant/{terms.client}/{month}",
        terms.client,
        max(month.first, terms.since),
        "gift" if gift else "granted",
        "balance",
        terms.minutes,
        f"first month of the plan, {month}" if gift else f"plan, {month}",
    )


def _plan_fee(terms: Terms, month: Month, *, gift: bool) -> Fee:
    return Fee(
        f"plan/{terms.client}/{month}",
        terms.client,
        max(month.first, terms.since),
        Decimal(0) if gift else terms.price,
        f"{terms.name}, {month}" + (", the first month is a gift" if gift else ""),
        "plan",
    )


def _close(terms: Terms, month: Month, left: int) -> Entry:
    """The entry that ends a month. One of 0 minutes says that all is carried over: the month is closed all the same."""
    key = _closing(terms.client, month)
    expired, overage = _end(terms, month, left)
    if overage:
        return _overage(terms, month, key, overage)
    return Entry(
        key,
        terms.client,
        month.last,
        "balance",
        "expired",
        expired,
        f"not carried over, {month}" if expired else f"carried over, {month}",
    )


def _end(terms: Terms, month: Month, left: int) -> tuple[int, int]:
    """What expires, and what is overdrawn too far, when so many minutes are left at a month's end."""
    up, down = _cap(terms.carry.up), _cap(terms.carry.down)
    if terms.ended is not None and Month.of(terms.ended) <= month:
        down = 0
    return (0 if up is None else max(0, left - up)), (0 if down is None else max(0, -down - left))


def _without_end(entries: Iterable[Entry], client: str, month: Month) -> int:
    ends = _closing(client, month)
    return balance((entry for entry in entries if not entry.key.startswith(ends)), month.last)


def _mend(terms: Terms, month: Month, cause: str, expired: int, overage: int) -> list[Entry]:
    key = f"{_closing(terms.client, month)}/{cause}"
    found = []
    if expired:
        note = f"not carried over, {month}" if expired > 0 else f"carried over after all, {month}"
        entry = Entry(f"{key}/up", terms.client, month.last, "balance", "expired", abs(expired), note)
        found.append(entry if expired > 0 else _turn(entry))
    if overage:
        entry = _overage(terms, month, f"{key}/down", abs(overage))
        found.append(entry if overage > 0 else _turn(entry))
    return found


def _turn(entry: Entry) -> Entry:
    return replace(entry, source=entry.target, target=entry.source)


def _overage(terms: Terms, month: Month, key: str, minutes: int) -> Entry:
    return Entry(
        key, terms.client, month.last, "overage", "balance", minutes, f"beyond the plan, {month}", rate=terms.rate
    )


def _closing(client: str, month: Month) -> str:
    return f"closed/{client}/{month}"


def _cap(carried: int | str) -> int | None:
    if carried == "unlimited":
        return None
    return 0 if isinstance(carried, str) else carried
