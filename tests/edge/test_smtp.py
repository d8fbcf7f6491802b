"""One SMTP connection: what each way an attempt can end means, and what goes over the wire."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing
from email import message_from_bytes

import pytest

from tests.servers.certificates import Authority
from tests.servers.letters import MAIL, mail_from
from tests.servers.misbehaving_smtp import SMTP_BEHAVIOURS, MisbehavingSmtp
from tests.servers.sink import Sink
from tests.servers.stack import MailStack
from triagebot.core.desk import Security, Server
from triagebot.core.errors import SecretError, StoreError
from triagebot.core.outgoing.delivery import Outcome, OutcomeKind
from triagebot.edge.smtp import Submission
from triagebot.edge.tls import make_context

SUPPORT, ALICE = "support@desk.test", "alice@client.test"


async def nothing() -> None:
    """A `before_end` that records nothing."""


def submission_to(server: Sink | MisbehavingSmtp, security: Security = "none", user: str = "") -> Submission:
    """Given a server, return a submission to it that waits half a second for the last answer."""
    context = server.certificate.client_context() if isinstance(server, TrustedSink) else None
    account = Server("localhost" if context else server.host, server.port, security, user)
    return Submission(account, lambda: "secret", context, final_seconds=0.5)


class TrustedSink(Sink):
    """A sink with a good certificate that demands a login."""

    def __init__(self, authority: Authority, security: Security) -> None:
        self.certificate = authority.good()
        super().__init__(security=security, certificate=self.certificate, users={"support": "secret"})


class NotifyingSmtp(MisbehavingSmtp):
    """A server that may offer delivery status notifications."""

    def __init__(self, name: str, offered: bool) -> None:
        super().__init__(name)
        self._offered = offered

    def _plain_reply(self, verb: str, writer: asyncio.StreamWriter) -> tuple[str, ...]:
        replies = super()._plain_reply(verb, writer)
        return (*replies[:-1], "250-DSN", replies[-1]) if verb == "EHLO" and self._offered else replies


def send(submission: Submission, *raws: bytes, before_end: Callable[[], Awaitable[None]] = nothing) -> list[Outcome]:
    """Given mails, send them one after the other to Alice, say goodbye, and return how each ended."""

    async def send_all() -> list[Outcome]:
        outcomes = [await submission.send(SUPPORT, ALICE, raw, before_end) for raw in raws]
        await submission.quit()
        return outcomes

    return asyncio.run(send_all())


def verbs(server: Sink | MisbehavingSmtp) -> list[str]:
    """Given a server, return the commands it was told."""
    return [line.partition(" ")[0].upper() for line in server.commands]


def test_several_mails_go_over_one_connection(sink: Sink) -> None:
    """The envelope and the bytes arrive as given, and one EHLO serves them all."""
    raws = [MAIL, mail_from(SUPPORT), mail_from("x@desk.test")]
    outcomes = send(submission_to(sink), *raws)
    assert [(one.kind, one.code) for one in outcomes] == [("sent", 250)] * 3
    assert [(mail.sender, mail.recipients, mail.raw) for mail in sink.mails] == [
        (SUPPORT, (ALICE,), raw) for raw in raws
    ]
    assert [verbs(sink).count(verb) for verb in ("EHLO", "MAIL", "DATA", "RSET", "QUIT")] == [1, 3, 3, 0, 1]


@pytest.mark.parametrize("offered", [True, False])
def test_only_failures_are_to_be_reported(offered: bool) -> None:
    """A server that knows delivery status notifications is asked for those of failures alone (RFC 3461)."""
    with NotifyingSmtp("tempfail_then_ok", offered) as server:
        send(submission_to(server), MAIL)
    (recipient,) = (line for line in server.commands if line.startswith("RCPT"))
    assert ("NOTIFY=FAILURE" in recipient) == offered


@pytest.mark.parametrize("raw", [b".\r\n", b"..\r\n.x\r\n", b"A: b\r\n\r\n.\r\n", MAIL], ids=range(4))
def test_dots_at_the_start_of_lines_survive(sink: Sink, raw: bytes) -> None:
    """A line that begins with a dot gets a second one on the wire (RFC 5321 section 4.5.2)."""
    assert send(submission_to(sink), raw)[0].kind == "sent"
    assert sink.mails[0].raw == raw


def test_a_mail_without_a_line_end_still_ends(sink: Sink) -> None:
    """The final dot stands on a line of its own whatever the mail ends with."""
    assert send(submission_to(sink), b"Subject: x\r\n\r\nno end")[0].kind == "sent"
    assert sink.mails[0].raw == b"Subject: x\r\n\r\nno end\r\n"


def test_the_null_sender_is_written_as_such(sink: Sink) -> None:
    """An empty envelope sender is `<>` (RFC 5321 section 4.5.5)."""
    submission = submission_to(sink)

    async def send_bounce() -> Outcome:
        outcome = await submission.send("", ALICE, MAIL, nothing)
        await submission.quit()
        return outcome

    assert asyncio.run(send_bounce()).kind == "sent"
    assert sink.mails[0].sender == ""


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_login_under_tls_delivers(authority: Authority, security: Security) -> None:
    """With either kind of TLS the login and the mail go through."""
    with TrustedSink(authority, security) as sink:
        assert [one.kind for one in send(submission_to(sink, security, "support"), MAIL, MAIL)] == ["sent", "sent"]
        assert [mail.raw for mail in sink.mails] == [MAIL, MAIL]
        assert (verbs(sink).count("AUTH"), verbs(sink).count("STARTTLS")) == (1, int(security == "starttls"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_real_postfix_takes_the_mail(mail_stack: MailStack, security: Security) -> None:
    """Over both login ports of a Postfix the mail reaches the client's mailbox with its bytes."""
    postfix = mail_stack.postfix
    port = postfix.submission_port if security == "starttls" else postfix.submissions_port
    account = Server("localhost", port, security, mail_stack.support)
    context = make_context(str(postfix.ca), postfix.directory)
    submission = Submission(account, lambda: mail_stack.password(mail_stack.support), context)
    raw = mail_from(mail_stack.support, "Message-ID: <auto.1@desk.test>") + b".\r\n..dots\r\n"

    async def send_both() -> list[OutcomeKind]:
        kinds = [
            (await submission.send(mail_stack.support, recipient, raw, nothing)).kind
            for recipient in (mail_stack.client, f"nobody@{mail_stack.client.partition('@')[2]}", mail_stack.client)
        ]
        await submission.quit()
        return kinds

    assert asyncio.run(send_both()) == ["sent", "permanent", "sent"]
    for filed in mail_stack.dovecot.wait_for_messages(mail_stack.client, 2):
        assert message_from_bytes(filed)["Message-ID"] == "<auto.1@desk.test>"
        assert filed.endswith(b"Text.\r\n.\r\n..dots\r\n")


OUTCOMES: dict[str, tuple[OutcomeKind, int]] = {
    # DATA was not answered: the server has not seen one byte of the mail.
    "drop_before_data": ("temporary", 0),
    # All bytes with the final dot are on their way when the connection ends: it may have been taken.
    "drop_mid_data": ("unknown", 0),
    "drop_after_data": ("unknown", 0),
    "hang_after_data": ("unknown", 0),
    "half_line": ("unknown", 0),
    # The 250 was read before the connection broke: nothing is in doubt.
    "reset_after_250": ("sent", 250),
    "tempfail_then_ok": ("temporary", 451),
    "data_554": ("permanent", 554),
    "rcpt_550": ("permanent", 550),
    "rcpt_452": ("temporary", 452),
    "greeting_421": ("temporary", 421),
    "auth_535": ("stop", 535),
}


def test_every_misbehaviour_is_tested() -> None:
    """The catalogue of servers has no entry without a verdict here."""
    assert {*OUTCOMES, "starttls", "no_starttls", "starttls_injection"} == set(SMTP_BEHAVIOURS)


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_misbehaving_server_gives_the_right_verdict(name: str) -> None:
    """`unknown` exactly where the server may have the mail; a refusal keeps its code."""
    with MisbehavingSmtp(name) as server:
        (outcome,) = send(submission_to(server, user="support"), MAIL)
        assert (outcome.kind, outcome.code) == OUTCOMES[name]
        assert outcome.kind == "unknown" or (outcome.kind == "sent") == bool(server.accepted)
        assert outcome.text


@pytest.mark.parametrize("name", sorted(set(OUTCOMES) - {"greeting_421", "auth_535"}))
def test_the_next_mail_is_not_hurt_by_the_one_before(name: str) -> None:
    """After a doubt it goes over a fresh connection, after a plain refusal over the same one; never mid-command."""
    with MisbehavingSmtp(name) as server:
        first, second = send(submission_to(server), MAIL, MAIL)
        doubtful = OUTCOMES[name][1] == 0 or name == "reset_after_250"
        assert server.connections == (2 if doubtful else 1)
        assert second.kind == ("sent" if name == "tempfail_then_ok" else first.kind)
        assert all(mail.raw == MAIL for mail in server.arrived)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("550 5.1.1 no such user", "permanent"),
        ("552 5.2.2 mailbox full", "temporary"),
        ("450 4.2.0 greylisted", "temporary"),
        ("421 4.3.2 going down", "temporary"),
        ("530 5.7.0 login first", "stop"),
        ("535 5.7.8 who are you", "stop"),
    ],
)
def test_a_refused_recipient_leaves_the_connection_usable(sink: Sink, answer: str, kind: OutcomeKind) -> None:
    """552 at RCPT means a full mailbox (RFC 5321 section 4.5.3.1.10); the next mail is taken."""
    sink.answers[ALICE] = [answer]
    refused, taken = send(submission_to(sink), MAIL, MAIL)
    assert (refused.kind, refused.code) == (kind, int(answer[:3]))
    assert taken.kind == "sent"
    assert len(sink.mails) == 1


def test_nobody_listening_is_temporary() -> None:
    """A server that is away is no fault of the mail."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        submission = Submission(Server("127.0.0.1", taken.getsockname()[1], "none"), lambda: "", None)
        (outcome,) = send(submission, MAIL)
    assert (outcome.kind, outcome.code) == ("temporary", 0)
    assert "127.0.0.1" in outcome.text


@pytest.mark.parametrize(
    "address", ["alice\r\nDATA@client.test", "älice@client.test", "a b@client.test", "a@b.test>\nRCPT TO:<c@d.test"]
)
def test_an_address_that_cannot_be_written_is_permanent(sink: Sink, address: str) -> None:
    """It never reaches the wire, and waiting would not mend it."""
    submission = submission_to(sink)

    async def send_both() -> list[OutcomeKind]:
        kinds = [(await submission.send(SUPPORT, one, MAIL, nothing)).kind for one in (address, ALICE)]
        await submission.quit()
        return kinds

    assert asyncio.run(send_both()) == ["permanent", "sent"]
    assert [mail.recipients for mail in sink.mails] == [(ALICE,)]


def test_the_record_is_made_before_the_first_byte(sink: Sink) -> None:
    """When `before_end` runs the server waits for the mail and has none of it (fault point F7)."""
    seen: list[tuple[str, int]] = []

    async def look() -> None:
        seen.append((verbs(sink)[-1], len(sink.mails)))

    send(submission_to(sink), MAIL, MAIL, before_end=look)
    assert seen == [("DATA", 0), ("DATA", 1)]


def test_what_cannot_be_recorded_is_not_sent(sink: Sink) -> None:
    """A full disk in `before_end` is raised, nothing is sent, and the next mail has a connection of its own."""
    submission = submission_to(sink)

    async def fail() -> None:
        raise StoreError("the disk is full")

    async def send_both() -> Outcome:
        with pytest.raises(StoreError):
            await submission.send(SUPPORT, ALICE, b"Subject: lost\r\n\r\n", fail)
        outcome = await submission.send(SUPPORT, ALICE, MAIL, nothing)
        await submission.quit()
        return outcome

    assert asyncio.run(send_both()).kind == "sent"
    assert [mail.raw for mail in sink.mails] == [MAIL]
    assert verbs(sink).count("EHLO") == 2


def test_a_password_that_cannot_be_read_is_raised(sink: Sink) -> None:
    """Nothing is dialled without it."""

    def fail() -> str:
        raise SecretError("the environment variable X is not set")

    with pytest.raises(SecretError):
        send(Submission(Server(sink.host, sink.port, "none", "support"), fail, None), MAIL)
    assert sink.commands == []


class SlowSmtp(MisbehavingSmtp):
    """Takes a while over its first answer to one command, and is well otherwise."""

    def __init__(self, slow: str) -> None:
        super().__init__("no_starttls")
        self.slow = slow

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client; the first one waits for ever at the slow command."""
        first, write = self.connections == 0, writer.write

        def hold(data: bytes | bytearray | memoryview) -> None:
            if not (first and self.commands and self.commands[-1].startswith(self.slow)):
                write(data)

        writer.write = hold  # type: ignore[method-assign]
        await super().converse(reader, writer)


@pytest.mark.parametrize("slow", ["EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
def test_a_cancelled_attempt_leaves_no_connection(slow: str) -> None:
    """The late answer to the cancelled mail must not be taken for that of the next one."""
    with SlowSmtp(slow) as server:
        submission = submission_to(server, user="support")

        async def cancel_first() -> Outcome:
            attempt = asyncio.create_task(submission.send(SUPPORT, ALICE, b"Subject: first\r\n\r\n", nothing))
            while not (server.commands and server.commands[-1].startswith(slow)):
                await asyncio.sleep(0.005)
            attempt.cancel()
            with pytest.raises(asyncio.CancelledError):
                await attempt
            outcome = await submission.send(SUPPORT, ALICE, MAIL, nothing)
            await submission.quit()
            return outcome

        assert asyncio.run(cancel_first()).kind == "sent"
        assert server.connections == 2
        assert [mail.raw for mail in server.arrived] == [MAIL]


@pytest.mark.parametrize("name", ["no_starttls", "starttls_injection"])
def test_no_password_goes_to_a_server_that_breaks_the_promise_of_tls(authority: Authority, name: str) -> None:
    """Not one byte of a login leaves, and the queue stops (safety.md F.4)."""
    with MisbehavingSmtp(name, authority.good()) as server:
        account = Server("localhost", server.port, "starttls", "support")
        (outcome,) = send(Submission(account, lambda: "secret", authority.good().client_context()), MAIL)
        assert (outcome.kind, server.credentials, server.arrived) == ("stop", [], [])
        assert "STARTTLS" in outcome.text


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("bad", ["wrong_host", "expired", "stranger"])
def test_no_password_goes_to_a_bad_certificate(authority: Authority, bad: str, security: Security) -> None:
    """Certificates for another host, ended, or by nobody we trust stop the queue before the login."""
    users = {"support": "secret"}
    with Sink(security=security, certificate=getattr(authority, bad)(), users=users) as server:
        account = Server("localhost", server.port, security, "support")
        (outcome,) = send(Submission(account, lambda: "secret", authority.good().client_context()), MAIL)
        assert (outcome.kind, server.mails) == ("stop", [])
        assert "certificate" in outcome.text.lower()
        assert "AUTH" not in verbs(server)


def test_starttls_with_a_good_certificate_delivers(authority: Authority) -> None:
    """The control of the refusals above: same server, nothing wrong."""
    with MisbehavingSmtp("starttls", authority.good()) as server:
        account = Server("localhost", server.port, "starttls", "support")
        (outcome,) = send(Submission(account, lambda: "secret", authority.good().client_context()), MAIL)
        assert outcome.kind == "sent"
        assert [mail.raw for mail in server.arrived] == [MAIL]


def test_tls_spoken_to_a_plain_port_stops_the_queue(sink: Sink, authority: Authority) -> None:
    """A wrong `security` is the config's fault, not the mail's, and ends with a sentence."""
    account = Server("localhost", sink.port, "tls", "support")
    (outcome,) = send(Submission(account, lambda: "secret", authority.good().client_context()), MAIL)
    assert (outcome.kind, sink.mails) == ("stop", [])


@pytest.mark.parametrize(("password", "kind"), [("secret", None), ("wrong", "stop")])
def test_check_logs_in_and_leaves(authority: Authority, password: str, kind: OutcomeKind | None) -> None:
    """`check --online` learns whether the account works, and nothing is sent."""
    with TrustedSink(authority, "tls") as sink:
        account = Server("localhost", sink.port, "tls", "support")
        submission = Submission(account, lambda: password, sink.certificate.client_context())
        outcome = asyncio.run(submission.check())
        assert (outcome.kind if outcome else None) == kind
        assert "MAIL" not in verbs(sink)


def test_an_answer_with_odd_letters_is_one_printable_line() -> None:
    """A server's words go into logs and the digest: no control characters, no more than 200."""
    with Sink(answers={ALICE: ["550-first\r\n550 \x1b[31m" + "x" * 400]}) as sink:
        (outcome,) = send(submission_to(sink), MAIL)
    assert outcome.kind == "permanent"
    assert outcome.text.isprintable()
    assert len(outcome.text) <= 200
