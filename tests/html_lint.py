"""What a page that is sent by mail may hold, so that every mail program shows it: a list, and a check against it.

Desktop Outlook draws with the engine of Word: it knows tables, inline styles and few properties, and leaves out what it
does not know. Gmail takes out style sheets that are long or hold what it does not like, and cuts a mail above 102 kB.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qsl, unquote

LARGEST = 100_000
"""Bytes of a page: below what Gmail cuts."""
LONGEST_SHEET = 8_000
"""Characters of a style sheet: above 8,192 Gmail takes it out."""
SMALLEST_TEXT = 14
"""Pixels: what is smaller is magnified by phones, which breaks the layout."""

ELEMENTS = {
    "html": {"lang", "dir"},
    "head": set(),
    "meta": {"charset", "name", "content"},
    "title": set(),
    "style": set(),
    "body": {"class", "bgcolor", "style"},
    "table": {"role", "width", "cellpadding", "cellspacing", "border", "class", "bgcolor", "style", "align"},
    "tr": set(),
    "td": {"class", "dir", "bgcolor", "style", "align", "valign", "width"},
    "th": {"class", "style", "align", "valign"},
    "h1": {"class", "style"},
    "h2": {"class", "style"},
    "p": {"class", "dir", "style"},
    "div": {"style"},
    "span": {"class", "dir", "style"},
    "a": {"class", "href", "style"},
    "img": {"src", "alt", "width", "height", "style"},
    "br": set(),
    "wbr": set(),
}
"""Elements and their attributes. No script, form, frame, font file, or anything that asks another server."""

KNOWN = {
    *("background-color", "color", "font-family", "font-size", "font-weight", "line-height", "text-align"),
    *("text-decoration", "margin", "padding", "border", "border-left", "border-top", "border-bottom"),
}
"""Properties Word's engine draws (padding in cells only, which is where the page relies on it)."""
HARMLESS = {
    "border-radius": "corners are square there",
    "display": "a button becomes a coloured link there",
    "height": "the attribute of the picture counts there",
    "max-width": "a table of fixed width around it stands in there",
    "overflow-wrap": "Word breaks long words by itself",
}
"""Properties Word's engine leaves out, and why the page is good without."""
VALUES = re.compile(r"[\w #%.,'-]+(?: !important)?")
DISPLAYS = ("block", "inline-block")

COMMENTS = (
    '[if mso]><table role="presentation" width="680" align="center"><tr><td><![endif]',
    "[if mso]></td></tr></table><![endif]",
)
"""What only Outlook reads: the table of fixed width."""

_VOID = {"meta", "br", "img", "wbr"}
_ENTITY = re.compile(r"&(?:[a-z]+|#\d+|#x[0-9a-f]+);")
_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\"]+")
_DARK = re.compile(r":root\{color-scheme:light dark\}\s*@media \(prefers-color-scheme:dark\)\{\s*(.*)\}\s*", re.DOTALL)
_RULE = re.compile(r"\.([\w-]+)\{([^{}]*)\}\s*")


def find_faults(page: str, *, as_file: bool = False) -> list[str]:
    """Given a page, and whether it is a file that holds its pictures in itself, return a sentence for each fault."""
    reader = _Reader(as_file)
    reader.feed(page)
    reader.close()
    return [*reader.faults, *reader.faults_at_end(), *_faults_of_text(page), *_faults_of_whole(page)]


def _faults_of_whole(page: str) -> Iterator[str]:
    size = len(page.encode())
    if size >= LARGEST:
        yield f"The page has {size} bytes, allowed are {LARGEST}."
    if not page.startswith("<!doctype html>"):
        yield "The page does not begin with its doctype: old modes draw it differently."
    if '<meta charset="utf-8">' not in page:
        yield "The page does not name its charset."
    if '<meta name="viewport" content="width=device-width' not in page:
        yield "Without a viewport a phone shows the page small."


def _faults_of_text(page: str) -> Iterator[str]:
    """Text is escaped: once tags, comments and the style sheet are taken away, no mark of HTML is left."""
    bare = re.sub(r"<style>.*?</style>|<!--.*?-->|<!doctype html>|</?[a-z][a-z0-9]*(?: [^<>]*)?>", "", page, flags=re.S)
    for mark in re.finditer(r"[<>]", bare):
        yield f"Unescaped {mark[0]} near {bare[mark.start() - 20 : mark.start() + 20]!r}."
    for mark in re.finditer("&", bare):
        if not _ENTITY.match(bare, mark.start()):
            yield f"Unescaped & near {bare[mark.start() : mark.start() + 20]!r}."
    if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page):
        yield "A control character or a mark that turns the direction of text."


class _Reader(HTMLParser):
    """Reads a page and writes down its faults."""

    def __init__(self, as_file: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self._as_file = as_file
        self._open: list[str] = []
        self._sheet = ""
        self._classes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Judge an element."""
        if tag not in ELEMENTS:
            self.faults.append(f"<{tag}> is not on the list.")
            return
        if tag not in _VOID:
            self._open.append(tag)
        given = {name: value or "" for name, value in attrs}
        if len(given) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice.")
        self.faults += [f"<{tag} {name}> is not on the list." for name in given if name not in ELEMENTS[tag]]
        self._classes |= set(given.get("class", "").split())
        self.faults += _faults_of_style(tag, given)
        self.faults += _faults_of_link(given["href"]) if "href" in given else []
        self.faults += self._faults_of_picture(given) if tag == "img" else []

    def handle_endtag(self, tag: str) -> None:
        """Judge the end of an element."""
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes what is not open.")

    def handle_data(self, data: str) -> None:
        """Keep the style sheet."""
        if self._open and self._open[-1] == "style":
            self._sheet += data

    def handle_comment(self, data: str) -> None:
        """Judge a comment: what mail programs read in some of them must be known."""
        if data not in COMMENTS:
            self.faults.append(f"The comment {data[:40]!r} is not on the list.")

    def faults_at_end(self) -> Iterator[str]:
        """What only shows when all is read."""
        if self._open:
            yield f"Not closed: {', '.join(self._open)}."
        if len(self._sheet) > LONGEST_SHEET:
            yield f"The style sheet has {len(self._sheet)} characters, allowed are {LONGEST_SHEET}."
        dark = _DARK.fullmatch(self._sheet.strip())
        rules = _RULE.findall(dark[1]) if dark else []
        if dark is None or _RULE.sub("", dark[1]).strip():
            yield "The style sheet holds more than the colours of the dark."
        for _, body in rules:
            for declaration in filter(None, body.split(";")):
                if not re.fullmatch(r"(?:background-|border-)?color:#[0-9a-f]{6} !important", declaration):
                    yield f"The style sheet says {declaration!r}: colours only, each important."
        unknown = self._classes - {name for name, _ in rules}
        if unknown:
            yield f"Classes without a colour for the dark: {', '.join(sorted(unknown))}."

    def _faults_of_picture(self, given: dict[str, str]) -> Iterator[str]:
        source = given.get("src", "")
        allowed = "data:image/png;base64," if self._as_file else "cid:"
        if not source.startswith(allowed):
            yield f"A picture from {source[:40]!r}: it must come with the page ({allowed})."
        if not given.get("alt"):
            yield "A picture without words."
        for name in ("width", "height"):
            if not re.fullmatch(r"[1-9]\d{0,2}", given.get(name, "")):
                yield f"A picture without its {name}: Outlook draws it at its size in dots."


def _faults_of_style(tag: str, given: dict[str, str]) -> Iterator[str]:
    style = {}
    for declaration in filter(None, given.get("style", "").split(";")):
        name, _, value = declaration.partition(":")
        style[name] = value
        if name not in KNOWN and name not in HARMLESS:
            yield f"The property {name} of <{tag}> is not on the list."
        if not VALUES.fullmatch(value):
            yield f"The value {value!r} of {name} is not plain."
        if name == "display" and value not in DISPLAYS:
            yield f"display:{value} hides or moves text."
        if name == "font-size" and not (re.fullmatch(r"\d+px", value) and int(value[:-2]) >= SMALLEST_TEXT):
            yield f"Text of {value}: {SMALLEST_TEXT}px is the least."
    if tag in ("body", "table", "td") and given.get("bgcolor", "") != style.get(
        "background-color", given.get("bgcolor", "")
    ):
        yield f"<{tag}> has a background-color but not the same bgcolor, which Outlook needs."
    if "background-color" in style and tag in ("p", "div", "h1", "h2"):
        yield f"<{tag}> has a ground of its own: use a cell, Outlook draws it without its padding."


def _faults_of_link(address: str) -> Iterator[str]:
    if not _LINK.fullmatch(address):
        yield f"A link to {address[:40]!r}: only https, http, mailto and tel, and nothing unencoded."
        return
    if not address.startswith("mailto:"):
        return
    if re.search("%0[ad]", address, re.IGNORECASE):
        yield f"A line end in {address[:60]!r}: it could begin another command (RFC 6068 section 5)."
    to, _, query = address.removeprefix("mailto:").partition("?")
    if not re.fullmatch(r"(?:[\w.~@-]|%[0-9A-F]{2})+", to) or unquote(to).count("@") != 1:
        yield f"{to!r} is no single, percent-encoded address."
    if not re.fullmatch(r"(?:[\w.~&=-]|%[0-9A-F]{2})*", query) or not query.isascii():
        yield f"{query!r} is not percent-encoded."
    if {name for name, _ in parse_qsl(query, keep_blank_values=True)} - {"subject", "body"}:
        yield f"{query!r} sets more than subject and body."
