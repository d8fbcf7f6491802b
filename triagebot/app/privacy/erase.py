"""The end of what is held about a person (GDPR Art. 17; safety.md H): listed first, done in small steps beside the
daemon, and looked after in the bytes of the files."""

import time as clock
from dataclasses import dataclass
from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.privacy.inquiry import Inquiry, inquire, reading
from triagebot.app.privacy.mailbox import Progress, remove_copies
from triagebot.app.privacy.purge import opened, tidy
from triagebot.core.errors import StoreError
from triagebot.core.person import Person
from triagebot.edge.store import Store

_BREATH = 0.005


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: rows by table, mails that will not leave any more, copies removed on the mail server, and
    whether a search of the database's bytes found no address any more (`clean`; None where others mention it);
    `advice` are sentences on the rest."""

    counts: dict[str, int]
    withdrawn: int
    copies: int
    clean: bool | None
    advice: tuple[str, ...]


def preview(view: DeskView, person: Person) -> Inquiry:
    """Given a person, return what an erasure would find. Nothing is changed."""
    with reading(view) as store:
        return inquire(view, store, person)


def erase(view: DeskView, person: Person, now: datetime, tell: Progress, *, mailbox: bool) -> Erased:
    """Given a person and now, erase what is held about them, with `mailbox` also the copies on the mail server, those
    first: the database knows where they are. `tell` is given a line for each step there.

    Raise StoreError, ServerError or SecretError; nothing is erased in the database then.
    """
    with opened(view) as store:
        inquiry = inquire(view, store, person)
        copies = remove_copies(view, person, store.privacy.read("mail", inquiry.held.mails), tell) if mailbox else 0
        withdrawn = _erase(view, store, inquiry, now)
        tidied = tidy(store)
        after = inquire(view, store, person)
        clean = None if after.mentions else tidied and _is_clean(store, person)
    return Erased(inquiry.counts, withdrawn, copies, clean, unreached(view, inquiry, mailbox=mailbox))


def _erase(view: DeskView, store: Store, inquiry: Inquiry, now: datetime) -> int:
    held = inquiry.held
    with store.transaction():
        withdrawn = store.erasure.withdraw(held, now)
        today = view.calendar.local(now).date()
        for ticket in held.tickets:
            store.tickets.close(ticket, "developer", "erased", now, today)
        why = f"{len(held.mails)} mails, {len(held.tickets)} tickets, {len(held.outbox)} outgoing mails"
        tagged = (str(row["recipient_code"]) for row in store.privacy.read("outbox", held.outbox))
        store.erasure.remember(tuple(dict.fromkeys(filter(None, (*inquiry.codes, *tagged)))), why, now)
    for step in store.erasure.steps(held):
        with store.transaction():
            store.erasure.do(step)
        clock.sleep(_BREATH)
    return withdrawn


def _is_clean(store: Store, person: Person) -> bool:
    """Search the bytes of the files for the addresses; when one is found, write the database anew and look again.

    A database keeps removed bytes when it was once written by a program that did not overwrite them.
    """
    needles = [one.lower().encode() for one in {*person.keys, *person.addresses}]
    if not store.holds(needles):
        return True
    try:
        store.rebuild()
    except StoreError:
        return False
    tidy(store)
    return not store.holds(needles)


def unreached(view: DeskView, inquiry: Inquiry, *, mailbox: bool) -> tuple[str, ...]:
    """Given what was asked and whether the mail server's copies go too, return a sentence on each thing that an
    erasure does not reach."""
    found = [
        "Backups made before still hold it: when one is restored, erase again; the oldest one you keep is its end."
    ]
    if not mailbox and inquiry.held.mails:
        found.append("The mails lie on the mail server as before; --mailbox removes them there too.")
    if mailbox:
        found.append("On the mail server only the watched folders and `done` were looked through.")
    found.append(
        "Mails already sent are with their recipients and in your Sent folder, digests and alerts in your own."
    )
    for client in view.desk.client:
        if client.id == inquiry.person.client or any(map(inquiry.person.owns, client.addresses)):
            found.append(f"The address or name stands in your files: client {client.id}; take it out there.")
    if inquiry.others:
        found.append(
            f"Client {inquiry.client} also writes from {', '.join(inquiry.others)}: not included;"
            f" --client {inquiry.client} takes all of that client."
        )
    for table, rows in inquiry.mentions.items():
        shown = ", ".join(map(str, rows[:20]))
        found.append(
            f"Others mention the address in their words ({table} {shown}): that is theirs, look at it yourself."
        )
    if inquiry.waiting:
        found.append(f"{inquiry.waiting} mails are not read yet; nobody knows whose they are.")
    return tuple(found)
