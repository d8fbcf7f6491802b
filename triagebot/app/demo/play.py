"""Playing the demo's day: its letters one after another, then the digest, the developer's answer, and what it did."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from triagebot.app.daemon import Daemon
from triagebot.app.demo.desk import CLIENTS, DEVELOPER, PASSWORD, SUPPORT, write_demo_desk
from triagebot.app.demo.letters import DAY
from triagebot.app.demo.stage import Exchange, Outcome, Stage
from triagebot.app.desk.snapshot import load_snapshot
from triagebot.edge.lock import DeskLock
from triagebot.edge.tinymail import AUTHSERV_ID, TinyMail

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Played:
    """The whole day: outcomes in order, the coming slots, and the developer's two mails."""

    outcomes: tuple[Outcome, ...]
    slots: tuple[dict[str, Any], ...]
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Served:
    """Where a person's own mail program reaches the demo, while it stays up."""

    imap_port: int
    smtp_port: int
    password: str
    support: str
    developer: str
    clients: dict[str, str]


async def play(progress: Progress, serve: Callable[[Played, Served], None] | None = None) -> Played:
    """Play the day. `progress` is told (done, all, what); `serve`, when given, is told what was played and the logins,
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
            try:
                played = await _play_on(Stage(provider, loaded.snapshot, daemon, running), directory, progress)
                if serve is not None:
                    serve(played, Served(provider.imap_port, provider.smtp_port, PASSWORD, SUPPORT, DEVELOPER, CLIENTS))
                    await running
            finally:
                daemon.stop()
                await running
    return played


async def _play_on(stage: Stage, directory: Path, progress: Progress) -> Played:
    await stage.open()
    outcomes = []
    for number, letter in enumerate(DAY):
        progress(number, len(DAY), f"{letter.sender.partition(' <')[0]}: {letter.subject}")
        outcomes.append(await stage.perform(letter, number))
    slots = stage.list_slots()
    progress(len(DAY), len(DAY), "Ada reads the digest and answers it")
    return Played(tuple(outcomes), slots, await stage.exchange(directory / "digest.html"))
