"""A whole daemon fed with hostile mail: it lives, answers the next one, and hands on nothing of what it was told."""

from email import message_from_bytes
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk, client, proven
from tests.properties.hostile import BOMBS, draw_hostile
from tests.servers.dovecot import Dovecot
from tests.servers.misbehaving_proxy import MeddlingImap
from tests.servers.misbehaving_smtp import MisbehavingSmtp
from tests.servers.sink import Sink

MARK = "X9EVIL"
"""A word of the sender's, in every value that could become a command, a header or a line of the log."""
HOSTILE = (
    f"Message-ID: =?utf-8?q?=3Ca=0D=0A{MARK}_EXPUNGE=3E?=",
    f"Message-ID: <{MARK}\x00\"'; DROP@client.test>",
    f"References: <ok@client.test>, =?utf-8?q?=0D=0A{MARK}_STORE?= <{MARK} two words@x>",
    f"In-Reply-To: {{100}}{MARK}",
    f"Reply-To: =?utf-8?q?x=0D=0ABcc=3A_{MARK}=40evil.test?= <x@evil.test>",
    f"Reply-To: <{MARK}\r\n RCPT TO:<x@evil.test>>",
    f"Subject: =?utf-8?q?Hi=0D=0ABcc:_{MARK}@evil.test=0D=0A=0D=0A{MARK}=2E?=",
    f"Subject: {{{{7*7}}}}{{% raw %}}${{x}} %s%n \x1b[31m{MARK}\u202e",
    f"X-Triagebot-Loop: {MARK}",
    f"List-Id: {MARK}\x1b]0;title\x07",
    f"Content-Language: {MARK}",
    f"Date: {MARK}",
)
NAMES = ("Ann", f"=?utf-8?q?{MARK}=0D=0ABcc=3A_v=40evil.test?=", f'"{MARK}\\"\x7f\x00"', f"{MARK} \u202e\u2066")
HEADERS = {
    *("from", "to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted", "precedence"),
    *("x-auto-response-suppress", "x-triagebot-loop", "content-language", "mime-version", "content-type"),
    "content-transfer-encoding",
}
LIMITS = '[limits]\nlatch = "0s"\nstranger_per_day = 1000\nstranger_per_week = 1000\ndesk_per_10_minutes = 1000\n' + (
    'desk_per_day = 1000\ndomain_per_day = 1000\nclient_per_day = 1000\nclient_per_week = 1000\nsame_answer = "0s"\n'
    'same_body = "0s"\n'
)


def test_nothing_received_reaches_a_command_a_header_or_the_log(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """Proven mails with hostile ids, subjects, names and addresses: what the daemon says to IMAP, SMTP and its log has
    none of their words, and its answers have the headers of every answer, with their words in Subject at most."""
    mails = [
        proven(f"a{number}.{who}@client{number}.test", account, "Permalinks", "permalinks?", line)
        for number, line in enumerate(HOSTILE)
        for who in range(2)
    ]
    mails += [proven(f"{name} <n{number}@name{number}.test>", account) for number, name in enumerate(NAMES)]
    mails += [
        proven("ann@known.test", account, f"=?utf-8?q?Permalinks=0D=0ABcc=3A_v=40evil.test_{MARK}?="),
        proven(f'"{MARK}\\r\\nRCPT TO:<v@evil.test>"@quoted.test', account),
        proven(f"{MARK}{{9}}%s@braces.test", account),
    ]
    with (
        MeddlingImap(dovecot.imap_port, b"never said", "close") as proxy,
        LiveDesk(
            tmp_path / "desk",
            Account(
                account,
                dovecot.users[account],
                proxy.port,
                sink.port,
                smtp_login=False,
                more='done = "Triaged"\nkeyword = "Seen-By-Desk"',
            ),
            clients=client("known", "ann@known.test", "one-off") + "\n",
            more=LIMITS,
        ) as desk,
    ):
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append_many(account, mails)
        desk.until_idle(len(mails), 30)
        desk.until(lambda: not desk.rows("SELECT 1 FROM mail WHERE marked = 0"), "all mails moved", 30)
        assert desk.stop() == 0
        log = desk.said()
    assert len(sink.mails) > len(HOSTILE)
    spoken = b"".join(proxy.commands).decode("latin-1") + "\n".join(sink.commands) + log
    assert MARK not in spoken.replace(f"RCPT TO:<{MARK}{{9}}%s@braces.test>", "")  # the proven author of one
    assert "evil.test" not in spoken
    assert all(line.isprintable() for line in log.splitlines())
    for mail in sink.mails:
        message = message_from_bytes(mail.raw)
        names = [name.lower() for name in message.keys()]  # noqa: SIM118 - a Message is no mapping
        assert set(names) <= HEADERS
        assert len(names) == len(set(names))
        assert message["To"] == mail.recipients[0]
        said = "".join(str(value) for name, value in message.items() if name not in ("Subject", "To"))
        assert MARK not in said
        assert (MARK in str(message["Subject"])) == (mail.recipients == ("ann@known.test",))


@pytest.mark.timeout(100)
def test_hundreds_of_hostile_mails_and_then_a_good_one(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path
) -> None:
    """Bytes at random, spoilt real mails and bombs all end as rows, none is answered, none leaves a traceback; the
    mail after them is answered."""
    mails = draw_hostile(300, seed=20261122)
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        dovecot.append_many(account, mails)
        desk.until_decided(len(mails), 60)
        assert sink.mails == []
        dovecot.append(account, proven("ann@client.test", account))
        desk.until_idle(len(mails) + 1)
        assert desk.stop() == 0
        assert [mail.recipients for mail in sink.mails] == [("ann@client.test",)]
        assert desk.rows("SELECT count(*) FROM mail WHERE problem LIKE 'could not be decided%'") == [(0,)]
        assert "Traceback" not in desk.said()
        assert all(line.isprintable() for line in desk.said().splitlines())


@pytest.mark.timeout(90)
def test_after_every_bomb_the_next_mail_is_answered(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """100 kB of quotes in From, 100,000 parameters, thousands of parts: each is a row within half a minute, and the
    mail behind it is answered by then."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        for number, bomb in enumerate(BOMBS, start=1):
            dovecot.append_many(account, [bomb, proven(f"a{number}@client{number}.test", account)])
            desk.until_idle(2 * number, 30)
            assert sink.mails[-1].recipients == (f"a{number}@client{number}.test",)
        assert desk.stop() == 0
    assert len(sink.mails) == len(BOMBS)


def test_an_smtp_server_with_hostile_words(dovecot: Dovecot, account: str, tmp_path: Path) -> None:
    """What a server says of a mail is kept and shown as one clean line: no control reaches log, status or database."""
    with MisbehavingSmtp("data_554") as server:
        server.behaviour = type(server.behaviour)(final=(f"554 5.6.0 \x1b[31m\x07{MARK}\u202e no",))
        with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, server.port)) as desk:
            desk.start()
            desk.wait_for_log("connected folder=INBOX")
            dovecot.append(account, proven("ann@client.test", account))
            desk.until(lambda: desk.sendings() == {"failed": 1}, "the refusal")
            ((answer,),) = desk.rows("SELECT answer FROM outbox")
            listed = desk.run("outbox", "--all").stdout.decode()
            assert desk.stop() == 0
    assert MARK in answer
    assert answer.isprintable()
    assert "\x1b" not in listed
    assert all(line.isprintable() for line in desk.said().splitlines())
