"""The desk's files and the modes said by word, read anew: what each makes of desk, tiers and rules."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from triagebot.app.desk.view import DeskView
from triagebot.core.desk import TIERS, DeskSettings, Mode
from triagebot.core.errors import ModeError, StoreError
from triagebot.core.files.problem import propose
from triagebot.core.modes import DESK, RULE, TIER, Modes, Said, apply_to_desk, apply_to_rules, mode_of
from triagebot.core.phrase import say
from triagebot.core.rules.rule import Rule
from triagebot.edge.modes import read_modes
from triagebot.edge.rulebook import load_rules

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class ModeFiles:
    """The desk's files and the words that stand, as they are now; a view may be older."""

    view: DeskView
    rules: tuple[Rule, ...]
    words: tuple[Said, ...]

    @classmethod
    def read(cls, view: DeskView) -> "ModeFiles":
        """Given a desk, read them. Raise StoreError when the words cannot be read."""
        words, problems = read_modes(view.data, view.directory)
        if problems:
            raise StoreError(f"{problems[0]}; mend it, or remove the file and say the modes again")
        return cls(view, load_rules(view.directory / view.desk.desk.rules)[0], words)

    @property
    def modes(self) -> Modes:
        """The words, with what config.toml says instead."""
        return replace(self.view.modes, words=self.words)

    @property
    def settings(self) -> DeskSettings:
        """What counts for desk and tiers."""
        file = replace(self.view.desk.desk, mode=self.modes.desk, tier_modes=dict(self.modes.tiers))
        return apply_to_desk(file, self.words)

    def rule(self, rule: str) -> Rule | None:
        """Given an id, return the rule as its file has it."""
        return next((one for one in self.rules if one.id == rule), None)

    def without(self, words: Iterable[Said]) -> "ModeFiles":
        """Given words, return the files as if they had not been said."""
        gone = list(words)
        return replace(self, words=tuple(one for one in self.words if one not in gone))

    def mode_of(self, name: str) -> Mode | None:
        """Given what a word may be of, return the mode that counts for it; None for a rule that is gone."""
        settings = self.settings
        if name == DESK:
            return settings.mode
        if name.startswith(TIER):
            return next((mode for tier, mode in settings.tier_modes.items() if f"{TIER}{tier}" == name), settings.mode)
        rule = self.rule(name.removeprefix(RULE))
        return mode_of(apply_to_rules([rule], self.words)[0], settings.mode) if rule else None

    def list_others(self) -> Iterator[tuple[str, Mode]]:
        """Yield the tiers and rules that have modes of their own, and these."""
        settings = self.settings
        yield from ((f"{TIER}{tier}", mode) for tier, mode in settings.tier_modes.items())
        for rule in apply_to_rules(self.rules, self.words):
            if rule.mode or rule.at_most:
                yield f"{RULE}{rule.id}", mode_of(rule, settings.mode)


def find_target(target: str, rules: Iterable[Rule]) -> str:
    """Given whose mode is meant as typed and the desk's rules, return what a word of it is of. Raise ModeError."""
    typed = " ".join(target.split()).casefold()
    if typed in ("", DESK):
        return DESK
    tiers: Sequence[str] = () if typed.startswith(RULE) else TIERS
    ids = [] if typed.startswith(TIER) else [rule.id for rule in rules]
    name = typed.removeprefix(TIER).removeprefix(RULE).strip()
    if name in tiers and name in ids:
        raise ModeError(say("{name} is a tier and a rule; write `tier {name}` or `rule {name}`", name=name))
    if name in tiers:
        return f"{TIER}{name}"
    if name in ids:
        return f"{RULE}{name}"
    near = propose(name, (*tiers, *ids)) or f"; {', '.join((*tiers, *ids)[:_SHOWN])}"
    if not ids:
        raise ModeError(say("there is no tier '{name}'{near}", name=name, near=near))
    raise ModeError(say("there is no rule '{name}'{near}", name=name, near=near))
