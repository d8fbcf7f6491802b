"""The sink takes every mail and forgets nothing."""

import asyncio
import smtplib
import time
from pathlib import Path

import aiosmtplib
import pytest

from tests.servers.certificates import Authority
from tests.servers.letters import MAIL
from tests.servers.process import ServerFailedError
from tests.servers.sink import Security, Sink
from tests.servers.sink_process import SinkProcess


def deliver(server: Sink | SinkProcess) -> None:
    """Given a sink, send it one mail from alice to support."""
    with smtplib.SMTP(server.host, server.port, timeout=5) as connection:
        connection.sendmail("alice@client.test", ["support@company.test"], MAIL)


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_the_sink_remembers_mails_and_commands(authority: Authority, security: Security) -> None:
    """Envelope, bytes and command lines are recorded, and a login is demanded where there are users."""
    certificate = authority.good()

    async def send(port: int) -> None:
        client = aiosmtplib.SMTP(
            hostname="localhost",
            port=port,
            use_tls=security == "tls",
            start_tls=security == "starttls",
            tls_context=certificate.client_context(),
        )
        async with client:
            with pytest.raises(aiosmtplib.SMTPSenderRefused, match="Authentication required"):
                await client.mail("alice@client.test")
            await client.login("alice", "secret")
            await client.sendmail("alice@client.test", ["support@company.test"], MAIL)

    with Sink(security=security, certificate=certificate, users={"alice": "secret"}) as sink:
        asyncio.run(send(sink.port))
        (mail,) = sink.wait_for(1)
    assert (mail.sender, mail.recipients, mail.raw) == ("alice@client.test", ("support@company.test",), MAIL)
    assert abs(mail.at - time.time()) < 60
    verbs = [line.partition(" ")[0] for line in sink.commands]
    assert verbs[-5:] == ["AUTH", "MAIL", "RCPT", "DATA", "QUIT"]
    assert "Subject: Hello" not in sink.commands


def test_the_sink_gives_scripted_answers_in_turn(sink: Sink) -> None:
    """A recipient with one scripted refusal is taken at the second attempt."""
    sink.answers["support@company.test"] = ["451 4.3.0 later"]
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        deliver(sink)
    assert sink.mails == []
    deliver(sink)
    assert len(sink.wait_for(1)) == 1


def test_a_missing_mail_is_named(sink: Sink) -> None:
    """`wait_for` fails with a sentence that says what did not come."""
    with pytest.raises(ServerFailedError, match="no 1 mails"):
        sink.wait_for(1, seconds=0.01)


def test_a_sink_process_has_written_down_what_it_accepted(tmp_path: Path) -> None:
    """What a killed client has sent is in the log of the other process, answers and commands included."""
    answers = {"support@company.test": ["451 4.3.0 later"]}
    with SinkProcess(tmp_path / "sink.jsonl", answers=answers) as sink:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            deliver(sink)
        deliver(sink)
        assert sink.wait_for(1)[0].raw == MAIL
        assert [line.upper() for line in sink.commands].count("DATA") == 1
