"""What became of one attempt to hand a mail to the SMTP server, and what follows from it (safety.md G.2)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from triagebot.core.mail import Bounce

OutcomeKind = Literal["sent", "temporary", "permanent", "unknown", "stop"]
"""`unknown`: the mail may or may not have been accepted. `stop`: the account is refused, so the queue waits."""

OutboxState = Literal[
    "shadow",
    "draft",
    "drafted",
    "queued",
    "sending",
    "retry",
    "sent",
    "failed",
    "ambiguous",
    "returned",
    "stopped",
    "dropped",
]
"""The states of an outgoing mail. `ambiguous`: maybe sent, a person decides; `returned`: it was sent and came back;
`stopped`: it waited for its undo window and the client wrote again meanwhile."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt's end: its kind, the server's code (0 for none) and its words."""

    kind: OutcomeKind
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Return:
    """What a bounce says of a mail of ours. `delayed` is only news; `dead`: its recipient does not exist."""

    kind: Literal["returned", "delayed", "ignored"]
    words: str = ""
    dead: bool = False


_ENHANCED = re.compile(r"\s*(?:\d{3}[ -])?([245]\.\d{1,3}\.\d{1,3})\b")
_DEAD = frozenset(("5.1.1", "5.1.2", "5.1.10"))
"""No such mailbox, no such domain, a domain that takes no mail (RFC 3463 section 3.2, RFC 7505)."""
_POLICY = "5.7."


def enhanced_code(text: str) -> str:
    """Given the words of an SMTP reply, return the enhanced status code they begin with (RFC 3463), or ""."""
    found = _ENHANCED.match(text)
    return found[1] if found else ""


def is_dead(code: str) -> bool:
    """Given an enhanced status code, say whether the address it was said of does not exist."""
    return code in _DEAD


def is_policy(outcome: Outcome) -> bool:
    """Given how an attempt ended, say whether the server refused us rather than this mail (5.7.x, RFC 3463)."""
    return outcome.kind == "permanent" and enhanced_code(outcome.text).startswith(_POLICY)


def is_about_sender(outcome: Outcome) -> bool:
    """Given how an attempt ended, say whether the server may have refused the envelope's sender (RFC 3463 5.1.7,
    5.1.8 and the 5.7.x of servers that let an account send from its own address alone)."""
    code = enhanced_code(outcome.text)
    return outcome.kind == "permanent" and (code in ("5.1.7", "5.1.8") or code.startswith(_POLICY))


def judge_return(bounces: Sequence[Bounce], recipient: str) -> Return:
    """Given the recipients a bounce tells of and whom the mail was sent to, return what became of it (safety.md A.6).

    Failed is final, also with a status of 4.x.x. An address counts as dead only where the report names the
    recipient itself, or nobody: the mailbox behind a forwarding is none of ours.
    """
    failed = [bounce for bounce in bounces if bounce.action == "failed"]
    ours = [bounce for bounce in failed if bounce.recipient.casefold() in ("", recipient.casefold())]
    if failed:
        told = (ours or failed)[0]
        return Return("returned", _words(told), bool(ours) and is_dead(told.status))
    late = [bounce for bounce in bounces if bounce.action == "delayed"]
    return Return("delayed", _words(late[0])) if late else Return("ignored")


def _words(bounce: Bounce) -> str:
    said = (bounce.status, bounce.recipient, bounce.words)
    return " ".join(filter(None, said)) or "no reason given"


def classify_reply(code: int, *, recipient: bool = False) -> OutcomeKind:
    """Given a refusing SMTP reply code, return what it means. 552 at RCPT means a full mailbox: temporary."""
    if code in (530, 534, 535, 538):
        return "stop"
    if 500 <= code < 600 and not (recipient and code == 552):
        return "permanent"
    return "temporary"
