"""Does a desk fit together? Every check speaks of two or more values that are each right alone.

Empty texts are skipped: they stand for something that was already found missing or wrong.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from triagebot.core.desk import Client, Desk, Inbox, Server
from triagebot.core.files.alerting import check_alerting
from triagebot.core.files.covering import check_cover
from triagebot.core.files.offering import check_offers
from triagebot.core.files.problem import Finding, tell_unknown
from triagebot.core.files.signins import check_signins
from triagebot.core.files.speaking import check_speaking
from triagebot.core.loopback import is_loopback
from triagebot.core.sender.freemail import FREEMAIL

Path = tuple[str | int, ...]

_PORTS = range(1, 65536)
_DAY = 24 * 60
_MOST_VAT = 50
_MOST_MARGIN = 80
_SHORTEST, _WEEK = timedelta(days=1), timedelta(days=7)
_SEAL_FOR_ANYBODY = frozenset(("google.com", "microsoft.com"))
Check = Callable[[Desk], Iterator[Finding]]


def check_desk(desk: Desk) -> list[Finding]:
    """Given a desk, return what does not fit together, with paths as written in the files."""
    return [finding for check in _CHECKS for finding in check(desk)]


def _unique_ids(desk: Desk) -> Iterator[Finding]:
    ids: dict[str, Iterable[str]] = {
        "inbox": (inbox.id for inbox in desk.inbox),
        "oauth": (client.id for client in desk.oauth),
        "vendor": (vendor.id for vendor in desk.vendor),
        "plan": (plan.id for plan in desk.plan),
        "client": (client.id for client in desk.client),
        "season": (season.id for season in desk.season),
    }
    for table, names in ids.items():
        yield from _given_twice("id", (((table, i, "id"), name) for i, name in enumerate(names)))
    for number, season in enumerate(desk.season):
        packages = enumerate(season.package)
        places = ((("season", number, "package", i, "id"), package.id) for i, package in packages)
        yield from _given_twice("id", places)


def _given_twice(what: str, places: Iterable[tuple[Path, str]]) -> Iterator[Finding]:
    first: dict[str, Path] = {}
    for path, value in places:
        folded = value.casefold()
        if folded in first:
            text = f"{what} '{value}' is given twice; keep one or change it"
            yield Finding(path, text, first=first[folded])
        elif folded:
            first[folded] = path


def _inboxes(desk: Desk) -> Iterator[Finding]:
    accounts = (
        (("inbox", number), f"{inbox.imap.user} {inbox.imap.host}:{inbox.imap.port} {inbox.folder}")
        for number, inbox in enumerate(desk.inbox)
        if inbox.imap.host
    )
    for finding in _given_twice("mailbox", accounts):
        yield Finding(finding.path, "watches the same folder as another inbox; keep one", first=finding.first)
    if not desk.inbox:
        yield Finding((), "there is no [[inbox]], so no mail can arrive; add one", "warning")
    for number, inbox in enumerate(desk.inbox):
        yield from _inbox(inbox, number)


def _inbox(inbox: Inbox, number: int) -> Iterator[Finding]:
    for protocol, server in (("imap", inbox.imap), ("smtp", inbox.smtp)):
        if server.host:
            yield from _server(server, ("inbox", number, protocol))
    if not inbox.authserv_ids:
        # design.md section 8: without a trusted Authentication-Results nobody is answered.
        text = "is empty, so nobody gets an automatic answer; `triagebot check --online` proposes ids"
        yield Finding(("inbox", number, "authserv_ids"), text, "warning")


def _server(server: Server, path: Path) -> Iterator[Finding]:
    if server.port not in _PORTS:
        yield Finding((*path, "port"), f"{server.port} is no port; with TLS it is 993 for IMAP, 465 for SMTP")
    if is_loopback(server.host):
        return
    if server.security == "none":
        text = f'"none" sends passwords in clear to {server.host}; write "tls" or "starttls"'
        yield Finding((*path, "security"), text)
    if server.password.literal:
        name = f"TRIAGEBOT_{path[-1]}_PASSWORD".upper()
        text = f'a password does not belong in a file; write {{ env = "{name}" }} and set that variable'
        yield Finding((*path, "password"), text)


def _clients(desk: Desk) -> Iterator[Finding]:
    plans = [plan.id for plan in desk.plan]
    vendors = [vendor.id for vendor in desk.vendor]
    for number, client in enumerate(desk.client):
        path = ("client", number)
        yield from _plan_of(client, plans, path)
        for kind, vendor in client.stack.items():
            if vendor not in vendors:
                yield Finding((*path, "stack", kind), tell_unknown("vendor", vendor, vendors))


def _plan_of(client: Client, plans: list[str], path: Path) -> Iterator[Finding]:
    if client.plan and client.plan not in plans:
        yield Finding((*path, "plan"), tell_unknown("plan", client.plan, plans))
    if client.tier == "retainer" and not client.plan:
        yield Finding((*path, "plan"), "is missing: a retainer needs a plan, the id of a [[plan]]")
    if client.tier == "retainer" and client.plan in plans and client.since is None:
        text = "is missing: no minutes are granted and no plan is billed without it; write the first day of the plan"
        yield Finding((*path, "since"), text, "warning")
    if client.since is not None and client.until is not None and client.until < client.since:
        yield Finding((*path, "until"), f"{client.until} lies before since, {client.since}; swap them")
    if client.plan and client.tier != "retainer":
        text = f'has no effect for tier "{client.tier}"; write tier = "retainer", or drop the plan'
        yield Finding((*path, "plan"), text, "warning")


def _client_addresses(desk: Desk) -> Iterator[Finding]:
    own = {address.casefold() for address in desk.own_addresses}
    addresses: list[tuple[Path, str]] = []
    domains: list[tuple[Path, str]] = []
    for number, client in enumerate(desk.client):
        addresses += [(("client", number, "addresses", i), one) for i, one in enumerate(client.addresses)]
        domains += [(("client", number, "domains", i), one) for i, one in enumerate(client.domains)]
    yield from _given_twice("address", addresses)
    yield from _given_twice("domain", domains)
    for path, address in addresses:
        if address and address.casefold() in own:
            yield Finding(path, f"'{address}' is the desk's own address; no client writes from it")
    for path, domain in domains:
        if domain in FREEMAIL:
            text = f"anybody can have an address at {domain}; write the client's own under addresses"
            yield Finding(path, text)


def _forwarders(desk: Desk) -> Iterator[Finding]:
    for number, client in enumerate(desk.client):
        for i, domain in enumerate(client.forwarders):
            if domain in FREEMAIL or domain in _SEAL_FOR_ANYBODY:
                text = f"{domain} seals what anybody forwards, forged mail too; name only a forwarder of this client"
                yield Finding(("client", number, "forwarders", i), text, "warning")


def _loosened(desk: Desk) -> Iterator[Finding]:
    """What makes a desk less careful than the law's defaults (safety.md J)."""
    if desk.desk.answer_weak:
        text = "lets senders proven by SPF or a forwarder's seal alone be answered, which forged mail can pass"
        yield Finding(("desk", "answer_weak"), text, "warning")


def _support_hour(desk: Desk) -> Iterator[Finding]:
    hour = desk.support_hour
    reserved = sum(hour.reserve.values())
    if reserved > hour.minutes:
        text = f"keeps {reserved} minutes of an hour that has {hour.minutes}; lower it, or raise minutes"
        yield Finding(("support_hour", "reserve"), text)
    for path, minutes in _hour_lengths(desk):
        if hour.start.hour * 60 + hour.start.minute + minutes > _DAY:
            text = f"{minutes} minutes from {hour.start:%H:%M} end after midnight; start earlier"
            yield Finding(path, text)
    for weekday in hour.minutes_on:
        if weekday not in hour.days:
            text = f"{weekday} is not among days, so it has no support hour; add it there, or drop it here"
            yield Finding(("support_hour", "minutes_on", weekday), text)
    if hour.margin > _MOST_MARGIN:
        text = f"{hour.margin} percent leave too little to promise; write {_MOST_MARGIN} or less"
        yield Finding(("support_hour", "margin"), text)
    for number, absence in enumerate(hour.absences):
        if absence.first > absence.last:
            text = f"{absence.last} lies before {absence.first}; swap from and to"
            yield Finding(("support_hour", "absences", number, "to"), text)


def _hour_lengths(desk: Desk) -> Iterator[tuple[Path, int]]:
    hour = desk.support_hour
    yield ("support_hour", "minutes"), hour.minutes
    yield from ((("support_hour", "minutes_on", weekday), length) for weekday, length in hour.minutes_on.items())
    for number, season in enumerate(desk.season):
        yield ("season", number, "hour_minutes"), season.hour_minutes


def _invoice(desk: Desk) -> Iterator[Finding]:
    if desk.invoice.vat > _MOST_VAT:
        text = f'{desk.invoice.vat} is no percentage of value added tax; write it as "23"'
        yield Finding(("invoice", "vat"), text)


def _seasons(desk: Desk) -> Iterator[Finding]:
    for number, season in enumerate(desk.season):
        if season.first > season.last:
            text = f"{season.last} lies before {season.first}; swap from and to"
            yield Finding(("season", number, "to"), text)
        elif season.pitch is not None and season.pitch > season.last:
            text = f"{season.pitch} lies after the season's end; offer it before {season.first}"
            yield Finding(("season", number, "pitch"), text)


def _forms(desk: Desk) -> Iterator[Finding]:
    senders = ((("form", number, "from"), form.sender) for number, form in enumerate(desk.form))
    yield from _given_twice("sender", senders)


def _alert_account(desk: Desk) -> Iterator[Finding]:
    if desk.alert.smtp is not None and desk.alert.smtp.host:
        yield from _server(desk.alert.smtp.server, ("alert", "smtp"))


def _limits(desk: Desk) -> Iterator[Finding]:
    if desk.limits.burst_mails == 1:
        yield Finding(("limits", "burst_mails"), "takes every answer for a machine's; write 2 or more, or 0 for never")


def _outbox(desk: Desk) -> Iterator[Finding]:
    if desk.outbox.connections < 1:
        yield Finding(("outbox", "connections"), "must be 1 or more, or no mail ever leaves")


def _retention(desk: Desk) -> Iterator[Finding]:
    kept, limits = desk.retention, desk.limits
    looking_back = max(limits.same_answer, limits.same_body, limits.form_visitor, _WEEK)
    if kept.conversations < looking_back:
        text = f"is shorter than the limits look back, {looking_back.days} days; make it longer, or shorten those"
        yield Finding(("retention", "conversations"), text)
    for name in ("automatic", "sent", "history"):
        if getattr(kept, name) < _SHORTEST:
            yield Finding(("retention", name), "must be a day or more, so that you can still look at what came")
    if kept.traces < _WEEK:
        yield Finding(("retention", "traces"), "must be 7 days or more: limits are counted over a week")


_CHECKS: tuple[Check, ...] = (
    _unique_ids,
    _inboxes,
    check_signins,
    _clients,
    _client_addresses,
    _forwarders,
    _loosened,
    _support_hour,
    check_cover,
    check_offers,
    _invoice,
    _seasons,
    _forms,
    _limits,
    _outbox,
    _alert_account,
    check_alerting,
    check_speaking,
    _retention,
)
