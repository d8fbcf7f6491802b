"""Draft mode: the answer lies in the Drafts folder, once, and nothing is sent."""

import sqlite3
from contextlib import closing
from email import message_from_bytes
from pathlib import Path

from tests.app.desks import Account, LiveDesk, proven
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink


def test_a_draft_is_filed_once_and_nothing_is_sent(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """Each answer lies in Drafts once, marked as a draft, also when a crash hid from the daemon that it filed it;
    SMTP is never dialled."""
    box = Account.on_dovecot(dovecot, account, sink.port)
    with LiveDesk(tmp_path / "desk", box, mode="draft") as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        question = proven("ann@client.test", account)
        dovecot.append(account, question)
        desk.until(lambda: desk.sendings() == {"drafted": 1}, "the draft filed")
        desk.kill()
        _forget_filing(desk)
        desk.start()
        desk.until(lambda: desk.sendings() == {"drafted": 1}, "the draft found again")
        dovecot.append(account, proven("bob@client.test", account))
        desk.until(lambda: desk.sendings() == {"drafted": 2}, "the second draft filed")
        assert desk.stop() == 0
    first, second = (message_from_bytes(raw) for raw in dovecot.messages(account, "Drafts"))
    assert (first["To"], second["To"]) == ("ann@client.test", "bob@client.test")
    assert first["In-Reply-To"] == message_from_bytes(question)["Message-ID"]
    with dovecot.connect(account) as connection:
        connection.select_folder("Drafts", readonly=True)
        flags = [found[b"FLAGS"] for found in connection.fetch(connection.search(), ["FLAGS"]).values()]
    assert all(b"\\Draft" in one for one in flags)
    assert sink.commands == []


def test_a_rule_in_draft_mode_waits_among_live_ones(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """On a live desk a rule with mode = "draft" is drafted, and everything else is sent."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        rules = desk.directory / "rules" / "10-small.toml"
        rules.write_text(rules.read_text().replace('id = "site-down"', 'id = "site-down"\nmode = "draft"'), "utf-8")
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append(account, proven("ann@client.test", account, "Help", "Our site is down"))
        dovecot.append(account, proven("bob@client.test", account))
        desk.until(lambda: desk.sendings() == {"drafted": 1, "sent": 1}, "one drafted and one sent")
        assert desk.stop() == 0
    assert [mail.recipients for mail in sink.mails] == [("bob@client.test",)]
    assert [message_from_bytes(raw)["To"] for raw in dovecot.messages(account, "Drafts")] == ["ann@client.test"]


def _forget_filing(desk: LiveDesk) -> None:
    """What a crash between filing the draft and writing that down leaves behind."""
    with closing(sqlite3.connect(desk.database)) as database, database:
        database.execute("UPDATE outbox SET state = 'draft' WHERE state = 'drafted'")
