"""TOML files with line numbers: tomllib reads the values, a small scanner finds the line of every key."""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from triagebot.core.files.problem import Problem

TomlPath = tuple[str | int, ...]

_LARGEST = 5_000_000
_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)")
_MENDING = {
    "Invalid value": 'a text needs quotes: name = "Ada"',
    "Invalid initial character for a key part": "a key is made of letters, digits, - and _",
    "Expected '=' after a key in a key/value pair": 'a line is written as: key = "value"',
    "Expected ']' at the end of a table declaration": "a table starts with [name]",
    "Expected ']]' at the end of an array declaration": "an entry of a list of tables starts with [[name]]",
    "Cannot overwrite a value": "this key is given twice; keep one of them",
    "Expected newline or end of document after a statement": "write one key per line, and texts in quotes",
    "Cannot declare": "this table is given twice; put its keys together",
    "Invalid statement": 'a line is written as: key = "value", and a table starts with [name]',
    "Duplicate inline table key": "this key is given twice; keep one of them",
    "Invalid date or datetime": "a date is written as 2026-12-24",
    "Expected \"'": "a text ends with the same quotes it starts with",
    "Unclosed array": "a list ends with ]",
    "Unclosed inline table": "a table in braces ends with } and stands on one line",
    "Unterminated string": 'a text ends with the same quotes it starts with: "…"',
    "Illegal character '\\n'": 'a text ends with " on the line it starts on',
    "Unescaped '\\' in a string": r"write \\ for a backslash, or put the text in single quotes: 'C:\mail'",
}

_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_REST_OF_LINE = re.compile(r"[^\n]*")
_KEY_PART = re.compile(r"""[ \t]*([A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*')[ \t]*(\.?)""")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{1,2}(?!"))?|"(?:\\.|[^"\\])*"'
    r"|'''.*?'''(?:'{1,2}(?!'))?|'[^']*'",
    re.DOTALL,
)
_BARE_VALUE = re.compile(r"[^,\]}#\n]+")
_MARK = re.compile(rf"{_STRING.pattern}|#[^\n]*|[\[\]{{}}]", re.DOTALL)
"""What a bracket may hide in, and brackets: outside of all brackets, one that opens begins a table."""


@dataclass(frozen=True)
class Document:
    """A file that was read: its name as shown to the user, its values, its text."""

    file: str
    data: dict[str, Any]
    text: str

    @cached_property
    def _lines(self) -> dict[TomlPath, int]:
        # Found only when a line is asked for: a desk without mistakes never pays for it.
        try:
            return _Scanner(self.text).scan()
        except RecursionError:
            return {}

    @cached_property
    def _tables(self) -> dict[TomlPath, int]:
        # Where rules begin is asked for in every start: a third of the time of finding each of their values.
        return _Scanner(self.text).scan_tables()

    def line_of(self, path: TomlPath) -> int:
        """Given a path such as ("client", 2, "stack", "host"), return its line or its nearest parent's."""
        if path in self._tables:
            return self._tables[path]
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def problem(self, path: TomlPath, key: str, text: str) -> Problem:
        """Given where a mistake stands, the key as shown and a sentence, return the problem."""
        return Problem(self.file, self.line_of(path), key, text)


def read_toml(path: Path, root: Path) -> tuple[Document | None, list[Problem]]:
    """Given a file and the directory its name is shown relative to, return its document, or None and why."""
    file = show_path(path, root)
    try:
        if path.is_dir():
            return None, [Problem(file, 0, "", "is a directory; a TOML file is expected here")]
        if path.stat().st_size > _LARGEST:
            return None, [Problem(file, 0, "", "is larger than 5 MB; split it into several files")]
        raw = path.read_bytes()
    except FileNotFoundError:
        return None, [Problem(file, 0, "", "there is no such file; `triagebot init DIR` writes a new desk")]
    except OSError as error:
        return None, [Problem(file, 0, "", f"cannot be read: {error.strerror}; mend its permissions")]
    try:
        # Editors on Windows put a byte order mark first, which TOML does not know.
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return None, [Problem(file, line, "", "is not UTF-8 text; save the file with the encoding UTF-8")]
    return parse_toml(text, file)


def parse_toml(text: str, file: str) -> tuple[Document | None, list[Problem]]:
    """Given TOML text and the name to show, return its document, or None and its first syntax error."""
    try:
        return Document(file, tomllib.loads(text), text.replace("\r\n", "\n")), []
    except tomllib.TOMLDecodeError as error:
        return None, [_syntax_problem(str(error), text, file)]
    except ValueError as error:
        return None, [Problem(file, 0, "", f"is not valid TOML: {error}")]
    except RecursionError:
        return None, [Problem(file, 0, "", "lists or tables are nested too deeply; write them flatter")]


def show_path(path: Path, root: Path) -> str:
    """Given a file and the desk's directory, return its name relative to it, with forward slashes."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()


def _syntax_problem(message: str, text: str, file: str) -> Problem:
    found = _PLACE.fullmatch(message)
    said, line, column = found.groups() if found else (message, None, None)
    place = f" (column {column})" if column else ""
    # tomllib shows the name of a table as a tuple.
    said = re.sub(r"\('.*\)", lambda name: ".".join(re.findall("'([^']*)'", name.group())), said)
    mending = next((mend for start, mend in _MENDING.items() if said.startswith(start)), "")
    if line is None and said.startswith(("Invalid", "Expected")):
        mending = "the file ends too early: a quote or a bracket is not closed"
    sentence = f"is not valid TOML: {said}{place}" + (f"; {mending}" if mending else "")
    return Problem(file, int(line) if line else len(text.rstrip().splitlines()) or 1, "", sentence)


class _Scanner:
    """One walk over TOML text that tomllib has accepted; it may therefore trust the grammar."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._entries: dict[TomlPath, int] = {}
        self._lines: dict[TomlPath, int] = {}

    def scan(self) -> dict[TomlPath, int]:
        """Return the line of every table, key and list element."""
        table: TomlPath = ()
        self._skip(_GAP)
        while self._position < len(self._text):
            if self._text[self._position] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_REST_OF_LINE)
            self._skip(_GAP)
        return self._lines

    def scan_tables(self) -> dict[TomlPath, int]:
        """Return the line of every table that has a line of its own, [name] or [[name]]."""
        depth = 0
        for mark in _MARK.finditer(self._text):
            if (letter := mark.group()) in ("[", "{"):
                if not depth and not self._text[self._text.rfind("\n", 0, mark.start()) + 1 : mark.start()].strip():
                    self._position = mark.start()
                    self._header()
                depth += 1
            elif letter in ("]", "}"):
                depth -= 1
        return self._lines

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._position)
        if found is None:
            return ""
        self._position = found.end()
        return found.group()

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _record(self, path: TomlPath) -> None:
        self._lines.setdefault(path, bisect_right(self._starts, self._position))

    def _header(self) -> TomlPath:
        listed = self._text.startswith("[[", self._position)
        self._position += 2 if listed else 1
        *parents, name = self._keys()
        path: TomlPath = ()
        for parent in parents:
            path = self._latest((*path, parent))
            self._record(path)
        path = (*path, name)
        self._record(path)
        if listed:
            number = self._entries.get(path, 0)
            self._entries[path] = number + 1
            path = (*path, number)
            self._record(path)
        return path

    def _latest(self, path: TomlPath) -> TomlPath:
        """A table under a list of tables belongs to the list's last entry."""
        return (*path, self._entries[path] - 1) if path in self._entries else path

    def _keys(self) -> Iterator[str]:
        dotted = "."
        while dotted and (found := _KEY_PART.match(self._text, self._position)):
            self._position = found.end()
            part, dotted = found.groups()
            yield next(iter(tomllib.loads(f"{part} = 0"))) if part[0] in "\"'" else part

    def _pair(self, table: TomlPath) -> None:
        path = table
        for key in self._keys():
            path = (*path, key)
            self._record(path)
        self._position += len("=")
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: TomlPath) -> None:
        opening = self._peek()
        if opening == "[":
            for number in self._elements("]"):
                self._record((*path, number))
                self._value((*path, number))
        elif opening == "{":
            for _ in self._elements("}"):
                self._pair(path)
        elif not self._skip(_STRING):
            self._skip(_BARE_VALUE)

    def _elements(self, closing: str) -> Iterator[int]:
        """Stand before each element of a list or braces table in turn; the caller reads it."""
        self._position += 1
        for number in count():
            self._skip(_GAP)
            if self._peek() == closing:
                break
            yield number
            self._skip(_GAP)
            if self._peek() == ",":
                self._position += 1
        self._position += 1
