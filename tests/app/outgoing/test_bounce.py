"""A bounce of a real Postfix, on the way it really takes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk, proven
from tests.servers.postfix import TRUSTED_MX
from tests.servers.stack import MailStack
from triagebot.app.outgoing.rows import plus_mark
from triagebot.edge.store import open_store


@pytest.mark.parametrize("tagged", [False, True], ids=["plain-sender", "token-sender"])
def test_an_unknown_user_comes_back_and_gets_no_more_mail(mail_stack: MailStack, tmp_path: Path, tagged: bool) -> None:
    """Postfix takes the answer and Dovecot has no such user: the row is returned with the server's words, the address
    suppressed, and its next mail is not answered. With proven plus-addressing bounces come to an address of their own.
    """
    stack = mail_stack
    ghost = f"ghost@{stack.client.rpartition('@')[2]}"
    stack.dovecot.users[ghost] = "unused"  # Postfix believes it, Dovecot has no such file
    try:
        with LiveDesk(tmp_path / "desk", Account.on_stack(stack, TRUSTED_MX)) as desk:
            if tagged:
                _prove_plus_addressing(desk)
            desk.start()
            desk.wait_for_log("connected folder=INBOX")
            stack.dovecot.append(stack.support, proven(ghost, stack.support))
            desk.until_decided(2)
            assert desk.sendings() == {"returned": 1}
            (row,) = desk.ask("outbox")
            assert row["answer"].startswith(f"came back: 5.1.1 {ghost} ")
            (suppressed,) = desk.ask("outbox", "suppressed")
            assert (suppressed["address"], suppressed["outbox"]) == (ghost, row["id"])
            stack.dovecot.append(stack.support, proven(ghost, stack.support, "Again", "Please change the colour"))
            desk.until_decided(3)
            assert desk.stop() == 0
            assert desk.sendings() == {"returned": 1}
            assert desk.rows("SELECT codes FROM mail ORDER BY id DESC LIMIT 1")[0][0].startswith("suppressed-address")
            assert ("+b-" in desk.rows("SELECT mail_from FROM outbox")[0][0]) == tagged
        bounce = stack.dovecot.messages(stack.support)[1].decode()
        assert ("+b-" in bounce[: bounce.index("\r\n\r\n")]) == tagged
    finally:
        del stack.dovecot.users[ghost]


def _prove_plus_addressing(desk: LiveDesk) -> None:
    """What `check --online --mail` leaves behind."""
    store = open_store(desk.database)
    with store.transaction():
        store.health.do_once(plus_mark("box0"), datetime.now(UTC))
    store.close()
