"""SMTP servers that go wrong in one named way each: the catalogue of safety.md G.3 and F.4."""

import asyncio
import base64
import socket
import struct
import time
from dataclasses import dataclass
from typing import Literal

from tests.servers.background import BackgroundServer
from tests.servers.certificates import Certificate
from tests.servers.sink import Accepted

OK = "250 2.0.0 taken"
_PLAIN_REPLIES = {"HELO": "250 misbehaving.test", "RSET": "250 OK", "NOOP": "250 OK", "QUIT": "221 2.0.0 bye"}


@dataclass(frozen=True, slots=True)
class SmtpBehaviour:
    """Where a server leaves the path of virtue. Each attempt gets the next of several replies.

    `at_data`, what DATA leads to: "receive" the mail, "close" at once, or close in the "middle" of it.
    `after_dot`, once the mail is there: "reply", "close" or "hang" without a reply, reply "half" a line, or
    reply and "reset" the connection (TCP RST).
    """

    greeting: str = "220 misbehaving.test ESMTP"
    login: str = "235 2.7.0 welcome"
    recipient: tuple[str, ...] = ("250 2.1.5 OK",)
    at_data: Literal["receive", "close", "middle"] = "receive"
    final: tuple[str, ...] = (OK,)
    after_dot: Literal["reply", "close", "hang", "half", "reset"] = "reply"
    starttls: Literal["", "offer", "inject"] = ""


SMTP_BEHAVIOURS = {
    "drop_before_data": SmtpBehaviour(at_data="close"),
    "drop_mid_data": SmtpBehaviour(at_data="middle"),
    "drop_after_data": SmtpBehaviour(after_dot="close"),
    "hang_after_data": SmtpBehaviour(after_dot="hang"),
    "half_line": SmtpBehaviour(after_dot="half"),
    "reset_after_250": SmtpBehaviour(after_dot="reset"),
    "tempfail_then_ok": SmtpBehaviour(final=("451 4.3.0 try again later", OK)),
    "data_554": SmtpBehaviour(final=("554 5.6.0 content refused",)),
    "rcpt_550": SmtpBehaviour(recipient=("550 5.1.1 no such user",)),
    "rcpt_452": SmtpBehaviour(recipient=("452 4.2.2 mailbox full",)),
    "greeting_421": SmtpBehaviour(greeting="421 4.3.2 too busy"),
    "auth_535": SmtpBehaviour(login="535 5.7.8 wrong password"),
    "starttls": SmtpBehaviour(starttls="offer"),
    "no_starttls": SmtpBehaviour(),
    "starttls_injection": SmtpBehaviour(starttls="inject"),
}
"""By name. "starttls" is the well-behaved control for the two after it: same server, nothing wrong."""


class MisbehavingSmtp(BackgroundServer):
    """An SMTP server that does what its behaviour says, for every connection.

    `arrived` holds every mail whose final dot came, `accepted` those of them the server kept (also where the
    client never got to know), `commands` each line of the clients. It takes any login, if the behaviour does. With
    `implicit` it speaks TLS from the first byte.
    """

    def __init__(self, name: str, certificate: Certificate | None = None, *, implicit: bool = False) -> None:
        super().__init__(certificate.server_context() if certificate is not None and implicit else None)
        self.behaviour = SMTP_BEHAVIOURS[name]
        self.commands: list[str] = []
        self.arrived: list[Accepted] = []
        self.accepted: list[Accepted] = []
        self.connections = 0
        self._certificate = certificate
        self._attempts = {"recipient": 0, "final": 0}
        if self.behaviour.starttls and certificate is None:
            raise ValueError(f"{name} needs a certificate")

    @property
    def credentials(self) -> list[str]:
        """Every line in which a client gave away, or began to give away, a password."""
        return [line for line in self.commands if line.upper().startswith("AUTH")]

    def wait_for_mail(self, number: int, seconds: float = 10) -> list[Accepted]:
        """Given a number, return what has arrived once it is that many. Raise ServerFailedError."""
        self.wait_until(lambda: len(self.arrived) >= number, seconds, f"{number} mails")
        return list(self.arrived)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        self.connections += 1
        await _say(writer, self.behaviour.greeting)
        if not self.behaviour.greeting.startswith("220"):
            return
        sender, recipients = "", list[str]()
        while line := (await reader.readline()).decode("utf-8", "replace").rstrip("\r\n"):
            self.commands.append(line)
            verb = line.partition(" ")[0].upper()
            if verb == "STARTTLS" and self.behaviour.starttls:
                await self._start_tls(writer)
            elif verb == "AUTH":
                await self._log_in(line, reader, writer)
            elif verb == "MAIL":
                sender, recipients = _path(line), []
                await _say(writer, "250 2.1.0 OK")
            elif verb == "RCPT":
                reply = self._next("recipient", self.behaviour.recipient)
                recipients += [_path(line)] if reply.startswith("250") else []
                await _say(writer, reply)
            elif verb == "DATA":
                if not recipients:
                    await _say(writer, "503 5.5.1 no recipient")
                elif not await self._receive(sender, tuple(recipients), reader, writer):
                    return
            else:
                await _say(writer, *self._plain_reply(verb, writer))
                if verb == "QUIT":
                    return

    def _plain_reply(self, verb: str, writer: asyncio.StreamWriter) -> tuple[str, ...]:
        if verb == "EHLO":
            encrypted = writer.get_extra_info("ssl_object") is not None
            offer = ("250-STARTTLS",) if self.behaviour.starttls and not encrypted else ()
            # A login is offered in clear text too: that is the bait.
            return (
                "250-misbehaving.test",
                *offer,
                "250-AUTH PLAIN LOGIN XOAUTH2",
                "250-8BITMIME",
                "250 SIZE 9999999",
            )
        return (_PLAIN_REPLIES.get(verb, "502 5.5.2 not implemented"),)

    async def _start_tls(self, writer: asyncio.StreamWriter) -> None:
        assert self._certificate is not None
        # A line in clear text behind the 220 must not be taken for an answer under TLS (CVE-2011-0411).
        injected = ("250 2.0.0 AUTH PLAIN LOGIN",) if self.behaviour.starttls == "inject" else ()
        await _say(writer, "220 2.0.0 go ahead", *injected)
        await writer.start_tls(self._certificate.server_context())

    async def _log_in(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        words = line.split()
        challenges = (4 if words[1].upper() == "LOGIN" else 3) - len(words)
        for number in range(challenges):
            await _say(writer, "334 " + base64.b64encode(b"" if challenges == 1 else b"%d" % number).decode())
            self.commands.append("AUTH answer " + (await reader.readline()).decode("latin-1").rstrip())
        await _say(writer, self.behaviour.login)

    async def _receive(
        self,
        sender: str,
        recipients: tuple[str, ...],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Return whether the conversation goes on."""
        if self.behaviour.at_data == "close":
            return False
        await _say(writer, "354 go ahead")
        if self.behaviour.at_data == "middle":
            await reader.readexactly(16)
            return False
        lines: list[bytes] = []
        while (line := await reader.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line.removeprefix(b"."))  # dot-stuffing, RFC 5321 section 4.5.2
        raw = b"".join(lines)
        reply = self._next("final", self.behaviour.final)
        mail = Accepted(sender, recipients, raw, time.time())
        if reply.startswith("250"):
            self.accepted.append(mail)
        self.arrived.append(mail)
        self.announce_change()
        return await self._conclude(reply, writer)

    async def _conclude(self, reply: str, writer: asyncio.StreamWriter) -> bool:
        how = self.behaviour.after_dot
        if how == "hang":
            await asyncio.Event().wait()  # until the server ends
        elif how == "half":
            writer.write(reply[:7].encode())
            await writer.drain()
        elif how in ("reply", "reset"):
            await _say(writer, reply)
        if how == "reset":
            connection: socket.socket = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return how == "reply"

    def _next(self, what: str, replies: tuple[str, ...]) -> str:
        reply = replies[min(self._attempts[what], len(replies) - 1)]
        self._attempts[what] += 1
        return reply


async def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode())
    await writer.drain()


def _path(line: str) -> str:
    """Return the address between the angle brackets of MAIL or RCPT."""
    return line.partition("<")[2].partition(">")[0]
