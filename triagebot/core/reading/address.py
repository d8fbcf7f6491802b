"""Mail addresses: strict reading of address headers (RFC 5322 section 3.4), and one spelling to compare by.

Two readers of one From header may see two senders; that is how forged mail passes a
provider's check (safety.md F.2). So nothing is repaired here: whatever could be read in
two ways is a named defect, and a mail whose From has a defect is answered by nobody.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from triagebot.core.mail import Address, AddressList
from triagebot.core.reading.text import clean_line
from triagebot.core.reading.words import decode_raw

COMMENT_DEPTH = 10
"""Comments nested deeper than this are a defect; RFC 5322 sets no limit, people need two."""
NAME_LENGTH = 200

_TOKEN = re.compile(
    r"""(?P<space>[ \t]+)
    | (?P<encoded>=\?[^?\s<>]{1,80}\?[bBqQ]\?[^?\s<>]*\?=)
    | (?P<atom>[^ \t()<>,:;"\\]+)
    | (?P<special>.)""",
    re.VERBOSE | re.DOTALL,
)
_QUOTED = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMMENT_MARK = re.compile(r"\\.|[()]", re.DOTALL)
_LINE_BREAK = re.compile("[\0\r\n]")
_DOT_ATOM = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_DOMAIN = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    spaced: bool


@dataclass(slots=True)
class _Mailbox:
    """What was read of one mailbox so far; `angle` is the inside of <…>."""

    before: list[_Token] = field(default_factory=list)
    angle: list[_Token] | None = None
    comments: list[str] = field(default_factory=list)


def parse_addresses(value: str) -> AddressList:
    """Given an unfolded address header value, return its addresses and a name for every doubt.

    Linear in the length of the value; comments are counted, not recursed into. An address that
    cannot be one (`bad-address`) is left out.
    """
    reader = _Reader()
    for token in _tokens(value, reader.defects):
        reader.read(token)
    reader.finish()
    return AddressList(tuple(reader.addresses), tuple(dict.fromkeys(reader.defects)))


class _Reader:
    """Turns tokens into addresses, mailbox by mailbox."""

    def __init__(self) -> None:
        self.addresses: list[Address] = []
        self.defects: list[str] = []
        self._mailbox = _Mailbox()
        self._angle: list[_Token] | None = None  # where tokens go while inside <…>
        self._in_group = False
        self._group_start = 0

    def read(self, token: _Token) -> None:
        box = self._mailbox
        if token.kind == "comment":
            box.comments.append(token.text)
        elif self._angle is not None:
            if token.kind == "special" and token.text == ">":
                self._angle = None
            else:
                self._angle.append(token)
        elif token.kind != "special":
            if box.angle is None:
                box.before.append(token)
            else:
                self.defects.append("trailing")
        elif token.text == "<":
            self._angle = []
            if box.angle is None:
                box.angle = self._angle
            else:
                self.defects.append("two-addresses")
        elif token.text == ",":
            self._end_mailbox()
        elif token.text == ":":
            self._start_group()
        elif token.text == ";":
            self._end_mailbox()
            self._end_group()
        else:
            self.defects.append("stray-character")

    def finish(self) -> None:
        if self._angle is not None:
            self.defects.append("unclosed-angle")
        self._end_mailbox()
        if self._in_group:
            self.defects.append("unclosed-group")
            self._end_group()
        if not self.addresses and not self.defects:
            self.defects.append("empty")

    def _start_group(self) -> None:
        self.defects.append("bad-address" if self._in_group or self._mailbox.angle is not None else "group")
        self._in_group = True
        self._group_start = len(self.addresses)
        self._mailbox = _Mailbox()

    def _end_group(self) -> None:
        if not self._in_group:
            self.defects.append("stray-character")  # a semicolon between addresses, as Outlook shows them
        elif len(self.addresses) == self._group_start:
            self.defects.append("empty-group")
        self._in_group = False

    def _end_mailbox(self) -> None:
        box, self._mailbox = self._mailbox, _Mailbox()
        if any("@" in comment for comment in box.comments):
            self.defects.append("address-in-comment")
        if box.angle is None and not box.before:
            return
        if box.angle is not None and not box.angle:
            self.defects.append("empty")
            return
        spec = self._read_spec(box.before if box.angle is None else box.angle)
        if not spec:
            return
        if box.angle is None:
            name = box.comments[-1] if box.comments else ""
        else:
            name = "".join((" " if token.spaced else "") + token.text for token in box.before)
            shown = [token.text for token in box.before if token.kind == "atom" and "@" in token.text]
            # `jan@x <jan@x>` is common and harmless; any other address before <…> is a disguise.
            if shown and (len(shown) > 1 or shown[0].lower() != spec.lower()):
                self.defects.append("angle-mismatch")
        shown_name = decode_raw(name, NAME_LENGTH)
        if _LINE_BREAK.search(shown_name):
            self.defects.append("name-control")  # nobody is called so; it is an attack (safety.md 0.1)
        self.addresses.append(Address(clean_line(shown_name)[:NAME_LENGTH], spec))

    def _read_spec(self, tokens: list[_Token]) -> str:
        """Given the tokens of an addr-spec, return it in its one spelling, or "" with a defect noted."""
        spaced = any(token.spaced for token in tokens[1:])
        if spaced or any(token.kind == "special" for token in tokens):
            self.defects.append("bad-address")
            return ""
        local, _, domain = "".join(token.text for token in tokens).rpartition("@")
        ascii_form = ascii_domain(domain)
        quoted = tokens[0].kind == "quoted"
        if any(token.kind == "quoted" for token in tokens[1:]) or (quoted and local != tokens[0].text):
            self.defects.append("bad-address")
            return ""
        if not ascii_form or len(local.encode("utf-8", "replace")) > 64 or not _DOT_ATOM.fullmatch(local):
            self.defects.append("quoted-local" if quoted and ascii_form else "bad-address")
            return ""
        if not local.isascii():
            self.defects.append("smtputf8-local")
        return f"{local}@{ascii_form}"


def _tokens(value: str, defects: list[str]) -> Iterator[_Token]:
    """Given a value, yield its tokens; an unclosed quote or comment ends it with a defect."""
    position, spaced = 0, False
    while position < len(value):
        character = value[position]
        if character == '"':
            quoted = _QUOTED.match(value, position)
            if quoted is None:
                # Looking further would try every later quote again: quadratic (safety.md 0.2).
                defects.append("unclosed-quote")
                return
            yield _Token("quoted", _ESCAPED.sub(r"\1", quoted[1]), spaced)
            position = quoted.end()
        elif character == "(":
            end = _end_of_comment(value, position, defects)
            yield _Token("comment", value[position + 1 : end - 1], spaced)
            position = end
        else:
            found = _TOKEN.match(value, position)
            if found is None:
                return
            position = found.end()
            if found.lastgroup == "space":
                spaced = True
                continue
            yield _Token(found.lastgroup or "special", found[0], spaced)
        spaced = False


def _end_of_comment(value: str, start: int, defects: list[str]) -> int:
    """Given where a comment opens, return where it is over; one that never closes ends the value."""
    depth = deepest = 0
    for mark in _COMMENT_MARK.finditer(value, start):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        deepest = max(deepest, depth)
        if depth == 0:
            if deepest > COMMENT_DEPTH:
                defects.append("nested-comment-depth")
            return mark.end()
    defects.append("nested-comment-depth" if deepest > COMMENT_DEPTH else "unclosed-comment")
    return len(value) + 1


def ascii_domain(domain: str) -> str:
    """Given a domain in any spelling, return its lower case A-label form (RFC 5890), or "" if it is none."""
    return _ascii_domain(domain) if 0 < len(domain) <= 255 else ""


@lru_cache(maxsize=4096)
def _ascii_domain(domain: str) -> str:
    lowered = domain.lower()
    if domain.isascii() and "xn--" not in lowered:
        return lowered if len(lowered) <= 253 and _DOMAIN.fullmatch(lowered) else ""
    import idna  # 15 ms, and most mail never needs it

    try:
        encoded = idna.encode(domain, uts46=True).decode().lower()
    except UnicodeError:
        return ""
    return encoded if _DOMAIN.fullmatch(encoded) else ""


def sender_key(address: str) -> str:
    """Given an address, return the spelling it is counted by: lower case, no +tag, A-label (safety.md C)."""
    # No valid address has more than 64 + 1 + 255 characters; longer ones are not kept in the cache.
    return _sender_key(address) if len(address) <= 320 else clean_line(address).lower()


@lru_cache(maxsize=4096)
def _sender_key(address: str) -> str:
    local, _, domain = clean_line(address).rpartition("@")
    local = local.lower()
    return f"{local.partition('+')[0] or local}@{ascii_domain(domain) or domain.lower()}"
