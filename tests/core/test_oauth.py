"""What is known of providers, and when a sign-in is renewed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from triagebot.core.desk import Desk, DeskSettings, Inbox, Oauth, Secret, Server
from triagebot.core.oauth import (
    GOOGLE_RULE,
    AccessToken,
    Grant,
    Signin,
    account_of,
    begin_signin,
    complete,
    describe_end,
    explain_end,
    find_client,
    is_fresh,
    is_resting,
    is_young,
    list_signins,
    renew_signin,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
GOOGLE, MICROSOFT = Oauth("google", "g-client"), Oauth("microsoft", "m-client", tenant="adaweb.example")
ADA = "ada@adaweb.example"
SIGNIN = Signin("refresh", "access", NOW, NOW + HOUR, NOW - timedelta(days=3))


def desk(*inboxes: Inbox, oauth: tuple[Oauth, ...] = (GOOGLE, MICROSOFT)) -> Desk:
    """Given inboxes and sign-ins, return a desk that has them."""
    return Desk(DeskSettings("Ada", "support@adaweb.example", (ADA,)), inboxes, oauth)


def server(oauth: str | Oauth, user: str = ADA) -> Server:
    """Given a sign-in and a user, return a server that takes it."""
    return Server("imap.adaweb.example", 993, user=user, password=Secret(oauth=oauth))


def test_known_providers_are_filled_in() -> None:
    """Google has no device sign-in for mail; Microsoft's addresses hold the tenant; what is written wins."""
    assert complete(GOOGLE).device_url == ""
    assert complete(GOOGLE).token_url == "https://oauth2.googleapis.com/token"
    assert complete(MICROSOFT).token_url == "https://login.microsoftonline.com/adaweb.example/oauth2/v2.0/token"
    assert "IMAP.AccessAsUser.All" in complete(MICROSOFT).scope
    assert "offline_access" in complete(MICROSOFT).scope
    assert complete(replace(MICROSOFT, token_url="https://x/{tenant}", scope="mail")).token_url == "https://x/{tenant}"
    assert complete(Oauth("other", "c")) == Oauth("other", "c")


def test_every_sign_in_of_a_desk_is_listed_once() -> None:
    """IMAP and SMTP share one; a shared mailbox is read by an account of its own; passwords are none."""
    shared = replace(MICROSOFT, account=ADA)
    found = desk(
        Inbox("a", server("google"), server("google")),
        Inbox("b", server(shared, "support@adaweb.example"), Server("smtp.adaweb.example", 465)),
        Inbox("c", server("microsoft", "mia@adaweb.example"), server("nowhere")),
    )
    assert list_signins(found) == [
        (complete(GOOGLE), ADA),
        (complete(shared), ADA),
        (complete(MICROSOFT), "mia@adaweb.example"),
    ]
    assert find_client(found, Server("smtp.adaweb.example", 465)) is None
    assert account_of(shared, server(shared, "support@adaweb.example")) == ADA


@pytest.mark.parametrize(
    ("lasts", "left", "fresh"),
    [
        (HOUR, timedelta(minutes=6), True),
        (HOUR, timedelta(minutes=5), False),
        (HOUR, -HOUR, False),
        (timedelta(seconds=10), timedelta(seconds=3), True),
        (timedelta(seconds=10), timedelta(seconds=2), False),
        (timedelta(0), timedelta(0), False),
    ],
)
def test_a_token_is_renewed_shortly_before_its_end(lasts: timedelta, left: timedelta, fresh: bool) -> None:
    """Five minutes before, or in the last fifth of a short life; and not earlier (field.md 17)."""
    signin = replace(SIGNIN, obtained_at=NOW - lasts + left, expires_at=NOW + left)
    assert is_fresh(signin, NOW) is fresh


@pytest.mark.parametrize(
    ("age", "young"),
    [(timedelta(0), True), (timedelta(minutes=9), True), (timedelta(minutes=10), False), (-HOUR, False)],
)
def test_only_a_token_of_some_age_may_be_the_cause_of_a_refusal(age: timedelta, young: bool) -> None:
    """A server that refuses every token leads to no renewal at each attempt. A clock set back proves nothing."""
    assert is_young(replace(SIGNIN, obtained_at=NOW - age), NOW) is young


@pytest.mark.parametrize(
    ("ago", "resting"), [(None, False), (timedelta(minutes=59), True), (HOUR, False), (-HOUR, False)]
)
def test_a_sign_in_that_has_ended_is_left_alone_for_an_hour(ago: timedelta | None, resting: bool) -> None:
    """The provider is asked again now and then: some endings pass (a rule of the organisation, a place)."""
    assert is_resting(replace(SIGNIN, refused_at=NOW - ago if ago is not None else None), NOW) is resting


def test_renewing_keeps_what_was_not_given_anew() -> None:
    """Without a new refresh token the old one stays (RFC 6749 section 6); the sign-in keeps its age; a refusal ends."""
    ended = replace(SIGNIN, refusal="invalid_grant", refused_at=NOW, ends_at=NOW + 9 * HOUR)
    kept = renew_signin(ended, Grant("access-2", HOUR), NOW + HOUR)
    assert kept == Signin("refresh", "access-2", NOW + HOUR, NOW + 2 * HOUR, SIGNIN.signed_in_at, NOW + 9 * HOUR)
    rotated = renew_signin(kept, Grant("access-3", HOUR, "refresh-3", 5 * HOUR), NOW)
    assert (rotated.refresh_token, rotated.ends_at) == ("refresh-3", NOW + 5 * HOUR)
    assert begin_signin(Grant("a", HOUR, "r", timedelta(days=7)), NOW).ends_at == NOW + timedelta(days=7)


@pytest.mark.parametrize(
    ("client", "days", "told"), [(GOOGLE, 7, True), (GOOGLE, 3, False), (GOOGLE, 40, False), (MICROSOFT, 7, False)]
)
def test_googles_seven_days_are_named_where_they_are_the_cause(client: Oauth, days: int, told: bool) -> None:
    """A sign-in that ended after a week is the consent screen in Testing (field.md 15); the cure is in the sentence."""
    signin = replace(SIGNIN, signed_in_at=NOW - timedelta(days=days))
    text = explain_end(client, ADA, signin, "invalid_grant", NOW)
    assert text.startswith(
        f"the sign-in {client.id} of {ADA} has ended (invalid_grant); run: triagebot auth {client.id}"
    )
    assert (GOOGLE_RULE in text) is told


def test_how_long_a_sign_in_lasts_is_told_as_far_as_known() -> None:
    """Google's rule is told at once where the end is known or may come."""
    ending = replace(SIGNIN, ends_at=NOW)
    assert GOOGLE_RULE in describe_end(GOOGLE, SIGNIN)
    assert GOOGLE_RULE in describe_end(GOOGLE, ending)
    assert "90 days" in describe_end(MICROSOFT, SIGNIN)
    assert "sign in again before" in describe_end(MICROSOFT, ending)
    assert describe_end(Oauth("other", "c"), SIGNIN) == "until the provider ends it"


def test_what_holds_a_token_does_not_show_it() -> None:
    """Its printed form may reach a log."""
    shown = repr((SIGNIN, AccessToken("access"), Grant("access", HOUR, "refresh")))
    assert "'access'" not in shown
    assert "'refresh'" not in shown
