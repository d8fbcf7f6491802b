"""Each ill-behaved server goes wrong exactly as its name says, and records what it got."""

import smtplib
import socket
import ssl

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError

from tests.servers.certificates import Authority, Certificate
from tests.servers.letters import MAIL
from tests.servers.misbehaving_imap import IMAP_BEHAVIOURS, MisbehavingImap
from tests.servers.misbehaving_smtp import SMTP_BEHAVIOURS, MisbehavingSmtp

SMTP_OUTCOMES: dict[str, tuple[type[Exception] | None, int, int]] = {
    "drop_before_data": (smtplib.SMTPServerDisconnected, 0, 0),
    "drop_mid_data": (smtplib.SMTPServerDisconnected, 0, 0),
    "drop_after_data": (smtplib.SMTPServerDisconnected, 1, 1),
    "hang_after_data": (smtplib.SMTPServerDisconnected, 1, 1),
    "half_line": (None, 1, 1),  # smtplib takes a reply without its line end for whole
    "reset_after_250": (None, 1, 1),
    "data_554": (smtplib.SMTPDataError, 1, 0),
    "tempfail_then_ok": (smtplib.SMTPDataError, 1, 0),
    "rcpt_550": (smtplib.SMTPRecipientsRefused, 0, 0),
    "rcpt_452": (smtplib.SMTPRecipientsRefused, 0, 0),
    "greeting_421": (smtplib.SMTPConnectError, 0, 0),
    "auth_535": (smtplib.SMTPAuthenticationError, 0, 0),
}
TLS_NAMES = ("starttls", "no_starttls", "starttls_injection")


def send_one(server: MisbehavingSmtp, log_in: bool = False) -> type[BaseException] | None:
    """Given a server, send it a mail; return the type of what smtplib raised."""
    try:
        connection = smtplib.SMTP(server.host, server.port, timeout=0.5)
    except smtplib.SMTPConnectError as error:
        return type(error)
    try:
        if log_in:
            connection.login("alice", "secret")
        connection.sendmail("alice@client.test", ["support@company.test"], MAIL)
    except (OSError, smtplib.SMTPException) as error:
        return type(error)
    finally:
        connection.close()
    return None


def test_the_catalogue_is_tested_whole() -> None:
    """No behaviour of SMTP or IMAP is without a test below."""
    assert set(SMTP_BEHAVIOURS) == {*SMTP_OUTCOMES, *TLS_NAMES}
    assert set(IMAP_BEHAVIOURS) == {*IDLE_ENDS, *TLS_NAMES, "preauth_greeting", "implicit_tls"}


@pytest.mark.parametrize("name", SMTP_OUTCOMES)
def test_smtp_goes_wrong_as_named(name: str) -> None:
    """The client sees the error, and the server knows how many mails arrived and how many it kept."""
    error, arrived, accepted = SMTP_OUTCOMES[name]
    with MisbehavingSmtp(name) as server:
        raised = send_one(server, log_in=name == "auth_535")
        assert raised is None if error is None else raised is not None and issubclass(raised, error)
        assert (len(server.arrived), len(server.accepted)) == (arrived, accepted)
        assert all(mail.raw == MAIL for mail in server.arrived)


def test_smtp_takes_the_mail_after_its_temporary_failure() -> None:
    """The second attempt is accepted, also over another connection."""
    with MisbehavingSmtp("tempfail_then_ok") as server:
        assert send_one(server) is smtplib.SMTPDataError
        assert send_one(server) is None
        assert [len(server.wait_for_mail(2)), len(server.accepted), server.connections] == [2, 1, 2]


def test_smtp_resets_the_connection_after_its_250() -> None:
    """The reply is there, and the next read ends with a TCP reset."""
    with (
        MisbehavingSmtp("reset_after_250") as server,
        smtplib.SMTP(server.host, server.port, timeout=2) as client,
    ):
        client.sendmail("alice@client.test", ["support@company.test"], MAIL)
        assert client.sock is not None
        with pytest.raises(ConnectionResetError):
            client.sock.recv(1)
        client.close()


@pytest.mark.parametrize("name", TLS_NAMES)
def test_smtp_starttls_is_offered_hidden_or_poisoned(authority: Authority, name: str) -> None:
    """Clients see whether TLS is offered and what stands behind the 220; a password is recorded."""
    certificate = authority.good()
    with (
        MisbehavingSmtp(name, certificate) as server,
        socket.create_connection((server.host, server.port)) as plain,
    ):
        offered = b"STARTTLS" in talk(plain, b"EHLO test\r\n", skip=1)
        assert offered is (name != "no_starttls")
        assert b"AUTH PLAIN" in talk(plain, b"EHLO test\r\n")
        if offered:
            answer = talk(plain, b"STARTTLS\r\n")
            assert answer.startswith(b"220 ")
            assert (answer.count(b"\r\n") == 2) is (name == "starttls_injection")
            check_tls(plain, certificate, b"EHLO test\r\n", b"250-misbehaving.test")
        else:
            assert talk(plain, b"AUTH PLAIN AGEAYg==\r\n").startswith(b"235")
            assert server.credentials == ["AUTH PLAIN AGEAYg=="]


@pytest.mark.parametrize("name", TLS_NAMES)
def test_imap_starttls_is_offered_hidden_or_poisoned(authority: Authority, name: str) -> None:
    """The same for IMAP."""
    certificate = authority.good()
    with (
        MisbehavingImap(name, certificate) as server,
        socket.create_connection((server.host, server.port)) as plain,
    ):
        offered = b"STARTTLS" in talk(plain, b"1 CAPABILITY\r\n", skip=1)
        assert offered is (name != "no_starttls")
        answer = talk(plain, b"2 STARTTLS\r\n")
        if offered:
            assert answer.startswith(b"2 OK")
            assert (b"* CAPABILITY" in answer) is (name == "starttls_injection")
            check_tls(plain, certificate, b"3 NOOP\r\n", b"3 OK")
        else:
            assert answer.startswith(b"2 BAD")
            assert talk(plain, b"3 LOGIN alice secret\r\n").startswith(b"3 OK")
            assert server.credentials == ["3 LOGIN alice secret"]


def test_imap_speaks_tls_from_the_first_byte(authority: Authority) -> None:
    """The greeting comes under TLS, and a password is recorded."""
    certificate = authority.good()
    with MisbehavingImap("implicit_tls", certificate) as server:
        client = IMAPClient("localhost", server.port, ssl=True, ssl_context=certificate.client_context(), timeout=5)
        client.login("alice", "secret")
        client.shutdown()
        assert len(server.credentials) == 1


IDLE_ENDS = ("silent_close_in_idle", "bye_in_idle", "half_line")


@pytest.mark.parametrize("name", IDLE_ENDS)
def test_imap_ends_in_idle(name: str) -> None:
    """Login, SELECT and IDLE work; then the connection ends, in three ways."""
    with MisbehavingImap(name) as server:
        client = IMAPClient(server.host, server.port, ssl=False, timeout=5)
        client.login("alice", "secret")
        assert client.select_folder("INBOX")[b"UIDVALIDITY"] == 1
        assert client.search() == []
        client.idle()
        server.wait_for_command("IDLE")
        if name == "bye_in_idle":
            assert client.idle_check(timeout=5)[0][0] == b"BYE"
        with pytest.raises((IMAPClientAbortError, OSError)):
            _ = client.idle_check(timeout=5), client.idle_done()
        assert [line.partition(" ")[2] for line in server.credentials] == ['LOGIN alice "secret"']
        client.shutdown()


def test_imap_greets_with_preauth() -> None:
    """A client that looks knows it has been let in without a password: STARTTLS can then be skipped over."""
    with MisbehavingImap("preauth_greeting") as server:
        client = IMAPClient(server.host, server.port, ssl=False, timeout=5)
        assert client.welcome.startswith(b"* PREAUTH")
        client.logout()
        assert server.credentials == []


def talk(plain: socket.socket, line: bytes, skip: int = 0) -> bytes:
    """Given a line, send it and return what comes back within a moment, after `skip` greeting lines."""
    plain.settimeout(5)
    for _ in range(skip):
        plain.recv(4096)
    plain.sendall(line)
    return plain.recv(4096)


def check_tls(plain: socket.socket, certificate: Certificate, line: bytes, expected: bytes) -> None:
    """Given a connection about to speak TLS, check the server's certificate and one answer."""
    with certificate.client_context().wrap_socket(plain, server_hostname="localhost") as encrypted:
        assert talk(encrypted, line).startswith(expected)


@pytest.mark.parametrize("name", ["good", "wrong_host", "expired", "stranger"])
def test_a_verifying_client_refuses_bad_certificates(authority: Authority, name: str) -> None:
    """Of the four certificates only the good one is taken."""
    trust = authority.good().client_context()
    with MisbehavingSmtp("starttls", getattr(authority, name)()) as server:
        with socket.create_connection((server.host, server.port), timeout=5) as plain:
            talk(plain, b"EHLO test\r\n", skip=1)
            assert talk(plain, b"STARTTLS\r\n").startswith(b"220")
            verified = True
            try:
                trust.wrap_socket(plain, server_hostname="localhost").close()
            except ssl.SSLCertVerificationError:
                verified = False
        assert verified is (name == "good")
