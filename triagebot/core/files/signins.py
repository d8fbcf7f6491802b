"""Do the [[oauth]] tables of a desk fit each other and the servers that name them?"""

import re
from collections.abc import Iterator

from triagebot.core.desk import Desk, Oauth, Server
from triagebot.core.files.problem import Finding, tell_unknown
from triagebot.core.loopback import is_loopback
from triagebot.core.oauth import KNOWN_IDS, complete

Path = tuple[str | int, ...]

_ADDRESS = re.compile(r"(https?)://(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?(?:[/?][!-~]*)?")
_TENANT = re.compile(r"[A-Za-z0-9.-]+")


def check_signins(desk: Desk) -> Iterator[Finding]:
    """Given a desk, yield what is wrong with how it signs in."""
    for number, client in enumerate(desk.oauth):
        yield from _client(client, ("oauth", number))
    seen = {client.id: client for client in desk.oauth}
    for number, inbox in enumerate(desk.inbox):
        for protocol, server in (("imap", inbox.imap), ("smtp", inbox.smtp)):
            yield from _server(server, ("inbox", number, protocol), seen)


def _server(server: Server, path: Path, seen: dict[str, Oauth]) -> Iterator[Finding]:
    named = server.password.oauth
    if not named:
        return
    if not server.user:
        text = "is missing: a sign-in needs the name of the mailbox, such as support@adaweb.example"
        yield Finding((*path, "user"), text)
    place = (*path, "password", "oauth")
    if isinstance(named, str):
        if named not in seen:
            yield Finding(place, tell_unknown("oauth", named, seen))
        return
    yield from _client(named, place)
    if named.id and seen.setdefault(named.id, named) != named:
        text = f"'{named.id}' is also the id of another sign-in; give this one an id of its own"
        yield Finding((*place, "id"), text)


def _client(client: Oauth, path: Path) -> Iterator[Finding]:
    if client.client_secret.oauth:
        yield Finding((*path, "client_secret"), "cannot come from a sign-in itself; write { file = … } or { env = … }")
    if _TENANT.fullmatch(client.tenant) is None:
        text = f"'{client.tenant}' is no tenant; write its id or domain as Microsoft Entra shows it, or \"common\""
        yield Finding((*path, "tenant"), text)
    whole = complete(client)
    yield from _missing(whole, path)
    on_loopback = True
    for name in ("authorize_url", "token_url", "device_url"):
        address = getattr(whole, name)
        found = _ADDRESS.fullmatch(address)
        host = found.group(2).strip("[]") if found else ""
        on_loopback = on_loopback and (not address or is_loopback(host))
        if address and (found is None or (found.group(1) == "http" and not is_loopback(host))):
            text = f"'{address}' must be a whole address that begins with https://, or tokens could be read on the way"
            yield Finding((*path, name), text)
    if client.client_secret.literal and not on_loopback:
        text = 'a secret does not belong in a file; write { file = "oauth.secret" } and put it there'
        yield Finding((*path, "client_secret"), text)


def _missing(client: Oauth, path: Path) -> Iterator[Finding]:
    if client.id in KNOWN_IDS or not client.id:
        return
    known = " and ".join(KNOWN_IDS)
    for name in ("token_url", "scope"):
        if not getattr(client, name):
            yield Finding((*path, name), f"is missing; only for {known} it is known")
    if not client.authorize_url and not client.device_url:
        text = f"is missing, and so is device_url; only for {known} they are known"
        yield Finding((*path, "authorize_url"), text)
