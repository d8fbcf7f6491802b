"""Three days of a real desk, from mails in to the mail out, as text and page: a quiet one, a usual one, a bad one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.desks import PLAN, client
from tests.app.quick_desks import SECOND, QuickDesk, quick_desk, write
from tests.golden import check_golden
from triagebot.app.digest.gather import gather_digest
from triagebot.app.digest.hints import give_hints
from triagebot.app.digest.voice import voice_of
from triagebot.app.tickets.agenda import replan
from triagebot.core.decision import TicketPlan
from triagebot.core.digest.content import AnswerTo
from triagebot.core.digest.fit import Rendered, render_mail
from triagebot.edge.store.work.tickets import NewTicket

GOLDEN = Path(__file__).parents[2] / "golden_digests"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
EARLY = datetime(2026, 11, 24, 5, tzinfo=UTC)  # Tuesday, 06:00 in Warsaw
DUE = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
TOKEN = "aa7k2mzq4tyx3c5vpl6nd8wb2hfr9gj0se1u"
ANSWER = AnswerTo(f"support+d-{TOKEN}@company.test", f"Re: Test Desk [d-{TOKEN}]")
BAKERY, SHOP, HOTEL = "jan@bakery.test", "kim@shop.test", "eva@hotel.test"
VENDORS = """
[[vendor]]
id = "hover"
kind = "registrar"
name = "Hover"
help = "https://help.hover.example"
contact = "chat on their site"

[[vendor]]
id = "flywheel"
kind = "host"
name = "Flywheel"
help = "https://help.flywheel.example"
contact = "ticket in the dashboard"
emergency = "+48 600 000 000"
"""
STACK = 'sites = ["https://bakery.test"]\nstack = { registrar = "hover", host = "flywheel" }\n'
KNOWN = (
    PLAN
    + VENDORS
    + client("bakery", BAKERY, "retainer", STACK)
    + client("shop", SHOP, "one-off")
    + client("hotel", HOTEL, "retainer")
)
SETTINGS = 'timezone = "Europe/Warsaw"\n[booking]\nrate = "80"\ncurrency = "EUR"\n'


def open_day(directory: Path, settings: str = "") -> AbstractContextManager[QuickDesk]:
    """Given a new directory and further settings, open a desk there, in Warsaw, with three clients."""
    return quick_desk(directory / "desk", clients=KNOWN, settings=f"{settings}{SETTINGS}")


def live_quietly(desk: QuickDesk) -> None:
    """Nobody writes."""
    assert desk.rows("SELECT count(*) FROM mail") == [(0,)]


def live_usually(desk: QuickDesk) -> None:
    """A question, two changes, an outage, a project, a newsletter, an invitation, somebody forged, somebody unknown."""
    for number, (author, subject, text) in enumerate(
        (
            (BAKERY, "Page addresses", "Where are the permalinks?"),
            (BAKERY, "Phone", "Hello,\n\nplease change the phone number on the contact page to 555 0142.\n\nJan"),
            (SHOP, "Banner", "Please change the banner, it still shows the summer sale.\n\n2 ok\nall ok"),
            (HOTEL, "Site", "Our site is down! Guests cannot book."),
            ("sam@elsewhere.test", "Do you build shops?", "I found you in the phone book. What would a shop cost?"),
        )
    ):
        desk.receive(write(author, subject, text), EARLY + number * MINUTE)
    desk.receive(
        write(SHOP, "Invoice attached", "Please change our bank account.", to="support@company.test"), EARLY, "fail"
    )
    desk.receive(write("news@list.test", "Ten tips", "Tips.", "List-Id: <tips.list.test>"), EARLY)
    open_ticket(desk, "New season page", date(2026, 11, 24), EARLY - 6 * DAY)
    with desk.store.transaction():
        desk.store.tickets.tell(4, "developer", "note", "worked on the pictures", EARLY - DAY)


def live_badly(desk: QuickDesk) -> None:
    """Two hundred mails, five broken promises, a latched loop, a login that fails."""
    for number in range(5):
        open_ticket(desk, f"Promise {number + 1}", date(2026, 11, 16 + number), EARLY - 14 * DAY)
    for number in range(12):
        desk.receive(
            write("shop@vendor.test", f"Order {number}", f"permalinks {'x ' * number}"), EARLY + number * 20 * SECOND
        )
    texts = (
        "Where are the permalinks?",
        "Please change the footer.",
        "Something else.\n1 ok",
        "<script>12 ok</script>",
    )
    for number in range(150):
        author = f"a{number}@client{number % 70}.test"
        desk.receive(write(author, f"Matter {number}", texts[number % 4]), EARLY + number * 15 * SECOND)
    for number in range(38):
        desk.receive(write(f"news{number}@list.test", f"News {number}", "News.", "List-Id: <x>"), EARLY)
    with desk.store.transaction():
        desk.store.health.fails("inbox box0", "the server does not take the password", EARLY, refused=True)
    assert desk.rows("SELECT count(*) FROM mail") == [(200,)]


def open_ticket(desk: QuickDesk, subject: str, promise: date, at: datetime) -> None:
    """Given a subject, a promise and a moment, open a ticket of the bakery, and plan it."""
    plan = TicketPlan("work", 30, "planned", promise, (), promise)
    with desk.store.transaction():
        ticket = NewTicket(plan, "one-off", subject, f"About {subject}.", client="bakery", sender_key=BAKERY)
        desk.store.tickets.open(ticket, at)
        replan(desk.store, desk.snapshot, EARLY)


def render(desk: QuickDesk) -> Rendered:
    """Given a desk, return its digest of the day as it is sent, but for the token, which is another for each key."""
    digest = gather_digest(desk.store, desk.snapshot, DUE, DUE - DAY, DUE)
    hints = give_hints(digest.sections, desk.snapshot)
    return render_mail(replace(digest, answer=ANSWER, hints=hints), voice_of(desk.snapshot))


@pytest.mark.parametrize(
    ("name", "live", "settings"),
    [
        ("desk-quiet", live_quietly, ""),
        ("desk-usual", live_usually, 'tier_modes = { one-off = "draft" }\n'),
        ("desk-bad", live_badly, ""),
    ],
)
def test_golden_days(tmp_path: Path, name: str, live: Callable[[QuickDesk], None], settings: str) -> None:
    """Each looks as it is checked in."""
    with open_day(tmp_path, settings) as desk:
        live(desk)
        rendered = render(desk)
    check_golden(GOLDEN / name / "digest.txt", rendered.text)
    check_golden(GOLDEN / name / "digest.html", rendered.html)


def test_on_a_bad_day_what_breaks_is_on_top(tmp_path: Path) -> None:
    """The login and the loop are told first, then the promises, the oldest on top; no client's line is a command."""
    with open_day(tmp_path) as desk:
        live_badly(desk)
        text = render(desk).text
    head, _, needs = text.partition("\nNeeds you\n")
    assert "the server does not take the password" in " ".join(head.split())
    assert "shop@vendor.test is taken for a machine" in " ".join(head.split())
    places = [needs.index(f"Promise {number}") for number in range(1, 6)]
    assert places == sorted(places)
    assert all(line.strip()[:1] in "|" for line in text.splitlines() if line.strip(" |") == "1 ok")
