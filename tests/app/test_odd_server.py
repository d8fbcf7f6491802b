"""Servers that keep the protocol and are odd: no mail is lost over it, and none keeps the others waiting."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk, proven
from tests.servers.odd_imap import OddImap
from tests.servers.sink import Sink
from triagebot.app.database import Database
from triagebot.app.desk.snapshot import Snapshot, load_snapshot
from triagebot.app.intake.line import Desktop
from triagebot.app.intake.lookout import Rhythm
from triagebot.app.intake.reader import Reader
from triagebot.app.intake.watcher import Watcher

SUPPORT = "support@company.test"
SHORT = Rhythm(idle=0.4, poll=0.2, tick=0.1, errands=0.1, patience=0.5)


def account(server: OddImap, sink: Sink, more: str = "") -> Account:
    """Given a server and a sink, return the support account there."""
    return Account(SUPPORT, "secret", server.port, sink.port, smtp_login=False, more=more)


def question(number: int) -> bytes:
    """Given a number, return a question of a person of that number."""
    return proven(f"a{number}@client.test", SUPPORT, f"Question {number}")


def now() -> str:
    """Return the moment as servers write INTERNALDATE."""
    return datetime.now(UTC).strftime("%d-%b-%Y %H:%M:%S +0000")


@pytest.mark.parametrize("oddity", ["undescribed", "bare"])
def test_a_uid_the_server_tells_nothing_about_has_a_row(oddity: str, sink: Sink, tmp_path: Path) -> None:
    """Without size or date a mail is read all the same; when it came is unknown, so a person sees to it."""
    with OddImap() as server, LiveDesk(tmp_path / "desk", account(server, sink)) as desk:
        desk.start()
        server.odd.date = now()
        setattr(server.odd, oddity, {2})
        server.mails.update({1: question(1), 2: question(2)})
        server.add(3, question(3))
        desk.until_idle(3)
        assert desk.stop() == 0
        assert desk.rows("SELECT uid, state, size > 0 FROM mail ORDER BY uid") == [
            (1, "answered", 1),
            (2, "held", 0),
            (3, "answered", 1),
        ]
        assert desk.rows("SELECT new_text, codes FROM mail WHERE uid = 2") == [
            ("Where are the permalinks?", "backfill")
        ]


def test_mails_a_server_leaves_out_for_a_moment_are_met(sink: Sink, tmp_path: Path) -> None:
    """A UID below the last one that appears later is found by the comparison; a mail that is listed but not handed
    out yet waits; one that seemed to be gone is decided when it is there again."""
    with OddImap() as server, LiveDesk(tmp_path / "desk", account(server, sink)) as desk:
        desk.start()
        desk.wait_for_log("compared with the server")
        server.odd.date, server.odd.hidden, server.odd.withheld = now(), {1}, {2}
        server.mails.update({1: question(1), 2: question(2)})
        server.add(3, question(3))
        desk.until_idle(1)
        desk.until(lambda: desk.states() == {"answered": 1, "pending": 1}, "mail 2 waiting")
        server.odd.hidden = {2}
        assert desk.ask("reconcile", status=1)["inboxes"][0]["missing"] == 1
        desk.until(lambda: desk.states() == {"answered": 2, "history": 1}, "mail 1 decided, mail 2 gone")
        server.odd.hidden, server.odd.withheld = set(), set()
        assert desk.ask("reconcile", status=1)["inboxes"][0]["missing"] == 1
        desk.until_idle(3)
        assert desk.ask("reconcile")["inboxes"][0]["known"] == 3
        assert desk.stop() == 0
        assert desk.states() == {"answered": 3}
    assert len(sink.mails) == 3


@pytest.mark.parametrize(
    "odd", [{"uidnext": 0}, {"uidnext": 1}, {"uidnext": 10**9}, {"exists": 0}, {"idle": ""}, {"read_only": True}]
)
def test_odd_numbers_and_folders_keep_no_mail_back(odd: dict[str, object], sink: Sink, tmp_path: Path) -> None:
    """UIDNEXT and EXISTS that lie, no IDLE, a folder that may only be read: every mail is answered once."""
    highest = 2**32 - 1
    with OddImap({7: question(7)}, **odd) as server:
        desk = LiveDesk(tmp_path / "desk", account(server, sink, 'done = "Triaged"\nkeyword = "Seen-By-Desk"'))
        with desk:
            assert desk.run("run", "--once").returncode == 0
            server.odd.date = now()
            server.mails.update({2**31: question(1), highest: question(2)})
            assert desk.run("run", "--once").returncode == 0
            assert desk.run("run", "--once").returncode == 0
            assert desk.states() == {"held": 1, "answered": 2}
            problems = desk.status()["problems"]
    assert sorted(mail.recipients[0] for mail in sink.mails) == ["a1@client.test", "a2@client.test"]
    assert any("INBOX may only be read" in problem for problem in problems) is bool(server.odd.read_only)
    assert server.said("\\Seen") == 0


@contextmanager
def watched(directory: Path, server: OddImap, sink: Sink, rhythm: Rhythm = SHORT) -> Iterator[tuple[LiveDesk, Watcher]]:
    """Given a server, watch its inbox in this process, in a short rhythm."""
    desk = LiveDesk(directory, account(server, sink))
    snapshot: Snapshot | None = load_snapshot(desk.config, datetime.now(UTC)).snapshot
    assert snapshot
    database, reader, stopping = Database(desk.database), Reader(snapshot.desk.limits), threading.Event()
    database.start()
    desktop = Desktop(lambda: snapshot, b"k" * 32, database, reader, stopping, lambda: None)
    watcher = Watcher(snapshot.desk.inbox[0], desktop, rhythm=rhythm)
    watcher.start()
    try:
        yield desk, watcher
    finally:
        stopping.set()
        watcher.retire()
        watcher.join(10)
        database.stop()
        reader.close()
    assert not watcher.is_alive()


def how(desk: LiveDesk) -> list[str]:
    """Return how the inbox is watched, as the status tells it."""
    return [told for (told,) in desk.rows("SELECT watched FROM folder")]


def test_a_deaf_idle_is_met_at_renewal_and_then_given_up(sink: Sink, tmp_path: Path) -> None:
    """Mail that IDLE does not tell of is met when IDLE is renewed; the second time the inbox is polled instead, and
    the status says so."""
    with OddImap(idle="deaf") as server, watched(tmp_path / "desk", server, sink) as (desk, _):
        server.wait_until(lambda: server.said("IDLE") > 0, 10, "IDLE")
        assert how(desk) == ["IDLE"]
        server.odd.date = now()
        for uid in (1, 2):
            renewals = server.said("IDLE")
            server.wait_until(lambda renewals=renewals: server.said("IDLE") > renewals, 10, "IDLE")  # type: ignore[misc]
            server.add(uid, question(uid))
            desk.until_decided(uid)
        desk.until(lambda: "does not tell of new mail" in how(desk)[0], "polling")
        idled = server.said("IDLE")
        server.add(3, question(3))
        desk.until_decided(3)
        assert server.said("IDLE") == idled


def test_an_idle_that_hears_is_kept(sink: Sink, tmp_path: Path) -> None:
    """News that are announced never count against IDLE, however often it is renewed."""
    rhythm = replace(SHORT, idle=1.0)
    with OddImap() as server, watched(tmp_path / "desk", server, sink, rhythm) as (desk, _):
        for uid in range(1, 4):
            renewals = server.said("IDLE")
            server.wait_until(lambda renewals=renewals: server.said("IDLE") > renewals, 10, "IDLE")  # type: ignore[misc]
            server.odd.date = now()
            server.add(uid, question(uid))
            desk.until_decided(uid)
        assert how(desk) == ["IDLE"]


@pytest.mark.parametrize("trouble", ["refused", "deadly", "withheld"])
def test_a_mail_the_server_does_not_hand_out_keeps_no_other_waiting(trouble: str, sink: Sink, tmp_path: Path) -> None:
    """Refused, or the end of the connection each time: all others are decided first, and when that has lasted the
    mail is listed as unreadable, with the reason."""
    with OddImap(date=now()) as server, watched(tmp_path / "desk", server, sink) as (desk, watcher):
        desk.until(lambda: how(desk) == ["IDLE"], "the first look")
        setattr(server.odd, trouble, {2})
        server.odd.date = now()
        server.mails.update({uid: question(uid) for uid in (1, 2, 3)})
        server.add(4, question(4))
        desk.until(lambda: desk.states().get("answered") == 3, "the others answered")
        for uid in range(5, 60):
            if desk.states().get("unreadable"):
                break
            server.odd.date = now()
            server.add(uid, question(uid))
            watcher.hurry()
            desk.until(lambda uid=uid: desk.states().get("answered") == uid - 1, "another answered")  # type: ignore[misc]
        ((state, problem),) = desk.rows("SELECT state, problem FROM mail WHERE uid = 2")
        assert state == "unreadable"
        assert problem.startswith("the server did not hand it out in ")


def test_a_server_that_hands_nothing_out_blames_no_mail(sink: Sink, tmp_path: Path) -> None:
    """While every mail is refused the trouble is the server's: nothing is listed as unreadable, and all are decided
    once it works again."""
    with OddImap(date=now()) as server, watched(tmp_path / "desk", server, sink) as (desk, watcher):
        desk.until(lambda: how(desk) == ["IDLE"], "the first look")
        server.odd.refused = {1, 2}
        server.odd.date = now()
        server.mails[1] = question(1)
        server.add(2, question(2))
        began = time.monotonic()
        while server.said("BODY.PEEK[]") < 12 or time.monotonic() - began < 2 * SHORT.patience:
            asked = server.said("BODY.PEEK[]")
            watcher.hurry()
            server.wait_until(lambda asked=asked: server.said("BODY.PEEK[]") > asked, 10, "another try")  # type: ignore[misc]
        assert desk.states() == {"pending": 2}
        assert "cannot be read just now" in watcher.failure
        server.odd.refused = set()
        watcher.hurry()
        desk.until_decided(2)
        assert desk.states() == {"answered": 2}
