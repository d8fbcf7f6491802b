"""What became of one attempt to hand a mail to the SMTP server, and what follows from it (safety.md G.2)."""

from dataclasses import dataclass
from typing import Literal

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


def classify_reply(code: int, *, recipient: bool = False) -> OutcomeKind:
    """Given a refusing SMTP reply code, return what it means. 552 at RCPT means a full mailbox: temporary."""
    if code in (530, 534, 535, 538):
        return "stop"
    if 500 <= code < 600 and not (recipient and code == 552):
        return "permanent"
    return "temporary"
