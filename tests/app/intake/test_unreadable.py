"""Mails that are not read, or not to their end: a person sees what can be seen of them (safety.md F.1, F.2)."""

import base64
import os
from pathlib import Path

from tests.app.desks import PLAN, Account, LiveDesk, client, proven
from tests.app.digests import unwrap
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink


def with_photo(account: str, author: str, text: str, size: int) -> bytes:
    """Given an author, a text and a number of bytes, return a mail with a photo of that size."""
    photo = base64.encodebytes(os.urandom(size))
    body = (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\nSubject: Photo',
        b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode() + b"\r\n"
        b'--x\r\nContent-Type: image/jpeg; name="shop.jpg"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + photo.replace(b"\n", b"\r\n")
        + b"--x--\r\n",
    )
    head = proven(author, account, "Photo", "").rstrip(b"\r\n").replace(b"Subject: Photo", body[0])
    return head + b"\r\n\r\n" + body[1]


def test_a_mail_of_30_megabytes_is_shown_with_its_text(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """It is never answered; a client's is a ticket with its words, a stranger's is held with them, an emergency wakes
    the developer; the next mail is answered."""
    clients = PLAN + client("bakery", "jan@bakery.test", "retainer") + client("cafe", "eva@cafe.test")
    box = Account.on_dovecot(dovecot, account, sink.port)
    with LiveDesk(tmp_path / "desk", box, clients=clients) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append_many(
            account,
            [
                with_photo(account, "jan@bakery.test", "Please change the photo of our shop.", 22_000_000),
                with_photo(account, "ann@client.test", "Where are the permalinks?", 22_000_000),
                with_photo(account, "jan@bakery.test", "Our site is down, see the photo.", 22_000_000),
                proven("bob@client.test", account),
            ],
        )
        desk.until_idle(4, 60)
        found = desk.rows("SELECT state, new_text, problem, client, ticket, size FROM mail ORDER BY uid")
        digest = unwrap(desk.run("digest").stdout)
        tickets = desk.rows("SELECT kind, client FROM ticket ORDER BY id")
        assert desk.stop() == 0
    assert [row[0] for row in found[1:]] == ["held", "planned", "answered"]
    assert found[0][0] in ("held", "planned")
    assert tickets == [("work", "bakery"), ("emergency", "bakery")]
    assert [row[1] for row in found[:3]] == [
        "Please change the photo of our shop.",
        "Where are the permalinks?",
        "Our site is down, see the photo.",
    ]
    assert all(row[2].startswith("larger than limits.mail_bytes (") and row[5] > 29_000_000 for row in found[:3])
    assert "| Where are the permalinks?" in digest
    assert sorted(mail.recipients[0] for mail in sink.mails) == ["ada@company.test", "bob@client.test"]


def test_a_huge_automatic_mail_is_still_an_automatic_one(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """The verdict comes from the headers, whatever the size; `explain` says the same of the file."""
    raw = with_photo(account, "ann@client.test", "I am away.", 20_000_000)
    raw = raw.replace(b"Content-Type: multipart", b"Auto-Submitted: auto-replied\r\nContent-Type: multipart", 1)
    (tmp_path / "huge.eml").write_bytes(raw)
    (tmp_path / "person.eml").write_bytes(with_photo(account, "ann@client.test", "Permalinks?", 20_000_000))
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        assert desk.run("run", "--once").returncode == 0
        dovecot.append(account, raw)
        assert desk.run("run", "--once").returncode == 0
        assert desk.states() == {"suppressed": 1}
        assert desk.ask("explain", str(tmp_path / "huge.eml"))["guard"]["verdict"] == "never"
        person = desk.ask("explain", str(tmp_path / "person.eml"))
    assert (person["guard"]["verdict"], person["state"], person["reply"]) == ("human", "held", None)
    assert person["new_text"] == "Permalinks?"
    assert sink.mails == []


def test_an_unreadable_mail_can_be_had_as_it_came(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """The digest names it with author, subject, reason and the command that prints its bytes; a mail that was read
    has none, and the sentence says where it is."""
    bad = proven("ann@client.test", account, "Look at this", "").replace(
        b"Subject:", b"X-Long: " + b"x" * 120_000 + b"\r\nSubject:"
    )
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        assert desk.run("run", "--once").returncode == 0
        dovecot.append_many(account, [bad, proven("bob@client.test", account)])
        assert desk.run("run", "--once").returncode == 0
        assert desk.states() == {"unreadable": 1, "answered": 1}
        ((number,), (other,)) = desk.rows("SELECT id FROM mail ORDER BY uid")
        printed = desk.run("explain", str(number), "--raw")
        assert (printed.returncode, printed.stdout) == (0, bad)
        refused = desk.run("explain", str(other), "--raw")
        assert refused.returncode == 1
        assert b"only of those that could not be read" in refused.stderr
        assert desk.run("explain", "99", "--raw").stderr == b"triagebot: there is no mail 99 on this desk\n"
        assert desk.run("explain", "-", "--raw").returncode == 2
        assert f"triagebot explain {number} --raw" in unwrap(desk.run("digest").stdout)
