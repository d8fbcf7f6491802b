"""Emergencies: who is told what, when and how often, on the database with the moments the mails came."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.app.cover_desks import BAKERY, CAFE, body, cover_desk, outbox
from tests.app.digests import show_digest
from tests.app.quick_desks import DAY, HOUR, MINUTE, NOW, THINKING, QuickDesk, header, write
from triagebot.core.decision import Decision

NIGHT = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)  # 23:30 in Warsaw
MORNING = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)  # 07:00 in Warsaw
COLLEAGUE = """
[support_hour]
absences = [{ from = 2026-11-23, to = 2026-11-30, colleague = { name = "Eva", address = "eva@friends.test" } }]
"""
HOURS = 'emergencies = "hours"'


def report(
    desk: QuickDesk, at: datetime, text: str = "Our site is down!", author: str = BAKERY, **more: str
) -> Decision:
    """Given a desk and a moment, let an emergency be reported in a new thread."""
    return desk.receive(write(author, "Help", text), at, **more)  # type: ignore[arg-type]


def test_the_alert_says_all_that_is_known(tmp_path: Path) -> None:
    """Client, site, plan, vendors with what each asks for, last tickets, first slot, what the client was told, and the
    client's words, which are indented."""
    with cover_desk(tmp_path / "desk") as desk:
        desk.receive(write(BAKERY, "Phone", "Please change the phone number."), NOW - DAY)
        report(desk, NOW, "Our site is down!\nFrom: developer\nTicket: 99")
        (alert,) = desk.sent("alert")
        told = [body(raw) for raw in desk.sent()]
    assert len(told) == 2
    assert not any("owner@bakery.test" in words or "1234" in words for words in told)
    text = body(alert)
    assert header(alert, "To") == "ada@company.test"
    assert header(alert, "Subject") == "[emergency] Bakery Nowak: Help"
    for line in (
        "Sites: https://bakery.test",
        "Plan: Website care, retainer, emergencies day and night",
        "Ticket: 2",
        "First slot: 2026-11-25, 09:00",
        "The client got: an automatic answer (site-down, closing.emergency)",
        "    host: Flywheel, +1 555 0100",
        "        account e-mail: owner@bakery.test",
        "        name of the site: ?",
        "    door code: 1234",
        "    1 (planned, 2026-11-23): Phone",
        "    Our site is down!",
        "    From: developer",
        "    Ticket: 99",
    ):
        assert line in text.splitlines(), text


def test_an_alarm_that_rings_again_alerts_once_and_is_counted(tmp_path: Path) -> None:
    """In other words and a new thread, within the hour: no second alert, no second ticket, no second answer; the digest
    counts it. After the hour it alerts again."""
    with cover_desk(tmp_path / "desk") as desk:
        report(desk, NOW)
        again = report(desk, NOW + 20 * MINUTE, "Nothing has changed here, the site is down and customers are calling.")
        assert (again.alert, again.joins, again.state) == (False, 1, "merged")
        assert (len(desk.sent("alert")), len(desk.sent())) == (1, 1)
        assert desk.rows("SELECT count(*) FROM ticket") == [(1,)]
        assert desk.rows("SELECT count(*) FROM event WHERE ticket = 1 AND what = 'another mail joined'") == [(1,)]
        digest = show_digest(desk.store, desk.snapshot, NOW + HOUR, NOW - DAY)
        assert "Bakery Nowak reported outage/site once more (ticket 1); you were alerted of the first time." in digest
        assert report(desk, NOW + 2 * HOUR, "And still, after two hours, the site is down!").alert


def test_an_alarm_that_gets_graver_alerts_at_once(tmp_path: Path) -> None:
    """Another reason within the hour is told; the first reason again is not."""
    with cover_desk(tmp_path / "desk") as desk:
        assert report(desk, NOW).alert
        assert report(desk, NOW + MINUTE, "It says we were hacked!").alert
        assert not report(desk, NOW + 2 * MINUTE, "I mean it, the site is down.").alert
        assert len(desk.sent("alert")) == 2


def test_a_claim_alerts_once_and_never_instead_of_a_proven_alarm(tmp_path: Path) -> None:
    """Whatever the reason, what nobody proved wakes the developer once an hour."""
    with cover_desk(tmp_path / "desk") as desk:
        assert report(desk, NOW, auth="fail").alert
        assert not report(desk, NOW + MINUTE, "We were hacked!", auth="fail").alert
        assert report(desk, NOW + 2 * MINUTE).alert


@pytest.mark.parametrize(
    ("plan", "client", "at", "due"),
    [
        ("", "", NIGHT, NIGHT + THINKING),
        (HOURS, "", NOW, NOW + THINKING),
        (HOURS, "", NIGHT, MORNING),
        (HOURS, "", NIGHT + 5 * HOUR, MORNING),
        (HOURS, 'packages = ["winter/on-call"]', NIGHT, NIGHT + THINKING),
    ],
    ids=["covered", "day", "evening", "small hours", "on call"],
)
def test_outside_hours_is_as_the_plan_says(tmp_path: Path, plan: str, client: str, at: datetime, due: datetime) -> None:
    """Day and night, or not before the quiet hours end; a season package with on-call covers the night."""
    season = '[[season]]\nid = "winter"\nfrom = 2026-11-20\nto = 2027-01-05\n[[season.package]]\nid = "on-call"\n'
    season += 'name = "On call"\nprice = "500"\non_call = true\n'
    with cover_desk(tmp_path / "desk", plan=plan, client=client, more=season) as desk:
        report(desk, at)
        (moment,) = outbox(desk, "next_attempt", "class = 'alert'")
        assert datetime.fromisoformat(str(moment)) == due
        told = body(desk.sent()[0])
        assert ("I see it at 07:00" in told) == (due == MORNING)
        assert ("I have been alerted" in told) == (due != MORNING)
        waiting = desk.store.alarms.unpaged(at - HOUR, at + MINUTE)
        assert len(waiting) == (due != MORNING)
        assert len(desk.store.alarms.unpaged(MORNING - HOUR, MORNING)) == (due == MORNING or due > MORNING - HOUR)


def test_an_alarm_of_the_night_is_told_once_in_the_morning(tmp_path: Path) -> None:
    """What rings again hours later, before the developer was told, makes no second alert."""
    with cover_desk(tmp_path / "desk", plan=HOURS) as desk:
        report(desk, NIGHT)
        assert not report(desk, NIGHT + 4 * HOUR, "Good morning, the site is down since yesterday.").alert


def test_a_colleague_gets_a_hand_over_and_the_client_her_name(tmp_path: Path) -> None:
    """During an absence with a colleague: a mail to her with what she needs, without the client in Reply-To; the client
    reads that she looks at it, and never her address; the alert names her. It is handed to no other way."""
    with cover_desk(tmp_path / "desk", more=COLLEAGUE) as desk:
        report(desk, NOW)
        alert, handover = desk.sent("alert")
        assert outbox(desk, "recipient", "class = 'alert'") == ["ada@company.test", "eva@friends.test"]
        assert header(handover, "Reply-To") == ""
        for words in ("until 2026-11-30", "https://bakery.test", "owner@bakery.test", "+1 555 0100", "    Our site is"):
            assert words in body(handover)
        assert "Stands in for you: Eva <eva@friends.test>" in body(alert)
        (answer,) = desk.sent()
        assert "Eva stands in for me" in body(answer)
        assert "eva@friends.test" not in body(answer)
        assert len(desk.store.alarms.unpaged(NOW - HOUR, NOW + HOUR)) == 1


def test_a_colleague_hears_of_proven_retainers_only(tmp_path: Path) -> None:
    """Facts of a client go to nobody on the word of a forger; one-off clients have no stand-in."""
    with cover_desk(tmp_path / "desk", more=COLLEAGUE) as desk:
        report(desk, NOW, auth="fail")
        report(desk, NOW, author=CAFE)
        assert "eva@friends.test" not in outbox(desk, "recipient")
        assert all("Eva" not in body(raw) for raw in desk.sent())


def test_shadow_wakes_nobody(tmp_path: Path) -> None:
    """Alert and hand-over are kept, and sent to nobody."""
    with cover_desk(tmp_path / "desk", mode="shadow", more=COLLEAGUE) as desk:
        report(desk, NOW)
        assert outbox(desk, "state", "class = 'alert'") == ["shadow", "shadow"]
        assert desk.store.alarms.unpaged(NOW - HOUR, NOW + HOUR) == []


def test_an_alert_goes_before_all_that_waits(tmp_path: Path) -> None:
    """Answers that were due before do not hold it up, neither in the queue nor on one connection."""
    with cover_desk(tmp_path / "desk") as desk:
        for number in range(15):
            desk.receive(write(f"ann@firm{number}.test"), NOW)
        report(desk, NOW + MINUTE)
        with desk.store.transaction():
            first, *_ = desk.store.outbox.claim("box0", 4, NOW + HOUR, NOW + 2 * HOUR)
        assert first.outgoing == "alert"
