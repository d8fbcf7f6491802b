"""The digest in a real browser: nothing overflows, all can be read and tapped, and nothing is asked of any server.

The screenshots are in the test's own directory, or where TRIAGEBOT_SCREENSHOTS says.
"""

import os
import re
from base64 import b64encode
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.digest_pictures import draw_bars
from tests.digests import BAD, USUAL
from tests.servers.browser import SCREENS, Screen, show
from triagebot.core.digest.page import name_by_content, render_html

LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
PAGES = sorted((Path(__file__).parents[1] / "golden_digests").glob("*/digest.html"))
SMALL = Screen(320, 568, "light")
pages = pytest.mark.parametrize("file", PAGES, ids=lambda file: file.parent.name)
screens = pytest.mark.parametrize("screen", [*SCREENS, SMALL], ids=str)


def bring_pictures(html: str) -> str:
    """Given a page as a mail brings it, return it with its pictures in itself, as a mail program puts them there."""
    picture = b64encode(draw_bars((3, 2, 1))).decode()
    return re.sub(r'src="cid:[^"]+"', f'src="data:image/png;base64,{picture}"', html)


def look(browser: Browser, html: str, screen: Screen, picture: Path | None = None) -> list[str]:
    """Given a page and a screen, return what is wrong with it there; leave a screenshot where one is asked for."""
    with show(browser, html, screen) as shown:
        faults = [str(fault) for fault in shown.page.evaluate(LOOK)]
        if picture is not None:
            shown.page.screenshot(path=picture, full_page=True)
        return [*faults, *(f"Asked for {address}" for address in shown.asked)]


@pages
@screens
def test_golden_digests_look_right(browser: Browser, file: Path, screen: Screen, tmp_path: Path) -> None:
    """Each golden page, on a phone and at a desk, light and dark: no overflow, good contrast, wide taps, no request."""
    shots = Path(os.environ.get("TRIAGEBOT_SCREENSHOTS", tmp_path))
    picture = shots / f"{file.parent.name}-{screen}.png"
    assert look(browser, bring_pictures(file.read_text(encoding="utf-8")), screen, picture) == []
    assert picture.stat().st_size > 5_000


@pages
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_without_its_style_sheet(browser: Browser, file: Path, screen: Screen) -> None:
    """A mail program that takes the style sheet out shows the same page in light colours."""
    html = re.sub("<style>.*?</style>", "", bring_pictures(file.read_text(encoding="utf-8")), flags=re.DOTALL)
    assert look(browser, html, screen) == []


@screens
def test_a_file_looks_right(browser: Browser, screen: Screen) -> None:
    """The page of `digest --html`, which is not shortened, holds its pictures and looks as good."""
    for digest in (USUAL, BAD):
        assert look(browser, render_html(digest, name_picture=name_by_content), screen) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("</h1>", '</h1><table width="700"><tr><td>wide</td></tr></table>', "Beyond the screen"),
        ("</h1>", f"</h1><pre>{'x' * 300}</pre>", "The page is"),
        ("color:#57606a", "color:#a0a7ae", "Contrast 2."),
        ("padding:10px 12px", "padding:2px 3px", "Hard to tap"),
        ("</h1>", '</h1><img src="https://evil.example/pixel.png">', "Asked for https://evil.example/pixel.png"),
        ("</h1>", '</h1><img src="cid:nobody@triagebot">', "Not loaded: cid:nobody"),
    ],
)
def test_the_look_can_fail(browser: Browser, old: str, new: str, told: str) -> None:
    """A page that overflows, is faint, cannot be tapped or asks for something is told of it."""
    page = render_html(USUAL, name_picture=name_by_content)
    assert old in page
    faults = look(browser, page.replace(old, new), SMALL)
    assert any(told in fault for fault in faults), faults


def test_a_page_that_stays_light_is_seen(browser: Browser) -> None:
    """A page that knows no dark is told of it."""
    page = render_html(USUAL, name_picture=name_by_content).replace("prefers-color-scheme:dark", "print")
    assert "The page is light although the reader likes it dark." in look(browser, page, Screen(360, 740, "dark"))
