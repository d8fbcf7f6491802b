"""Access tokens: cached, renewed once however many need them, and never lost."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from tests.app.signins import ADA, client_at, now, sign_in_before, view_in
from tests.servers.authorization import AuthorizationServer
from triagebot.app.access.tokens import describe_signins, obtain_token, signin_file
from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Oauth, Secret
from triagebot.core.errors import LoginRefused, SecretError, ServerError, StoreError
from triagebot.core.oauth import GOOGLE_RULE, Signin

HOURS = timedelta(hours=1)


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


def kept(view: DeskView, client: Oauth) -> Signin:
    """Given a desk and a client, return what is on the disk."""
    signin = signin_file(view, client, ADA).read()
    assert signin is not None
    return signin


def test_a_token_is_used_until_shortly_before_its_end(
    server: AuthorizationServer, client: Oauth, view: DeskView
) -> None:
    """However often it is needed the provider is not asked (field.md 17)."""
    sign_in_before(view, client, server.refresh_token(), ago=timedelta(minutes=50))
    assert {obtain_token(view, client, ADA).text for _ in range(20)} == {"old-access"}
    assert server.forms == []


def test_a_token_near_its_end_is_renewed_and_the_next_refresh_token_kept(
    server: AuthorizationServer, client: Oauth, view: DeskView
) -> None:
    """Each refresh token is good for one use here; three renewals in a row need each to be kept."""
    sign_in_before(view, client, server.refresh_token())
    server.lasts = 0
    assert [obtain_token(view, client, ADA).text for _ in range(3)] == ["access-1", "access-2", "access-3"]
    assert kept(view, client).refresh_token in server.live
    assert len({form["refresh_token"] for form in server.forms}) == 3


def test_nobody_signed_in_says_what_to_type(view: DeskView, client: Oauth, server: AuthorizationServer) -> None:
    """The sentence holds the command, and nothing is asked."""
    with pytest.raises(
        LoginRefused, match=f"^nobody has signed in with tests as {ADA} yet; run: triagebot auth tests$"
    ):
        obtain_token(view, client, ADA)
    assert server.forms == []


def test_many_that_need_a_token_at_once_ask_once(server: AuthorizationServer, client: Oauth, view: DeskView) -> None:
    """IMAP thread, SMTP connections and a command share one renewal."""
    sign_in_before(view, client, server.refresh_token())
    with ThreadPoolExecutor(16) as threads:
        tokens = {token.text for token in threads.map(lambda _: obtain_token(view, client, ADA), range(64))}
    assert tokens == {"access-1"}
    assert len(server.forms) == 1


_RENEW = """
import os, signal, sys
from pathlib import Path
from tests.app.signins import ADA, view_in
from triagebot.app.access.tokens import obtain_token
from triagebot.core.desk import Oauth
client = Oauth("tests", "the-client", token_url=sys.argv[2], scope="mail")
token = obtain_token(view_in(Path(sys.argv[1]), client), client, ADA)
if sys.argv[3] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
print(token.text)
"""


def renew_elsewhere(view: DeskView, server: AuthorizationServer, how: str) -> "subprocess.Popen[str]":
    """Given a desk, obtain a token in another process, which then says it or is killed before it can use it."""
    return subprocess.Popen(
        [sys.executable, "-c", _RENEW, str(view.directory), server.address(), how],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


def test_processes_share_a_renewal_too(server: AuthorizationServer, client: Oauth, view: DeskView) -> None:
    """The daemon and commands beside it spend one refresh token, not one each."""
    sign_in_before(view, client, server.refresh_token())
    processes = [renew_elsewhere(view, server, "say") for _ in range(3)]
    assert [process.communicate(timeout=60)[0] for process in processes] == ["access-1\n"] * 3
    assert len(server.forms) == 1


def test_a_kill_after_saving_loses_nothing(server: AuthorizationServer, client: Oauth, view: DeskView) -> None:
    """A process that dies before it used the new token leaves it, and the new refresh token, to the next one."""
    sign_in_before(view, client, server.refresh_token())
    killed = renew_elsewhere(view, server, "kill")
    assert killed.communicate(timeout=60)[0] == ""
    assert killed.returncode == -signal.SIGKILL
    assert obtain_token(view, client, ADA).text == "access-1"
    assert len(server.forms) == 1
    server.lasts = 0
    assert obtain_token(view, client, ADA, refused="access-1").text == "access-2"


def test_a_kill_while_the_provider_thinks_loses_nothing(
    server: AuthorizationServer, client: Oauth, view: DeskView
) -> None:
    """The lock goes with the process, and a refresh token that was not used up still works."""
    sign_in_before(view, client, server.refresh_token())
    server.script = ["slow"]
    process = renew_elsewhere(view, server, "say")
    server.wait_for_forms(1, 30)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)
    assert obtain_token(view, client, ADA).text == "access-1"


def test_a_refused_token_is_renewed_once(server: AuthorizationServer, client: Oauth, view: DeskView) -> None:
    """A token of some age may have been withdrawn early; one just made is not at fault, so there is no second one."""
    sign_in_before(view, client, server.refresh_token(), ago=timedelta(minutes=30))
    token = obtain_token(view, client, ADA)
    renewed = token.renew()
    assert renewed is not None
    assert (token.text, renewed.text) == ("old-access", "access-1")
    assert renewed.renew() is None
    assert len(server.forms) == 1


def test_a_token_that_another_renewed_meanwhile_is_taken(
    server: AuthorizationServer, client: Oauth, view: DeskView
) -> None:
    """Of two whose token was refused only the first one asks."""
    sign_in_before(view, client, server.refresh_token(), ago=timedelta(minutes=30))
    first, second = obtain_token(view, client, ADA), obtain_token(view, client, ADA)
    answers = [first.renew(), second.renew()]
    assert [answer.text if answer else "" for answer in answers] == ["access-1", "access-1"]
    assert len(server.forms) == 1


def test_a_sign_in_that_ended_says_what_to_type_and_is_left_alone(
    server: AuthorizationServer, client: Oauth, view: DeskView
) -> None:
    """The provider is asked once, not at every attempt; after a while once more, and when it works all is well."""
    sign_in_before(view, client, "withdrawn")
    for _ in range(3):
        with pytest.raises(LoginRefused, match=r"has ended \(invalid_grant: .*\); run: triagebot auth tests$"):
            obtain_token(view, client, ADA)
    assert len(server.forms) == 1
    ended = kept(view, client)
    assert ended.refused_at is not None
    server.live.add("withdrawn")
    file = signin_file(view, client, ADA)
    with file.hold():
        file.save(replace(ended, refused_at=ended.refused_at - 2 * HOURS))
    assert obtain_token(view, client, ADA).text == "access-1"
    assert kept(view, client).refused_at is None


def test_googles_week_is_named(server: AuthorizationServer, tmp_path: Path) -> None:
    """A Google sign-in that ended after seven days names the consent screen and the cure (field.md 15)."""
    google = client_at(server, "google")
    view = view_in(tmp_path, google)
    sign_in_before(view, google, "ended", ago=timedelta(days=7, minutes=5))
    with pytest.raises(LoginRefused) as ended:
        obtain_token(view, google, ADA)
    assert GOOGLE_RULE in str(ended.value)


@pytest.mark.parametrize("name", ["500", "503_in_json", "429", "close", "not_json", "redirect", "no_token"])
def test_trouble_at_the_provider_is_temporary(
    server: AuthorizationServer, client: Oauth, view: DeskView, name: str
) -> None:
    """It is told as such, the sign-in stays as it is, and the next attempt gets a token."""
    sign_in_before(view, client, server.refresh_token())
    before = kept(view, client)
    server.script = [name]
    with pytest.raises(ServerError) as raised:
        obtain_token(view, client, ADA)
    assert not isinstance(raised.value, LoginRefused)
    assert kept(view, client) == before
    assert obtain_token(view, client, ADA).text == "access-1"


def test_a_wrong_client_is_the_configs_fault(server: AuthorizationServer, client: Oauth, view: DeskView) -> None:
    """Signing in again would not help; the sentence says where to look."""
    sign_in_before(view, client, server.refresh_token())
    server.script = ["invalid_client"]
    with pytest.raises(LoginRefused, match=r"does not take what \[\[oauth\]\] tests says \(invalid_client: .*\); mend"):
        obtain_token(view, client, ADA)
    assert kept(view, client).refused_at is None


def test_the_clients_secret_comes_from_where_the_config_says(
    server: AuthorizationServer, client: Oauth, tmp_path: Path
) -> None:
    """It is read when it is needed and sent to the token server alone; without it nothing is asked."""
    secretive = replace(client, client_secret=Secret(file="oauth.secret"))
    view = view_in(tmp_path, secretive)
    sign_in_before(view, secretive, server.refresh_token())
    with pytest.raises(SecretError, match=r"oauth\.secret cannot be read"):
        obtain_token(view, secretive, ADA)
    assert server.forms == []
    (tmp_path / "oauth.secret").touch(0o600)
    (tmp_path / "oauth.secret").write_text("hunter2\n", "utf-8")
    assert obtain_token(view, secretive, ADA).text == "access-1"
    assert server.forms[0]["client_secret"] == "hunter2"


def test_a_place_that_cannot_be_written_spends_no_refresh_token(
    server: AuthorizationServer, client: Oauth, view: DeskView
) -> None:
    """What the provider gives could not be kept, so it is not asked."""
    sign_in_before(view, client, server.refresh_token())
    signin_file(view, client, ADA).path.with_suffix(".new").mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        obtain_token(view, client, ADA)
    assert server.forms == []


def test_no_token_reaches_the_log(
    server: AuthorizationServer, client: Oauth, view: DeskView, caplog: pytest.LogCaptureFixture
) -> None:
    """A renewal is one line with its end; at no level is there a token."""
    caplog.set_level(logging.DEBUG)
    refresh = server.refresh_token()
    sign_in_before(view, client, refresh)
    token = obtain_token(view, client, ADA)
    assert "signin=tests renewed until=" in caplog.text
    assert not [
        one for one in (refresh, token.text, kept(view, client).refresh_token) if one in caplog.text + repr(token)
    ]


def test_every_sign_in_is_described(server: AuthorizationServer, client: Oauth, tmp_path: Path) -> None:
    """Age, last renewal, end and problem: what status and `auth --list` show (field.md 14)."""
    others = [replace(client, id=name) for name in ("never", "ended", "ending")]
    view = view_in(tmp_path, client, *others)
    sign_in_before(view, client, server.refresh_token(), ago=timedelta(days=3))
    sign_in_before(view, others[1], "withdrawn", ago=timedelta(days=30))
    with pytest.raises(LoginRefused):
        obtain_token(view, others[1], ADA)
    file = signin_file(view, others[2], ADA)
    with file.hold():
        file.save(Signin("r", "a", now(), now() + HOURS, now(), ends_at=now() + 20 * HOURS))
    good, never, ended, ending = describe_signins(view, now())
    assert (good["id"], good["account"], good["age_days"], good["problem"]) == ("tests", ADA, 3, "")
    assert never["problem"] == f"nobody has signed in with never as {ADA} yet; run: triagebot auth never"
    assert "has ended (invalid_grant" in ended["problem"]
    assert ending["problem"].startswith("it ends at ")
    assert set(good) == set(never) == set(ended)
    told = repr([good, never, ended, ending])
    assert not [one for one in ("old-access", "withdrawn", *server.live) if f"'{one}'" in told]
