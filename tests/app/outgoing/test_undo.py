"""The undo window: what waits can be stopped, by a person or by the client's next mail; approval happens once."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.app.desks import PLAN, client
from tests.app.digests import show_digest
from tests.app.quick_desks import DAY, HOUR, MINUTE, NOW, SECOND, QuickDesk, header, quick_desk, write
from triagebot.app.desk.snapshot import load_snapshot
from triagebot.app.health.status import gather_status
from triagebot.app.outgoing.outbox import approve_mail, change_outbox, list_outbox
from triagebot.core.decision import AuthState
from triagebot.core.errors import StoreError
from triagebot.edge.store.rows import instant

ANN, BAKERY = "ann@client.test", "jan@bakery.test"
KNOWN = PLAN + client("bakery", BAKERY, "retainer")


@pytest.fixture
def slow_desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A live desk whose answers about permalinks wait an hour, and its others ten minutes."""
    with quick_desk(tmp_path / "slow", clients=KNOWN, more='[outbox]\ndelay = "10m"\n') as desk:
        rules = desk.config.parent / "rules" / "10-small.toml"
        text = rules.read_text("utf-8").replace('id = "permalinks"', 'id = "permalinks"\ndelay = "1h"')
        rules.write_text(text.replace('id = "site-down"', 'id = "site-down"\ndelay = "0s"'), "utf-8")
        snapshot = load_snapshot(desk.config, NOW).snapshot
        assert snapshot is not None
        desk.snapshot = snapshot
        yield desk


@pytest.fixture
def drafting(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk in draft mode with a known client."""
    with quick_desk(tmp_path / "drafting", mode="draft", clients=KNOWN) as desk:
        yield desk


def due(desk: QuickDesk) -> list[timedelta]:
    """Return how long each automatic answer waits."""
    rows = desk.rows("SELECT id FROM outbox WHERE class = 'auto' ORDER BY id")
    found = [desk.store.outbox.find(row[0]) for row in rows]
    return [instant(one["next_attempt"]) - instant(one["created_at"]) for one in found if one]


def states(desk: QuickDesk) -> dict[str, int]:
    """Return how many outgoing mails are in each state."""
    return desk.store.outbox.count_states()


def follow_up(desk: QuickDesk, author: str = ANN, auth: AuthState = "pass", text: str = "One more thing.") -> None:
    """Let somebody write in the thread of the first mail."""
    first = desk.rows("SELECT message_id FROM mail ORDER BY id LIMIT 1")[0][0]
    desk.receive(write(author, "Re: A question", text, f"In-Reply-To: {first}"), NOW + 20 * MINUTE, auth)


def test_a_rules_delay_beats_the_desks(slow_desk: QuickDesk) -> None:
    """Of several rules the longest counts; a rule may also say that its answer leaves at once; alerts never wait."""
    slow_desk.receive(write(ANN), NOW)
    slow_desk.receive(write("bob@client2.test", "Small", "Please change the footer"), NOW)
    slow_desk.receive(write(BAKERY, "Help", "Our site is down"), NOW)
    slow_desk.receive(write("eve@client3.test", "Both", "The permalinks, and please change the footer"), NOW)
    assert due(slow_desk) == [HOUR, 10 * MINUTE, timedelta(0), HOUR]
    (alert,) = slow_desk.rows("SELECT next_attempt = created_at, undo_until FROM outbox WHERE class = 'alert'")
    assert alert == (1, None)


def test_what_waits_is_no_worry(slow_desk: QuickDesk) -> None:
    """An answer in its window is listed with when it leaves; it is late only when it has not left by then."""
    slow_desk.receive(write(ANN), NOW)
    (row,) = list_outbox(slow_desk.snapshot, ("queued",))
    assert row["leaves"] == "2026-11-24 10:00"
    assert gather_status(slow_desk.store, slow_desk.snapshot, NOW + HOUR - MINUTE)["oldest unsent"] == "none"
    for now, late in ((NOW + HOUR, False), (NOW + 3 * HOUR, True)):
        problems = gather_status(slow_desk.store, slow_desk.snapshot, now)["problems"]
        assert any("outbox" in problem for problem in problems) == late


def test_another_mail_of_the_client_stops_what_waits(slow_desk: QuickDesk) -> None:
    """The answer would talk past them: it is stopped, told under "Needs you", and `retry` sends it all the same."""
    slow_desk.receive(write(ANN), NOW)
    follow_up(slow_desk)
    assert states(slow_desk) == {"stopped": 1}
    digest = show_digest(slow_desk.store, slow_desk.snapshot, NOW + HOUR, NOW - HOUR)
    assert f"Mail to {ANN} was stopped" in digest[digest.index("Needs you") :]
    with slow_desk.store.transaction():
        assert slow_desk.store.outbox.claim("box0", 8, NOW + 2 * HOUR, NOW + 3 * HOUR) == []
    (row,) = list_outbox(slow_desk.snapshot, ("stopped",))
    change_outbox(slow_desk.snapshot, int(row["id"]), ("stopped",), "queued", NOW + HOUR)
    with slow_desk.store.transaction():
        assert len(slow_desk.store.outbox.claim("box0", 8, NOW + 2 * HOUR, NOW + 3 * HOUR)) == 1


@pytest.mark.parametrize(
    ("author", "auth"),
    [("mallory@elsewhere.test", "pass"), (ANN, "fail"), (ANN, "unknown")],
    ids=["somebody-else", "forged", "unproven"],
)
def test_nobody_else_stops_it(slow_desk: QuickDesk, author: str, auth: AuthState) -> None:
    """Neither a stranger in the thread nor a mail that only claims to be the client's."""
    slow_desk.receive(write(ANN), NOW)
    follow_up(slow_desk, author, auth)
    assert states(slow_desk).get("stopped", 0) == 0


def test_machines_and_copies_stop_nothing(drafting: QuickDesk) -> None:
    """An absence note in the thread is no word of the client, and the same mail once more is no news."""
    drafting.receive(write(ANN), NOW)
    first = drafting.rows("SELECT message_id FROM mail")[0][0]
    more = write(ANN, "Re: A question", "One more thing.", f"In-Reply-To: {first}")
    drafting.receive(more, NOW + MINUTE)
    approve_mail(drafting.snapshot, 1, NOW + 2 * MINUTE, anyway=True)
    away = write(ANN, "Away", "I am away.", f"In-Reply-To: {first}", "Auto-Submitted: auto-replied")
    drafting.receive(away, NOW + 3 * MINUTE)
    drafting.receive(more, NOW + 4 * MINUTE)
    assert states(drafting) == {"queued": 1}


def test_what_left_at_once_is_not_stopped(tmp_path: Path) -> None:
    """Without a window the answer is on its way, even when the server lets it wait."""
    with quick_desk(tmp_path / "desk") as desk:
        desk.receive(write(ANN), NOW)
        follow_up(desk)
        assert states(desk) == {"queued": 1}


def test_an_approval_takes_effect_once(drafting: QuickDesk) -> None:
    """It becomes an approved mail with the draft's bytes, leaves after the window, and is in the ticket's story."""
    drafting.receive(write(BAKERY, "Small", "Please change the footer"), NOW)
    (draft,) = drafting.sent()
    assert header(draft, "Message-ID").startswith("<ap.")
    assert approve_mail(drafting.snapshot, 1, NOW + HOUR, anyway=False) == "2026-11-24 10:10"
    with pytest.raises(StoreError, match="was approved before and is queued"):
        approve_mail(drafting.snapshot, 1, NOW + HOUR, anyway=True)
    with drafting.store.transaction():
        assert drafting.store.outbox.claim("box0", 8, NOW + HOUR + 10 * MINUTE - SECOND, NOW + DAY) == []
        (one,) = drafting.store.outbox.claim("box0", 8, NOW + HOUR + 10 * MINUTE, NOW + DAY)
    assert (one.outgoing, one.raw) == ("approved", draft)
    assert one.expires_at == NOW + HOUR + 10 * MINUTE + 5 * DAY
    assert drafting.rows("SELECT who, ticket FROM event WHERE what = 'answer approved'") == [("developer", 1)]


@pytest.mark.parametrize("mode", ["draft", "shadow"])
def test_what_is_kept_looks_as_a_person_sends_it(tmp_path: Path, mode: str) -> None:
    """No mark and no word of an automatic mail (safety.md B), whether it is approved or sent from Drafts by hand."""
    with quick_desk(tmp_path / "desk", mode=mode) as desk:
        frame = desk.config.parent / "replies" / "en" / "frame.md"
        frame.write_text(frame.read_text("utf-8") + "{% if automatic %}I am a robot.{% endif %}\n", "utf-8")
        snapshot = load_snapshot(desk.config, NOW).snapshot
        assert snapshot is not None
        desk.snapshot = snapshot
        desk.receive(write(ANN), NOW)
        (kept,) = desk.sent()
    for name in ("Auto-Submitted", "X-Auto-Response-Suppress", "Precedence"):
        assert message_from_bytes(kept)[name] is None
    assert b"robot" not in kept


def test_an_answer_that_no_longer_fits_needs_a_second_word(drafting: QuickDesk) -> None:
    """When the client wrote again, or the mail it answers is days old, approving it asks first."""
    drafting.receive(write(ANN), NOW)
    drafting.receive(write("bob@client2.test"), NOW)
    follow_up(drafting)
    with pytest.raises(StoreError, match=r"wrote again since \(`triagebot explain 3`\)"):
        approve_mail(drafting.snapshot, 1, NOW + HOUR, anyway=False)
    with pytest.raises(StoreError, match="is 4 days old"):
        approve_mail(drafting.snapshot, 2, NOW + 4 * DAY, anyway=False)
    assert states(drafting) == {"draft": 2}
    approve_mail(drafting.snapshot, 1, NOW + HOUR, anyway=True)
    approve_mail(drafting.snapshot, 2, NOW + 4 * DAY, anyway=True)
    assert states(drafting) == {"queued": 2}


def test_another_mail_stops_an_approved_answer(drafting: QuickDesk) -> None:
    """In its window an approved answer is as good as unsaid."""
    drafting.receive(write(ANN), NOW)
    approve_mail(drafting.snapshot, 1, NOW + 15 * MINUTE, anyway=False)
    follow_up(drafting)
    assert states(drafting) == {"stopped": 1}


def test_what_cannot_be_approved_says_why(drafting: QuickDesk, slow_desk: QuickDesk) -> None:
    """No such mail, an alert, a mail that is on its way by itself: one sentence each."""
    slow_desk.receive(write(BAKERY, "Help", "Our site is down"), NOW)
    for desk, number, sentence in (
        (drafting, 99, "there is no mail 99"),
        (slow_desk, 1, "no answer that waits for you: auto, queued"),
        (slow_desk, 2, "no answer that waits for you: alert, queued"),
    ):
        with pytest.raises(StoreError, match=sentence):
            approve_mail(desk.snapshot, number, NOW, anyway=True)


def test_an_approved_mail_that_cannot_leave_is_told(drafting: QuickDesk) -> None:
    """After four hours the digest says so (safety.md G.2)."""
    drafting.receive(write(ANN), NOW)
    approve_mail(drafting.snapshot, 1, NOW, anyway=False)
    for now, told in ((NOW + 4 * HOUR, False), (NOW + 5 * HOUR, True)):
        digest = show_digest(drafting.store, drafting.snapshot, now, NOW - HOUR)
        assert ("is still not sent" in digest) == told


def test_the_modes_of_tiers_are_shown(tmp_path: Path) -> None:
    """Status and digest tell who gets automatic mail."""
    with quick_desk(tmp_path / "desk", settings='tier_modes = { retainer = "draft" }\n') as desk:
        assert gather_status(desk.store, desk.snapshot, NOW)["modes"] == "live (retainer: draft)"
        digest = show_digest(desk.store, desk.snapshot, NOW, NOW - HOUR)
        assert "The desk is in live (retainer: draft) mode: only tiers in live mode get automatic mail." in digest
