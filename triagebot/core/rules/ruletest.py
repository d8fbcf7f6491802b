"""The inline tests of rules: does each text match as its author says, and would the answer be given?"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from triagebot.core.rules.condition import Matter
from triagebot.core.rules.rule import DEMAND, Place, Rule, RuleTest

if TYPE_CHECKING:
    from triagebot.core.rules.match import Rulebook

MOST_ANSWERS = 3
"""A reply gives three answers at most (design.md section 3)."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """One inline test. `shadowed_by` names the rules whose answers leave no place for this one's;
    `why` says in a sentence what is wrong, and is empty when `ok`."""

    rule: str
    place: Place
    text: str
    expect: bool
    matched: bool
    shadowed_by: tuple[str, ...]
    ok: bool
    why: str

    __test__ = False


def run_tests(rulebook: "Rulebook") -> tuple[TestResult, ...]:
    """Given a rulebook, return the result of every inline test, in the rules' order."""
    return tuple(_run_test(rulebook, rule, test) for rule in rulebook.rules for test in rule.test)


def choose_answers(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Given the rules that matched in their order, return those whose answers are given.

    The most demanding kinds come first, then the order of the rules; a rule without a reply takes
    no place, nor does one whose reply is given already.
    """
    by_reply: dict[str, Rule] = {}
    for rule in sorted(rules, key=lambda rule: DEMAND.index(rule.kind)):
        if rule.reply:
            by_reply.setdefault(rule.reply, rule)
    return tuple(by_reply.values())[:MOST_ANSWERS]


def _run_test(rulebook: "Rulebook", rule: Rule, test: RuleTest) -> TestResult:
    matter = _make_matter(rule, test)
    words = {match.rule: match.words for match in rulebook.match(matter)}
    matched = rule.id in words
    answers = choose_answers(rulebook.by_id(rule_id) for rule_id in words)
    shadowed_by: tuple[str, ...] = ()
    if matched and test.expect and rule.reply and rule.reply not in {other.reply for other in answers}:
        shadowed_by = tuple(other.id for other in answers)
    if matched and not test.expect:
        by = ", ".join(words[rule.id]) or "its conditions alone"
        why = f"{rule.id!r} must not match this text, but does, by {by}"
    elif not matched and test.expect:
        why = f"{rule.id!r} must match this text, but does not: {_list_failed(rulebook, rule, matter)}"
    elif shadowed_by:
        why = (
            f"{rule.id!r} matches this text, but its answer is never given: {', '.join(shadowed_by)}"
            f" come first, and a reply has {MOST_ANSWERS} answers at most"
        )
    else:
        why = ""
    return TestResult(rule.id, test.place, test.text, test.expect, matched, shadowed_by, not why, why)


def _list_failed(rulebook: "Rulebook", rule: Rule, matter: Matter) -> str:
    """Given a rule that did not match, return its conditions that failed, with what the mail has."""
    steps = rulebook.explain(matter, rule.id)[:-1]
    return "; ".join(f"{step.step.rpartition('.')[2]}: {step.why}" for step in steps if step.verdict == "false")


def _make_matter(rule: Rule, test: RuleTest) -> Matter:
    """Given a rule and its test, return the mail the test speaks of.

    What a test has no key for (sender, client, moment, attachment) is as the rule wants it.
    """
    return Matter(
        subject=test.subject,
        text=test.text,
        sender=_fill_glob(rule.sender),
        to=(_fill_glob(rule.to),) if rule.to else (),
        tier=test.tier,
        client=rule.clients[0] if rule.clients else None,
        language=test.language,
        moments=frozenset((rule.when,)) if rule.when else frozenset(),
        has_attachment=bool(rule.has),
    )


def _fill_glob(globs: tuple[str, ...]) -> str:
    """Given address globs, return an address that fits the first one; "" without globs."""
    return globs[0].replace("*", "x").replace("?", "x") if globs else ""
