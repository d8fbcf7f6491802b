"""The words a person newly wrote, told apart from what they quote and from their signature.

Every line of the text goes to exactly one of three piles (new, quoted, signature), in
order, so nothing is lost. Lines decide alone or with the few lines after them, on capped
pieces, and no test searches backwards: linear time on any input. When in doubt a line
stays new: a quoted line too much is better than a lost request (field.md rows 39 and 40).
"""

from dataclasses import dataclass, field
from typing import Literal

from triagebot.core.reading import quotewords
from triagebot.core.reading.attribution import (
    MOST_CHARACTERS,
    fold_line,
    header_word,
    names_writer,
    names_writer_fully,
)

Pile = Literal["new", "quoted", "signature"]
_FORWARDS_OPENED = 3
_QUOTES_AFTER = 6
_SIGNATURE_LINES = 12
_ATTRIBUTION_LINES = 4
_HEADER_LINES = 10
_GREETING_WORDS = 4
_SHORTEST_RULE = 8
_COLONS = (":", "：")


@dataclass(frozen=True, slots=True)
class NewText:
    """A text in three piles. `unsure`: `new` holds no words of its own, so the whole text is to be read."""

    new: str
    quoted: str = ""
    signature: str = ""
    unsure: bool = False


@dataclass(slots=True)
class _Lines:
    """The lines of a text, what was decided about each, and for each the next line that is not blank."""

    raw: list[str]
    next_full: list[int] = field(default_factory=list)
    piles: list[Pile] = field(default_factory=list)
    forwarded_from: int = -1

    def __post_init__(self) -> None:
        self.piles = ["new"] * len(self.raw)
        self.next_full = [len(self.raw)] * (len(self.raw) + 2)
        for index in range(len(self.raw) - 1, -1, -1):
            self.next_full[index] = index if self.raw[index].strip() else self.next_full[index + 1]

    def quoted(self, index: int) -> bool:
        return index < len(self.raw) and is_quoted(self.raw[index])

    def put(self, start: int, end: int, pile: Pile) -> None:
        self.piles[start:end] = [pile] * (end - start)

    def pile(self, name: Pile) -> str:
        chosen = (line for line, pile in zip(self.raw, self.piles, strict=True) if pile == name)
        return "\n".join(chosen).strip("\n")


def split_new_text(text: str) -> NewText:
    """Given the clean text of a mail, return its new words, what they quote, and the signature."""
    return _split(text, _FORWARDS_OPENED)


def sort_lines(text: str) -> list[tuple[str, Pile]]:
    """Given clean text, return each of its lines with the pile it goes to; what is forwarded counts as quoted."""
    lines = _sort(text)
    return list(zip(lines.raw, lines.piles, strict=True))


def is_quoted(line: str) -> bool:
    """Given a line, return whether it is marked as a quote (RFC 3676 section 4.5), maybe indented."""
    return line[:4].lstrip(" ").startswith(">")


def says_something(text: str) -> bool:
    """Given new text, return whether it holds more than a greeting; a number or an emoji is enough."""
    full = [line.strip() for line in text.split("\n") if line.strip()]
    if len(full) == 1 and _only_greets(fold_line(full[0])):
        return False
    # from U+2600 on: emoji, and letters of scripts without an alphabet
    return any(letter.isalnum() or letter >= "\u2600" for line in full for letter in line)


def _only_greets(line: str) -> bool:
    said = line.rstrip(" ,.!:、。！，")
    return (
        len(said.split()) <= _GREETING_WORDS
        and not any(mark in said for mark in ",，、。")
        and any(said == word or said.startswith(word + " ") for word in quotewords.GREETINGS)
    )


def _sort(text: str) -> _Lines:
    lines = _Lines(text.split("\n"))
    _mark_signatures(lines, _mark_quotes(lines))
    return lines


def _split(text: str, forwards: int) -> NewText:
    lines = _sort(text)
    new, quoted = lines.pile("new"), lines.pile("quoted")
    said = says_something(new)
    if not said and lines.forwarded_from >= 0 and forwards:
        return _open_forwarded(lines, forwards)
    return NewText(new, quoted, lines.pile("signature"), unsure=bool(quoted) and not said)


def _open_forwarded(lines: _Lines, forwards: int) -> NewText:
    """The mail says nothing but what it forwards: the forwarded words are the new text."""
    start = lines.next_full[lines.forwarded_from]
    while start < len(lines.raw) and (header_word(lines.raw[start]) or _separator(lines.raw[start])):
        start = lines.next_full[start + 1]
    inner = _split("\n".join(_unquote(line) for line in lines.raw[start:]), forwards - 1)
    before = "\n".join(lines.raw[:start]).strip("\n")
    quoted = "\n".join(filter(None, (before, inner.quoted)))
    return NewText(inner.new, quoted, inner.signature, unsure=not says_something(inner.new))


def _unquote(line: str) -> str:
    return line.lstrip(" ")[1:].removeprefix(" ") if is_quoted(line) else line


def _mark_quotes(lines: _Lines) -> int:
    """Put every quoted line on its pile; return where the rest, which is all quoted, begins."""
    index = lines.next_full[0]
    while index < len(lines.raw):
        line = lines.raw[index]
        if is_quoted(line):
            after = index + 1
        elif (kind := _separator(line)) or _header_block(lines, index):
            if kind != "original" and (kind or not lines.pile("new")):
                lines.forwarded_from = index
            lines.put(index, len(lines.raw), "quoted")
            return index
        elif after := _attribution(lines, index):
            index = _lead_in(lines, index)
            if not _quotes_follow(lines, after):
                lines.put(index, len(lines.raw), "quoted")
                return index
        else:
            index = lines.next_full[index + 1]
            continue
        lines.put(index, after, "quoted")
        index = lines.next_full[after]
    return len(lines.raw)


def _quotes_follow(lines: _Lines, start: int) -> bool:
    index = lines.next_full[start]
    for _ in range(_QUOTES_AFTER):
        if index >= len(lines.raw):
            return False
        if lines.quoted(index):
            return True
        index = lines.next_full[index + 1]
    return False


def _separator(line: str) -> str:
    """Return "original" or "forwarded" for a line such as "----- Original Message -----", else ""."""
    if len(line) > 120:
        return ""
    stripped = line.strip().lstrip("> ")
    dashed = stripped[:2] in {"--", "––", "——", "__", "=="}
    if not dashed and not stripped.endswith(_COLONS):
        return ""
    core = fold_line(stripped.strip("-–—_=*:： "))
    if core in quotewords.FORWARDED:
        return "forwarded"
    return "original" if dashed and core in quotewords.ORIGINAL else ""


def _header_block(lines: _Lines, index: int) -> bool:
    """Whether a header block as Outlook writes it begins here: sender, date, and to whom or about what."""
    if lines.raw[index].startswith("_") and set(lines.raw[index].strip()) == {"_"}:
        index = lines.next_full[index + 1]
    if index >= len(lines.raw) or header_word(lines.raw[index]) not in {"from", "date", "subject"}:
        return False
    found: set[str] = set()
    for _ in range(_HEADER_LINES):
        if index >= len(lines.raw):
            break
        found.add(header_word(lines.raw[index]))
        index = lines.next_full[index + 1]
    return {"from", "date"} <= found and bool({"to", "subject"} & found)


def _attribution(lines: _Lines, start: int) -> int:
    """Return where the attribution ("On … Anna wrote:", maybe wrapped) that begins here ends, or 0."""
    end = start
    for line in lines.raw[start : start + _ATTRIBUTION_LINES]:
        if not line or is_quoted(line) or line.isspace():
            return 0
        end += 1
        if line.rstrip().endswith(_COLONS):
            break
    else:
        return 0
    block = [fold_line(line[:MOST_CHARACTERS].strip()) for line in lines.raw[start:end]]
    # The shortest block that is an attribution counts: a sentence right above it stays the writer's own.
    lengths = range(1, len(block) + 1)
    least = next((length for length in lengths if names_writer_fully(" ".join(block[-length:]))), 0)
    if not least and lines.quoted(lines.next_full[end]):
        least = next((length for length in lengths if names_writer(" ".join(block[-length:]))), 0)
    if least and least < len(block) and block[-least].startswith(("<", "(", "wrote", "at ")):
        least += 1
    return end if least == len(block) else 0


def _lead_in(lines: _Lines, start: int) -> int:
    """Return where the recipients and subject begin that Yandex writes under a rule right above its attribution, or
    the attribution's own line."""
    index = start
    while start - index < _HEADER_LINES and index and header_word(lines.raw[index - 1]) in {"to", "subject", "other"}:
        index -= 1
    rule = lines.raw[index - 1].strip() if index < start and index else ""
    return index - 1 if len(rule) >= _SHORTEST_RULE and set(rule) == {"-"} else start


def _mark_signatures(lines: _Lines, end: int) -> None:
    """Put what stands below a signature mark, and lines a device adds by itself, on the signature's pile."""
    left = sum(bool(line.strip()) for line, pile in zip(lines.raw, lines.piles, strict=True) if pile == "new")
    said = signature = False
    for index in range(end):
        line = lines.raw[index]
        if lines.piles[index] != "new":
            signature = False
            continue
        stripped = line.strip()
        left -= stripped != ""
        if said and (line == "-- " or (stripped in {"--", "—"} and left <= _SIGNATURE_LINES)):
            signature = True
        if signature or (stripped and is_from_device(stripped)):
            lines.piles[index] = "signature"
        elif stripped:
            said = True


def is_from_device(line: str) -> bool:
    """Given a line without space around it, return whether a device adds it by itself ("Sent from my iPhone")."""
    return len(line) <= 120 and fold_line(line.strip("_-*<>[]( ")).startswith(quotewords.DEVICE_LINES)
