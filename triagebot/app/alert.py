"""The mail that wakes the developer in an emergency."""

from triagebot.core.decision import Decision
from triagebot.core.desk import Desk
from triagebot.core.mail import Mail

_EXCERPT = 1500


def alert_text(mail: Mail, decision: Decision, ticket: int | None, desk: Desk) -> tuple[str, str]:
    """Given an emergency mail with its decision and ticket number, return the alert's subject and text.

    Client text is indented on every line, so that it never looks like ours.
    """
    sender = decision.sender
    client = desk.client_by_id(sender.client or sender.claims or "")
    name = client.name if client else sender.address
    proof = "authenticated" if sender.auth == "pass" else f"NOT authenticated ({sender.auth}), claims to be {name}"
    lines = [
        f"{name} reports an emergency: {decision.reason or 'unknown'}",
        "",
        f"From: {sender.address} ({proof})",
    ]
    if ticket is not None:
        lines.append(f"Ticket: {ticket}")
    if decision.ticket is not None and decision.ticket.promise is not None:
        lines.append(f"First slot: {decision.ticket.promise.isoformat()}")
    for vendor in desk.vendors_of(client, tuple(client.stack) if client else ()):
        reach = vendor.emergency or vendor.contact or vendor.help
        facts = f" (have ready: {', '.join(vendor.ask_for)})" if vendor.ask_for else ""
        lines.append(f"{vendor.kind}: {vendor.name}, {reach}{facts}")
    told = "an automatic answer" if decision.reply is not None else "nothing"
    lines += [f"The client got: {told}", "", "They wrote:"]
    lines += [f"    {line}" for line in mail.content.new_text[:_EXCERPT].splitlines()]
    return f"[emergency] {name}: {mail.subject}"[:200], "\n".join(lines) + "\n"
