"""The way through a browser: where it is sent, and the page on this machine to which it comes back (RFC 8252)."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from triagebot.core.desk import Oauth
from triagebot.core.oauth import Refusal

_PAGE = (
    "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>triagebot</title><p>{text}</p><p>You may close this page."
    "</p></html>"
)
_REQUEST_SECONDS = 10
_TICK = 0.2


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in: only an answer with its `state` is taken, and only its `verifier` makes use of it."""

    redirect: str
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(64), repr=False)

    def address(self, client: Oauth, account: str) -> str:
        """Given a complete [[oauth]] table and whose sign-in it is, return the page to open (RFC 7636 section 4.3)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": self.redirect,
            "scope": client.scope,
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "login_hint": account,
        }
        joint = "&" if urlsplit(client.authorize_url).query else "?"
        return client.authorize_url + joint + urlencode(asked, quote_via=quote)

    def read(self, address: str) -> str | Refusal | None:
        """Given the address a browser came back with, return the code or the refusal in it; None if it is not ours."""
        try:
            answered = parse_qs(urlsplit(address.strip()).query, max_num_fields=50)
        except ValueError:
            return None
        said = {name: values[0] for name, values in answered.items() if len(values) == 1}
        if not compare_digest(said.get("state", "").encode(), self.state.encode()):
            return None
        if error := said.get("error"):
            return Refusal("".join(c for c in error if c.isascii() and c.isprintable())[:60])
        return said.get("code")


class RedirectPage:
    """Listens on 127.0.0.1, on a free port, from `with` until its end. The page shows nothing of what it was told."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.timeout = _TICK

    @property
    def port(self) -> int:
        """The port a browser comes back to."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.server_close()

    def wait(self, attempt: Attempt, seconds: float) -> str | Refusal | None:
        """Given an attempt, return the code or refusal of the one request that answers it; None when the time is up.

        Requests without its state (another page's, another program's) are refused and change nothing.
        """
        self._server.attempt = attempt
        end = time.monotonic() + seconds
        while self._server.answer is None and time.monotonic() < end:
            self._server.handle_request()
        return self._server.answer


class _Server(ThreadingHTTPServer):
    """A thread for each connection: browsers open some on which they say nothing."""

    daemon_threads = True
    block_on_close = False
    attempt: Attempt | None = None
    answer: str | Refusal | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a browser may hang up at any byte."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _REQUEST_SECONDS
    server_version, sys_version = "triagebot", ""

    def do_GET(self) -> None:
        attempt = self.server.attempt
        answer = attempt.read(self.path) if attempt is not None and self.server.answer is None else None
        if answer is None:
            self._say(HTTPStatus.BAD_REQUEST, "This does not belong to a sign-in that is under way.")
            return
        text = "The provider did not allow it." if isinstance(answer, Refusal) else "triagebot has what it needs."
        self._say(HTTPStatus.OK, f"{text} How it went stands in the terminal.")
        self.server.answer = answer

    def _say(self, status: HTTPStatus, text: str) -> None:
        page = _PAGE.format(text=text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: the request line holds the code."""
