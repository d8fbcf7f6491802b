"""When to look again, and how long to leave a server in trouble alone: the same for all connections of an inbox."""

import asyncio
import contextlib

SHORTEST_PAUSE = 2.0
LONGEST_PAUSE = 300.0
REFUSED_PAUSE = 60.0
"""Seconds: a server that was away is asked again soon, one that does not want us later."""


class Patience:
    """Waits that anybody may cut short. Use it on the event loop it was made on."""

    def __init__(self) -> None:
        self.stopping = False
        self._wake = asyncio.Event()
        self._pause = 0.0
        self._not_before = 0.0

    def wake(self) -> None:
        """End the wait that is under way; a pause after trouble goes on."""
        self._wake.set()

    def sleep_again(self) -> None:
        """Forget having been woken: what there was to see is looked at now."""
        self._wake.clear()

    def hurry(self) -> None:
        """End a pause now, and make the next one short: what was wrong may have been mended."""
        self.forget()
        self._wake.set()

    def forget(self) -> None:
        """There is no trouble (any more)."""
        self._pause, self._not_before = 0.0, 0.0

    def stop(self) -> None:
        """End every wait from now on."""
        self.stopping = True
        self._wake.set()

    def begin_pause(self, seconds: float) -> None:
        """Given seconds, leave the server alone for so long."""
        self._pause = seconds
        self._not_before = asyncio.get_running_loop().time() + seconds

    def longer_pause(self, shortest: float) -> float:
        """Given the shortest that will do, return how long the next pause should be: twice the last one."""
        return max(shortest, min(self._pause * 2, LONGEST_PAUSE))

    async def rested(self) -> bool:
        """Wait until the pause after trouble is over. Return whether there was none."""
        now = asyncio.get_running_loop().time
        began = now()
        while not self.stopping and (seconds := self._not_before - now()) > 0:
            self._wake.clear()
            await self.wait(seconds)
        return not self.stopping and self._not_before <= began

    async def wait(self, seconds: float) -> None:
        """Given seconds, wait so long, or until woken."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)
