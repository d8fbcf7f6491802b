"""The common base of the servers that live in this process: an asyncio server in a thread of its own."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.servers.process import HOST, ServerFailedError

START_SECONDS = 10.0


class BackgroundServer:
    """A server on a free port of 127.0.0.1, from `with` until its end. Subclasses say how to `converse`."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.host = HOST
        self.port = 0
        self._tls = tls
        self._ready = threading.Event()
        self._listening = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._conversations: set[asyncio.Task[None]] = set()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Given a fresh connection, serve it to its end. A client that hangs up may raise here."""
        raise NotImplementedError

    async def listen(self) -> asyncio.Server:
        """Return a listening server; called on the server's own loop."""
        return await asyncio.start_server(self._serve, self.host, 0, ssl=self._tls)

    def hang_up(self) -> None:
        """End all conversations; called on the server's own loop."""
        for task in self._conversations:
            task.cancel()

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(START_SECONDS) or not self._listening:
            raise ServerFailedError(f"{type(self).__name__} did not start; the traceback is on stderr")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._end is not None:
            self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(START_SECONDS)

    def drop_conversations(self) -> None:
        """End all conversations now, while the server goes on."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.hang_up)

    def announce_change(self) -> None:
        """Wake everybody in `wait_until`."""
        with self._changed:
            self._changed.notify_all()

    def wait_until(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """Given a condition on what was recorded, return once it holds. Raise ServerFailedError."""
        with self._changed:
            if not self._changed.wait_for(condition, seconds):
                raise ServerFailedError(f"{type(self).__name__}: no {what} within {seconds} s")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._conversations.add(task)
        # A cancellation ends the conversation and nothing else; a client may hang up at any byte.
        with contextlib.suppress(asyncio.CancelledError, asyncio.IncompleteReadError, OSError):
            await self.converse(reader, writer)
        self._conversations.discard(task)
        writer.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await self.listen()
        address = server.sockets[0].getsockname()
        self.port = address[1] if isinstance(address, tuple) else 0  # a Unix socket has none
        self._listening = True
        self._ready.set()
        await self._end.wait()
        server.close()
        self.hang_up()
        await asyncio.sleep(0)  # one turn of the loop, in which the conversations close their connections
