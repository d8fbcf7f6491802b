"""Mails for the tests of header stage, guard and sender: one plain human letter, varied."""

from datetime import UTC, datetime, timedelta

from triagebot.core.decision import Authentication, Guard
from triagebot.core.desk import Client, Desk, DeskSettings, Form, Limits
from triagebot.core.guard.judge import GuardFacts, judge
from triagebot.core.mail import Content, Mail
from triagebot.core.reading.headers import body_of, content_key, read_headers, read_mail, read_sender
from triagebot.core.sender.identify import authenticate
from triagebot.edge.authentication import read_results

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OWN_ID = "<ar.own@adaweb.test>"
PASSED = Authentication("pass", ("dmarc",))
PLAIN = {
    "Return-Path": "<jan@bakery.test>",
    "Delivered-To": "support@adaweb.test",
    "Received": "from out.bakery.test by mx.adaweb.test; Tue, 24 Nov 2026 09:58:02 +0100",
    "From": "Jan Nowak <jan@bakery.test>",
    "To": "Ada <support@adaweb.test>",
    "Subject": "Links of my pages",
    "Message-ID": "<one@bakery.test>",
    "Content-Type": "text/plain; charset=utf-8",
}
DESK = Desk(
    desk=DeskSettings("Ada Webworks", "support@adaweb.test", ("ada@adaweb.test",), ("help@adaweb.test",)),
    client=(
        Client("bakery", "Bakery Nowak", ("jan@bakery.test",), ("bakery.test",), "retainer"),
        Client("cafe", "Cafe Central", ("mia@cafe.test", "mia@coffee-post.test"), ("cafe.test",), "one-off"),
        Client("granny", "Granny Smith", ("granny.smith@gmail.com",), ("gmail.com",), "retainer"),
        Client("left", "Left Hand", (), ("shared.test",)),
        Client("right", "Right Hand", (), ("shared.test",)),
    ),
    form=(Form("noreply@site.test", "site.test"), Form("mute@site.test", "site.test", "ignore")),
)
FACTS = GuardFacts(
    own_addresses=DESK.own_addresses,
    list_ids=("support.adaweb.test",),
    forms=("noreply@site.test",),
    loop_code="ourloopcode",
    is_own_id=lambda message_id: "auto" if message_id == OWN_ID else None,
    now=NOW,
    first_start=NOW - timedelta(days=30),
    answer_within=timedelta(hours=24),
)


def letter(*more: str, content: Content | None = None, age: timedelta = timedelta(0), **changes: str | None) -> Mail:
    """Given header lines to add and headers to change (`to=None` leaves one out, `author` is From), return the mail."""
    return read_letter(write(*more, **changes), content, age)


def write(*more: str, **changes: str | None) -> bytes:
    """Given header lines to add and headers to change, return the raw mail."""
    fields = {**PLAIN, **{_header(name): value for name, value in changes.items()}}
    lines = [*(f"{name}: {value}" for name, value in fields.items() if value is not None), *more]
    return ("\r\n".join(lines) + "\r\n\r\nWhere do I change the links?\r\n").encode()


def read_letter(raw: bytes, content: Content | None = None, age: timedelta = timedelta(0)) -> Mail:
    """Given raw bytes, return the mail as it arrived `age` ago."""
    block = read_headers(raw, Limits())
    return read_mail(block, content or Content(), NOW - age, len(raw), content_key(block, body_of(raw)))


def judge_letter(mail: Mail, authentication: Authentication = PASSED, facts: GuardFacts = FACTS) -> Guard:
    """Given a mail, return what the guard says of it."""
    return judge(mail, authentication, facts)


def authenticate_raw(
    raw: bytes,
    ids: tuple[str, ...] = ("mx.adaweb.test",),
    trusted_mx: tuple[str, ...] = (),
    forwarders: tuple[str, ...] = (),
) -> Authentication:
    """Given raw bytes and whom to believe, return what is proven."""
    block = read_headers(raw, Limits())
    return authenticate(block, read_sender(block), read_results(block), ids, trusted_mx, forwarders)


def _header(name: str) -> str:
    spelled = {header.lower(): header for header in PLAIN} | {"author": "From"}
    wanted = name.replace("_", "-")
    return spelled.get(wanted.lower(), wanted)
