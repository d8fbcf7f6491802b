"""Days away that were announced by a command: a small file among the desk's data, read with config.toml."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from triagebot.core.desk import Absence
from triagebot.core.errors import StoreError
from triagebot.core.files.problem import Problem, show_key
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
    path = data / ABSENCES
    draft = path.with_suffix(".new")
    text = _HEAD + "".join(_table(absence) for absence in absences)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}; make {data} writable for this user") from None


def _table(absence: Absence) -> str:
    lines = ["", f"[[{_TABLE}]]", f"from = {absence.first.isoformat()}", f"to = {absence.last.isoformat()}"]
    if absence.note:
        lines.append(f"note = {json.dumps(absence.note)}")
    if absence.colleague is not None:
        name, address = json.dumps(absence.colleague.name), json.dumps(absence.colleague.address)
        lines.append(f"colleague = {{ name = {name}, address = {address} }}")
    return "\n".join(lines) + "\n"
