"""What goes wrong between a client and a good IMAP server: it stands between both and meddles once, at given words."""

import asyncio
from typing import Literal

from tests.servers.background import BackgroundServer

Meddling = Literal["close", "bye", "half"]
_IDLING = b"+ idling\r\n"
_SAID = {"close": b"", "bye": _IDLING + b"* BYE going down\r\n", "half": _IDLING + b"* 1 EXI"}


class MeddlingImap(BackgroundServer):
    """Hands on what client and server on `port` say, until the client says `words`: then it meddles, once.

    `how` is to hang up, before that to say BYE, or half a line, to IDLE. `commands` holds every line clients sent.
    """

    def __init__(self, port: int, words: bytes, how: Meddling) -> None:
        super().__init__()
        self.words = words
        self.how = how
        self.meddled = False
        self.commands: list[bytes] = []
        self._server_port = port

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        from_server, to_server = await asyncio.open_connection(self.host, self._server_port)
        answering = asyncio.create_task(self._hand_on(from_server, writer))
        try:
            while line := await reader.readline():
                self.commands.append(line)
                if self.words in line and not self.meddled:
                    self.meddled = True
                    writer.write(_SAID[self.how])
                    await writer.drain()
                    break
                to_server.write(line)
        finally:
            answering.cancel()
            to_server.close()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)
        writer.close()
