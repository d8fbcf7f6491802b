"""IMAP servers with an empty INBOX that go wrong in one named way each: safety.md F.1 and F.4."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from tests.servers.background import BackgroundServer
from tests.servers.certificates import Certificate


@dataclass(frozen=True, slots=True)
class ImapBehaviour:
    """Where a server leaves the path of virtue.

    `idle`, what comes once a client idles: nothing, then "close"; a "bye"; or "half" a line and the end.
    """

    greeting: str = "* OK misbehaving.test ready"
    implicit_tls: bool = False
    starttls: Literal["", "offer", "inject"] = ""
    idle: Literal["wait", "close", "bye", "half"] = "wait"


IMAP_BEHAVIOURS = {
    "preauth_greeting": ImapBehaviour(greeting="* PREAUTH misbehaving.test welcomes everybody"),
    "implicit_tls": ImapBehaviour(implicit_tls=True),
    "starttls": ImapBehaviour(starttls="offer"),
    "no_starttls": ImapBehaviour(),
    "starttls_injection": ImapBehaviour(starttls="inject"),
    "silent_close_in_idle": ImapBehaviour(idle="close"),
    "bye_in_idle": ImapBehaviour(idle="bye"),
    "half_line": ImapBehaviour(idle="half"),
}
"""By name. "starttls" is the well-behaved control of its neighbours: same server, nothing wrong."""

_SELECTED = (
    "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
    "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] kept",
    "* 0 EXISTS",
    "* 0 RECENT",
    "* OK [UIDVALIDITY 1] valid",
    "* OK [UIDNEXT 1] next",
)
_UNTAGGED = {
    "SELECT": _SELECTED,
    "EXAMINE": _SELECTED,
    "LIST": ('* LIST (\\HasNoChildren) "/" INBOX',),
    "SEARCH": ("* SEARCH",),
    "NAMESPACE": ('* NAMESPACE (("" "/")) NIL NIL',),
    "LOGOUT": ("* BYE misbehaving.test",),
}


class MisbehavingImap(BackgroundServer):
    """An IMAP server that does as its behaviour says and takes any login; `commands` has all it was told.

    With `implicit` it speaks TLS from the first byte, whatever it does then.
    """

    def __init__(self, name: str, certificate: Certificate | None = None, *, implicit: bool = False) -> None:
        self.behaviour = IMAP_BEHAVIOURS[name]
        encrypted = implicit or self.behaviour.implicit_tls
        super().__init__(certificate.server_context() if certificate and encrypted else None)
        self.commands: list[str] = []
        self.connections = 0
        self._certificate = certificate
        if (self.behaviour.starttls or self.behaviour.implicit_tls) and certificate is None:
            raise ValueError(f"{name} needs a certificate")

    @property
    def credentials(self) -> list[str]:
        """Every line in which a client gave away, or began to give away, a password."""
        return [line for line in self.commands if _verb(line) in ("LOGIN", "AUTHENTICATE", "ANSWER")]

    def wait_for_command(self, verb: str, number: int = 1, seconds: float = 10) -> None:
        """Given a command, return once clients have sent it that often. Raise ServerFailedError."""
        self.wait_until(lambda: list(map(_verb, self.commands)).count(verb) >= number, seconds, verb)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        self.connections += 1
        await _say(writer, self.behaviour.greeting)
        while line := (await reader.readline()).decode("utf-8", "replace").rstrip("\r\n"):
            self._note(line)
            tag, verb = line.partition(" ")[0], _verb(line)
            if verb == "STARTTLS" and self.behaviour.starttls:
                await self._start_tls(tag, writer)
            elif verb == "IDLE":
                if not await self._idle(tag, reader, writer):
                    return
            else:
                if verb == "AUTHENTICATE" and len(line.split()) < 4:
                    await _say(writer, "+ ")
                    self._note("* ANSWER " + (await reader.readline()).decode("utf-8", "replace").rstrip())
                untagged = self._capability(writer) if verb == "CAPABILITY" else _UNTAGGED.get(verb, ())
                await _say(writer, *untagged, f"{tag} BAD no TLS" if verb == "STARTTLS" else f"{tag} OK {verb}")
                if verb == "LOGOUT":
                    return

    def _note(self, line: str) -> None:
        self.commands.append(line)
        self.announce_change()

    def _capability(self, writer: asyncio.StreamWriter) -> tuple[str, ...]:
        encrypted = writer.get_extra_info("ssl_object") is not None
        offer = "STARTTLS " if self.behaviour.starttls and not encrypted else ""
        return (f"* CAPABILITY IMAP4rev1 {offer}AUTH=PLAIN AUTH=XOAUTH2 IDLE UIDPLUS MOVE NAMESPACE",)

    async def _start_tls(self, tag: str, writer: asyncio.StreamWriter) -> None:
        assert self._certificate is not None
        # Lines in clear text behind the OK must not be taken for answers under TLS (CVE-2011-0411 reversed).
        injected = ("* CAPABILITY IMAP4rev1 AUTH=PLAIN", "* 99 EXISTS")
        await _say(writer, f"{tag} OK begin TLS", *(injected if self.behaviour.starttls == "inject" else ()))
        await writer.start_tls(self._certificate.server_context())

    async def _idle(self, tag: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Return whether the conversation goes on."""
        await _say(writer, "+ idling")
        if self.behaviour.idle == "wait":
            self._note((await reader.readline()).decode("utf-8", "replace").rstrip())
            await _say(writer, f"{tag} OK IDLE done")
            return True
        if self.behaviour.idle == "bye":
            await _say(writer, "* BYE misbehaving.test is going down")
        elif self.behaviour.idle == "half":
            writer.write(b"* 1 EXI")
            await writer.drain()
        return False


async def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode())
    await writer.drain()


def _verb(line: str) -> str:
    """Return the command of a line, without its tag and without UID."""
    words = [word.upper() for word in line.split()[1:3]]
    return words[-1] if words[:1] == ["UID"] else (words or [""])[0]
