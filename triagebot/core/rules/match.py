"""The rulebook: all rules of a desk, matched against a mail in one pass.

A rule matches when every condition it sets holds: one of `any`, each of `all`, one of
`subject` (in the subject alone), no one of `none`, and the conditions of core/condition.py.
A rule that sets none of them matches every mail. A match never spans subject and text.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from triagebot.core.decision import RuleMatch, Step
from triagebot.core.rules.condition import Condition, Matter, conditions_of
from triagebot.core.rules.pattern import BadPatternError
from triagebot.core.rules.patternset import Pattern, PatternSet, Reading, parse_pattern
from triagebot.core.rules.rule import Rule

__all__ = ["Matter", "PatternError", "PatternErrors", "PatternKey", "Rulebook", "SlowPattern"]

PatternKey = Literal["any", "all", "none", "subject"]

_KEYS: tuple[PatternKey, ...] = ("any", "all", "subject", "none")


class PatternError(ValueError):
    """One pattern that cannot be used: where it stands, and in `text` what is wrong and how to mend it."""

    def __init__(self, rule: Rule, key: PatternKey, index: int, text: str) -> None:
        super().__init__(f"{rule.place}: rule {rule.id!r}, {key}[{index}]: {text}")
        self.rule = rule
        self.key = key
        self.index = index
        self.text = text


class PatternErrors(ValueError):
    """Every pattern of a rulebook that cannot be used, in `errors`."""

    def __init__(self, errors: Iterable[PatternError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, self.errors)))


@dataclass(frozen=True, slots=True)
class SlowPattern:
    """A regular expression that is searched for in every mail, because no word announces it."""

    rule: Rule
    key: PatternKey
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A rule with its patterns as numbers into the pattern set."""

    rule: Rule
    patterns: tuple[tuple[PatternKey, tuple[int, ...]], ...]
    conditions: tuple[Condition, ...]

    def choose_triggers(self, slow: frozenset[int]) -> tuple[int, ...]:
        """Given the slow patterns, return others of which one must match if the rule does; () if none."""
        groups: list[tuple[int, ...]] = []
        for key, numbers in self.patterns:
            if key == "all":
                groups += ((number,) for number in numbers)
            elif key != "none":
                groups.append(numbers)
        return next((group for group in groups if slow.isdisjoint(group)), ())

    def match(self, matter: Matter, reading: Reading) -> tuple[str, ...] | None:
        """Given a mail and its reading, return the words that made the rule match, or None."""
        for condition in self.conditions:
            if not condition.holds(self.rule, matter):
                return None
        words: list[str] = []
        for key, numbers in self.patterns:
            found = _find_possible(key, numbers, reading)
            if not _holds(key, len(found), len(numbers)):
                return None
            words += found
        return tuple(dict.fromkeys(filter(None, words)))


class Rulebook:
    """All rules of a desk, compiled. Immutable.

    Raise PatternErrors, with all of them, if a pattern cannot be used.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules: tuple[Rule, ...] = tuple(rules)
        self.modes = frozenset(mode for rule in self.rules for mode in (rule.mode, rule.at_most) if mode)
        self._by_id = {rule.id: index for index, rule in reversed(list(enumerate(self.rules)))}
        numbers, patterns = _compile_patterns(self.rules)
        self._patterns = PatternSet(patterns)
        self._prepared = tuple(_prepare(rule, numbers) for rule in self.rules)
        triggered: dict[int, list[int]] = {}
        always: list[int] = []
        for index, prepared in enumerate(self._prepared):
            triggers = prepared.choose_triggers(self._patterns.slow)
            if not triggers:
                always.append(index)
            for number in triggers:
                triggered.setdefault(number, []).append(index)
        self._always = frozenset(always)
        self._triggered = {number: tuple(indexes) for number, indexes in triggered.items()}
        self.slow_patterns: tuple[SlowPattern, ...] = tuple(
            SlowPattern(rule, key, index, text)
            for rule, key, index, text in _list_patterns(self.rules)
            if numbers[text] in self._patterns.slow
        )

    def match(self, matter: Matter) -> tuple[RuleMatch, ...]:
        """Given a mail, return all rules that match it, in order, with the words that made them."""
        reading = self._patterns.read(matter.subject, matter.text)
        candidates = set(self._always)
        for number in reading.candidates:
            candidates.update(self._triggered.get(number, ()))
        matches = []
        for index in sorted(candidates):
            prepared = self._prepared[index]
            words = prepared.match(matter, reading)
            if words is not None:
                matches.append(RuleMatch(prepared.rule.id, words))
        return tuple(matches)

    def explain(self, matter: Matter, rule_id: str) -> tuple[Step, ...]:
        """Given a mail and a rule's id, return each condition: true or false, and what the mail has.

        The last step is the rule itself. Raise KeyError if there is no such rule.
        """
        prepared = self._prepared[self._by_id[rule_id]]
        rule = prepared.rule
        reading = self._patterns.read(matter.subject, matter.text)
        steps = [
            _step(rule_id, condition.key, condition.holds(rule, matter), _compare(condition, rule, matter))
            for condition in prepared.conditions
        ]
        for key, numbers in prepared.patterns:
            look = reading.find_in_subject if key == "subject" else reading.find
            found = [look(number) for number in numbers]
            holds = _holds(key, sum(words is not None for words in found), len(numbers))
            steps.append(_step(rule_id, key, holds, _list_found(getattr(rule, key), found)))
        failed = [step.step.rpartition(".")[2] for step in steps if step.verdict == "false"]
        why = f"fails: {', '.join(failed)}" if failed else "every condition holds"
        return (*steps, Step(f"rules.{rule_id}", "false" if failed else "true", why))

    def by_id(self, rule_id: str) -> Rule:
        """Given a rule's id, return the rule. Raise KeyError if there is no such rule."""
        return self.rules[self._by_id[rule_id]]


def _list_patterns(rules: Iterable[Rule]) -> Iterator[tuple[Rule, PatternKey, int, str]]:
    """Given rules, return every pattern with its place."""
    for rule in rules:
        for key in _KEYS:
            for index, text in enumerate(getattr(rule, key)):
                yield rule, key, index, text


def _compile_patterns(rules: Iterable[Rule]) -> tuple[dict[str, int], list[Pattern]]:
    """Given rules, return the number of each distinct pattern and the compiled ones. Raise PatternErrors."""
    numbers: dict[str, int] = {}
    patterns: list[Pattern] = []
    problems: dict[str, str] = {}
    errors: list[PatternError] = []
    for rule, key, index, text in _list_patterns(rules):
        if text not in numbers and text not in problems:
            try:
                patterns.append(parse_pattern(text))
                numbers[text] = len(patterns) - 1
            except BadPatternError as error:
                problems[text] = str(error)
        if text in problems:
            errors.append(PatternError(rule, key, index, problems[text]))
    if errors:
        raise PatternErrors(errors)
    return numbers, patterns


def _prepare(rule: Rule, numbers: dict[str, int]) -> _Prepared:
    """Given a rule and the numbers of all patterns, return the rule prepared."""
    texts = ((key, getattr(rule, key)) for key in _KEYS)
    patterns = tuple((key, tuple(numbers[text] for text in of_key)) for key, of_key in texts if of_key)
    return _Prepared(rule, patterns, conditions_of(rule))


def _find_possible(key: PatternKey, numbers: tuple[int, ...], reading: Reading) -> list[str]:
    """Given the patterns of one key of a rule, return the words of those that match."""
    look = reading.find_in_subject if key == "subject" else reading.find
    candidates = reading.candidates
    return [words for number in numbers if number in candidates and (words := look(number)) is not None]


def _holds(key: PatternKey, found: int, patterns: int) -> bool:
    """Given how many of a key's patterns were found, return whether its condition holds."""
    if key == "none":
        return found == 0
    return found == patterns if key == "all" else found > 0


def _step(rule_id: str, key: str, holds: bool, why: str) -> Step:
    return Step(f"rules.{rule_id}.{key}", "true" if holds else "false", why)


def _compare(condition: Condition, rule: Rule, matter: Matter) -> str:
    return f"wants {' or '.join(condition.wants(rule))}, the mail has {condition.shows(matter) or 'none'}"


def _list_found(texts: Sequence[str], found: Sequence[str | None]) -> str:
    return "; ".join(
        f"{text!r} not found" if words is None else f"{text!r} found: {words}"
        for text, words in zip(texts, found, strict=True)
    )
