"""The heartbeat: somebody outside is told that all is well, and notices when that stops."""

import logging
from collections.abc import Sequence
from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.health.apart import run_apart
from triagebot.core.errors import TriagebotError
from triagebot.core.watch import Evidence, Problem, may_ping
from triagebot.edge.ping import fetch_ping
from triagebot.edge.secrets import read_secret
from triagebot.edge.tls import make_context

log = logging.getLogger(__name__)


class Pulse:
    """Gives the heartbeat when it is due. That it failed is logged once: whoever waits for it raises the alarm."""

    def __init__(self, started: datetime) -> None:
        """Given since when mail is looked for, what worked before that proves nothing."""
        self._since = started
        self._last: datetime | None = None
        self._failure = ""

    def begin_anew(self, now: datetime) -> None:
        """Given now, forget moments of another clock."""
        self._since, self._last = now, None

    async def beat(self, evidence: Evidence, problems: Sequence[Problem], view: DeskView, now: datetime) -> None:
        """Given the evidence, what is wrong, the desk and now, fetch the address if every inbox was looked into since
        the last time and mail flows."""
        if view.desk.health.ping.is_empty or not may_ping(evidence, problems, self._since, self._last, now):
            return
        self._since = self._last = now
        failure = await run_apart(lambda: _fetch(view))
        if failure and failure != self._failure:
            log.warning("ping problem=%r", failure)
        self._failure = failure


def _fetch(view: DeskView) -> str:
    try:
        address = read_secret(view.desk.health.ping, view.directory)
        return fetch_ping(address, make_context("", view.directory))
    except TriagebotError as error:
        return str(error)
