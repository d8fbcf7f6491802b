"""What is held about a person: exported whole, erased to the last byte, beside a running daemon."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.desks import PLAN, WIDE, Account, LiveDesk, client, letter, proven
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink

ANN, BOB = "ann.zwirn@client.test", "bob@other.test"
WORDS = ("zwirn", "vogelhaus", "kaktus", "quitten")
"""The name of the person, and words that only their mails have: in a subject, a text, a text beside a match."""


def day_of_mails(desk: LiveDesk, dovecot: Dovecot, account: str, *, more: bool = True) -> None:
    """Let the person and somebody else write, in several spellings of the address."""
    mails = [
        proven(f"Anna Zwirn <{ANN}>", account, "Vogelhaus", "Where are the permalinks of my kaktus?"),
        proven("Ann.Zwirn+shop@Client.Test", account, "Kaktus", "Please change the quitten on page one."),
        proven(BOB, account, "Something else", "Please change the phone number."),
        letter(f"Anna Zwirn <{ANN}>", account, "Quitten", "Our kaktus is unproven."),
    ]
    dovecot.append_many(account, mails if more else mails[:2])
    desk.until_idle(len(mails) if more else 2)


@pytest.fixture
def desk(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> Iterator[LiveDesk]:
    """A desk that moves what it has decided to Triaged; the person is a client of it."""
    box = Account.on_dovecot(dovecot, account, sink.port, more='done = "Triaged"')
    who = client("c7", ANN, "retainer").replace("C7", "Anna Zwirn") + PLAN
    with LiveDesk(tmp_path / "desk", box, clients=who, more=WIDE) as made:
        yield made


def traces(desk: LiveDesk) -> list[str]:
    """Return each word of the person that stands in the database's files or the log, with the file."""
    found = []
    for path in (*desk.database.parent.glob("triagebot.db*"), desk.log):
        content = path.read_bytes().lower()
        found += [f"{word} in {path.name}" for word in (*WORDS, ANN) if word.encode() in content]
    return found


def test_nothing_of_an_erased_person_is_left(desk: LiveDesk, dovecot: Dovecot, account: str) -> None:
    """After an erasure beside the daemon no byte of address, name or words is in database, log of changes or log; UIDs
    stay accounted for, others stay whole, and the codes of the addresses are kept."""
    desk.start()
    day_of_mails(desk, dovecot, account)
    desk.run("digest", "--send")
    desk.reload()  # its senders look for work at once
    desk.until_idle(4)
    assert traces(desk), "this test looks in the wrong place"
    dry = desk.ask("privacy", "erase", "--address", ANN.upper(), "--dry-run")
    assert (dry["counts"]["mail"], dry["counts"]["digest"]) == (3, 1)
    assert desk.rows("SELECT count(*) FROM mail WHERE text IS NOT NULL") == [(4,)]
    before = desk.rows("SELECT uid, state FROM mail ORDER BY uid")
    erased = desk.ask("privacy", "erase", "--address", ANN, "--yes")
    assert erased["clean"] is True
    assert erased["counts"] == dry["counts"]
    assert traces(desk) == []
    assert desk.rows("SELECT uid, state FROM mail ORDER BY uid") == before
    assert desk.rows("SELECT subject FROM mail WHERE subject IS NOT NULL") == [("Something else",)]
    assert desk.rows("SELECT subject FROM ticket WHERE subject <> ''") == [("Something else",)]
    assert desk.rows("SELECT DISTINCT address, reason FROM suppression") == [(None, "erased")]
    billed = desk.rows("SELECT client, kind, minutes, state FROM ticket ORDER BY id")
    assert billed[0] == ("c7", "work", 30, "closed")
    again = desk.ask("privacy", "erase", "--address", ANN, "--dry-run")["counts"]
    assert again == {**dict.fromkeys(again, 0), "suppression": 1}
    assert desk.rows("SELECT count(*) FROM suppression") == [(2,)]  # the address that was written from, and its +tag
    dovecot.append(account, proven(ANN, account, "Hello again", "Where are the permalinks?"))
    desk.until_decided(5)
    assert desk.rows("SELECT state, subject FROM mail WHERE id = 5") == [("held", "Hello again")]
    assert desk.stop() == 0
    assert desk.rows("PRAGMA integrity_check") == [("ok",)]


def test_an_unsent_mail_to_an_erased_person_never_leaves(
    desk: LiveDesk, dovecot: Dovecot, account: str, sink: Sink
) -> None:
    """What waits to be sent is withdrawn before its bytes go, and the draft in the mailbox is taken away again."""
    desk.edit('mode = "live"', 'mode = "draft"')
    desk.start()
    dovecot.append(account, proven(ANN, account, "Vogelhaus", "Where are the permalinks?"))
    desk.until(lambda: desk.sendings() == {"drafted": 1}, "the draft filed")
    assert desk.ask("privacy", "erase", "--address", ANN, "--yes")["withdrawn"] == 1
    desk.until(lambda: dovecot.messages(account, "Drafts") == [], "the draft taken away")
    desk.edit('mode = "draft"', 'mode = "live"')
    desk.wait_for_log("mode=live")
    dovecot.append(account, proven(BOB, account))
    desk.until_idle(2)
    assert [mail.recipients for mail in sink.mails] == [(BOB,)]
    assert desk.stop() == 0


def test_the_mailbox_loses_their_mails_and_no_other(desk: LiveDesk, dovecot: Dovecot, account: str) -> None:
    """With --mailbox the copies go too, from the watched folder and from `done`, each told on the way; the mails of
    others stay, also one that has the same Message-ID, and one that a person has marked as deleted."""
    desk.start()
    day_of_mails(desk, dovecot, account)
    dovecot.wait_for_messages(account, 4, "Triaged")
    same_id = (
        dovecot.messages(account, "Triaged")[0].replace(b"Anna Zwirn", b"Mallory").replace(ANN.encode(), b"m@m.test")
    )
    dovecot.append(account, same_id, "Triaged")
    with dovecot.connect(account) as connection:
        connection.select_folder("Triaged")
        marked = connection.search(["FROM", BOB])
        connection.add_flags(marked, [b"\\Deleted"])
    done = desk.run("privacy", "erase", "--address", ANN, "--yes", "--mailbox")
    assert done.returncode == 0, done.stderr
    assert b"box0: Triaged: 3 of 3 mails removed" in done.stderr
    assert b"3 removed on the mail server" in done.stdout
    left = dovecot.messages(account, "Triaged")
    assert len(left) == 2
    assert [b"m@m.test" in raw or BOB.encode() in raw for raw in left] == [True, True]
    desk.stop()
    assert desk.run("reconcile").returncode == 0


def test_mails_that_stay_in_their_folder_are_removed_by_their_number(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """Without `done` the watched folder itself loses them, also while no daemon runs; a server that cannot be reached
    leaves the database as it was."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.start()
        day_of_mails(desk, dovecot, account)
        desk.stop()
        port = f"port = {dovecot.imap_port}"
        desk.edit(port, "port = 1")
        failed = desk.run("privacy", "erase", "--address", ANN, "--yes", "--mailbox")
        assert failed.returncode == 1
        assert b"cannot be reached" in failed.stderr
        assert desk.rows("SELECT count(*) FROM mail WHERE text IS NOT NULL") == [(4,)]
        desk.edit("port = 1,", f"{port},")
        assert desk.ask("privacy", "erase", "--address", ANN, "--yes", "--mailbox")["copies"] == 3
        assert [BOB.encode() in raw for raw in dovecot.messages(account)] == [True]


def test_an_export_holds_everything(desk: LiveDesk, dovecot: Dovecot, account: str, tmp_path: Path) -> None:
    """All spellings of the address, texts, decisions with their trail, tickets, the log and the answers as they were
    sent, in a folder and in a zip, for the owner alone; nothing of others."""
    desk.start()
    day_of_mails(desk, dovecot, account)
    folder, packed = tmp_path / "export", tmp_path / "export.zip"
    said = desk.ask("privacy", "export", "--address", ANN, "-o", str(folder))
    desk.ask("privacy", "export", "--client", "c7", "-o", str(packed))
    desk.stop()
    data = json.loads((folder / "data.json").read_text("utf-8"))
    assert [mail["subject"] for mail in data["mail"]] == ["Vogelhaus", "Kaktus", "Quitten"]
    assert data["mail"][2]["trail"], "the reasons are missing"
    assert (len(data["ticket"]), len(data["event"]), len(data["outbox"])) == (1, 1, 2)
    assert said["counts"]["outbox"] == len(list((folder / "sent").iterdir())) == 2
    assert b"Settings, then Permalinks" in (folder / "sent" / "1.eml").read_bytes()
    assert ANN in (folder / "README.txt").read_text("utf-8")
    assert BOB not in (folder / "data.json").read_text("utf-8")
    assert (folder.stat().st_mode & 0o777, packed.stat().st_mode & 0o777) == (0o700, 0o600)
    with zipfile.ZipFile(packed) as archive:
        assert sorted(archive.namelist()) == ["README.txt", "data.json", "sent/1.eml", "sent/2.eml"]
        assert json.loads(archive.read("data.json"))["mail"] == data["mail"]
    refused = desk.run("privacy", "export", "--address", ANN, "-o", str(folder))
    assert refused.returncode == 1
    assert b"is there already" in refused.stderr


def test_the_log_tells_numbers_and_no_words(desk: LiveDesk, dovecot: Dovecot, account: str, sink: Sink) -> None:
    """After a day of mails, a refused recipient, a reload and a crash no address, name, subject or word of a client
    stands in the daemon's log (safety.md F.3)."""
    sink.answers[ANN] = ["550 5.1.1 <ann.zwirn@client.test> is unknown here"]
    desk.start()
    day_of_mails(desk, dovecot, account)
    dovecot.append(account, proven("Zwirn", account).replace(b"From: Zwirn", b"From: Zwirn <zwirn@kaktus"))
    dovecot.append(account, b"Subject: Vogelhaus\r\n" + b"X: quitten\r\n" * 2000 + b"\r\nkaktus")
    desk.until_decided(6)
    desk.reload()
    desk.wait_for_log("files reloaded")
    desk.kill()
    desk.start()
    assert desk.stop() == 0
    log = desk.log.read_bytes().lower()
    assert b"mail=6" in log, "this test looks in the wrong place"
    assert [word for word in (*WORDS, ANN, BOB, "something else") if word.encode() in log] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "nobody is named"),
        (("--address", "{desk}"), "own address"),
        (("--address", "Ada+x@Company.test"), "own address"),
        (("--address", "no address"), "not one mail address"),
        (("--address", "a@b.test, c@d.test"), "not one mail address"),
        (("--client", "nobody"), "there is no client nobody"),
    ],
)
def test_who_cannot_be_meant_is_refused(desk: LiveDesk, account: str, arguments: tuple[str, ...], told: str) -> None:
    """Nobody, the desk itself, the developer, no address or an unknown client: one sentence, and nothing is touched."""
    given = [one.replace("{desk}", account) for one in arguments]
    for command in (("erase", "--yes"), ("erase", "--dry-run"), ("export", "-o", str(desk.directory / "out"))):
        done = desk.run("privacy", *command, *given)
        assert done.returncode == 1
        assert told in done.stderr.decode()
        assert done.stderr.count(b"\n") == 1
    assert not (desk.directory / "out").exists()


def test_an_erasure_asks_first(desk: LiveDesk, dovecot: Dovecot, account: str) -> None:
    """Only the address itself, typed, is a yes; the list before it tells what would go and what is not reached."""
    desk.start()
    day_of_mails(desk, dovecot, account, more=False)
    desk.stop()
    for answer in (b"yes\n", b"\n", b""):
        done = desk.run("privacy", "erase", "--address", ANN, stdin=answer)
        assert done.returncode == 1
        assert b"2 mails" in done.stdout
        assert desk.rows("SELECT count(*) FROM mail WHERE text IS NOT NULL") == [(2,)]
    done = desk.run("privacy", "erase", "--address", ANN, stdin=ANN.encode() + b"\n")
    assert done.returncode == 0, done.stderr
    assert b"client c7; take it out there" in done.stdout
    assert b"Backups" in done.stdout
    assert desk.rows("SELECT count(*) FROM mail WHERE text IS NOT NULL") == [(0,)]
