"""config.toml and the files it includes, read into a Desk or into everything that is wrong with them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_origin

from triagebot.core.desk import Desk, DeskSettings
from triagebot.core.files.consistency import check_desk
from triagebot.core.files.problem import Finding, Problem, show_key
from triagebot.edge.phrases import show, unknown_key
from triagebot.edge.regions import check_holidays, check_zone
from triagebot.edge.spelled import keys_of
from triagebot.edge.tables import fill
from triagebot.edge.toml import Document, TomlPath, read_toml


@dataclass(frozen=True, slots=True)
class _Entry:
    """One table of the desk: its name, what is written in it, and where it stands."""

    name: str
    written: Any
    document: Document
    path: TomlPath

    def problem(self, finding: Finding) -> Problem:
        """Given a finding whose path starts inside this table, return the problem with its file and line."""
        number = self.path[1] if len(self.path) > 1 else None
        key = show_key(self.name, number, self.written, finding.path)
        line = self.document.line_of(self.path + finding.path)
        return Problem(self.document.file, line, key, finding.text, finding.severity)


@dataclass(slots=True)
class _Gathered:
    """All tables of all files, those of a list in their order, and what was wrong so far."""

    entries: dict[str, list[_Entry]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def load_desk(path: Path) -> tuple[Desk | None, list[Problem]]:
    """Given the path of a config.toml, return its desk (None if there is an error) and all problems in order.

    Steps: read the file and its includes, gather their tables, fill core's classes, check that they fit
    together. Secrets are not looked up. Files are named relative to the directory of config.toml.
    """
    root = path.parent
    main, problems = read_toml(path, root)
    if main is None:
        return None, problems
    documents = [main, *_read_included(main, path, root, problems)]
    gathered = _Gathered(problems=problems)
    for document in documents:
        _gather(document, gathered)
    desk = _fill_desk(gathered, main)
    problems += (_place(finding, gathered, main) for finding in [*check_desk(desk), *_check_regions(desk)])
    has_errors = any(problem.severity == "error" for problem in problems)
    return None if has_errors else desk, sorted(problems)


def _read_included(main: Document, path: Path, root: Path, problems: list[Problem]) -> list[Document]:
    settings = main.data.get("desk")
    patterns = settings.get("include", []) if isinstance(settings, dict) else []
    listed = patterns if isinstance(patterns, list) else [patterns]
    files: dict[Path, Path] = {}
    for number, pattern in enumerate(listed):
        # Anything but text is refused with the other keys of [desk].
        if isinstance(pattern, str):
            found, text = _find(pattern, root)
            files.update({file.resolve(): file for file in found})
            if text:
                key = show_key("desk", None, None, ("include", number))
                problems.append(main.problem(("desk", "include", number), key, text))
    files.pop(path.resolve(), None)
    documents = []
    for file in files.values():
        document, wrong = read_toml(file, root)
        problems += wrong
        if document is not None:
            documents.append(document)
    return documents


def _find(pattern: str, root: Path) -> tuple[list[Path], str]:
    how = 'write files relative to config.toml, such as "clients/*.toml"'
    if not pattern or Path(pattern).is_absolute():
        return [], f"{show(pattern)} cannot be included; {how}"
    try:
        found = sorted(root.glob(pattern))
    except ValueError as error:
        return [], f"{show(pattern)} cannot be included: {error}; {how}"
    missing = not found and not set("*?[") & set(pattern)
    return found, f"there is no file {show(pattern)}; {how}" if missing else ""


def _gather(document: Document, gathered: _Gathered) -> None:
    keys = keys_of(Desk)
    for name, written in document.data.items():
        text = ""
        several = get_origin(keys[name].hint) is tuple if name in keys else False
        if name not in keys:
            text = "stands above all tables; move it below [desk]"
            if isinstance(written, dict | list):
                text = unknown_key(name, keys, "table")
        elif several and isinstance(written, list):
            entries = gathered.entries.setdefault(name, [])
            entries += [_Entry(name, one, document, (name, number)) for number, one in enumerate(written)]
        elif several:
            text = f"there may be several of these; write [[{name}]] with two brackets"
        elif isinstance(written, list):
            text = f"there is only one of this; write [{name}] with single brackets"
        elif name in gathered.entries:
            text = f"is given twice; put it into one file{_first(gathered.entries[name][0], ())}"
        else:
            gathered.entries[name] = [_Entry(name, written, document, (name,))]
        if text:
            gathered.problems.append(document.problem((name,), name, text))


def _fill_desk(gathered: _Gathered, main: Document) -> Desk:
    """What is wrong in a table is noted, and a stand-in takes its place for the checks that follow."""
    values: dict[str, Any] = {}
    for name, key in keys_of(Desk).items():
        several = get_origin(key.hint) is tuple
        filled = []
        for entry in list(gathered.entries.get(name, [])):
            value, findings = fill(get_args(key.hint)[0] if several else key.hint, entry.written)
            gathered.problems += map(entry.problem, findings)
            if value is None:
                gathered.entries[name].remove(entry)
            else:
                filled.append(value)
        if several:
            values[name] = tuple(filled)
        elif filled:
            values[name] = filled[0]
    if "desk" not in values:
        if "desk" not in main.data:
            text = "is missing; add a table [desk] with name, address and developer"
            gathered.problems.append(main.problem((), "desk", text))
        values["desk"] = fill(DeskSettings, {})[0]
    return Desk(**values)


def _place(finding: Finding, gathered: _Gathered, main: Document) -> Problem:
    entry, inner = _locate(finding.path, gathered)
    if entry is None:
        return Problem(main.file, 1, ".".join(map(str, finding.path)), finding.text, finding.severity)
    text = finding.text
    other, other_inner = _locate(finding.first, gathered)
    if other is not None:
        text += _first(other, other_inner)
    return entry.problem(Finding(inner, text, finding.severity))


def _first(entry: _Entry, inner: TomlPath) -> str:
    return f" (the first stands at {entry.document.file}:{entry.document.line_of(entry.path + inner)})"


def _locate(path: TomlPath, gathered: _Gathered) -> tuple[_Entry | None, TomlPath]:
    """A path into the whole desk becomes a table of one file and a path inside that table."""
    entries = gathered.entries.get(str(path[0]), []) if path else []
    if not entries:
        return None, ()
    if get_origin(keys_of(Desk)[str(path[0])].hint) is tuple:
        return entries[int(path[1])], path[2:]
    return entries[0], path[1:]


def _check_regions(desk: Desk) -> list[Finding]:
    zone, holidays = check_zone(desk.desk.timezone), check_holidays(desk.support_hour.holidays)
    found = [Finding(("desk", "timezone"), zone), Finding(("support_hour", "holidays"), holidays)]
    return [finding for finding in found if finding.text]
