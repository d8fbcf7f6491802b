"""The lint of pages can fail: each thing that a mail program would not show, or must not get, is found."""

import pytest

from tests.digests import USUAL
from tests.html_lint import find_faults
from triagebot.core.digest.page import render_html

PAGE = render_html(USUAL)
LONG_SHEET = "".join(f".a{number}{{color:#000000 !important}}" for number in range(300))


def test_a_sound_page_has_no_fault() -> None:
    """The page the bad ones are made of is sound."""
    assert find_faults(PAGE) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("</h1>", "</h1><script>alert(1)</script>", "<script> is not on the list"),
        ("</h1>", '</h1><form action="https://a.example"></form>', "<form> is not on the list"),
        ("</h1>", '</h1><iframe src="https://a.example"></iframe>', "<iframe> is not on the list"),
        ("</h1>", '</h1><link rel="stylesheet" href="https://a.example/x.css">', "<link> is not on the list"),
        ("</h1>", '</h1><svg width="9"></svg>', "<svg> is not on the list"),
        ("</h1>", '</h1><video src="cid:a"></video>', "<video> is not on the list"),
        ("</h1>", '</h1><img src="https://evil.example/pixel.png" alt="a" width="1" height="1">', "must come with"),
        ("</h1>", '</h1><img src="//evil.example/pixel.png" alt="a" width="1" height="1">', "must come with"),
        ("</h1>", '</h1><img src="data:image/png;base64,AA" alt="a" width="1" height="1">', "must come with"),
        ("</h1>", '</h1><img src="cid:a@b" width="1" height="1">', "without words"),
        ("</h1>", '</h1><img src="cid:a@b" alt="a" height="1">', "without its width"),
        ("</h1>", '</h1><img src="cid:a@b" alt="a" width="100%" height="1">', "without its width"),
        ("<h1 ", '<h1 onclick="alert(1)" ', "<h1 onclick> is not on the list"),
        ("<h1 ", '<h1 id="a" ', "<h1 id> is not on the list"),
        ("margin:0;", "margin:0;position:absolute;", "property position"),
        ("margin:0;", "margin:0;display:none;", "hides or moves"),
        ("margin:0;", "margin:0;display:flex;", "hides or moves"),
        ("margin:0;", "margin:0;background-image:url(https://a.example/x);", "property background-image"),
        ("margin:0;", "margin:0;color:expression(alert(1));", "is not plain"),
        ("margin:0;font-size:22px", "background-color:#ffffff;font-size:22px", "ground of its own"),
        ("font-size:22px", "font-size:11px", "14px is the least"),
        ("font-size:22px", "font-size:1em", "14px is the least"),
        ('bgcolor="#ffffff" style="max-width', 'style="max-width', "same bgcolor"),
        ('class="card"', 'class="tile"', "Classes without a colour for the dark: tile"),
        ("</style>", "@import 'https://a.example/x.css';</style>", "more than the colours"),
        ("</style>", "h1{font-size:9px}</style>", "more than the colours"),
        ("background-color:#101317", "background-image:url(cid:a)", "colours only"),
        ("background-color:#101317 !important", "background-color:#101317", "colours only"),
        (".page{", f"{LONG_SHEET}.page{{", "style sheet has"),
        ("mailto:support%2Bd", "javascript:support", "only https, http, mailto and tel"),
        ("&amp;body=12%20today", "&amp;body=12%20today%0D%0Aall%20ok", "line end"),
        ("&amp;body=12%20today", "&amp;body=12 today", "nothing unencoded"),
        ("&amp;body=12%20today", "&amp;bcc=evil%40a.example&amp;body=12", "sets more than"),
        ("&amp;body=12%20today", "&amp;body=12%20today%zz", "not percent-encoded"),
        ("mailto:support%2Bd-", "mailto:evil@a.example,support%2Bd-", "no single"),
        ("Needs you", "Needs < you", "Unescaped <"),
        ("Needs you", "Needs > you", "Unescaped >"),
        ("Needs you", "Needs & you", "Unescaped &"),
        ("Needs you", "Needs \u202eyou", "turns the direction"),
        ("Needs you", "Needs \x1byou", "control character"),
        ("Needs you", "<!-- Needs you -->", "comment ' Needs you ' is not on the list"),
        ("Needs you", "<!--[if mso]><b>Needs</b><![endif]-->", "is not on the list"),
        ("</h1>", "", "closes what is not open"),
        ("</body>", "", "closes what is not open"),
        ("</body>\n</html>", "", "Not closed: html, body"),
        ("<!doctype html>", "", "doctype"),
        ('<meta charset="utf-8">', "", "charset"),
        ('name="viewport"', 'name="view"', "viewport"),
        ("Needs you", "Needs you " * 11_000, "allowed are 100000"),
    ],
)
def test_faults_are_found(old: str, new: str, told: str) -> None:
    """A page with one thing wrong is told of it."""
    assert old in PAGE
    faults = find_faults(PAGE.replace(old, new, 1))
    assert any(told in fault for fault in faults), faults


def test_a_file_holds_its_pictures() -> None:
    """A page that is a file has its pictures in itself; one that is a mail brings them along."""
    source = '<img src="cid:reasons@triagebot"'
    assert source in PAGE
    as_file = PAGE.replace(source, '<img src="data:image/png;base64,AAAA"')
    assert find_faults(as_file, as_file=True) == []
    assert any("must come with" in fault for fault in find_faults(as_file))
    assert any("must come with" in fault for fault in find_faults(PAGE, as_file=True))
