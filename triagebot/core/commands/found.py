"""What one line of an answer was found to be, and lines that contradict each other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from triagebot.core.commands.command import ALL, Command, Verb
from triagebot.core.commands.written import write_command
from triagebot.core.phrase import Phrase, say

_ANSWERS: frozenset[Verb] = frozenset(("ok", "send", "no"))
_STATES: frozenset[Verb] = frozenset(("done", "start", "hold", "close", "reopen"))


@dataclass(frozen=True, slots=True)
class Found:
    """A line as it was written, with the commands it is, or why it runs nothing."""

    line: str
    commands: tuple[Command, ...] = ()
    why: Phrase | None = None


def drop_conflicts(found: Sequence[Found]) -> list[Found]:
    """Given what was found, return it without repeats and with no two lines that contradict each other: of those
    neither runs."""
    said: dict[tuple[str, str], set[str]] = {}
    counts: dict[str, int] = {}
    refused = _find_late_refusals(found)
    for one in found:
        for command in one.commands:
            written = write_command(command)
            said.setdefault(_matter(command), set()).add(written)
            counts[written] = counts.get(written, 0) + 1
    kept: list[Found] = []
    seen: set[str] = set()
    for one in found:
        lines = {write_command(command): command for command in one.commands}
        clashing = next((line for line, command in lines.items() if len(said[_matter(command)]) > 1), "")
        doubled = next((line for line, command in lines.items() if command.verb == "book" and counts[line] > 1), "")
        if clashing:
            why = say("it contradicts another line of this answer; write only one, such as {example}", example=clashing)
            kept.append(Found(one.line, (), why))
        elif doubled:
            why = say("these minutes stand there twice; write them once: {example}", example=doubled)
            kept.append(Found(one.line, (), why))
        elif one in refused:
            why = say("write the exceptions first, and {example} in a line below them", example="all ok")
            kept.append(Found(one.line, (), why))
        elif not one.commands or set(lines) - seen:
            fresh = tuple(command for line, command in lines.items() if line not in seen)
            kept.append(replace(one, commands=fresh))
        seen |= set(lines)
    return kept


def _matter(command: Command) -> tuple[str, str]:
    """What a command decides: two that decide the same differently contradict each other."""
    if command.verb in _ANSWERS:
        return command.ref, "answer"
    if command.verb in _STATES:
        return command.ref, "state"
    if command.verb in ("move", "quote"):
        return command.ref, command.verb
    if command.verb == "mode":
        return command.target, "mode"
    return write_command(command), command.verb


def _find_late_refusals(found: Sequence[Found]) -> list[Found]:
    """`all ok`, and every `no` or other text that stands below it: the mail would be approved before it is refused."""
    first = next((index for index, one in enumerate(found) if any(c.ref == ALL for c in one.commands)), len(found))
    late = [one for one in found[first + 1 :] if any(c.verb in ("no", "send", "hold") for c in one.commands)]
    return [found[first], *late] if late else []
