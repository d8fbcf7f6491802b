"""Approving an answer, on real servers: it leaves once, after the undo window, exactly as it was read."""

import sqlite3
from contextlib import closing
from datetime import datetime
from email import message_from_bytes
from pathlib import Path

from tests.app.desks import WIDE, Account, LiveDesk, proven
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink

WINDOW = WIDE + '[outbox]\napproved_delay = "2s"\n'
LONG_WINDOW = WIDE + '[outbox]\napproved_delay = "1h"\n'


def test_an_approved_draft_leaves_once_after_its_window(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """The bytes in the Drafts folder are the bytes that leave: same Message-ID, no mark of an automatic mail; not
    before the window is over, and a second approval is refused."""
    box = Account.on_dovecot(dovecot, account, sink.port)
    with LiveDesk(tmp_path / "desk", box, mode="draft", more=WINDOW) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("ann@client.test", account))
        desk.until(lambda: desk.sendings() == {"drafted": 1}, "the draft filed")
        (draft,) = dovecot.messages(account, "Drafts")
        assert sink.mails == []
        assert desk.run("outbox", "approve", "1").returncode == 0
        refused = desk.run("outbox", "approve", "1")
        assert refused.returncode == 1
        assert b"was approved before" in refused.stderr
        desk.until_idle(1)
        assert desk.stop() == 0
        ((state, until, events),) = desk.rows(
            "SELECT state, undo_until, (SELECT count(*) FROM event WHERE outbox = 1) FROM outbox"
        )
    (mail,) = sink.mails
    assert (state, events) == ("sent", 1)
    assert mail.at >= datetime.fromisoformat(until).timestamp()
    assert mail.raw == draft
    found = message_from_bytes(mail.raw)
    assert found["Message-ID"].startswith("<ap.")
    for name in ("Auto-Submitted", "X-Auto-Response-Suppress", "Precedence"):
        assert found[name] is None


def test_what_is_dropped_in_its_window_never_leaves(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """Of two answers kept in shadow and approved, the one that is dropped stays; the later one leaves."""
    box = Account.on_dovecot(dovecot, account, sink.port)
    with LiveDesk(tmp_path / "desk", box, mode="shadow", more=WINDOW) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        for name in ("ann", "bob"):
            dovecot.append(account, proven(f"{name}@{name}.test", account))
        desk.until(lambda: desk.sendings() == {"shadow": 2}, "two answers kept")
        numbers = {row["recipient"]: str(row["id"]) for row in desk.ask("outbox", "--all")}
        ann, bob = numbers["ann@ann.test"], numbers["bob@bob.test"]
        assert desk.run("outbox", "approve", ann).returncode == 0
        assert desk.run("outbox", "drop", ann).returncode == 0
        assert desk.run("outbox", "approve", bob).returncode == 0
        sink.wait_for(1)
        desk.until_idle(2)
        assert desk.stop() == 0
        assert dict(desk.rows("SELECT id, state FROM outbox")) == {int(ann): "dropped", int(bob): "sent"}
    assert [mail.recipients for mail in sink.mails] == [("bob@bob.test",)]


def test_the_clients_next_mail_stops_an_approved_answer(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """It is listed as stopped, with how to send it all the same; nothing leaves, now or after a restart."""
    box = Account.on_dovecot(dovecot, account, sink.port)
    with LiveDesk(tmp_path / "desk", box, mode="draft", more=LONG_WINDOW) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        question = proven("ann@client.test", account)
        dovecot.append(account, question)
        desk.until(lambda: desk.sendings() == {"drafted": 1}, "the draft filed")
        assert desk.run("outbox", "approve", "1").returncode == 0
        first = message_from_bytes(question)["Message-ID"]
        more = proven("ann@client.test", account, "Re: A question", "Forget it.", f"In-Reply-To: {first}")
        dovecot.append(account, more)
        desk.until_decided(2)
        (row,) = desk.ask("outbox")
        assert (row["state"], row["leaves"]) == ("stopped", None)
        assert "triagebot outbox retry" in row["answer"]
        assert desk.stop() == 0
        _make_everything_due(desk)
        desk.start()
        dovecot.append(account, proven("bob@client2.test", account))
        desk.until_decided(3)
        assert desk.stop() == 0
        assert desk.rows("SELECT state FROM outbox WHERE id = 1") == [("stopped",)]
    assert sink.mails == []


def _make_everything_due(desk: LiveDesk) -> None:
    with closing(sqlite3.connect(desk.database)) as database, database:
        database.execute("UPDATE outbox SET next_attempt = created_at, undo_until = created_at")
