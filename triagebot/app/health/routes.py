"""The ways an alert reaches the developer: a command, a second mail account, and the desk's own outbox as the last."""

import asyncio
import logging
from collections.abc import Collection
from datetime import datetime
from functools import partial

from triagebot.app.desk.view import DeskView
from triagebot.app.health.apart import run_apart
from triagebot.app.health.notices import Notice
from triagebot.app.outgoing.letters import post
from triagebot.core.desk import AlertAccount
from triagebot.core.errors import TriagebotError
from triagebot.core.outgoing.compose import ComposeError, Draft, compose
from triagebot.core.outgoing.identity import make_message_id
from triagebot.edge.notify import run_command
from triagebot.edge.secrets import read_secret
from triagebot.edge.smtp import Submission
from triagebot.edge.store import Store
from triagebot.edge.tls import make_context

log = logging.getLogger(__name__)

_SMTP_SECONDS = 60.0


def ways_of(view: DeskView) -> tuple[str, ...]:
    """Given the desk, return the names of the ways that are configured, the desk's own mail apart."""
    alert = view.desk.alert
    return (*(("command",) if alert.command else ()), *(("smtp",) if alert.smtp is not None else ()))


class Routes:
    """Tells notices by every way that is configured; what a way says against it is logged once."""

    def __init__(self) -> None:
        self._failed: dict[str, str] = {}

    async def tell(
        self, notice: Notice, view: DeskView, key: bytes, now: datetime, told: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Given a notice, the desk, its key, now and the ways that took it before, return the others that took it;
        empty when none did. The ways do not wait for each other."""
        ways = {
            "command": partial(self._run_command, notice, view),
            "smtp": partial(self._send, notice, view, key, now),
        }
        names = [name for name in ways_of(view) if name not in told]
        taken = await asyncio.gather(*(ways[name]() for name in names))
        return tuple(name for name, took in zip(names, taken, strict=True) if took)

    async def _run_command(self, notice: Notice, view: DeskView) -> bool:
        run = partial(run_command, view.desk.alert.command, notice.subject, notice.text)
        return self._judge("command", await run_apart(run))

    async def _send(self, notice: Notice, view: DeskView, key: bytes, now: datetime) -> bool:
        account = view.desk.alert.smtp
        assert account is not None  # noqa: S101 - ways_of names only what is configured
        return self._judge("smtp", await _send(notice, account, view, key, now))

    def _judge(self, way: str, problem: str) -> bool:
        if problem and problem != self._failed.get(way):
            log.warning("alert route=%s problem=%r", way, problem)
        self._failed[way] = problem
        return not problem


async def _send(notice: Notice, account: AlertAccount, view: DeskView, key: bytes, now: datetime) -> str:
    """Send a notice over the second account, on a connection of its own. Return "" or what went wrong."""
    server = account.server
    try:
        context = make_context(server.ca, view.directory) if server.security != "none" else None
        password = await run_apart(partial(read_secret, server.password, view.directory))
        raw = compose(make_draft(notice, account.from_address, account.to, view, key, now), key)
    except (TriagebotError, ComposeError) as error:
        return str(error)
    submission = Submission(server, lambda: password, context, _SMTP_SECONDS)
    outcome = await submission.send(account.from_address, account.to, raw, _nothing)
    await submission.quit()
    if outcome.kind == "sent":
        return ""
    return f"SMTP {server.host}:{server.port}: {outcome.code or ''} {outcome.text}".replace("  ", " ")


async def _nothing() -> None:
    """Nothing is written down before the bytes leave: an alert that comes twice does no harm."""


def make_draft(notice: Notice, from_address: str, to: str, view: DeskView, key: bytes, now: datetime) -> Draft:
    """Given a notice and its envelope, return the mail that tells it."""
    return Draft(
        message_id=make_message_id(key, "alert", notice.cause, from_address.rpartition("@")[2]),
        from_name=f"{view.desk.desk.name} triagebot",
        from_address=from_address,
        to=to,
        subject=notice.subject,
        date=now.astimezone(view.calendar.zone),
        text=notice.text,
        automatic="auto-generated",
    )


def put_into_outbox(store: Store, notice: Notice, view: DeskView, key: bytes, now: datetime) -> None:
    """Given a notice that is not about sending, let the desk's own account carry it."""
    desk = view.desk.desk
    draft = make_draft(notice, desk.address, desk.developer[0], view, key, now)
    post(store, draft, key, "alert", view.desk.inbox[0].id, "live", f"alert {notice.cause}", now)
