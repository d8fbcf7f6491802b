"""rules/*.toml read into rules, in the order of file names, or into everything that is wrong with them."""

from dataclasses import replace
from pathlib import Path

from triagebot.core.desk import Desk
from triagebot.core.files.problem import Finding, Problem, show_key, tell_unknown
from triagebot.core.rules.rule import Place, Rule
from triagebot.edge.phrases import unknown_key
from triagebot.edge.tables import fill
from triagebot.edge.toml import Document, read_toml

_SEASON = "season:"
_CONDITIONS = {"any", "all", "subject", "from", "to", "has", "when"}


def load_rules(directory: Path) -> tuple[tuple[Rule, ...], list[Problem]]:
    """Given the directory of rules, return its rules (those without errors) and all problems in order.

    Files are named relative to the directory's parent. Whether replies, clients and seasons
    exist is for those to check who know them.
    """
    if not directory.is_dir():
        text = "there is no such directory; `triagebot init DIR` writes a new desk with rules to start with"
        return (), [Problem(directory.name, 0, "", text)]
    problems: list[Problem] = []
    found: list[tuple[Rule, bool]] = []
    for path in sorted(directory.glob("*.toml")):
        if path.name.startswith("."):
            continue  # an editor's lock or backup
        document, wrong = read_toml(path, directory.parent)
        problems += wrong
        if document is not None:
            found += _read_rules(document, problems)
    repeated = _find_repeated([rule for rule, _ in found])
    rules = tuple(rule for rule, good in found if good)
    return rules, sorted(problems + repeated)


def list_own_modes(directory: Path) -> dict[str, str]:
    """Given the directory of rules, return the mode each rule's file gives it, "" for none, by the rule's id. Nothing
    is checked, so that it takes a third of the time."""
    found: dict[str, str] = {}
    for path in sorted(directory.glob("*.toml")):
        document, _ = read_toml(path, directory.parent)
        written = document.data.get("rule", []) if document is not None else []
        for rule in written if isinstance(written, list) else []:
            if isinstance(rule, dict):
                found.setdefault(str(rule.get("id", "")), str(rule.get("mode", "")))
    return found


def find_line(directory: Path, place: Place, path: tuple[str | int, ...]) -> int:
    """Given the directory of rules, a rule's place and a path in the rule such as ("any", 2), return the line.

    The file is read again: only a rule that is wrong has to know the lines of its values.
    """
    document, _ = read_toml(directory.parent / place.file, directory.parent)
    tables = document.data.get("rule", []) if document is not None else []
    for number in range(len(tables)):
        if document is not None and document.line_of(("rule", number)) == place.line:
            return document.line_of(("rule", number, *path))
    return place.line


def check_references(rules: tuple[Rule, ...], desk: Desk) -> list[Problem]:
    """Given rules and the desk they belong to, return clients and seasons they name in vain."""
    clients = [client.id for client in desk.client]
    seasons = [season.id for season in desk.season]
    problems = []
    for rule in rules:
        wanted = [("clients", "client", name, clients) for name in rule.clients]
        if rule.when.startswith(_SEASON):
            wanted.append(("when", "season", rule.when.removeprefix(_SEASON), seasons))
        for key, what, name, known in wanted:
            if name not in known:
                text = tell_unknown(what, name, known)
                problems.append(Problem(rule.place.file, rule.place.line, f"rule[{rule.id}].{key}", text))
    return sorted(problems)


def _read_rules(document: Document, problems: list[Problem]) -> list[tuple[Rule, bool]]:
    """Every rule of a file, and whether it is free of errors."""
    for name in document.data:
        if name != "rule":
            problems.append(document.problem((name,), name, unknown_key(name, ("rule",), "table")))
    tables = document.data.get("rule", [])
    if not isinstance(tables, list):
        text = "there may be several of these; write [[rule]] with two brackets"
        problems.append(document.problem(("rule",), "rule", text))
        return []
    rules = []
    for number, written in enumerate(tables):
        rule, findings = fill(Rule, written)
        if rule is not None:
            findings += _check_rule(rule, {str(finding.path[0]) for finding in findings})
            good = all(finding.severity == "warning" for finding in findings)
            rules.append((_set_places(rule, document, number), good))
        problems += (_place(finding, document, number, written) for finding in findings)
    return rules


def _check_rule(rule: Rule, wrong: set[str]) -> list[Finding]:
    """Given a rule and its keys that are wrong already, return what else does not fit together in it."""
    found = []
    conditions = (rule.any, rule.all, rule.subject, rule.sender, rule.to, rule.has, rule.when)
    if not any(conditions) and not wrong & _CONDITIONS:
        text = 'matches no mail at all; add what to look for, such as any = ["permalink*"]'
        found.append(Finding((), text))
    if not rule.test and "test" not in wrong:
        text = "has no test; add a [[rule.test]] with the text of a real mail"
        found.append(Finding((), text, "warning"))
    for number, test in enumerate(rule.test):
        if not (test.text.strip() or test.subject.strip() or "test" in wrong):
            found.append(Finding(("test", number), "has neither text nor subject; add one of them"))
    return found


def _set_places(rule: Rule, document: Document, number: int) -> Rule:
    def place(*path: str | int) -> Place:
        return Place(document.file, document.line_of(("rule", number, *path)))

    tests = tuple(replace(test, place=place("test", i)) for i, test in enumerate(rule.test))
    return replace(rule, place=place(), test=tests)


def _place(finding: Finding, document: Document, number: int, written: object) -> Problem:
    line = document.line_of(("rule", number, *finding.path))
    key = show_key("rule", number, written, finding.path)
    return Problem(document.file, line, key, finding.text, finding.severity)


def _find_repeated(rules: list[Rule]) -> list[Problem]:
    first: dict[str, Rule] = {}
    problems = []
    for rule in rules:
        if rule.id and first.setdefault(rule.id, rule) is not rule:
            text = f"id '{rule.id}' is given twice; change one (the first stands at {first[rule.id].place})"
            problems.append(Problem(rule.place.file, rule.place.line, f"rule[{rule.id}].id", text))
    return problems
