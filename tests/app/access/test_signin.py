"""A person signs in: by a code typed elsewhere, through a browser here, or through one on another machine."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.app.signins import ADA, client_at, view_in
from tests.servers.authorization import AuthorizationServer
from triagebot.app.access.signin import Person, choose_signin, sign_in
from triagebot.app.access.tokens import obtain_token, signin_file
from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Oauth
from triagebot.core.errors import LoginRefused, ServerError, StoreError
from triagebot.core.oauth import GOOGLE_RULE


@dataclass
class Ada:
    """The person at the terminal, who remembers what she was told and opens pages as she is meant to."""

    visit: Callable[[str], None] = lambda _: None
    answer: Callable[[str], str] = lambda _: ""
    lines: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    rests: list[float] = field(default_factory=list)

    def person(self) -> Person:
        """Return her as the program sees her."""
        return Person(self.lines.append, self._open, lambda _: self.answer(self.pages[-1]), self.rests.append)

    def _open(self, page: str) -> None:
        self.pages.append(page)
        self.visit(page)


def come_back(page: str, **changed: str) -> str:
    """Given the page that was opened, return where the provider sends the browser once she has said yes."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    return asked["redirect_uri"] + "/?" + urlencode({"code": "c0de", "state": asked["state"], **changed})


def browse(page: str, **changed: str) -> None:
    """Given the page that was opened, be the browser, in a thread of its own."""

    def go() -> None:
        parts = urlsplit(come_back(page, **changed))
        connection = HTTPConnection(str(parts.hostname), parts.port or 0, timeout=20)
        connection.request("GET", f"{parts.path}?{parts.query}")
        connection.getresponse().read()
        connection.close()

    Thread(target=go, daemon=True).start()


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    """A server whose access tokens are access-1, access-2 and so on."""
    numbers = count(1)
    with AuthorizationServer(lambda: f"access-{next(numbers)}") as running:
        yield running


@pytest.fixture
def client(server: AuthorizationServer) -> Oauth:
    """The [[oauth]] table of that server."""
    return client_at(server)


@pytest.fixture
def view(tmp_path: Path, client: Oauth) -> DeskView:
    """A desk that uses it and where nobody has signed in yet."""
    return view_in(tmp_path, client)


def test_a_code_typed_elsewhere(server: AuthorizationServer, client: Oauth, view: DeskView) -> None:
    """She is told page and code; questions keep the interval, and five seconds more after slow_down (RFC 8628)."""
    server.script = ["token", "pending", "slow_down", "pending", "500", "pending"]
    ada = Ada()
    told = sign_in(view, client, ADA, "", ada.person())
    assert ada.pages == ["https://sign.test/device"]
    assert f"as {ADA} and enter the code WDJB-MJHT:" in ada.lines[0]
    assert ada.rests == [1, 1, 6, 6, 12, 12]
    assert (told["problem"], told["account"]) == ("", ADA)
    assert obtain_token(view, client, ADA).text == "access-1"
    assert "device-secret" not in str(ada)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (["token", "pending", "expired_token"], "the code was not used in time; run: triagebot auth tests"),
        (["token", "access_denied"], "was not allowed"),
        (["invalid_client"], "does not take what"),
        (["token"] + ["pending"] * 900, "the code was not used in time"),
    ],
)
def test_a_code_that_leads_nowhere(
    server: AuthorizationServer, client: Oauth, view: DeskView, script: list[str], why: str
) -> None:
    """Expired, denied, misconfigured, never used: each is a sentence, and what was kept before stays."""
    server.script = script
    with pytest.raises(LoginRefused, match=re.escape(why)):
        sign_in(view, client, ADA, "device", Ada().person())
    assert signin_file(view, client, ADA).read() is None


def test_a_code_cannot_be_asked_for_while_the_provider_has_trouble(
    server: AuthorizationServer, client: Oauth, view: DeskView
) -> None:
    """A first question that fails ends the attempt at once."""
    server.script = ["not_json"]
    with pytest.raises(ServerError, match="does not answer in JSON"):
        sign_in(view, client, ADA, "device", Ada().person())


def test_through_a_browser_on_this_machine(server: AuthorizationServer, client: Oauth, view: DeskView) -> None:
    """The code goes to the token server with the verifier and the same redirect (RFC 7636), and nowhere else."""
    ada = Ada(visit=browse)
    sign_in(view, client, ADA, "browser", ada.person())
    redirect = parse_qs(urlsplit(ada.pages[0]).query)["redirect_uri"][0]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", redirect)
    (form,) = server.forms
    assert (form["grant_type"], form["code"], form["redirect_uri"]) == ("authorization_code", "c0de", redirect)
    assert form["code_verifier"] not in str(ada)
    assert obtain_token(view, client, ADA).text == "access-1"


def test_a_browser_with_another_state_signs_nobody_in(
    server: AuthorizationServer, client: Oauth, view: DeskView
) -> None:
    """A code somebody slips in is refused, and the right one that comes after it counts."""

    def browse_twice(page: str) -> None:
        browse(page, code="evil", state="guess")
        browse(page)

    sign_in(view, client, ADA, "browser", Ada(visit=browse_twice).person())
    assert [form["code"] for form in server.forms] == ["c0de"]


def test_through_a_browser_on_another_machine(server: AuthorizationServer, client: Oauth, view: DeskView) -> None:
    """Over SSH the address at which that browser ends is pasted; one with another state is refused."""
    with pytest.raises(LoginRefused, match="does not belong to this sign-in"):
        sign_in(view, client, ADA, "paste", Ada(answer=lambda page: come_back(page, state="guess")).person())
    assert server.forms == []
    sign_in(view, client, ADA, "paste", Ada(answer=lambda page: f" {come_back(page)} \n").person())
    assert obtain_token(view, client, ADA).text == "access-1"


def test_a_browser_that_says_no(server: AuthorizationServer, client: Oauth, view: DeskView) -> None:
    """The person did not allow it: a sentence, and no request."""
    with pytest.raises(LoginRefused, match="was not allowed"):
        sign_in(view, client, ADA, "paste", Ada(answer=lambda page: come_back(page, error="access_denied")).person())
    assert server.forms == []


@pytest.mark.parametrize(
    ("identity", "lacks", "how", "why"),
    [
        ("google", "", "device", "its device sign-in gives no right to mail; use --paste"),
        ("tests", "device_url", "device", "it has no device_url; use --paste"),
        ("tests", "authorize_url", "browser", "has no authorize_url, so it cannot be signed in to by browser"),
    ],
)
def test_a_way_the_provider_has_not_got(
    server: AuthorizationServer, tmp_path: Path, identity: str, lacks: str, how: str, why: str
) -> None:
    """It is told before anything is asked, with the way that works."""
    client = client_at(server, identity)
    client = replace(client, **{lacks: ""}) if lacks else client  # type: ignore[arg-type]
    with pytest.raises(LoginRefused, match=why):
        sign_in(view_in(tmp_path, client), client, ADA, how, Ada().person())
    assert server.forms == []


def test_google_goes_through_the_browser_and_its_week_is_told(server: AuthorizationServer, tmp_path: Path) -> None:
    """Where Google says when the sign-in ends, so do we; the consent screen in Testing is named (field.md 15)."""
    google = client_at(server, "google")
    server.more = {"refresh_token_expires_in": 604799}
    ada = Ada(visit=browse)
    told = sign_in(view_in(tmp_path, google), google, ADA, "", ada.person())
    assert "response_type=code" in ada.pages[0]
    assert told["ends"]
    assert told["lasts"] == GOOGLE_RULE


def test_a_token_that_cannot_be_renewed_is_not_kept(server: AuthorizationServer, client: Oauth, view: DeskView) -> None:
    """The desk would stand still in an hour, when nobody looks."""
    server.more = {"refresh_token": ""}
    with pytest.raises(LoginRefused, match="gave a token for now and none to renew it"):
        sign_in(view, client, ADA, "device", Ada().person())
    assert signin_file(view, client, ADA).read() is None


def test_what_could_not_be_kept_is_not_asked_for(server: AuthorizationServer, client: Oauth, view: DeskView) -> None:
    """A place that cannot be written is told before the person goes to the page."""
    (view.data).mkdir()
    (view.data / "oauth").touch()
    ada = Ada()
    with pytest.raises(StoreError, match="cannot be written"):
        sign_in(view, client, ADA, "device", ada.person())
    assert (ada.pages, server.forms) == ([], [])


def test_a_second_sign_in_replaces_the_first(server: AuthorizationServer, client: Oauth, view: DeskView) -> None:
    """After an end the person signs in anew, and the new token is used at once."""
    sign_in(view, client, ADA, "device", Ada().person())
    assert obtain_token(view, client, ADA).text == "access-1"
    sign_in(view, client, ADA, "device", Ada().person())
    assert obtain_token(view, client, ADA).text == "access-2"


def test_the_one_that_is_meant(server: AuthorizationServer, client: Oauth, tmp_path: Path) -> None:
    """A single sign-in needs no name; of several the sentence lists what to write."""
    other = replace(client, id="other", account="mia@adaweb.example")
    alone, both = view_in(tmp_path, client), view_in(tmp_path, client, other)
    assert choose_signin(alone, "", "") == (client, ADA)
    assert choose_signin(both, "other", "") == (other, "mia@adaweb.example")
    assert choose_signin(both, "", ADA) == (client, ADA)
    listed = re.escape(f"tests --account {ADA}, other --account mia@adaweb.example")
    with pytest.raises(LoginRefused, match=rf"^say which one; there is: {listed}$"):
        choose_signin(both, "", "")
    with pytest.raises(LoginRefused, match=rf"^there is no such sign-in; there is: {listed}$"):
        choose_signin(both, "nowhere", "")
    with pytest.raises(LoginRefused, match="no inbox uses a sign-in"):
        choose_signin(view_in(tmp_path), "", "")
