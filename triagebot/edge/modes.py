"""Modes said by word: a small file among the desk's data, read with config.toml."""

from collections.abc import Iterable
from pathlib import Path

from triagebot.core.files.problem import Problem, show_key
from triagebot.core.modes import DESK, Said
from triagebot.edge.datafile import quote_text, write_datafile
from triagebot.edge.tables import fill
from triagebot.edge.toml import read_toml

MODES = "modes.toml"
_TABLE = "mode"
_HEAD = "# Written by `triagebot mode` and answers to the digest; take one back with `triagebot mode --back`.\n"


def read_modes(data: Path, root: Path) -> tuple[tuple[Said, ...], list[Problem]]:
    """Given the directory of data and the one problems are told relative to, return the words that stand and what is
    wrong."""
    path = data / MODES
    if not path.exists():
        return (), []
    document, problems = read_toml(path, root)
    if document is None:
        return (), problems
    problems += (
        document.problem((name,), name, f"is not known here; write [[{_TABLE}]]")
        for name in document.data
        if name != _TABLE
    )
    written = document.data.get(_TABLE, [])
    found: dict[str, Said] = {}
    for number, table in enumerate(written if isinstance(written, list) else [written]):
        said, findings = fill(Said, table)
        told = [(finding.path, finding.text) for finding in findings]
        if said is not None and not told:
            told = [(("of",), text) for text in _find_misfits(said, found)]
        for place, text in told:
            line = document.line_of((_TABLE, number, *place))
            problems.append(Problem(document.file, line, show_key(_TABLE, number, None, place), text))
        if said is not None and not told:
            found[said.of] = said
    return tuple(found.values()), problems


def write_modes(data: Path, words: Iterable[Said]) -> None:
    """Given the directory of data and all words that stand, write them, in one step. Raise StoreError."""
    write_datafile(data / MODES, _HEAD + "".join(_table(said) for said in words))


def _find_misfits(said: Said, before: Iterable[str]) -> list[str]:
    found = [f"{said.of!r} stands here twice; take one out"] if said.of in before else []
    if said.at_most and said.of == DESK:
        found.append("at_most is for tiers and rules; take it out")
    return found


def _table(said: Said) -> str:
    lines = ["", f"[[{_TABLE}]]", f"of = {quote_text(said.of)}", f'mode = "{said.mode}"']
    lines.append(f"since = {said.since.isoformat()}")
    if said.why:
        lines.append(f"why = {quote_text(said.why)}")
    if said.at_most:
        lines.append("at_most = true")
    return "\n".join(lines) + "\n"
