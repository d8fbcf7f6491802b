"""Editing a desk's files while its daemon runs."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk, proven
from tests.app.digests import unwrap
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink

DOMAINS_RULE = """
[[rule]]
id = "domains"
reason = "howto/domains"
kind = "question"
any = ["domain*"]
reply = "domains"
[[rule.test]]
text = "Where is my domain?"
"""


@pytest.fixture
def running(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> Iterator[LiveDesk]:
    """A live desk whose daemon idles on `account`."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        yield desk


def test_edited_rules_and_replies_are_used_at_once(
    running: LiveDesk, dovecot: Dovecot, account: str, sink: Sink
) -> None:
    """A new rule with its reply counts from the next mail on, without a restart."""
    desk = running
    (desk.directory / "replies" / "en" / "domains.md").write_text("Ask your registrar.", "utf-8")
    (desk.directory / "rules" / "20-more.toml").write_text(DOMAINS_RULE, "utf-8")
    desk.reload()
    desk.wait_for_log("files reloaded rules=5")
    dovecot.append(account, proven("ann@client.test", account, "Domain", "Where is my domain?"))
    desk.until_idle(1)
    assert b"Ask your registrar." in sink.wait_for(1)[0].raw


BAD_EDITS: tuple[tuple[str, bytes | None, str], ...] = (
    ("config.toml", b"\xff\xfe\x00", "config.toml"),
    ("config.toml", None, "config.toml"),
    ("rules/10-small.toml", b"[[rule]\n", "rules/10-small.toml:1"),
    ("replies/en/permalinks.md", None, "there is no replies/en/permalinks.md"),
    ("replies/en/frame.md", b"{% if", "replies/en/frame.md"),
)
"""A file, what an edit makes of it (None: it is gone), and what the daemon has to say about that."""


def test_after_a_bad_edit_the_last_good_files_stay_in_use(
    running: LiveDesk, dovecot: Dovecot, account: str, sink: Sink
) -> None:
    """The daemon says once what is wrong and goes on as before; log and status tell; mended, all is well again."""
    desk = running
    for number, (file, content, sentence) in enumerate(BAD_EDITS, 1):
        path = desk.directory / file
        good = path.read_bytes()
        path.unlink() if content is None else path.write_bytes(content)
        desk.reload()
        desk.wait_for_log("files problem=", number)
        dovecot.append(account, proven("ann@client.test", account, f"Question {number}"))
        assert b"Settings, then Permalinks." in sink.wait_for(number)[-1].raw
        told = [line for line in desk.said().splitlines() if "files problem=" in line]
        assert len(told) == number
        assert "the files were changed and are not used" in told[-1]
        assert sentence in told[-1]
        assert sentence in desk.rows("SELECT problem FROM health WHERE part = 'files'")[0][0]
        path.write_bytes(good)
        desk.reload()
        desk.wait_for_log("files reloaded", number)
    assert desk.status()["problems"] == []


def test_a_bad_edit_stands_in_the_digest(running: LiveDesk) -> None:
    """The developer who looks at nothing but the digest meets the bad edit there; a later good start ends it."""
    desk = running
    rules = desk.directory / "rules" / "10-small.toml"
    good = rules.read_bytes()
    rules.write_bytes(good + b"[[rule]]\n")
    desk.wait_for_log("files problem=")
    rules.write_bytes(good)
    assert "files: the files were changed and are not used" in unwrap(desk.run("digest").stdout)
    assert desk.stop() == 0
    desk.start()
    assert desk.status()["problems"] == []


def test_inboxes_come_and_go_with_the_config(
    running: LiveDesk, dovecot: Dovecot, new_account: Callable[[], str], account: str, sink: Sink
) -> None:
    """An inbox that is added is watched at once; one that is taken out leaves no problem behind."""
    desk, other = running, new_account()
    dovecot.append(other, proven("old@client.test", other), internaldate=datetime.now(UTC) - timedelta(hours=1))
    text = desk.config.read_text("utf-8")
    first = text[text.index("[[inbox]]") : text.index("[limits]")]
    second = first.replace("box0", "box1").replace(account, other)
    assert dovecot.users[other] == dovecot.users[account]
    desk.edit("aliases = []", f'aliases = ["{other}"]')
    desk.edit(first, first + second)
    desk.reload()
    desk.wait_for_log("inbox=box1 connected")
    dovecot.append(other, proven("new@client.test", other))
    dovecot.append(account, proven("ann@client.test", account))
    sink.wait_for(2)
    desk.edit(first, "")
    desk.reload()
    desk.wait_for_log("connected folder=INBOX", 4)
    dovecot.append(other, proven("last@client.test", other))
    sink.wait_for(3)
    assert desk.status()["problems"] == []
    assert sorted(mail.recipients[0] for mail in sink.mails) == [
        "ann@client.test",
        "last@client.test",
        "new@client.test",
    ]


def test_other_hours_make_another_plan(running: LiveDesk, dovecot: Dovecot, account: str, sink: Sink) -> None:
    """When the hours change, what is open is planned anew at once, without a restart; what was told stays told."""
    desk = running
    dovecot.append(account, proven("ann@client.test", account, "Phone", "Please change the phone number"))
    sink.wait_for(1)
    told = desk.rows("SELECT id, promise, due FROM ticket")
    planned = desk.rows("SELECT sum(minutes) FROM slot")
    assert len(told) == len(planned) == 1
    with desk.config.open("a", encoding="utf-8") as file:
        file.write("\n[support_hour]\nminutes = 10\n")
    desk.reload()
    desk.wait_for_log("files reloaded")
    assert desk.rows("SELECT max(minutes) FROM slot") == [(6,)]  # a third is not promised
    assert desk.rows("SELECT sum(minutes) FROM slot") == planned
    assert desk.rows("SELECT id, promise, due FROM ticket") == told
