"""Reading the developer's answer: forgiving about how a line is written, strict about what it means."""

from collections.abc import Collection
from datetime import date

from triagebot.core.commands.command import Said


def read_commands(text: str, today: date, shown: Collection[str] = ()) -> Said:
    """Given the text of an answer, the local date, and the lines of the digest it answers (which a mail program may
    repeat without any mark), return what it says."""
    raise NotImplementedError
