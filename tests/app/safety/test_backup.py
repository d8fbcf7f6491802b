"""Backups: made beside a working daemon, looked through, restored; and nobody is answered twice after it."""

import gzip
import io
import json
import shutil
import sqlite3
import tarfile
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk, proven
from tests.app.digests import unwrap
from tests.edge.stores import add, states
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from triagebot.app.safety.backup import check_backup
from triagebot.app.safety.restore import restore
from triagebot.edge.archive import ArchiveError
from triagebot.edge.store import open_store

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BACKLOG = 150


@pytest.fixture
def desk(tmp_path: Path) -> LiveDesk:
    """A desk whose servers nobody asks, with a key and a small database."""
    made = LiveDesk(tmp_path / "desk", Account("support@desk.test", "secret", 1, 2))
    with closing(open_store(made.database)) as store:
        add(store, "cause", NOW)
    (made.directory / "var" / "key").touch(0o600)
    (made.directory / "var" / "key").write_bytes(bytes(32))
    return made


def lose(desk: LiveDesk, backup: Path) -> None:
    """The machine is gone: the desk's directory is what the backup restores, and passwords are given anew."""
    old = desk.directory.with_name("lost")
    desk.directory.rename(old)
    done = desk.run("restore", str(backup), str(desk.directory))
    assert done.returncode == 0, done.stderr
    for name in ("imap", "smtp"):
        shutil.copy(old / desk.password_file(name).name, desk.password_file(name))


def writer(number: int) -> str:
    """The address of the client who writes the mail of this number; each writes one."""
    return f"client{number}@number{number}.test"


def test_a_backup_during_a_backlog_restores_without_a_second_answer(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """A backup is taken while the daemon works, the desk goes on and is lost; restored from it, it decides every mail
    there is and answers nobody again: what it does not know it holds. Mail that comes afterwards is answered."""
    box, backup = Account.on_dovecot(dovecot, account, sink.port), tmp_path / "backup.tar.gz"
    with LiveDesk(tmp_path / "desk", box) as desk:
        desk.start()
        desk.wait_for_log("watched by")
        dovecot.append_many(account, [proven(writer(number), account) for number in range(BACKLOG)])
        desk.until_decided(BACKLOG // 10)
        made = desk.ask("backup", str(backup))
        assert desk.ask("backup", str(backup), "--check") == made
        assert backup.stat().st_mode & 0o777 == 0o600
        desk.until_idle(BACKLOG)
        dovecot.append(account, proven(writer(BACKLOG), account))
        desk.until_idle(BACKLOG + 1)
        assert len(sink.mails) == BACKLOG + 1
        desk.kill()

        lose(desk, backup)
        known = desk.decided()
        assert BACKLOG // 10 <= known < BACKLOG, "the backup was not taken in the middle of the backlog"
        assert desk.rows("PRAGMA integrity_check") == [("ok",)]
        desk.start()
        desk.until_idle(BACKLOG + 1)
        desk.wait_for_log("watched by")
        dovecot.append(account, proven(writer(BACKLOG + 1), account))
        desk.until_idle(BACKLOG + 2)
        sink.wait_for(BACKLOG + 2)
        held = desk.rows("SELECT count(*) FROM mail WHERE state = 'held' AND codes LIKE '%backfill%'")
        assert held == [(BACKLOG + 1 - known,)]
        assert desk.states() == {"answered": known + 1, "held": BACKLOG + 1 - known}
        digest = unwrap(desk.run("digest").stdout)
        assert f"{held[0][0]} held" in digest
        assert desk.stop() == 0
    answered = Counter(mail.recipients for mail in sink.mails)
    assert set(answered.values()) == {1}
    assert len(answered) == BACKLOG + 2
    ids = Counter(message_from_bytes(mail.raw)["Message-ID"] for mail in sink.mails)
    assert max(ids.values()) == 1


def test_what_waited_in_the_backup_waits_for_a_word(desk: LiveDesk, tmp_path: Path) -> None:
    """It may have been sent since then: an answer is ambiguous, also a draft, and never looked up and sent again by
    itself; a digest is dropped; what had ended stays as it was."""
    with closing(open_store(desk.database)) as store:
        for state in ("sending", "retry", "draft", "sent", "failed", "shadow"):
            add(store, state)
            with store.transaction():
                store._connection.execute("UPDATE outbox SET state = ? WHERE dedupe_key = ?", (state, state))
        add(store, "digest", outgoing="digest")
    backup = tmp_path / "backup.tar.gz"
    desk.ask("backup", str(backup))
    restored = restore(backup, tmp_path / "new", NOW)
    assert restored.waiting == 5
    with closing(open_store(tmp_path / "new" / "var" / "triagebot.db")) as store:
        assert states(store) == {"ambiguous": 4, "dropped": 1, "failed": 1, "sent": 1, "shadow": 1}
        assert store.outbox.to_look_up("support", NOW + timedelta(days=9), 9) == []


def test_what_is_in_a_backup(desk: LiveDesk, tmp_path: Path) -> None:
    """Database, key, config, rules and replies; no password, and what is left out is said. Restored, all is there,
    for the owner alone, and `check` finds nothing wrong."""
    (desk.directory / "clients").mkdir()
    (desk.directory / "clients" / "a.toml").write_text('[[client]]\nid = "a"\nname = "A"\n', "utf-8")
    desk.edit('mode = "live"\n', 'mode = "live"\ninclude = ["clients/*.toml"]\n')
    desk.edit('password = { file = "smtp-password-0" }', 'password = "literal-password"')
    backup = tmp_path / "backup.tar.gz"
    done = desk.run("backup", str(backup))
    assert done.returncode == 0, done.stderr
    assert b"Not in it: passwords" in done.stdout
    packed = gzip.decompress(backup.read_bytes())
    assert b"literal-password" not in packed
    assert b"secret\n" not in packed
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        names = set(archive.getnames())
    files = {"config.toml", "clients/a.toml", "rules/10-small.toml", "replies/en/frame.md"}
    assert {"manifest.json", "data/key", "data/triagebot.db", *(f"desk/{name}" for name in files)} <= names
    assert not any("password" in name or "lock" in name for name in names)
    new = tmp_path / "new"
    assert desk.run("restore", str(backup), str(new)).returncode == 0
    assert (new / "var" / "key").read_bytes() == bytes(32)
    modes = {path.stat().st_mode & 0o077 for path in new.rglob("*")}
    assert modes == {0}
    assert (new / "config.toml").read_text("utf-8") == desk.config.read_text("utf-8").replace("literal-password", "")


def test_a_backup_replaces_only_a_backup(desk: LiveDesk, tmp_path: Path) -> None:
    """Yesterday's is replaced in one step; any other file stays, also when its name is mistyped."""
    backup = tmp_path / "backup.tar.gz"
    for _ in range(2):
        assert desk.run("backup", str(backup)).returncode == 0
    before = desk.config.read_bytes()
    done = desk.run("backup", str(desk.config))
    assert (done.returncode, desk.config.read_bytes()) == (1, before)
    assert b"no backup of a desk" in done.stderr
    missing = desk.run("backup", str(tmp_path / "nowhere" / "backup.tar.gz"))
    assert (missing.returncode, missing.stderr.count(b"\n")) == (1, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar.gz", "desk"]


@pytest.mark.parametrize("harm", ["flipped", "cut", "database", "added", "outside", "link", "empty", "format"])
def test_a_harmed_backup_is_not_used(desk: LiveDesk, tmp_path: Path, harm: str) -> None:
    """Whatever is wrong with an archive is one sentence; nothing is restored from it and nothing written outside."""
    good, bad = tmp_path / "good.tar.gz", tmp_path / "bad.tar.gz"
    desk.ask("backup", str(good))
    bad.write_bytes(good.read_bytes())
    if harm == "flipped":
        middle = bytearray(good.read_bytes())
        middle[len(middle) // 2] ^= 0xFF
        bad.write_bytes(middle)
    elif harm == "cut":
        bad.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    elif harm == "empty":
        bad.write_bytes(b"")
    else:
        _repack(good, bad, harm)
    for command in (("backup", "--check", str(bad)), ("restore", str(bad), str(tmp_path / "new"))):
        done = desk.run(*command)
        assert done.returncode == 1, harm
        assert done.stderr.count(b"\n") == 1, done.stderr
        assert b"Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.tar.gz", "desk", "good.tar.gz"]
    assert check_backup(good).mails == 0


def _repack(good: Path, bad: Path, harm: str) -> None:
    """Write a backup anew with something wrong in it that its checksums do not tell."""
    with tarfile.open(good) as source, tarfile.open(bad, "w:gz") as target:
        for entry in source:
            content = source.extractfile(entry)
            assert content is not None
            raw = content.read()
            if harm == "database" and entry.name == "data/triagebot.db":
                raw = raw[:4096] + bytes(4096) + raw[8192:]
            if harm == "format" and entry.name == "manifest.json":
                raw = json.dumps(json.loads(raw) | {"format": 99}).encode()
            entry.size = len(raw)
            target.addfile(entry, io.BytesIO(raw))
        extra = tarfile.TarInfo({"outside": "../outside.txt", "link": "desk/link"}.get(harm, "desk/added.toml"))
        if harm == "link":
            extra.type, extra.linkname = tarfile.SYMTYPE, "/etc/passwd"
        if harm in ("added", "outside", "link"):
            target.addfile(extra, io.BytesIO(b""))


def test_a_desk_is_restored_into_nothing(desk: LiveDesk, tmp_path: Path) -> None:
    """A directory with anything in it is refused; an empty one, or one whose parent is not there yet, will do."""
    backup = tmp_path / "backup.tar.gz"
    desk.ask("backup", str(backup))
    with pytest.raises(ArchiveError, match="not empty"):
        restore(backup, desk.directory, NOW)
    (tmp_path / "empty").mkdir()
    for target in (tmp_path / "empty", tmp_path / "some" / "where"):
        assert restore(backup, target, NOW).config.exists()


def test_a_database_elsewhere_is_put_there(desk: LiveDesk, tmp_path: Path) -> None:
    """A config that keeps its data outside of the desk gets it back there, unless a database lies there."""
    elsewhere = tmp_path / "elsewhere"
    (desk.directory / "var").rename(elsewhere)
    desk.edit('mode = "live"\n', f'mode = "live"\ndata = "{elsewhere}"\n')
    backup = tmp_path / "backup.tar.gz"
    desk.ask("backup", str(backup))
    with pytest.raises(ArchiveError, match="another desk"):
        restore(backup, tmp_path / "new", NOW)
    assert not (tmp_path / "new").exists()
    elsewhere.rename(tmp_path / "away")
    restore(backup, tmp_path / "new", NOW)
    with closing(sqlite3.connect(elsewhere / "triagebot.db")) as database:
        assert database.execute("SELECT count(*) FROM outbox").fetchone() == (1,)
