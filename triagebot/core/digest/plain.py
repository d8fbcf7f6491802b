"""A digest as plain text, for a mail program in a terminal."""

from collections.abc import Sequence

from triagebot.core.columns import lay_out, measure
from triagebot.core.digest.content import Digest, Item, Section, Shown, Table
from triagebot.core.digest.wording import (
    DRAFT_LABELS,
    LABELS_BESIDE,
    QUIET,
    group_commands,
    is_bare,
    is_long,
    list_commands,
    say_bare,
    say_more,
)
from triagebot.core.digest.wrapping import WIDTH, mark_command, mark_text, wrap_text
from triagebot.core.phrase import ENGLISH, Voice, Words, say
from triagebot.core.reading.text import clean

_INDENT = " " * 5
_MARKED = f"{_INDENT}| "
_TONES = {"calm": "", "warn": "! ", "bad": "!! "}
_CELLS = (44, 32, 24, 18, 14, 10)


def render_text(digest: Digest, voice: Voice = ENGLISH, width: int = WIDTH) -> str:
    """Given a digest, its language and the columns of a line, return its text part. Text of others and of letters is
    marked on every line, so that none reads as a command."""
    page = _TextPage(voice, width, digest.answer is not None)
    page.write(digest)
    return "\n".join(page.lines) + "\n"


class _TextPage:
    """The lines of one digest, as they are written."""

    def __init__(self, voice: Voice, width: int, can_answer: bool) -> None:
        self.lines: list[str] = []
        self._voice = voice
        self._width = width
        self._can_answer = can_answer

    def write(self, digest: Digest) -> None:
        self._say(digest.title)
        self.lines += ["=" * self._width, ""]
        self._say(digest.proof)
        for notice in digest.notices:
            self.lines.append("")
            self._say(notice, "! ", "  ")
        for section in digest.filled:
            self._write_section(section)
        if not digest.filled:
            self.lines.append("")
            self._say(QUIET)
        if digest.hints:
            self.lines += ["", "-" * self._width]
        for hint in digest.hints:
            self._say(hint, "* ", "  ")

    def _say(self, words: Words, first: str = "", rest: str = "") -> None:
        self.lines += wrap_text(self._voice.speak(words), first, rest, self._width)

    def _write_section(self, section: Section) -> None:
        self.lines += ["", ""]
        self._say(section.heading)
        self.lines.append("-" * self._width)
        roomy = any(is_long(item) for item in section.items)
        for item in section.items:
            if is_bare(item):
                continue
            if roomy and self.lines[-1].strip("-"):
                self.lines.append("")
            self._write_item(item)
        self._write_bare([item for item in section.items if is_bare(item)])
        if section.more:
            self.lines += [""] if roomy else []
            self._say(say_more(section), "  *  ", _INDENT)
        if section.table:
            self.lines += [""] if section.items else []
            self._write_table(section.table)
        if section.picture:
            self.lines += [""] if section.items or section.table else []
            self._say(section.picture.words, "  ", "  ")

    def _write_item(self, item: Item) -> None:
        lead = f"[{item.ref}] ".ljust(len(_INDENT)) if item.ref else "  *  "
        self._say(item.title, lead + _TONES[item.tone], _INDENT)
        for line in item.lines:
            self._say(line, _INDENT, _INDENT)
        self.lines += mark_text(item.quote, _MARKED, self._width)
        if item.beside:
            for whose, text in zip(LABELS_BESIDE, (item.beside.ours, item.beside.yours), strict=True):
                self._say(whose, _INDENT, _INDENT)
                self.lines += mark_text(text, _MARKED, self._width)
        if item.shown:
            self._write_shown(item.shown)
        for label, address in item.links:
            self.lines.append(mark_command(_INDENT, f"{self._flat(label)}: {self._flat(address)}"))
        self._write_commands(list_commands(item) if self._can_answer else [])

    def _write_shown(self, shown: Shown) -> None:
        for label, value in zip(DRAFT_LABELS, (shown.to, shown.subject), strict=True):
            self._say(say("{label}: {value}", label=label, value=value), _INDENT, f"{_INDENT}  ")
        rule = "-" * (self._width - len(_INDENT) - 1)
        self.lines.append(f"{_INDENT},{rule}")
        self.lines += mark_text(shown.text, _MARKED, self._width)
        self.lines.append(f"{_INDENT}`{rule}")

    def _write_commands(self, commands: Sequence[str]) -> None:
        """On one line, or on as many as it takes, each of which says what it is."""
        room = self._width - len(_INDENT)
        taken: list[str] = []
        for command in (*commands, None):
            line = self._flat(say("answer: {commands}", commands=" · ".join(taken)))
            if taken and (command is None or measure(f"{line} · {command}") > room):
                self.lines.append(_INDENT + line)
                taken = []
            taken += [command] if command else []

    def _write_bare(self, items: Sequence[Item]) -> None:
        for commands, refs in group_commands(items):
            self._say(say_bare(refs, commands), "  *  ", _INDENT)

    def _write_table(self, table: Table) -> None:
        rows = [[self._flat(cell) for cell in row] for row in (table.columns, *table.rows)]
        to_right = [number in table.numbers for number in range(len(table.columns))]
        for most in _CELLS:
            lines = lay_out(rows, to_right, most).splitlines()
            if max(map(measure, lines), default=0) <= self._width - len("  | "):
                self.lines += [mark_command("  ", line) for line in lines]
                return
        for row in rows[1:]:  # too many columns for a terminal
            told = " · ".join(f"{head}: {cell}" if head else cell for head, cell in zip(rows[0], row, strict=True))
            self.lines += wrap_text(told, "  *  ", _INDENT, self._width)

    def _flat(self, words: Words) -> str:
        return " ".join(clean(self._voice.speak(words)).split())
