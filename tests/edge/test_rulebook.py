"""rules/*.toml: rules arrive in order, with their places, and every mistake is told."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triagebot.core.desk import Client, Desk, DeskSettings, Season
from triagebot.core.rules.rule import Place
from triagebot.edge.rulebook import check_references, load_rules

RULE = """\
[[rule]]
id = "{0}"
reason = "howto/{0}"
kind = "question"
any = "permalink*"

[[rule.test]]
text = "the permalinks of my site"
"""


def write(directory: Path, **files: str) -> Path:
    """Write rules/NAME.toml for each file and return rules/."""
    rules = directory / "rules"
    rules.mkdir()
    for name, text in files.items():
        (rules / f"{name}.toml").write_text(text, encoding="utf-8")
    return rules


def test_rules_keep_the_order_of_files_and_positions(tmp_path: Path) -> None:
    """The order is file name, then position; other files in the directory are left alone."""
    directory = write(tmp_path, b=RULE.format("three"), a=RULE.format("one") + RULE.format("two"))
    (directory / "notes.md").write_text("no rule")
    (directory / ".#b.toml").write_text("an editor's lock")
    rules, problems = load_rules(directory)
    assert problems == []
    assert [rule.id for rule in rules] == ["one", "two", "three"]


def test_rules_and_tests_know_their_places(tmp_path: Path) -> None:
    """A failing rule or test can be told with its file and line."""
    rules, _ = load_rules(write(tmp_path, **{"10-howto": "# first\n" + RULE.format("one") + RULE.format("two")}))
    assert rules[1].place == Place("rules/10-howto.toml", 10)
    assert rules[1].test[0].place == Place("rules/10-howto.toml", 16)
    assert str(rules[0].test[0].place) == "rules/10-howto.toml:8"


def test_every_key_of_a_rule_arrives(tmp_path: Path) -> None:
    """Renamed keys, single texts and all conditions become core's values."""
    text = """
[[rule]]
id = "all"
reason = "dns/propagation"
kind = "vendor"
any = ["a*"]
all = ["b"]
none = "c"
subject = ["d ... e"]
from = "*@vendor.example"
to = ["support@adaweb.example"]
tiers = "retainer"
clients = ["bakery"]
languages = ["PL", "en-gb"]
when = "season:winter-2026"
has = "attachment"
vendor = "dns"
reply = "propagation"
minutes = 10
mode = "draft"
delay = "1h30m"
[[rule.test]]
text = ""
subject = "d then e"
expect = false
tier = "retainer"
language = "pl"
"""
    (rule,), problems = load_rules(write(tmp_path, a=text))
    assert problems == []
    assert (rule.sender, rule.to, rule.none) == (("*@vendor.example",), ("support@adaweb.example",), ("c",))
    assert (rule.tiers, rule.languages, rule.vendor) == (("retainer",), ("pl", "en-GB"), ("dns",))
    assert (rule.when, rule.has, rule.mode, rule.minutes) == ("season:winter-2026", "attachment", "draft", 10)
    assert rule.delay == timedelta(minutes=90)
    (test,) = rule.test
    assert (test.text, test.subject, test.expect, test.tier, test.language) == ("", "d then e", False, "retainer", "pl")


def test_each_single_condition_is_enough(tmp_path: Path) -> None:
    """A rule may ask for any one thing, but `none` alone would match nearly every mail and is refused."""
    conditions = [
        'any = "a"',
        'all = "a"',
        'subject = "a"',
        'from = "a@b.example"',
        'to = "a@b.example"',
        'has = "attachment"',
        'when = "closed"',
    ]
    enough = [RULE.format(f"r-{i}").replace('any = "permalink*"', one) for i, one in enumerate(conditions)]
    rules, problems = load_rules(write(tmp_path, a="".join(enough)))
    assert len(rules) == len(conditions)
    assert problems == []
    (tmp_path / "rules" / "b.toml").write_text(RULE.format("x").replace("any =", "none ="))
    rules, problems = load_rules(tmp_path / "rules")
    assert len(rules) == len(conditions)
    assert "matches no mail at all" in problems[0].text


def test_a_wrong_rule_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    """Good rules are returned beside the problems, so that checks which follow can speak of them."""
    broken = RULE.format("two").replace("question", "quest")
    rules, problems = load_rules(write(tmp_path, a=RULE.format("one") + broken + RULE.format("three"), b="[["))
    assert [rule.id for rule in rules] == ["one", "three"]
    assert [(problem.file, problem.line) for problem in problems] == [("rules/a.toml", 12), ("rules/b.toml", 1)]


def test_a_missing_test_is_a_warning_only(tmp_path: Path) -> None:
    """A rule without test is used, and said to have none."""
    (rule,), (problem,) = load_rules(write(tmp_path, a=RULE.format("one").partition("[[rule.test")[0]))
    assert rule.test == ()
    assert problem.severity == "warning"


def test_a_missing_directory_is_told(tmp_path: Path) -> None:
    """No rules directory is a problem with a way out, not an exception."""
    rules, problems = load_rules(tmp_path / "rules")
    assert rules == ()
    assert str(problems[0]).startswith("rules: there is no such directory; ")


def test_references_are_checked_against_the_desk(tmp_path: Path) -> None:
    """Clients and seasons a rule names must exist; those that do are not complained about."""
    desk = Desk(
        desk=DeskSettings("Ada", "support@adaweb.example", ("ada@adaweb.example",)),
        client=(Client("bakery", "Bakery"),),
        season=(Season("winter", date(2026, 11, 20), date(2027, 1, 5)),),
    )
    good = RULE.format("one").replace("any", 'clients = "bakery"\nwhen = "season:winter"\nany')
    bad = RULE.format("two").replace("any", 'clients = ["bakery", "bakry"]\nwhen = "season:wintr"\nany')
    rules, _ = load_rules(write(tmp_path, a=good + bad))
    assert [str(problem) for problem in check_references(rules, desk)] == [
        "rules/a.toml:11: rule[two].clients: there is no client 'bakry', did you mean 'bakery'?",
        "rules/a.toml:11: rule[two].when: there is no season 'wintr', did you mean 'winter'?",
    ]


LINES = RULE.format("one").split("\n")


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([number for number, line in enumerate(LINES) if " = " in line]),
    st.sampled_from(["id", "any", "test", "when", "has", "place", "from", "sender", "tiers", "minutes", "x"]),
    st.sampled_from(["5", "true", '""', '"x"', "[]", "[[]]", "{}", "[{ text = 1 }]", "1.5", "2026-01-01"]),
)
def test_no_value_makes_the_loader_fail(
    tmp_path_factory: pytest.TempPathFactory, number: int, key: str, value: str
) -> None:
    """Any value under any key is taken or told with file and line; nothing is raised."""
    text = "\n".join([*LINES[:number], f"{key} = {value}", *LINES[number + 1 :]])
    rules, problems = load_rules(write(tmp_path_factory.mktemp("desk"), a=text))
    assert len(rules) == (0 if any(problem.severity == "error" for problem in problems) else 1)
    for problem in problems:
        assert problem.file == "rules/a.toml"
        assert 1 <= problem.line <= len(LINES)
