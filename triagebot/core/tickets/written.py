"""A mail the developer wrote himself, in whatever mail program: to whom, about which ticket, and what it changes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from triagebot.core.decision import Sender, TicketState
from triagebot.core.desk import Desk
from triagebot.core.mail import Address, Mail
from triagebot.core.reading.address import parse_addresses, sender_key
from triagebot.core.reading.text import strip_prefixes
from triagebot.core.rules.fold import fold
from triagebot.core.rules.rule import Kind
from triagebot.core.sender.directory import directory_of
from triagebot.core.tickets.ticket import OpenTicket, find_same_matter

Role = Literal["answer", "note"]
"""An answer is written to whom the conversation is with; a note is about it, to somebody else."""
_WHOLE_ANSWERS: tuple[Kind, ...] = ("question", "vendor", "enquiry")
"""Kinds of which an answer is all that was owed."""
_MACHINE_TYPES = frozenset({"multipart/report", "message/disposition-notification", "text/calendar"})
_NO = "no"


@dataclass(frozen=True, slots=True)
class Readers:
    """Whom a mail of the developer's is written to: addresses, their sender keys, the clients they belong to."""

    addresses: tuple[str, ...]
    keys: frozenset[str]
    clients: frozenset[str]

    @classmethod
    def of(cls, mail: Mail, desk: Desk) -> "Readers":
        """Given a mail and the desk, return its readers; copies to the desk and to the developer are none."""
        found = [one for one in _recipients(mail) if sender_key(one.spec) not in staff_of(desk)]
        clients = (directory_of(desk).find(one)[0] for one in found)
        return cls(
            tuple(dict.fromkeys(one.spec for one in found)),
            frozenset(sender_key(one.spec) for one in found),
            frozenset(one.id for one in clients if one is not None),
        )


def staff_of(desk: Desk) -> frozenset[str]:
    """Given the desk, return the sender keys of its own and the developer's addresses."""
    return frozenset(map(sender_key, (*desk.own_addresses, *desk.desk.developer)))


def is_by_developer(mail: Mail, sender: Sender, desk: Desk, is_own_id: Callable[[str], object]) -> bool:
    """Given a received mail, its sender, the desk and what tells ids of our own mails, return whether the developer
    provably wrote it: from his own address, or from the desk's in a mail program."""
    proven = sender.auth == "pass" and bool(sender.address) and sender_key(sender.address) in staff_of(desk)
    return proven and not is_machine_made(mail) and not (mail.message_id and is_own_id(mail.message_id))


def is_machine_made(mail: Mail) -> bool:
    """Given a mail out of Sent, return whether a program wrote it: an absence notice, a read receipt, the answer to an
    invitation, a mail of this desk. None of them answers a client."""
    said = mail.headers.first("auto-submitted").partition(";")[0].strip().lower()
    marked = mail.headers.first("x-triagebot-loop") or (said and said != _NO)
    return bool(marked) or bool(_MACHINE_TYPES & set(mail.content.types))


def choose_role(readers: Readers, clients: Iterable[str], keys: Iterable[str]) -> Role:
    """Given a mail's readers, and the clients and sender keys a conversation is with, return what the mail is in it."""
    return "answer" if readers.clients & set(clients) or readers.keys & set(keys) else "note"


def find_matter(tickets: Sequence[OpenTicket], subject: str, text: str) -> OpenTicket | None:
    """Given the open tickets of whom a mail that answers nothing is written to, return the one it is about, or None:
    the newest with its subject, else one that says much the same."""
    wanted = fold(strip_prefixes(subject)).strip()
    for ticket in reversed(tickets):
        if wanted and fold(strip_prefixes(ticket.text.partition("\n")[0])).strip() == wanted:
            return ticket
    alike = (find_same_matter((one,), one.kind, one.reason, f"{subject}\n{text}") for one in reversed(tickets))
    return next((one for one in alike if one is not None), None)


def state_after(kind: Kind, state: TicketState) -> TicketState:
    """Given a ticket's kind and state, return its state once the developer has answered.

    What nobody has planned is the client's turn then: of a question the answer was all that was owed, so it is done
    and ends with thanks; of anything else the client is waited for. Planned work is still owed whatever is written.
    """
    if state != "new":
        return state
    return "done" if kind in _WHOLE_ANSWERS else "waiting-client"


def guess_minutes(estimated: int, done: int) -> int | None:
    """Given the minutes a ticket was estimated and those booked, return what its answer probably took, or None."""
    return estimated - done if estimated > done else None


def _recipients(mail: Mail) -> tuple[Address, ...]:
    """To and Cc, and Bcc, which copies in Sent keep."""
    blind = (one for value in mail.headers.all("bcc") for one in parse_addresses(value).addresses)
    return (*mail.to, *blind)
