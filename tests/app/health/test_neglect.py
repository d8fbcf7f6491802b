"""A desk left alone tells no dates, says so to the developer once, and goes on at the first act."""

from datetime import UTC, datetime
from pathlib import Path

from tests.app.cover_desks import BAKERY, CAFE, body, cover_desk
from tests.app.digests import show_digest
from tests.app.quick_desks import DAY, HOUR, MINUTE, NOW, write
from triagebot.app.health.evidence import gather_evidence, judge
from triagebot.app.health.neglect import is_left_alone, review_neglect, tell_neglect

CHANGE = "Please change the phone number."
LATER = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)  # friday: wednesday's, thursday's and friday's hours have passed


def test_nothing_is_promised_until_somebody_acts(tmp_path: Path) -> None:
    """Work that waits for three support hours: texts turn honest for every tier, work is written down and planned all
    the same, the watchdog has its one alarm; a command on a ticket ends it at once."""
    with cover_desk(tmp_path / "desk") as desk:
        desk.receive(write(BAKERY, "First", CHANGE), NOW)
        with desk.store.transaction():
            review_neglect(desk.store, desk.snapshot, LATER - HOUR - MINUTE)
        assert not is_left_alone(desk.store)
        with desk.store.transaction():
            review_neglect(desk.store, desk.snapshot, LATER)
        for author in (BAKERY, CAFE):
            made = desk.receive(write(author, "Second", f"{CHANGE} The fax of {author}."), LATER)
            assert made.ticket is not None
            assert made.ticket.promise is None
            assert made.ticket.slots
            assert made.reply is not None
            assert made.reply.values.promise is None
        assert desk.rows("SELECT promise FROM ticket WHERE id > 1") == [(None,), (None,)]
        for raw in desk.sent()[1:]:
            assert "Answers take longer than usual at present" in body(raw)
            assert "November 2026" not in body(raw)
        evidence = gather_evidence(desk.store, desk.snapshot, LATER, running=True)
        (problem,) = (one for one in judge(evidence, desk.snapshot, LATER) if one.id == "neglect")
        assert problem.is_alarming
        digest = show_digest(desk.store, desk.snapshot, LATER, LATER - DAY)
        assert "clients are told no dates any more" in digest
        with desk.store.transaction():
            desk.store.tickets.tell(1, "developer", "doing", "", LATER + MINUTE)
        assert not is_left_alone(desk.store)
        assert tell_neglect(desk.store, desk.snapshot, LATER + MINUTE) == ""
        made = desk.receive(write(BAKERY, "Third", f"{CHANGE} The third one, in Berlin."), LATER + 2 * MINUTE)
        assert made.ticket is not None
        assert made.ticket.promise is not None


def test_a_quiet_desk_is_not_left_alone(tmp_path: Path) -> None:
    """Nothing waits: a month without any act of the developer is a good one. In shadow mode nobody is told anything."""
    with cover_desk(tmp_path / "quiet") as desk:
        desk.receive(write(BAKERY, "How", "Where are the permalinks?"), NOW)
        assert tell_neglect(desk.store, desk.snapshot, NOW + 30 * DAY) == ""
    with cover_desk(tmp_path / "shadow", mode="shadow") as desk:
        desk.receive(write(BAKERY, "First", CHANGE), NOW)
        assert tell_neglect(desk.store, desk.snapshot, NOW + 30 * DAY) == ""
