"""`triagebot check`: everything that is wrong with a desk's files, all at once."""

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from triagebot.app.desk.check import check_desk_files
from triagebot.app.desk.snapshot import Loaded, load_snapshot
from triagebot.app.desk.starter import write_desk

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk that `init` writes, to be copied, not changed."""
    directory = tmp_path_factory.mktemp("starter") / "desk"
    write_desk(directory)
    return directory


@pytest.fixture
def desk(starter: Path, tmp_path: Path) -> Path:
    """A starter desk of the test's own."""
    return Path(shutil.copytree(starter, tmp_path / "desk"))


def check(desk: Path) -> Loaded:
    """Given a desk's directory, check it."""
    return check_desk_files(desk / "config.toml", NOW)


def lines(desk: Path) -> list[str]:
    """Given a desk's directory, return its problems as they are printed."""
    return [str(problem) for problem in check(desk).problems]


def change(path: Path, old: str, new: str) -> None:
    """Given a file, replace a text that stands in it."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_starter_desk_is_without_a_fault(starter: Path) -> None:
    """What `init` writes runs as it is, with not even a warning."""
    loaded = check(starter)
    assert loaded.problems == ()
    assert loaded.snapshot is not None
    assert len(loaded.snapshot.book.rules.rules) > 50
    assert {tier for rule in loaded.snapshot.book.rules.rules for tier in rule.tiers} <= {"retainer", "one-off", "none"}


def test_checking_changes_nothing(desk: Path) -> None:
    """No file is made, read-only desks can be checked."""
    before = {path: path.stat().st_mtime_ns for path in desk.rglob("*")}
    check(desk)
    assert {path: path.stat().st_mtime_ns for path in desk.rglob("*")} == before


def test_passwords_need_not_be_set(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files can be checked on another machine than the one that runs the desk."""
    for name in re.findall(r'env = "(\w+)"', (desk / "config.toml").read_text("utf-8")):
        monkeypatch.delenv(name, raising=False)
    assert lines(desk) == []


def break_reply(desk: Path) -> str:
    """Misspell a part in a reply."""
    change(desk / "replies/en/goodbye.md", "Yours", "Yours {{ desk.nmae }}")
    return "replies/en/goodbye.md:1: there is no part 'nmae', did you mean 'name'?"


def break_rule_reply(desk: Path) -> str:
    """Name a reply that is not there."""
    (desk / "rules/99-new.toml").write_text(RULE.replace('"backup"', '"bakcup"'), "utf-8")
    return "rules/99-new.toml:6: rule[new].reply: there is no replies/en/bakcup.md, did you mean 'backup'?"


def break_test(desk: Path) -> str:
    """Write a test that fails."""
    (desk / "rules/99-new.toml").write_text(RULE.replace("a zyzzyva", "a beetle"), "utf-8")
    return "rules/99-new.toml:7: rule[new].test: 'new' must match this text, but does not: any: 'zyzzyva*' not found"


def break_config(desk: Path) -> str:
    """Name a plan that is not there."""
    change(desk / "config.toml", 'timezone = "', 'timezone = "Mars/')
    return "config.toml:"


RULE = """[[rule]]
id = "new"
reason = "new/thing"
kind = "question"
any = ["zyzzyva*"]
reply = "backup"
[[rule.test]]
text = "I saw a zyzzyva"
"""


@pytest.mark.parametrize("mistake", [break_rule_reply, break_test, break_config])
def test_one_mistake_is_one_line(desk: Path, mistake: Callable[[Path], str]) -> None:
    """In an otherwise good desk nothing else is told, and there is no snapshot to run."""
    expected = mistake(desk)
    found = lines(desk)
    assert len(found) == 1
    assert found[0].startswith(expected)
    assert check(desk).snapshot is None


def test_the_good_rule_of_the_mistakes_above_is_good(desk: Path) -> None:
    """The control: the rule they break is one the desk takes."""
    (desk / "rules/99-new.toml").write_text(RULE, "utf-8")
    assert lines(desk) == []


def test_mistakes_in_all_files_are_told_together(desk: Path) -> None:
    """Config, rules, tests and replies: one run shows all of them, sorted by file and line."""
    (desk / "replies/en/goodbye.md").write_text("Yours", "utf-8")
    expected = [break_reply(desk), break_rule_reply(desk)]
    change(desk / "replies/en/frame.md", "{{ closing", "{{ closng")
    change(desk / "replies/en/backup.md", "", "{% if %}\n")
    (desk / "rules/98-new.toml").write_text(RULE.replace('"new"', '"other"').replace("zyzzyva*", "/zyz(/"), "utf-8")
    found = lines(desk)
    assert found == sorted(found, key=lambda line: [int(part) if part.isdigit() else part for part in line.split(":")])
    assert set(expected) <= set(found)
    files = [line.partition(":")[0] for line in found]
    assert set(files) == {
        "replies/en/backup.md",
        "replies/en/frame.md",
        "replies/en/goodbye.md",
        "rules/98-new.toml",
        "rules/99-new.toml",
    }
    assert len(found) == len(set(found))


def test_a_broken_config_does_not_hide_broken_rules_and_replies(desk: Path) -> None:
    """They are looked for in their usual places."""
    (desk / "config.toml").write_text("[desk\n", "utf-8")
    (desk / "rules/99-new.toml").write_text(RULE.replace("kind", "knid"), "utf-8")
    change(desk / "replies/en/backup.md", "", "{% if %}\n")
    assert {line.partition(":")[0] for line in lines(desk)} == {
        "config.toml",
        "rules/99-new.toml",
        "replies/en/backup.md",
    }


@pytest.mark.parametrize("name", ["frame.md", "closing.work.none.md", "closing.unmatched.retainer.md"])
def test_a_missing_text_of_the_desks_language_is_an_error(desk: Path, name: str) -> None:
    """Without it some mail could not be answered."""
    (desk / "replies/en" / name).unlink()
    (line,) = lines(desk)
    assert line.startswith(f"replies/en/{name}: is missing; write it")


def test_a_missing_text_of_another_language_is_a_warning(desk: Path) -> None:
    """There the desk's language is used; the desk runs."""
    shutil.copytree(desk / "replies/en", desk / "replies/pl", dirs_exist_ok=True)
    (desk / "replies/pl/closing.work.none.md").unlink()
    assert lines(desk) == ["replies/pl/closing.work.none.md: warning: is missing; 'en' is used instead"]
    assert check(desk).snapshot is not None


def test_a_language_may_have_texts_for_some_matters_only(desk: Path) -> None:
    """The starter's Polish has the conversation about a price and no more, and nothing is wrong with that."""
    assert len(list((desk / "replies/pl").glob("*.md"))) < len(list((desk / "replies/en").glob("*.md")))
    assert lines(desk) == []


@pytest.mark.parametrize("name", ["accepted", "declined", "expired", "warranty"])
def test_a_missing_text_about_a_price_is_a_warning(desk: Path, name: str) -> None:
    """A desk from before these texts still starts; what they would say waits for the developer."""
    (desk / f"replies/en/{name}.md").unlink()
    assert lines(desk) == [
        f"replies/en/{name}.md: warning: is missing; until it is there, what it would say waits for you"
    ]


def test_a_slow_expression_is_a_warning(desk: Path) -> None:
    """It is searched for in every mail; the desk runs. Its own line is told."""
    slow = RULE.replace('any = ["zyzzyva*"]', 'any = [\n  "zyzzyva*",\n  "/[0-9]{3}/",\n]')
    (desk / "rules/99-new.toml").write_text(slow, "utf-8")
    (line,) = lines(desk)
    assert line.startswith("rules/99-new.toml:7: rule[new].any[2]: warning: '/[0-9]{3}/' is searched for in every mail")
    assert check(desk).snapshot is not None


def test_loading_alone_finds_what_a_desk_cannot_run_with(desk: Path) -> None:
    """Commands that only look do not run the tests, but a pattern that cannot be used stops them too."""
    break_test(desk)
    assert load_snapshot(desk / "config.toml", NOW).snapshot is not None
    (desk / "rules/99-new.toml").write_text(RULE.replace("zyzzyva*", "/zyz(/"), "utf-8")
    loaded = load_snapshot(desk / "config.toml", NOW)
    assert loaded.snapshot is None
    assert [(problem.line, problem.key) for problem in loaded.errors] == [(5, "rule[new].any[1]")]
