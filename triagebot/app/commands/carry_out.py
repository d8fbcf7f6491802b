"""Carrying out one command, wherever it comes from: an answer to a digest, or the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from triagebot.app.commands.apart import change_mode, come_back_from, go_away_on, open_new
from triagebot.app.commands.done import Done, Named, find_named, ticket_of
from triagebot.app.commands.letters import (
    DOUBTFUL,
    WAITING,
    approve_one,
    correct,
    drop_one,
    settle_doubtful,
    the_one,
    told_verdict,
)
from triagebot.app.commands.memory import Step, find_steps, refs_of, scope_of, undo_of
from triagebot.app.commands.own_words import send_words
from triagebot.app.commands.undo import undo
from triagebot.app.commands.working import book_time, decline_time, finish_ticket, take_time
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.tickets.away import with_latest
from triagebot.app.tickets.handling import Outcome, close, hold, reopen, start
from triagebot.app.tickets.mails import move_and_tell, quote
from triagebot.app.tickets.merging import merge, split, unmerge
from triagebot.core.commands.command import Command, Verb
from triagebot.core.errors import StoreError
from triagebot.core.modes import ModeChange, Said
from triagebot.core.phrase import Words, say
from triagebot.edge.modes import read_modes
from triagebot.edge.store import Store


@dataclass(frozen=True, slots=True)
class Hand:
    """What every command works with."""

    store: Store
    snapshot: Snapshot
    key: bytes
    now: datetime


def carry_out(store: Store, snapshot: Snapshot, key: bytes, command: Command, now: datetime) -> Done:
    """Given the store inside a transaction and a command that names one thing, do it; return what was done and what
    takes it back. Raise a TriagebotError with the sentence why not; the caller undoes what was begun."""
    snapshot = with_latest(snapshot)  # the same answer may have announced one
    if command.verb == "undo":
        return undo(store, snapshot, key, command.ref, now)
    alone = _ALONE.get(command.verb)
    if alone is not None:
        return alone(store, snapshot, key, command, now)
    hand, named = Hand(store, snapshot, key, now), find_named(command.ref)
    return _JOINING[command.verb](hand, command) if command.verb in _JOINING else _remember(hand, command, named)


def _remember(hand: Hand, command: Command, named: Named) -> Done:
    """Do it, and find out what it has changed."""
    store, scope = hand.store, scope_of(hand.store, named)
    before, words = store.undoing.picture(scope), _read_words(hand, command)
    sentences = _ON_ONE[command.verb](hand, command, named)
    steps = find_steps(store, scope, before) + _find_modes(words, _read_words(hand, command))
    refs = refs_of(scope, steps)
    return Done(named.ref, tuple(sentences), undo_of(command.line, refs, steps), bool(steps), refs)


def _read_words(hand: Hand, command: Command) -> tuple[Said, ...]:
    """Only a correction may change modes on its way."""
    return read_modes(hand.snapshot.data, hand.snapshot.directory)[0] if command.verb == "no" else ()


def _find_modes(before: tuple[Said, ...], after: tuple[Said, ...]) -> list[Step]:
    gone = tuple(one for one in before if one not in after)
    come = tuple(one for one in after if one not in before)
    if not gone and not come:
        return []
    first = (*come, *gone)[0]
    return [{"do": "mode", "change": ModeChange(first.of, first.mode, gone, come).as_json()}]


def _ok(hand: Hand, command: Command, named: Named) -> list[Words]:  # noqa: ARG001 - one shape for all
    """Yes to what waits: a mail goes as it was shown, minutes are booked as they were offered, a mail is dealt with."""
    row = the_one(hand.store, named)
    if row is not None:
        return [approve_one(hand.store, hand.snapshot, row, named.ref, hand.now)]
    if named.outgoing is not None:
        return [settle_doubtful(hand.store, hand.snapshot, named.outgoing, hand.now, again=True)]
    if named.ticket is not None:
        return take_time(hand.store, hand.snapshot, named.ticket, hand.now)
    return _deal_with(hand, named, "ok")


def _send(hand: Hand, command: Command, named: Named) -> list[Words]:
    return [send_words(hand.store, hand.snapshot, hand.key, named, command.text, hand.now)]


def _no(hand: Hand, command: Command, named: Named) -> list[Words]:  # noqa: ARG001 - one shape for all
    """No to what waits. Of an answer that left by itself: it was wrong."""
    row = the_one(hand.store, named)
    if row is not None:
        return drop_one(hand.store, hand.snapshot, row, hand.now)
    if named.outgoing is not None:
        return [settle_doubtful(hand.store, hand.snapshot, named.outgoing, hand.now, again=False)]
    if named.ticket is not None:
        return decline_time(hand.store, hand.snapshot, named.ticket, hand.now)
    return _deal_with(hand, named, "no")


def _deal_with(hand: Hand, named: Named, word: Verb) -> list[Words]:
    """A mail without a draft: what the desk said by itself was right or wrong, and it needs nobody any more."""
    number = named.mail or 0
    if hand.store.mails.find(number) is None:
        raise StoreError(say("there is no mail {number}", number=number))
    answer = hand.store.undoing.answer_to(number)
    row = hand.store.outbox.find(answer) if answer is not None else None
    said: list[Words] = []
    if row is not None and row["class"] == "auto" and word == "ok":
        told_verdict(hand.store, hand.snapshot, row, "ok", hand.now)
    elif row is not None and row["class"] == "auto" and word == "no":
        if row["state"] in WAITING:
            said.append(settle_doubtful(hand.store, hand.snapshot, row["id"], hand.now, again=False))
        said += correct(hand.store, hand.snapshot, row["id"], hand.now)
    elif word == "no":
        raise StoreError(
            say(
                "m{number} has no answer of the desk to say no to; when it is dealt with: m{number} done", number=number
            )
        )
    fresh = hand.store.mails.set_handled(number, hand.now)
    return [*said, say("Mail m{number} is dealt with.", number=number)] if fresh or not said else said


def _done(hand: Hand, command: Command, named: Named) -> list[Words]:
    if named.ticket is not None:
        return finish_ticket(hand.store, hand.snapshot, named.ticket, command.minutes, command.text, hand.now)
    return _close(hand, command, named)


def _close(hand: Hand, command: Command, named: Named) -> list[Words]:
    if named.mail is not None:
        return _deal_with(hand, named, "close")
    if named.outgoing is not None:
        row = hand.store.outbox.find(named.outgoing)
        doubtful = row is not None and row["state"] in DOUBTFUL
        return _no(hand, command, named) if doubtful else _refuse_close(named)
    return list(close(hand.store, hand.snapshot, ticket_of(command), hand.now).sentences)


def _refuse_close(named: Named) -> list[Words]:
    raise StoreError(say("{ref} is a mail of yours; say `{ref} ok` or `{ref} no`", ref=named.ref))


def _book(hand: Hand, command: Command, named: Named) -> list[Words]:  # noqa: ARG001 - one shape for all
    number, minutes = ticket_of(command), command.minutes or 0
    return book_time(hand.store, hand.snapshot, number, minutes, command.text, hand.now)


def _of_ticket(change: Callable[[Hand, int, Command], Outcome]) -> "Doing":
    return lambda hand, command, _: list(change(hand, ticket_of(command), command).sentences)


def _move(hand: Hand, number: int, command: Command) -> Outcome:
    if command.day is None:
        raise StoreError(say("say for when, such as: {number} fri", number=number))
    return move_and_tell(hand.store, hand.snapshot, hand.key, number, command.day, hand.now, leaves=True)


def _quote(hand: Hand, number: int, command: Command) -> Outcome:
    if command.minutes is None or command.price is None:
        raise StoreError(say("say how long and for how much, such as: {number} quote 3h 240", number=number))
    minutes, price = command.minutes, command.price
    return quote(hand.store, hand.snapshot, hand.key, number, minutes, price, hand.now, leaves=True)


def _merge(hand: Hand, command: Command) -> Done:
    kept, other = ticket_of(command), find_named(command.other)
    if other.ticket is None:
        raise StoreError(say("{ref} is no ticket; name the two tickets that are one", ref=other.ref))
    outcome = merge(hand.store, hand.snapshot, kept, other.ticket, hand.now)
    step: Step = {"do": "unmerge", "kept": kept, "gone": other.ticket}
    return _joined(command, outcome, (str(kept), other.ref), step)


def _split(hand: Hand, command: Command) -> Done:
    number, other = ticket_of(command), find_named(command.other)
    if other.ticket is not None:
        outcome = unmerge(hand.store, hand.snapshot, number, other.ticket, hand.now)
    elif other.mail is not None:
        outcome = split(hand.store, hand.snapshot, number, other.mail, hand.now)
    else:
        raise StoreError(say("name the mail that is another matter, such as: {number} split m40", number=number))
    step: Step = {"do": "merge", "kept": number, "gone": outcome.ticket}
    return _joined(command, outcome, (str(number), other.ref, str(outcome.ticket)), step)


def _joined(command: Command, outcome: Outcome, refs: tuple[str, ...], step: Step) -> Done:
    steps = [step] if outcome.changed else []
    return Done(refs[0], outcome.sentences, undo_of(command.line, refs, steps), outcome.changed, refs)


Doing = Callable[[Hand, Command, Named], list[Words]]
_ON_ONE: dict[Verb, Doing] = {
    "ok": _ok,
    "send": _send,
    "no": _no,
    "book": _book,
    "done": _done,
    "close": _close,
    "start": _of_ticket(lambda hand, number, _: start(hand.store, hand.snapshot, number, hand.now)),
    "hold": _of_ticket(lambda hand, number, _: hold(hand.store, hand.snapshot, number, hand.now)),
    "reopen": _of_ticket(lambda hand, number, _: reopen(hand.store, hand.snapshot, number, hand.now)),
    "move": _of_ticket(_move),
    "quote": _of_ticket(_quote),
}
_JOINING: dict[Verb, Callable[[Hand, Command], Done]] = {"merge": _merge, "split": _split}
_ALONE = {"new": open_new, "mode": change_mode, "away": go_away_on, "back": come_back_from}
"""Commands about nothing that is there: what they take back they say themselves."""
