"""The guard's checks for mail that machines send (safety.md A.2 rows 1 to 19).

Each check is given the evidence and returns what it found; every instance of a header counts.
"""

import re

from triagebot.core.guard.evidence import Evidence, Finding
from triagebot.core.guard.signals import (
    ARCHIVE_TYPES,
    AUTORESPONDER_HEADERS,
    AUTORESPONDER_VALUES,
    BOUNCE_LOCALS,
    BOUNCE_SUBJECTS,
    BULK_PRECEDENCES,
    DELIVERED_TO,
    DELIVERY_TYPES,
    DISPOSITION_TYPES,
    FEEDBACK_TYPES,
    LIST_HEADERS,
    PRECEDENCE_HEADERS,
    ROBOT_ENDS,
    ROBOT_LOCALS,
    ROBOT_STARTS,
    SUPPRESSING,
)

_TOKEN_END = re.compile(r"[;(,\s]")
_COMMENT = re.compile(r"\([^()]*\)")
_SHOWN = 60


def check_own_loop(evidence: Evidence) -> Finding:
    """Row 1: the mail is our own, come back."""
    if evidence.facts.loop_code in evidence.values("x-triagebot-loop"):
        return Finding("it carries this desk's loop marker", "never", "own-loop")
    if evidence.mail.message_id and evidence.facts.is_own_id(evidence.mail.message_id) is not None:
        return Finding("its Message-ID was made by this desk", "never", "own-loop")
    own = next((a.spec for a in evidence.mail.sender.addresses if evidence.is_own(a.spec)), "")
    if own:
        return Finding(f"it comes from {own}, an address of this desk", "never", "own-loop")
    return Finding("not from this desk")


def check_return_path(evidence: Evidence) -> Finding:
    """Row 2: an empty envelope sender (RFC 5321 section 4.5.5); a bounce if it also reports a delivery."""
    paths = evidence.values("return-path")
    if not any(_bare(path) in ("", "<>", "<mailer-daemon>") for path in paths):
        return Finding("no empty Return-Path")
    bounced = bool(evidence.types & DELIVERY_TYPES) or "x-failed-recipients" in evidence.headers
    return Finding("Return-Path is empty", "bounce" if bounced else "never", "null-return-path")


def check_bounce_address(evidence: Evidence) -> Finding:
    """B.1: mail to an address that only the envelope of one mail of ours has; nothing there is ever answered."""
    shown = (address.spec for address in evidence.mail.to)
    delivered = (value.strip().strip("<>") for value in evidence.values(*DELIVERED_TO))
    if any(evidence.facts.bounced_id(address) for address in (*shown, *delivered)):
        return Finding("it came to the address that bounces of one of our mails go to", "bounce", "dsn")
    return Finding("it came to no bounce address")


def check_delivery_status(evidence: Evidence) -> Finding:
    """Rows 3 and 4: a delivery status notification (RFC 3464, 6522, 6533)."""
    found = evidence.types & DELIVERY_TYPES
    if found:
        return Finding(f"a part is {min(found)}", "bounce", "dsn")
    if evidence.report_type == "delivery-status":
        return Finding("report-type is delivery-status", "bounce", "dsn")
    return Finding("no delivery status")


def check_failed_recipients(evidence: Evidence) -> Finding:
    """Row 5: Exim's mark on bounces."""
    if "x-failed-recipients" in evidence.headers:
        return Finding("it has an X-Failed-Recipients header", "bounce", "dsn")
    return Finding("no X-Failed-Recipients header")


def check_bounce_sender(evidence: Evidence) -> Finding:
    """Row 6: mail of a mail daemon; a postmaster is only not answered, because people read that address."""
    for local in evidence.locals:
        name = local.partition("+")[0]
        if name in BOUNCE_LOCALS:
            return Finding(f"the sender is {local[:_SHOWN]}", "bounce", "dsn")
        if name == "postmaster":
            return Finding("the sender is a postmaster", "never", "robot-sender")
    return Finding("the sender is no mail daemon")


def check_bounce_subject(evidence: Evidence) -> Finding:
    """Row 7: a subject as bounces have it; alone it may be a person asking about one."""
    if not evidence.subject.startswith(BOUNCE_SUBJECTS):
        return Finding("the subject is not that of a bounce")
    others = (check_return_path, check_failed_recipients, check_bounce_sender)
    if any(other(evidence).verdict is not None for other in others):
        return Finding("a bounce's subject and another sign of one", "bounce", "dsn")
    return Finding("the subject alone looks like a bounce", "human", "dsn")


def check_disposition(evidence: Evidence) -> Finding:
    """Row 8: a read receipt (RFC 8098)."""
    if evidence.report_type == "disposition-notification" or evidence.types & DISPOSITION_TYPES:
        return Finding("it is a read receipt", "report", "mdn")
    return Finding("no read receipt")


def check_report(evidence: Evidence) -> Finding:
    """Rows 4 and 9: abuse and DMARC reports (RFC 5965, 9990), and reports of no known type."""
    if evidence.report_type == "feedback-report" or evidence.types & FEEDBACK_TYPES:
        return Finding("it is an abuse report", "report", "report")
    about_dmarc = any("dmarc" in local for local in evidence.locals)
    if evidence.types & ARCHIVE_TYPES and (about_dmarc or evidence.subject.startswith("report domain:")):
        return Finding("it is a DMARC report", "report", "report")
    known = evidence.types & (DELIVERY_TYPES | DISPOSITION_TYPES) or evidence.report_type in (
        "delivery-status",
        "disposition-notification",
    )
    if "multipart/report" in evidence.types and not known:
        return Finding("it is a report of no known type", "report", "report")
    return Finding("no report")


def check_calendar(evidence: Evidence) -> Finding:
    """Row 10: an invitation or the answer to one, whatever its method (RFC 6047)."""
    method = evidence.mail.content.calendar_method
    if method or "text/calendar" in evidence.types:
        return Finding(f"it has a calendar part {method[:_SHOWN]}".rstrip(), "calendar", "calendar")
    return Finding("no calendar part")


def check_auto_submitted(evidence: Evidence) -> Finding:
    """Row 11: RFC 3834 section 5; every value but `no` means automatic, an empty one too."""
    for value in evidence.values("auto-submitted"):
        if _first_token(value) != "no":
            return Finding(f"Auto-Submitted: {value[:_SHOWN]}".rstrip(), "never", "auto-submitted")
    return Finding("not Auto-Submitted")


def check_list(evidence: Evidence) -> Finding:
    """Row 12: mailing lists and newsletters, but for a list that is the support address itself."""
    found = evidence.present(LIST_HEADERS)
    if found and evidence.on_my_list:
        return Finding("the list is one of [desk] list_ids")
    if found:
        return Finding(f"it has {', '.join(found)}", "never", "list")
    return Finding("no List-* header")


def check_precedence(evidence: Evidence) -> Finding:
    """Row 13: bulk mail by its own word. A list that is the support address says `list` in every post."""
    for value in evidence.values(*PRECEDENCE_HEADERS):
        word = _first_token(value)
        if word in BULK_PRECEDENCES and not (word == "list" and evidence.on_my_list):
            return Finding(f"Precedence is {word}", "never", "precedence")
    return Finding("no bulk Precedence")


def check_suppress_header(evidence: Evidence) -> Finding:
    """Row 14: MS-OXCMAIL X-Auto-Response-Suppress; people's mail from Exchange has it too."""
    wanted = _suppressed(evidence)
    if wanted:
        return Finding(f"X-Auto-Response-Suppress asks for no reply: {wanted}", "human", "suppress-header")
    return Finding("X-Auto-Response-Suppress does not forbid a reply")


def check_autoresponder(evidence: Evidence) -> Finding:
    """Row 15: headers only autoresponders write."""
    for name in evidence.present(AUTORESPONDER_HEADERS):
        if any(_first_token(value) != "no" for value in evidence.values(name)):
            return Finding(f"it has {name}", "never", "autoresponder-header")
    for name, word in AUTORESPONDER_VALUES:
        if any(word in re.split(r"[^a-z-]+", value.casefold()) for value in evidence.values(name)):
            return Finding(f"{name} says {word}", "never", "autoresponder-header")
    return Finding("no autoresponder header")


def check_loop_headers(evidence: Evidence) -> Finding:
    """Rows 16 and 17: X-Loop; Exchange's inbox rules together with a wish for no reply."""
    if "x-loop" in evidence.headers:
        return Finding("it has X-Loop", "never", "x-loop")
    if "x-ms-exchange-inbox-rules-loop" in evidence.headers and _suppressed(evidence):
        return Finding("an Exchange inbox rule answered", "never", "x-loop")
    return Finding("no X-Loop")


def check_feedback_id(evidence: Evidence) -> Finding:
    """Row 18: the mark of bulk senders for Gmail's feedback loop."""
    if "feedback-id" in evidence.headers:
        return Finding("it has Feedback-ID", "never", "feedback-id")
    return Finding("no Feedback-ID")


def check_robot_sender(evidence: Evidence) -> Finding:
    """Row 19: an address nobody reads. A declared contact form may have one; its visitor is answered."""
    senders = [address.spec.lower() for address in evidence.mail.sender.addresses]
    forms = [form.lower() for form in evidence.facts.forms]
    if any(sender in forms for sender in senders):
        return Finding("the sender is a declared contact form")
    robot = next((local for local in evidence.locals if is_robot(local)), "")
    if robot:
        return Finding(f"the sender is {robot[:_SHOWN]}", "never", "robot-sender")
    return Finding("the sender is no robot")


def is_robot(local: str) -> bool:
    """Given a local part, say whether no person reads it (safety.md A.2 row 19)."""
    folded = local.casefold().replace("_", "-").replace(".", "-")
    name = folded.partition("+")[0]
    return name in ROBOT_LOCALS or folded.startswith(ROBOT_STARTS) or name.endswith(ROBOT_ENDS)


def _suppressed(evidence: Evidence) -> str:
    values = evidence.values("x-auto-response-suppress")
    wishes = [wish.strip() for value in values for wish in value.split(",")]
    return next((wish for wish in wishes if wish.casefold() in SUPPRESSING), "")


def _first_token(value: str) -> str:
    """Row 11: the value up to the first `;`, `(` or space."""
    return _TOKEN_END.split(value.strip(), maxsplit=1)[0].casefold()


def _bare(path: str) -> str:
    return "".join(_COMMENT.sub("", path[:1000]).split()).casefold()
