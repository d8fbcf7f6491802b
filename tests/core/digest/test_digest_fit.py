"""A long digest is shortened until it fits a mail; what needs a person keeps its name and its answers."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given, settings

from tests.core.digest_values import digests
from tests.digests import BAD, DIGESTS, QUIET, USUAL
from tests.html_lint import find_faults
from triagebot.core.digest.content import Digest, Item, Section, Shown
from triagebot.core.digest.fit import LIMIT, SHAPES, Rendered, Shape, render_mail, shorten
from triagebot.core.digest.page import inline_pictures
from triagebot.core.digest.plain import render_text
from triagebot.core.outgoing.compose import Draft, compose
from triagebot.core.outgoing.identity import make_message_id

KEY = b"k" * 32
LARGEST = 100_000
"""Bytes of a whole mail."""


def flood(count: int) -> Digest:
    """Given how many mails need a person, return a digest of a day with so many."""
    items = tuple(
        Item(
            f"Client {number}: help " + "x" * 300, ("Held.",) * 3, "Please help.\n" * 90, f"m{number}", ("new", "hold")
        )
        for number in range(count)
    )
    return replace(BAD, sections=(Section("Needs you", items), *BAD.sections[1:]))


def weigh(rendered: Rendered) -> int:
    """Given both parts, return how many bytes the mail has that brings them."""
    draft = Draft(
        message_id=make_message_id(KEY, "digest", "2026-11-24", "adaweb.example"),
        from_name="Ada Webworks triagebot",
        from_address="support@adaweb.example",
        to="ada@adaweb.example",
        subject="3 need you: Ada Webworks, Tuesday 24 November 2026",
        date=datetime(2026, 11, 24, 8, 30, tzinfo=UTC),
        text=rendered.text,
        html=rendered.html,
        automatic="auto-generated",
        pictures=inline_pictures(rendered.digest),
    )
    return len(compose(draft, KEY))


def test_a_usual_day_is_shown_whole() -> None:
    """Nothing is left out of what fits."""
    assert render_mail(USUAL).digest == USUAL
    assert render_mail(QUIET).digest == QUIET


@pytest.mark.parametrize("digest", [*DIGESTS.values(), flood(200), flood(2500)], ids=[*DIGESTS, "200", "2500"])
def test_a_mail_stays_below_its_limit(digest: Digest) -> None:
    """Whatever happened, the whole mail has less than 100 kB, and its page is sound."""
    rendered = render_mail(digest)
    assert weigh(rendered) < LARGEST
    assert find_faults(rendered.html) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_every_matter_keeps_name_and_answers(shape: Shape) -> None:
    """However little is shown of a day, each thing that needs a person can still be named and answered."""
    shown = shorten(BAD, shape)
    assert [(item.ref, item.commands) for item in shown.sections[0].items] == [
        (item.ref, item.commands) for item in BAD.sections[0].items
    ]
    text = " ".join(render_text(shown).split())
    for item in BAD.sections[0].items:
        assert re.search(rf"\b{item.ref}\b", text)
    assert "m169 new" in text or "answer each with new · hold · close" in text


def test_a_page_names_every_matter() -> None:
    """Also the page of a flood has every ref, those of the first with their titles."""
    page = unescape(re.sub("<[^>]*>", " ", render_mail(flood(2500)).html))
    words = set(re.findall(r"\bm\d+\b", page))
    assert words >= {f"m{number}" for number in range(2500)}


def test_what_is_left_out_is_counted() -> None:
    """Of the other sections the first are shown and the rest counted, and the digest says where they are."""
    rendered = render_mail(BAD)
    for whole, shown in zip(BAD.sections[1:], rendered.digest.sections[1:], strict=True):
        assert len(shown.items) + shown.more == len(whole.items)
        if shown.more:
            assert f"and {shown.more} more: triagebot digest\n" in rendered.text
            assert f"and {shown.more} more: triagebot digest</p>" in rendered.html
    assert rendered.digest.sections[-1].more > 50


def test_what_was_left_out_before_is_only_counted() -> None:
    """Where the desk itself told only some of many, no other place is named that would tell more."""
    digest = replace(QUIET, sections=(Section("Needs you"), Section("Planned", (Item("One"),), more=7)))
    rendered = render_mail(digest)
    assert "and 7 more\n" in rendered.text
    assert "and 7 more</p>" in rendered.html


def test_what_breaks_first_is_shown_longest() -> None:
    """The broken promises on top are whole when those below are only named."""
    items = render_mail(BAD).digest.sections[0].items
    whole = [item.brief for item in items].index(True)
    assert whole >= 6
    assert all(item.quote for item in items[:5])
    assert all(item.brief and item.title and not item.quote for item in items[whole:])


def test_a_letter_is_whole_or_said_to_be_missing() -> None:
    """Of a letter that waits for a word no piece is left out: it is all there, or the digest says that it is not."""
    letters = tuple(
        Item(f"Letter {number}", ref=f"o{number}", commands=("ok",), shown=Shown("a@a.example", "Hi", "word " * 600))
        for number in range(60)
    )
    digest = replace(QUIET, sections=(Section("Needs you", letters),))
    rendered = render_mail(digest)
    assert weigh(rendered) < LARGEST
    for before, item in zip(letters, rendered.digest.sections[0].items, strict=True):
        assert item.shown == before.shown or "Its text is left out" in render_text(
            replace(digest, sections=(Section("Needs you", (item,)),))
        )


@settings(max_examples=30)
@given(digests)
def test_less_is_never_longer(digest: Digest) -> None:
    """Each shape shows no more than the one before it."""
    sizes = [len(render_text(shorten(digest, shape)).encode()) for shape in SHAPES]
    count = sum(len(section.items) for section in digest.sections)
    slack = 200 * (1 + count)  # sentences that say what was left out
    assert all(after <= before + slack for before, after in pairwise(sizes))


def test_the_limit_leaves_room_for_headers() -> None:
    """The parts stay so far below the limit that the headers of a mail fit too."""
    assert LIMIT + 3_000 < LARGEST
