"""The SMTP half: aiosmtpd, where real RCPT answers, logins and the provider's verdict on a mail are made."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from triagebot.edge.tinymail.headers import author_of, without_tag

# aiosmtpd 1.4 warns at every login about an attribute that only it itself still writes.
logging.getLogger("mail.log").addFilter(lambda record: "login_data is deprecated" not in record.getMessage())

Deliver = Callable[[str, tuple[str, ...], bytes, str], Awaitable[None]]


class Postman:
    """aiosmtpd's handler: it takes mail for known users and hands it to `deliver` with the verdict on it.

    `deliver` gets the envelope sender, the recipients, the mail, and the text for Authentication-Results.
    """

    def __init__(self, users: dict[str, str], answers: dict[str, str], deliver: Deliver) -> None:
        self._users, self._answers, self._deliver = users, answers, deliver
        self._open: set[asyncio.BaseTransport] = set()

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Given a host and a port (0: any free one), return the listening server."""
        return await asyncio.get_running_loop().create_server(self._make_protocol, host, port)

    def hang_up(self) -> None:
        """Close the connections clients keep."""
        for transport in tuple(self._open):
            transport.close()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds its hooks by these names
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take a known recipient, refuse an unknown one, or give the scripted answer."""
        user = without_tag(address)
        if user in self._answers:
            return self._answers[user]
        if user not in self._users:
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the mail: a login vouches for its own address, nothing vouches for anybody else."""
        raw = envelope.original_content or b""
        author = author_of(raw)
        login = session.auth_data.login.decode().lower() if isinstance(session.auth_data, LoginPassword) else ""
        result = "pass" if author and without_tag(author) == login else "fail"
        verdict = f"dmarc={result} header.from={author.rpartition('@')[2]}" if author else "dmarc=permerror"
        sender = (envelope.mail_from or "").replace("<>", "")  # aiosmtpd keeps the null sender's brackets
        await self._deliver(sender, tuple(envelope.rcpt_tos), raw, verdict)
        return "250 2.0.0 delivered"

    def _log_in(
        self,
        _server: SMTP,
        _session: Session,
        _envelope: Envelope,
        _mechanism: str,
        data: LoginPassword,
    ) -> AuthResult:
        login, password = (part.decode("utf-8", "replace") for part in data)
        good = self._users.get(login.lower()) == password
        return AuthResult(success=good, handled=False, auth_data=data)

    def _make_protocol(self) -> SMTP:
        return _Protocol(
            self,
            self._open,
            hostname="localhost",
            authenticator=self._log_in,
            auth_require_tls=False,  # it never listens anywhere but on loopback
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )


class _Protocol(SMTP):
    """aiosmtpd's protocol, which keeps account of its open connections."""

    def __init__(self, handler: Postman, transports: set[asyncio.BaseTransport], **options: Any) -> None:
        super().__init__(handler, **options)
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transports.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            self._transports.discard(self.transport)
        super().connection_lost(error)
