"""`check --mail`: a mail to oneself proves the path, plus-addressing, and what becomes of forged results."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk
from tests.app.digests import unwrap
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import TRUSTED_MX
from tests.servers.sink import Sink
from tests.servers.stack import MailStack
from triagebot.app.desk.roundtrip import check_by_mail
from triagebot.app.desk.stamps import judge_stamps, with_forged_results
from triagebot.app.desk.view import DeskView, load_view
from triagebot.core.desk import Inbox, Limits, Server
from triagebot.core.reading.headers import read_headers
from triagebot.edge.store import open_store

ANYWHERE = Server("localhost", 1)
TASK = "plus-addressing/box0"


def view_of(desk: LiveDesk) -> DeskView:
    """Given a desk, return it as commands see it."""
    view, problems = load_view(desk.config, datetime.now(UTC))
    assert view is not None, problems
    return view


def test_the_whole_path_is_proved_beside_a_running_daemon(mail_stack: MailStack, tmp_path: Path) -> None:
    """Both mails come back, though the daemon moves them away; nobody is answered, the digest does not list them, and
    plus-addressing is remembered. The provider's own stamp is told, and that it took the forged one out."""
    stack = mail_stack
    account = Account.on_stack(stack, TRUSTED_MX, more='done = "Triaged"')
    with LiveDesk(tmp_path / "desk", account, developer=stack.developer) as desk:
        desk.start()
        desk.wait_for_log("connected folder=INBOX")
        done = desk.run("check", "--online", "--mail", seconds=100)
        said = done.stdout.decode()
        assert done.returncode == 0, said
        assert f"good  mail box0: a mail to {stack.support} came back into" in said
        assert "arrives as well; bounces are matched by it from now on" in said
        assert "the provider stamped Authentication-Results on it as mx.company.test" in said
        assert "was taken out by the provider" in said
        desk.until_idle(2)
        assert desk.states() == {"suppressed": 2}
        assert desk.rows("SELECT count(*) FROM outbox") == [(0,)]
        assert desk.rows("SELECT count(*) FROM done_once WHERE task = ?", TASK) == [(1,)]
        assert "A mail to myself" not in unwrap(desk.run("digest").stdout)
        assert desk.stop() == 0


def test_mails_that_do_not_come_back_are_told(dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path) -> None:
    """A server that swallows: the arrival is to be mended, the progress is told, and plus-addressing, proved once,
    counts no more."""
    with LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk:
        assert desk.run("run", "--once").returncode == 0
        store = open_store(desk.database)
        with store.transaction():
            store.health.do_once(TASK, datetime.now(UTC))
        progress: list[str] = []
        found = list(check_by_mail(view_of(desk), progress.append, wait_seconds=0.5, pause=0.2))
        assert [one.good for one in found] == [False, True]
        assert "did not come back within 0.5 s" in found[0].text
        assert "bounces are matched without it" in found[1].text
        assert "0 of 2 mails to itself are back" in progress[0]
        assert not store.health.was_done(TASK)
        store.close()
    local, _, domain = account.partition("@")
    recipients = [mail.recipients[0] for mail in sink.mails]
    assert recipients[0] == account
    assert recipients[1].startswith(f"{local}+c-")
    assert recipients[1].endswith(f"@{domain}")


def test_a_server_that_refuses_is_one_sentence(dovecot: Dovecot, account: str, tmp_path: Path) -> None:
    """What cannot even be sent is told with the server's words; the other inboxes are looked at all the same."""
    with (
        Sink(answers={account: ["550 5.7.1 not from here"]}) as sink,
        LiveDesk(tmp_path / "desk", Account.on_dovecot(dovecot, account, sink.port)) as desk,
    ):
        (found,) = check_by_mail(view_of(desk), lambda _: None, wait_seconds=0.5)
        assert not found.good
        assert "550 5.7.1 not from here" in found.text


REAL = "Authentication-Results: mx.company.test; dmarc=pass header.from=desk.test\r\n"
FAILED = "Authentication-Results: mx.company.test; dmarc=fail header.from=desk.test\r\n"
MAIL = "From: support@desk.test\r\nTo: support@desk.test\r\nSubject: x\r\n\r\n"
HOP = "Received: from a by relay.elsewhere.test\r\n"


def forged(*ids: str) -> str:
    """Given ids an inbox believes, return the mail with headers that claim to be theirs."""
    inbox = Inbox("box", ANYWHERE, ANYWHERE, authserv_ids=ids)
    return with_forged_results(MAIL.encode(), inbox, "support@desk.test", "token").decode()


@pytest.mark.parametrize(
    ("head", "good", "told"),
    [
        (REAL + MAIL, True, "taken out"),
        (REAL + forged("mx.company.test"), True, "survived, and is not believed"),
        (FAILED + forged("mx.company.test"), True, "survived, and is not believed"),
        (HOP + forged("mx.company.test"), True, "survived, and is not believed"),
        (forged("mx.company.test"), False, "survived and is believed"),
        (forged("*.company.test"), False, "survived and is believed"),
    ],
)
def test_a_forged_result_is_judged_as_mails_are(head: str, good: bool, told: str) -> None:
    """Gone, below a foreign hop or beside the provider's own verdict it does no harm; alone it would be believed."""
    ids = ("*.company.test",) if "check.company.test" in head else ("mx.company.test",)
    inbox = Inbox("box", ANYWHERE, ANYWHERE, authserv_ids=ids)
    found = list(judge_stamps("mail box", read_headers(head.encode(), Limits()), inbox, "token"))
    assert (found[-1].good, told in found[-1].text) == (good, True)


def test_microsofts_headers_are_forged_as_microsoft_writes_them() -> None:
    """They name no server; believed are they only at the top of a mail and with Microsoft's relays."""
    outlook = ("*.protection.outlook.com",)
    inbox = Inbox("box", ANYWHERE, ANYWHERE, authserv_ids=("office365-no-id",), trusted_mx=outlook)
    head = forged("office365-no-id")
    assert head.startswith("Authentication-Results: spf=pass (check token)")
    (stamp, verdict) = judge_stamps("mail box", read_headers(head.encode(), Limits()), inbox, "token")
    assert "stamped no" in stamp.text
    assert not verdict.good


def test_without_authserv_ids_nothing_is_forged() -> None:
    """Nothing is believed, so there is nothing to try."""
    inbox = Inbox("box", ANYWHERE, ANYWHERE)
    assert with_forged_results(MAIL.encode(), inbox, "support@desk.test", "token") == MAIL.encode()
    (stamp,) = judge_stamps("mail box", read_headers((REAL + MAIL).encode(), Limits()), inbox, "token")
    assert "as mx.company.test" in stamp.text
