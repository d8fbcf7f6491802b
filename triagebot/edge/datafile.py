"""Small TOML files among the desk's data, which commands write: announced absences, modes said by word."""

import json
import os
from pathlib import Path

from triagebot.core.errors import StoreError


def write_datafile(path: Path, text: str) -> None:
    """Given a file's path and its whole text, write it in one step, for this user only. Raise StoreError."""
    data, draft = path.parent, path.with_suffix(".new")
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}; make {data} writable for this user") from None


def quote_text(text: str) -> str:
    """Given a text, return it as TOML writes it: as JSON does, but for characters beyond 16 bits (emoji), which it does
    not write as pairs."""
    return json.dumps(text, ensure_ascii=False)
