"""A daemon whose mailbox has a sign-in instead of a password: real servers check its tokens, and tokens end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

from tests.app.desks import Account, LiveDesk, proven
from tests.app.signins import client_at, now, sign_in_before, table_of, view_in
from tests.servers.authorization import AuthorizationServer
from tests.servers.postfix import TRUSTED_MX
from tests.servers.stack import MailStack

HOUR, EXPIRED = timedelta(hours=1), timedelta(minutes=-1)
SECONDS = timedelta(seconds=6)
"""The life of a token that ends while the daemon runs."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Dovecot and Postfix that take tokens, the server that gives them, and a desk that signs in."""

    stack: MailStack
    provider: AuthorizationServer
    desk: LiveDesk

    def sign_in_before(self, refresh_token: str, valid: timedelta = HOUR, **how: timedelta) -> None:
        """Given a refresh token and how long an access token is valid, keep both as a sign-in some time ago did."""
        client = client_at(self.provider)
        token = self.stack.dovecot.token(self.stack.support, valid)
        view = view_in(self.desk.directory, client)
        sign_in_before(view, client, refresh_token, token, account=self.stack.support, **how)

    def receive(self, subject: str = "A question") -> None:
        """Let a mail arrive that gets an answer."""
        raw = proven(self.stack.client, self.stack.support, subject)
        self.stack.dovecot.append(self.stack.support, raw)


@contextmanager
def scene(stack: MailStack, directory: Path, *script: str) -> Iterator[Scene]:
    """Given servers and what the provider answers first, yield them with a desk that is not started yet."""
    numbers = count(1)

    def mint() -> str:
        return stack.dovecot.token(stack.support, HOUR + timedelta(seconds=next(numbers)))

    account = replace(Account.on_stack(stack, TRUSTED_MX), oauth="tests")
    with (
        AuthorizationServer(mint, *script) as provider,
        LiveDesk(directory / "desk", account, settings=table_of(client_at(provider))) as desk,
    ):
        yield Scene(stack, provider, desk)


def test_a_token_that_ends_while_it_runs_is_renewed(mail_stack: MailStack, tmp_path: Path) -> None:
    """The next login, here after a kick, is with a new token, shared by IMAP and SMTP; nobody notices anything."""
    with scene(mail_stack, tmp_path) as at:
        at.sign_in_before(at.provider.refresh_token(), SECONDS, ago=timedelta(0), lasts=SECONDS)
        ends = now() + SECONDS
        at.desk.start()
        at.desk.wait_for_log("connected folder=INBOX")
        assert at.provider.forms == []
        at.desk.until(lambda: now() > ends, "the end of the token")
        mail_stack.dovecot.kick(mail_stack.support)
        at.desk.wait_for_log("connected folder=INBOX", times=2)
        at.receive()
        at.desk.until_idle(1)
        assert len(mail_stack.dovecot.wait_for_messages(mail_stack.client, 1)) == 1
        assert len(at.provider.forms) == 1
        assert "refuses" not in at.desk.said()
        assert at.desk.stop() == 0


def test_a_token_withdrawn_early_is_renewed_at_the_refusal(mail_stack: MailStack, tmp_path: Path) -> None:
    """A server that refuses a kept token gets a new one before anything is reported."""
    with scene(mail_stack, tmp_path) as at:
        at.sign_in_before(at.provider.refresh_token(), EXPIRED, ago=timedelta(minutes=30))
        at.desk.start()
        at.receive()
        at.desk.until_idle(1)
        assert at.desk.sendings() == {"sent": 1}
        assert "problem=" not in at.desk.said()
        assert len(at.provider.forms) == 1
        status = at.desk.status()
        assert status["problems"] == []
        assert [(one["id"], one["account"]) for one in status["signins"]] == [("tests", mail_stack.support)]
        assert at.desk.stop() == 0


def test_a_sign_in_that_ended_is_told_and_mended_by_signing_in(mail_stack: MailStack, tmp_path: Path) -> None:
    """Status says what to type; what waits to be sent waits; after `auth` the daemon goes on within moments."""
    with scene(mail_stack, tmp_path) as at:
        at.sign_in_before("withdrawn", EXPIRED, ago=2 * HOUR)
        at.desk.start()
        at.desk.wait_for_log("has ended (invalid_grant")
        at.receive()
        told = [one for one in at.desk.status()["problems"] if "run: triagebot auth tests" in one]
        assert any(one.startswith("inbox box0: the sign-in tests of ") for one in told)
        assert at.desk.run("check", "--online").returncode == 1
        assert len(at.provider.forms) == 1
        signed_in = at.desk.run("auth", "tests", "--device")
        assert signed_in.returncode == 0, signed_in.stderr
        said = signed_in.stdout.decode()
        assert "WDJB-MJHT" in said
        assert f"Signed in with tests as {mail_stack.support}" in said
        at.desk.until_idle(1)
        assert at.desk.sendings() == {"sent": 1}
        assert at.desk.status()["problems"] == []
        assert at.desk.stop() == 0


def test_trouble_at_the_provider_passes(mail_stack: MailStack, tmp_path: Path) -> None:
    """Answers of trouble are told as such; then it goes on by itself, and no mail has lost an attempt."""
    with scene(mail_stack, tmp_path, "500", "not_json") as at:
        at.sign_in_before(at.provider.refresh_token(), EXPIRED, ago=2 * HOUR)
        at.desk.start()
        at.desk.wait_for_log("has trouble of its own: 500")
        at.receive()
        at.desk.until_idle(1)
        assert at.desk.sendings() == {"sent": 1}
        assert at.desk.rows("SELECT attempts FROM outbox WHERE class = 'auto'") == [(1,)]
        assert "works again" in at.desk.said()
        assert at.desk.stop() == 0


def test_no_token_is_anywhere_but_in_its_file(mail_stack: MailStack, tmp_path: Path) -> None:
    """Neither log nor database nor any other file of the desk holds one, after renewals, refusals and commands."""
    with scene(mail_stack, tmp_path) as at:
        first = at.provider.refresh_token()
        at.sign_in_before(first, EXPIRED, ago=timedelta(minutes=30))
        at.desk.start()
        at.receive()
        at.desk.until_idle(1)
        shown = b"".join(
            one.stdout + one.stderr
            for one in (at.desk.run("auth", "--list"), at.desk.run("status"), at.desk.run("check", "--online"))
        )
        assert at.desk.stop() == 0
        secrets = [one.encode() for one in (first, *at.provider.minted, *at.provider.live)]
        files = [path for path in at.desk.directory.rglob("*") if path.is_file() and path.suffix != ".json"]
        assert len(files) > 10
        assert [path for path in files for one in secrets if one in path.read_bytes()] == []
        assert not [one for one in secrets if one in shown]
        kept = next((at.desk.directory / "var" / "oauth").glob("*.json")).read_bytes()
        assert at.provider.minted[-1].encode() in kept
