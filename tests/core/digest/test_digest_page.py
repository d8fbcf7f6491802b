"""The digest's HTML: only what mail programs know, text of others only ever text, and taps that begin an answer."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given

from tests.core.digest_values import digests, texts
from tests.digests import DIGESTS, QUIET, USUAL
from tests.html_lint import LARGEST, find_faults
from triagebot.core.digest.content import AnswerTo, Digest, Item, Picture, Section
from triagebot.core.digest.page import inline_pictures, name_by_content, render_html
from triagebot.core.digest.parts import mailto
from triagebot.core.outgoing.inline import content_id, is_name
from triagebot.core.phrase import ENGLISH
from triagebot.core.reading.text import clean


class Page(HTMLParser):
    """What a reader finds on a page: its text and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.links: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a link."""
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        """Remember text."""
        self.text += data


def squeeze(text: str) -> str:
    """Given any text, return its letters without white space, as the page may show it."""
    return re.sub(r"\s+", "", clean(text))


def with_item(item: Item) -> Digest:
    """Given an item, return a digest that shows just it."""
    return replace(QUIET, sections=(Section("Needs you", (item,)),))


@given(digests)
def test_the_lint_finds_nothing(digest: Digest) -> None:
    """Whatever is in a digest, its page holds only what is on the list; so does the file with pictures in itself."""
    too_long = f"allowed are {LARGEST}."
    faults = [
        *find_faults(render_html(digest)),
        *find_faults(render_html(digest, name_picture=name_by_content), as_file=True),
    ]
    assert [fault for fault in faults if not fault.endswith(too_long)] == []


@given(digests)
def test_every_word_is_shown(digest: Digest) -> None:
    """Whatever is quoted, the page shows every letter of it, as text."""
    shown = squeeze(Page(render_html(digest)).text)
    for section in digest.filled:
        for item in section.items:
            letter = item.shown.text if item.shown else ""
            for words in (item.title, *item.lines, item.quote, letter):
                assert squeeze(ENGLISH.speak(words)) in shown


@given(texts)
def test_a_tap_begins_just_this_line(line: str) -> None:
    """A link holds address, subject and line and nothing else: no line end, no second field (RFC 6068)."""
    answer = AnswerTo("support+d-tok&en?x@adaweb.example", "Re: Ünïcode [d-tok] & more")
    link = urlsplit(mailto(answer, line))
    assert link.scheme == "mailto"
    assert unquote(link.path) == answer.address
    assert not re.search("%0[ad]", link.query, re.IGNORECASE)
    body = " ".join(clean(line).split())
    wanted = {"subject": [answer.subject], "body": [body]} if body else {"subject": [answer.subject]}
    assert parse_qs(link.query) == wanted
    assert not {"+", " "} & set(link.query + link.path)


def test_each_command_has_its_tap() -> None:
    """A button shows the command and begins a mail that says it with its ref, in the order of the item."""
    page = Page(render_html(with_item(Item("A", ref="12", commands=("ok", 'send "…"', "no")))))
    bodies = [parse_qs(urlsplit(link).query)["body"][0] for link in page.links]
    assert bodies == ["12 ok", '12 send "…"', "12 no"]


def test_without_an_address_there_is_no_tap() -> None:
    """Where a mail cannot be answered, nothing offers to."""
    page = Page(render_html(replace(with_item(Item("A", ref="12", commands=("ok",))), answer=None)))
    assert page.links == []


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "cid:x", "file:///x"])
def test_a_link_is_a_place_to_go(address: str) -> None:
    """Of addresses that are no web page, mail or telephone nothing can be tapped, their words stay."""
    html = render_html(with_item(Item("A", links=(("the site", address),))))
    assert Page(html).links == []
    assert "the site" in Page(html).text


def test_pictures_come_along() -> None:
    """A page names its pictures by the ids under which the mail brings them, whatever they are called."""
    odd = Picture('Kept "promises" of Zoë.png', b"\x89PNG", "Two of three kept", 300, 90)
    digest = replace(QUIET, sections=(Section("Week", picture=odd), *USUAL.sections))
    brought = inline_pictures(digest)
    assert all(is_name(one.name) for one in brought)
    named = re.findall(r'<img src="cid:([^"]+)"', render_html(digest))
    assert named == [content_id(one.name) for one in brought]
    assert [one.png for one in brought] == [picture.png for picture in digest.pictures]


def test_two_pictures_of_one_name_are_two() -> None:
    """Names that look the same once they are plain stay apart."""
    pictures = [Picture(name, name.encode(), name, 9, 9) for name in ("Zoë", "Zoé", "zo")]
    digest = replace(QUIET, sections=tuple(Section("Week", picture=one) for one in pictures))
    brought = inline_pictures(digest)
    assert len({one.name for one in brought}) == 3
    assert re.findall(r'<img src="cid:([^"]+)"', render_html(digest)) == [content_id(one.name) for one in brought]


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ja", "ltr"), ("ar", "rtl"), ("he-IL", "rtl")])
def test_language_and_direction(language: str, direction: str) -> None:
    """The page says its language and the direction of its text."""
    assert f'<html lang="{language}" dir="{direction}">' in render_html(QUIET, replace(ENGLISH, language=language))


def test_a_language_is_no_way_into_the_page() -> None:
    """The page's language is escaped too."""
    assert "<script>" not in render_html(QUIET, replace(ENGLISH, language='"><script>'))


@pytest.mark.parametrize("name", sorted(DIGESTS))
def test_another_voice_changes_every_sentence(name: str) -> None:
    """All of the page's own words go through the voice: where it says only a dot, nothing is left in English."""
    voice = replace(ENGLISH, translate=lambda _: "\u2022", translate_many=lambda *_: "\u2022")
    text = unescape(Page(render_html(DIGESTS[name], voice)).text)
    for word in ("answered", "arrived", "Subject", "would", "quiet", "Reason", "promised", "more"):
        assert not re.search(rf"\b{word}\b", text.split("}\n}")[-1])
