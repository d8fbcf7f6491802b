"""`triagebot mode`, as it is typed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.desks import Account, LiveDesk
from tests.app.quick_desks import quick_desk
from tests.cli.test_commands import invoke


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """A desk in shadow with a database."""
    with quick_desk(tmp_path / "desk", mode="shadow") as desk:
        yield desk.config


def test_live_and_back(config: Path) -> None:
    """Said, listed, told by check and status, taken back."""
    assert invoke(config, "mode", "live").out.startswith("From now on the desk is in live mode: clients get")
    (row,) = invoke(config, "mode", "--json").object
    assert (row["of"], row["mode"], row["files say"], row["why"]) == ("desk", "live", "shadow", "on the command line")
    assert list(row) == ["of", "mode", "files say", "said", "why"]
    assert "config.toml says shadow" in invoke(config, "check").out
    assert "config.toml says shadow" in invoke(config, "status").out
    assert "From now on the desk is in shadow mode" in invoke(config, "mode", "--back").out
    assert "config.toml says" not in invoke(config, "check").out


def test_one_rule_in_a_table(config: Path) -> None:
    """Target words need no quotes; the columns are aligned."""
    changed = invoke(config, "mode", "draft", "rule", "permalinks", "--json").object
    assert changed["after"][0]["of"] == "rule permalinks"
    assert changed["said"] == [
        "From now on rule permalinks is in draft mode: answers wait for you in the Drafts folder."
    ]
    heading, desk, rule = invoke(config, "mode").out.splitlines()
    assert heading.split("  ")[0] == "of"
    assert (desk.split()[:3], rule.split()[:3]) == (["desk", "shadow", "shadow"], ["rule", "permalinks", "draft"])
    assert heading.index("mode") == desk.index("shadow") == rule.index("draft")
    assert invoke(config, "mode", "rule", "permalinks", "--back").status == 0
    assert len(invoke(config, "mode", "--json").object) == 1


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (("lve",), "lve is no mode, did you mean 'live'?"),
        (("permalinks",), "permalinks is no mode; write live, draft or shadow first, then whose it is to be"),
        (("live", "permalink"), "there is no rule 'permalink', did you mean 'permalinks'?"),
        (("--back",), "no mode was said of the desk; `triagebot mode` lists what was"),
        (("rule", "permalinks", "--back"), "no mode was said of rule permalinks; `triagebot mode` lists what was"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(config: Path, command: tuple[str, ...], sentence: str) -> None:
    """A slip of the pen changes nothing and says how it is written."""
    done = invoke(config, "mode", *command)
    assert (done.status, done.err) == (1, sentence)
    assert not (config.parent / "var" / "modes.toml").exists()


def test_a_desk_that_never_ran(tmp_path: Path) -> None:
    """Without a database a mode can be said too."""
    desk = LiveDesk(tmp_path / "desk", Account("support@desk.test", "secret", 1, 2), mode="shadow")
    assert invoke(desk.config, "mode", "live").status == 0
    assert invoke(desk.config, "mode", "--json").object[0]["mode"] == "live"


def test_shadow_can_be_said_while_the_files_are_wrong(config: Path) -> None:
    """It is written down at once, and the sentence says what keeps a running daemon from following."""
    (config.parent / "rules" / "20-broken.toml").write_text("[[rule]\n", "utf-8")
    invoke(config, "mode", "live")
    done = invoke(config, "mode", "shadow", "retainer")
    assert done.status == 1
    assert "From now on tier retainer is in shadow mode" in done.out
    assert "nothing follows it until this is mended: rules/20-broken.toml:1" in done.err
