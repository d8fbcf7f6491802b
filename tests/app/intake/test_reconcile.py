"""Nothing is lost: every mail on the server has a row, whatever happens to rows, mails and numbers (safety.md F.1)."""

import asyncio
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.app.desks import Account, LiveDesk, proven
from tests.app.digests import unwrap
from tests.servers.background import BackgroundServer
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink

FORGOTTEN = (2, 3, 5)


def forget(desk: LiveDesk, uids: tuple[int, ...]) -> None:
    """Given a stopped desk and UIDs, take their rows out of the database, as no part of the desk does."""
    with closing(sqlite3.connect(desk.database)) as database, database:
        for table in ("mail WHERE uid = ?", "outbox WHERE recipient = 'a' || ? || '@client.test'"):
            database.executemany(f"DELETE FROM {table}", [(uid,) for uid in uids])


def take(dovecot: Dovecot, account: str, uids: list[int], folder: str = "") -> None:
    """Given UIDs, do what a person does: move them into a folder, or delete them."""
    with dovecot.connect(account) as client:
        client.select_folder("INBOX")
        if folder:
            client.move(uids, folder)
        else:
            client.delete_messages(uids)
            client.uid_expunge(uids)


def letters(account: str, first: int, number: int) -> list[bytes]:
    """Given how many, return questions of as many people."""
    return [proven(f"a{n}@client.test", account, f"Question {n}") for n in range(first, first + number)]


def test_lost_rows_are_found_by_the_nightly_comparison_and_decided(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """Rows deleted by hand come back from the server and get their answer; log, status and digest tell of it until
    a comparison finds nothing missing."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append_many(account, letters(account, 1, 6))
        desk.until_idle(6)
        assert desk.stop() == 0
        forget(desk, FORGOTTEN)
        with closing(sqlite3.connect(desk.database)) as database, database:
            database.execute("UPDATE reconciliation SET at = '2026-01-01T00:00:00.000000+00:00'")
        sink.clear()
        desk.start()
        desk.until_idle(6)
        desk.wait_for_log("compared with the server: there=6 known=3 missing=3 gone=0")
        assert sorted(mail.recipients[0] for mail in sink.mails) == [f"a{uid}@client.test" for uid in FORGOTTEN]
        assert any("3 mails in INBOX had no row" in problem for problem in desk.status()["problems"])
        digest = unwrap(desk.run("digest").stdout)
        assert "6 there, 3 known" in digest
        assert "3 mails in INBOX had no row" in digest
        found = desk.ask("reconcile")
        assert [(one["on_server"], one["known"], one["missing"], one["gone"]) for one in found["inboxes"]] == [
            (6, 6, 0, 0)
        ]
        assert found["problems"] == desk.status()["problems"] == []
        assert desk.stop() == 0
        assert desk.states() == {"answered": 6}


def test_the_command_finds_lost_rows_beside_the_daemon(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """`reconcile` gives them rows at once and says 1; the daemon decides them within seconds, although the server has
    nothing new to tell."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        done = desk.run("reconcile")
        assert done.returncode == 1
        assert b"start `triagebot run` first" in done.stderr
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append_many(account, letters(account, 1, 6))
        desk.until_idle(6)
        take(dovecot, account, [6])
        forget(desk, FORGOTTEN)
        found = desk.ask("reconcile", status=1)
        (inbox,) = found["inboxes"]
        assert (inbox["on_server"], inbox["known"], inbox["missing"], inbox["gone"]) == (5, 2, 3, 1)
        assert found["proof"].endswith("5 there, 2 known")
        desk.until_idle(6)
        said = desk.run("reconcile")
        assert said.returncode == 0
        assert b"5 there, 5 known" in said.stdout
        assert desk.stop() == 0


def test_a_thousand_mails_with_gaps_half_of_them_taken_by_a_person(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """While the daemon works a person moves, reads and deletes: each mail has one final state, the numbers add up,
    and who still lies in the mailbox has an answer."""
    number, chance = 1000, random.Random(7)
    dovecot.append_many(account, letters(account, 1, 400), internaldate=datetime.now(UTC) - timedelta(minutes=1))
    with dovecot.connect(account) as client:
        client.create_folder("Mine")
    take(dovecot, account, [uid for uid in range(1, 401) if uid % 3])  # the first gaps, before the desk is there
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.start()
        desk.until_decided(133)
        assert desk.states() == {"history": 133}
        dovecot.append_many(account, letters(account, 401, number))
        desk.until(lambda: desk.rows("SELECT count(*) FROM mail") == [(133 + number,)], "a row for every mail")
        uids = chance.sample(range(401, 401 + number), number // 2)
        for step in range(0, len(uids), 50):
            take(dovecot, account, uids[step : step + 50], "Mine" if step % 100 else "")
            with dovecot.connect(account) as client:
                client.select_folder("INBOX")
                client.add_flags(uids[step + 1 : step + 9], [b"\\Seen"])
        desk.until_idle(133 + number, 120)
        found = desk.ask("reconcile")
        (inbox,) = found["inboxes"]
        assert desk.stop() == 0
        states = desk.states()
    assert sum(states.values()) == 133 + number
    assert states.keys() <= {"history", "answered"}
    assert (inbox["on_server"], inbox["known"], inbox["missing"]) == (133 + number // 2,) * 2 + (0,)
    assert inbox["gone"] == number // 2
    answered = {mail.recipients[0] for mail in sink.mails}
    assert len(answered) == len(sink.mails) == states["answered"]
    kept = set(range(401, 401 + number)) - set(uids)
    assert {f"a{uid}@client.test" for uid in kept} <= answered


class Between(BackgroundServer):
    """Stands between a client and an IMAP server, and does something the first time the client says `words`."""

    def __init__(self, port: int, words: bytes, act: Callable[[], None]) -> None:
        super().__init__()
        self._server_port, self._words, self._act = port, words, act
        self.acted = False

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on both directions, line by line from the client."""
        from_server, to_server = await asyncio.open_connection(self.host, self._server_port)
        answering = asyncio.create_task(self._hand_on(from_server, writer))
        while line := await reader.readline():
            if self._words in line and not self.acted:
                self.acted = True
                await asyncio.to_thread(self._act)
            to_server.write(line)
        answering.cancel()
        to_server.close()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)
        writer.close()


def test_mails_expunged_between_any_two_commands_have_their_end(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """Deleted right before they are described, or right before they are fetched: a row in state history, and the
    others of the same batch are answered."""
    box = Account.on_dovecot(dovecot, account, sink.port)
    for words, uids in ((b"RFC822.SIZE", [2]), (b"BODY.PEEK[]", [4, 6])):
        with Between(dovecot.imap_port, words, lambda uids=uids: take(dovecot, account, uids)) as between:  # type: ignore[misc]
            desk = LiveDesk(tmp_path / str(uids[0]), replace(box, imap_port=between.port))
            with desk:
                assert desk.run("run", "--once").returncode == 0  # the desk begins
                dovecot.append_many(account, letters(account, uids[0], 3))
                assert desk.run("run", "--once").returncode == 0
                assert between.acted
                ended = desk.rows("SELECT uid FROM mail WHERE problem LIKE 'moved or deleted%'")
                assert ended == [(uid,) for uid in uids]
                assert desk.states()["answered"] == 3 - len(uids)
                assert "pending" not in desk.states()


def test_the_server_renumbers_the_folder_in_the_middle_of_a_backlog(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """Every mail has one final state under the new numbers, nobody gets a second answer, and the digest says so."""
    number = 300
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append_many(account, letters(account, 1, number))
        desk.until_decided(20)
        renumber(dovecot, account)
        desk.wait_for_log("the server renumbered INBOX: what is in it is recorded anew", seconds=30)
        desk.until(
            lambda: desk.rows("SELECT count(*) FROM mail GROUP BY uidvalidity ORDER BY uidvalidity")[1:] == [(number,)],
            "all mails met again",
            30,
        )
        desk.until(lambda: "pending" not in desk.states(), "all decided", 30)
        desk.until_idle(number)
        assert "gave all mails in INBOX new numbers" in unwrap(desk.run("digest").stdout)
        assert desk.ask("reconcile")["inboxes"][0]["missing"] == 0
        assert desk.stop() == 0
        newest = "uidvalidity = (SELECT max(uidvalidity) FROM mail)"
        anew = dict(desk.rows(f"SELECT state, count(*) FROM mail WHERE {newest} GROUP BY state"))
    answered = [mail.recipients[0] for mail in sink.mails]
    assert len(answered) == len(set(answered)) == anew["merged"]
    assert anew == {"merged": anew["merged"], "held": number - anew["merged"]}


def renumber(dovecot: Dovecot, account: str) -> None:
    """Given an account, give all mails of its INBOX new UIDs and the folder a new UIDVALIDITY."""
    dovecot.stop()
    home = dovecot._maildir(account, "INBOX")
    for index in (*home.glob("dovecot*"),):
        index.unlink()
    (home / "dovecot-uidlist").write_text("3 V2147483000 N1\n", "utf-8")
    dovecot._give_away(home / "dovecot-uidlist")
    dovecot.start()


def test_the_same_mail_again_and_ids_that_lie(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """A copy is merged with the first, also without a Message-ID; another text under a known id is left to a person;
    a bad Message-ID is none."""
    first = proven("ann@client.test", account)
    name = next(line for line in first.split(b"\r\n") if line.startswith(b"Message-ID"))
    reused = proven("bob@client.test", account, "Another", "Where are my permalinks, please?")
    own_name = next(line for line in reused.split(b"\r\n") if line.startswith(b"Message-ID"))
    nameless = proven("cleo@client.test", account).replace(b"Message-ID: <", b"X-Was: <")
    broken = proven("dora@client.test", account).replace(b"Message-ID: <", b"Message-ID: <>\r\nX-Was: <")
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        for raw in (first, b"X-Copy: delivered by another way\r\n" + first, reused.replace(own_name, name)):
            dovecot.append(account, raw)
            desk.until_idle(len(dovecot.messages(account)))
        dovecot.append_many(account, [nameless, nameless, broken])
        desk.until_idle(6)
        assert desk.stop() == 0
        found = desk.rows("SELECT state, coalesce(codes, '') FROM mail ORDER BY uid")
    assert [state for state, _ in found] == ["answered", "merged", "held", "answered", "merged", "answered"]
    assert "id-reused" in found[2][1]
    assert sorted(mail.recipients[0] for mail in sink.mails) == [
        f"{who}@client.test" for who in ("ann", "cleo", "dora")
    ]
