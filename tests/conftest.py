"""Fixtures every test may ask for: real mail servers, an SMTP sink, the embedded pair.

Tests that need Dovecot or Postfix are left out where these are not installed, unless TRIAGEBOT_REAL_SERVERS
is "1": then they fail, so that continuous integration cannot become green by testing nothing.

Properties are tried on the same examples in every run, so that a run says the same twice; with TRIAGEBOT_EXPLORE
set to "1" they look for new ones.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from itertools import count
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import settings

from tests.servers import postfix as postfix_server
from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot, find_program
from tests.servers.postfix import Postfix
from tests.servers.process import short_directory
from tests.servers.sink import Sink
from tests.servers.stack import MailStack, make_stack
from triagebot.edge.tinymail import TinyMail

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("same", derandomize=os.environ.get("TRIAGEBOT_EXPLORE") != "1", database=None, deadline=None)
settings.load_profile("same")
REAL_FIXTURES = {"dovecot", "postfix", "browser"}
_numbers = count(1)


def pytest_report_header() -> str:
    """Say in one line which real servers the run uses."""
    return f"mail servers: {_describe_dovecot()}; {_describe_postfix()}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say it at the end instead, where a quiet run prints no header."""
    if config.get_verbosity() < 0:
        terminalreporter.write_line(pytest_report_header())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a real server, so that `-m "not real_servers"` leaves it out."""
    for item in items:
        if REAL_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.real_servers)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A running Dovecot, shared by all tests: a test that stops it starts it again. See `account`."""
    if find_program("dovecot") is None:
        leave_out("Dovecot is not installed (Debian: dovecot-imapd dovecot-lmtpd)")
    with short_directory("tb") as directory, Dovecot(directory) as server:
        yield server


@pytest.fixture(scope="session")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    """A running Postfix that delivers into `dovecot`, shared by all tests."""
    if not postfix_server.is_available():
        leave_out("Postfix is not installed (Debian: postfix), or this user is not root")
    with Postfix(dovecot) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A running browser. It ends with the tests of its file: its event loop must not run beside those of others."""
    from tests.servers.browser import find_browser, run_browser

    if find_browser() is None:
        leave_out("chromium is not installed (Debian: chromium fonts-vlgothic)")
    with run_browser() as running:
        yield running


@pytest.fixture
def new_account(dovecot: Dovecot) -> Callable[[], str]:
    """A function that makes a fresh, empty account on `dovecot` and returns its address."""
    return lambda: dovecot.add_user(f"user@fresh{next(_numbers)}.test")


@pytest.fixture
def account(new_account: Callable[[], str]) -> str:
    """The address of a fresh, empty account on `dovecot`; its password is `dovecot.users[account]`."""
    return new_account()


@pytest.fixture
def mail_stack(dovecot: Dovecot, postfix: Postfix) -> MailStack:
    """Dovecot and Postfix with fresh accounts: support and developer in one domain, a client in another."""
    return make_stack(dovecot, postfix, next(_numbers))


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A plain SMTP sink."""
    with Sink() as server:
        yield server


@pytest.fixture
def tinymail() -> Iterator[TinyMail]:
    """The embedded IMAP and SMTP pair with support@company.test and alice@client.test, password "secret"."""
    with TinyMail({"support@company.test": "secret", "alice@client.test": "secret"}) as server:
        yield server


@pytest.fixture(scope="session")
def authority() -> Iterator[Authority]:
    """An own certificate authority for servers that speak TLS."""
    with short_directory("tb-ca") as directory:
        yield Authority(directory)


def leave_out(reason: str) -> NoReturn:
    """Given what is missing, skip the test, or fail it where the real servers have to be there."""
    if os.environ.get("TRIAGEBOT_REAL_SERVERS") == "1":
        pytest.fail(f"TRIAGEBOT_REAL_SERVERS is 1, but {reason}")
    pytest.skip(reason)


def _describe_dovecot() -> str:
    program = find_program("dovecot")
    return f"Dovecot {_ask(program, '--version')}" if program else "Dovecot left out (not installed)"


def _describe_postfix() -> str:
    program = find_program("postconf")
    if postfix_server.is_available() and program:
        return f"Postfix {_ask(program, '-d', '-h', 'mail_version')}"
    return "Postfix left out (not root)" if program else "Postfix left out (not installed)"


def _ask(*command: str) -> str:
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.partition(" ")[0].strip()
