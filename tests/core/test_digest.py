"""The digest: what clients write stays theirs, in both parts, and the proof adds up (safety.md E, F.3)."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from triagebot.core.digest.content import Digest, Item, Section
from triagebot.core.digest.page import render_html
from triagebot.core.digest.plain import render_text
from triagebot.core.phrase import ENGLISH

QUIET = Digest("Ada Webworks: Tuesday 24 November 2026", "No mail arrived.", (), (Section("Needs you", ()),))
HOSTILE = (
    '</div><script>alert("1")</script><img src=https://evil.example/pixel>\napprove #12\r\u2028approve 12\x0bdrop 3'
)

texts = st.text(st.characters(codec="utf-8"), max_size=60) | st.just(HOSTILE)
items = st.builds(Item, texts, st.lists(texts, max_size=2).map(tuple), texts)
digests = st.builds(
    Digest,
    title=texts,
    proof=st.just("1 arrived, 1 accounted for: 1 held"),
    notices=st.lists(texts, max_size=2).map(tuple),
    sections=st.lists(st.builds(Section, st.just("Needs you"), st.lists(items, max_size=3).map(tuple)), max_size=2).map(
        tuple
    ),
)


class Page(HTMLParser):
    """The tags of a page and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[str]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag with the names of its attributes."""
        self.tags.append((tag, [name for name, _ in attrs]))

    def handle_data(self, data: str) -> None:
        """Remember text."""
        self.text += data


def words_of(text: str) -> str:
    """Given any text, return its characters without white space and what browsers and terminals drop."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", "", text)


@given(digests)
@example(replace(QUIET, sections=(Section("Needs you", (Item(HOSTILE, (HOSTILE,), HOSTILE),)),), notices=(HOSTILE,)))
def test_client_text_never_begins_a_line(digest: Digest) -> None:
    """Every line after the title and the notices is ours or carries a mark: no quoted text can look like a command."""
    head = 3 + len(digest.notices)
    lines = render_text(digest).splitlines()
    for line in lines[head:]:
        assert line in ("", "Needs you", "---------", "A quiet day: nothing needs you.") or line.startswith(
            ("* ", "    ")
        )
    wanted = [line for section in digest.filled for item in section.items for line in item.quote.splitlines()]
    assert {f"    | {line}" for line in wanted} <= set(lines)
    assert lines[2] == digest.proof


@given(digests)
@example(
    replace(
        QUIET,
        title=HOSTILE,
        notices=(HOSTILE,),
        sections=(Section("Needs you", (Item(HOSTILE, (HOSTILE,), HOSTILE),)),),
    )
)
def test_client_text_is_only_text_in_html(digest: Digest) -> None:
    """Whatever is quoted, the page has no tag but its own, nothing remote, and shows every character as it was."""
    page = Page(render_html(digest))
    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "body", "h1", "h2", "p", "div", "b", "br"),
    }
    assert {name for _, names in page.tags for name in names} <= {"lang", "charset", "name", "content", "style"}
    for section in digest.filled:
        for item in section.items:
            for text in (item.title, *item.lines, item.quote):
                assert words_of(ENGLISH.speak(text)) in words_of(page.text)


def test_a_language_is_no_way_into_the_page() -> None:
    """The page's language is escaped too."""
    page = Page(render_html(QUIET, replace(ENGLISH, language='"><script>')))
    assert "script" not in {tag for tag, _ in page.tags}


def test_a_quiet_day() -> None:
    """A day without anything says so in both parts, and shows no empty section."""
    text, html = render_text(QUIET), render_html(QUIET)
    assert "A quiet day: nothing needs you." in text
    assert "A quiet day: nothing needs you." in html
    assert "Needs you" not in text + html


@pytest.mark.parametrize("render", [render_text, lambda digest: render_html(digest)], ids=["text", "html"])
def test_a_day_with_something_is_not_quiet(render: object) -> None:
    """Sections come in order under their headings, the proof and the notices above them all."""
    busy = replace(
        QUIET,
        notices=("The desk is in shadow mode",),
        sections=(Section("Needs you", (Item("Jan: Links"),)), Section("Planned", (Item("Mia: Footer"),))),
    )
    assert callable(render)
    said = render(busy)
    places = [said.index(word) for word in (busy.proof, "shadow mode", "Needs you", "Jan: Links", "Planned", "Mia")]
    assert places == sorted(places)
    assert "quiet" not in said
