"""What carrying out a command comes to, and the names by which commands call things."""

from dataclasses import dataclass
from typing import Any

from triagebot.core.commands.command import Command
from triagebot.core.errors import StoreError
from triagebot.core.phrase import Words, say


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did, in sentences. `undo` is what takes it back (app/commands/undo.py), ready for JSON, None where
    nothing can; `refs_touched` are all things it changed or that stand for them, `ref` the one it was about."""

    ref: str
    sentences: tuple[Words, ...]
    undo: dict[str, Any] | None = None
    changed: bool = True
    refs_touched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """What a command names: the number of a ticket, of a received mail, or of a mail of ours; the others are None."""

    ref: str
    ticket: int | None = None
    mail: int | None = None
    outgoing: int | None = None


def find_named(ref: str) -> Named:
    """Given a ref, "12", "m40" or "o7", return what it names. Raise StoreError when it names nothing."""
    plain = ref.strip().casefold()
    mark, digits = (plain[0], plain[1:]) if plain[:1] in ("m", "o") else ("", plain)
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
        raise StoreError(say("{ref} names nothing; write a number of the digest, such as 12, m40 or o7", ref=ref))
    number = int(digits)
    if mark == "m":
        return Named(f"m{number}", mail=number)
    return Named(f"o{number}", outgoing=number) if mark == "o" else Named(str(number), ticket=number)


def ticket_of(command: Command) -> int:
    """Given a command that only a ticket can take, return the ticket's number. Raise StoreError."""
    named = find_named(command.ref)
    if named.ticket is None:
        raise StoreError(
            say("{ref} is a mail and no ticket; there is nothing to {verb}", ref=named.ref, verb=command.verb)
        )
    return named.ticket
