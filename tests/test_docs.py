"""The documents say what is there: commands and options, reason codes, the version (drift tests)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from triagebot import __version__
from triagebot.cli.main import triagebot
from triagebot.core.desk import Limits
from triagebot.core.outgoing.limits import Tally, check_caps

ROOT = Path(__file__).parents[1]
CORE = ROOT / "triagebot" / "core"
SAFETY_A7 = frozenset(
    (
        *("own-loop", "null-return-path", "dsn", "mdn", "report", "calendar", "auto-submitted", "list", "precedence"),
        *("suppress-header", "autoresponder-header", "x-loop", "feedback-id", "robot-sender", "ooo-subject"),
        *("not-addressed", "many-recipients", "spam", "bad-from", "auth-fail", "auth-unknown", "backfill", "too-old"),
        *("reply-to-auto", "hops", "encrypted", "quarantine", "rate-thread", "rate-sender", "rate-domain"),
        *("rate-global", "breaker", "ping-pong", "duplicate", "id-reused", "no-destination", "reply-to-mismatch"),
        *("lookalike", "suppressed-address"),
    )
)
"""The reason codes of safety.md A.7: stable names that people search their logs for."""


def read(name: str) -> str:
    """Given a document's name, return its text."""
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Given a document and a heading of second rank, return what stands under it."""
    found = re.search(rf"^## {heading}$(.+?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no section {heading!r}"
    return found[1]


def list_commands(group: click.Group = triagebot, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Return every command with its whole name, such as "outbox retry"; groups only if they do something alone."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command, f"{name} is listed and cannot be loaded"
        if isinstance(command, click.Group):
            yield from list_commands(command, (*path, name))
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield " ".join((*path, name)), command


COMMANDS = dict(list_commands())
TABLE = section(read("README.md"), "Commands")
ROWS = [line for line in TABLE.splitlines() if line.startswith("| `")]


def row_of(name: str) -> str:
    """Given a command's name, return the first cell of its line in README.md, or an empty string."""
    cells = (row.replace(r"\|", "/").split("|")[1] for row in ROWS)
    return next((cell for cell in cells if re.search(rf"`{name}(?![\w-])", cell)), "")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_a_line(name: str) -> None:
    """README.md has each command in its table of commands."""
    assert row_of(name), f"Add a line for `{name}` to the table under Commands in README.md."


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_is_told(name: str) -> None:
    """README.md names each option of a command in its line; --json is told once for all."""
    options = {
        max(option.opts, key=len) for option in COMMANDS[name].params if isinstance(option, click.Option)
    } - {"--json", "--help"}  # fmt: skip
    missing = sorted(option for option in options if option not in row_of(name))
    assert not missing, f"Name {missing} in the line of `{name}` under Commands in README.md."


def test_no_line_without_a_command() -> None:
    """The table names no command and no option that is not there."""
    for row in ROWS:
        for span in re.findall(r"`([^`]+)`", row.replace(r"\|", "/").split("|")[1]):
            name = max((known for known in COMMANDS if f"{span} ".startswith(f"{known} ")), key=len, default="")
            assert name, f"README.md speaks of `{span}`, which is no command."
            known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
            assert set(re.findall(r"--[a-z-]+", span)) <= known, f"`{name}` has not all options of `{span}`."


def test_commands_in_examples_exist() -> None:
    """Whatever README.md tells to type after `triagebot` is a command with these options."""
    typed = re.findall(r"(?m)(?:^|[ /`])triagebot((?: --config \S+)? [a-z]+(?: [^\n`#|;&]*)?)", read("README.md"))
    examples = [re.sub(r"^ --config \S+", "", example).strip() for example in typed]
    names = {first for first, _, _ in (name.partition(" ") for name in COMMANDS)}
    checked = 0
    for example in examples:
        words = example.split()
        if words[0] not in names:
            continue
        name = " ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else words[0]
        known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        wrong = sorted(word for word in words if word.startswith("--") and word not in known)
        assert not wrong, f"README.md tells to type {example!r}, but {name} has no {wrong}."
        checked += 1
    assert checked >= 5, "README.md shows hardly any command; is the pattern above still right?"


def test_every_command_says_what_it_does() -> None:
    """`triagebot --help` and each command's own --help have a sentence."""
    for name, command in COMMANDS.items():
        assert (command.help or "").strip(), f"{name} has no help text"
    assert all(name.split(" ")[0] in triagebot.get_help(click.Context(triagebot)) for name in COMMANDS)


def emitted_by_checks() -> set[str]:
    """Return every code a check of core/guard can put into its finding, read from the source."""
    codes = set()
    for file in sorted((CORE / "guard").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and len(node.args) > 2:
                assert isinstance(node.args[2], ast.Constant), f"{file.name}, line {node.lineno}: write the code out"
                codes.add(str(node.args[2].value))
    return codes


def emitted_by_caps() -> set[str]:
    """Return every code of a cap, by breaking all of them."""
    broken = Tally(
        *(9999,) * 7, answers=frozenset({"a"}), same_body=True, visitor_answered=True, latched=True, breaker=True,
        suppressed=True,
    )  # fmt: skip
    return {code for form in (True, False) for code, _ in check_caps(broken, Limits(), ("a",), known=False, form=form)}


def test_reason_codes_are_the_known_ones() -> None:
    """Every code the guard or a cap can emit is one of safety.md A.7."""
    guard, caps = emitted_by_checks(), emitted_by_caps()
    assert len(guard) > 20
    assert len(caps) > 7
    assert guard | caps <= SAFETY_A7, f"not in safety.md A.7: {sorted((guard | caps) - SAFETY_A7)}"


@pytest.mark.parametrize("code", sorted(SAFETY_A7))
def test_every_reason_code_can_be_emitted(code: str) -> None:
    """No code of safety.md A.7 is forgotten: it is written in core, as a whole string."""
    sources = [file.read_text(encoding="utf-8") for file in CORE.rglob("*.py")]
    assert any(f'"{code}"' in source for source in sources), f"nothing in core emits {code}"


def test_design_is_short() -> None:
    """DESIGN.md can be read at one sitting."""
    assert len(read("DESIGN.md").splitlines()) < 200


@pytest.mark.parametrize("layer", ["core", "edge", "app", "cli"])
def test_design_names_the_layers(layer: str) -> None:
    """DESIGN.md tells what each layer is for."""
    assert re.search(rf"`(?:triagebot/)?{layer}/?`", read("DESIGN.md"))


def test_design_names_every_edge() -> None:
    """Each edge, being one library or protocol, is in DESIGN.md's list."""
    edges = {path.stem for path in (ROOT / "triagebot" / "edge").iterdir() if not path.name.startswith("_")}
    missing = sorted(edge for edge in edges if not re.search(rf"`(?:edge/)?{edge}(?:\.py|/)?`", read("DESIGN.md")))
    assert not missing, f"Name these edges in DESIGN.md: {missing}"


def test_the_changelog_knows_this_version() -> None:
    """CHANGELOG.md has an entry for the current version, and something in it."""
    found = re.search(rf"^## \[?{re.escape(__version__)}\b[^\n]*$(.*?)(?=^## |\Z)", read("CHANGELOG.md"), re.M | re.S)
    assert found, f"Add an entry for {__version__} to CHANGELOG.md."
    assert re.search(r"^[-*] \S", found[1], re.M)


def test_the_documents_link_to_files_that_exist() -> None:
    """No relative link of a document is dead."""
    for name in ("README.md", "DESIGN.md", "CHANGELOG.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", read(name)):
            assert (ROOT / target).exists(), f"{name} links to {target}, which is not there."
