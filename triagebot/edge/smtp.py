"""One SMTP connection, kept and reused (aiosmtplib), driven step by step.

Step by step because only so "not sent" and "maybe sent" differ (safety.md 0.6): once the
final dot may have left, a lost connection means `unknown`, before it means `temporary`.
"""

import asyncio
import contextlib
import re
import ssl
import threading
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiosmtplib
from aiosmtplib.errors import SMTPConnectError, SMTPException, SMTPResponseException
from aiosmtplib.protocol import SMTPProtocol
from aiosmtplib.response import SMTPResponse

from triagebot.core.desk import Server
from triagebot.core.oauth import AccessToken
from triagebot.core.outgoing.delivery import Outcome, classify_reply
from triagebot.edge.fault import crash_at

Result = TypeVar("Result")

CONNECT_SECONDS = 30
COMMAND_SECONDS = 60
FINAL_SECONDS = 600
"""RFC 5321 section 4.5.3.2.6: the server may take ten minutes to say yes."""

_DOT = re.compile(rb"(?m)^\.")
_ADDRESS = re.compile(r"[!-;=?-~]*")
"""What may stand between the angle brackets of MAIL and RCPT. The library would guess what a bad one means."""


_NO_XOAUTH2 = "server does not support XOAUTH2"
"""What the library says of a server without it."""


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
    """A client that looks at what stands behind the answer to STARTTLS, and whose connection ends when it is closed."""

    def close(self) -> None:
        """Close the connection, also after a login that failed inside the library. Under TLS it would otherwise wait
        for the server's goodbye, beyond the end of the loop."""
        transport = self.transport
        super().close()
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

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
        read_password: Callable[[], str | AccessToken],
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
        """A usable connection, or how dialling ended. A token that is refused is renewed once."""
        try:
            return await self._connected()
        except aiosmtplib.SMTPAuthenticationError as error:
            return self._drop(Outcome(classify_reply(error.code), error.code, _said(error.message)))
        except SMTPResponseException as error:
            return self._drop(Outcome("temporary", error.code, _said(error.message)))
        except (SMTPException, OSError) as error:
            return self._drop(_undialled(error))

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._smtp is not None and self._smtp.is_connected:
            return self._smtp
        if not self._server.user:
            return await self._connect("")
        password = await _in_thread(self._read_password)
        try:
            return await self._connect(password)
        except aiosmtplib.SMTPAuthenticationError as error:
            self.close()
            if not isinstance(password, AccessToken) or classify_reply(error.code) != "stop":
                raise
            renewed = await _in_thread(password.renew)
            if renewed is None:
                raise
            return await self._connect(renewed)

    async def _connect(self, password: str | AccessToken) -> aiosmtplib.SMTP:
        server = self._server
        smtp = _Client(
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._context if server.security != "none" else None,
            username=server.user or None,
            password=password if isinstance(password, str) and server.user else None,
            oauth_token_generator=_generator(password) if isinstance(password, AccessToken) else None,
            timeout=CONNECT_SECONDS,
        )
        self._smtp = smtp
        await smtp.connect()
        return smtp

    async def _envelope(self, smtp: aiosmtplib.SMTP, mail_from: str, recipient: str, size: int) -> Outcome | None:
        """MAIL, RCPT and DATA; None when the server waits for the mail."""
        try:
            await smtp._ehlo_or_helo_if_needed()  # without a login nobody has asked yet what the server can do
            options = [f"SIZE={size}"] if smtp.supports_extension("size") else []
            notify = ["NOTIFY=FAILURE"] if smtp.supports_extension("dsn") else []  # RFC 3461; safety.md B.1
            await smtp.mail(mail_from, options=options, timeout=COMMAND_SECONDS)
            await smtp.rcpt(recipient, options=notify, timeout=COMMAND_SECONDS)
            crash_at("F5")
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
        crash_at("F7")
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
                await self._smtp.execute_command(b"QUIT", timeout=2)
        self.close()


def _generator(token: AccessToken) -> Callable[[], Awaitable[str]]:
    """The token in the form in which the library asks for it."""

    async def give() -> str:
        return token.text

    return give


async def _in_thread(read: Callable[[], Result]) -> Result:
    """What a function returns or raises, without holding the loop up: a password command or a sign-in may take long.

    Its thread ends with the process, unlike those of the loop's own pool, for which a daemon that stops would wait.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def tell(set_it: Callable[[Any], None], value: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(lambda: None if done.done() else set_it(value))

    def work() -> None:
        try:
            value = read()
        except Exception as error:  # noqa: BLE001 - raised again in the loop
            tell(done.set_exception, error)
        else:
            tell(done.set_result, value)

    threading.Thread(target=work, name="password", daemon=True).start()
    return await done


def _unsent(error: BaseException) -> Outcome:
    """An error before the mail was asked for: nothing was sent. A bad address or our own bug is permanent."""
    if isinstance(error, SMTPResponseException) and error.code > 0:
        return Outcome(classify_reply(error.code), error.code, _said(error.message))
    if isinstance(error, ValueError):
        return Outcome("permanent", 0, _said(str(error)))
    return Outcome("temporary", 0, _said(str(error)) or type(error).__name__)


def _undialled(error: BaseException) -> Outcome:
    """How dialling ended: a promise of the server that is broken or missing stops the queue; else it is away."""
    cause = (error.__cause__ or error.__context__) if isinstance(error, SMTPConnectError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Outcome("stop", 0, f"certificate refused: {_said(cause.verify_message)}")
    if isinstance(cause, ssl.SSLError):
        return Outcome("stop", 0, f"TLS failed: {_said(cause.reason or str(cause))}")
    text = _said(str(error)) or type(error).__name__
    if _NO_XOAUTH2 in text:
        return Outcome("stop", 0, "does not offer XOAUTH2, so a sign-in is no use there; use a password")
    return Outcome("stop" if isinstance(error, SMTPException) and "STARTTLS" in text.upper() else "temporary", 0, text)


def _said(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:200]
