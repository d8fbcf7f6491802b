"""Taking back the last command: what it changed is put back, as long as nobody has seen or changed it since."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from triagebot.app.commands.done import Done, find_named
from triagebot.app.desk.modes import take_back
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.money.ledger import reverse_booking
from triagebot.app.tickets.agenda import replan
from triagebot.app.tickets.away import come_back, go_away
from triagebot.app.tickets.handling import DEVELOPER, close
from triagebot.app.tickets.merging import merge, unmerge
from triagebot.core.desk import Absence, Colleague
from triagebot.core.errors import StoreError
from triagebot.core.modes import ModeChange
from triagebot.core.names import say_name
from triagebot.core.phrase import Words, say
from triagebot.edge.store import Store
from triagebot.edge.store.digests.undoing import Undoable

_ABSENCES = ("absence", "end absence")


def undo(store: Store, snapshot: Snapshot, key: bytes, ref: str, now: datetime) -> Done:
    """Given the store inside a transaction and what was changed ("" for whatever was last), take the last command about
    it back, all of it or nothing.

    A mail can be taken back until it leaves, which it does not before its undo window is over; anything else as long as
    it is as the command left it. Minutes are taken back by an entry against them. Raise a TriagebotError with the
    sentence why not.
    """
    wanted = find_named(ref).ref if ref else ""
    last = find_last(store, wanted)
    steps: list[dict[str, Any]] = last.undo["steps"]
    said: list[Words] = [say("Taken back: {line}", line=last.line)]
    for step in steps:
        said += _STEPS[step["do"]](store, snapshot, key, step, now)
    if not any(step["do"] in _ABSENCES for step in steps):  # those make the plan anew, for the days as they are then
        replan(store, snapshot, now)
    store.undoing.set_undone(last.row, now)
    _let_earlier_be_undone(store, steps)
    refs = tuple(one for one in last.undo["refs"] if one)
    for number in (int(one) for one in refs if one.isdecimal()):
        store.tickets.tell(number, DEVELOPER, "undone", last.line, now)
    return Done(wanted or last.ref, tuple(said), refs_touched=refs)


def find_last(store: Store, wanted: str) -> Undoable:
    """Given what was changed ("" for whatever was last), return the last command about it. Raise StoreError when there
    is none."""
    for one in store.undoing.last():
        if not wanted or wanted == one.ref or wanted in one.undo["refs"]:
            return one
    if wanted:
        raise StoreError(say("nothing was done to {ref} that can be taken back", ref=wanted))
    raise StoreError(say("nothing was done that can be taken back"))


def _let_earlier_be_undone(store: Store, steps: list[dict[str, Any]]) -> None:
    """A ticket that is as the command before had left it has a new version all the same; that command must know it."""
    as_before = {(step["number"], step["from"]): step["version"] + 1 for step in steps if step["do"] == "ticket"}
    for one in store.undoing.last() if as_before else ():
        found = [step for step in one.undo["steps"] if step["do"] == "ticket"]
        known = [step for step in found if (step["number"], step["version"]) in as_before]
        for step in known:
            step["version"] = as_before[step["number"], step["version"]]
        if known:
            store.undoing.keep(one)


def _letter(store: Store, snapshot: Snapshot, key: bytes, step: dict[str, Any], now: datetime) -> list[Words]:  # noqa: ARG001
    if not store.undoing.restore_letter(step["row"], step["was"]):
        raise _left(store, step["row"])
    store.outbox.tell(step["row"], DEVELOPER, "undone", f"{step['was']['state']} again", now)
    return []


def _stop(store: Store, snapshot: Snapshot, key: bytes, step: dict[str, Any], now: datetime) -> list[Words]:  # noqa: ARG001
    if not store.undoing.stop_letter(step["row"], now):
        raise _left(store, step["row"])
    row = store.outbox.find(step["row"])
    store.outbox.tell(step["row"], DEVELOPER, "mail dropped", "undone", now)
    return [say("The mail to {address} is not sent.", address=row["recipient"])] if row else []


def _left(store: Store, number: int) -> StoreError:
    row = store.outbox.find(number)
    if row is None:
        return StoreError(say("there is no mail {number}; see `triagebot outbox --all`", number=number))
    to, state = row["recipient"], row["state"]
    if state == "sent":
        return StoreError(say("the mail to {address} has left; nothing was taken back", address=to))
    return StoreError(
        say("the mail to {address} may have left ({state}); nothing was taken back", address=to, state=state)
    )


def _entry(store: Store, snapshot: Snapshot, key: bytes, step: dict[str, Any], now: datetime) -> list[Words]:  # noqa: ARG001
    entry = reverse_booking(store, snapshot, step["key"], now)
    if entry is None:
        return []
    name = snapshot.desk.name_of(entry.client, entry.client)
    return [say("{minutes} minutes are taken back for {client}.", minutes=entry.minutes, client=name)]


def _count(store: Store, snapshot: Snapshot, key: bytes, step: dict[str, Any], now: datetime) -> list[Words]:  # noqa: ARG001
    store.ledger.count_minutes(step["number"], -step["minutes"], now)
    return []


def _offer(store: Store, snapshot: Snapshot, key: bytes, step: dict[str, Any], now: datetime) -> list[Words]:  # noqa: ARG001
    store.undoing.restore_offer(step["number"], step["was"])
    return []


def _ticket(store: Store, snapshot: Snapshot, key: bytes, step: dict[str, Any], now: datetime) -> list[Words]:  # noqa: ARG001
    number, terms = step["number"], step["terms"]
    if not store.undoing.restore_ticket(number, step["version"], terms, now):
        raise StoreError(
            say("ticket {number} was changed since, so it stays; `triagebot ticket show {number}`", number=number)
        )
    said: list[Words] = []
    if "state" in terms:
        said.append(say("Ticket {number} is {state} again.", number=number, state=say_name(str(terms["state"]))))
    if terms.get("promise"):
        day = date.fromisoformat(terms["promise"])
        said.append(say("Ticket {number} is promised for {day} again.", number=number, day=day))
    return said


def _handled(store: Store, snapshot: Snapshot, key: bytes, step: dict[str, Any], now: datetime) -> list[Words]:  # noqa: ARG001
    store.mails.forget_handled(step["mail"])
    return [say("m{number} is open again.", number=step["mail"])]


def _close(store: Store, snapshot: Snapshot, key: bytes, step: dict[str, Any], now: datetime) -> list[Words]:  # noqa: ARG001
    return list(close(store, snapshot, step["number"], now, "undone").sentences)


def _merge(store: Store, snapshot: Snapshot, key: bytes, step: dict[str, Any], now: datetime) -> list[Words]:  # noqa: ARG001
    merge(store, snapshot, step["kept"], step["gone"], now)
    return [say("Ticket {gone} is part of ticket {kept} again.", gone=step["gone"], kept=step["kept"])]


def _unmerge(store: Store, snapshot: Snapshot, key: bytes, step: dict[str, Any], now: datetime) -> list[Words]:  # noqa: ARG001
    return list(unmerge(store, snapshot, step["kept"], step["gone"], now).sentences)


def _mode(store: Store, snapshot: Snapshot, key: bytes, step: dict[str, Any], now: datetime) -> list[Words]:  # noqa: ARG001
    return list(take_back(snapshot, ModeChange.from_json(step["change"])))


def _end_absence(store: Store, snapshot: Snapshot, key: bytes, step: dict[str, Any], now: datetime) -> list[Words]:
    ended = come_back(store, snapshot, key, date.fromisoformat(step["day"]), now)
    return [say("You are not away from {first} to {last}.", first=ended.first, last=ended.last)]


def _absence(store: Store, snapshot: Snapshot, key: bytes, step: dict[str, Any], now: datetime) -> list[Words]:
    colleague = Colleague(*step["colleague"]) if "colleague" in step else None
    first, last = date.fromisoformat(step["first"]), date.fromisoformat(step["last"])
    go_away(store, snapshot, key, Absence(first, last, step["note"], colleague), now)
    return [say("You are away from {first} to {last} again.", first=first, last=last)]


_STEPS: dict[str, Callable[[Store, Snapshot, bytes, dict[str, Any], datetime], list[Words]]] = {
    "letter": _letter,
    "stop": _stop,
    "entry": _entry,
    "count": _count,
    "offer": _offer,
    "ticket": _ticket,
    "handled": _handled,
    "close": _close,
    "merge": _merge,
    "unmerge": _unmerge,
    "mode": _mode,
    "end absence": _end_absence,
    "absence": _absence,
}
"""How each step of memory.py is taken back."""
