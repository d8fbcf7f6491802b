"""The three ways to an access token: a refresh token, an authorization code, a device code.

What a provider says is checked before it is believed; what it says of an error never repeats what we sent.
"""

import re
import ssl
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from triagebot.core.desk import Oauth
from triagebot.core.errors import ServerError
from triagebot.core.loopback import is_loopback
from triagebot.core.oauth import DeviceCode, Grant, Refusal
from triagebot.edge.oauth.endpoint import SECONDS, post_form

_TOKEN = re.compile(r"[!-~]+")
"""RFC 6749 appendix A.12, without the space: in XOAUTH2 a control character would end the token."""
_ERROR = re.compile(r"[A-Za-z0-9_.:/-]{1,60}")
_SECRETS = ("client_secret", "refresh_token", "code", "code_verifier", "device_code")
_HOUR = 3600
_YEAR = 366 * 24 * 3600
_LONGEST_INTERVAL = 60


class Provider:
    """One provider as the desk knows it: its complete [[oauth]] table, its secret, and a verifying TLS context."""

    def __init__(self, client: Oauth, secret: str, context: ssl.SSLContext, seconds: float = SECONDS) -> None:
        self._client = client
        self._secret = secret
        self._context = context
        self._seconds = seconds

    def refresh(self, refresh_token: str) -> Grant | Refusal:
        """Given a refresh token, return what it gives (RFC 6749 section 6). Raise ServerError."""
        return self._ask_token(
            {"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": self._client.scope}
        )

    def exchange(self, code: str, verifier: str, redirect: str) -> Grant | Refusal:
        """Given an authorization code, the PKCE verifier (RFC 7636) and where it was sent, return what it gives."""
        return self._ask_token(
            {"grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": redirect}
        )

    def begin_device(self) -> DeviceCode | Refusal:
        """Return the codes of a new sign-in from another device (RFC 8628 section 3.1). Raise ServerError."""
        form = {"client_id": self._client.client_id, "scope": self._client.scope}
        said = post_form(self._client.device_url, form, self._context, self._seconds)
        if "error" in said:
            return _read_refusal(said, form)
        return DeviceCode(
            device_code=_read_token(said, "device_code"),
            user_code=_read_token(said, "user_code"),
            address=_read_page(said),
            lasts=_read_seconds(said.get("expires_in"), 900),
            interval=_read_seconds(said.get("interval"), 5, _LONGEST_INTERVAL),
        )

    def ask_device(self, device_code: str) -> Grant | Refusal:
        """Given a device code, ask whether the person is done; a Refusal may say authorization_pending or slow_down."""
        return self._ask_token(
            {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": device_code}
        )

    def _ask_token(self, form: Mapping[str, str]) -> Grant | Refusal:
        whole = {**form, "client_id": self._client.client_id}
        if self._secret:
            whole["client_secret"] = self._secret
        said = post_form(self._client.token_url, whole, self._context, self._seconds)
        if "error" in said:
            return _read_refusal(said, whole)
        return _read_grant(said)


def _read_grant(said: Mapping[str, object]) -> Grant:
    kind = str(said.get("token_type", "Bearer"))
    if kind.lower() != "bearer":
        raise ServerError("the sign-in server gives a kind of token that mail servers do not take")
    lasts = said.get("refresh_token_expires_in")
    return Grant(
        access_token=_read_token(said, "access_token"),
        lasts=_read_seconds(said.get("expires_in"), _HOUR),
        refresh_token=_read_token(said, "refresh_token") if said.get("refresh_token") else "",
        refresh_lasts=_read_seconds(lasts, 0) if lasts else None,
    )


def _read_token(said: Mapping[str, object], name: str) -> str:
    token = said.get(name)
    if not isinstance(token, str) or _TOKEN.fullmatch(token) is None:
        raise ServerError(f"the sign-in server gives no {name.replace('_', ' ')}, or one that cannot be used")
    return token


def _read_page(said: Mapping[str, object]) -> str:
    """The page a person is sent to. Google calls it verification_url, as an early draft did."""
    address = str(said.get("verification_uri") or said.get("verification_url") or "")
    parts = urlsplit(address) if _TOKEN.fullmatch(address) else urlsplit("")
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise ServerError("the sign-in server names no page that could be opened safely")
    return address


def _read_seconds(said: object, otherwise: int, most: int = _YEAR) -> timedelta:
    """A number of seconds, which some providers write as text; what makes no sense counts as not said."""
    text = str(said)
    seconds = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else otherwise
    return timedelta(seconds=min(seconds, most))


def _read_refusal(said: Mapping[str, object], form: Mapping[str, str]) -> Refusal:
    error = str(said["error"])
    words = str(said.get("error_description") or "")
    for name in _SECRETS:
        if form.get(name):
            words = words.replace(form[name], "…")
    return Refusal(error if _ERROR.fullmatch(error) else "an error without a name", _printable(words, 160))


def _printable(said: object, most: int) -> str:
    text = said if isinstance(said, str) else ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]
