"""Servers whose TLS does not hold, under a running daemon: told in the status, no login leaves, no mail is given up."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk, proven
from tests.app.signins import client_at, sign_in_before, table_of, view_in
from tests.servers.authorization import AuthorizationServer
from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.misbehaving_imap import MisbehavingImap
from tests.servers.misbehaving_smtp import MisbehavingSmtp
from triagebot.core.desk import Oauth

# What a server does wrong: its behaviour, certificate and security, and the words by which status tells it.
IMAP_CASES = (
    ("no_starttls", "self_signed", "tls", "certificate refused"),
    ("no_starttls", "wrong_host", "tls", "certificate refused"),
    ("starttls", "self_signed", "starttls", "certificate refused"),
    ("starttls", "wrong_host", "starttls", "certificate refused"),
    ("no_starttls", "good", "starttls", "does not offer STARTTLS"),
    ("preauth_greeting", "good", "starttls", "already logged in (PREAUTH)"),
    ("preauth_greeting", "good", "tls", "already logged in (PREAUTH)"),
    ("starttls_injection", "good", "starttls", "more than its answer to STARTTLS"),
)
SMTP_CASES = (
    ("no_starttls", "self_signed", "tls", "certificate refused"),
    ("no_starttls", "wrong_host", "tls", "certificate refused"),
    ("starttls", "self_signed", "starttls", "certificate refused"),
    ("starttls", "wrong_host", "starttls", "certificate refused"),
    ("no_starttls", "good", "starttls", "STARTTLS"),
    ("starttls_injection", "good", "starttls", "answered with more than one line"),
)


def keep_token(desk: LiveDesk, client: Oauth, account: str, token: str) -> None:
    """Given a desk and one of its accounts, keep a token for it that is good for a while."""
    sign_in_before(view_in(desk.directory, client), client, "refresh", token, account=account, ago=timedelta(0))


@pytest.mark.parametrize("oauth", ["", "tests"], ids=["password", "token"])
def test_imap_servers_that_break_the_promise_of_tls(authority: Authority, tmp_path: Path, oauth: str) -> None:
    """Eight inboxes, eight ways: each has its sentence in the status, and none sees a byte of a login."""
    with ExitStack() as stack:
        provider = stack.enter_context(AuthorizationServer(lambda: "hunter2"))
        servers = [
            stack.enter_context(
                MisbehavingImap(behaviour, getattr(authority, certificate)(), implicit=security == "tls")
            )
            for behaviour, certificate, security, _ in IMAP_CASES
        ]
        accounts = [
            Account(f"a{n}@desk.test", "hunter2", server.port, 9, case[2], ca=authority.ca, oauth=oauth)
            for n, (server, case) in enumerate(zip(servers, IMAP_CASES, strict=True))
        ]
        client = client_at(provider)
        desk = stack.enter_context(LiveDesk(tmp_path / "desk", *accounts, settings=table_of(client) if oauth else ""))
        for account in accounts if oauth else ():
            keep_token(desk, client, account.address, "hunter2")
        desk.start()
        for number in range(len(IMAP_CASES)):
            desk.wait_for_log(f"inbox=box{number} problem=")
        problems = desk.status()["problems"]
        for number, case in enumerate(IMAP_CASES):
            assert [one for one in problems if one.startswith(f"inbox box{number}: IMAP") and case[3] in one], case
        assert [server.credentials for server in servers] == [[]] * len(servers)
        assert "hunter2" not in desk.said()
        assert provider.forms == []
        assert desk.stop() == 0


@pytest.mark.parametrize("oauth", ["", "tests"], ids=["password", "token"])
def test_smtp_servers_that_break_the_promise_of_tls(
    authority: Authority, dovecot: Dovecot, new_account: Callable[[], str], tmp_path: Path, oauth: str
) -> None:
    """Six servers, six ways: the answers wait unharmed, the status tells why, and nothing of a login or mail left."""
    with ExitStack() as stack:
        provider = stack.enter_context(AuthorizationServer(lambda: "hunter2"))
        servers = [
            stack.enter_context(
                MisbehavingSmtp(behaviour, getattr(authority, certificate)(), implicit=security == "tls")
            )
            for behaviour, certificate, security, _ in SMTP_CASES
        ]
        accounts = [
            Account(
                new_account(),
                "secret",
                dovecot.imap_port,
                server.port,
                smtp_security=case[2],
                ca=authority.ca,
                oauth=oauth,
            )
            for server, case in zip(servers, SMTP_CASES, strict=True)
        ]
        client = client_at(provider)
        desk = stack.enter_context(LiveDesk(tmp_path / "desk", *accounts, settings=table_of(client) if oauth else ""))
        for account in accounts if oauth else ():
            keep_token(desk, client, account.address, dovecot.token(account.address))
        desk.start()
        for account in accounts:
            dovecot.append(account.address, proven(f"alice@{account.address.partition('@')[2]}", account.address))
        for number in range(len(SMTP_CASES)):
            desk.wait_for_log(f"send=box{number} problem=")
        assert set(desk.sendings()) <= {"queued", "sending", "retry"}
        assert sum(desk.sendings().values()) == len(SMTP_CASES)
        problems = desk.status()["problems"]
        for number, case in enumerate(SMTP_CASES):
            assert [one for one in problems if one.startswith(f"send box{number}: SMTP") and case[3] in one], case
        assert [(server.credentials, server.arrived) for server in servers] == [([], [])] * len(servers)
        assert desk.stop() == 0
        assert desk.rows("SELECT DISTINCT attempts FROM outbox WHERE class = 'auto'") == [(0,)]
