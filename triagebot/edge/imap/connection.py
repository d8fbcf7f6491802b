"""The connection to an IMAP server: TLS, login, waiting for news, and its errors as sentences."""

import contextlib
import imaplib
import re
import socket
import ssl
import time
from collections.abc import Iterator

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError, ProtocolError

from triagebot.core.desk import Server
from triagebot.core.errors import LoginRefused, ServerError, ServerRefusal, ServerUntrusted
from triagebot.core.oauth import AccessToken

CONNECT_SECONDS = 15
READ_SECONDS = 60
_BYTES = re.compile(r"""^b(['"])(.*)\1$""")
"""How IMAPClient shows what a server said at a refused login."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class _CleanUpgrade:
    """Stands in for a TLS context: imaplib turns to it right after the server's answer to STARTTLS, the one moment
    when nothing else may have been said (CVE-2011-0411; safety.md F.4)."""

    def __init__(self, connection: "Connection", context: ssl.SSLContext) -> None:
        self._connection = connection
        self._context = context

    def wrap_socket(self, sock: socket.socket, server_hostname: str) -> ssl.SSLSocket:
        """Given the plain socket and the host, return the encrypted one. Raise ServerUntrusted."""
        self._connection.refuse_unread()
        return self._context.wrap_socket(sock, server_hostname=server_hostname)


class Connection:
    """A logged-in IMAP connection. Every method raises ServerError when the server could not be used."""

    def __init__(self, server: Server, password: str | AccessToken, context: ssl.SSLContext | None) -> None:
        self._where = f"IMAP {server.host}:{server.port}"
        with self._errors():
            self._client = IMAPClient(
                server.host,
                server.port,
                use_uid=True,
                ssl=server.security == "tls",
                ssl_context=context if server.security == "tls" else None,
                timeout=SocketTimeout(CONNECT_SECONDS, READ_SECONDS),
            )
            self._client.normalise_times = False
            try:
                self._secure(server, context)
                self._login(server.user, password)
            except BaseException:
                self.close()
                raise

    def _secure(self, server: Server, context: ssl.SSLContext | None) -> None:
        """A PREAUTH greeting would let the server skip STARTTLS and our login (safety.md F.1)."""
        if self._client._imap.state != "NONAUTH":
            raise ServerUntrusted(f"{self._where} greets as already logged in (PREAUTH); refused")
        if server.security == "starttls":
            if not self._client.has_capability("STARTTLS"):
                raise ServerUntrusted(f"{self._where} does not offer STARTTLS; refused to log in without TLS")
            self._client.starttls(_CleanUpgrade(self, context or ssl.create_default_context()))

    def refuse_unread(self) -> None:
        """Raise ServerUntrusted when the server has said more in clear text than its answer to STARTTLS."""
        if self._unread():
            raise ServerUntrusted(
                f"{self._where} says more than its answer to STARTTLS in clear text; somebody may have slipped it in"
            )

    def _unread(self) -> bytes:
        """What the server has sent and nobody has read yet; a poll of the socket does not show it."""
        imap = self._client._imap
        buffered = getattr(imap, "_readbuf", None)  # since Python 3.14 imaplib keeps a buffer of its own
        if buffered is not None:
            return b"".join(buffered)
        patience = imap.sock.gettimeout()
        imap.sock.settimeout(0)
        try:
            return bytes(imap.file.peek())
        except OSError:
            return b""
        finally:
            imap.sock.settimeout(patience)

    def _login(self, user: str, password: str | AccessToken) -> None:
        secret = password.text if isinstance(password, AccessToken) else password
        if _CONTROL.search(user + secret):
            raise LoginRefused(f"{self._where}: user or password holds a control character; look where it comes from")
        try:
            if isinstance(password, AccessToken):
                self._show_token(user, secret)
            elif (user + secret).isascii():
                self._client.login(user, secret)
            else:
                self._client.plain_login(user, secret)  # LOGIN knows ASCII only (RFC 9051 section 9, astring)
        except LoginError as error:
            raise LoginRefused(f"{self._where} refuses the login of {user}: {_said(error)}") from None

    def _show_token(self, user: str, token: str) -> None:
        """Log in by XOAUTH2. A server that refuses says why in a second challenge, whose answer is empty."""
        if not self._client.has_capability("AUTH=XOAUTH2"):
            raise LoginRefused(f"{self._where} does not offer XOAUTH2, so a sign-in is no use there; use a password")
        answers = iter((f"user={user}\x01auth=Bearer {token}\x01\x01".encode(),))
        self._client.sasl_login("XOAUTH2", lambda _: next(answers, b""))

    def wait(self, seconds: float) -> bool:
        """Wait at most so many seconds for news. Return True at once when the server has some.

        Raise ServerError when the connection is dead: `idle_check` on a dead socket returns at once, for ever.
        """
        with self._errors():
            unread = self._unread()  # what came together with the answer to IDLE
            if b" EXISTS\r\n" in unread:
                return True
            began = time.monotonic()
            news = [] if b"* BYE" in unread else self._client.idle_check(timeout=seconds)
            waited = time.monotonic() - began
        if b"* BYE" in unread or any(one and one[0] == b"BYE" for one in news):
            raise ServerError(f"{self._where} said goodbye")
        if not news and waited < seconds / 2:
            raise ServerError(f"{self._where} closed the connection")
        return any(len(one) > 1 and one[1] in (b"EXISTS", b"RECENT") for one in news)

    def can_idle(self) -> bool:
        """Return whether the server offers IDLE (RFC 2177)."""
        with self._errors():
            return bool(self._client.has_capability("IDLE"))

    def start_idle(self) -> None:
        """Enter IDLE."""
        with self._errors():
            self._client.idle()

    def stop_idle(self) -> bool:
        """Leave IDLE and return whether news came meanwhile."""
        with self._errors():
            _, news = self._client.idle_done()
        return any(len(one) > 1 and one[1] == b"EXISTS" for one in news)

    def poll(self) -> None:
        """Ask the server whether it is there (NOOP)."""
        with self._errors():
            self._client.noop()

    def close(self) -> None:
        """Close the socket; no LOGOUT round trip on a link that may be dead. Also from another thread: the library
        would wait for a read that hangs before it ends the connection, so the connection is ended first."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._client._imap.sock, socket.SHUT_RDWR)
        with contextlib.suppress(OSError, IMAPClientError):
            self._client.shutdown()

    @contextlib.contextmanager
    def _errors(self, what: str = "") -> Iterator[None]:
        """The library's errors as ours; `what` could not be done when the server says no."""
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            raise ServerUntrusted(f"{self._where}: certificate refused: {error.verify_message}") from None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            raise ServerError(f"{self._where} closed the connection") from None
        except ssl.SSLError as error:
            raise ServerUntrusted(f"{self._where}: TLS failed: {error.reason or error}") from None
        except imaplib.IMAP4.abort as error:
            raise ServerError(f"{self._where} broke the connection: {_said(error)}") from None
        except ProtocolError as error:
            raise ServerError(f"{self._where} gives an answer that makes no sense: {_said(error)}") from None
        except IMAPClientError as error:
            raise ServerRefusal(f"{self._where}: {what and f'{what}: '}{_said(error)}") from None
        except (OSError, EOFError, ValueError) as error:  # ValueError: closed by another thread, or nonsense said
            raise ServerError(f"{self._where} cannot be reached: {error}") from None


def _said(error: Exception) -> str:
    """What the server said, on one printable line."""
    text = error.args[0] if error.args else error
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else _BYTES.sub(r"\2", str(text))
    return "".join(c if c.isprintable() else " " for c in text)[:200]
