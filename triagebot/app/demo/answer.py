"""The developer's answer to the demo's digest: lines chosen from what it offers, and the mail that says them."""

from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from triagebot.app.demo.desk import DEVELOPER
from triagebot.core.desk import Limits
from triagebot.core.digest.content import Digest, Item
from triagebot.core.hours.calendar import WEEKDAYS
from triagebot.core.outgoing.compose import plain_text
from triagebot.core.reading.headers import read_headers

_MINUTES = tuple(f"{number}m" for number in range(1, 241))


def choose_lines(digest: Digest) -> tuple[str, ...]:
    """Given a digest, return what its reader answers: the first draft is approved, the first work of the support hour
    is done, the next is moved, a held mail was seen; and one line that is meant well but names nothing to do."""
    return tuple(_choose([item for section in digest.sections for item in section.items if item.ref]))


def _choose(items: list[Item]) -> Iterator[str]:
    approved = _first(items, "ok")
    worked = _first(_without(items, approved), *_MINUTES)
    moved = _first(_without(items, approved + worked), *WEEKDAYS)
    held = [item for item in items if item.ref.startswith("m") and "done" in item.commands]
    yield from (f"{item.ref} ok" for item in approved)
    yield from (f"{item.ref} done {_offered(item, _MINUTES)} changed as asked" for item in worked)
    yield from (f"{item.ref} {_offered(item, WEEKDAYS)}" for item in moved)
    yield from (f"{item.ref} done" for item in held[:1])
    yield from (f"{item.ref} maybe after the holidays" for item in held[1:2])


def _first(items: list[Item], *commands: str) -> list[Item]:
    return [item for item in items if not set(commands).isdisjoint(item.commands)][:1]


def _without(items: list[Item], chosen: list[Item]) -> list[Item]:
    refs = {item.ref for item in chosen}
    return [item for item in items if item.ref not in refs]


def _offered(item: Item, commands: tuple[str, ...]) -> str:
    return next(command for command in item.commands if command in commands)


def write_answer(digest: bytes, to: str, lines: tuple[str, ...], now: datetime) -> bytes:
    """Given the digest as it came, where its answers go, the lines to say and now, return the answer as a mail program
    writes it: the lines above, the whole digest quoted below."""
    headers = read_headers(digest, Limits())
    quoted = [f"> {line}".rstrip() for line in plain_text(digest).splitlines()]
    message = EmailMessage()
    message["From"] = f"Ada <{DEVELOPER}>"
    message["To"] = to
    message["Subject"] = f"Re: {headers.first('subject')}"
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<demo.answer.{int(now.timestamp())}@{DEVELOPER.rpartition('@')[2]}>"
    message["In-Reply-To"] = message["References"] = headers.first("message-id")
    message.set_content("\n".join((*lines, "", "Ada", "", "The desk wrote:", *quoted, "")))
    return message.as_bytes()
