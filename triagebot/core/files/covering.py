"""Who looks after clients when, and what plans carry by themselves: do colleagues and standing duties make sense?"""

from collections.abc import Iterator

from triagebot.core.desk import Desk, Duty, Plan
from triagebot.core.files.problem import Finding, tell_unknown
from triagebot.core.hours.duties import LONGEST

_LONGEST_DUTY = 24 * 60


def check_cover(desk: Desk) -> Iterator[Finding]:
    """Given a desk, yield what is wrong with colleagues in its absences and with the duties of its plans."""
    own = {address.casefold() for address in (*desk.own_addresses, *desk.desk.developer)}
    for number, absence in enumerate(desk.support_hour.absences):
        if absence.colleague is not None and absence.colleague.address.casefold() in own:
            text = f"'{absence.colleague.address}' is read by nobody while you are away; name somebody else"
            yield Finding(("support_hour", "absences", number, "colleague", "address"), text)
    for number, plan in enumerate(desk.plan):
        yield from _duties(plan, number)
    packages = [f"{season.id}/{package.id}" for season in desk.season for package in season.package]
    for number, client in enumerate(desk.client):
        for index, package in enumerate(client.packages):
            if package not in packages:
                yield Finding(("client", number, "packages", index), tell_unknown("season.package", package, packages))


def _duties(plan: Plan, number: int) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, duty in enumerate(plan.duty):
        path = ("plan", number, "duty", index)
        if duty.id and duty.id in first:
            place = ("plan", number, "duty", first[duty.id], "id")
            yield Finding((*path, "id"), f"id '{duty.id}' is given twice; keep one or change it", first=place)
        first.setdefault(duty.id, index)
        yield from _duty(duty, path)


def _duty(duty: Duty, path: tuple[str | int, ...]) -> Iterator[Finding]:
    longest = LONGEST[duty.every]
    if not 1 <= duty.on <= longest:
        yield Finding((*path, "on"), f"{duty.on} is no day of a {duty.every}; write 1 to {longest}")
    if not 1 <= duty.minutes <= _LONGEST_DUTY:
        yield Finding((*path, "minutes"), f"{duty.minutes} is no length of work; write how many minutes it takes")
