"""A real browser without a window: Debian's chromium, driven by playwright, cut off from every network."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Browser, Page, Request, sync_playwright

Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Screen:
    """What a page is looked at on: its size in CSS pixels, and whether the reader likes it dark."""

    width: int
    height: int
    scheme: Scheme

    def __str__(self) -> str:
        return f"{self.width}x{self.height}-{self.scheme}"


PHONE, DESKTOP = (360, 740), (1100, 900)
SCREENS = tuple(
    Screen(width, height, scheme) for width, height in (PHONE, DESKTOP) for scheme in ("light", "dark")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as it is shown, and every address it asked for."""

    page: Page
    asked: list[str]


def find_browser() -> str | None:
    """Return the path of chromium, or None where there is none."""
    return shutil.which("chromium")


@contextmanager
def run_browser() -> Iterator[Browser]:
    """A running browser; it ends with the block."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser())
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def show(browser: Browser, html: str, screen: Screen) -> Iterator[Shown]:
    """Given a browser, a page and a screen, show the page there. Whatever it asks for is refused and written down."""
    context = browser.new_context(
        viewport={"width": screen.width, "height": screen.height}, color_scheme=screen.scheme, offline=True
    )
    asked: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith("data:"):
            asked.append(request.url)

    context.on("request", note)
    try:
        page = context.new_page()
        page.set_content(html, wait_until="load")
        yield Shown(page, asked)
    finally:
        context.close()
