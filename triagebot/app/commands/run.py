"""Running the commands of one answer: each by itself, and only on what is still as the digest showed it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from triagebot.app.commands.carry_out import carry_out
from triagebot.app.commands.done import Done, find_named
from triagebot.app.commands.memory import leaves_at, pending_of
from triagebot.app.commands.undo import find_last
from triagebot.app.desk.snapshot import Snapshot
from triagebot.core.commands.command import ALL, Command, Said, Verb
from triagebot.core.errors import StoreError, TriagebotError
from triagebot.core.phrase import ENGLISH, Words, say
from triagebot.edge.store import Store
from triagebot.edge.store.digests.commands import CommandOutcome
from triagebot.edge.store.digests.digests import KnownDigest
from triagebot.edge.wording import say_time

FREE: frozenset[Verb] = frozenset(("undo", "new", "mode", "away", "back"))
"""Commands about nothing that a digest shows; what `undo` takes back knows its own version."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one line. `ref` is what it was about, "" for nothing that can be named again. Where it can be taken
    back, `undo_until` is when the mail leaves that it is about, None where there is no such mail. `row` is its
    number in the log of commands."""

    line: str
    outcome: CommandOutcome
    sentences: tuple[Words, ...]
    ref: str = ""
    can_undo: bool = False
    undo_until: datetime | None = None
    row: int = 0


def run_commands(
    store: Store, snapshot: Snapshot, key: bytes, said: Said, digest: KnownDigest, mail: int, now: datetime
) -> tuple[Result, ...]:
    """Given what an answer says, the digest it answers and its row, carry out its commands in their order. Return what
    came of each, then the lines that were not clear; all of it is in the log of commands."""
    run = _Run(store, snapshot, key, digest, mail, now, said)
    results = [run.run(command) for one in said.commands for command in run.spread(one)]
    undone = store.commands.undone([result.row for result in results])
    results = [_take_back(result) if result.row in undone else result for result in results]
    for unclear in said.unclear:
        results.append(Result(unclear.line, "unclear", (unclear.why,)))
        why = ENGLISH.speak(unclear.why)
        store.commands.add("unclear", why, now, line=unclear.line, digest=digest.id, mail=mail)
    return tuple(results)


def _take_back(result: Result) -> Result:
    """What a line has done that a line below it took back: nothing of it is so any more."""
    return replace(result, sentences=(say("A line below it took that back."),), can_undo=False, undo_until=None)


class _Run:
    def __init__(
        self, store: Store, snapshot: Snapshot, key: bytes, digest: KnownDigest, mail: int, now: datetime, said: Said
    ) -> None:
        self._store = store
        self._snapshot = snapshot
        self._key = key
        self._digest = digest
        self._mail = mail
        self._now = now
        self._refs = {ref.ref: ref for ref in store.digests.refs_of(digest.id)}
        self._held: set[str] = set()
        # Before the first command: what an answer itself does to other things is no change "since the digest".
        named = {ref for command in said.commands for ref in (command.ref, command.other)}
        self._current = {
            ref.ref
            for ref in self._refs.values()
            if (ref.ref in named or ALL in named) and store.digests.version_of(ref.ref) == ref.version
        }

    def spread(self, command: Command) -> Iterator[Command]:
        """`all ok` is one command for each mail that the digest showed whole."""
        shown = [ref.ref for ref in self._refs.values() if ref.shown]
        if command.ref != ALL or not shown:
            yield command
        else:
            yield from (replace(command, ref=ref) for ref in shown)

    def run(self, command: Command) -> Result:
        """One command, whole or not at all."""
        try:
            with self._store.step():
                held = self._hold(command)
                done = carry_out(self._store, self._snapshot, self._key, command, self._now)
        except TriagebotError as error:
            if not self._store.in_transaction:  # the disk is full: nothing of this answer has happened
                raise
            self._log(command, "refused", (error.words,), command.ref)
            return Result(command.line, "refused", (error.words,), self._unchanged(command.ref))
        self._held.update(held)
        return self._tell(command, done)

    def _tell(self, command: Command, done: Done) -> Result:
        until = leaves_at(done.undo, self._snapshot.desk.outbox.approved_delay, self._now)
        row = self._log(command, "done", done.sentences, done.ref, done, until)
        can_undo = done.undo is not None and until != self._now
        return Result(command.line, "done", done.sentences, done.ref, can_undo, until, row)

    def _hold(self, command: Command) -> list[str]:
        """Before the first command about a thing: it must still be as the digest showed it, and no other answer may
        have used it (safety.md E, compare and set). Raise StoreError."""
        if command.verb == "undo":
            self._refuse_newer(command.ref)
        if command.verb in FREE:
            return []
        if command.ref == ALL:
            raise StoreError(say("that mail showed nothing that waits for your ok"))
        named = [command.ref, *(ref for ref in (command.other,) if ref in self._refs)]
        for ref in named:
            if ref not in self._held:
                self._use(ref)
        if command.verb == "ok" and not self._refs[command.ref].shown:
            self._refuse_unread(command)
        return named

    def _refuse_newer(self, ref: str) -> None:
        """A confirmation offers to take back what it confirms. What was done after it is another thing."""
        if self._digest.kind != "confirmation":
            return
        last = find_last(self._store, ref)
        if self._digest.made_at < last.at < self._now:
            raise StoreError(
                say("something else was done since that mail: {line}; answer the one that told you", line=last.line)
            )

    def _refuse_unread(self, command: Command) -> None:
        """`ok` says yes to words that were read; those of an answer kept in shadow stand in no digest by themselves."""
        for row in pending_of(self._store, find_named(command.ref)):
            if row["class"] == "auto" and row["state"] == "shadow":
                raise StoreError(
                    say(
                        "that mail does not show what `{line}` would send; read it with `triagebot explain {mail}`,"
                        " then: triagebot outbox approve {number}",
                        line=command.line,
                        mail=row["mail"],
                        number=row["id"],
                    )
                )

    def _use(self, ref: str) -> None:
        shown = self._refs.get(ref)
        if shown is None:
            raise StoreError(
                say("that mail did not show {ref}; answer the one that does, or use the command line", ref=ref or "?")
            )
        newer = self._store.digests.newer_than(self._digest.id, ref)
        if newer is not None:
            time = say_time(newer, self._snapshot.calendar.zone)
            raise StoreError(say("a newer mail shows {ref} (that of {time}); answer that one", ref=ref, time=time))
        if ref not in self._current:
            raise StoreError(
                say("{ref} has changed since that mail was written; it is shown again in the next digest", ref=ref)
            )
        if not self._store.digests.use(self._digest.id, ref, self._mail, self._now):
            raise StoreError(say("another answer of yours was about {ref}; answer what came back to it", ref=ref))

    def _unchanged(self, ref: str) -> str:
        """What was refused may be said better in answer to the confirmation, if it is what the developer saw."""
        is_newest = self._store.digests.newer_than(self._digest.id, ref) is None
        return ref if ref in self._held or (ref in self._current and is_newest) else ""

    def _log(
        self,
        command: Command,
        outcome: CommandOutcome,
        sentences: tuple[Words, ...],
        ref: str,
        done: Done | None = None,
        until: datetime | None = None,
    ) -> int:
        return self._store.commands.add(
            outcome,
            " ".join(map(ENGLISH.speak, sentences)),
            self._now,
            line=command.line,
            verb=command.verb,
            ref=ref,
            digest=self._digest.id,
            mail=self._mail,
            undo=done.undo if done is not None else None,
            undo_until=until,
        )
