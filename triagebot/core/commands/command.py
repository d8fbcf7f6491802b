"""A command: one line of the developer's answer to the digest, read. What it does is app/commands' matter."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from triagebot.core.desk import Mode
from triagebot.core.phrase import Words

# fmt: off
Verb = Literal[
    "ok", "send", "no", "book", "done", "start", "move", "quote", "merge", "split", "hold", "close", "reopen",
    "new", "undo", "mode", "away", "back",
]
# fmt: on
ALL = "all"
"""The ref of `all ok`: every mail of ours that the digest shows and that waits for a word."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do. `line` is how it was written, `ref` what it names: "12" a ticket, "m40" a received mail, "o7" a
    mail of ours, "all", or "" where nothing is named.

    Of the rest each verb has its own: `text` (send, the note of book, done and away, the matter of new), `minutes`
    (book, done, quote, new), `day` (move), `price` (quote), `other` (merge and split: the second ref; new: the client),
    `mode` with `target` (a rule, a tier, or "" for the desk), `first` and `last` (away, back).
    """

    line: str
    verb: Verb
    ref: str = ""
    text: str = ""
    minutes: int | None = None
    day: date | None = None
    price: Decimal | None = None
    other: str = ""
    mode: Mode | None = None
    target: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Unclear:
    """A line that runs nothing, and why, in a sentence that says how to write it."""

    line: str
    why: Words


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says: commands in their order, and lines that are not clear. Nothing at all is possible."""

    commands: tuple[Command, ...] = ()
    unclear: tuple[Unclear, ...] = ()
