"""The SMTP server that judges: what it took is what the world got. It can hold a mail at a point of its choice."""

import asyncio
from collections.abc import Callable
from typing import Literal

from tests.servers.misbehaving_smtp import SMTP_BEHAVIOURS, MisbehavingSmtp
from tests.servers.sink import Accepted

WELL_BEHAVED = SMTP_BEHAVIOURS["no_starttls"]
"""Over clear text there is nothing to miss in it."""


class JudgeSmtp(MisbehavingSmtp):
    """Behaves well until told otherwise. `file_copy` is called with every mail it takes, as by providers that file
    copies in Sent.

    `hold` says where the next mail stops for good: "middle", when the first bytes of it came, of which nothing is
    kept, or "accepted", when the mail is kept and the client was not told. `held` counts those.
    `concluded` counts the mails it has judged and filed, before a word about it is said.
    """

    def __init__(self) -> None:
        super().__init__("no_starttls")
        self.behaviour = WELL_BEHAVED
        self.hold: Literal["", "middle", "accepted"] = ""
        self.held = 0
        self.concluded = 0
        self.file_copy: Callable[[Accepted], None] = lambda _: None

    def misbehave(self, name: str) -> None:
        """Given a name of SMTP_BEHAVIOURS, behave so from the next mail on; "" ends it."""
        self.behaviour = SMTP_BEHAVIOURS[name] if name else WELL_BEHAVED

    def drop_clients(self) -> None:
        """Close all connections, as a server does that goes down."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self.hang_up)

    async def _receive(
        self, sender: str, recipients: tuple[str, ...], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        if self.hold == "middle":
            writer.write(b"354 go ahead\r\n")
            await reader.readexactly(16)
            await self._hold()
        return await super()._receive(sender, recipients, reader, writer)

    async def _conclude(self, reply: str, writer: asyncio.StreamWriter) -> bool:
        if reply.startswith("250"):
            await asyncio.to_thread(self.file_copy, self.accepted[-1])
        self.concluded += 1
        self.announce_change()
        if self.hold == "accepted":
            await self._hold()
        return await super()._conclude(reply, writer)

    async def _hold(self) -> None:
        self.hold = ""
        self.held += 1
        self.announce_change()
        await asyncio.Event().wait()  # until the server ends or drops its clients
