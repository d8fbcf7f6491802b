"""How the news of a folder are met: IDLE, or a look every minute where IDLE is not there or turns out to be deaf."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from triagebot.app.intake.folder import Folder
from triagebot.edge.imap import Mailbox

log = logging.getLogger(__name__)

_DEAF = 2
"""So often in a row mail came that IDLE did not tell of: once can be chance, in the moment of a renewal."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds: until IDLE is renewed, long before the half hour of RFC 2177, so that dead connections are met sooner;
    between looks without IDLE; between questions to the stop signal; between looks for errands; between looks into
    Sent; until a mail that the server lists and does not hand out is given up."""

    idle: float = 9 * 60
    poll: float = 60
    tick: float = 1
    errands: float = 5
    sent: float = 60
    patience: float = 15 * 60


class Lookout:
    """Waits for one inbox. It outlives connections, and remembers whether IDLE can be relied on."""

    def __init__(self, rhythm: Rhythm, ended: Callable[[], bool], sleep: Callable[[float], bool]) -> None:
        """Given a rhythm, whether to end, and a sleep that returns True when somebody ended it, remember them."""
        self._rhythm = rhythm
        self._ended = ended
        self._sleep = sleep
        self._unannounced = 0
        self.idling = False

    def how(self, mailbox: Mailbox) -> str:
        """Given a connection, return how news are met there, in words for the status."""
        if not mailbox.can_idle():
            return f"a look every {self._rhythm.poll:g} s (the server has no IDLE)"
        if self._unannounced >= _DEAF:
            return f"a look every {self._rhythm.poll:g} s (its IDLE does not tell of new mail)"
        return "IDLE"

    def wait(self, folder: Folder, has_errands: Callable[[], bool]) -> None:
        """Until the server has news, the connection is due for renewal, there is an errand or the daemon stops.

        The folder is opened anew first: mail that came while the last look was under way was announced in
        answers nobody reads, and would otherwise not be met before the next renewal.
        """
        if folder.has_moved_on():
            return
        if self.how(folder.mailbox) == "IDLE":
            self._idle(folder, has_errands)
        else:
            self._poll(folder.mailbox, has_errands)

    def _poll(self, mailbox: Mailbox, has_errands: Callable[[], bool]) -> None:
        end = time.monotonic() + self._rhythm.poll
        while not self._ended() and (left := end - time.monotonic()) > 0:
            if self._sleep(min(left, self._rhythm.errands)) or has_errands():
                break
        if not self._ended():
            mailbox.poll()

    def _idle(self, folder: Folder, has_errands: Callable[[], bool]) -> None:
        mailbox = folder.mailbox
        mailbox.start_idle()
        began = asked = time.monotonic()
        told = waiting = False
        self.idling = True
        while not (self._ended() or told or waiting) and time.monotonic() - began < self._rhythm.idle:
            told = mailbox.wait(self._rhythm.tick)
            if time.monotonic() - asked >= self._rhythm.errands:
                waiting, asked = has_errands(), time.monotonic()
        self.idling = False
        if self._ended():
            return
        told = mailbox.stop_idle() or told
        if told:
            self._unannounced = 0
        elif folder.has_moved_on():
            self._unannounced += 1
            log.warning("inbox=%s mail came and IDLE did not tell of it", folder.inbox.id)
