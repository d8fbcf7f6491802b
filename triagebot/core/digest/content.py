"""What a digest says, as values; how it looks is plain.py's and page.py's."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from triagebot.core.phrase import Words

Tone = Literal["calm", "warn", "bad"]
"""How an item looks: as usual, as something that will break, as something that is broken."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail of ours that waits for a word, whole: whom it goes to, its subject and its text as they would leave."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What the desk would have sent, beside what the developer sent himself; both shortened by who shows them."""

    ours: str
    yours: str


@dataclass(frozen=True, slots=True)
class Item:
    """One matter of a section: what it is about, and sentences about it.

    `ref` is what a command names it by: "12" a ticket, "m40" a received mail, "o7" a mail of ours; "" is none.
    `commands` are what can be answered, without the ref ("ok", "25m", "hold"), the likeliest first. `quote` is text of
    others, never a command. `links` are labels and addresses (https:, tel:, mailto:). `brief` is an item that was
    shortened to one line, with its commands as text (fit.py).
    """

    title: Words
    lines: tuple[Words, ...] = ()
    quote: str = ""
    ref: str = ""
    commands: tuple[str, ...] = ()
    tone: Tone = "calm"
    shown: Shown | None = None
    beside: Beside | None = None
    links: tuple[tuple[Words, str], ...] = ()
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of short cells under a heading; `numbers` are the columns that are aligned to the right."""

    columns: tuple[Words, ...]
    rows: tuple[tuple[Words, ...], ...]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """A small picture (PNG), with the words that stand for it where pictures are not shown."""

    name: str
    png: bytes
    words: Words
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its items, and for figures a table and a picture that says the same; left out when empty. `more`
    counts the items that were left out; `shortened` says that `triagebot digest` shows more of them (fit.py)."""

    heading: Words
    items: tuple[Item, ...] = ()
    table: Table | None = None
    picture: Picture | None = None
    more: int = 0
    shortened: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not self.items and self.table is None and self.picture is None


@dataclass(frozen=True, slots=True)
class AnswerTo:
    """Where answers to this mail go: the address (with a token where that works), and the subject of a mail that is
    begun from a link, which carries the token too."""

    address: str
    subject: str


@dataclass(frozen=True, slots=True)
class Digest:
    """The whole digest. `day` is the local date it is of; `proof` says that what arrived is accounted for; the first
    section is what needs a person: of its items none is left out for length; `answer` is None where it cannot be
    answered by mail, and `hints` are sentences at its end."""

    title: Words
    proof: Words
    notices: tuple[Words, ...]
    sections: tuple[Section, ...]
    day: date | None = None
    hints: tuple[Words, ...] = ()
    answer: AnswerTo | None = None

    @property
    def filled(self) -> tuple[Section, ...]:
        """The sections that have something to say."""
        return tuple(section for section in self.sections if not section.is_empty)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All pictures, in their order."""
        return tuple(section.picture for section in self.sections if section.picture is not None)
