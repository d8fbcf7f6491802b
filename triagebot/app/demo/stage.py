"""The demo's running desk and the provider around it: deliver a mail, let the daemon work, look what came of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from typing import Any

from triagebot.app.commands.answerable import answer_to
from triagebot.app.daemon import DATABASE, Daemon
from triagebot.app.demo.answer import choose_lines, write_answer
from triagebot.app.demo.desk import DEVELOPER, SUPPORT
from triagebot.app.demo.excerpt import count_left_out, excerpt
from triagebot.app.demo.letters import Letter, verdict_on, write_letter
from triagebot.app.desk.opening import writing
from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.digest.asked import send_digest
from triagebot.app.digest.gather import gather_digest
from triagebot.app.digest.hints import give_hints
from triagebot.app.digest.voice import voice_of
from triagebot.app.outgoing.rows import plus_mark
from triagebot.app.tickets.agenda import make_plan
from triagebot.app.tickets.hours import describe_hours, list_hours
from triagebot.core.desk import Limits
from triagebot.core.digest.content import Digest
from triagebot.core.digest.page import name_by_content, render_html
from triagebot.core.errors import TriagebotError
from triagebot.core.mail import HeaderBlock
from triagebot.core.outgoing.compose import plain_text
from triagebot.core.reading.headers import read_headers
from triagebot.edge.keys import load_key
from triagebot.edge.store import Store, open_store_to_read
from triagebot.edge.tinymail import TinyMail

Sent = tuple[tuple[str, bytes], ...]
"""Mails that left: whom each went to, and its bytes."""
_TICK = 0.02
_MOST_SECONDS = 8.0
_DAYS_AHEAD = 14


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter: the daemon's row of it, the mails that left because of it, and whether an answer
    waits in Drafts for the developer's word."""

    letter: Letter
    row: dict[str, Any]
    sent: Sent
    drafted: bool

    @property
    def alerted(self) -> bool:
        """Whether the developer was told at once."""
        return any(to == DEVELOPER for to, _ in self.sent)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One mail to read and one to answer: the digest's text as it came, an excerpt of it that leaves out so many
    sections, its page as a file, the lines the developer answered, and the text of the mail that says what came of
    them."""

    text: str
    excerpt: str
    left_out: int
    page: Path
    answer: tuple[str, ...]
    confirmation: str


class Stage:
    """The running daemon and the provider around it."""

    def __init__(self, provider: TinyMail, snapshot: Snapshot, daemon: Daemon, running: "asyncio.Task[None]") -> None:
        self._provider = provider
        self._snapshot = snapshot
        self._daemon = daemon
        self._running = running
        self._ids: dict[str, str] = {}
        self._began = datetime.now(UTC)

    async def open(self) -> None:
        """Wait until the daemon has looked into its inbox for the first time; raise what ended it before. The provider
        is known to deliver to `support+anything@`, as `check --mail` finds out elsewhere."""
        waiting = asyncio.create_task(self._daemon.opened.wait())
        await asyncio.wait((waiting, self._running), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._running.done():
            self._running.result()
        await asyncio.to_thread(self._note_plus_addressing)
        await self._until(lambda store: any(part.name != "files" and part.worked_at for part in store.health.parts()))

    async def perform(self, letter: Letter, number: int) -> Outcome:
        """Given a letter and how many came before, deliver it and wait until it is decided and what it caused is
        sent."""
        raw = write_letter(letter, number, datetime.now(UTC), self._ids.get(letter.answers, ""))
        sent = await self._deliver(SUPPORT, raw, letter.authentication, letter.envelope_sender)
        for recipient, answer in sent:
            if recipient != DEVELOPER:
                self._ids[letter.name] = _headers(answer).first("message-id")
        store = self._store()
        row = store.mails.recent(self._began)[-1]
        drafted = any(draft.mail == row["id"] for draft in store.matters.pending())
        store.close()
        return Outcome(letter, row, sent, drafted)

    async def exchange(self, page: Path) -> Exchange:
        """Given where to write its page, send the digest to the developer, answer it in her name, and wait for the
        mail that says what came of that."""
        now = datetime.now(UTC)
        digest = await asyncio.to_thread(self._read_digest, now)
        voice = voice_of(self._snapshot)
        page.write_text(render_html(digest, voice, name_by_content), encoding="utf-8")
        before = len(self._provider.sent)
        await asyncio.to_thread(send_digest, self._snapshot, now)
        self._daemon.wake()
        await self._until(_nothing_waits)
        arrived = _find_told(self._sent_since(before))
        lines = choose_lines(digest)
        to = parseaddr(_headers(arrived).first("reply-to"))[1]
        answer = write_answer(arrived, to, lines, datetime.now(UTC))
        confirmation = _find_told(await self._deliver(to, answer, verdict_on(DEVELOPER), DEVELOPER))
        shown, left_out = excerpt(digest, voice), count_left_out(digest)
        return Exchange(plain_text(arrived), shown, left_out, page, lines, plain_text(confirmation))

    def list_slots(self) -> tuple[dict[str, Any], ...]:
        """Return the slots of the coming support hours."""
        store, now = self._store(), datetime.now(UTC)
        hours = list_hours(store, self._snapshot, make_plan(store, self._snapshot, now), now, _DAYS_AHEAD)
        store.close()
        return tuple(slot for hour in describe_hours(hours) for slot in hour["slots"])

    def _store(self) -> Store:
        return open_store_to_read(self._snapshot.data / DATABASE)

    def _note_plus_addressing(self) -> None:
        with writing(self._snapshot) as store:
            for inbox in self._snapshot.desk.inbox:
                store.health.do_once(plus_mark(inbox.id), self._began)

    def _read_digest(self, now: datetime) -> Digest:
        """The digest as it is mailed at this moment, so that its page has the same links to answer with."""
        key, store = load_key(self._snapshot.data / "key"), self._store()
        digest = gather_digest(store, self._snapshot, now, self._began)
        answer = answer_to(self._snapshot, store, key, "digest", now.isoformat(), now)
        store.close()
        return replace(digest, answer=answer, hints=give_hints(digest.sections, self._snapshot))

    async def _deliver(self, to: str, raw: bytes, verdict: str, sender: str) -> Sent:
        """Let a mail arrive and wait until it is decided. Return the mails that left because of it, each with whom it
        went to."""
        store = self._store()
        decided = _decided(store)
        store.close()
        before = len(self._provider.sent)
        await asyncio.to_thread(partial(self._provider.deliver, to, raw, verdict, sender=sender))
        await self._until(lambda store: _decided(store) > decided)
        await self._until(_nothing_waits)
        return self._sent_since(before)

    def _sent_since(self, before: int) -> Sent:
        return tuple((one.recipients[0], one.raw) for one in self._provider.sent[before:])

    async def _until(self, holds: Callable[[Store], bool]) -> None:
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                while not await asyncio.to_thread(self._asked, holds):
                    if self._running.done():
                        self._running.result()
                        raise TriagebotError("the demo was ended before the day was over")
                    await asyncio.sleep(_TICK)
        except TimeoutError:
            raise TriagebotError(
                f"the demo's desk did nothing for {_MOST_SECONDS:g} s; is this machine busy? Run `triagebot demo` again"
            ) from None

    def _asked(self, holds: Callable[[Store], bool]) -> bool:
        store = self._store()
        try:
            return holds(store)
        finally:
            store.close()


def _decided(store: Store) -> int:
    states = store.mails.count_states()
    return sum(states.values()) - states.get("pending", 0)


def _nothing_waits(store: Store) -> bool:
    return store.outbox.oldest_unsent(datetime.now(UTC)) is None


def _find_told(sent: Sent) -> bytes:
    """Given mails that left, return the one for the developer."""
    told = [raw for to, raw in sent if to == DEVELOPER]
    if not told:
        raise TriagebotError(
            f"the demo's desk sent no mail to {DEVELOPER}; `triagebot demo` again shows whether it does"
        )
    return told[-1]


def _headers(raw: bytes) -> HeaderBlock:
    return read_headers(raw, Limits())
