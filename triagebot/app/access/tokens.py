"""Access tokens of the desk's sign-ins: cached, renewed once by whoever needs one first, saved before they are used."""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Oauth
from triagebot.core.errors import LoginRefused, ServerError, TriagebotError
from triagebot.core.oauth import (
    ENDED,
    MISCONFIGURED,
    AccessToken,
    Grant,
    Refusal,
    Signin,
    describe_end,
    explain_end,
    is_fresh,
    is_resting,
    is_young,
    list_signins,
    renew_signin,
)
from triagebot.edge.oauth.signinfile import SIGNINS, SigninFile
from triagebot.edge.wording import say_time

if TYPE_CHECKING:
    from triagebot.edge.oauth.grants import Provider

log = logging.getLogger(__name__)

_SOON = 2 * 24 * 3600
"""Seconds before the known end of a sign-in from which status speaks of it."""


def signin_file(view: DeskView, client: Oauth, account: str) -> SigninFile:
    """Given a desk, how to sign in and whose sign-in it is, return where it is kept."""
    return SigninFile(view.data / SIGNINS, client.id, account)


def make_provider(view: DeskView, client: Oauth) -> "Provider":
    """Given a desk and a complete [[oauth]] table, return the provider. Raise SecretError."""
    # late: HTTP takes a while to load, and listings that only show sign-ins need none
    from triagebot.edge.oauth.grants import Provider
    from triagebot.edge.secrets import read_secret
    from triagebot.edge.tls import make_context

    return Provider(client, read_secret(client.client_secret, view.directory), make_context("", view.directory))


def obtain_token(view: DeskView, client: Oauth, account: str, refused: str = "") -> AccessToken:
    """Given a desk, how to sign in, whose sign-in it is and a token a server refuses ("" for none), return one that
    is good for a while.

    Raise LoginRefused when a person has to sign in, ServerError when the provider cannot be asked, SecretError or
    StoreError when the sign-in cannot be read or kept.
    """
    file = signin_file(view, client, account)
    signin = _signed_in(file, client, account)
    if not _is_usable(signin, refused):
        with file.hold():
            signin = _signed_in(file, client, account)
            if not _is_usable(signin, refused):
                signin = _renew(view, client, account, signin, file)

    def renew() -> AccessToken | None:
        return None if is_young(signin, _now()) else obtain_token(view, client, account, signin.access_token)

    return AccessToken(signin.access_token, renew)


def _signed_in(file: SigninFile, client: Oauth, account: str) -> Signin:
    signin = file.read()
    if signin is None:
        raise LoginRefused(f"nobody has signed in with {client.id} as {account} yet; run: triagebot auth {client.id}")
    return signin


def _is_usable(signin: Signin, refused: str) -> bool:
    return is_fresh(signin, _now()) and signin.access_token != refused


def _renew(view: DeskView, client: Oauth, account: str, signin: Signin, file: SigninFile) -> Signin:
    """Ask for a new access token and save what came; only inside the file's `hold`."""
    now = _now()
    if is_resting(signin, now):
        raise LoginRefused(explain_end(client, account, signin, signin.refusal, now))
    answer = make_provider(view, client).refresh(signin.refresh_token)
    if isinstance(answer, Grant):
        renewed = renew_signin(signin, answer, _now())
        file.save(renewed)
        log.info("signin=%s renewed until=%s", client.id, renewed.expires_at.isoformat(timespec="seconds"))
        return renewed
    if answer.error in ENDED:
        file.save(replace(signin, refusal=str(answer), refused_at=_now()))
    raise refuse(client, account, answer, signin)


def refuse(client: Oauth, account: str, answer: Refusal, signin: Signin | None = None) -> TriagebotError:
    """Given what a provider answered instead of a token, return the exception to raise: its sentence and kind."""
    if answer.error in ENDED and signin is not None:
        return LoginRefused(explain_end(client, account, signin, str(answer), _now()))
    if answer.error in MISCONFIGURED:
        return LoginRefused(f"{client.id} does not take what [[oauth]] {client.id} says ({answer}); mend it there")
    if answer.error == "access_denied":
        return LoginRefused(
            f"the sign-in {client.id} of {account} was not allowed ({answer}); run it again to try anew"
        )
    return ServerError(f"the sign-in {client.id} of {account} gives no token: {answer}")


def describe_signins(view: DeskView, now: datetime) -> list[dict[str, Any]]:
    """Given a desk and now, return how each of its sign-ins is; `problem` is empty for those that work."""
    return [_describe(view, client, account, now) for client, account in list_signins(view.desk)]


def _describe(view: DeskView, client: Oauth, account: str, now: datetime) -> dict[str, Any]:
    zone = view.calendar.zone
    told: dict[str, Any] = {"id": client.id, "account": account}
    told |= dict.fromkeys(("signed_in", "age_days", "renewed", "token_until", "ends", "lasts"))
    try:
        signin = _signed_in(signin_file(view, client, account), client, account)
    except TriagebotError as error:
        return {**told, "problem": str(error)}
    problem = ""
    if signin.refused_at is not None:
        problem = explain_end(client, account, signin, signin.refusal, now)
    elif signin.ends_at is not None and (signin.ends_at - now).total_seconds() < _SOON:
        problem = f"it ends at {say_time(signin.ends_at, zone)}; run: triagebot auth {client.id}"
    return {
        **told,
        "signed_in": say_time(signin.signed_in_at, zone),
        "age_days": (now - signin.signed_in_at).days,
        "renewed": say_time(signin.obtained_at, zone),
        "token_until": say_time(signin.expires_at, zone),
        "ends": say_time(signin.ends_at, zone) if signin.ends_at is not None else None,
        "lasts": describe_end(client, signin),
        "problem": problem,
    }


def _now() -> datetime:
    return datetime.now(UTC)
