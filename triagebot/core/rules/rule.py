"""Rules: what to recognise in a mail (rules/*.toml), as plain values."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal

from triagebot.core.desk import Mode, Tier

Kind = Literal["question", "vendor", "work", "project", "emergency", "enquiry", "thanks"]

DEMAND: tuple[Kind, ...] = ("emergency", "project", "work", "vendor", "enquiry", "question", "thanks")
"""The kinds, the most demanding first (design.md section 8)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the desk's files; line counts from 1."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class RuleTest:
    """An inline test of a rule: does this text match it?"""

    text: str
    expect: bool = True
    subject: str = ""
    tier: Tier = "none"
    language: str = "en"
    place: Place = Place()

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `subject` holds patterns for the subject alone; `sender` (`from` in the file) and `to` hold
    address globs such as `*@vendor.example`. `delay` is how long an answer waits; None is the desk's own. `at_most`
    stands in no file: a word holds the rule back to that mode (core/modes.py)."""

    id: str
    reason: str
    kind: Kind
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    sender: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()
    clients: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    when: str = ""
    has: Literal["", "attachment"] = ""
    vendor: tuple[str, ...] = ()
    reply: str = ""
    minutes: int = 0
    mode: Mode | Literal[""] = ""
    delay: timedelta | None = None
    test: tuple[RuleTest, ...] = ()
    place: Place = Place()
    at_most: Mode | Literal[""] = ""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
