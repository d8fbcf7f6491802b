"""Reply files as the two parts of a mail: plain words, and HTML that fetches and runs nothing."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triagebot.edge.markdown import fill_html, fill_plain, place_mark, render_html, render_plain

HARMLESS_TAGS = {
    "p", "a", "em", "strong", "code", "pre", "ul", "ol", "li", "br", "hr", "blockquote",
    "h1", "h2", "h3", "h4", "h5", "h6",
}  # fmt: skip
PIECES = [
    "![x](http://evil.example/pixel.png)", "<img src=http://evil.example/x>", "<script>alert(1)</script>",
    "[click](javascript:alert(1))", "[click](JaVaScRiPt:alert(1))", "[x](data:text/html,hi)", "<style>*{}</style>",
    "<a href='javascript:x' onclick=x>", "[a](http://ok.example \"t\\\" onclick=x\")", "<http://ok.example/\">",
    "&#106;avascript:", "[r]: javascript:alert(1)\n\n[r]", "`<b>`", "- ", "> ", "    ", "# ", "\n\n", "*", "_",
    "[", "](",
    ")", "<", ">", "\"", "'", "&", "text", "\\", "```\n", "1. ", "---\n",
]  # fmt: skip


class TagCollector(HTMLParser):
    """Collects tags and attributes as a browser would find them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def check_harmless(html: str) -> None:
    """Given HTML, check that nothing in it is fetched or run."""
    found = TagCollector()
    found.feed(html)
    assert set(found.tags) <= HARMLESS_TAGS
    for name, value in found.attributes:
        assert name in ("href", "title", "start")
        if name == "href":
            scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", value.casefold())
            assert scheme is None or scheme[1] not in ("javascript", "vbscript", "data", "file")


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@settings(max_examples=300, deadline=None)
def test_no_markdown_makes_html_that_fetches_or_runs(markdown: str) -> None:
    """Images, raw HTML and script links are gone, however they are mixed; both renderers take anything."""
    check_harmless(render_html(markdown))
    assert render_plain(markdown).endswith("\n")


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("![the logo](http://evil.example/x.png)", "<p>the logo</p>"),
        ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>"),
        ("[here](javascript:alert(1))", '<p><a href="#harmful-link">here</a></p>'),
        ("[here](https://x.example/?a=1&b=2)", '<p><a href="https://x.example/?a=1&amp;b=2">here</a></p>'),
        ("**5 < 6**", "<p><strong>5 &lt; 6</strong></p>"),
    ],
)
def test_html_is_what_the_author_meant(markdown: str, html: str) -> None:
    """An image leaves its description, raw HTML is shown as text, a good link works."""
    assert render_html(markdown).strip() == html


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Open **Settings**, then *Mail*.", "Open Settings, then Mail.\n"),
        ("# Title\n\nOne\ntwo.\n\nThree.", "Title\n\nOne two.\n\nThree.\n"),
        ("[the guide](https://x.example/?a=1&b=2)", "the guide (https://x.example/?a=1&b=2)\n"),
        ("<https://x.example/?a=1&b=2>", "https://x.example/?a=1&b=2\n"),
        ("<ada@desk.example>", "ada@desk.example\n"),
        ("1. one\n2. two\n   - deep\n3. three\n\nEnd", "1. one\n2. two\n   - deep\n3. three\n\nEnd\n"),
        ("3. three\n4. four", "3. three\n4. four\n"),
        ("- one\n\n  more\n- two", "- one\n\n  more\n- two\n"),
        ("> said\n> more\n\nEnd", "> said more\n\nEnd\n"),
        ("Type:\n\n    dig a\n      x\n\nEnd", "Type:\n\n    dig a\n      x\n\nEnd\n"),
        ("```\n<b>\n```\nEnd", "    <b>\n\nEnd\n"),
        ("one  \ntwo", "one\ntwo\n"),
        ("a\n\n---\n\nb", "a\n\n--------------------\n\nb\n"),
        ("<div>x</div>\n\nEnd", "<div>x</div>\n\nEnd\n"),
        ('5 < 6 & "x" \\*', '5 < 6 & "x" *\n'),
        ("![the logo](http://x.example/x.png)", "the logo\n"),
        ("", "\n"),
    ],
)
def test_plain_text_reads_well(markdown: str, text: str) -> None:
    """Addresses stay to be clicked, lists and code keep their shape, and no line ends with a space."""
    assert render_plain(markdown) == text


def test_pieces_stand_in_their_places() -> None:
    """A list stays a list in both parts, and a piece that holds a sign of Markdown changes nothing around it."""
    frame = f"Hello,\n\n{place_mark(0)}\n\n---\n\n{place_mark(1)}\n\n*Ada*"
    pieces = ["- one\n- two", "Closed *here"]
    assert fill_plain(frame, pieces) == "Hello,\n\n- one\n- two\n\n--------------------\n\nClosed *here\n\nAda\n"
    html = fill_html(frame, pieces, "pl")
    assert "<p>Hello,</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<hr />\n<p>Closed *here</p>" in html
    assert html.startswith('<!doctype html>\n<html lang="pl">')
    assert not re.search("[\ue000\ue001]", html)
