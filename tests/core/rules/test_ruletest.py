"""Inline tests of rules (core/ruletest.py)."""

from typing import Any

from triagebot.core.rules.match import Rulebook
from triagebot.core.rules.rule import Place, Rule, RuleTest
from triagebot.core.rules.ruletest import TestResult, choose_answers, run_tests


def rule(rule_id: str, **keys: Any) -> Rule:
    """Given keys of a rule, return the rule; kind and reply have a default."""
    return Rule(**{"id": rule_id, "reason": "x", "kind": "question", "reply": rule_id, **keys})


def run(*rules: Rule) -> list[tuple[str, bool, str]]:
    """Given rules, return rule, verdict and sentence of each of their tests."""
    return [(result.rule, result.ok, result.why) for result in run_tests(Rulebook(rules))]


def test_fulfilled_expectations_are_ok() -> None:
    """A text that matches as expected, or does not as expected, is fine; the result tells all of it."""
    place = Place("rules/10-links.toml", 12)
    one = rule("links", any=("link*",), test=(RuleTest("My links", place=place), RuleTest("My pages", expect=False)))
    assert run_tests(Rulebook([one])) == (
        TestResult("links", place, "My links", True, True, (), True, ""),
        TestResult("links", Place(), "My pages", False, False, (), True, ""),
    )


def test_failures_say_why() -> None:
    """A failing test names the conditions that failed, or the words that matched."""
    one = rule(
        "links",
        any=("link*",),
        tiers=("retainer",),
        test=(
            RuleTest("My pages"),
            RuleTest("My links", expect=False, tier="retainer"),
            RuleTest("My links", tier="retainer"),
        ),
    )
    assert run(one) == [
        (
            "links",
            False,
            "'links' must match this text, but does not: "
            "tiers: wants retainer, the mail has none; any: 'link*' not found",
        ),
        ("links", False, "'links' must not match this text, but does, by links"),
        ("links", True, ""),
    ]


def test_subject_and_language_of_a_test_count() -> None:
    """A test may set subject and language; conditions that a test has no key for are taken as met."""
    one = rule(
        "r",
        subject=("hello",),
        languages=("pl",),
        when="absence",
        has="attachment",
        clients=("bakery",),
        sender=("*@vendor.example",),
        to=("info@*",),
        test=(RuleTest("x", subject="Hello", language="pl"), RuleTest("hello", language="pl", expect=False)),
    )
    assert [ok for _, ok, _ in run(one)] == [True, True]


def test_answer_that_is_never_given_is_shadowed() -> None:
    """Three answers that come first, by kind and then by order, leave no place for a fourth."""
    others = [rule(name, any=("link",)) for name in ("a", "b")]
    last = rule("last", any=("link",), test=(RuleTest("link"),))
    urgent = rule("urgent", any=("link",), kind="emergency")
    assert run(*others, last) == [("last", True, "")]
    (result,) = run_tests(Rulebook([*others, last, urgent]))
    assert (result.ok, result.matched, result.shadowed_by) == (False, True, ("urgent", "a", "b"))
    assert result.why == (
        "'last' matches this text, but its answer is never given: urgent, a, b come first,"
        " and a reply has 3 answers at most"
    )


def test_rules_without_an_answer_of_their_own_take_no_place() -> None:
    """A rule without reply neither shadows nor is shadowed; one that shares a reply shares its place."""
    test = (RuleTest("link"),)
    mute = rule("mute", any=("link",), reply="", test=test)
    same = rule("same", any=("link",), reply="a", test=test)
    three = [rule(name, any=("link",), test=test) for name in ("a", "b", "c")]
    assert [ok for _, ok, _ in run(mute, *three, same)] == [True] * 5


def test_answers_are_chosen_by_demand_then_order() -> None:
    """The most demanding kinds answer first, three at most."""
    rules = [rule("q"), rule("v", kind="vendor"), rule("q2"), rule("e", kind="emergency"), rule("t", kind="thanks")]
    assert [one.id for one in choose_answers(rules)] == ["e", "v", "q"]
    assert choose_answers([rule("first", reply="x"), rule("second", reply="x")])[0].id == "first"
