"""Do [health] and [alert] make sense: can the heartbeat be given, and does an alert leave by another way than mails?"""

import re
from collections.abc import Iterator
from datetime import timedelta

from triagebot.core.desk import AlertAccount, Desk
from triagebot.core.files.problem import Finding
from triagebot.core.loopback import is_loopback

_ADDRESS = re.compile(r"(https?)://(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?(?:[/?][!-~]*)?")
_OFTEN = timedelta(minutes=10)


def check_alerting(desk: Desk) -> Iterator[Finding]:
    """Given a desk, yield what is wrong with how it is watched."""
    health = desk.health
    if not health.silence:
        yield Finding(("health", "silence"), 'must be longer than zero, or every inbox is silent; write "15m"')
    if health.canary and not health.canary_within:
        yield Finding(("health", "canary_within"), 'must be longer than zero, or every canary is lost; write "15m"')
    if timedelta(0) < health.canary < _OFTEN:
        a_day = timedelta(days=1) // health.canary
        yield Finding(("health", "canary"), f'sends {a_day} mails a day to yourself; "6h" is enough', "warning")
    if health.ping.oauth:
        yield Finding(("health", "ping"), "is a web address; write it, or { env = … } or { file = … } that holds it")
    if health.ping.literal:
        yield from _ping(health.ping.literal)
    if desk.alert.smtp is not None:
        yield from _account(desk.alert.smtp, desk)


def _ping(address: str) -> Iterator[Finding]:
    found = _ADDRESS.fullmatch(address)
    if found is None or (found.group(1) == "http" and not is_loopback(found.group(2).strip("[]"))):
        text = "must be a whole address that begins with https://, such as https://hc.example/1234"
        yield Finding(("health", "ping"), text)


def _account(account: AlertAccount, desk: Desk) -> Iterator[Finding]:
    path = ("alert", "smtp")
    if account.password.oauth:
        text = "cannot be a sign-in: that may be the very thing that is broken; use an account with a password"
        yield Finding((*path, "password"), text)
    if account.to.casefold() in {address.casefold() for address in desk.own_addresses}:
        yield Finding((*path, "to"), f"'{account.to}' is the desk's own address; write one you read yourself")
    ours = {(inbox.smtp.host.casefold(), inbox.smtp.user.casefold()) for inbox in desk.inbox if inbox.smtp.host}
    if (account.host.casefold(), account.user.casefold()) in ours:
        text = "is the account the desk sends by: when it is broken, so is this; use one of another provider"
        yield Finding((*path, "host"), text, "warning")
