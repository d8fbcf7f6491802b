"""Modes said by word (`mode live`), and what they make of those the desk's files have.

What a file says is where a desk begins; a word stands over it until it is taken back. There are three kinds:

- of the whole desk: it counts in place of the file's, and as the most that tiers and rules of the files may do, so
  that `mode shadow` silences all of it; a tier or rule that was given its own word afterwards keeps that;
- of a tier: in place of what the file has for it;
- of a rule: its own, whatever the desk's mode is, which is how a rule goes live before the desk does. It is never
  looser than a mode the rule's own file gives it: that line was written on purpose, by somebody who looked at this
  answer, and a word in a mail must not undo it unseen. A demotion (`at_most`) holds a rule back and never lets it do
  more than it would without.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar

from triagebot.core.desk import TIERS, DeskSettings, Mode, Tier
from triagebot.core.phrase import Phrase, Words, say
from triagebot.core.rules.rule import Rule

CAUTION: tuple[Mode, ...] = ("shadow", "draft", "live")
"""The modes, the most careful first."""
DESK, TIER, RULE = "desk", "tier ", "rule "
"""What a word is of: the desk, or how the names of tiers and rules begin."""


@dataclass(frozen=True, slots=True)
class Said:
    """A mode said by word: `of` is "desk", "tier retainer" or "rule permalinks"; `since` is a local date. `at_most`
    (of tiers and rules) holds back to that mode instead of giving it."""

    of: str
    mode: Mode
    since: date
    why: str = ""
    at_most: bool = False

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Modes:
    """The words that stand, and what config.toml says of the desk and its tiers."""

    words: tuple[Said, ...] = ()
    desk: Mode = "shadow"
    tiers: Mapping[Tier, Mode] = field(default_factory=dict)

    def of(self, name: str) -> Said | None:
        """Given what a word would be of, return the one that stands, or None."""
        return next((one for one in self.words if one.of == name), None)


@dataclass(frozen=True, slots=True)
class ModeChange:
    """What a word has changed: the words it replaced and those that stand instead, and sentences about it. Nothing
    has changed when both are the same."""

    of: str
    mode: Mode
    before: tuple[Said, ...]
    after: tuple[Said, ...]
    sentences: tuple[Words, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads; the sentences are not in it."""
        words = {"before": self.before, "after": self.after}
        return {"of": self.of, "mode": self.mode} | {
            name: [{**_plain(one), "since": one.since.isoformat()} for one in of_name]
            for name, of_name in words.items()
        }

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> "ModeChange":
        """Given what `as_json` gave, return the change without its sentences."""
        before, after = (
            tuple(Said(**{**one, "since": date.fromisoformat(one["since"])}) for one in read[name])
            for name in ("before", "after")
        )
        return cls(read["of"], read["mode"], before, after)


def stricter(*modes: Mode) -> Mode:
    """Given modes, return the most careful one."""
    return min(modes, key=CAUTION.index)


def mode_of(rule: Rule, default: Mode) -> Mode:
    """Given a rule and the mode its tier or desk has, return the rule's: its own or that one, held back if it is."""
    mode = rule.mode or default
    return stricter(mode, rule.at_most) if rule.at_most else mode


def apply_to_desk(settings: DeskSettings, words: Iterable[Said]) -> DeskSettings:
    """Given what config.toml says and the words that stand, return the settings that count."""
    by_name = {one.of: one for one in words}
    desk = by_name[DESK].mode if DESK in by_name else settings.mode
    tiers = dict(settings.tier_modes)
    if DESK in by_name:
        tiers = {tier: stricter(mode, desk) for tier, mode in tiers.items()}
    for tier in TIERS:
        word = by_name.get(f"{TIER}{tier}")
        if word is not None:
            tiers[tier] = stricter(tiers.get(tier, desk), word.mode) if word.at_most else word.mode
    return replace(settings, mode=desk, tier_modes=tiers)


def yield_to_desk(word: Said, mode: Mode) -> Said | None:
    """Given the word of a tier or rule and the mode said of the whole desk, return what is left of the word: one that
    would do more ends, but goes on to hold back when the desk does more again."""
    if word.at_most or not is_looser(word.mode, mode):
        return word
    return None if word.mode == "live" else replace(word, at_most=True)


def apply_to_rules(rules: Iterable[Rule], words: Iterable[Said]) -> tuple[Rule, ...]:
    """Given rules as their files say and the words that stand, return them as they count."""
    by_name = {one.of: one for one in words}
    desk = by_name.get(DESK)
    return tuple(_apply_to_rule(rule, by_name.get(f"{RULE}{rule.id}"), desk) for rule in rules)


def _apply_to_rule(rule: Rule, word: Said | None, desk: Said | None) -> Rule:
    mode = stricter(rule.mode, desk.mode) if rule.mode and desk is not None else rule.mode
    if word is None:
        return replace(rule, mode=mode) if mode != rule.mode else rule
    if word.at_most:
        return replace(rule, mode=mode, at_most=word.mode)
    return replace(rule, mode=stricter(rule.mode, word.mode) if rule.mode else word.mode)


def parse_of(written: object) -> str:
    """Given what a word is said to be of, return that. Raise ValueError with how it is written."""
    known = {DESK, *(f"{TIER}{tier}" for tier in TIERS)}
    if isinstance(written, str) and (written in known or (written.startswith(RULE) and written != RULE)):
        return written
    tiers = ", ".join(f'"{TIER}{tier}"' for tier in TIERS)
    raise ValueError(f'is "{DESK}", one of {tiers}, or "{RULE}" and the id of a rule, not {written!r}')


def is_looser(one: Mode, other: Mode) -> bool:
    """Given two modes, return whether the first does more by itself than the second."""
    return CAUTION.index(one) > CAUTION.index(other)


def say_modes(settings: DeskSettings) -> str:
    """Given a desk's settings, return its mode with those of tiers that have another: "live (retainer: draft)"."""
    others = [f"{tier}: {mode}" for tier, mode in settings.tier_modes.items() if mode != settings.mode]
    return f"{settings.mode} ({', '.join(others)})" if others else settings.mode


def tell_words(modes: Modes) -> tuple[Phrase, ...]:
    """Given the words that stand, return a sentence about each, those of the desk and of tiers with what config.toml
    says instead."""
    return tuple(_tell(one, modes) for one in modes.words)


def _tell(word: Said, modes: Modes) -> Phrase:
    values: dict[str, str | date | Phrase] = {"mode": word.mode, "since": word.since}
    if word.of == DESK:
        return say("mode {mode} (said on {since}; config.toml says {file})", **values, file=modes.desk)
    values["target"] = word.of
    if word.at_most:
        return say("{target}: at most {mode} since {since} ({why})", **values, why=word.why)
    if word.of.startswith(TIER):
        file = next((mode for tier, mode in modes.tiers.items() if f"{TIER}{tier}" == word.of), modes.desk)
        return say("{target}: mode {mode} (said on {since}; config.toml says {file})", **values, file=file)
    return say("{target}: mode {mode} (said on {since})", **values)


def _plain(word: Said) -> dict[str, Any]:
    return {"of": word.of, "mode": word.mode, "why": word.why, "at_most": word.at_most}
