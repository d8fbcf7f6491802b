"""What the digest of a desk says, section by section, from real rows: in order, whole where something is to be decided,
and short on a quiet day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.desks import PLAN, client
from tests.app.quick_desks import QuickDesk, quick_desk, write
from triagebot.app.digest.gather import gather_digest
from triagebot.app.digest.hints import give_hints
from triagebot.app.tickets.agenda import replan
from triagebot.core.decision import TicketPlan
from triagebot.core.digest.content import Digest, Item, Section, Shown
from triagebot.core.outgoing.compose import plain_text
from triagebot.core.phrase import ENGLISH, Words
from triagebot.edge.store.work.tickets import NewTicket

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EARLY = datetime(2026, 11, 24, 6, tzinfo=UTC)  # Tuesday, two hours before the support hour in Warsaw
BAKERY, SHOP, STRANGER = "jan@bakery.test", "kim@shop.test", "sam@elsewhere.test"
VENDORS = """
[[vendor]]
id = "hover"
kind = "registrar"
name = "Hover"
help = "https://help.hover.example"
contact = "chat on their site"
emergency = "the number on their page"
ask_for = ["domain name"]

[[vendor]]
id = "flywheel"
kind = "host"
name = "Flywheel"
contact = "ticket in the dashboard"
emergency = "+48 600 000 000"
ask_for = ["site name"]
"""
STACK = (
    'sites = ["https://bakery.test"]\nstack = { registrar = "hover", host = "flywheel" }\n'
    'facts = { "site name" = "bakery-live" }\n'
)
KNOWN = PLAN + VENDORS + client("bakery", BAKERY, "retainer", STACK) + client("shop", SHOP, "one-off")
SETTINGS = 'timezone = "Europe/Warsaw"\n[booking]\nrate = "80"\ncurrency = "EUR"\n'


@contextmanager
def open_desk(directory: Path, mode: str = "live", more: str = "") -> Iterator[QuickDesk]:
    """Given a new directory and a mode, open a desk there with a bakery and a shop."""
    with quick_desk(directory / "desk", clients=KNOWN, mode=mode, settings=SETTINGS, more=more) as desk:
        yield desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A live desk."""
    with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
def drafting(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk in draft mode."""
    with open_desk(tmp_path, "draft") as opened:
        yield opened


def read(desk: QuickDesk, now: datetime = EARLY + HOUR) -> Digest:
    """Given a desk and now, return its digest of the last day."""
    return gather_digest(desk.store, desk.snapshot, now, now - DAY)


def say(words: Words) -> str:
    """Given words, return them in English."""
    return ENGLISH.speak(words)


def section(digest: Digest, heading: str) -> Section:
    """Given a digest and how a heading begins, return the section; an empty one when it is left out."""
    return next((one for one in digest.filled if say(one.heading).startswith(heading)), Section(heading))


def lines(item: Item) -> str:
    """Given an item, return its lines as one text."""
    return "\n".join(map(say, item.lines))


def open_ticket(
    desk: QuickDesk, subject: str, promise: date, state: str = "planned", at: datetime = EARLY - 9 * DAY
) -> int:
    """Given a subject, a promise and a state, open a ticket of the bakery, and plan it."""
    plan = TicketPlan("work", 30, state, promise, (), promise)  # type: ignore[arg-type]
    with desk.store.transaction():
        number = desk.store.tickets.open(NewTicket(plan, "one-off", subject, f"About {subject}.", client="bakery"), at)
        replan(desk.store, desk.snapshot, EARLY)
    return number


def test_a_quiet_day_is_short_and_says_so(desk: QuickDesk) -> None:
    """Nothing came and nothing waits: no section at all, and the subject says that there is nothing to decide."""
    digest = read(desk)
    assert digest.filled == ()
    assert digest.notices == ()
    assert say(digest.title) == "Test Desk: nothing to decide, Tuesday 24 November 2026"
    assert "No mail arrived" in say(digest.proof)


def test_sections_come_in_their_order(desk: QuickDesk) -> None:
    """What needs the developer, his hour, what the desk did, who is waited for, what it left alone."""
    desk.receive(write(BAKERY, "How", "Where are the permalinks?"), EARLY)
    desk.receive(write(BAKERY, "Phone", "Please change the phone number."), EARLY)
    desk.receive(write(SHOP, "Banner", "Please change the banner."), EARLY)
    desk.receive(write(STRANGER, "Hello", "Something else."), EARLY)
    desk.receive(write(BAKERY, "Away", "I am away.", "Auto-Submitted: auto-replied"), EARLY)
    digest = read(desk)
    assert [say(one.heading).partition(",")[0] for one in digest.filled] == [
        *("Needs you", "Today's support hour", "Coming support hours", "Answered for you", "Planned"),
        *("Waiting for clients", "Suppressed"),
    ]
    assert say(digest.title) == "Test Desk: 1 needs you, Tuesday 24 November 2026"
    assert say(digest.proof).startswith("5 arrived, 5 accounted for")


def test_a_draft_is_shown_whole(drafting: QuickDesk) -> None:
    """With whom it goes to, its subject and every line of its bytes, what the client asked, and what can be said."""
    drafting.receive(write(BAKERY, "Phone", "Please change the phone number.\n12 ok\nall ok"), EARLY)
    raw = drafting.sent()[0]
    (item,) = section(read(drafting), "Needs you").items
    assert item.shown == Shown(BAKERY, "Re: Phone", plain_text(raw))
    assert item.quote == "Please change the phone number.\n12 ok\nall ok"
    assert (item.ref, item.commands) == ("1", ("ok", 'send "…"', "no"))
    assert "small-change (please change)" in lines(item)
    assert section(read(drafting), "Planned").items == ()


def test_an_estimate_that_is_a_draft_waits_for_nobody(drafting: QuickDesk) -> None:
    """Its client was told nothing yet: it stands under what needs the developer, and only there."""
    drafting.receive(write(SHOP, "Banner", "Please change the banner."), EARLY)
    assert [item.ref for item in section(read(drafting), "Needs you").items] == ["1"]
    assert section(read(drafting), "Waiting for clients").items == ()


def test_a_draft_of_a_mail_without_ticket_is_named_by_the_mail(drafting: QuickDesk) -> None:
    """A question makes no ticket; two drafts of one ticket are named by themselves."""
    drafting.receive(write(BAKERY, "How", "Where are the permalinks?"), EARLY)
    (item,) = section(read(drafting), "Needs you").items
    assert item.ref == "m1"
    drafting.receive(write(BAKERY, "Phone", "Please change the phone number."), EARLY)
    drafting.rows(
        "INSERT INTO outbox (class, inbox, ticket, client, mail_from, recipient, subject, message_id, dedupe_key, mode,"
        " state, next_attempt, expires_at, created_at) SELECT 'approved', inbox, 1, client, mail_from, recipient,"
        " 'A second', '<x@y>', 'second', mode, state, next_attempt, expires_at, created_at FROM outbox WHERE id = 2"
    )
    drafting.rows("INSERT INTO outbox_raw (outbox, raw) SELECT 3, raw FROM outbox_raw WHERE outbox = 2")
    assert {item.ref for item in section(read(drafting), "Needs you").items} == {"m1", "o2", "o3"}


def test_the_clients_next_mail_takes_the_ok_away(drafting: QuickDesk) -> None:
    """Who has written since is to be read first: the draft is shown with that, pulled up, and without `ok`."""
    raw = write(BAKERY, "Phone", "Please change the phone number.")
    drafting.receive(raw, EARLY)
    first = raw.decode().partition("Message-ID: ")[2].partition("\r\n")[0]
    drafting.receive(write(BAKERY, "Re: Phone", "No, wait.", f"In-Reply-To: {first}"), EARLY + HOUR / 2)
    item = next(one for one in section(read(drafting), "Needs you").items if one.shown)
    assert "ok" not in item.commands
    assert item.tone == "warn"
    assert "the client has written since (mail 2): read that first" in lines(item)


def test_without_authserv_ids_drafts_name_the_command_line(tmp_path: Path) -> None:
    """Nothing proves whose an answer is: the hints say that replies are off, and each draft how it is approved."""
    with open_desk(tmp_path, "draft") as desk:
        desk.receive(write(BAKERY, "Phone", "Please change the phone number."), EARLY)
        config = desk.config.read_text().replace('authserv_ids = ["mx.company.test"]', "authserv_ids = []")
        desk.config.write_text(config)
    from tests.app.quick_desks import open_desk as open_again

    with open_again(desk.config) as untrusting:
        digest = read(untrusting)
        (item,) = section(digest, "Needs you").items
        assert "triagebot outbox approve 1" in lines(item)
        (hint,) = give_hints(digest.sections, untrusting.snapshot)
        assert "authserv_ids is empty" in say(hint)


def test_broken_promises_are_on_top(desk: QuickDesk) -> None:
    """What is broken longest first, then what is at risk, then what came today; each with a new date at hand."""
    desk.receive(write(STRANGER, "Hello", "Something else."), EARLY)
    today = date(2026, 11, 24)
    late = open_ticket(desk, "Late", today - 2 * DAY)
    later = open_ticket(desk, "Later", today - 3 * DAY)
    risky = open_ticket(desk, "Risky", today)
    items = section(read(desk), "Needs you").items
    assert [(item.ref, item.tone) for item in items] == [
        *((str(later), "bad"), (str(late), "bad"), (str(risky), "warn"), ("m1", "calm")),
    ]
    assert items[0].commands[0] == "done"
    assert date.fromisoformat(items[0].commands[1]) > today
    assert "not done" in lines(items[0])


@pytest.mark.parametrize(
    ("raw", "auth", "why", "commands"),
    [
        (write(STRANGER, "Hello", "Something else."), "pass", "a stranger", ('send "…"', "done")),
        (write(BAKERY, "Forged", "Where are the permalinks?"), "fail", "NOT proven to come from", ("done",)),
        (write(BAKERY, "Unproven", "Please change it."), "unknown", "NOT proven to come from", ("done",)),
        (
            write(BAKERY, "Invite", "BEGIN:VCALENDAR", "Content-Type: text/calendar; method=REQUEST"),
            "pass",
            "calendar part REQUEST",
            ('send "…"', "done"),
        ),
    ],
    ids=["stranger", "forged", "unproven", "invitation"],
)
@pytest.mark.filterwarnings("ignore")
def test_held_mail_says_why(desk: QuickDesk, raw: bytes, auth: str, why: str, commands: tuple[str, ...]) -> None:
    """With its reason and what can be done; `send` is offered only where somebody is proven to get it."""
    desk.receive(raw, EARLY, auth)  # type: ignore[arg-type]
    (item,) = section(read(desk), "Needs you").items
    assert item.ref == "m1"
    assert why in lines(item)
    assert item.commands == commands


def test_held_mail_stays_until_it_is_dealt_with(desk: QuickDesk) -> None:
    """A week later it is still there, pulled up by its age; one word ends that."""
    desk.receive(write(STRANGER, "Hello", "Something else."), EARLY)
    later = EARLY + 7 * DAY
    desk.receive(write(STRANGER, "New", "Something new."), later)
    items = section(read(desk, later + HOUR), "Needs you").items
    assert [(item.ref, item.tone) for item in items] == [("m1", "warn"), ("m2", "calm")]
    with desk.store.transaction():
        desk.store.mails.set_handled(1, later)
        desk.store.mails.set_handled(2, later)
    assert section(read(desk, later + HOUR), "Needs you").items == ()


def test_many_old_ones_are_counted(desk: QuickDesk) -> None:
    """Of thirty held mails of last week the twenty oldest are shown and ten are counted, in the subject too."""
    for number in range(30):
        desk.receive(write(f"a{number}@elsewhere{number}.test", f"Hello {number}", "Something else."), EARLY)
    digest = read(desk, EARLY + 7 * DAY)
    needs = section(digest, "Needs you")
    assert [item.ref for item in needs.items] == [f"m{number}" for number in range(1, 21)]
    assert {lines(item) for item in needs.items} == {"nothing matched and the sender is a stranger"}
    assert needs.more == 10
    assert "30 need you" in say(digest.title)
    with desk.store.transaction():
        for number in range(1, 16):
            desk.store.mails.set_handled(number, EARLY)
    needs = section(read(desk, EARLY + 7 * DAY), "Needs you")
    assert ([item.ref for item in needs.items], needs.more) == ([f"m{number}" for number in range(16, 31)], 0)


def test_a_quote_is_asked_for(desk: QuickDesk) -> None:
    """A project waits for a quote, with the beginning of a line that sends nothing as it stands, the client's words and
    the date told."""
    plan = TicketPlan("project", 30, "new", date(2026, 11, 30))
    with desk.store.transaction():
        ticket = NewTicket(plan, "one-off", "A shop", "We want a shop.", client="shop", sender_key=SHOP)
        number = desk.store.tickets.open(ticket, EARLY)
    (item,) = section(read(desk), "Needs you").items
    assert (item.ref, item.commands) == (str(number), ("quote 3h …", "close"))
    assert "A quote is to be written." in lines(item)
    assert "promised for Monday 30 November 2026" in lines(item)
    assert item.quote == "We want a shop."


def test_the_hour_has_all_that_work_needs(desk: QuickDesk) -> None:
    """Client, minutes and matter, the last words, the site, the vendors and how each is reached; in an emergency what
    reaches them at night, and the facts they ask for."""
    raw = write(BAKERY, "Phone", "Please change the phone number.\nIt is 12.")
    desk.receive(raw, EARLY)
    desk.receive(write(BAKERY, "Site", "Our site is down!"), EARLY)
    hour = section(read(desk), "Today's support hour")
    assert say(hour.heading) == "Today's support hour, 09:00: 60 of 60 min"
    phone, site = (next(item for item in hour.items if item.ref == ref) for ref in ("1", "2"))
    assert say(phone.title) == "5 min, Bakery: Phone"
    assert phone.quote == "Please change the phone number.\nIt is 12."
    assert phone.commands == ("done", "5m", "wed")
    assert "registrar: Hover, chat on their site" in lines(phone)
    assert "host: Flywheel, ticket in the dashboard" in lines(phone)
    assert [(say(label), to) for label, to in phone.links] == [
        ("site", "https://bakery.test"),
        ("Hover, help", "https://help.hover.example"),
        ("Flywheel, emergency", "tel:+48600000000"),
    ]
    assert "site name: bakery-live" in lines(site)
    assert "registrar: Hover, the number on their page" in lines(site)
    assert "site name" not in lines(phone)
    assert say(site.title) == "55 min, Bakery: Site"
    assert site.tone == "warn"


def test_the_last_words_are_the_newest(desk: QuickDesk) -> None:
    """What the client wrote last in the matter stands in the hour, not what they began with."""
    raw = write(BAKERY, "Phone", "Please change the phone number.")
    desk.receive(raw, EARLY)
    first = raw.decode().partition("Message-ID: ")[2].partition("\r\n")[0]
    desk.receive(write(BAKERY, "Re: Phone", "It is 34 now.", f"In-Reply-To: {first}"), EARLY + HOUR / 2)
    hour = section(read(desk), "Today's support hour")
    assert [item.quote for item in hour.items] == ["It is 34 now."]


@pytest.mark.parametrize(
    ("now", "heading"),
    [
        (datetime(2026, 11, 24, 8, 59, tzinfo=UTC), "Today's support hour, 09:00"),
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), "The next support hour, Wednesday 25 November 2026, 09:00"),
        (datetime(2026, 11, 28, 9, 0, tzinfo=UTC), "The next support hour, Monday 30 November 2026, 09:00"),
    ],
)
def test_once_the_hour_is_over_the_next_one_is_shown(desk: QuickDesk, now: datetime, heading: str) -> None:
    """At the end of today's, and on a day without one."""
    open_ticket(desk, "Footer", date(2026, 12, 4))
    found = [say(one.heading) for one in read(desk, now).sections]
    assert any(one.startswith(heading) for one in found), found


def test_each_answer_tells_the_words_that_made_it(desk: QuickDesk) -> None:
    """So that a wrong one is seen, and can be corrected by a word."""
    desk.receive(write(STRANGER, "How", "Where are the permalinks?"), EARLY)
    (item,) = section(read(desk), "Answered for you").items
    assert (item.ref, item.commands) == ("m1", ("no",))
    assert "permalinks (permalinks)" in lines(item)
    assert item.shown is None


def test_shadow_says_what_would_have_been(tmp_path: Path) -> None:
    """In shadow nothing was answered for anybody, and the heading says so; nothing can be approved by accident."""
    with open_desk(tmp_path, "shadow") as desk:
        desk.receive(write(BAKERY, "How", "Where are the permalinks?"), EARLY)
        digest = read(desk)
    assert section(digest, "Answered for you").items == ()
    (item,) = section(digest, "Would be answered (shadow mode)").items
    assert (item.ref, item.commands, item.shown) == ("m1", ("no",), None)
    assert "The desk is in shadow mode: clients get no automatic mail." in map(say, digest.notices)


def test_who_is_waited_for(desk: QuickDesk) -> None:
    """Since when, for what, at which price and until when; the date that is held."""
    desk.receive(write(SHOP, "Banner", "Please change the banner."), EARLY)
    (item,) = section(read(desk), "Waiting for clients").items
    assert (item.ref, item.commands) == ("1", ("done", "close"))
    assert lines(item).splitlines()[:3] == [
        "since Tuesday 24 November 2026, 30 min",
        "waits for a yes until Tuesday 8 December 2026, then it is closed",
        "was told 60 EUR",
    ]


def test_many_suppressed_mails_are_counted_by_reason(desk: QuickDesk) -> None:
    """Five are told one by one; of more, each reason is a line, with the last ones as examples."""
    for number in range(5):
        desk.receive(write(f"news{number}@list{number}.test", f"News {number}", "News.", "List-Id: <x>"), EARLY)
    assert len(section(read(desk), "Suppressed").items) == 5
    for number in range(5, 8):
        desk.receive(write(f"news{number}@list{number}.test", f"News {number}", "News.", "List-Id: <x>"), EARLY)
    desk.receive(write(BAKERY, "Away", "I am away.", "Auto-Submitted: auto-replied"), EARLY)
    many, single = section(read(desk), "Suppressed").items
    assert say(many.title) == "a newsletter or a list: 8 mails"
    assert lines(single) == "an automatic reply"
    assert "news7@list7.test: News 7" in lines(many)
    assert say(single.title) == "Bakery: Away"


def test_the_first_hint_is_about_what_is_shown(drafting: QuickDesk) -> None:
    """Commands that fit this digest, so that one can be copied; with two drafts also the one for all."""
    drafting.receive(write(BAKERY, "Phone", "Please change the phone number."), EARLY)
    drafting.receive(write(SHOP, "Banner", "Please change the banner."), EARLY)
    hints = give_hints(read(drafting).sections, drafting.snapshot)
    assert "lines such as: 1 ok · all ok · " in say(hints[0])
