"""An emergency's alert leaves by every way that is configured; a way that fails holds up no other."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.app.health.test_watch_looks import MINUTE, NOW, SECOND, Bench
from tests.edge.stores import outgoing
from tests.servers.process import free_ports
from tests.servers.sink import Sink
from triagebot.app.health.watch import Watchdog


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A desk without servers."""
    made = Bench(tmp_path)
    yield made
    made.database.stop()


def configure(bench: Bench, port: int, status: int = 0) -> None:
    """Given a port and what the command ends with, let alerts go to both."""
    bench.command(status)
    text = bench.config.read_text("utf-8")
    more = f'\n[alert.smtp]\nhost = "localhost"\nport = {port}\nsecurity = "none"\nto = "ada@other.test"\n'
    bench.config.write_text(text + more, "utf-8")
    bench.reload()


def alert(bench: Bench, subject: str, **values: object) -> None:
    """Given a subject, put an alert into the outbox."""
    raw = b"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nDown!\r\n"
    mail = outgoing(f"alert {subject}", outgoing="alert", subject=subject, raw=raw, due=NOW, **values)
    bench.database.call(lambda store: store.outbox.add(mail, NOW))


def page(watchdog: Watchdog, *moments: datetime) -> None:
    """Given moments, let alerts be told at each of them, all at the same time."""

    async def at_once() -> None:
        await asyncio.gather(*(watchdog.page(moment) for moment in moments))

    asyncio.run(at_once())


def paged(bench: Bench) -> list[object]:
    """Return of each alert whether it needs no other way any more."""
    return [row[0] for row in bench.ask("SELECT paged_at IS NOT NULL FROM outbox ORDER BY id")]


def test_it_leaves_by_both_ways_once(bench: Bench) -> None:
    """By the command and by the second account, whatever happens afterwards."""
    with Sink() as sink:
        configure(bench, sink.port)
        alert(bench, "[emergency] one")
        watchdog = bench.watchdog()
        page(watchdog, NOW, NOW)
        page(watchdog, NOW + MINUTE)
        page(bench.watchdog(), NOW + MINUTE)
        assert [mail.recipients for mail in sink.mails] == [("ada@other.test",)]
    assert bench.told() == ["[emergency] one"]
    assert paged(bench) == [1]


def test_the_way_that_failed_alone_is_tried_again(bench: Bench) -> None:
    """The second account is away: the command has each alert at once, and is not given it twice."""
    (port,) = free_ports(1)
    configure(bench, port)
    alert(bench, "[emergency] one")
    alert(bench, "[emergency] two")
    watchdog = bench.watchdog()
    page(watchdog, NOW)
    assert sorted(bench.told()) == ["[emergency] one", "[emergency] two"]
    assert paged(bench) == [0, 0]
    with Sink() as sink:
        configure(bench, sink.port)
        page(watchdog, NOW + 10 * SECOND)
        assert len(sink.mails) == 2
    assert len(bench.told()) == 2
    assert paged(bench) == [1, 1]


def test_an_alert_of_the_quiet_hours_waits_for_their_end(bench: Bench) -> None:
    """One that is due later is told then, by every way."""
    with Sink() as sink:
        configure(bench, sink.port)
        mail = outgoing("later", outgoing="alert", subject="[emergency] night", due=NOW + 9 * 60 * MINUTE)
        bench.database.call(lambda store: store.outbox.add(mail, NOW))
        watchdog = bench.watchdog()
        page(watchdog, NOW + 8 * 60 * MINUTE)
        assert bench.told() == []
        page(watchdog, NOW + 9 * 60 * MINUTE)
        assert (bench.told(), len(sink.mails)) == (["[emergency] night"], 1)
