"""`triagebot mode`: a mode said on the command line."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast, get_args

from triagebot.app.desk.modes import end_word, set_mode
from triagebot.app.desk.opening import writing
from triagebot.app.desk.snapshot import load_snapshot
from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Mode
from triagebot.core.errors import ModeError
from triagebot.core.files.problem import propose
from triagebot.core.modes import ModeChange
from triagebot.core.phrase import say


@dataclass(frozen=True, slots=True)
class Changed:
    """What a word has changed; `problem` says why a running daemon does not follow, "" when it does."""

    change: ModeChange
    problem: str = ""


def change_by_command(config: Path, view: DeskView, words: Sequence[str], now: datetime, *, back: bool) -> Changed:
    """Given config.toml, the desk, the words of the command ("live rule permalinks"), now, and whether a word is taken
    back, do it. Raise ModeError or StoreError."""
    with _one_at_a_time(view):
        if back:
            change = end_word(view, " ".join(words))
        else:
            change = set_mode(view, _read_mode(words[0]), " ".join(words[1:]), "on the command line", now)
    loaded = load_snapshot(config, now)
    if loaded.snapshot is None:
        return Changed(change, f"it is written down, but nothing follows it until this is mended: {loaded.errors[0]}")
    return Changed(change)


def _one_at_a_time(view: DeskView) -> "AbstractContextManager[object]":
    """The database's transaction, where there is one already."""
    return writing(view) if (view.data / "triagebot.db").exists() else nullcontext()


def _read_mode(word: str) -> Mode:
    modes = get_args(Mode)
    if word.casefold() in modes:
        return cast(Mode, word.casefold())
    near = propose(word, modes) or "; write live, draft or shadow first, then whose it is to be"
    raise ModeError(say("{word} is no mode{near}", word=word, near=near))
