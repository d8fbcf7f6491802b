"""An authorization server (OAuth 2.0) of our own that hands out tokens, or goes wrong in one named way."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

from tests.servers.background import BackgroundServer
from tests.servers.certificates import Certificate


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `pause` is the seconds before its first byte, `drip` those between all of its bytes."""

    status: int = 200
    body: bytes = b""
    headers: Sequence[str] = ()
    pause: float = 0
    drip: float = 0


def refusal(error: str, words: str = "", status: int = 400) -> Answer:
    """Given an error code, return the answer that says it (RFC 6749 section 5.2)."""
    return Answer(status, json.dumps({"error": error, "error_description": words}).encode())


ELSEWHERE = "http://127.0.0.1:9/elsewhere"
ANSWERS: dict[str, Answer] = {
    "invalid_grant": refusal("invalid_grant", "Token has been expired or revoked."),
    "invalid_client": refusal("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401),
    "access_denied": refusal("access_denied"),
    "expired_token": refusal("expired_token"),
    "pending": refusal("authorization_pending"),
    "slow_down": refusal("slow_down"),
    "500": Answer(500, b"<html>oh</html>"),
    "503_in_json": refusal("temporarily_unavailable", status=503),
    "429": Answer(429, b"{}"),
    "403_without_reason": Answer(403, b"{}"),
    "slow": Answer(200, b"{}", pause=30),
    "dripping": Answer(200, b"{" + b" " * 5000, drip=0.05),
    "oversized": Answer(200, b'{"access_token": "' + b"x" * 100_000 + b'"}'),
    "endless": Answer(200, b'{"access_token": "' + b"x" * 10_000_000, headers=("Content-Length: 99999999999",)),
    "redirect": Answer(302, b"", (f"Location: {ELSEWHERE}",)),
    "redirect_keeping_the_form": Answer(307, b"", (f"Location: {ELSEWHERE}",)),
    "not_json": Answer(200, b"<html>Welcome to the hotel</html>"),
    "json_of_another_kind": Answer(200, b'["access_token"]'),
    "deep_json": Answer(200, b"[" * 60_000),
    "no_token": Answer(200, b'{"token_type": "Bearer"}'),
    "token_with_a_line_break": Answer(200, b'{"access_token": "a\\r\\nA1 LOGOUT"}'),
    "token_with_control_a": Answer(200, b'{"access_token": "a\\u0001auth=Bearer b"}'),
    "token_that_is_no_text": Answer(200, b'{"access_token": 5}'),
    "token_of_another_kind": Answer(200, b'{"access_token": "a", "token_type": "mac"}'),
    "close": Answer(0),
}
"""By name: what a server may answer in the place of a token."""


DEVICE = {
    "device_code": "device-secret",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://sign.test/device",
    "expires_in": 900,
    "interval": 1,
}
"""What a sign-in from another device begins with (RFC 8628 section 3.2)."""


class AuthorizationServer(BackgroundServer):
    """Hands out access tokens that `mint` makes, and with each a new refresh token, good for one use.

    `script` names answers of ANSWERS to give first, one a request ("token" for a good one). `forms` has what every
    client asked, `minted` every access token, `live` the refresh tokens that are good now; `more` is said besides.
    """

    def __init__(
        self, mint: Callable[[], str], *script: str, lasts: int = 3600, certificate: Certificate | None = None
    ) -> None:
        super().__init__(certificate.server_context() if certificate is not None else None)
        self._scheme = "https" if certificate is not None else "http"
        self._mint = mint
        self._numbers = count(1)
        self.script = list(script)
        self.lasts = lasts
        self.rotates = True
        self.more: dict[str, Any] = {}
        self.device: dict[str, Any] = dict(DEVICE)
        self.forms: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.minted: list[str] = []
        self.live: set[str] = set()

    def address(self, path: str = "token") -> str:
        """Given "token", "device" or "authorize", return the URL."""
        return f"{self._scheme}://localhost:{self.port}/{path}"

    def refresh_token(self) -> str:
        """Return a fresh refresh token, as a sign-in some time ago would have given it."""
        token = f"refresh-{next(self._numbers)}"
        self.live.add(token)
        return token

    def wait_for_forms(self, number: int, seconds: float = 10) -> None:
        """Given a number, return once that many requests came. Raise ServerFailedError."""
        self.wait_until(lambda: len(self.forms) >= number, seconds, f"{number} requests")

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.split("\r\n")
        size = next(int(line.partition(":")[2]) for line in lines if line.lower().startswith("content-length:"))
        self.paths.append(lines[0].split()[1])
        form = dict(parse_qsl((await reader.readexactly(size)).decode(), keep_blank_values=True))
        self.forms.append(form)
        name = self.script.pop(0) if self.script else "token"
        answer = self._answer(form) if name == "token" else ANSWERS[name]
        self.announce_change()
        await self._send(answer, writer)

    def _answer(self, form: dict[str, str]) -> Answer:
        if "grant_type" not in form:
            return _say(self.device)
        if form["grant_type"] == "refresh_token" and form["refresh_token"] not in self.live:
            return ANSWERS["invalid_grant"]
        said: dict[str, Any] = {"access_token": self._mint(), "token_type": "Bearer", "expires_in": self.lasts}
        self.minted.append(said["access_token"])
        if self.rotates or form["grant_type"] != "refresh_token":
            self.live.discard(form.get("refresh_token", ""))
            said["refresh_token"] = self.refresh_token()
        return _say(said | self.more)

    async def _send(self, answer: Answer, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(answer.pause)
        if not answer.status:
            return
        length = () if any(one.startswith("Content-Length") for one in answer.headers) else (len(answer.body),)
        lines = [f"HTTP/1.1 {answer.status} X", *answer.headers, *(f"Content-Length: {one}" for one in length)]
        writer.write(("\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n").encode())
        if answer.drip:
            for byte in answer.body:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(answer.drip)
        else:
            writer.write(answer.body)
        await writer.drain()


def _say(said: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(said).encode())
