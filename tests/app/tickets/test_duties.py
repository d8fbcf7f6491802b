"""Standing duties as tickets: once for each period, planned, told to no client, missed in the digest."""

from pathlib import Path

from tests.app.cover_desks import BAKERY, cover_desk
from tests.app.digests import show_digest
from tests.app.quick_desks import DAY, MINUTE, NOW, QuickDesk, write
from triagebot.app.money.ledger import Booking, book_minutes
from triagebot.app.tickets.agenda import replan
from triagebot.app.tickets.duties import open_duties
from triagebot.core.hours.overdue import count_overdue

DUTY = """
[[plan.duty]]
id = "updates"
name = "Updates, with a backup before"
every = "month"
minutes = 20
"""


def make(desk: QuickDesk, after: int = 0) -> int:
    """Given days from now, do what the night does; return how many tickets it opened."""
    with desk.store.transaction():
        return open_duties(desk.store, desk.snapshot, NOW + after * DAY)


def test_a_duty_is_opened_once_a_period(tmp_path: Path) -> None:
    """However often the night comes, and also when the first ticket is closed; the next month has its own."""
    with cover_desk(tmp_path / "desk", plan=DUTY) as desk:
        assert [make(desk), make(desk), make(desk, after=1)] == [1, 0, 0]
        desk.store.tickets.close(1, "developer", "not needed", NOW, NOW.date())
        assert [make(desk, after=2), make(desk, after=7), make(desk, after=8)] == [0, 1, 0]
        rows = desk.rows("SELECT client, tier, kind, subject, due, promise, duty, source FROM ticket WHERE id = 2")
        name = "Updates, with a backup before"
        assert rows == [("bakery", "retainer", "work", name, "2026-12-31", None, "updates/2026-12", "duty")]
        assert desk.sent() == []


def test_it_is_planned_behind_what_clients_wait_for_and_before_its_day(tmp_path: Path) -> None:
    """It has minutes in a coming hour; a client's request that came later is done first."""
    with cover_desk(tmp_path / "desk", plan=DUTY, more="\n[support_hour]\nminutes = 20\nmargin = 0\n") as desk:
        make(desk, after=7)
        at = NOW + 7 * DAY + MINUTE
        desk.receive(write(BAKERY, "Phone", "Please change the phone number."), at)
        make(desk, after=7)
        with desk.store.transaction():
            replan(desk.store, desk.snapshot, at)
        last = dict(desk.rows("SELECT ticket, max(day) FROM slot GROUP BY ticket"))
        assert last[2] <= last[1] <= "2026-12-31"


def test_done_it_is_paid_by_the_plan_and_stands_in_the_statement(tmp_path: Path) -> None:
    """Its minutes come out of the balance, and its name is among the duties that were done."""
    with cover_desk(tmp_path / "desk", plan=DUTY) as desk:
        make(desk)
        with desk.store.transaction():
            booking = Booking("key", "bakery", 15, "Updated", ticket=1)
            receipt = book_minutes(desk.store, desk.snapshot, booking, NOW)
            desk.store.tickets.close(1, "developer", "done", NOW + MINUTE, NOW.date())
        assert receipt.balance is not None
        ((name, _),) = desk.store.ledger.duties_done("bakery", NOW - DAY, NOW + DAY)
        assert name == "Updates, with a backup before"


def test_a_missed_one_stands_in_the_digest_and_alarms_nobody(tmp_path: Path) -> None:
    """On the day after its last, with what to do; before that day, and as an overdue answer, never."""
    with cover_desk(tmp_path / "desk", plan=DUTY) as desk:
        make(desk)
        for days, told in ((6, False), (7, True)):
            moment = NOW + days * DAY
            digest = show_digest(desk.store, desk.snapshot, moment, moment - DAY)
            assert ("Updates, with a backup before (2026-11) was missed" in digest) == told
        owed = desk.store.health.owed_to_retainers()
        within = desk.snapshot.desk.desk.answer_within
        assert count_overdue(owed, within, desk.snapshot.calendar, NOW + 30 * DAY) == 0
