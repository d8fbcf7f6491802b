"""Commands that name nothing of the digest: a call written down, modes, days away."""

from datetime import datetime

from triagebot.app.commands.done import Done
from triagebot.app.commands.memory import Step, find_steps, refs_of, undo_of
from triagebot.app.desk.modes import set_mode
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.tickets.away import come_back, go_away, make_absence
from triagebot.app.tickets.handling import open_call
from triagebot.core.commands.command import Command
from triagebot.core.errors import StoreError
from triagebot.core.phrase import Value, Words, say
from triagebot.edge.store import Store
from triagebot.edge.store.digests.undoing import Scope

_USUAL_MINUTES = 30


def open_new(store: Store, snapshot: Snapshot, key: bytes, command: Command, now: datetime) -> Done:  # noqa: ARG001
    """Given `new` with a client and a matter, open a ticket for what was asked on the phone. Raise StoreError."""
    minutes = command.minutes or _USUAL_MINUTES
    outcome = open_call(store, snapshot, command.other, command.text, now, minutes=minutes, promise=command.day)
    ref = str(outcome.ticket)
    steps: list[Step] = [{"do": "close", "number": outcome.ticket}]
    return Done(ref, outcome.sentences, undo_of(command.line, (ref,), steps), refs_touched=(ref,))


def change_mode(store: Store, snapshot: Snapshot, key: bytes, command: Command, now: datetime) -> Done:  # noqa: ARG001
    """Given `mode`, give the desk, a tier or a rule its mode. The caller's transaction keeps others out. Raise
    TriagebotError."""
    if command.mode is None:
        raise StoreError(say("say which mode: mode live, mode draft or mode shadow"))
    change = set_mode(snapshot, command.mode, command.target, command.text or "your word", now)
    steps: list[Step] = [{"do": "mode", "change": change.as_json()}] if change.before != change.after else []
    return Done("", change.sentences, undo_of(command.line, ("",), steps), bool(steps))


def go_away_on(store: Store, snapshot: Snapshot, key: bytes, command: Command, now: datetime) -> Done:
    """Given `away` with its days, announce the absence; dates that it makes impossible move, and their clients are told
    as the desk tells them. Raise AbsenceError."""
    first = command.first or command.last
    if first is None:
        raise StoreError(say("say from when to when, such as: away 2026-12-24..2026-12-31 Christmas"))
    absence = make_absence(first, command.last or first, command.text)
    scope = Scope(frozenset(owed.ticket for owed in store.slots.owed()))
    before = store.undoing.picture(scope)
    done = go_away(store, snapshot, key, absence, now)
    sentences: list[Words] = [say("You are away from {first} to {last}.", first=absence.first, last=absence.last)]
    for one in done.moved:
        about: dict[str, Value] = {"number": one.shift.ticket, "before": one.shift.before}
        if one.shift.after is None:
            sentences.append(say("Ticket {number}, promised for {before}, has no date any more.", **about))
        else:
            sentences.append(say("Ticket {number} moves from {before} to {after}.", after=one.shift.after, **about))
        if one.told is None:
            sentences.append(say("No address is known for ticket {number}: call them.", number=one.shift.ticket))
    steps = [*find_steps(store, scope, before), {"do": "end absence", "day": str(absence.first)}]
    refs = refs_of(Scope(frozenset(one.shift.ticket for one in done.moved)), steps)
    return Done("", tuple(sentences), undo_of(command.line, ("", *refs), steps), refs_touched=refs)


def come_back_from(store: Store, snapshot: Snapshot, key: bytes, command: Command, now: datetime) -> Done:
    """Given `back`, end the announced absence that its day (today) lies in. Raise AbsenceError."""
    today = snapshot.calendar.local(now).date()
    ended = come_back(store, snapshot, key, command.first or today, now)
    sentence = say(
        "The absence from {first} to {last} is over; dates that were moved stay as told.",
        first=ended.first,
        last=ended.last,
    )
    first = max(command.first or today, ended.first)
    steps: list[Step] = [{"do": "absence", "first": str(first), "last": str(ended.last), "note": ended.note}]
    if ended.colleague is not None:
        steps[0]["colleague"] = [ended.colleague.name, ended.colleague.address]
    return Done("", (sentence,), undo_of(command.line, ("",), steps))
