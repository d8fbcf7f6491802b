"""HTML mail turned to text with selectolax: what a reader would see, nothing fetched, nothing run.

Blocks become lines, cited blocks get "> " before every line, struck-out words stand in ~~tildes~~, hidden elements
are left out.
If that leaves nothing, the texts of images or the hidden words are better than an empty mail
(field.md row 43). The tree is only ever added to: taking a node away frees its children,
and a list of nodes that still names them ends the process.
"""

import re
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

MOST_CHARACTERS = 500_000
# Lexbor looks through all open blocks at each new one: 100,000 nested divs took 16 s.
_DEEPEST = 500
_DEEPEST_QUOTE = 10
# Where one block ends and the next begins are two breaks; a line break of its own makes the gap visible.
_BREAKS_OF_A_GAP = 2
_NESTING = re.compile(
    r"<(/?)(div|blockquote|center|ul|ol|dl|dir|menu|pre|listing|details|summary|dialog|section|article|main|aside|"
    r"header|footer|hgroup|nav|search|form|fieldset|figure|figcaption|address|ruby|rt|rp|rb|rtc|h[1-6])\b",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>")
_NOT_SHOWN = "style,script,head,title,template,svg,select,[hidden]"
_BLOCKS = (
    "p,div,br,tr,table,li,ul,ol,dl,dt,dd,h1,h2,h3,h4,h5,h6,blockquote,pre,hr,center,address,"
    "section,article,header,footer,form,fieldset,figure"
)
_INVISIBLE = re.compile(r"display:none|visibility:hidden|mso-hide:all|max-height:0(?:px)?(?:;|$)|opacity:0(?:;|$)")
_STRUCK = re.compile(r"text-decoration(?:-line)?:[^;]*line-through")
_PLAIN_INDENT = re.compile(r"border(?:-left)?:(?:none|0)")

# Private-use characters stand for what text has no character for; any in the input are dropped first.
_BREAK = "\ue000"
_OPENING = {"quote": "\ue001", "hidden": "\ue002", "lines": "\ue003", "struck": "\ue007"}
_CLOSING = {"quote": "\ue004", "hidden": "\ue005", "lines": "\ue006", "struck": "\ue008"}
_MARKS = re.compile("[\ue000-\ue008]")
_PIECES = re.compile("([\ue000-\ue008])")
_STEPS = {
    **{mark: (name, 1) for name, mark in _OPENING.items()},
    **{mark: (name, -1) for name, mark in _CLOSING.items()},
}


def html_to_text(html: str) -> str:
    """Given HTML, return its visible text, one line a block; empty only if there is no text at all."""
    source = _MARKS.sub("", html[:MOST_CHARACTERS])
    if _too_deep(source):
        return _without_tags(source)
    return _visible_text(source) or _image_texts(source) or _without_tags(source)


def _visible_text(source: str) -> str:
    tree = LexborHTMLParser(source)
    invisible = (node for node in tree.css("[style]") if _INVISIBLE.search(_style(node)))
    for node in (*tree.css(_NOT_SHOWN), *invisible):
        _mark(node, "hidden")
    struck = (node for node in tree.css("[style]") if _STRUCK.search(_style(node)))
    for node in (*tree.css("s,strike,del"), *struck):
        _mark(node, "struck")
    for node in tree.css("pre,listing,xmp"):
        _mark(node, "lines")
    for node in tree.css("blockquote"):
        if _is_cited(node):
            _mark(node, "quote")
    for node in tree.css("td,th"):
        node.insert_before(" ")
    for node in tree.css(_BLOCKS):
        node.insert_before(_BREAK)
        node.insert_after(_BREAK)
    return _lay_out(tree.body.text(separator="")) if tree.body else ""


def _mark(node: LexborNode, name: str) -> None:
    node.insert_before(_OPENING[name])
    node.insert_after(_CLOSING[name])


def _style(node: LexborNode) -> str:
    return "".join((node.attributes.get("style") or "").lower().split())


def _is_cited(node: LexborNode) -> bool:
    """Gmail's "indent more" is a blockquote too; it says so by having no border."""
    named = " ".join(filter(None, (node.attributes.get("type"), node.attributes.get("class"))))
    return "cite" in named or "quote" in named or not _PLAIN_INDENT.search(_style(node))


def _lay_out(marked: str) -> str:
    """Given text with marks, return its lines, with one empty line at most between two of them."""
    lines: list[str] = []
    inside = dict.fromkeys(_OPENING, 0)
    open_line: list[str] = []
    depth = blank = 0
    for piece in (*_PIECES.split(marked), _BREAK):
        if piece in _STEPS:
            name, step = _STEPS[piece]
            inside[name] += step
            continue
        if inside["hidden"]:
            continue
        for number, part in enumerate(piece.split("\n") if inside["lines"] else (piece,)):
            if number or piece == _BREAK:
                words = " ".join("".join(open_line).split())
                open_line = []
                blank = 0 if words else blank + 1
                if words or (blank == _BREAKS_OF_A_GAP and lines):
                    lines.append("> " * min(depth, _DEEPEST_QUOTE) * bool(words) + words)
            if part != _BREAK:
                depth = inside["quote"] if not open_line else depth
                open_line.append(_strike(part) if inside["struck"] else part)
    return "\n".join(lines).strip("\n")


def _strike(part: str) -> str:
    """What its writer has taken back stays to be seen, and is no word of a command."""
    words = part.strip()
    return part.replace(words, f"~~{words}~~") if words else part


def _image_texts(source: str) -> str:
    nodes = LexborHTMLParser(source).css("img[alt]")
    return "\n".join(alt for node in nodes if (alt := " ".join((node.attributes.get("alt") or "").split())))


def _too_deep(source: str) -> bool:
    open_now: dict[str, int] = {}
    depth = 0
    for closing, tag in _NESTING.findall(source):
        name = tag.lower()
        if not closing:
            open_now[name] = open_now.get(name, 0) + 1
            depth += 1
            if depth > _DEEPEST:
                return True
        elif open_now.get(name):
            open_now[name] -= 1
            depth -= 1
    return False


def _without_tags(source: str) -> str:
    text = _MARKS.sub("", unescape(_TAG.sub(" ", source)))
    return "\n".join(words for line in text.split("\n") if (words := " ".join(line.split())))
