"""Gathering the digest from the database."""

import json
from datetime import datetime
from typing import Any

from triagebot.app.desk.view import DeskView
from triagebot.app.health.alarms import tell_repeated
from triagebot.app.health.evidence import current_parts
from triagebot.app.health.neglect import tell_neglect
from triagebot.app.money.items import list_drafts, list_trends
from triagebot.app.money.unbooked import gather_offer_items
from triagebot.app.outgoing.items import gather_outbox_items
from triagebot.app.outgoing.silence import list_silenced, tell_loops
from triagebot.app.safety.proof import say_proof, tell_gaps
from triagebot.app.tickets.agenda import make_plan
from triagebot.app.tickets.duties import list_missed
from triagebot.app.tickets.hours import hour_items, risk_items
from triagebot.core.answer import say_modes
from triagebot.core.desk import Desk
from triagebot.core.digest.content import Digest, Item, Section
from triagebot.core.reading.address import sender_key
from triagebot.core.tickets.consent import ASSENT
from triagebot.core.tickets.written import staff_of
from triagebot.edge.store import Store

_QUOTE_LINES = 6


def gather_digest(store: Store, snapshot: DeskView, now: datetime, since: datetime) -> Digest:
    """Given the store, the desk, now and the moment of the last digest, return the digest of what came since."""
    desk, calendar = snapshot.desk, snapshot.calendar
    today, plan = calendar.local(now).date(), make_plan(store, snapshot, now)
    canaries = store.canaries.mails(since)
    mails = [mail for mail in store.mails.recent(since) if mail["id"] not in canaries and not _is_own(mail, desk)]
    return Digest(
        title=f"{desk.desk.name}: {today:%A %d %B %Y}",
        proof=say_proof(store, snapshot, now, since),
        notices=(
            *_notices(store, snapshot),
            *tell_loops(store, snapshot, now),
            *tell_gaps(store, snapshot, now, since),
            *(f"{neglect[0].upper()}{neglect[1:]}." for neglect in (tell_neglect(store, snapshot, now),) if neglect),
            *tell_repeated(store, snapshot, since),
        ),
        sections=(
            Section(
                "Needs you",
                (
                    *risk_items(plan, snapshot, now),
                    *list_missed(store, snapshot, now),
                    *gather_outbox_items(store, now),
                    *list_drafts(store),
                    *(_mail_item(m, snapshot) for m in mails if _needs_you(m)),
                ),
            ),
            Section("Support hours", hour_items(store, snapshot, plan, now)),
            Section("Minutes to book", gather_offer_items(store, snapshot)),
            Section("Plans to look at", list_trends(store, snapshot, now)),
            Section(
                "Answered for you" if desk.desk.mode == "live" else f"Would be answered ({desk.desk.mode} mode)",
                tuple(
                    _mail_item(m, snapshot)
                    for m in mails
                    if m["state"] in ("answered", "acknowledged") and not _needs_you(m)
                ),
            ),
            Section(
                "Planned",
                tuple(
                    _mail_item(m, snapshot) for m in mails if m["state"] in ("planned", "merged") and not _needs_you(m)
                ),
            ),
            Section("Waiting for clients", _waiting_items(store, snapshot)),
            Section(
                "Suppressed",
                (
                    *list_silenced(store, snapshot, since),
                    *(_mail_item(m, snapshot) for m in mails if m["state"] == "suppressed"),
                ),
            ),
        ),
    )


def _notices(store: Store, snapshot: DeskView) -> tuple[str, ...]:
    found = [f"{part.name}: {part.problem}" for part in current_parts(store, snapshot) if part.problem]
    modes = say_modes(snapshot.desk.desk)
    if modes != "live":
        what = "clients get no automatic mail" if "live" not in modes else "only tiers in live mode get automatic mail"
        found.append(f"The desk is in {modes} mode: {what}.")
    for inbox in snapshot.desk.inbox:
        if not inbox.authserv_ids:
            found.append(f"Inbox {inbox.id}: authserv_ids is empty, so nobody is answered (triagebot check --online).")
    return tuple(found)


def _is_own(mail: dict[str, Any], desk: Desk) -> bool:
    """A mail the developer wrote himself: he knows of it."""
    return bool(mail["state"] == "merged" and mail["sender"] and sender_key(mail["sender"]) in staff_of(desk))


def _needs_you(mail: dict[str, Any]) -> bool:
    """Held and unreadable mail, work without a place in a support hour, and what clients wrote to an estimate."""
    state, ticket = mail["state"], mail["ticket_state"]
    if state == "merged":
        return bool(ticket in ("waiting-client", "new", "doing"))
    if state == "history":
        return bool(mail["auth"] == "pass")  # it came while the desk was down for too long to be answered by itself
    return state in ("held", "unreadable") or bool(ticket == "new" and mail["kind"] != "project")


def _mail_item(mail: dict[str, Any], snapshot: DeskView) -> Item:
    client = snapshot.desk.client_by_id(mail["client"] or "")
    who = client.name if client else mail["sender"] or "unknown sender"
    lines = [f"mail {mail['id']}, {mail['state']}"]
    matches = json.loads(mail["rules"] or "[]")
    if matches:
        lines.append("; ".join(f"{match['rule']} ({', '.join(match['words'])})" for match in matches))
    if mail["ticket"]:
        lines.append(f"ticket {mail['ticket']}, {mail['ticket_state']}")
    lines += [why for step, verdict, why in json.loads(mail["trail"] or "[]") if step == ASSENT and verdict != "repeat"]
    if mail["codes"]:
        lines.append(f"{mail['verdict']}: {mail['codes']}")
    if mail["auth"] not in ("pass", None):
        lines.append(f"NOT proven to come from {mail['sender']} ({mail['auth']})")
    if mail["problem"]:
        lines.append(str(mail["problem"]))
    if mail["outsider"]:
        lines.append(mail["outsider"])
    if mail["state"] == "unreadable":
        lines.append(f"its bytes: triagebot explain {mail['id']} --raw > mail-{mail['id']}.eml")
    quote = ""
    if _needs_you(mail):
        quote = "\n".join((mail["new_text"] or "").splitlines()[:_QUOTE_LINES])
    return Item(f"{who}: {mail['subject'] or '(no subject)'}", tuple(lines), quote)


def _waiting_items(store: Store, snapshot: DeskView) -> tuple[Item, ...]:
    items = []
    for ticket in store.tickets.listing(("waiting-client",)):
        client = snapshot.desk.client_by_id(str(ticket["client"] or ""))
        held = f", {ticket['promise']} is held for it" if ticket["promise"] else ""
        line = f"ticket {ticket['id']}, {ticket['minutes']} minutes{held}"
        items.append(Item(f"{client.name if client else ticket['sender_key']}: {ticket['subject']}", (line,)))
    return tuple(items)
