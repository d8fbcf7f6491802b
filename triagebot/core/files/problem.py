"""Problems: what is wrong with the desk's files, where, and how to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]

_SHOWN = 12


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. `file` is relative to the desk's directory, `line` counts from 1 and is 0 when the
    whole file is meant; `key` is the place inside the file, such as `client[bakery].plan`, or empty."""

    file: str
    line: int
    key: str
    text: str
    severity: Severity = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f"{self.key}: " if self.key else ""
        mark = "warning: " if self.severity == "warning" else ""
        return f"{place}: {key}{mark}{self.text}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem before its file and line are known: `path` leads through the tables, ("client", 2, "plan"),
    and `first` to the other place when something is given twice."""

    path: tuple[str | int, ...]
    text: str
    severity: Severity = "error"
    first: tuple[str | int, ...] = ()


def propose(word: str, known: Iterable[str]) -> str:
    """Given an unknown word and the known ones, return `, did you mean 'X'?` for the nearest, or nothing."""
    by_small_letters = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), by_small_letters, n=1)
    return f", did you mean '{by_small_letters[near[0]]}'?" if near else ""


def tell_unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Given what is named (client, vendor …), its name and those that exist, return the sentence for the user."""
    names = [one for one in known if one]
    listed = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    otherwise = f"; there is: {listed}" if names else f"; add a [[{what}]] first"
    return f"there is no {what} '{name}'{propose(name, names) or otherwise}"


def show_key(table: str, number: str | int | None, written: object, inner: tuple[str | int, ...]) -> str:
    """Given a table's name, its number from 0 (None if there is only one), what it holds and a path in it,
    return the key to show: `desk.timezone`, `client[bakery].plan` by its id, or else `client[1].plan`."""
    shown = table
    if isinstance(number, int):
        known_as = written.get("id") if isinstance(written, dict) else None
        shown += f"[{known_as}]" if known_as and isinstance(known_as, str) else f"[{number + 1}]"
    for step in inner:
        shown += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return shown
