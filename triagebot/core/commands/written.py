"""Commands in the one form that is always understood, for hints and confirmations."""

from triagebot.core.commands.command import Command


def write_command(command: Command) -> str:
    """Given a command, return the line that is read as just this command. Its text must hold no double quotes."""
    subject = f"{command.ref} " if command.ref else ""
    match command.verb:
        case "new":
            parts = ["new", command.other, write_length(command.minutes), command.text]
        case "mode":
            parts = ["mode", command.mode or "", command.target]
        case "away":
            parts = ["away", _days(command), command.text]
        case "back":
            parts = ["back", _days(command)]
        case _:
            parts = [_action(command)]
    return subject + " ".join(part for part in parts if part)


def write_length(minutes: int | None) -> str:
    """Given minutes, return them as they are typed ("25m", "3h", "1h30"), or "" for None."""
    if minutes is None:
        return ""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}m"
    return f"{hours}h{rest:02}" if rest else f"{hours}h"


def _action(command: Command) -> str:
    match command.verb:
        case "send":
            return f'send "{command.text}"'
        case "book":
            return f"{write_length(command.minutes)} {command.text}".rstrip()
        case "done":
            return " ".join(part for part in ("done", write_length(command.minutes), command.text) if part)
        case "move":
            return command.day.isoformat() if command.day else "move"
        case "quote":
            return f"quote {write_length(command.minutes)} {command.price or 0:f}"
        case "merge" | "split":
            return f"{command.verb} {command.other}".rstrip()
        case _:
            return command.verb


def _days(command: Command) -> str:
    days = [day.isoformat() for day in (command.first, command.last) if day is not None]
    return "..".join(dict.fromkeys(days))
