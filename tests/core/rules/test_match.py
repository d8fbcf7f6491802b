"""The rulebook: conditions, order, words, explanation and errors."""

import random
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.core.decision import RuleMatch, Step
from triagebot.core.rules.condition import match_glob
from triagebot.core.rules.match import Matter, PatternErrors, Rulebook
from triagebot.core.rules.rule import Place, Rule

MATTER = Matter(
    subject="Question about my site",
    text="Where do I change the links of my pages?",
    sender="Jan@Bakery.example",
    to=("support@adaweb.example", "ada@adaweb.example"),
    tier="retainer",
    client="bakery",
    language="pl",
    moments=frozenset({"closed", "season:winter"}),
    has_attachment=False,
)


def rule(rule_id: str = "r", **keys: Any) -> Rule:
    """Given keys of a rule, return the rule."""
    return Rule(id=rule_id, reason="howto/x", kind="question", **keys)


def matches(one: Rule, matter: Matter = MATTER) -> bool:
    """Given one rule and a mail, return whether the rule matches, after checking that `explain` says the same."""
    book = Rulebook([one])
    found = bool(book.match(matter))
    assert book.explain(matter, one.id)[-1].verdict == ("true" if found else "false")
    return found


CASES: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"any": ("nothing", "links")}, True),
    ({"any": ("nothing", "never")}, False),
    ({"all": ("links", "pages", "question")}, True),
    ({"all": ("links", "never")}, False),
    ({"any": ("links",), "all": ("never",)}, False),
    ({"any": ("never",), "all": ("links",)}, False),
    ({"any": ("links",), "none": ("site",)}, False),
    ({"any": ("links",), "none": ("sit",)}, True),
    ({"none": ("links",)}, False),
    ({"none": ("never",)}, True),
    ({"subject": ("question",)}, True),
    ({"subject": ("links",)}, False),
    ({"subject": ("links", "site")}, True),
    ({"subject": ("site",), "any": ("site",), "all": ("site", "links")}, True),
    ({"any": ("/links? +of/",)}, True),
    ({"any": ("/links? +off/",)}, False),
    ({"any": ("/s.t/",)}, True),
    ({"all": ("/s.t/", "links")}, True),
    ({"none": ("/s.t/",)}, False),
    ({"subject": ("/^question/",)}, True),
    ({"subject": ("/^where/",)}, False),
    ({"any": ("site where",)}, False),
    ({"sender": ("jan@bakery.example",)}, True),
    ({"sender": ("*@bakery.EXAMPLE",)}, True),
    ({"sender": ("*@vendor.example", "j?n@*")}, True),
    ({"sender": ("bakery.example",)}, False),
    ({"to": ("ada@*",)}, True),
    ({"to": ("bob@*",)}, False),
    ({"tiers": ("retainer",)}, True),
    ({"tiers": ("one-off", "none")}, False),
    ({"clients": ("bakery",)}, True),
    ({"clients": ("florist",)}, False),
    ({"languages": ("en", "PL")}, True),
    ({"languages": ("p",)}, False),
    ({"when": "closed"}, True),
    ({"when": "absence"}, False),
    ({"when": "season:winter"}, True),
    ({"has": "attachment"}, False),
    ({"any": ("links",), "tiers": ("one-off",)}, False),
]


@pytest.mark.parametrize(("keys", "expected"), CASES)
def test_rule_matches_when_all_its_conditions_hold(keys: dict[str, Any], expected: bool) -> None:
    """Every key of a rule decides as documented, alone and together."""
    assert matches(rule(**keys)) == expected


def test_language_and_attachment_and_unknown_client() -> None:
    """A regional form is its language, an attachment is seen, and no client is not a client."""
    assert matches(rule(languages=("pt",)), replace(MATTER, language="pt-BR"))
    assert not matches(rule(languages=("pt-BR",)), replace(MATTER, language="pt"))
    assert matches(rule(has="attachment"), replace(MATTER, has_attachment=True))
    assert not matches(rule(clients=("bakery",)), replace(MATTER, client=None))


def test_all_rules_match_in_their_order_with_their_words() -> None:
    """Every matching rule is told once, in file order, with the folded words of each pattern that matched."""
    book = Rulebook(
        [
            rule("z", any=("link*", "PAGES", "never")),
            rule("no", any=("never",)),
            rule("a", all=("change ... links", "site"), subject=("quest*",)),
            rule("bare", tiers=("retainer",)),
            rule("same", any=("links", "link*")),
            rule("regex", any=("/WHERE\\s+do/",)),
        ]
    )
    assert book.match(MATTER) == (
        RuleMatch("z", ("links", "pages")),
        RuleMatch("a", ("change the links", "site", "question")),
        RuleMatch("bare", ()),
        RuleMatch("same", ("links",)),
        RuleMatch("regex", ("where do",)),
    )


def test_words_are_short_and_clean() -> None:
    """The words reported are at most 80 characters, without control characters."""
    book = Rulebook([rule(any=("/start.*end/", "aaaa*"))])
    (match,) = book.match(replace(MATTER, text=f"start \x1b]0; {'x ' * 90} end {'a' * 200}"))
    assert all(len(words) == 80 and words.isprintable() and words.endswith("…") for words in match.words)


def test_explain_tells_each_condition() -> None:
    """Each condition is told with its verdict and what the mail has; the last step is the rule (field.md row 54)."""
    one = rule(
        "links",
        any=("link*", "never"),
        none=("broken link*",),
        subject=("links",),
        tiers=("one-off", "none"),
        sender=("*@bakery.example",),
        when="absence",
    )
    assert Rulebook([rule("other"), one]).explain(MATTER, "links") == (
        Step("rules.links.from", "true", "wants *@bakery.example, the mail has Jan@Bakery.example"),
        Step("rules.links.tiers", "false", "wants one-off or none, the mail has retainer"),
        Step("rules.links.when", "false", "wants absence, the mail has closed, season:winter"),
        Step("rules.links.any", "true", "'link*' found: links; 'never' not found"),
        Step("rules.links.subject", "false", "'links' not found"),
        Step("rules.links.none", "true", "'broken link*' not found"),
        Step("rules.links", "false", "fails: tiers, when, subject"),
    )
    with pytest.raises(KeyError):
        Rulebook([one]).explain(MATTER, "other")


def test_all_bad_patterns_are_told_at_once() -> None:
    """Every unusable pattern of every rule is reported with rule, key and index; the same text each time it stands."""
    rules = [
        rule("a", any=("fine", "*x"), none=("",), place=Place("rules/10-a.toml", 3)),
        rule("b", all=("/(/",), subject=("*x", "ok")),
    ]
    with pytest.raises(PatternErrors) as caught:
        Rulebook(rules)
    found = [(error.rule.id, error.key, error.index) for error in caught.value.errors]
    assert found == [("a", "any", 1), ("a", "none", 0), ("b", "all", 0), ("b", "subject", 0)]
    assert caught.value.errors[1].text == "the pattern is empty: write the words to look for, or take it out"
    assert str(caught.value).splitlines()[1] == f"rules/10-a.toml:3: rule 'a', none[0]: {caught.value.errors[1].text}"


def test_slow_patterns_are_listed() -> None:
    """Expressions that no word announces are told with their place; others and phrases are not."""
    book = Rulebook([rule("a", any=("/\\d+/", "/invoice \\d+/", "x")), rule("b", none=("/a|b/",))])
    assert [(slow.rule.id, slow.key, slow.index, slow.text) for slow in book.slow_patterns] == [
        ("a", "any", 0, "/\\d+/"),
        ("b", "none", 0, "/a|b/"),
    ]


def test_rules_are_found_by_id() -> None:
    """A rule is found by its id; an unknown id is a KeyError."""
    one = rule("one")
    assert Rulebook([one]).by_id("one") is one
    assert Rulebook([]).match(MATTER) == ()
    with pytest.raises(KeyError):
        Rulebook([one]).by_id("two")


PATTERNS = st.sampled_from(
    ["a", "b", "a b", "a*", "ab*", "a ... b", "a* ... c", "日", "日 ... b", "/a+b/", "/abc\\s+a/", "/日.b/", "/\\d/"]
)
PATTERN_LISTS = st.lists(PATTERNS, max_size=3).map(tuple)
RULES = st.builds(
    Rule,
    id=st.uuids().map(str),
    reason=st.just("x"),
    kind=st.just("question"),
    any=PATTERN_LISTS,
    all=PATTERN_LISTS,
    none=PATTERN_LISTS,
    subject=PATTERN_LISTS,
    tiers=st.sampled_from([(), ("retainer",), ("none",)]),
)
TEXTS = st.lists(st.sampled_from(["a", "b", "ab", "abc", "c", "1", "日", "日本", "\n", "-"]), max_size=12).map(" ".join)


@given(RULES, st.lists(RULES, max_size=8), st.integers(0, 8), TEXTS, TEXTS)
def test_other_rules_change_nothing(one: Rule, others: list[Rule], place: int, subject: str, text: str) -> None:
    """Whatever stands beside a rule, its result is the one it has alone, and that of its patterns one by one."""
    matter = replace(MATTER, subject=subject, text=text)
    alone = Rulebook([one]).match(matter)
    together = Rulebook([*others[:place], one, *others[place:]]).match(matter)
    assert tuple(match for match in together if match.rule == one.id) == alone

    def has(pattern: str, text: str = f"{text}") -> bool:
        in_text = Rulebook([rule(any=(pattern,))]).match(replace(MATTER, subject="", text=text))
        return bool(in_text)

    both = {text: has(text) or has(text, subject) for text in (*one.any, *one.all, *one.none)}
    holds = (
        (not one.any or any(both[pattern] for pattern in one.any))
        and all(both[pattern] for pattern in one.all)
        and not any(both[pattern] for pattern in one.none)
        and (not one.subject or any(has(pattern, subject) for pattern in one.subject))
        and one.tiers != ("none",)
    )
    assert bool(alone) == holds


@given(st.text(), st.text(), st.text())
def test_any_mail_is_matched(subject: str, text: str, sender: str) -> None:
    """No text whatever makes matching or explaining fail."""
    book = Rulebook([rule(any=("a", "日", "/\\pL/"), none=("z ... z",)), rule("s", sender=("*a?",))])
    matter = replace(MATTER, subject=subject, text=text, sender=sender)
    assert book.match(matter) == book.match(matter)
    assert book.explain(matter, "r")


@pytest.mark.parametrize(
    ("glob", "text", "fits"),
    [
        ("*", "", True),
        ("", "", True),
        ("", "a", False),
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "aXcYb", False),
        ("*ab", "aab", True),
        ("?", "", False),
        ("a?", "ab", True),
        ("[a]*", "a", False),
        ("STRASSE*", "straße1", True),
    ],
)
def test_globs_know_star_and_question_mark(glob: str, text: str, fits: bool) -> None:
    """`*` is any run of characters, `?` one, all else itself; case does not count."""
    assert match_glob(glob, text) == fits


def test_globs_never_run_away() -> None:
    """Many stars against a long address end at once."""
    started = time.process_time()
    assert not match_glob("*a" * 50 + "b", "a" * 2000)
    assert time.process_time() - started < 2


def test_ten_thousand_rules_cost_little_more_than_ten() -> None:
    """Decide time hardly grows with the number of rules (design.md section 7); generous, for a busy machine."""
    chance = random.Random(7)
    letters = {"en": "etaoinshrdlucm", "pl": "aeiozcwyłąęśkr", "tr": "aeıioğşlrnkmdu", "ru": "оеаинтсрвлкмдп"}

    def word() -> str:
        return "".join(chance.choices(chance.choice(list(letters.values())), k=chance.randint(5, 11)))

    def pattern(index: int) -> str:
        first, second = word(), word()
        if index % 20 == 0:
            return f"/{first}\\s+(no|{second})/"
        return (f"{first[:5]}*", f"{first} ... {second}*", f"{first} {second}", first)[index % 4]

    def measure(rules: int) -> float:
        book = Rulebook(
            [rule(f"r{index}", any=tuple(pattern(index * 3 + turn) for turn in range(3))) for index in range(rules)]
        )
        best = 9.0
        for _ in range(5):
            started = time.process_time()
            for matter in mails:
                book.match(matter)
            best = min(best, time.process_time() - started)
        return best

    mails = [replace(MATTER, text=" ".join(word() for _ in range(600))) for _ in range(10)]
    assert measure(10_000) < 15 * measure(10)
