"""Commands as they are typed: each in a transaction of its own, and remembered, so that `ticket undo` takes it back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from triagebot.app.commands.carry_out import carry_out
from triagebot.app.commands.done import Done
from triagebot.app.commands.memory import Step, find_steps, leaves_at, refs_of, undo_of
from triagebot.app.desk.opening import writing
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.desk.view import DeskView
from triagebot.app.tickets.handling import Change, Outcome
from triagebot.app.tickets.mails import Mailing
from triagebot.core.commands.command import Command
from triagebot.core.phrase import ENGLISH, Words
from triagebot.edge.keys import load_key
from triagebot.edge.store import Store
from triagebot.edge.store.digests.undoing import Scope


def carry_out_typed(snapshot: Snapshot, command: Command, now: datetime) -> Done:
    """Given a desk and a command, do what an answer to the digest does. Raise a TriagebotError."""
    with writing(snapshot) as store:
        done = carry_out(store, snapshot, load_key(snapshot.data / "key"), command, now)
        _log(store, snapshot, command.line, command.verb, done.ref, done.sentences, done.undo, now)
    return done


def change_ticket(
    view: DeskView,
    change: Change,
    number: int,
    line: str,
    now: datetime,
    find_undo: Callable[[Outcome], list[Step]] | None = None,
) -> Outcome:
    """Given a desk, a change of a ticket with its values filled in, the ticket (0: one to come), the command as it was
    typed, and what takes it back where that cannot be seen from the ticket, make the change. Raise a TriagebotError."""
    with writing(view) as store:
        return _remember(store, view, lambda: change(store, view, now), number, line, now, find_undo)


def mail_ticket(snapshot: Snapshot, mailing: Mailing, number: int, line: str, now: datetime) -> Outcome:
    """Given a desk, a change of a ticket that comes with a mail, the ticket and the command as it was typed, make the
    change. Raise a TriagebotError."""
    with writing(snapshot) as store:
        key = load_key(snapshot.data / "key")
        return _remember(store, snapshot, lambda: mailing(store, snapshot, key, now), number, line, now)


def _remember(
    store: Store,
    view: DeskView,
    change: Callable[[], Outcome],
    number: int,
    line: str,
    now: datetime,
    find_undo: Callable[[Outcome], list[Step]] | None = None,
) -> Outcome:
    scope = Scope(frozenset((number,)))
    before = store.undoing.picture(scope)
    outcome = change()
    if outcome.changed:
        steps = find_undo(outcome) if find_undo else find_steps(store, scope, before)
        ref = str(number or outcome.ticket)
        undo = undo_of(line, tuple(dict.fromkeys((ref, str(outcome.ticket), *refs_of(Scope(), steps)))), steps)
        _log(store, view, line, line.split()[0], ref, outcome.sentences, undo, now)
    return outcome


def _log(
    store: Store,
    view: DeskView,
    line: str,
    verb: str,
    ref: str,
    sentences: tuple[Words, ...],
    undo: dict[str, Any] | None,
    now: datetime,
) -> None:
    until = leaves_at(undo, view.desk.outbox.approved_delay, now)
    said = " ".join(map(ENGLISH.speak, sentences))
    store.commands.add("done", said, now, line=line, verb=verb, ref=ref, undo=undo, undo_until=until)
