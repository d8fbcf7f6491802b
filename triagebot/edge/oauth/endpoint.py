"""One question to an authorization server: a form over verified HTTPS, JSON back (RFC 6749 section 3.2).

Redirects are not followed (they would carry the secrets elsewhere), what is said is read up to a limit, and the
whole of it has a time limit: a server that trickles must not hold a mailbox up.
"""

import http.client
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from socket import SHUT_RDWR, socket
from urllib.parse import SplitResult, urlencode, urlsplit

from triagebot.core.errors import ServerError, ServerUntrusted
from triagebot.core.loopback import is_loopback

SECONDS = 20.0
MOST_BYTES = 64 * 1024


class _Connection(HTTPConnection):
    """Keeps its socket in `wire`, where the time limit finds it: during the handshake, and when the library has let go
    of it because the answer is the last one."""

    wire: socket | None = None

    def __init__(self, host: str, port: int | None, seconds: float, context: ssl.SSLContext | None) -> None:
        self.default_port = 443 if context is not None else 80
        super().__init__(host, port, timeout=seconds)
        self._verifying = context

    def connect(self) -> None:
        """Connect and, unless it is this machine, verify. Raise OSError."""
        super().connect()
        self.wire = self.sock
        if self._verifying is not None:
            encrypted = self._verifying.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = self.wire = encrypted
            encrypted.do_handshake()


def post_form(
    address: str, form: Mapping[str, str], context: ssl.SSLContext, seconds: float = SECONDS
) -> dict[str, object]:
    """Given an address, a form and a verifying context, return the object the server says, a refusal included.

    Raise ServerUntrusted when its TLS cannot be trusted, ServerError for everything that may pass.
    """
    parts = urlsplit(address)
    where = f"the sign-in server {parts.hostname}"
    connection = _make_connection(parts, context, seconds)
    try:
        with _deadline(connection, seconds) as overdue:
            status, body = _converse(connection, parts, form)
    except ssl.SSLCertVerificationError as error:
        raise ServerUntrusted(f"{where}: certificate refused: {error.verify_message}; nothing was sent") from None
    except (OSError, HTTPException) as error:
        if isinstance(error, TimeoutError) or overdue.is_set():
            raise ServerError(f"{where} takes longer than {seconds:g} seconds") from None
        raise ServerError(f"{where} cannot be reached: {_describe(error)}") from None
    finally:
        connection.close()
    if overdue.is_set():
        raise ServerError(f"{where} takes longer than {seconds:g} seconds")
    return _read_answer(where, status, body)


def _make_connection(parts: SplitResult, context: ssl.SSLContext, seconds: float) -> _Connection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        return _Connection(host, parts.port, seconds, context)
    if parts.scheme == "http" and is_loopback(host):
        return _Connection(host, parts.port, seconds, None)
    raise ServerUntrusted(f"the address of the sign-in server {host} must begin with https://; nothing was sent")


@contextmanager
def _deadline(connection: _Connection, seconds: float) -> Iterator[threading.Event]:
    """A time limit on the whole: the library's own begins anew with every byte."""
    overdue = threading.Event()

    def cut() -> None:
        overdue.set()
        if connection.wire is not None:
            with suppress(OSError):  # it is no longer connected
                connection.wire.shutdown(SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield overdue
    finally:
        timer.cancel()


def _converse(connection: _Connection, parts: SplitResult, form: Mapping[str, str]) -> tuple[int, bytes]:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
        "User-Agent": "triagebot",
        "Connection": "close",
    }
    connection.request("POST", target, urlencode(form), headers)
    answer = connection.getresponse()
    return answer.status, answer.read(MOST_BYTES + 1)


def _read_answer(where: str, status: int, body: bytes) -> dict[str, object]:
    if 300 <= status < 400:
        raise ServerError(f"{where} answers with a redirect ({status}), which is not followed; look at its address")
    if status >= 500 or status in (408, 425, 429):
        reason = http.client.responses.get(status, "an error")
        raise ServerError(f"{where} has trouble of its own: {status} {reason}")
    if len(body) > MOST_BYTES:
        raise ServerError(f"{where} says more than {MOST_BYTES // 1024} KiB, which no answer to a sign-in does")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise ServerError(f"{where} does not answer in JSON (status {status}); look at its address")
    if status != 200 and not isinstance(said.get("error"), str):
        raise ServerError(f"{where} answers {status} and gives no reason")
    return said


def _describe(error: Exception) -> str:
    """An error without what was sent or said: only the system's words, or its kind."""
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or type(error).__name__}"
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
