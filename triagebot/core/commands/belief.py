"""May a mail that says it answers the digest be believed? Only what the developer himself wrote (safety.md E)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from triagebot.core.decision import Authentication, Guard
from triagebot.core.guard.judge import BOUNCE_ADDRESS
from triagebot.core.mail import Mail
from triagebot.core.reading.address import ascii_domain
from triagebot.core.reading.text import clean_line

AUTOMATIC = frozenset(
    (
        BOUNCE_ADDRESS,
        *("guard.dsn", "guard.failed-recipients", "guard.bounce-sender", "guard.bounce-subject"),
        *("guard.null-return-path", "guard.mdn", "guard.report", "guard.calendar", "guard.auto-submitted"),
        *("guard.list", "guard.precedence", "guard.suppress-header", "guard.autoresponder-header", "guard.x-loop"),
        *("guard.feedback-id", "guard.robot-sender", "guard.ooo-subject"),
    )
)
"""The guard's checks of safety.md A.2 rows 2 to 20. What one of them finds is no answer, whatever its verdict is: not
answering a person is a small loss, carrying out what a machine says is not."""
_PEOPLES = "guard.suppress-header"
"""People's mail has it too, on some Exchange servers (safety.md 0.7): what is not carried out must be seen then."""
_ONCE = ("to", "cc", "in-reply-to", "references")
"""What says which mail is answered. A signature covers one header of a name; whoever sends a mail of the developer's
again may have put another one above it (safety.md 0.8)."""
_IN_PART = re.compile(r"(?:^|;)\s{0,9}l\s{0,9}=")
"""The tag of a DKIM signature that leaves the end of the body to anybody (RFC 6376 section 8.2)."""
_CLOCKS = timedelta(days=1)
"""So much may the clock of a computer be wrong: by a zone that is not set."""
_LONGEST_DATE = 100
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an answer is not believed: a word for the log, which holds no addresses, and the second half of a sentence;
    `quiet` when there is nothing to look at."""

    code: str
    why: str
    quiet: bool = False


def find_doubt(mail: Mail, authentication: Authentication, guard: Guard, developer: Sequence[str]) -> Doubt | None:
    """Given a mail, what is proven of its sender, what the guard found and the developer's addresses, return why it
    cannot be the developer's answer, or None.

    Addresses are compared whole: DMARC proves a domain, so that the name before the @ is all there is besides.
    """
    known = set(map(_spelled, developer))
    is_clear = len(mail.sender.addresses) == 1 and not mail.sender.defects
    sender = mail.sender.addresses[0].spec if is_clear else ""
    signs = [step for step in guard.trail if step.step in AUTOMATIC and step.verdict != "pass"]
    if signs:
        quiet = any(sign.step != _PEOPLES for sign in signs)
        return Doubt("machine", f"it was sent by a machine: {signs[0].why}", quiet)
    if _spelled(sender) not in known:
        who = clean_line(sender)[:_SHOWN] or "no clear address"
        return Doubt("sender", f"it comes from {who}, not from the developer")
    if not authentication.by_dmarc:
        proof = ", ".join(authentication.codes) or "nothing"
        return Doubt("dmarc", f"DMARC does not prove that {sender} sent it ({authentication.state}: {proof})")
    why = _find_unsigned(mail)
    if why:
        return Doubt("unsigned", why)
    unread = mail.content.problem or mail.content.partial
    return Doubt("unread", f"it could not be read whole: {unread}") if unread else None


def is_older(mail: Mail, moment: datetime) -> bool:
    """Given a mail and when the one was made that it answers, return whether it was written before that, by more than
    clocks differ. What tells no date that can be read is not older."""
    try:
        written = parsedate_to_datetime(mail.headers.first("date")[:_LONGEST_DATE])
    except (ValueError, TypeError, OverflowError, IndexError):
        return False
    return (written if written.tzinfo else written.replace(tzinfo=UTC)) < moment - _CLOCKS


def _find_unsigned(mail: Mail) -> str:
    """Why a mail that is proven to be the developer's may have been changed on its way, "" where nothing says so."""
    twice = [name for name in _ONCE if len(mail.headers.all(name)) > 1]
    if twice:
        return f"{', '.join(twice)} stands there more than once, and a signature covers one of them"
    if any(map(_IN_PART.search, mail.headers.all("dkim-signature"))):
        return "its signature covers only a part of it (l=)"
    return ""


def _spelled(address: str) -> str:
    local, _, domain = address.strip().rpartition("@")
    return f"{local.lower()}@{ascii_domain(domain) or domain.lower()}"
