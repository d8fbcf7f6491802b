"""No byte of a login leaves for a server whose TLS does not hold: every way it can fail, for passwords and tokens."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Literal

import pytest

from tests.servers.certificates import Authority
from tests.servers.letters import MAIL
from tests.servers.misbehaving_imap import MisbehavingImap
from tests.servers.misbehaving_smtp import MisbehavingSmtp
from triagebot.core.desk import Security, Server
from triagebot.core.errors import ServerUntrusted
from triagebot.core.oauth import AccessToken
from triagebot.edge.imap import Mailbox
from triagebot.edge.smtp import Submission

Protocol = Literal["imap", "smtp"]
SECRET = "hunter2"
CREDENTIALS: dict[str, str | AccessToken] = {"password": SECRET, "token": AccessToken(SECRET)}
CERTIFICATES = ("self_signed", "wrong_host", "stranger", "expired")


@dataclass(frozen=True, slots=True)
class Case:
    """One way in which a server breaks its promise, and words of the sentence that tells it."""

    protocol: Protocol
    security: Security
    behaviour: str = "no_starttls"
    certificate: str = "good"
    told: str = ""

    def __str__(self) -> str:
        wrong = self.certificate if self.certificate != "good" else self.behaviour
        return f"{self.protocol}-{self.security}-{wrong}"


CASES = [
    *(
        Case(protocol, security, "starttls" if security == "starttls" else "no_starttls", bad, "certificate")
        for protocol in ("imap", "smtp")
        for security in ("tls", "starttls")
        for bad in CERTIFICATES
    ),
    Case("imap", "starttls", "no_starttls", told="does not offer STARTTLS"),
    Case("smtp", "starttls", "no_starttls", told="STARTTLS"),
    Case("imap", "starttls", "starttls_injection", told="more than its answer to STARTTLS"),
    Case("smtp", "starttls", "starttls_injection", told="answered with more than one line"),
    Case("imap", "starttls", "preauth_greeting", told="PREAUTH"),
    Case("imap", "tls", "preauth_greeting", told="PREAUTH"),
]
"""safety.md F.4. STARTTLS can be stripped or injected into only where it is used; SMTP has no PREAUTH."""


@contextmanager
def serve(case: Case, authority: Authority) -> Iterator[MisbehavingImap | MisbehavingSmtp]:
    """Given a case, yield its server."""
    kind = MisbehavingImap if case.protocol == "imap" else MisbehavingSmtp
    with kind(case.behaviour, getattr(authority, case.certificate)(), implicit=case.security == "tls") as server:
        yield server


def attempt(case: Case, port: int, credential: str | AccessToken, authority: Authority) -> str:
    """Given a case, try to log in and, on SMTP, to send; return the sentence, or nothing when it worked."""
    account = Server("localhost", port, case.security, "alice")
    context = authority.good().client_context()
    if case.protocol == "imap":
        try:
            with closing(Mailbox(account, credential, context)) as mailbox:
                mailbox.poll()
        except ServerUntrusted as error:
            return str(error)
        return ""

    async def send() -> str:
        submission = Submission(account, lambda: credential, context)

        async def nothing() -> None: ...

        outcome = await submission.send("support@desk.test", "alice@client.test", MAIL, nothing)
        await submission.quit()
        assert outcome.kind in ("sent", "stop"), outcome
        return outcome.text if outcome.kind == "stop" else ""

    return asyncio.run(send())


@pytest.mark.parametrize("credential", CREDENTIALS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_credential_leaves(authority: Authority, case: Case, credential: str) -> None:
    """The server sees no LOGIN, no AUTH, no secret and no mail; the queue stops, and one sentence says why."""
    with serve(case, authority) as server:
        told = attempt(case, server.port, CREDENTIALS[credential], authority)
        assert case.told in told
        assert SECRET not in told
        assert (server.credentials, [line for line in server.commands if SECRET in line]) == ([], [])
        assert getattr(server, "arrived", []) == []


@pytest.mark.parametrize("credential", CREDENTIALS)
@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("protocol", ["imap", "smtp"])
def test_the_same_servers_with_nothing_wrong_are_logged_in_to(
    authority: Authority, protocol: Protocol, security: Security, credential: str
) -> None:
    """The control of the refusals above."""
    case = Case(protocol, security, "starttls" if security == "starttls" else "no_starttls")
    with serve(case, authority) as server:
        assert attempt(case, server.port, CREDENTIALS[credential], authority) == ""
        assert server.credentials
