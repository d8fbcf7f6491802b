"""From a reply plan to the words a client reads."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from triagebot.app.render import Rendered, render_reply
from triagebot.core.decision import ReplyPlan, ReplyValues
from triagebot.core.desk import TIERS, Absence, Booking, Plan, Tier, Vendor
from triagebot.core.money.offer import Estimate
from triagebot.edge.replies import Replies, ReplyError, ReplyFile, load_replies

LEFTOVERS = re.compile(r"\{\{|\}\}|\{%|%\}|[\ue000\ue001]|\bNone\b")
STARTER = Path(__file__).parents[2] / "replies"
HOVER = Vendor("hover", "registrar", "Hover", "https://help.hover.example", "chat", "+1 555", ("domain name",))
FLYWHEEL = Vendor("flywheel", "host", "Flywheel")
VALUES = ReplyValues(
    desk_name="Ada Webworks",
    desk_address="support@desk.example",
    tier="retainer",
    booking=Booking("https://book.example/ada", Decimal(80), "EUR", Decimal(140), "https://book.example/now"),
    plans=(Plan("care", 90, Decimal(240)), Plan("more", 180, Decimal(440), "More")),
    client_name="Bakery Nowak",
    vendors=(HOVER, FLYWHEEL),
    answer_vendors=(("dns", (HOVER,)), ("cache", (FLYWHEEL,))),
    promise=date(2026, 11, 24),
    waiting=True,
    estimate=Estimate(30, Decimal(40), Decimal(60), "EUR"),
    absence=Absence(date(2026, 12, 24), date(2026, 12, 31), "Christmas"),
)
PLAN = ReplyPlan(("dns",), "closing.question", ("en",), "a@client.test", "Re: Hi", "live", VALUES)
FRAME = "Dear {{ hello }},\n\n{% for answer in answers %}{{ answer }}\n\n{% endfor %}{{ closing }}\n"
TEXTS = {"closing.question": "Bye.", "dns": "DNS.", "cache": "Cache."}


def replies_of(*languages: str, frame: str = FRAME, **texts: str) -> Replies:
    """Given texts by name (two underscores stand for a dot), return the replies of languages (or of English), in which
    every text but the frame ends with its language."""
    files = {}
    for language in languages or ("en",):
        files[language, "frame"] = ReplyFile(f"{language}/frame.md", "To {{ hello }}", frame, 2)
        for name, text in (TEXTS | {key.replace("__", "."): text for key, text in texts.items()}).items():
            files[language, name] = ReplyFile(f"{language}/{name}.md", "", f"{text} [{language}]", 0)
    return Replies(files)


def test_a_reply_joins_greeting_answers_and_closing() -> None:
    """In the order of the plan, once in words and once in HTML."""
    reply = render_reply(replace(PLAN, answers=("dns", "cache")), replies_of(dns="**DNS** waits."))
    assert reply.text == "Dear Bakery Nowak,\n\nDNS waits. [en]\n\nCache. [en]\n\nBye. [en]\n"
    assert "<p>Dear Bakery Nowak,</p>\n<p><strong>DNS</strong> waits. [en]</p>" in reply.html
    assert (reply.language, reply.subject) == ("en", "Re: Hi")


def test_the_subject_is_the_clients_own_or_the_frames() -> None:
    """The plan has the client's where it may be echoed (safety.md B)."""
    assert render_reply(replace(PLAN, subject=""), replies_of()).subject == "To Bakery Nowak"


@pytest.mark.parametrize(
    "name", ["Müller & Söhne <GmbH>", "*Star*", "{{ 7 * 7 }}", "![x](http://e.example/x.png)", "_a_ `b`"]
)
def test_a_clients_name_stands_as_it_is(name: str) -> None:
    """It is neither a template nor Markdown nor HTML, in all three parts."""
    values = replace(VALUES, client_name=name)
    reply = render_reply(replace(PLAN, subject="", values=values), replies_of())
    assert reply.text.startswith(f"Dear {name},\n")
    assert reply.subject == f"To {name}"
    assert "<GmbH>" not in reply.html
    assert "<img" not in reply.html
    assert "<em>" not in reply.html


def test_an_unknown_client_is_greeted_without_a_name() -> None:
    """No empty mark is left behind."""
    frame = "Hello{% if hello %} {{ hello }}{% endif %}, {{ answers | join }} {{ closing }}"
    reply = render_reply(replace(PLAN, values=replace(VALUES, client_name="")), replies_of(frame=frame))
    assert reply.text == "Hello, DNS. [en] Bye. [en]\n"


@pytest.mark.parametrize("missing", ["frame", "closing.question", "dns", "cache"])
def test_one_mail_is_one_language(missing: str) -> None:
    """Where one text is missing in the client's language all of it is in the next."""
    replies = replies_of("en", "pl")
    plan = replace(PLAN, answers=("dns", "cache"), languages=("pl", "en"))
    assert "[en]" not in render_reply(plan, replies).text
    del replies.files["pl", missing]
    reply = render_reply(plan, replies)
    assert reply.language == "en"
    assert "[pl]" not in reply.text


def test_dates_and_money_are_in_the_language_of_the_reply() -> None:
    """Not in the one that was asked for first."""
    text = "{{ promise }} / {{ booking.rate }} / {{ estimate.low }}-{{ estimate.high }}"
    plan = replace(PLAN, languages=("pl", "en"))
    replies = replies_of("en", "pl", dns=text)
    assert "wtorek, 24 listopada 2026 / 80,00\xa0€" in render_reply(plan, replies).text
    del replies.files["pl", "frame"]
    assert "24 November 2026 / €80.00 / €40.00-€60.00" in render_reply(plan, replies).text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "24 November 2026, €80.00, 3"),
        ("pl", "wtorek, 24 listopada 2026, 80,00\xa0€, 3"),
        ("ru", "24 ноября 2026"),
        ("tr", "24 Kasım 2026 Salı, €80,00, 3"),
        ("ja", "2026年11月24日火曜日, €80.00, 3"),
    ],
)
def test_each_language_says_dates_and_money_its_own_way(language: str, said: str) -> None:
    """Of the five the starter rules speak."""
    text = "{{ promise }}, {{ booking.rate }}, {{ plans[1].hours }}"
    assert said in render_reply(replace(PLAN, languages=(language,)), replies_of(language, dns=text)).text


def test_an_answer_speaks_of_its_own_vendors() -> None:
    """Those its rule names, the closing of all of them."""
    names = "{% for vendor in vendors %}({{ vendor.name }}){% endfor %}"
    replies = replies_of(dns=f"DNS {names}", cache=f"Cache {names}", closing__question=f"All {names}")
    text = render_reply(replace(PLAN, answers=("dns", "cache")), replies).text
    assert "DNS (Hover) [en]\n\nCache (Flywheel) [en]\n\nAll (Hover)(Flywheel)" in text


@pytest.mark.parametrize("tier", TIERS)
def test_a_tier_has_its_own_texts(tier: Tier) -> None:
    """Where there is one of its own, else the common one."""
    replies = replies_of(dns="Common.", dns__retainer="Reserved.", closing__question__none="Plans.")
    text = render_reply(replace(PLAN, values=replace(VALUES, tier=tier)), replies).text
    assert ("Reserved." in text, "Common." in text) == (tier == "retainer", tier != "retainer")
    assert ("Plans." in text) is (tier == "none")


def test_what_is_not_there_is_empty_not_missing() -> None:
    """A text may ask `{% if promise %}` of every value."""
    text = "".join(
        f"[{{{{ {name} }}}}]"
        for name in ("promise", "client.name", "booking.url", "booking.rate", "estimate.low", "absence.until")
    )
    values = ReplyValues("Desk", "d@desk.example", "none", Booking())
    reply = render_reply(replace(PLAN, values=values), replies_of(dns=text))
    assert "[][][][][][]" in reply.text


def test_a_text_that_cannot_be_filled_in_is_raised() -> None:
    """Whoever asked holds the mail back; half a reply is never sent."""
    with pytest.raises(ReplyError, match=r"^en/dns\.md:1: "):
        render_reply(PLAN, replies_of(dns="{{ client.nmae }}"))
    with pytest.raises(ReplyError, match="there is no such reply"):
        render_reply(replace(PLAN, closing="closing.none"), replies_of())


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("answers", [(), ("permalinks",), ("dns-records", "invoice", "backup")])
@pytest.mark.parametrize("kind", ["emergency", "project", "work", "vendor", "enquiry", "question", "unmatched"])
def test_the_starter_set_renders_whole_replies(tier: Tier, answers: tuple[str, ...], kind: str) -> None:
    """No mark, tag or template sign is left in either part, and no line of the words ends with a space."""
    replies, problems = load_replies(STARTER, "replies")
    assert problems == []
    plan = replace(PLAN, answers=answers, closing=f"closing.{kind}", subject="", values=replace(VALUES, tier=tier))
    reply: Rendered = render_reply(plan, replies)
    for part in (reply.text, reply.html, reply.subject):
        assert not LEFTOVERS.search(part)
    assert not any(line != line.rstrip() for line in reply.text.splitlines())
    assert "**" not in reply.text
    assert "support@desk.example" in reply.text
