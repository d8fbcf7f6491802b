"""Files that show what comes out: compared with what is made now, or written anew.

    TRIAGEBOT_WRITE_GOLDEN=1 .venv/bin/python -m pytest tests -k golden

writes them; `git diff` then shows what changed, and whoever looks at it decides whether it is meant.
"""

import os
from difflib import unified_diff
from pathlib import Path

_SWITCH = "TRIAGEBOT_WRITE_GOLDEN"
_MOST_LINES = 80


def check_golden(file: Path, text: str) -> None:
    """Given a file and the text that belongs into it, write it if asked to, else fail with the difference."""
    if os.environ.get(_SWITCH) == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    found = file.read_text(encoding="utf-8") if file.exists() else ""
    if found == text:
        return
    lines = list(unified_diff(found.splitlines(), text.splitlines(), str(file), "made now", lineterm="", n=2))
    more = [f"… and {len(lines) - _MOST_LINES} lines more"] if len(lines) > _MOST_LINES else []
    raise AssertionError("\n".join([*lines[:_MOST_LINES], *more, f"Is that meant? {_SWITCH}=1 writes the file anew."]))
