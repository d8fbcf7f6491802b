"""An SMTP server that takes every mail and remembers it."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, AnyStr, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.background import BackgroundServer
from tests.servers.certificates import Certificate

Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """One mail a server has taken: envelope, bytes as sent, and when (seconds since 1970)."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    at: float


class Sink(BackgroundServer):
    """An SMTP server that takes mail for everybody, except where `answers` has a refusal for a recipient.

    `answers["bob@client.test"] = ["451 4.3.0 later"]` refuses the first attempt and takes the second. With
    `users` (login -> password) a client has to log in. `commands` holds every line clients sent, mails apart.
    """

    def __init__(
        self,
        *,
        security: Security = "none",
        certificate: Certificate | None = None,
        users: Mapping[str, str] | None = None,
        answers: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__()
        self.security = security
        self.users = dict(users or {})
        self.answers = {recipient: list(replies) for recipient, replies in (answers or {}).items()}
        self.mails: list[Accepted] = []
        self.commands: list[str] = []
        self._context = certificate.server_context() if certificate is not None else None
        self._open: set[asyncio.BaseTransport] = set()

    async def listen(self) -> asyncio.Server:
        """Listen with aiosmtpd's protocol."""
        implicit = self._context if self.security == "tls" else None
        return await asyncio.get_running_loop().create_server(self._make_protocol, self.host, 0, ssl=implicit)

    def hang_up(self) -> None:
        """Close the connections clients keep."""
        for transport in tuple(self._open):
            transport.close()

    def wait_for(self, number: int, seconds: float = 10) -> list[Accepted]:
        """Given a number, return all mails once that many were taken. Raise ServerFailedError."""
        self.wait_until(lambda: len(self.mails) >= number, seconds, f"{number} mails (but {len(self.mails)})")
        return list(self.mails)

    def clear(self) -> None:
        """Forget what was recorded."""
        self.mails.clear()
        self.commands.clear()

    def remember(self, mail: Accepted) -> None:
        """Given a mail, keep it; the client gets its 250 afterwards."""
        self.mails.append(mail)
        self.announce_change()

    def remember_command(self, line: str) -> None:
        """Given a line a client sent, keep it."""
        self.commands.append(line)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd finds its hooks by these names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse a client that has to log in first."""
        if self.users and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Give the next scripted answer for this recipient, or take it."""
        if replies := self.answers.get(address):
            return replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the mail."""
        raw = envelope.original_content or b""
        sender = (envelope.mail_from or "").replace("<>", "")  # aiosmtpd keeps the null sender's brackets
        self.remember(Accepted(sender, tuple(envelope.rcpt_tos), raw, time.time()))
        return "250 2.0.0 taken"

    def _log_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and self.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=good, handled=False)

    def _make_protocol(self) -> SMTP:
        return _RecordingSmtp(
            self,
            self._open,
            hostname="sink.test",
            tls_context=self._context if self.security == "starttls" else None,
            require_starttls=self.security == "starttls",
            auth_require_tls=False,  # aiosmtpd does not count implicit TLS
            authenticator=self._log_in,
            enable_SMTPUTF8=True,
            data_size_limit=None,
            loop=asyncio.get_running_loop(),
        )


class _RecordingSmtp(SMTP):
    """aiosmtpd's protocol, which also hands every command line to the sink."""

    def __init__(self, sink: Sink, transports: set[asyncio.BaseTransport], **options: Any) -> None:
        super().__init__(sink, **options)
        self._sink, self._transports = sink, transports
        self._unfinished, self._in_mail = b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transports.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._transports.difference_update([self.transport])
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if not self._in_mail:
            *lines, self._unfinished = (self._unfinished + data).split(b"\r\n")
            for line in lines:
                self._sink.remember_command(line.decode("utf-8", "replace"))
        super().data_received(data)

    async def push(self, status: AnyStr) -> None:
        self._in_mail = status.startswith("354" if isinstance(status, str) else b"354")
        await super().push(status)
