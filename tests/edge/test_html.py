"""HTML mail as text: what a person would see, and time within reason for what nobody would send."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.edge.html import MOST_CHARACTERS, html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello&nbsp;<b>wor</b>ld &amp; co</p>", "Hello world & co"),
        ("日本<b>語</b>です", "日本語です"),
        ("one<br>two<div>three</div>four", "one\ntwo\nthree\nfour"),
        ("end<br><br>next", "end\n\nnext"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<table><tr><td>a<td>b</table>", "a b"),
        ("line\nends are\tspaces", "line ends are spaces"),
        ("<pre>kept\n  as they are</pre>", "kept\nas they are"),
        ("a <span style='display : none'>x</span>b", "a b"),
        ("a <div STYLE='color:red;DISPLAY:NONE'>x</div>b", "a b"),
        ("a<span hidden>x<span hidden>y</span>z</span>b", "ab"),
        ("a<div style='visibility: hidden'><script>x</script></div>b", "ab"),
        ("<style>p{}</style><script>alert(1)</script><title>t</title>seen", "seen"),
        ("<head><title>t</title></head><body>seen</body>", "seen"),
        ("<p>x<!-- comment --></p>", "x"),
        ("<p>1 <s>ok</s> no</p>", "1 ~~ok~~ no"),
        ("<del><p>1 ok</p><p>2 ok</p></del>3 ok", "~~1 ok~~\n~~2 ok~~\n3 ok"),
        ("<strike>1 ok <b>now</b></strike>", "~~1 ok now~~"),
        ("1<span style='text-decoration: line-through'> ok</span>", "1 ~~ok~~"),
        ("<s> </s>", ""),
        ("&#20;&lt;script&gt;", "\x14<script>"),
    ],
)
def test_visible_words(html: str, text: str) -> None:
    """Blocks become lines, entities characters, and hidden elements nothing."""
    assert html_to_text(html) == text


def test_quotes_are_marked() -> None:
    """A cited block gets a mark on every line, so that new words can be told from it."""
    quote = "<blockquote type=cite><p>a<p>b<blockquote>c</blockquote></blockquote>"
    html = f"new<div class='gmail_quote'>On Mon wrote:{quote}"
    assert html_to_text(html).replace("\n\n", "\n") == "new\nOn Mon wrote:\n> a\n> b\n> > c"


def test_an_indented_block_is_no_quote() -> None:
    """Gmail's "indent more" is a blockquote without a border; its words are the writer's own."""
    html = "see<blockquote style='margin:0 0 0 40px; border: none; padding:0px'>Error 500</blockquote>end"
    assert html_to_text(html) == "see\nError 500\nend"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<img alt='Summer sale' src='http://x.example/p.png'>", "Summer sale"),
        ("<div hidden>only hidden</div>", "only hidden"),
        ("<body style='display:none'>all of it</body>", "all of it"),
    ],
)
def test_some_text_is_better_than_none(html: str, text: str) -> None:
    """A mail with nothing visible still gives the words there are (field.md row 43)."""
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<ul><li>" * 50_000,
        "<!--" * 120_000,
        "<" * MOST_CHARACTERS,
        "<p style='" + "display:" * 60_000 + "'>x",
        "<table><tr><td>" * 20_000,
        "<p hidden>" * 40_000,
        "<blockquote>" * 400 + "<p>x" * 50_000,
        "&" * MOST_CHARACTERS,
        "<a " + "x=y " * 100_000 + ">",
    ],
    ids=lambda html: html[:12],
)
def test_hostile_html_takes_seconds_at_most(html: str) -> None:
    """Nesting and repetition that is quadratic in the parser is not given to it."""
    began = time.process_time()
    html_to_text(html)
    assert time.process_time() - began < 3


TAGS = st.sampled_from(["<p>", "</p>", "<div hidden>", "</div>", "<blockquote>", "<pre>", "</pre>", "<td>", "<br>"])


@given(st.lists(TAGS | st.text(max_size=10), max_size=40).map("".join))
def test_any_html_gives_text(html: str) -> None:
    """No arrangement of tags raises, leaves a private mark behind or makes two empty lines in a row."""
    text = html_to_text(html)
    assert not any("\ue000" <= letter <= "\ue006" for letter in text)
    assert "\n\n\n" not in text or "&" in html
