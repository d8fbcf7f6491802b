"""Sign-ins by OAuth 2.0 (RFC 6749): what is known of the providers, what is kept of a sign-in, and when it is renewed.

An access token is used until shortly before its end and renewed once by whoever needs it first: providers end
sign-ins that ask too often (field.md 17).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from triagebot.core.desk import Desk, Oauth, Server

EARLY = timedelta(minutes=5)
"""An access token that ends sooner is renewed; of a short-lived one, a fifth of its life."""
YOUNG = timedelta(minutes=10)
"""A token that a server refuses at this age is not the cause: another one would not be taken either."""
REFUSED_REST = timedelta(hours=1)
"""How long a sign-in that the provider has ended is not asked for again."""
GOOGLE_TESTING = timedelta(days=7)
ENDED = frozenset(("invalid_grant", "interaction_required", "consent_required", "login_required"))
"""Answers that only a person who signs in again can mend (RFC 6749 section 5.2, OpenID Connect Core 3.1.2.6)."""
MISCONFIGURED = frozenset(
    ("invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "invalid_request")
)
"""Answers that mean the [[oauth]] table is wrong (RFC 6749 section 5.2)."""

_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/"
_KNOWN = {
    # Without these two words Google gives no refresh token; its device sign-in does not cover mail at all.
    "google": Oauth(
        id="google",
        client_id="",
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&prompt=consent",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        scope="https://mail.google.com/",
    ),
    "microsoft": Oauth(
        id="microsoft",
        client_id="",
        authorize_url=f"{_MICROSOFT}authorize",
        token_url=f"{_MICROSOFT}token",
        device_url=f"{_MICROSOFT}devicecode",
        scope="offline_access https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send",
    ),
}
KNOWN_IDS = tuple(_KNOWN)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a server is shown instead of a password. `renew` is for when it refuses: it returns another one, or None
    when this one is too young to be at fault, and raises what obtaining a token raises."""

    text: str = field(repr=False)
    renew: Callable[[], "AccessToken | None"] = field(default=lambda: None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a provider gave: an access token, for how long, and a refresh token unless the old one stays."""

    access_token: str = field(repr=False)
    lasts: timedelta
    refresh_token: str = field(default="", repr=False)
    refresh_lasts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a provider said instead: its error code (RFC 6749 section 5.2) and its words, on one printable line."""

    error: str
    words: str = ""

    def __str__(self) -> str:
        return f"{self.error}: {self.words}" if self.words else self.error


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person types into a page elsewhere, and what we ask with meanwhile (RFC 8628 section 3.2)."""

    device_code: str = field(repr=False)
    user_code: str
    address: str
    lasts: timedelta
    interval: timedelta


@dataclass(frozen=True, slots=True)
class Signin:
    """What is kept of a sign-in. `ends_at` is when the refresh token ends, if the provider said so; `refusal` what it
    answered when it would not renew."""

    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    obtained_at: datetime
    expires_at: datetime
    signed_in_at: datetime
    ends_at: datetime | None = None
    refusal: str = ""
    refused_at: datetime | None = None


def complete(client: Oauth) -> Oauth:
    """Given an [[oauth]] table, return it with the addresses and the scope its id stands for."""
    known = _KNOWN.get(client.id)
    if known is None:
        return client

    def filled(name: str) -> str:
        return str(getattr(client, name) or getattr(known, name).format(tenant=client.tenant))

    return replace(
        client,
        authorize_url=filled("authorize_url"),
        token_url=filled("token_url"),
        device_url=filled("device_url"),
        scope=filled("scope"),
    )


def find_client(desk: Desk, server: Server) -> Oauth | None:
    """Given a desk and one of its servers, return how to sign in there, or None when it wants a password."""
    named = server.password.oauth
    if not isinstance(named, str):
        return complete(named)
    return next((complete(client) for client in desk.oauth if named and client.id == named), None)


def account_of(client: Oauth, server: Server) -> str:
    """Given how to sign in and a server, return whose sign-in it takes: the server's user unless another is named."""
    return client.account or server.user


def list_signins(desk: Desk) -> list[tuple[Oauth, str]]:
    """Given a desk, return each sign-in its inboxes need once: how, and whose."""
    return list(dict.fromkeys(_signins(desk)))


def _signins(desk: Desk) -> Iterator[tuple[Oauth, str]]:
    for inbox in desk.inbox:
        for server in (inbox.imap, inbox.smtp):
            client = find_client(desk, server)
            if client is not None:
                yield client, account_of(client, server)


def begin_signin(grant: Grant, now: datetime) -> Signin:
    """Given what signing in gave and now, return what is kept of it."""
    ends_at = now + grant.refresh_lasts if grant.refresh_lasts else None
    return Signin(grant.refresh_token, grant.access_token, now, now + grant.lasts, now, ends_at)


def renew_signin(signin: Signin, grant: Grant, now: datetime) -> Signin:
    """Given a sign-in, what renewing it gave and now, return it renewed; a new refresh token replaces the old one."""
    return Signin(
        refresh_token=grant.refresh_token or signin.refresh_token,
        access_token=grant.access_token,
        obtained_at=now,
        expires_at=now + grant.lasts,
        signed_in_at=signin.signed_in_at,
        ends_at=now + grant.refresh_lasts if grant.refresh_lasts else signin.ends_at,
    )


def is_fresh(signin: Signin, now: datetime) -> bool:
    """Given a sign-in and now, return whether its access token is good for a while yet."""
    return signin.expires_at - now > min(EARLY, (signin.expires_at - signin.obtained_at) / 5)


def is_young(signin: Signin, now: datetime) -> bool:
    """Given a sign-in whose access token a server refuses, return whether another one would be refused as well.

    A clock that was set back makes no token young: then its age says nothing.
    """
    return timedelta(0) <= now - signin.obtained_at < YOUNG


def is_resting(signin: Signin, now: datetime) -> bool:
    """Given a sign-in and now, return whether the provider refused to renew it only a while ago."""
    return signin.refused_at is not None and timedelta(0) <= now - signin.refused_at < REFUSED_REST


def explain_end(client: Oauth, account: str, signin: Signin, refusal: str, now: datetime) -> str:
    """Given a sign-in the provider will not renew and what it answered, return the sentence for the user."""
    text = f"the sign-in {client.id} of {account} has ended ({refusal}); run: triagebot auth {client.id}"
    age = (signin.refused_at or now) - signin.signed_in_at
    if client.id == "google" and GOOGLE_TESTING <= age < GOOGLE_TESTING + timedelta(days=1):
        text += f"; {GOOGLE_RULE}"
    return text


GOOGLE_RULE = (
    "Google ends sign-ins after 7 days while the OAuth consent screen is in Testing: set its publishing status to"
    " In production"
)


def describe_end(client: Oauth, signin: Signin) -> str:
    """Given a sign-in, return how long it lasts without a person, as far as anybody tells (field.md 15)."""
    if signin.ends_at is not None:
        return GOOGLE_RULE if client.id == "google" else "the provider ends it then; sign in again before"
    if client.id == "google":
        return f"until it is withdrawn. But {GOOGLE_RULE}"
    if client.id == "microsoft":
        return "until it is withdrawn, or not used for 90 days"
    return "until the provider ends it"
