"""The daemon dies while it carries out an answer to the digest: all of it has happened then, or nothing, and once."""

import signal
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.app.desks import PLAN, Account, LiveDesk, client, proven
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink

ADA, ANN, BOB = "ada@company.test", "ann@client.test", "bob@other.test"
KNOWN = PLAN + client("ann", ANN, "retainer") + client("bob", BOB, "retainer")


def has_happened(desk: LiveDesk) -> dict[str, object]:
    """Everything the answer changes."""
    return {
        "drafts": desk.rows("SELECT class, state FROM outbox WHERE mail IS NOT NULL ORDER BY id"),
        "ticket": desk.rows("SELECT state FROM ticket ORDER BY id"),
        "lines": desk.rows("SELECT line, outcome FROM command"),
        "used": desk.rows(
            "SELECT ref, used_at IS NULL FROM digest_item JOIN digest ON digest.id = digest WHERE digest.id = 1"
        ),
        "confirmed": desk.rows("SELECT count(*) FROM outbox WHERE class = 'digest'"),
        "answer": desk.rows("SELECT state FROM mail WHERE subject LIKE 'Re:%'"),
    }


@pytest.mark.parametrize(
    ("point", "what"),
    [
        ("F11", "its first item used"),
        ("F11:2", "its draft approved"),
        ("F2", "the confirmation's row without its bytes"),
        ("F3", "committed"),
    ],
)
def test_an_answer_is_carried_out_whole_and_once(
    dovecot: Dovecot, account: str, sink: Sink, tmp_path: Path, point: str, what: str
) -> None:
    """Two commands and their confirmation are one transaction with the answer's own end."""
    box = Account.on_dovecot(dovecot, account, sink.port)
    with LiveDesk(tmp_path / "desk", box, mode="draft", clients=KNOWN) as desk:
        desk.start()
        dovecot.append_many(account, [proven(one, account, "Phone", "Please change the phone.") for one in (ANN, BOB)])
        desk.until(lambda: desk.sendings() == {"drafted": 2}, "the drafts")
        assert desk.run("digest", "--send").returncode == 0
        sink.wait_for(1)
        desk.until(lambda: desk.rows("SELECT state FROM outbox WHERE class = 'digest'") == [("sent",)], "the digest")
        assert desk.stop() == 0
        digest = message_from_bytes(sink.mails[0].raw)
        answer = proven(ADA, account, "Re: A day", "1 ok\n2 hold", f"In-Reply-To: {digest['Message-ID']}")
        dovecot.append(account, answer)
        before = has_happened(desk)

        desk.begin(crash_at=point)
        assert desk.wait() == -signal.SIGKILL, what
        assert (has_happened(desk) == before) == (point != "F3")

        desk.start()
        sink.wait_for(2)
        desk.until(
            lambda: desk.rows("SELECT count(*) FROM outbox WHERE class = 'digest' AND state = 'sent'") == [(2,)], "it"
        )
        done = has_happened(desk)
        assert done["lines"] == [("1 ok", "done"), ("2 hold", "done")]
        assert done["ticket"] == [("planned",), ("waiting-client",)]
        assert done["drafts"] == [("approved", "queued"), ("auto", "drafted")]
        assert done["answer"] == [("merged",)]
        assert len(sink.mails) == 2
        assert message_from_bytes(sink.mails[1].raw)["Auto-Submitted"] == "auto-replied"
        dovecot.append(account, answer)
        desk.until_decided(4)
        assert has_happened(desk)["confirmed"] == [(2,)]
        assert desk.rows("SELECT outcome FROM command ORDER BY id") == [("done",), ("done",), ("ignored",)]
        assert desk.stop() == 0
