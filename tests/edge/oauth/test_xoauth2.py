"""Logging in with an access token, against a real Dovecot that validates it, and through Postfix on submission."""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.letters import MAIL, mail_from
from tests.servers.misbehaving_imap import MisbehavingImap
from tests.servers.misbehaving_smtp import MisbehavingSmtp
from tests.servers.sink import Sink
from tests.servers.stack import MailStack
from triagebot.core.desk import Server
from triagebot.core.errors import LoginRefused
from triagebot.core.oauth import AccessToken
from triagebot.core.outgoing.delivery import Outcome
from triagebot.edge.imap import Mailbox
from triagebot.edge.smtp import Submission

EXPIRED = timedelta(minutes=-1)


def open_mailbox(dovecot: Dovecot, account: str, token: str) -> Mailbox:
    """Given an account on Dovecot and a token, return the mailbox over verified TLS."""
    server = Server("localhost", dovecot.imaps_port, "tls", account)
    return Mailbox(server, AccessToken(token), dovecot.certificate.client_context())


def send(
    stack: MailStack, read_token: Callable[[], AccessToken], recipient: str, *raws: bytes, user: str = ""
) -> list[Outcome]:
    """Given how a token is read, send mails over Postfix's submission port and return how each ended."""
    server = Server("localhost", stack.postfix.submission_port, "starttls", user or stack.support)
    submission = Submission(server, read_token, stack.postfix.certificate.client_context())

    async def nothing() -> None: ...

    async def send_all() -> list[Outcome]:
        outcomes = [await submission.send(stack.support, recipient, raw, nothing) for raw in raws]
        await submission.quit()
        return outcomes

    return asyncio.run(send_all())


def test_a_token_opens_the_mailbox(dovecot: Dovecot, account: str) -> None:
    """XOAUTH2 under TLS, and the mailbox is that account's."""
    dovecot.append(account, mail_from("a@client.test"))
    with closing(open_mailbox(dovecot, account, dovecot.token(account))) as mailbox:
        assert mailbox.select("INBOX", writable=False).exists == 1


@pytest.mark.parametrize("bad", ["expired", "of another account", "forged"])
def test_a_bad_token_is_refused_with_the_users_name(dovecot: Dovecot, new_account: Callable[[], str], bad: str) -> None:
    """The sentence names server and user and holds no token, and the conversation does not hang in a challenge."""
    account, other = new_account(), new_account()
    token = {
        "expired": dovecot.token(account, EXPIRED),
        "of another account": dovecot.token(other),
        "forged": dovecot.token(account)[:-4] + "AAAA",
    }[bad]
    with pytest.raises(LoginRefused, match=f"^IMAP localhost:.* refuses the login of {account}: ") as refused:
        open_mailbox(dovecot, account, token)
    assert token not in str(refused.value)


def test_a_token_that_would_say_more_is_not_sent(dovecot: Dovecot, account: str) -> None:
    """A control character would end the token in XOAUTH2 and begin something else."""
    with MisbehavingImap("no_starttls") as server:
        with pytest.raises(LoginRefused, match="control character"):
            Mailbox(Server(server.host, server.port, "none", account), AccessToken("a\x01auth=Bearer b"), None)
        assert server.credentials == []


class PlainImap(MisbehavingImap):
    """Takes passwords only."""

    def _capability(self, writer: asyncio.StreamWriter) -> tuple[str, ...]:
        return ("* CAPABILITY IMAP4rev1 AUTH=PLAIN",)


def test_servers_without_xoauth2_are_told_and_see_no_token() -> None:
    """IMAP and SMTP: one sentence that says what to use, and no attempt with the token as a password."""
    with PlainImap("no_starttls") as imap:
        with pytest.raises(LoginRefused, match="does not offer XOAUTH2, so a sign-in is no use there; use a password"):
            Mailbox(Server(imap.host, imap.port, "none", "alice"), AccessToken("hunter2"), None)
        assert imap.credentials == []
    with Sink(users={"alice": "hunter2"}) as sink:
        submission = Submission(Server(sink.host, sink.port, "none", "alice"), lambda: AccessToken("hunter2"), None)
        outcome = asyncio.run(submission.check())
        assert outcome is not None
        assert (outcome.kind, "does not offer XOAUTH2" in outcome.text) == ("stop", True)
        assert not [line for line in sink.commands if line.startswith("AUTH")]


def test_a_token_submits_mail_through_postfix(mail_stack: MailStack) -> None:
    """STARTTLS, XOAUTH2 through Dovecot's SASL, and two mails over one login."""
    reads: list[str] = []

    def read() -> AccessToken:
        reads.append("read")
        return AccessToken(mail_stack.dovecot.token(mail_stack.support))

    raw = mail_from(mail_stack.support)
    assert [one.kind for one in send(mail_stack, read, mail_stack.client, raw, raw)] == ["sent", "sent"]
    assert len(mail_stack.dovecot.wait_for_messages(mail_stack.client, 2)) == 2
    assert reads == ["read"]


@pytest.mark.parametrize(
    ("renewed", "kinds"),
    [("good", ["sent", "sent"]), ("expired", ["stop", "stop"]), ("none", ["stop", "stop"])],
)
def test_a_refused_token_is_renewed_once(mail_stack: MailStack, renewed: str, kinds: list[str]) -> None:
    """With the new one the same mail goes; when that is refused too, or there is none, the queue stops and it waits."""
    renewals: list[str] = []
    token = mail_stack.dovecot.token

    def renew() -> AccessToken | None:
        renewals.append(renewed)
        if renewed == "none":
            return None
        return AccessToken(token(mail_stack.support, timedelta(hours=1) if renewed == "good" else EXPIRED))

    raw = mail_from(mail_stack.support)
    old = AccessToken(token(mail_stack.support, EXPIRED), renew)
    outcomes = send(mail_stack, lambda: old, mail_stack.client, raw, raw)
    assert [one.kind for one in outcomes] == kinds
    assert all(old.text not in one.text for one in outcomes)
    assert len(renewals) == (1 if renewed == "good" else 2)


def test_a_refused_password_is_tried_once(mail_stack: MailStack) -> None:
    """Only tokens can be renewed; a wrong password must not be sent again and again."""
    with MisbehavingSmtp("auth_535") as server:
        submission = Submission(Server(server.host, server.port, "none", "alice"), lambda: "wrong", None)
        outcome = asyncio.run(submission.check())
        assert outcome is not None
        assert (outcome.kind, server.connections) == ("stop", 1)


def test_no_token_reaches_a_log(mail_stack: MailStack, caplog: pytest.LogCaptureFixture) -> None:
    """At no level, neither as it is nor as it goes over the wire: the libraries log conversations."""
    caplog.set_level(logging.DEBUG)
    token = mail_stack.dovecot.token(mail_stack.support)
    open_mailbox(mail_stack.dovecot, mail_stack.support, token).close()
    send(mail_stack, lambda: AccessToken(token), mail_stack.client, MAIL)
    assert caplog.records
    assert token not in caplog.text
    assert "dXNlcj" not in caplog.text  # base64 of "user"


def test_a_slow_password_does_not_hold_the_loop_up(sink: Sink) -> None:
    """While one is read, by a command or from a provider, other work goes on; a cancelled wait leaves nothing."""

    async def look() -> int:
        reading = asyncio.Event()
        loop, ticks = asyncio.get_running_loop(), 0
        gate = threading.Event()

        def read() -> str:
            loop.call_soon_threadsafe(reading.set)
            gate.wait(10)
            return "secret"

        submission = Submission(Server(sink.host, sink.port, "none", "alice"), read, None)
        waiting = asyncio.create_task(submission.check())
        await reading.wait()
        for _ in range(5):
            await asyncio.sleep(0)
            ticks += 1
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        gate.set()
        return ticks

    assert asyncio.run(look()) == 5
    assert sink.commands == []
