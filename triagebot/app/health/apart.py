"""Blocking work in a thread that never keeps the daemon from ending."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


async def run_apart(work: Callable[[], Result]) -> Result:
    """Given work that may block, do it in a thread of its own and return its result. Raise what it raises.

    Not the loop's own threads: those are waited for at the end, and an alert command may take half a minute.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def settle(result: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(lambda: None if done.done() else result())

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - the outermost frame of this thread; it is given to who asked
            failure = error
            settle(lambda: done.set_exception(failure))
        else:
            settle(lambda: done.set_result(result))

    threading.Thread(target=run, name="health", daemon=True).start()
    return await done
