"""The purge of a desk: what it would remove is what it removes, at the times of the config, and never unseen."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk
from tests.edge.stores import add, arrive, claim, decide, make_mail
from triagebot.app.chores import do_due_chores
from triagebot.app.database import Database
from triagebot.app.desk.snapshot import load_snapshot
from triagebot.app.desk.view import DeskView, load_view
from triagebot.app.privacy.purge import DATABASE, Purged, purge, survey
from triagebot.edge.store import Store, open_store

DAY = timedelta(days=1)
ARRIVED = datetime(2026, 11, 23, 12, 0, 30, 250, tzinfo=UTC)


@pytest.fixture
def view(tmp_path: Path) -> DeskView:
    """A desk with an empty database."""
    config = LiveDesk(tmp_path / "desk", Account("support@desk.test", "secret", 1, 2)).config
    found, problems = load_view(config, ARRIVED)
    assert found is not None, problems
    open_store(found.data / DATABASE).close()
    return found


@pytest.fixture
def store(view: DeskView) -> Iterator[Store]:
    """Its database, open all the time, as the daemon's is."""
    with closing(open_store(view.data / DATABASE)) as opened:
        yield opened


def receive(store: Store, *states: str) -> None:
    """Given final states, receive a mail for each."""
    arrive(store, *range(1, len(states) + 1))
    for pending, state in zip(claim(store), states, strict=True):
        decide(store, pending.id, make_mail(f"<{pending.id}@a.test>", f"{pending.id}"), state=state, thread=pending.id)


def show(store: Store, at: datetime) -> None:
    """A digest was made and sent at a moment."""
    row = add(store, f"digest {at}", at, outgoing="digest", recipient="ada@dev.test", sender_key="", domain="")
    with store.transaction():
        store.outbox.finish(row or 0, "sent", "250", at)


def counts(purged: list[Purged]) -> dict[str, int]:
    """Return how many rows of each part there are, without those that have none."""
    return {one.label: one.rows for one in purged if one.rows}


def test_each_class_has_its_time(view: DeskView, store: Store) -> None:
    """Thirty days for what was suppressed, two years for conversations, 90 days for bytes; the config changes it."""
    receive(store, "suppressed", "answered", "held")
    add(store, "cause")
    with store.transaction():
        store.outbox.finish(1, "sent", "250", ARRIVED)
    show(store, ARRIVED + DAY)
    automatic, bytes_sent, ended = "automatic mail, lists, spam", "bytes of sent mails", "mails of ended conversations"
    assert counts(survey(view, ARRIVED + 30 * DAY)) == {}
    assert counts(survey(view, ARRIVED + 31 * DAY))[automatic] == 1
    assert bytes_sent not in counts(survey(view, ARRIVED + 90 * DAY))
    assert counts(survey(view, ARRIVED + 90.1 * DAY))[bytes_sent] == 1
    assert ended not in counts(survey(view, ARRIVED + 730 * DAY))
    assert counts(survey(view, ARRIVED + 731 * DAY))[ended] == 2
    shorter = replace(view.desk, retention=replace(view.desk.retention, automatic=2 * DAY))
    assert counts(survey(replace(view, desk=shorter), ARRIVED + 3 * DAY)) == {automatic: 1}


def test_what_is_shown_is_what_is_removed(view: DeskView, store: Store) -> None:
    """The dry run changes nothing; the purge removes just that, and nothing is left for the next one."""
    receive(store, "suppressed", "answered", "held")
    show(store, ARRIVED + DAY)
    now = ARRIVED + 800 * DAY
    shown = survey(view, now)
    assert store.mails.find(1) is not None
    assert [one for one in shown if one.rows] != []
    assert survey(view, now) == shown
    assert purge(view, now) == shown
    assert counts(survey(view, now)) == {}
    assert store.mails.count_states() == {"answered": 1, "held": 1, "suppressed": 1}


@pytest.mark.parametrize("state", ["suppressed", "held", "unreadable", "answered"])
def test_nothing_goes_unseen(view: DeskView, store: Store, state: str) -> None:
    """Without a digest that was sent after it came, a mail stays, however old (field.md 10)."""
    now = ARRIVED + 800 * DAY
    receive(store, state)
    assert counts(purge(view, now)) == {}
    show(store, ARRIVED - DAY)
    label = "automatic mail, lists, spam" if state == "suppressed" else "mails of ended conversations"
    assert label not in counts(purge(view, now))
    show(store, ARRIVED + DAY)
    assert counts(purge(view, now))[label] == 1


def test_the_daemon_purges_once_a_night(view: DeskView, store: Store) -> None:
    """At half past three of the desk's clock, once a date, beside the thread that owns the database; what the purge
    left is found by it afterwards."""
    receive(store, "suppressed")
    show(store, ARRIVED + DAY)
    loaded = load_snapshot(view.directory / "config.toml", ARRIVED)
    assert loaded.snapshot is not None
    snapshot = loaded.snapshot
    database = Database(view.data / DATABASE)
    database.start()

    def tick(now: datetime) -> list[object]:
        asyncio.run(do_due_chores(database, snapshot, bytes(32), now))
        return [row["subject"] for row in store.privacy.read("mail", [1])]

    night = datetime(2027, 1, 10, 3, 30, tzinfo=UTC)
    assert tick(night - timedelta(minutes=1)) == ["Hi"]
    assert tick(night) == [None]
    assert database.call(lambda one: one.mails.count_states()) == {"suppressed": 1}
    with store.transaction():
        store._connection.execute("UPDATE mail SET subject = 'Again'")
    assert tick(night + timedelta(hours=1)) == ["Again"]
    assert tick(night + DAY) == [None]
    database.stop()


def test_a_purge_ends_with_the_daemon(view: DeskView, store: Store) -> None:
    """Asked to stop it stops before the next piece; the rest waits."""
    receive(store, "suppressed")
    show(store, ARRIVED + DAY)
    stopping = threading.Event()
    stopping.set()
    assert purge(view, ARRIVED + 40 * DAY, stopping) == []
    assert counts(survey(view, ARRIVED + 40 * DAY))["automatic mail, lists, spam"] == 1


def test_the_commands_show_and_purge(tmp_path: Path) -> None:
    """`privacy purge` tells the same with and without --dry-run, as table and JSON; without a database a sentence."""
    desk = LiveDesk(tmp_path / "desk", Account("support@desk.test", "secret", 1, 2))
    missing = desk.run("privacy", "purge", "--dry-run")
    assert (missing.returncode, missing.stderr.count(b"\n")) == (1, 1)
    with closing(open_store(desk.database)) as store:
        receive(store, "suppressed")
        show(store, ARRIVED)
        long_ago = datetime(2020, 1, 1, tzinfo=UTC).isoformat(timespec="microseconds")
        with store.transaction():
            store._connection.execute("UPDATE mail SET decided_at = ?", (long_ago,))
    table = desk.run("privacy", "purge", "--dry-run").stdout.decode()
    assert "2020-01-01" in table
    assert desk.ask("privacy", "purge", "--dry-run") == desk.ask("privacy", "purge")
    assert {row["rows"] for row in desk.ask("privacy", "purge")} == {0}
    assert desk.rows("SELECT state, subject FROM mail") == [("suppressed", None)]
    record = desk.run("privacy", "record")
    assert b"support@desk.test" in record.stdout
