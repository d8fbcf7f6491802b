"""One SMTP connection, kept and reused (aiosmtplib), driven step by step.

Step by step because only so "not sent" and "maybe sent" differ (safety.md 0.6): once the
final dot may have left, a lost connection means `unknown`, before it means `temporary`.
"""

import contextlib
import re
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import aiosmtplib
from aiosmtplib.errors import SMTPConnectError, SMTPException, SMTPResponseException
from aiosmtplib.protocol import SMTPProtocol
from aiosmtplib.response import SMTPResponse

from triagebot.core.delivery import Outcome, OutcomeKind, classify_reply
from triagebot.core.desk import Server

CONNECT_SECONDS = 30
COMMAND_SECONDS = 60
FINAL_SECONDS = 600
"""RFC 5321 section 4.5.3.2.6: the server may take ten minutes to say yes."""

_DOT = re.compile(rb"(?m)^\.")
_ADDRESS = re.compile(r"[!-;=?-~]*")
"""What may stand between the angle brackets of MAIL and RCPT. The library would guess what a bad one means."""


class _Protocol(SMTPProtocol):
    """Refuses words in clear text behind the 220 of STARTTLS, which the library would only throw away
    (CVE-2011-0411; safety.md F.4)."""

    async def read_response(self, timeout: float | None = None) -> SMTPResponse:
        """Return the server's answer. Raise SMTPException when there is more than one."""
        answer = await super().read_response(timeout)
        if self._buffer:
            raise SMTPException("STARTTLS was answered with more than one line; somebody may have slipped it in")
        return answer


class _Client(aiosmtplib.SMTP):
    """A client that looks at what stands behind the answer to STARTTLS."""

    async def starttls(self, **options: Any) -> SMTPResponse:
        """Go on under TLS. Raise SMTPException when that cannot be trusted."""
        await self._ehlo_or_helo_if_needed()
        protocol = self.protocol
        if protocol is None:
            return await super().starttls(**options)
        protocol.__class__ = _Protocol  # the library makes its protocol itself
        try:
            return await super().starttls(**options)
        finally:
            protocol.__class__ = SMTPProtocol


class Submission:
    """A connection to a submission server; made when first needed, thrown away after any doubt."""

    def __init__(
        self,
        server: Server,
        read_password: Callable[[], str],
        context: ssl.SSLContext | None,
        final_seconds: float = FINAL_SECONDS,
    ) -> None:
        self._server = server
        self._read_password = read_password
        self._context = context
        self._final_seconds = final_seconds
        self._smtp: aiosmtplib.SMTP | None = None

    async def send(
        self, mail_from: str, recipient: str, raw: bytes, before_end: Callable[[], Awaitable[None]]
    ) -> Outcome:
        """Given an envelope and a mail's final bytes, hand it over and return how that ended.

        `before_end` is awaited once the server wants the mail and before any of it is written: the moment
        to record that from now on it may have been sent. What it raises is raised here, nothing being sent.
        Whatever is raised, a cancellation too, leaves no connection behind.
        """
        try:
            return await self._send(mail_from, recipient, raw, before_end)
        except BaseException:
            self.close()  # mid-command the next answer would be taken for that of another mail
            raise

    async def _send(
        self, mail_from: str, recipient: str, raw: bytes, before_end: Callable[[], Awaitable[None]]
    ) -> Outcome:
        for address in (mail_from, recipient):
            if not _ADDRESS.fullmatch(address):
                return Outcome("permanent", 0, f"not fit for an envelope: {_said(ascii(address))}")
        smtp = await self._dial()
        if isinstance(smtp, Outcome):
            return smtp
        try:
            refusal = await self._envelope(smtp, mail_from, recipient, len(raw))
        except (SMTPException, OSError, ValueError) as error:
            return self._drop(_unsent(error))
        if refusal is not None:
            await self._reset(smtp)
            return refusal
        return await self._transfer(smtp, raw, before_end)

    async def check(self) -> Outcome | None:
        """Connect and log in, then say goodbye. Return None when that worked, else how it ended."""
        smtp = await self._dial()
        if isinstance(smtp, Outcome):
            return smtp
        await self.quit()
        return None

    async def _dial(self) -> aiosmtplib.SMTP | Outcome:
        """A usable connection, or how dialling ended."""
        try:
            return await self._connected()
        except ssl.SSLError as error:
            return self._drop(Outcome("stop", 0, f"TLS failed: {error.reason or error}"))
        except aiosmtplib.SMTPAuthenticationError as error:
            return self._drop(Outcome(classify_reply(error.code), error.code, _said(error.message)))
        except SMTPResponseException as error:
            return self._drop(Outcome("temporary", error.code, _said(error.message)))
        except (SMTPException, OSError) as error:
            kind: OutcomeKind = "stop" if _is_tls(error) else "temporary"
            return self._drop(Outcome(kind, 0, _said(str(error)) or type(error).__name__))

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._smtp is not None and self._smtp.is_connected:
            return self._smtp
        server = self._server
        smtp = _Client(
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._context if server.security != "none" else None,
            username=server.user or None,
            password=self._read_password() if server.user else None,
            timeout=CONNECT_SECONDS,
        )
        self._smtp = smtp
        await smtp.connect()
        return smtp

    async def _envelope(self, smtp: aiosmtplib.SMTP, mail_from: str, recipient: str, size: int) -> Outcome | None:
        """MAIL, RCPT and DATA; None when the server waits for the mail."""
        options = [f"SIZE={size}"] if smtp.supports_extension("size") else []
        try:
            await smtp.mail(mail_from, options=options, timeout=COMMAND_SECONDS)
            await smtp.rcpt(recipient, timeout=COMMAND_SECONDS)
            answer = await smtp.execute_command(b"DATA", timeout=COMMAND_SECONDS)
        except aiosmtplib.SMTPRecipientRefused as error:
            return Outcome(classify_reply(error.code, recipient=True), error.code, _said(error.message))
        except SMTPResponseException as error:
            if not smtp.is_connected or error.code < 0:
                raise
            return Outcome(classify_reply(error.code), error.code, _said(error.message))
        if answer.code != 354:
            return Outcome(classify_reply(answer.code), answer.code, _said(answer.message))
        return None

    async def _transfer(self, smtp: aiosmtplib.SMTP, raw: bytes, before_end: Callable[[], Awaitable[None]]) -> Outcome:
        protocol = smtp.protocol
        await before_end()
        try:
            if protocol is None:
                raise aiosmtplib.SMTPServerDisconnected("the connection was lost before the mail")
            end = b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n"
            protocol.write(_DOT.sub(b"..", raw) + end)
        except (SMTPException, OSError) as error:
            return self._drop(_unsent(error))
        try:
            answer = await protocol.read_response(timeout=self._final_seconds)
        except (SMTPException, OSError) as error:
            return self._drop(Outcome("unknown", 0, _said(str(error)) or type(error).__name__))
        if answer.code == 250:
            return Outcome("sent", answer.code, _said(answer.message))
        if not 400 <= answer.code < 600:
            return self._drop(Outcome("unknown", answer.code, _said(answer.message)))
        if answer.code == 421:
            self.close()
        return Outcome(classify_reply(answer.code), answer.code, _said(answer.message))

    async def _reset(self, smtp: aiosmtplib.SMTP) -> None:
        try:
            await smtp.rset(timeout=COMMAND_SECONDS)
        except (SMTPException, OSError):
            self.close()

    def _drop(self, outcome: Outcome) -> Outcome:
        self.close()
        return outcome

    def close(self) -> None:
        """Throw the connection away without a word."""
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    async def quit(self) -> None:
        """Say goodbye; a failing QUIT changes nothing."""
        if self._smtp is not None and self._smtp.is_connected:
            with contextlib.suppress(SMTPException, OSError):
                await self._smtp.quit(timeout=2)
        self.close()


def _unsent(error: BaseException) -> Outcome:
    """An error before the mail was asked for: nothing was sent. A bad address or our own bug is permanent."""
    if isinstance(error, SMTPResponseException) and error.code > 0:
        return Outcome(classify_reply(error.code), error.code, _said(error.message))
    if isinstance(error, ValueError):
        return Outcome("permanent", 0, _said(str(error)))
    return Outcome("temporary", 0, _said(str(error)) or type(error).__name__)


def _is_tls(error: BaseException) -> bool:
    """Whether a connect error is a broken or missing TLS promise rather than a server that is away."""
    if isinstance(error, SMTPConnectError):
        cause = error.__cause__ or error.__context__
        return isinstance(cause, ssl.SSLError)
    return isinstance(error, SMTPException) and "STARTTLS" in str(error).upper()


def _said(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:200]
