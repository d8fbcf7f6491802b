"""A desk whose mailbox has no password but a sign-in, at an authorization server of the test's own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.servers.authorization import AuthorizationServer
from triagebot.app.access.tokens import signin_file
from triagebot.app.desk.view import DeskView, make_calendar
from triagebot.core.desk import Desk, DeskSettings, Inbox, Oauth, Secret, Server
from triagebot.core.oauth import Signin

ADA = "ada@adaweb.example"


def now() -> datetime:
    """Return the time, as the program under test takes it."""
    return datetime.now(UTC)


def client_at(server: AuthorizationServer, identity: str = "tests") -> Oauth:
    """Given a server, return the [[oauth]] table that names it."""
    return Oauth(
        identity,
        "the-client",
        authorize_url=server.address("authorize"),
        token_url=server.address(),
        device_url=server.address("device") if identity != "google" else "",
        scope="mail",
    )


def table_of(client: Oauth) -> str:
    """Given an [[oauth]] table, return it as it is written."""
    names = ("id", "client_id", "authorize_url", "token_url", "device_url", "scope", "account")
    return "\n[[oauth]]\n" + "".join(f'{name} = "{getattr(client, name)}"\n' for name in names)


def view_in(directory: Path, *clients: Oauth, imap: Server | None = None) -> DeskView:
    """Given a directory and [[oauth]] tables, return a desk with an inbox for each, which is Ada's."""
    inboxes = []
    for client in clients:
        server = replace(imap or Server("localhost", 143, "none", ADA), password=Secret(oauth=client.id))
        inboxes.append(Inbox(client.id, server, server))
    desk = Desk(DeskSettings("Test Desk", ADA, (ADA,)), tuple(inboxes), clients)
    return DeskView(directory, desk, make_calendar(desk, now()))


def sign_in_before(
    view: DeskView,
    client: Oauth,
    refresh_token: str,
    access_token: str = "old-access",  # noqa: S107
    *,
    account: str = ADA,
    ago: timedelta = timedelta(hours=2),
    lasts: timedelta = timedelta(hours=1),
) -> None:
    """Given a desk and what a sign-in some time ago gave, keep it as the desk does."""
    moment = now() - ago
    file = signin_file(view, client, account)
    with file.hold():
        file.save(Signin(refresh_token, access_token, moment, moment + lasts, moment))
