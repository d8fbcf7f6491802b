"""Markdown of the reply files into the two parts of a mail (mistune)."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import mistune
from mistune.core import BaseRenderer, BlockState

from triagebot.core.columns import lay_out

_TABLE = '<table cellpadding="4" style="border-collapse:collapse">'
_MARKS = re.compile(r"[!-/:-@\[-`{-~]")
_STYLE = "font-family:sans-serif;font-size:15px;line-height:1.5;color:#222;max-width:38em"


class _PlainRenderer(BaseRenderer):
    """Readable plain text: links as "words (address)", lists with dashes, no other marks."""

    NAME = "plain"

    def __call__(self, tokens: Iterable[dict[str, Any]], state: BlockState) -> str:
        return self.render_tokens(tokens, state).strip("\n") + "\n"

    def render_token(self, token: dict[str, Any], state: BlockState) -> str:
        method = getattr(self, token["type"], None)
        return str(method(token, state)) if method else self._inside(token, state)

    def _inside(self, token: dict[str, Any], state: BlockState) -> str:
        if "children" in token:
            return self.render_tokens(token["children"], state)
        return str(token.get("raw", token.get("text", "")))

    def link(self, token: dict[str, Any], state: BlockState) -> str:
        words, address = self._inside(token, state), token["attrs"]["url"]
        return words if words in (address, address.removeprefix("mailto:")) else f"{words} ({address})"

    def paragraph(self, token: dict[str, Any], state: BlockState) -> str:
        return self._inside(token, state) + "\n\n"

    heading = paragraph

    def block_text(self, token: dict[str, Any], state: BlockState) -> str:
        return self._inside(token, state) + "\n"

    def linebreak(self, token: dict[str, Any], state: BlockState) -> str:  # noqa: ARG002
        return "\n"

    def softbreak(self, token: dict[str, Any], state: BlockState) -> str:  # noqa: ARG002
        return " "

    def blank_line(self, token: dict[str, Any], state: BlockState) -> str:  # noqa: ARG002
        return ""

    def thematic_break(self, token: dict[str, Any], state: BlockState) -> str:  # noqa: ARG002
        return "-" * 20 + "\n\n"

    def block_quote(self, token: dict[str, Any], state: BlockState) -> str:
        return "> " + _indent(self._inside(token, state).strip(), "> ") + "\n\n"

    def block_code(self, token: dict[str, Any], state: BlockState) -> str:  # noqa: ARG002
        return "    " + _indent(str(token["raw"]).strip("\n"), "    ") + "\n\n"

    def block_html(self, token: dict[str, Any], state: BlockState) -> str:  # noqa: ARG002
        return str(token["raw"]).strip() + "\n\n"

    def table(self, token: dict[str, Any], state: BlockState) -> str:
        head, *body = token["children"]
        rows = [head, *(row for part in body for row in part["children"])]
        cells = [[self._inside(cell, state).strip() for cell in row["children"]] for row in rows]
        return lay_out(cells, [cell["attrs"]["align"] == "right" for cell in head["children"]]) + "\n\n"

    def list(self, token: dict[str, Any], state: BlockState) -> str:
        ordered = token["attrs"].get("ordered", False)
        first = token["attrs"].get("start", 1)
        lines = []
        for number, item in enumerate(token["children"], first):
            mark = f"{number}. " if ordered else "- "
            lines.append(mark + _indent(self._inside(item, state).strip(), " " * len(mark)) + "\n")
        return "".join(lines) + "\n"


def _indent(text: str, mark: str) -> str:
    """Given a block and what its lines after the first begin with, return it; no line ends with a space."""
    return "\n".join((mark + line).rstrip() for line in text.split("\n"))[len(mark) :]


class _SafeRenderer(mistune.HTMLRenderer):
    """HTML without anything that is fetched from elsewhere (safety.md F.3)."""

    def image(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
        return mistune.escape(text)


_to_html = mistune.create_markdown(escape=True, renderer=_SafeRenderer(escape=True), plugins=["table"])
_to_plain = mistune.create_markdown(renderer=_PlainRenderer(), plugins=["table"])


def escape_markdown(text: str) -> str:
    """Given words that are no Markdown, return them so that they are shown as they are, in a cell of a table too."""
    return _MARKS.sub(r"\\\g<0>", " ".join(text.split()))


def place_mark(number: int) -> str:
    """Given a number, return the mark that keeps a piece's place in a frame (private use: no Markdown, no HTML)."""
    return f"\ue000{number}\ue001"


def fill_plain(frame: str, pieces: Sequence[str]) -> str:
    """Given a frame in Markdown that holds place marks, and Markdown pieces, return plain text that reads well."""
    text = render_plain(frame)
    for number, piece in enumerate(pieces):
        text = text.replace(place_mark(number), render_plain(piece).strip())
    return text


def fill_html(frame: str, pieces: Sequence[str], language: str) -> str:
    """Given a frame with place marks, pieces and a language code, return a small HTML document without
    remote content."""
    body = render_html(frame)
    for number, piece in enumerate(pieces):
        html, mark = render_html(piece).strip(), place_mark(number)
        body = body.replace(f"<p>{mark}</p>", html).replace(mark, html)
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"></head>'
        f'<body style="{_STYLE}">\n{body}</body></html>\n'
    )


@lru_cache(maxsize=256)
def render_plain(markdown: str) -> str:
    """Given Markdown, return plain text that reads well in a terminal mail program."""
    return str(_to_plain(markdown))


@lru_cache(maxsize=256)
def render_html(markdown: str) -> str:
    """Given Markdown, return its HTML without anything that is fetched from elsewhere."""
    return str(_to_html(markdown)).replace("<table>", _TABLE)
