"""The embedded IMAP and SMTP pair behaves as a mail provider does."""

import gc
import smtplib
import threading
from datetime import UTC, datetime
from email import message_from_bytes

import pytest
from imapclient import IMAPClient

from tests.servers.letters import header_names, mail_from
from triagebot.edge.tinymail import AUTHSERV_ID, TinyMail, TinyMailError

SUPPORT, ALICE = "support@company.test", "alice@client.test"
FORGED = (
    f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from=bank.test",
    "Authentication-Results: other.test; dmarc=pass header.from=bank.test",
    f"authentication-results : (a (b) c) {AUTHSERV_ID.upper()} 1;\r\n dmarc=pass header.from=bank.test",
)


def connect(tinymail: TinyMail, user: str = SUPPORT) -> IMAPClient:
    """Given the pair, return a logged-in client."""
    client = IMAPClient(tinymail.host, tinymail.imap_port, ssl=False, timeout=5)
    client.login(user, tinymail.users[user])
    return client


def submit(tinymail: TinyMail, raw: bytes, sender: str, *recipients: str, login: str = "") -> None:
    """Given a mail, send it by SMTP, after a login if one is named."""
    with smtplib.SMTP(tinymail.host, tinymail.smtp_port, timeout=5) as connection:
        if login:
            connection.login(login, tinymail.users[login])
        connection.sendmail(sender, recipients, raw)


def test_an_idling_client_sees_a_delivered_mail(tinymail: TinyMail) -> None:
    """LOGIN, SELECT, IDLE, FETCH with the INTERNALDATE that was given."""
    day = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with connect(tinymail) as inbox:
        inbox.normalise_times = False
        inbox.select_folder("INBOX")
        inbox.idle()
        tinymail.deliver(SUPPORT, mail_from(ALICE), received_at=day)
        assert (1, b"EXISTS") in inbox.idle_check(timeout=5)
        inbox.idle_done()
        (found,) = inbox.fetch(inbox.search(), ["BODY.PEEK[]", "INTERNALDATE", "FLAGS"]).values()
    assert found[b"INTERNALDATE"] == day
    assert b"\\Seen" not in found[b"FLAGS"]
    assert found[b"BODY[]"] == tinymail.messages(SUPPORT)[0]
    assert found[b"BODY[]"].endswith(mail_from(ALICE))


def test_idle_tells_of_what_came_just_before_it(tinymail: TinyMail) -> None:
    """A mail that lands between SELECT and IDLE is announced at once, not with the next one."""
    with connect(tinymail) as inbox:
        inbox.select_folder("INBOX")
        tinymail.deliver(SUPPORT, mail_from(ALICE))
        inbox.idle()
        told = inbox.idle_check(timeout=3)
        _, rest = inbox.idle_done()
    assert (1, b"EXISTS") in (*told, *rest)


def test_folders_moves_appends_and_keywords_work(tinymail: TinyMail) -> None:
    """A custom keyword survives a move, also in a folder made by the client; APPEND reaches Drafts."""
    tinymail.deliver(SUPPORT, mail_from(ALICE))
    with connect(tinymail) as inbox:
        assert b"\\*" in inbox.select_folder("INBOX")[b"PERMANENTFLAGS"]
        uids = inbox.search()
        inbox.add_flags(uids, ["$Triaged"])
        assert inbox.search(["UNKEYWORD", "$Triaged"]) == []
        inbox.create_folder("Triaged")
        inbox.move(uids, "Triaged")
        assert inbox.search() == []
        inbox.select_folder("Triaged")
        assert b"$Triaged" in inbox.get_flags(inbox.search()).popitem()[1]
        inbox.append("Drafts", mail_from(SUPPORT))
    assert tinymail.messages(SUPPORT, "Drafts") == [mail_from(SUPPORT)]


def test_the_verdict_stands_on_top_and_forgeries_are_gone(tinymail: TinyMail) -> None:
    """Only the provider speaks under its own id; other verdicts and the body are left alone."""
    raw = mail_from("ceo@bank.test", *FORGED) + FORGED[0].encode()
    tinymail.deliver(SUPPORT, raw, "dmarc=fail header.from=bank.test", sender="ceo@bank.test")
    (filed,) = tinymail.messages(SUPPORT)
    assert header_names(filed)[:4] == ["authentication-results", "return-path", "delivered-to", "received"]
    mail = message_from_bytes(filed)
    ours, foreign = mail.get_all("Authentication-Results", [])
    assert ours == f"{AUTHSERV_ID}; dmarc=fail header.from=bank.test"
    assert foreign.startswith("other.test")
    assert (mail["Return-Path"], mail["Delivered-To"]) == ("<ceo@bank.test>", SUPPORT)
    assert filed.endswith(FORGED[0].encode())


@pytest.mark.parametrize(
    ("author", "login", "verdict"),
    [
        (ALICE, ALICE, "dmarc=pass header.from=client.test"),
        ("Alice+tag@Client.test", ALICE, "dmarc=pass header.from=client.test"),
        (ALICE, "", "dmarc=fail header.from=client.test"),
        ("boss@bank.test", ALICE, "dmarc=fail header.from=bank.test"),
        (f"{ALICE}, boss@bank.test", ALICE, "dmarc=permerror"),
    ],
)
def test_a_login_vouches_for_its_own_address_only(tinymail: TinyMail, author: str, login: str, verdict: str) -> None:
    """By SMTP a mail passes only if its one author has logged in."""
    submit(tinymail, mail_from(author, *FORGED), ALICE, SUPPORT, login=login)
    (filed,) = tinymail.messages(SUPPORT)
    assert message_from_bytes(filed)["Authentication-Results"] == f"{AUTHSERV_ID}; {verdict}"


def test_recipients_and_logins_are_checked(tinymail: TinyMail) -> None:
    """Unknown recipients are refused, scripted answers given, +tags delivered, wrong passwords refused."""
    tinymail.answers[ALICE] = "451 4.3.0 later"
    for recipient, code in (("nobody@company.test", 550), (ALICE, 451)):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            submit(tinymail, mail_from(SUPPORT), SUPPORT, recipient)
        assert refused.value.recipients[recipient][0] == code
    submit(tinymail, mail_from(ALICE), "", "support+b-token@company.test")
    assert message_from_bytes(tinymail.messages(SUPPORT)[0])["Delivered-To"] == "support+b-token@company.test"
    assert [(mail.sender, mail.recipients) for mail in tinymail.sent] == [("", ("support+b-token@company.test",))]
    assert tinymail.sent[0].raw == mail_from(ALICE)
    with smtplib.SMTP(tinymail.host, tinymail.smtp_port, timeout=5) as connection:
        connection.ehlo()
        assert connection.docmd("AUTH PLAIN", "AGFsaWNlQGNsaWVudC50ZXN0AHdyb25n")[0] == 535


def test_it_ends_with_clients_connected(recwarn: pytest.WarningsRecorder) -> None:
    """The end closes every connection, leaves no thread, and nothing unclosed behind."""
    before = threading.active_count()
    with TinyMail({SUPPORT: "secret"}) as pair:
        idling = connect(pair)
        idling.select_folder("INBOX")
        idling.idle()
        waiting = smtplib.SMTP(pair.host, pair.smtp_port, timeout=5)
    assert waiting.sock is not None
    assert waiting.sock.recv(1) == b""
    assert idling.idle_check(timeout=5)[0][0] == b"BYE"
    waiting.close()
    idling.shutdown()
    gc.collect()
    assert threading.active_count() == before
    assert [str(warning.message) for warning in recwarn] == []


def test_a_taken_port_is_told(tinymail: TinyMail) -> None:
    """A start that fails says why in one sentence."""
    with pytest.raises(TinyMailError, match="did not start"), TinyMail({}, imap_port=tinymail.imap_port):
        pass
