"""Pieces of the digest's page: an item, a letter, a table, a picture; each as HTML."""

import re
from collections.abc import Callable, Sequence
from html import escape

from triagebot.core.columns import measure
from triagebot.core.digest import style
from triagebot.core.digest.content import AnswerTo, Item, Picture, Shown, Table
from triagebot.core.digest.wording import DRAFT_LABELS, LABELS_BESIDE, group_commands, is_long, list_commands, say_bare
from triagebot.core.phrase import Voice, Words, say
from triagebot.core.reading.text import clean

_TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ROOM_FOR_FIGURES, _CELL_GAP = 25, 1
"""Columns of letters that figures may take on a phone without breaking a word, and those between two of them."""
_MARKS = {"calm": "", "warn": "!", "bad": "!!"}
_LINKED = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\"\x00-\x1f\x7f-\x9f]+", re.IGNORECASE)


class Pieces:
    """Makes the pieces for one reader: his language, and where his answers go."""

    def __init__(self, voice: Voice, answer: AnswerTo | None) -> None:
        self._voice = voice
        self._answer = answer

    def words(self, words: Words) -> str:
        """Given words, return them as HTML."""
        return escape(clean(self._voice.speak(words)))

    def paragraph(self, words: Words, look: str, classes: str = "soft") -> str:
        """Given words and how they look, return a paragraph."""
        return f'<p class="{classes}" dir="auto" style="{look}">{self.words(words)}</p>'

    def item(self, item: Item, urges: bool) -> str:
        """Given an item and whether it needs a person, return all that is said about it."""
        parts = [self._item_title(item)]
        parts += [self.paragraph(line, style.SENTENCE) for line in item.lines]
        if item.quote:
            parts.append(self._quote(item.quote))
        if item.beside:
            for label, text in zip(LABELS_BESIDE, (item.beside.ours, item.beside.yours), strict=True):
                parts += [self.paragraph(label, style.LABEL), self._quote(text)]
        if item.shown:
            parts.append(self._letter(item.shown))
        if item.links:
            parts.append(f"<div>{''.join(self._link(label, address) for label, address in item.links)}</div>")
        if item.commands and self._answer:
            parts.append(self._commands(item, self._answer, urges))
        return "\n".join(parts)

    def briefs(self, items: Sequence[Item]) -> str:
        """Given items that were shortened to their titles, return them together."""
        return "\n".join(map(self._brief, items))

    def bare(self, items: Sequence[Item]) -> str:
        """Given items of which only ref and commands are left, return them together."""
        said = (say_bare(refs, commands) for commands, refs in group_commands(items))
        return "\n".join(self.paragraph(words, style.SENTENCE) for words in said)

    def table(self, table: Table) -> str:
        """Given a table, return it with its head."""
        wrap = "normal" if self._longest_words(table) <= _ROOM_FOR_FIGURES else "anywhere"
        rows = [self._row("th", table.columns, table, wrap)]
        rows += [self._row("td", row, table, wrap) for row in table.rows]
        return (
            f'<table width="100%" cellpadding="0" cellspacing="0" border="0" style="{style.FONT}">'
            f"{''.join(rows)}</table>"
        )

    def picture(self, picture: Picture, name_picture: Callable[[Picture], str]) -> str:
        """Given a picture and how one is named, return it: it brings its own light ground."""
        return (
            f'{_TABLE}><tr><td class="ink" style="{style.FONT};padding:4px 0 8px;color:{style.INK}">'
            f'<img src="{escape(name_picture(picture))}" alt="{self.words(picture.words)}" width="{picture.width}"'
            f' height="{picture.height}" style="display:block;max-width:100%;height:auto;border:0"></td></tr></table>'
        )

    def _item_title(self, item: Item) -> str:
        chip = self._chip(item)
        look = style.ITEM_TITLE if chip or is_long(item) else style.MERE_TITLE
        return f'<p class="ink" style="{look}">{chip}<span dir="auto">{self.words(item.title)}</span></p>'

    def _brief(self, item: Item) -> str:
        commands = self.words(" · ".join(list_commands(item))) if self._answer else ""
        last = f'<br><span class="soft" style="color:{style.SOFT}">{commands}</span>' if commands else ""
        return f'<p dir="auto" style="{style.BRIEF}">{self._chip(item)}{self.words(item.title)}{last}</p>'

    def _chip(self, item: Item) -> str:
        mark = item.ref or _MARKS[item.tone]
        if not mark:
            return ""
        return f'<span class="{item.tone}" style="{style.chip(item.tone)}">{self.words(mark)}</span>&nbsp; '

    def _quote(self, text: str) -> str:
        return (
            f'{_TABLE} style="margin:8px 0 0"><tr><td class="faint ink line" dir="auto" bgcolor="{style.FAINT}"'
            f' style="{style.FONT};{style.QUOTE}">{self._lines(text)}</td></tr></table>'
        )

    def _letter(self, shown: Shown) -> str:
        head = "<br>".join(
            self.words(say("{label}: {value}", label=label, value=value))
            for label, value in zip(DRAFT_LABELS, (shown.to, shown.subject), strict=True)
        )
        return (
            f'{_TABLE} class="line" style="margin:10px 0 0;border:1px solid {style.LINE};border-radius:8px">'
            f'<tr><td class="soft line" dir="auto" style="{style.FONT};{style.LETTER_HEAD}">{head}</td></tr>'
            f'<tr><td class="ink" dir="auto" style="{style.FONT};{style.LETTER}">{self._lines(shown.text)}</td></tr>'
            "</table>"
        )

    def _lines(self, text: str) -> str:
        """Lines as they are, their spaces kept without help of a style: Outlook has none for it."""
        lines = []
        for line in clean(text).expandtabs(4).rstrip("\n").splitlines():
            body = line.lstrip(" ")
            spaces = "&nbsp;" * min(len(line) - len(body), 8)
            lines.append(spaces + escape(body).replace("  ", "&nbsp; "))
        return "<br>".join(lines)

    def _link(self, label: Words, address: str) -> str:
        if not _LINKED.fullmatch(address):
            return self.paragraph(
                say("{label}: {value}", label=self._voice.speak(label), value=address), style.SENTENCE
            )
        return f'<a class="link" href="{escape(clean(address))}" style="{style.LINKED}">{self.words(label)}</a> '

    def _commands(self, item: Item, answer: AnswerTo, urges: bool) -> str:
        """A button for each answer: a tap begins the mail that gives it."""
        buttons: list[str] = []
        for label, line in zip(item.commands, list_commands(item), strict=True):
            look, name = (style.FIRST, "first") if urges and not buttons else (style.OTHER, "other")
            address = escape(mailto(answer, line))
            buttons.append(f'<a class="{name}" href="{address}" style="{look}">&nbsp;{self.words(label)}&nbsp;</a>')
        return f'<div style="margin:10px 0 0">{" ".join(buttons)}</div>'

    def _row(self, tag: str, cells: Sequence[Words], table: Table, wrap: str) -> str:
        look, ink = (style.HEAD_CELL, "soft") if tag == "th" else (style.CELL, "ink")
        written = []
        for number, cell in enumerate(cells):
            side, broken = ("right", wrap) if number in table.numbers else ("left", "anywhere")
            written.append(
                f'<{tag} class="{ink} line" align="{side}" valign="top" style="{style.FONT};{style.CELL_SPACE[side]};'
                f'{look};text-align:{side};overflow-wrap:{broken}">{self.words(cell).replace("/", "/<wbr>")}</{tag}>'
            )
        return f"<tr>{''.join(written)}</tr>"

    def _longest_words(self, table: Table) -> int:
        """Columns of a terminal that the longest words of all figures and their headings take beside each other."""
        rows = [[self._voice.speak(cell) for cell in row] for row in (table.columns, *table.rows)]
        longest = (
            max(measure(word) for row in rows for word in row[number].split() or [""]) for number in table.numbers
        )
        return sum(width + _CELL_GAP for width in longest)


def mailto(answer: AnswerTo, line: str) -> str:
    """Given where answers go and a line, return the link that begins such a mail (RFC 6068; safety.md E): all is
    percent-encoded, and a line end cannot be in it."""
    subject, body = (_encode(" ".join(clean(text).split())) for text in (answer.subject, line))
    local, _, domain = answer.address.rpartition("@")
    return f"mailto:{_encode(local)}@{_encode(domain)}?subject={subject}&body={body}"


def _encode(text: str) -> str:
    """Everything but letters, digits and four marks as %XX (RFC 3986 section 2.3)."""
    return "".join(chr(byte) if chr(byte) in _PLAIN else f"%{byte:02X}" for byte in text.encode())
