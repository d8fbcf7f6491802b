"""What is told at once about an emergency: to the developer, and to the colleague who stands in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.outgoing.letters import post
from triagebot.core.decision import Decision
from triagebot.core.desk import Client, Desk, Mode, Vendor
from triagebot.core.hours.cover import is_on_call
from triagebot.core.mail import Mail
from triagebot.core.outgoing.compose import Draft
from triagebot.core.outgoing.identity import make_message_id
from triagebot.edge.store import Store
from triagebot.edge.store.work.emergencies import Earlier
from triagebot.edge.wording import say_time

_EXCERPT = 1500
_SUBJECT = 200
_EARLIER = 3


@dataclass(frozen=True, slots=True)
class Alarm:
    """An emergency that is to be told: the mail and its row, where it came in, and what was decided about it."""

    mail: Mail
    row: int
    inbox: str
    decision: Decision
    ticket: int | None


def write_alerts(store: Store, alarm: Alarm, view: DeskView, key: bytes, now: datetime) -> None:
    """Given an alarm, in its deciding transaction: the developer is told, at once or when the quiet hours end, and the
    colleague who stands in for him at once. In shadow mode both are only kept."""
    due = alarm.decision.alert_at or now
    earlier = store.emergencies.earlier_tickets(_about(alarm), alarm.ticket, _EARLIER)
    words = alert_text(alarm, view, earlier, now)
    _put(store, alarm, view, key, view.desk.desk.developer[0], "alert", words, due, now)
    colleague = alarm.decision.colleague
    if colleague is not None:
        words = hand_over_text(alarm, view, now)
        row = _put(store, alarm, view, key, colleague.address, "handover", words, now, now)
        if row is not None:
            store.alarms.set_paged(row, now)  # the developer's own ways have the alert


def alert_text(alarm: Alarm, view: DeskView, earlier: Sequence[Earlier], now: datetime) -> tuple[str, str]:
    """Given an emergency, the client's last tickets and now, return the alert's subject and text.

    Client text is indented on every line, so that it never looks like ours.
    """
    desk, decision, sender = view.desk, alarm.decision, alarm.decision.sender
    client = desk.client_by_id(_about(alarm))
    name = client.name if client else sender.address
    proof = "authenticated" if sender.auth == "pass" else f"NOT authenticated ({sender.auth}), claims to be {name}"
    lines = [f"{name} reports an emergency: {decision.reason or 'unknown'}", ""]
    if alarm.decision.alert_at is not None:
        lines.append(f"Arrived: {say_time(alarm.mail.received_at, view.calendar.zone)}, in your quiet hours")
    lines.append(f"From: {sender.address} ({proof})")
    lines += _who_they_are(desk, client, view, now)
    if alarm.ticket is not None:
        lines.append(f"Ticket: {alarm.ticket}")
    if decision.ticket is not None and decision.ticket.slots:
        lines.append(f"First slot: {decision.ticket.slots[0].day.isoformat()}, {desk.support_hour.start:%H:%M}")
    lines.append(f"The client got: {_what_was_told(decision)}")
    if decision.colleague is not None:
        told = "gets the same with a hand-over mail"
        lines.append(f"Stands in for you: {decision.colleague.name} <{decision.colleague.address}>, {told}")
    lines += _facts(desk, client)
    if earlier:
        lines += ["", "Their last tickets:"]
        lines += [f"    {one.ticket} ({one.state}, {one.opened_at:%Y-%m-%d}): {one.subject}" for one in earlier]
    return f"[emergency] {name}: {alarm.mail.subject}"[:_SUBJECT], _finish(lines, alarm.mail)


def hand_over_text(alarm: Alarm, view: DeskView, now: datetime) -> tuple[str, str]:
    """Given an emergency a colleague looks at and now, return the subject and text of the mail that hands it over."""
    desk, sender = view.desk, alarm.decision.sender
    client = desk.client_by_id(_about(alarm))
    name = client.name if client else sender.address
    absence = view.calendar.absence_on(view.calendar.local(now).date())
    until = f" until {absence.last.isoformat()}" if absence else ""
    colleague = alarm.decision.colleague.name if alarm.decision.colleague else ""
    lines = [
        f"{colleague}, {desk.desk.name} is away{until}, and you stand in for emergencies of retainer clients.",
        "",
        f"{name} reports: {alarm.decision.reason or 'unknown'}",
        f"Write to them at: {sender.address}",
        f"They were told: {_what_was_told(alarm.decision)}",
    ]
    if client is not None and client.sites:
        lines.append(f"Sites: {', '.join(client.sites)}")
    lines += _facts(desk, client)
    lines += ["", f"What you find or do, write to {desk.desk.developer[0]}."]
    return f"[hand-over] {name}: {alarm.mail.subject}"[:_SUBJECT], _finish(lines, alarm.mail)


def _about(alarm: Alarm) -> str:
    return alarm.decision.sender.client or alarm.decision.sender.claims or ""


def _who_they_are(desk: Desk, client: Client | None, view: DeskView, now: datetime) -> Iterator[str]:
    if client is None:
        return
    if client.sites:
        yield f"Sites: {', '.join(client.sites)}"
    plan = next((plan for plan in desk.plan if plan.id == client.plan), None)
    what = f"{plan.name or plan.id}, {client.tier}" if plan else f"no plan, {client.tier}"
    if is_on_call(desk, client, view.calendar, now):
        what += ", on call now by a season package"
    elif plan is not None:
        what += ", emergencies day and night" if plan.emergencies == "always" else ", emergencies outside quiet hours"
    yield f"Plan: {what}"


def _what_was_told(decision: Decision) -> str:
    if decision.reply is None:
        return "nothing"
    answers = ", ".join((*decision.reply.answers, decision.reply.closing))
    kept = "" if decision.reply.mode == "live" else f", kept as {decision.reply.mode}"
    return f"an automatic answer ({answers}{kept})"


def _facts(desk: Desk, client: Client | None) -> list[str]:
    """The vendors of their stack, each with the way to reach it and what it asks for, and all else that is known."""
    if client is None:
        return []
    lines, asked = [], set()
    for vendor in desk.vendors_of(client, tuple(client.stack)):
        lines.append(f"    {vendor.kind}: {_reach(vendor)}")
        for fact in vendor.ask_for:
            asked.add(fact.casefold())
            known = next((value for name, value in client.facts.items() if name.casefold() == fact.casefold()), "")
            lines.append(f"        {fact}: {known or '?'}")
    others = [f"    {name}: {value}" for name, value in client.facts.items() if name.casefold() not in asked]
    return [
        *(["", "Their vendors, with what each asks for:", *lines] if lines else []),
        *(["", "Also known:", *others] if others else []),
    ]


def _reach(vendor: Vendor) -> str:
    ways = dict.fromkeys(way for way in (vendor.emergency, vendor.contact, vendor.help) if way)
    return ", ".join((vendor.name, *ways))


def _finish(lines: Sequence[str], mail: Mail) -> str:
    words = mail.content.new_text
    quoted = [f"    {line}" for line in words[:_EXCERPT].splitlines()]
    if len(words) > _EXCERPT:
        quoted.append("    […]")
    return "\n".join((*lines, "", "They wrote:", *quoted)) + "\n"


def _put(
    store: Store,
    alarm: Alarm,
    view: DeskView,
    key: bytes,
    to: str,
    what: str,
    words: tuple[str, str],
    due: datetime,
    now: datetime,
) -> int | None:
    desk = view.desk
    cause = alarm.mail.content_key if what == "alert" else f"{what} {alarm.mail.content_key}"
    draft = Draft(
        message_id=make_message_id(key, "alert", cause, desk.desk.address.rpartition("@")[2]),
        from_name=f"{desk.desk.name} triagebot",
        from_address=desk.desk.address,
        to=to,
        subject=words[0],
        date=due.astimezone(view.calendar.zone),
        text=words[1],
        automatic="auto-generated",
    )
    mode: Mode = "shadow" if desk.desk.mode == "shadow" else "live"
    row, ticket, client = alarm.row, alarm.ticket, _about(alarm)
    cause = f"alert {cause}"
    return post(store, draft, key, "alert", alarm.inbox, mode, cause, now, due, mail=row, ticket=ticket, client=client)
