"""Asking an authorization server, and whatever it may say instead of giving a token."""

import asyncio
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.servers.authorization import ANSWERS, AuthorizationServer
from tests.servers.background import BackgroundServer
from tests.servers.certificates import Authority
from triagebot.core.desk import Oauth
from triagebot.core.errors import ServerError, ServerUntrusted
from triagebot.core.oauth import DeviceCode, Grant, Refusal, complete
from triagebot.edge.oauth.endpoint import post_form
from triagebot.edge.oauth.grants import Provider
from triagebot.edge.oauth.redirect import Attempt, RedirectPage

REFRESH, SECRET = "refresh-hunter2", "client-hunter2"
VERIFIED = ssl.create_default_context()


def provider_at(server: AuthorizationServer, context: ssl.SSLContext = VERIFIED, seconds: float = 5) -> Provider:
    """Given a server, return the provider that it is."""
    table = Oauth("tests", "the-client", token_url=server.address(), device_url=server.address("device"), scope="mail")
    return Provider(table, SECRET, context, seconds)


def test_a_refresh_token_gives_an_access_token_and_the_next_one() -> None:
    """The form is that of RFC 6749 section 6; what comes back has its times."""
    with AuthorizationServer(lambda: "access-1", lasts=1234) as server:
        server.live.add(REFRESH)
        granted = provider_at(server).refresh(REFRESH)
        assert granted == Grant("access-1", timedelta(seconds=1234), next(iter(server.live)))
        assert server.paths == ["/token"]
        assert server.forms == [
            {
                "grant_type": "refresh_token",
                "refresh_token": REFRESH,
                "scope": "mail",
                "client_id": "the-client",
                "client_secret": SECRET,
            }
        ]


@pytest.mark.parametrize(
    ("said", "lasts", "refresh_lasts"),
    [
        ({"expires_in": "120", "refresh_token_expires_in": 604799}, 120, 604799),
        ({"expires_in": -5}, 3600, None),
        ({"expires_in": 1e300}, 3600, None),
        ({"expires_in": None}, 3600, None),
        ({"expires_in": 10**10}, 366 * 24 * 3600, None),
        ({"expires_in": {"a": 1}, "token_type": "bearer"}, 3600, None),
    ],
)
def test_times_are_read_as_far_as_they_make_sense(
    said: dict[str, object], lasts: int, refresh_lasts: int | None
) -> None:
    """Providers write seconds as numbers or text; nonsense counts as an hour. Google tells when a sign-in ends."""
    with AuthorizationServer(lambda: "access") as server:
        server.live.add(REFRESH)
        server.more = said
        granted = provider_at(server).refresh(REFRESH)
        assert isinstance(granted, Grant)
        assert granted.lasts == timedelta(seconds=lasts)
        assert granted.refresh_lasts == (timedelta(seconds=refresh_lasts) if refresh_lasts else None)


REFUSALS = {
    "invalid_grant": "invalid_grant: Token has been expired or revoked.",
    "invalid_client": "invalid_client: AADSTS7000215: Invalid client secret provided.",
    "access_denied": "access_denied",
    "expired_token": "expired_token",
    "pending": "authorization_pending",
    "slow_down": "slow_down",
}
TROUBLES = {
    "500": "has trouble of its own: 500 Internal Server Error",
    "503_in_json": "has trouble of its own: 503 Service Unavailable",
    "429": "has trouble of its own: 429 Too Many Requests",
    "403_without_reason": "answers 403 and gives no reason",
    "slow": "takes longer than 0.5 seconds",
    "dripping": "takes longer than 0.5 seconds",
    "oversized": "says more than 64 KiB",
    "endless": "says more than 64 KiB",
    "redirect": "answers with a redirect (302), which is not followed",
    "redirect_keeping_the_form": "answers with a redirect (307), which is not followed",
    "not_json": "does not answer in JSON (status 200)",
    "json_of_another_kind": "does not answer in JSON (status 200)",
    "deep_json": "does not answer in JSON (status 200)",
    "no_token": "gives no access token, or one that cannot be used",
    "token_with_a_line_break": "gives no access token, or one that cannot be used",
    "token_with_control_a": "gives no access token, or one that cannot be used",
    "token_that_is_no_text": "gives no access token, or one that cannot be used",
    "token_of_another_kind": "gives a kind of token that mail servers do not take",
    "close": "cannot be reached: RemoteDisconnected",
}


def test_every_answer_of_the_catalogue_is_tested() -> None:
    """No way to go wrong is without a verdict."""
    assert set(ANSWERS) == {*REFUSALS, *TROUBLES}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_a_value_with_its_code(name: str) -> None:
    """Only what the provider itself says of the sign-in is a refusal."""
    with AuthorizationServer(lambda: "access", name) as server:
        said = provider_at(server).refresh(REFRESH)
        assert isinstance(said, Refusal)
        assert str(said) == REFUSALS[name]


@pytest.mark.parametrize("name", TROUBLES)
def test_trouble_that_may_pass_is_one_sentence(name: str) -> None:
    """Where, what; not a byte of what was sent; and nothing goes to where a redirect points."""
    with AuthorizationServer(lambda: "access", name) as server:
        began = time.monotonic()
        with pytest.raises(ServerError) as raised:
            provider_at(server, seconds=0.5 if name in ("slow", "dripping") else 5).refresh(REFRESH)
        assert time.monotonic() - began < 10
        assert TROUBLES[name] in str(raised.value)
        assert "the sign-in server" in str(raised.value)
        assert not isinstance(raised.value, ServerUntrusted)
        assert len(server.forms) == 1
        assert REFRESH not in str(raised.value)


def test_words_of_a_refusal_never_repeat_what_was_sent() -> None:
    """A server that echoes gets no token into our log; controls and length are tamed as well."""
    echo = f"\x1b[31mno {REFRESH} and {SECRET}\n" + "x" * 500
    with AuthorizationServer(lambda: "access") as server:
        server.more = {"error": "invalid_grant", "error_description": echo}
        server.live.add(REFRESH)
        said = provider_at(server).refresh(REFRESH)
        assert isinstance(said, Refusal)
        assert (REFRESH in str(said), SECRET in str(said)) == (False, False)
        assert str(said).isprintable()
        assert len(said.words) <= 160


@pytest.mark.parametrize("bad", ["wrong_host", "expired", "stranger"])
def test_no_form_goes_to_a_bad_certificate(authority: Authority, bad: str) -> None:
    """A refresh token is as good as a password: it leaves only to who proved to be the provider."""
    with AuthorizationServer(lambda: "access", certificate=getattr(authority, bad)()) as server:
        with pytest.raises(ServerUntrusted, match=r"certificate refused: .*; nothing was sent"):
            provider_at(server, authority.good().client_context()).refresh(REFRESH)
        assert server.forms == []


def test_a_good_certificate_is_taken(authority: Authority) -> None:
    """The control of the refusals above: same server, nothing wrong."""
    with AuthorizationServer(lambda: "access", certificate=authority.good()) as server:
        server.live.add(REFRESH)
        granted = provider_at(server, authority.good().client_context()).refresh(REFRESH)
        assert isinstance(granted, Grant)


class Mute(BackgroundServer):
    """Takes a connection and never says a word, not even of TLS."""

    async def converse(self, reader: object, writer: object) -> None:
        """Wait for the end."""
        await asyncio.Event().wait()


def test_a_handshake_that_never_ends_is_ended() -> None:
    """The time limit holds for TLS too."""
    with Mute() as server, pytest.raises(ServerError, match=r"takes longer than 0\.5 seconds"):
        post_form(f"https://localhost:{server.port}/token", {}, VERIFIED, 0.5)


@pytest.mark.parametrize(
    "address", ["http://login.provider.example/token", "ftp://localhost/token", "http://10.0.0.1/"]
)
def test_clear_text_is_for_this_machine_only(address: str) -> None:
    """Nothing is dialled for any other address without TLS."""
    with pytest.raises(ServerUntrusted, match="must begin with https://; nothing was sent"):
        post_form(address, {"refresh_token": REFRESH}, VERIFIED)


def test_a_device_code_is_asked_for_and_kept_from_view() -> None:
    """The form is that of RFC 8628 section 3.1; the device code is a secret, the user code is not."""
    with AuthorizationServer(lambda: "access") as server:
        begun = provider_at(server).begin_device()
        assert begun == DeviceCode(
            "device-secret", "WDJB-MJHT", "https://sign.test/device", timedelta(minutes=15), timedelta(seconds=1)
        )
        assert "device-secret" not in repr(begun)
        assert server.paths == ["/device"]
        assert server.forms == [{"client_id": "the-client", "scope": "mail"}]
        assert isinstance(provider_at(server).ask_device("device-secret"), Grant)
        assert server.forms[1]["grant_type"] == "urn:ietf:params:oauth:grant-type:device_code"


def test_values_that_hold_tokens_do_not_show_them() -> None:
    """Their printed form may reach a log."""
    for value in (Grant("hunter2", timedelta(1), "hunter2"), Attempt("http://x", "hunter2", "hunter2")):
        assert "hunter2" not in repr(value)


GOOGLE = complete(Oauth("google", "the-client"))


def test_the_page_to_open_has_what_pkce_and_google_want() -> None:
    """RFC 7636 appendix B gives verifier and challenge; what stands in authorize_url stays."""
    attempt = Attempt("http://127.0.0.1:5", "the-state", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    address = attempt.address(GOOGLE, "ada@adaweb.example")
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://accounts.google.com/o/oauth2/v2/auth"
    assert parse_qs(parts.query) == {
        "access_type": ["offline"],
        "prompt": ["consent"],
        "response_type": ["code"],
        "client_id": ["the-client"],
        "redirect_uri": ["http://127.0.0.1:5"],
        "scope": ["https://mail.google.com/"],
        "state": ["the-state"],
        "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
        "code_challenge_method": ["S256"],
        "login_hint": ["ada@adaweb.example"],
    }
    assert attempt.verifier not in address


def test_every_attempt_has_a_state_and_a_verifier_of_its_own() -> None:
    """Guessing them is hopeless; RFC 7636 section 4.1 wants 43 to 128 characters."""
    first, second = Attempt("http://x"), Attempt("http://x")
    assert {first.state, first.verifier}.isdisjoint({second.state, second.verifier})
    assert len(first.state) >= 43
    assert 43 <= len(first.verifier) <= 128


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("?code=c0de&state=right", "c0de"),
        ("?state=right&code=c0de&scope=a%20b", "c0de"),
        ("?error=access_denied&state=right", Refusal("access_denied")),
        ("?code=c0de&state=wrong", None),
        ("?code=c0de&state=", None),
        ("?code=c0de", None),
        ("?code=c0de&state=right&state=right", None),
        ("?error=access_denied&state=wrong", None),
        ("?state=right", None),
        ("", None),
        ("?" + "&".join(f"a{n}=b" for n in range(60)), None),
    ],
)
def test_only_an_answer_with_our_state_is_read(query: str, read: str | Refusal | None) -> None:
    """Another page or program cannot slip in a code or end the attempt (RFC 8252 section 8.9)."""
    assert Attempt("http://127.0.0.1:5", "right", "v").read(f" http://127.0.0.1:5/{query}\n") == read


@pytest.fixture
def page() -> Iterator[RedirectPage]:
    """A page that waits for a browser."""
    with RedirectPage() as opened:
        yield opened


def visit(port: int, target: str, method: str = "GET") -> tuple[int, str]:
    """Given a port and a target, ask for it as a browser does and return status and page."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, target)
    answer = connection.getresponse()
    text = answer.read().decode()
    assert "default-src 'none'" in str(answer.headers) or answer.status == 501
    connection.close()
    return answer.status, text


class Waiting(threading.Thread):
    """Waits for a browser in a thread of its own."""

    def __init__(self, page: RedirectPage, attempt: Attempt, seconds: float = 20) -> None:
        super().__init__()
        self._page, self._attempt, self._seconds = page, attempt, seconds
        self.answer: str | Refusal | None = None
        self.start()

    def run(self) -> None:
        """Wait."""
        self.answer = self._page.wait(self._attempt, self._seconds)


def test_the_page_takes_one_right_answer_and_refuses_all_others(page: RedirectPage) -> None:
    """Wrong states, a favicon, a form and an idle connection come first and change nothing."""
    attempt = Attempt(f"http://127.0.0.1:{page.port}")
    waiting = Waiting(page, attempt)
    idle = HTTPConnection("127.0.0.1", page.port, timeout=10)
    idle.connect()
    for target in ("/?code=evil&state=guess", "/favicon.ico", "/?error=access_denied", "/?code=<script>"):
        status, text = visit(page.port, target)
        assert status == 400
        assert "script" not in text
        assert "evil" not in text
    assert visit(page.port, f"/?code=evil&state={attempt.state}", "POST")[0] == 501
    status, text = visit(page.port, "/?" + urlencode({"code": "4/0c0de", "state": attempt.state}))
    assert (status, "c0de" in text) == (200, False)
    waiting.join(10)
    idle.close()
    assert waiting.answer == "4/0c0de"


def test_a_sign_in_that_was_not_allowed_ends_the_wait(page: RedirectPage) -> None:
    """The provider sends the person back with error=access_denied."""
    attempt = Attempt(f"http://127.0.0.1:{page.port}")
    waiting = Waiting(page, attempt)
    assert visit(page.port, f"/?error=access_denied&state={attempt.state}")[0] == 200
    waiting.join(10)
    assert waiting.answer == Refusal("access_denied")


def test_the_page_closes_by_itself(page: RedirectPage) -> None:
    """When the time is up nobody waits any more, and after the end nothing listens."""
    assert page.wait(Attempt("http://x"), 0.3) is None
    page.__exit__(None, None, None)
    with pytest.raises(ConnectionRefusedError):
        visit(page.port, "/")


@pytest.mark.parametrize("said", [{"verification_uri": "http://evil.test/"}, {"verification_uri": "x\x1b"}, {}])
def test_a_person_is_sent_to_no_unsafe_page(said: dict[str, object]) -> None:
    """A page without TLS, or none, ends the attempt."""
    with AuthorizationServer(lambda: "access") as server:
        provider = Provider(
            replace(GOOGLE, device_url=server.address("device"), token_url=server.address()), "", VERIFIED
        )
        server.device = {"device_code": "d", "user_code": "U", **said}
        with pytest.raises(ServerError, match="names no page that could be opened safely"):
            provider.begin_device()
