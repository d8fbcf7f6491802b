"""Connections to the desk's mail servers, logged in as the config says: by password or by sign-in."""

from triagebot.app.access.tokens import obtain_token
from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Server
from triagebot.core.errors import LoginRefused
from triagebot.core.oauth import AccessToken, account_of, find_client
from triagebot.edge.imap import Mailbox
from triagebot.edge.secrets import read_secret
from triagebot.edge.smtp import Submission
from triagebot.edge.tls import make_context


def open_mailbox(server: Server, view: DeskView) -> Mailbox:
    """Given an IMAP server of a desk, return its mailbox, logged in. Raise SecretError, ServerError or StoreError.

    A kept access token that the server refuses is renewed once: its end may have come early.
    """
    credential = read_credential(server, view)
    context = make_context(server.ca, view.directory) if server.security != "none" else None
    try:
        return Mailbox(server, credential, context)
    except LoginRefused:
        renewed = credential.renew() if isinstance(credential, AccessToken) else None
        if renewed is None:
            raise
        return Mailbox(server, renewed, context)


def make_submission(server: Server, view: DeskView) -> Submission:
    """Given an SMTP server of a desk, return a connection to it that is made when first needed. Raise ServerUntrusted.

    A kept access token that the server refuses is renewed once, as in `open_mailbox`.
    """
    context = make_context(server.ca, view.directory) if server.security != "none" else None
    return Submission(server, lambda: read_credential(server, view), context)


def read_credential(server: Server, view: DeskView) -> str | AccessToken:
    """Given a server of a desk, return what it is shown at the login. Raise SecretError, ServerError or StoreError."""
    client = find_client(view.desk, server)
    if client is None:
        return read_secret(server.password, view.directory)
    return obtain_token(view, client, account_of(client, server))
