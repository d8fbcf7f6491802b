"""An IMAP server with mails of its own that keeps the protocol and is odd in what it tells: safety.md F.1."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal

from tests.servers.background import BackgroundServer

DATE = "23-Nov-2026 12:00:00 +0000"


@dataclass(slots=True)
class Oddities:
    """What is odd. Change it while the server runs; every mail named is named by its UID.

    `hidden` mails are left out of every list and answer, `unlisted` ones out of lists only, `undescribed` ones out of
    the answer about sizes and dates, and `bare` ones are described without either. `withheld` ones are not handed out,
    `refused` ones with a NO, and the connection ends at `deadly` ones.
    """

    hidden: set[int] = field(default_factory=set)
    unlisted: set[int] = field(default_factory=set)
    undescribed: set[int] = field(default_factory=set)
    bare: set[int] = field(default_factory=set)
    withheld: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    deadly: set[int] = field(default_factory=set)
    read_only: bool = False
    exists: int | None = None
    uidnext: int | None = None
    uidvalidity: int = 1
    idle: Literal["", "deaf", "good"] = "good"
    date: str | None = None


class OddImap(BackgroundServer):
    """One INBOX for whoever logs in. `commands` has all it was told."""

    def __init__(self, mails: dict[int, bytes] | None = None, **oddities: object) -> None:
        super().__init__()
        self.mails = dict(mails or {})
        self.odd = Oddities(**oddities)  # type: ignore[arg-type]
        self.commands: list[str] = []

    def add(self, uid: int, raw: bytes) -> None:
        """Given a UID and a mail, put it into INBOX; who idles is told unless IDLE is deaf."""
        self.mails[uid] = raw
        self.announce_change()

    def said(self, words: str) -> int:
        """Given words, return in how many commands they stood."""
        return sum(words in command for command in self.commands)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        told = 0
        _say(writer, "* OK odd.test ready")
        while line := (await reader.readline()).decode("utf-8", "replace").rstrip("\r\n"):
            self.commands.append(line)
            self.announce_change()
            tag, _, command = line.partition(" ")
            verb = command.removeprefix("UID ").partition(" ")[0].upper()
            if verb in ("SELECT", "EXAMINE"):
                told = len(self.mails)
            if verb == "IDLE":
                told = await self._idle(tag, told, reader, writer)
            elif verb == "FETCH":
                if not self._fetch(tag, command, writer):
                    return
            else:
                _say(writer, *self._answer(verb, command), f"{tag} {self._verdict(verb)} {verb}")
            await writer.drain()

    def _verdict(self, verb: str) -> str:
        return "OK [READ-ONLY]" if self.odd.read_only and verb == "SELECT" else "OK"

    def _answer(self, verb: str, command: str) -> Iterable[str]:
        if verb == "CAPABILITY":
            return (f"* CAPABILITY IMAP4rev1 {'IDLE ' if self.odd.idle else ''}UIDPLUS MOVE",)
        if verb in ("SELECT", "EXAMINE"):
            exists = self.odd.exists if self.odd.exists is not None else len(self._seen())
            uidnext = self.odd.uidnext if self.odd.uidnext is not None else max(self.mails, default=0) + 1
            return (
                f"* {exists} EXISTS",
                "* 0 RECENT",
                f"* OK [UIDVALIDITY {self.odd.uidvalidity}] valid",
                f"* OK [UIDNEXT {uidnext}] next",
                "* OK [PERMANENTFLAGS (\\Deleted \\*)] kept",
            )
        if verb == "SEARCH":
            found = _chosen(command.rpartition(" ")[2], self._seen() - self.odd.unlisted)
            return (" ".join(("* SEARCH", *map(str, found))),)
        if verb == "LIST":
            return ('* LIST (\\HasNoChildren) "/" INBOX',)
        return ()

    def _seen(self) -> set[int]:
        return self.mails.keys() - self.odd.hidden

    def _fetch(self, tag: str, command: str, writer: asyncio.StreamWriter) -> bool:
        """Return whether the conversation goes on."""
        odd, chosen = self.odd, _chosen(command.split(" ")[2], self._seen())
        bodies = "BODY.PEEK[" in command
        if bodies and odd.deadly & set(chosen):
            return False
        if bodies and odd.refused & set(chosen):
            _say(writer, f"{tag} NO [UNAVAILABLE] this mail cannot be read just now")
            return True
        for number, uid in enumerate(chosen, 1):
            if bodies:
                if uid not in odd.withheld:
                    self._hand_out(number, uid, command, writer)
            elif "RFC822.SIZE" not in command or uid in odd.bare:
                _say(writer, f"* {number} FETCH (UID {uid} FLAGS ())")
            elif uid not in odd.undescribed:
                _say(writer, f"* {number} FETCH (UID {uid} RFC822.SIZE {len(self.mails[uid])}{self._date()})")
        _say(writer, f"{tag} OK FETCH")
        return True

    def _date(self) -> str:
        return f' INTERNALDATE "{self.odd.date}"' if self.odd.date else ""

    def _hand_out(self, number: int, uid: int, command: str, writer: asyncio.StreamWriter) -> None:
        raw, name = self.mails[uid], "BODY[]"
        if "HEADER" in command:
            raw, name = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", "BODY[HEADER]"
        if "<0." in command:
            raw, name = raw[: int(command.partition("<0.")[2].partition(">")[0])], "BODY[]<0>"
        writer.write(f"* {number} FETCH (UID {uid} {name} {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")

    async def _idle(self, tag: str, told: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        """Given how many mails the client was told of, return of how many it is told at the end."""
        _say(writer, "+ idling")
        done = asyncio.ensure_future(reader.readline())
        while not done.done():
            if self.odd.idle == "good" and len(self.mails) != told:
                told = len(self.mails)
                _say(writer, f"* {told} EXISTS")
            await asyncio.wait({done}, timeout=0.05)
        self.commands.append(done.result().decode().strip())
        _say(writer, f"{tag} OK IDLE done")
        return told


def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode())


def _chosen(numbers: str, there: Collection[int]) -> list[int]:
    """Given a sequence set of UIDs and those that are there, return those it names; `n:*` always names the last."""
    found: set[int] = set()
    for piece in numbers.strip("()").split(","):
        low, _, high = piece.partition(":")
        if high == "*":
            found |= {uid for uid in there if uid >= int(low)} | set(sorted(there)[-1:])
        else:
            found |= {uid for uid in there if int(low) <= uid <= int(high or low)}
    return sorted(found)
