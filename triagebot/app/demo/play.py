"""Playing the demo's day: deliver a mail, let the daemon work, look at what came of it."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from triagebot.app.daemon import DATABASE, Daemon
from triagebot.app.demo.desk import CLIENTS, DEVELOPER, PASSWORD, SUPPORT, write_demo_desk
from triagebot.app.demo.letters import DAY, Letter, write_letter
from triagebot.app.desk.snapshot import Snapshot, load_snapshot
from triagebot.app.digest.gather import gather_digest
from triagebot.app.tickets.agenda import make_plan
from triagebot.app.tickets.hours import describe_hours, list_hours
from triagebot.core.desk import Limits
from triagebot.core.digest.page import render_html
from triagebot.core.errors import TriagebotError
from triagebot.core.reading.headers import read_headers
from triagebot.edge.lock import DeskLock
from triagebot.edge.store import Store, open_store_to_read
from triagebot.edge.tinymail import AUTHSERV_ID, TinyMail

_TICK = 0.02
_MOST_SECONDS = 8.0
_DAYS_AHEAD = 14


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter: the daemon's row of it, and the mails that left because of it."""

    letter: Letter
    row: dict[str, Any]
    sent: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Played:
    """The whole day: outcomes in order, the coming slots, and where the digest was written."""

    outcomes: tuple[Outcome, ...]
    slots: tuple[dict[str, object], ...]
    digest: Path


@dataclass(frozen=True, slots=True)
class Served:
    """Where a person's own mail program reaches the demo, while it stays up."""

    imap_port: int
    smtp_port: int
    password: str
    support: str
    clients: dict[str, str]


async def play(progress: Callable[[int, int, str], None], serve: Callable[[Served], None] | None = None) -> Played:
    """Play the day. `progress` is told (done, all, what); `serve`, when given, is told the logins after the day,
    and the demo then stays up until it is cancelled."""
    directory = Path(tempfile.mkdtemp(prefix="triagebot-demo-"))
    users = dict.fromkeys((SUPPORT, DEVELOPER, *CLIENTS, "nils@somewhere.example"), PASSWORD)
    with TinyMail(users) as provider:
        config = write_demo_desk(directory / "desk", provider.imap_port, provider.smtp_port, AUTHSERV_ID)
        loaded = load_snapshot(config, datetime.now(UTC))
        assert loaded.snapshot is not None, loaded.problems  # noqa: S101 - the demo's own files
        with DeskLock(loaded.snapshot.data / "lock"):
            daemon = Daemon(config, loaded.snapshot)
            running = asyncio.create_task(daemon.run())
            stage = _Stage(provider, loaded.snapshot, running)
            try:
                await stage.until_opened(daemon.opened)
                await stage.until_watching()
                outcomes = [await stage.perform(letter, n, progress) for n, letter in enumerate(DAY)]
                progress(len(DAY), len(DAY), "writing the digest")
                played = stage.close(tuple(outcomes), directory / "digest.html")
                if serve is not None:
                    serve(Served(provider.imap_port, provider.smtp_port, PASSWORD, SUPPORT, CLIENTS))
                    await running
            finally:
                daemon.stop()
                await running
    return played


class _Stage:
    """The running daemon and the provider around it."""

    def __init__(self, provider: TinyMail, snapshot: Snapshot, running: "asyncio.Task[None]") -> None:
        self._provider = provider
        self._snapshot = snapshot
        self._running = running
        self._ids: dict[str, str] = {}
        self._began = datetime.now(UTC)

    def _store(self) -> Store:
        return open_store_to_read(self._snapshot.data / DATABASE)

    async def until_opened(self, opened: asyncio.Event) -> None:
        """Wait until the daemon has its database open; raise what ended it before."""
        waiting = asyncio.create_task(opened.wait())
        await asyncio.wait((waiting, self._running), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._running.done():
            self._running.result()

    async def until_watching(self) -> None:
        """Wait until the daemon has looked into its inbox for the first time."""
        await self._until(lambda store: any(part.name != "files" and part.worked_at for part in store.health.parts()))

    async def perform(self, letter: Letter, number: int, progress: Callable[[int, int, str], None]) -> Outcome:
        """Deliver one letter and wait until it is decided and what it caused is sent."""
        progress(number, len(DAY), f"{letter.sender.partition(' <')[0]}: {letter.subject}")
        before = len(self._provider.sent)
        parent = self._ids.get(letter.answers, "")
        raw = write_letter(letter, number, datetime.now(UTC), parent)
        await asyncio.to_thread(
            partial(self._provider.deliver, SUPPORT, raw, letter.authentication, sender=letter.envelope_sender)
        )
        await self._until(lambda store: _decided(store) > number)
        await self._until(_nothing_waits)
        sent = tuple((one.recipients[0], one.raw) for one in self._provider.sent[before:])
        for recipient, answer in sent:
            if recipient != DEVELOPER:
                self._ids[letter.name] = _message_id(answer)
        store = self._store()
        row = store.mails.recent(self._began)[-1]
        store.close()
        return Outcome(letter, row, sent)

    def close(self, outcomes: tuple[Outcome, ...], digest: Path) -> Played:
        """Write the digest and read the coming support hours."""
        store, now = self._store(), datetime.now(UTC)
        html = render_html(gather_digest(store, self._snapshot, now, self._began))
        digest.write_text(html, encoding="utf-8")
        hours = list_hours(store, self._snapshot, make_plan(store, self._snapshot, now), now, _DAYS_AHEAD)
        store.close()
        return Played(outcomes, tuple(slot for hour in describe_hours(hours) for slot in hour["slots"]), digest)

    async def _until(self, holds: Callable[[Store], bool]) -> None:
        async with asyncio.timeout(_MOST_SECONDS):
            while not await asyncio.to_thread(self._asked, holds):
                if self._running.done():
                    self._running.result()
                    raise TriagebotError("the demo was ended before the day was over")
                await asyncio.sleep(_TICK)

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


def _message_id(raw: bytes) -> str:
    return read_headers(raw, Limits()).first("message-id")
