"""Which matter stands on top of the digest: what breaks first, then what has waited longest (field.md 61)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from triagebot.core.digest.content import Item, Tone

PATIENCE = timedelta(days=5)
"""What has waited for so long is pulled up, whatever was promised: what is at the bottom must not stay there."""
_RANK: dict[Tone, int] = {"bad": 0, "warn": 1, "calm": 2}


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that waits for the developer: how it is shown, the local date since when it waits, and the date that
    was promised for it, if one was."""

    item: Item
    since: date
    promise: date | None = None

    @property
    def due(self) -> date:
        """The date by which it is to be looked at: the promised one, or that on which it has waited long enough."""
        floor = self.since + PATIENCE
        return floor if self.promise is None else min(self.promise, floor)


def put_in_order(matters: Iterable[Matter], today: date) -> tuple[Item, ...]:
    """Given what waits and the local date, return it as items, one for each ref: what is broken, what will break or has
    waited long, and the rest; in each the earliest due first, then the oldest."""
    found = [_raise_old(matter, today) for matter in _join(matters)]
    found.sort(key=lambda matter: (_RANK[matter.item.tone], matter.due, matter.since))
    return tuple(matter.item for matter in found)


def _raise_old(matter: Matter, today: date) -> Matter:
    if matter.item.tone != "calm" or matter.due > today:
        return matter
    return replace(matter, item=replace(matter.item, tone="warn"))


def _join(matters: Iterable[Matter]) -> list[Matter]:
    """Two matters with one ref are one: the first gives the title, and all that the others add is under it."""
    found: dict[object, Matter] = {}
    for number, matter in enumerate(matters):
        name = matter.item.ref or number
        known = found.get(name)
        found[name] = matter if known is None else _add(known, matter)
    return list(found.values())


def _add(one: Matter, other: Matter) -> Matter:
    first, second = one.item, other.item
    item = replace(
        first,
        lines=tuple(dict.fromkeys((*first.lines, *second.lines))),
        quote=first.quote or second.quote,
        commands=tuple(dict.fromkeys((*first.commands, *second.commands))),
        tone=min(first.tone, second.tone, key=lambda tone: _RANK[tone]),
        shown=first.shown or second.shown,
        beside=first.beside or second.beside,
        links=tuple(dict.fromkeys((*first.links, *second.links))),
    )
    promises = [promise for promise in (one.promise, other.promise) if promise is not None]
    return Matter(item, min(one.since, other.since), min(promises, default=None))
