"""Dovecot and Postfix of our own behave as a mail provider does."""

import smtplib
import socket
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, LoginError

from tests.servers.dovecot import Dovecot
from tests.servers.letters import header_names, mail_from
from tests.servers.postfix import TRUSTED_MX
from tests.servers.process import ServerFailedError, short_directory
from tests.servers.provider import AUTHSERV_ID
from tests.servers.stack import MailStack


def test_a_submitted_mail_reaches_an_idling_inbox_with_the_verdict_on_top(mail_stack: MailStack) -> None:
    """client → submission → LMTP → IDLE; above the verdict stand only headers of hosts in TRUSTED_MX."""
    with mail_stack.dovecot.connect(mail_stack.support, tls=True) as inbox:
        inbox.select_folder("INBOX")
        inbox.idle()
        mail_stack.send(mail_from(mail_stack.client), mail_stack.client, mail_stack.support)
        told = inbox.idle_check(timeout=5)
        inbox.idle_done()
    assert (1, b"EXISTS") in told
    raw = mail_stack.dovecot.messages(mail_stack.support)[0]
    assert header_names(raw)[:5] == [
        "return-path",
        "delivered-to",
        "received",
        "authentication-results",
        "received",
    ]
    mail = message_from_bytes(raw)
    verdict, domain = mail["Authentication-Results"], mail_stack.client.partition("@")[2]
    assert verdict == f"{AUTHSERV_ID}; spf=pass smtp.mailfrom={domain}; dmarc=pass header.from={domain}"
    hops = [" ".join(value.split()) for value in mail.get_all("Received", [])]
    assert [next(host for host in TRUSTED_MX if f" by {host} " in hop) for hop in hops] == [*reversed(TRUSTED_MX)]


def test_a_forged_verdict_is_removed_and_mail_from_outside_fails(mail_stack: MailStack) -> None:
    """Nothing a sender writes survives under the provider's id; another provider's verdict is left alone."""
    forged = (
        f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from=bank.test",
        "Authentication-Results: other.test; dmarc=pass header.from=bank.test",
        f"Authentication-Results: (hi) {AUTHSERV_ID.upper()} 1;\r\n dmarc=pass header.from=bank.test",
    )
    mail_stack.send_from_outside(mail_from("ceo@bank.test", *forged), "ceo@bank.test", mail_stack.support)
    (raw,) = mail_stack.dovecot.wait_for_messages(mail_stack.support, 1)
    ours, foreign = message_from_bytes(raw).get_all("Authentication-Results", [])
    assert ours == f"{AUTHSERV_ID}; spf=fail smtp.mailfrom=bank.test; dmarc=fail header.from=bank.test"
    assert foreign.startswith("other.test")


@pytest.mark.parametrize(
    ("author", "sender", "verdict"),
    [
        ("eve@signed.test", "eve@signed.test", "dmarc=pass header.from=signed.test"),
        ("eve@signed.test", "", "dmarc=pass header.from=signed.test"),
        ("eve@signed.test", "eve@other.test", "dmarc=fail header.from=signed.test"),
        ("eve@lax.test", "eve@lax.test", "dmarc=none header.from=lax.test"),
        ("a@signed.test, b@signed.test", "eve@signed.test", "dmarc=permerror"),
    ],
)
def test_the_verdict_on_mail_from_outside_follows_the_domain(
    mail_stack: MailStack, author: str, sender: str, verdict: str
) -> None:
    """`dmarc` decides by the domain of From, and only for an envelope sender that is aligned with it."""
    mail_stack.postfix.dmarc.update({"signed.test": "pass", "lax.test": "none"})
    mail_stack.send_from_outside(mail_from(author), sender, mail_stack.support)
    (raw,) = mail_stack.dovecot.wait_for_messages(mail_stack.support, 1)
    assert message_from_bytes(raw)["Authentication-Results"].endswith(verdict)


def test_a_login_vouches_for_its_own_address_only(mail_stack: MailStack) -> None:
    """Another From gets dmarc=fail, another envelope sender is refused; +tags and the null sender pass."""
    postfix, client = mail_stack.postfix, mail_stack.client
    tagged = client.replace("@", "+b-token@")
    with smtplib.SMTP_SSL("localhost", postfix.submissions_port, context=postfix.certificate.client_context()) as login:
        login.login(client, mail_stack.password(client))
        login.sendmail(client, [mail_stack.support], mail_from("boss@bank.test"))
        login.sendmail(tagged, [mail_stack.support], mail_from(client))
        login.sendmail("", [mail_stack.support], mail_from(client))
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="not owned by user"):
            login.sendmail(mail_stack.developer, [mail_stack.support], mail_from(client))
    found = mail_stack.dovecot.wait_for_messages(mail_stack.support, 3)
    mails = [message_from_bytes(raw) for raw in found]
    by_sender = {(mail["Return-Path"], mail["From"]): mail["Authentication-Results"] for mail in mails}
    assert "dmarc=fail header.from=bank.test" in by_sender[f"<{client}>", "boss@bank.test"]
    assert "dmarc=pass" in by_sender[f"<{tagged}>", client]
    assert "dmarc=pass" in by_sender["<>", client]


def test_recipients_answer_as_a_real_server_does(mail_stack: MailStack) -> None:
    """Unknown, scripted and foreign recipients are refused at RCPT; a +tag reaches its owner."""
    mail_stack.postfix.answers[mail_stack.developer] = "452 4.2.2 mailbox full"
    tagged = mail_stack.support.replace("@", "+d-token@")
    codes = {}
    with smtplib.SMTP(mail_stack.postfix.host, mail_stack.postfix.mx_port, timeout=10) as connection:
        connection.ehlo()
        connection.mail("eve@signed.test")
        domain = mail_stack.support.partition("@")[2]
        others = [f"{name}@{domain}" for name in ("nobody", "tempfail", "permfail")]
        for recipient in (*others, mail_stack.developer, "x@elsewhere.test", tagged):
            codes[recipient.partition("@")[0]] = connection.rcpt(recipient)[0]
        connection.data(mail_from("eve@signed.test"))
    refused = {"nobody": 550, "tempfail": 451, "permfail": 550, "ada": 452, "x": 554}
    assert codes == {**refused, "support+d-token": 250}
    (raw,) = mail_stack.dovecot.wait_for_messages(mail_stack.support, 1)
    assert message_from_bytes(raw)["Delivered-To"] == tagged


def test_a_real_vacation_responder_answers(mail_stack: MailStack) -> None:
    """A Sieve script runs at delivery, and its mail goes out by Postfix: the other side of loop tests."""
    script = f'require ["vacation"]; vacation :addresses ["{mail_stack.client}"] "I am away.";'
    mail_stack.dovecot.install_sieve(mail_stack.client, script)
    raw = mail_from(mail_stack.support, f"To: {mail_stack.client}", "Message-ID: <1@desk.test>")
    mail_stack.send(raw, mail_stack.support, mail_stack.client)
    (answer,) = mail_stack.dovecot.wait_for_messages(mail_stack.support, 1)
    mail = message_from_bytes(answer)
    assert (mail["Return-Path"], mail["Auto-Submitted"]) == ("<>", "auto-replied (vacation)")


def test_mail_waits_in_postfix_while_dovecot_is_gone(mail_stack: MailStack) -> None:
    """Dovecot stops and starts on the same ports, keeps its mail, and Postfix brings what came meanwhile."""
    dovecot = mail_stack.dovecot
    dovecot.append(mail_stack.support, mail_from("first@signed.test"))
    dovecot.stop()
    try:
        with pytest.raises(ConnectionRefusedError):
            dovecot.connect(mail_stack.support)
        mail_stack.send_from_outside(mail_from("second@signed.test"), "second@signed.test", mail_stack.support)
    finally:
        dovecot.start()
    mail_stack.postfix.flush()
    found = {message_from_bytes(raw)["From"] for raw in dovecot.wait_for_messages(mail_stack.support, 2)}
    assert found == {"first@signed.test", "second@signed.test"}


def test_dovecot_shows_appended_mail_in_order_with_its_date(dovecot: Dovecot, account: str) -> None:
    """`append_many` keeps order and bytes; `internaldate` is what IMAP tells."""
    day = datetime(2026, 3, 1, 12, tzinfo=UTC)
    dovecot.append_many(account, [mail_from(f"{number}@client.test") for number in range(50)], internaldate=day)
    assert dovecot.messages(account) == [mail_from(f"{number}@client.test") for number in range(50)]
    with dovecot.connect(account) as inbox:
        inbox.normalise_times = False
        inbox.select_folder("INBOX")
        assert inbox.fetch([50], ["INTERNALDATE"])[50][b"INTERNALDATE"] == day


def test_dovecot_has_special_folders_keywords_and_kicks(dovecot: Dovecot, account: str) -> None:
    """SPECIAL-USE finds the Drafts folder, a keyword stays, and a kicked client hears BYE."""
    dovecot.append(account, mail_from("a@client.test"), "Sent")
    with dovecot.connect(account) as inbox:
        assert inbox.find_special_folder(b"\\Drafts") == "Drafts"
        inbox.select_folder("Sent")
        inbox.add_flags([1], [b"$Triaged"])
        assert b"$Triaged" in inbox.get_flags([1])[1]
        inbox.idle()
        dovecot.kick(account)
        assert inbox.idle_check(timeout=5)[0][0] == b"BYE"
        with pytest.raises((IMAPClientAbortError, OSError)):
            inbox.idle_done()
        inbox.shutdown()


def test_dovecot_takes_our_access_tokens_until_they_expire(dovecot: Dovecot, account: str) -> None:
    """XOAUTH2 works with a fresh token of `token` and refuses an expired one."""
    for valid, welcome in ((timedelta(hours=1), True), (timedelta(seconds=-60), False)):
        context = dovecot.certificate.client_context()
        client = IMAPClient("localhost", dovecot.imaps_port, ssl_context=context, timeout=10)
        if welcome:
            assert client.oauth2_login(account, dovecot.token(account, valid)) == [b"Logged in"]
        else:
            with pytest.raises(LoginError):
                client.oauth2_login(account, dovecot.token(account, valid))
        client.shutdown()


def test_a_start_that_fails_shows_the_log(dovecot: Dovecot) -> None:
    """Where a port is taken the error names the server's own words, not only a timeout."""
    with short_directory("tb") as directory:
        server = Dovecot(directory)
        with socket.socket() as occupier:
            occupier.bind((server.host, server.imap_port))
            with pytest.raises(ServerFailedError, match="Address already in use"):
                server.start()
