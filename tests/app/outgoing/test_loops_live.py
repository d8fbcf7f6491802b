"""Two daemons on a real Dovecot that answer each other through a relay which takes every mark away."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path

import pytest

from tests.app.desks import AUTHSERV_ID, Account, LiveDesk, client, proven
from tests.app.quick_desks import header, relay, rename
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from triagebot.edge.tinymail.headers import stamp

MORE = 12


def deliver(dovecot: Dovecot, raw: bytes, author: str, to: str) -> None:
    """Given a mail and its way, file it as a provider does: its author is proven."""
    passed = f"dmarc=pass header.from={author.rpartition('@')[2]}"
    dovecot.append(to, stamp(raw, AUTHSERV_ID, passed, author, to, datetime.now(UTC)))


@pytest.mark.parametrize("change", [None, rename], ids=["ids-kept", "ids-renewed"])
def test_two_daemons_fall_silent(
    dovecot: Dovecot, new_account: Callable[[], str], tmp_path: Path, change: Callable[[Message], None] | None
) -> None:
    """Known to each other as clients and without any mark, they send two mails in all, and none for a dozen more;
    `loops` shows who was latched, and a release is taken by the running daemon."""
    first = new_account()
    second = dovecot.add_user(f"help@{first.partition('@')[0]}.agency.test")
    with (
        Sink() as out_first,
        Sink() as out_second,
        LiveDesk(
            tmp_path / "first",
            Account.on_dovecot(dovecot, first, out_first.port),
            clients=client("second", second),
            more="",
        ) as desk,
        LiveDesk(
            tmp_path / "second",
            Account.on_dovecot(dovecot, second, out_second.port),
            clients=client("first", first),
            more="",
        ) as other,
    ):
        for one in (desk, other):
            one.start()
            one.wait_for_log("connected folder=INBOX")
        dovecot.append(first, proven(second, first, "Permalinks", "The permalinks? Please change them."))
        answer = relay(out_first.wait_for(1)[0].raw, change)
        deliver(dovecot, answer, first, second)
        again = relay(out_second.wait_for(1)[0].raw, change)
        deliver(dovecot, again, second, first)
        desk.until_idle(2)
        for number in range(MORE):
            deliver(dovecot, relay(again, rename), second, first)
            deliver(dovecot, relay(answer, rename), first, second)
            desk.until_decided(3 + number)
            other.until_decided(2 + number)
        desk.until_idle(2 + MORE)
        other.until_idle(1 + MORE)
        (latch,) = [row for row in desk.ask("loops") if row["who"] == second]
        assert latch["silenced"] > 0
        assert latch["last_subject"] == header(again, "Subject")
        assert desk.run("loops", "release", str(latch["id"])).returncode == 0
        assert desk.ask("loops") == []
        dovecot.append(first, proven(second, first, "Help", "Our site is down!"))
        desk.until_idle(3 + MORE)
        assert (len(out_first.mails), len(out_second.mails)) == (2, 1)
        assert [desk.stop(), other.stop()] == [0, 0]
