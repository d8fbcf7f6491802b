"""`triagebot auth` as a person uses it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.app.access.test_signin import browse, come_back
from tests.app.signins import ADA, client_at, table_of
from tests.servers.authorization import AuthorizationServer
from triagebot.cli.main import triagebot

CONFIG = f"""\
[desk]
name = "Ada Webworks"
address = "{ADA}"
developer = "{ADA}"

[[inbox]]
id = "support"
authserv_ids = ["mx.example.net"]
imap = {{ host = "imap.example.net", port = 993, user = "{ADA}", password = {{ oauth = "tests" }} }}
smtp = {{ host = "smtp.example.net", port = 465, user = "{ADA}", password = {{ oauth = "tests" }} }}
"""


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    """A server whose access tokens are access-1, access-2 and so on."""
    numbers = count(1)
    with AuthorizationServer(lambda: f"access-{next(numbers)}") as running:
        yield running


@pytest.fixture
def config(server: AuthorizationServer, tmp_path: Path) -> Path:
    """A desk that signs in there."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG + table_of(client_at(server)), "utf-8")
    return path


def invoke(config: Path, *arguments: str, typed: str = "") -> Result:
    """Given a config and arguments, run `auth` with what is typed."""
    return CliRunner().invoke(triagebot, ["--config", str(config), "auth", *arguments], input=typed)


def test_nothing_is_needed_where_there_is_one_sign_in(config: Path, server: AuthorizationServer) -> None:
    """Page and code are printed, then what was reached and how long it lasts; no token is shown."""
    done = invoke(config)
    assert done.exit_code == 0, done.output
    assert "WDJB-MJHT" in done.output
    assert "https://sign.test/device" in done.output
    assert f"Signed in with tests as {ADA}; the desk renews it by itself." in done.output
    assert "It lasts until the provider ends it." in done.output
    assert not [one for one in (*server.minted, *server.live, "device-secret") if one in done.output]


def test_the_list_tells_each_sign_in(config: Path) -> None:
    """Before: what to type. After: since when, until when. As a table, and with --json."""
    (before,) = json.loads(invoke(config, "--list", "--json").output)
    assert before["problem"] == f"nobody has signed in with tests as {ADA} yet; run: triagebot auth tests"
    assert invoke(config, "--device").exit_code == 0
    (after,) = json.loads(invoke(config, "--list", "--json").output)
    assert (after["id"], after["account"], after["age_days"], after["problem"]) == ("tests", ADA, 0, "")
    table = invoke(config, "--list")
    assert table.exit_code == 0
    assert after["token_until"] in table.output


def test_pasting_the_address_over_ssh(config: Path, server: AuthorizationServer) -> None:
    """The printed page leads to an address that is pasted back; the desk then has its token."""
    command = [sys.executable, "-m", "triagebot", "--config", str(config), "auth", "tests", "--paste"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        page = next(line.strip() for line in process.stdout if "response_type=code" in line)
        process.stdin.write(come_back(page) + "\n")
        process.stdin.close()
        said = process.stdout.read()
        assert process.wait(20) == 0
    assert "Signed in with tests" in said
    assert len(server.forms) == 1


def test_the_browser_on_this_machine(config: Path, server: AuthorizationServer) -> None:
    """With --browser the page comes back to 127.0.0.1, and the command ends by itself."""
    command = [sys.executable, "-m", "triagebot", "--config", str(config), "auth", "tests", "--browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdout is not None
        page = next(line.strip() for line in process.stdout if "response_type=code" in line)
        assert re.search(r"redirect_uri=http%3A%2F%2F127\.0\.0\.1%3A\d+&", page)
        browse(page)
        said = process.stdout.read()
        assert process.wait(20) == 0
    assert "Signed in with tests" in said


@pytest.mark.parametrize(
    ("arguments", "script", "told"),
    [
        (("nowhere",), [], "there is no such sign-in; there is: tests --account"),
        (("--account", "mia@adaweb.example"), [], "there is no such sign-in"),
        (("tests",), ["token", "access_denied"], "was not allowed"),
        (("tests",), ["500"], "has trouble of its own: 500"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    config: Path, server: AuthorizationServer, arguments: tuple[str, ...], script: list[str], told: str
) -> None:
    """Exit 1, a sentence, never a traceback."""
    server.script = script
    command = [sys.executable, "-m", "triagebot", "--config", str(config), "auth", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert told in done.stderr
    assert done.stderr.startswith("triagebot: ")
    assert len(done.stderr.splitlines()) == 1
