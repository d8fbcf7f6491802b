"""Threads: mails of one party that answer each other, told by the ids they name (JWZ threading with placeholders).

An id counts from the moment any mail names it, seen or not, so two answers to a mail nobody saw are one thread
(field.md 22). A party is a client, or one proven address: ids that somebody else names join nothing (field.md 20).
Outlook's Thread-Index is not looked at (field.md 21).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from triagebot.core.decision import AuthState
from triagebot.core.mail import Mail
from triagebot.core.reading.headers import message_ids

MOST_LINKS = 20
"""Ids of other mails that are looked up for one mail (safety.md B.3)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an id: its thread, and whether a person made a conversation begin there (`ticket split`)."""

    thread: int
    apart: bool = False


def list_parties(client: str | None, sender_key: str, auth: AuthState, *, form: bool = False) -> tuple[str, ...]:
    """Given whom a mail is from and how well that is proven, return whose threads it may join, its own first; none
    for who is not proven, and for a contact form, whose visitor is not. Somebody who became a client keeps what was
    begun before."""
    if auth not in ("pass", "weak") or form:
        return ()
    names = (f"client {client}" if client else "", f"address {sender_key}" if sender_key else "")
    return tuple(filter(None, names))


def list_links(mail: Mail, is_own_id: Callable[[str], object]) -> tuple[str, ...]:
    """Given a mail and what tells ids of our own mails, return the ids that say which thread it is in: its own first,
    then what it answers, the nearest first; of a long chain the nearest ones and the root.

    In-Reply-To counts before References. Where it is not among them, some program has overwritten References
    (field.md 23): then only those of our own mails count, which nobody else can make.
    """
    answered, named = _ids(mail, "in-reply-to"), _ids(mail, "references")
    if answered and named and not set(answered) & set(named):
        named = tuple(one for one in (*named[:MOST_LINKS], *named[-MOST_LINKS:]) if is_own_id(one))
    chain = [one for one in dict.fromkeys((*answered, *reversed(named))) if one != mail.message_id]
    if len(chain) > MOST_LINKS:
        chain[MOST_LINKS - 1 :] = chain[-1:]
    return (mail.message_id, *chain) if mail.message_id else tuple(chain)


def choose_threads(links: Sequence[str], known: Mapping[str, Sequence[Known]]) -> tuple[int, ...]:
    """Given the ids of a mail, the nearest first, and what is known of them, return the threads they make one, the
    lowest first. Behind an id where a person made a conversation begin, nothing counts."""
    found: set[int] = set()
    for link in links:
        ones = known.get(link, ())
        found |= {one.thread for one in ones}
        if any(one.apart for one in ones):
            break
    return tuple(sorted(found))


def _ids(mail: Mail, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for value in mail.headers.all(name) for one in message_ids(value)))
