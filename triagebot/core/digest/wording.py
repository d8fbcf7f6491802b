"""What both parts of a digest say in the same words."""

from collections.abc import Iterable
from itertools import groupby

from triagebot.core.digest.content import Item, Section
from triagebot.core.phrase import Phrase, say, say_many

QUIET = say("A quiet day: nothing needs you.")
DRAFT_LABELS = (say("To"), say("Subject"))
LABELS_BESIDE = (say("The desk would have written:"), say("You wrote:"))


def list_commands(item: Item) -> list[str]:
    """Given an item, return its commands as they are to be written, with what they name: `undo 12`, but `12 ok`."""
    return [
        f"{command} {item.ref}".strip() if command == "undo" else f"{item.ref} {command}".strip()
        for command in item.commands
    ]


def is_bare(item: Item) -> bool:
    """Given an item, return whether nothing but its ref and its commands is left of it (fit.py)."""
    return not item.title


def is_long(item: Item) -> bool:
    """Given an item, return whether it says more than its title."""
    return bool(item.lines or item.quote or item.shown or item.beside or item.links or item.commands)


def group_commands(items: Iterable[Item]) -> list[tuple[str, str]]:
    """Given bare items, return the commands that several in a row share, and what they name."""
    groups = groupby(items, lambda item: item.commands)
    return [(" · ".join(commands), ", ".join(item.ref for item in group)) for commands, group in groups]


def say_bare(refs: str, commands: str) -> Phrase:
    """Given what several matters are named by, and their commands, return the sentence that is left of them."""
    return say("{refs}: not shown here (triagebot digest); answer each with {commands}", refs=refs, commands=commands)


def say_more(section: Section) -> Phrase:
    """Given a section with items left out, return the sentence that says so."""
    if section.shortened:
        return say_many("and {count} more: triagebot digest", "and {count} more: triagebot digest", section.more)
    return say_many("and {count} more", "and {count} more", section.more)
