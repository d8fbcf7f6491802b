"""Days away that were announced by a command: a small file among the desk's data, read with config.toml."""

from collections.abc import Iterable
from pathlib import Path

from triagebot.core.desk import Absence
from triagebot.core.files.problem import Problem, show_key
from triagebot.edge.datafile import quote_text, write_datafile
from triagebot.edge.tables import fill
from triagebot.edge.toml import read_toml

ABSENCES = "absences.toml"
_TABLE = "absence"
_HEAD = "# Written by `triagebot away`; end one with `triagebot away --back`.\n"


def read_absences(data: Path, root: Path) -> tuple[tuple[Absence, ...], list[Problem]]:
    """Given the directory of data and the one problems are told relative to, return the absences and what is wrong."""
    path = data / ABSENCES
    if not path.exists():
        return (), []
    document, problems = read_toml(path, root)
    if document is None:
        return (), problems
    written = document.data.get(_TABLE, [])
    found = []
    for number, table in enumerate(written if isinstance(written, list) else [written]):
        absence, findings = fill(Absence, table)
        for finding in findings:
            line = document.line_of((_TABLE, number, *finding.path))
            problems.append(Problem(document.file, line, show_key(_TABLE, number, None, finding.path), finding.text))
        if absence is not None and not findings:
            found.append(absence)
    return tuple(found), problems


def write_absences(data: Path, absences: Iterable[Absence]) -> None:
    """Given the directory of data and all absences, write them, in one step. Raise StoreError."""
    write_datafile(data / ABSENCES, _HEAD + "".join(_table(absence) for absence in absences))


def _table(absence: Absence) -> str:
    lines = ["", f"[[{_TABLE}]]", f"from = {absence.first.isoformat()}", f"to = {absence.last.isoformat()}"]
    if absence.note:
        lines.append(f"note = {quote_text(absence.note)}")
    if absence.colleague is not None:
        name, address = quote_text(absence.colleague.name), quote_text(absence.colleague.address)
        lines.append(f"colleague = {{ name = {name}, address = {address} }}")
    return "\n".join(lines) + "\n"
