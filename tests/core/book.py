"""A small desk with its rulebook, and one way to let it decide: for the tests of triage, work and answers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.core.letters import OWN_ID, PASSED, letter
from triagebot.core.decision import Authentication, Decision
from triagebot.core.desk import Booking, Client, Desk, DeskSettings, Form, Plan, SupportHour, Vendor
from triagebot.core.facts import Book, Facts
from triagebot.core.hours.calendar import Calendar
from triagebot.core.mail import Content, Mail
from triagebot.core.rules.match import Rulebook
from triagebot.core.rules.rule import Rule
from triagebot.core.triage import triage

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Warsaw: today's hour is over
TOMORROW = date(2026, 11, 25)
IN_A_WEEK = date(2026, 12, 1)
TOLD = date(2026, 11, 27)  # for work that ends tomorrow: two support days later
TOLD_SPARE = date(2026, 12, 3)  # for work that ends in a week

AUTHORS = {
    "retainer": "jan@bakery.test",
    "one-off": "mia@cafe.test",
    "none": "kim@kiosk.test",
    "stranger": "sam@elsewhere.test",
    "opted-in": "lea@lighthouse.test",
}
TEXTS = {
    "question": "Where do I change the permalinks?",
    "vendor": "The nameserver of my domain",
    "enquiry": "What are your prices?",
    "work": "Please change the footer of my pages.",
    "project": "We want a redesign.",
    "emergency": "My site is down!",
    "thanks": "Thanks, it works now.",
    "unmatched": "The blue thing looks odd to my uncle.",
}
RULES = (
    Rule("down", "site/down", "emergency", any=("site is down", "hacked"), reply="site-down", vendor=("host",)),
    Rule("redesign", "project/redesign", "project", any=("redesign",), reply="redesign"),
    Rule("change", "work/small-change", "work", any=("change ... footer",), reply="small-change", minutes=30),
    Rule("nameserver", "dns/records", "vendor", any=("nameserver*",), reply="dns", vendor=("registrar",)),
    Rule("prices", "desk/prices", "enquiry", any=("prices",), reply="prices"),
    Rule("permalinks", "howto/permalinks", "question", any=("permalinks",), reply="permalinks", minutes=10),
    Rule("menus", "howto/menus", "question", any=("menus",), reply="menus"),
    Rule("riddle", "howto/riddle", "question", any=("riddle",)),
    Rule("thanks", "desk/thanks", "thanks", any=("thanks", "ありがとう")),
)
HOVER = Vendor("hover", "registrar", "Hover", contact="chat on their site", ask_for=("domain name",))
FLYWHEEL = Vendor("flywheel", "host", "Flywheel", emergency="+1 555 0100")
OTHER_HOST = Vendor("other-host", "host", "Other Host")
CLIENTS = (
    Client(
        "bakery",
        "Bakery Nowak",
        (AUTHORS["retainer"],),
        tier="retainer",
        plan="care",
        language="pl",
        hourly=Decimal("90"),
        stack={"registrar": "hover", "host": "flywheel"},
    ),
    Client("cafe", "Cafe Central", (AUTHORS["one-off"],), tier="one-off", stack={"host": "other-host"}),
    Client("kiosk", "Kiosk Kim", (AUTHORS["none"],)),
    Client("lighthouse", "Lighthouse", (AUTHORS["opted-in"],), tier="one-off", emergency_alert=True),
)
DESK = Desk(
    DeskSettings("Ada Webworks", "support@adaweb.test", ("ada@adaweb.test",), timezone="Europe/Warsaw", mode="live"),
    booking=Booking("https://cal.test/ada", Decimal("80"), "EUR", Decimal("140")),
    vendor=(HOVER, FLYWHEEL, OTHER_HOST),
    plan=(Plan("care", 180, Decimal("240")),),
    client=CLIENTS,
    form=(Form("noreply@site.test", "site.test"),),
)
FACTS = Facts(
    loop_code="ourloopcode",
    is_own_id=lambda message_id: "auto" if message_id == OWN_ID else None,
    first_start=NOW - timedelta(days=30),
)


def make_book(desk: Desk = DESK, rules: Sequence[Rule] = RULES, **hour: Any) -> Book:
    """Given a desk and rules, return the book; `hour` changes its support hour."""
    support = replace(SupportHour(), **hour)
    return Book(replace(desk, support_hour=support), Rulebook(rules), Calendar(support, ZoneInfo("Europe/Warsaw")))


BOOK = make_book()


def make_mail(
    text: str,
    who: str = "retainer",
    *more: str,
    age: timedelta = timedelta(0),
    subject: str = "A word",
    language: str = "en",
    **changes: str | None,
) -> Mail:
    """Given the new text of a mail and whose it is, return the mail. `more` are header lines."""
    content = Content(text=text, new_text=text, languages=((language, 0.99),))
    headers = {"author": AUTHORS.get(who, who), "return_path": None, "subject": subject, **changes}
    return letter(*more, content=content, age=age, **headers)


def decide(
    text: str,
    who: str = "retainer",
    *more: str,
    facts: Facts = FACTS,
    book: Book = BOOK,
    authentication: Authentication = PASSED,
    **mail: Any,
) -> Decision:
    """Given the new text of a mail and whose it is, return what triage makes of it."""
    return triage(make_mail(text, who, *more, **mail), authentication, facts, book, NOW)


def in_reply_to_ours() -> str:
    """The header line of an answer to an automatic mail of the desk."""
    return f"In-Reply-To: {OWN_ID}"
