"""What a command changes, found by comparing how things stood before and after it; the way back is made from that.

A step names what is done to take one change back (`do`), for app/commands/undo.py; all of it is plain JSON.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from triagebot.app.commands.done import Named
from triagebot.edge.store import Store
from triagebot.edge.store.digests.undoing import Picture, Scope

Step = dict[str, Any]
_OF_MAILS = frozenset(("letter", "stop"))
"""Steps about a mail: possible until that has left."""


def scope_of(store: Store, named: Named, *tickets: int) -> Scope:
    """Given what a command names, and further tickets, return all that it may change."""
    mail = store.mails.find(named.mail) if named.mail is not None else None
    letter = store.outbox.find(named.outgoing) if named.outgoing is not None else None
    owners = (named.ticket, mail["ticket"] if mail else None, letter["ticket"] if letter else None, *tickets)
    received = (named.mail, letter["mail"] if letter else None)
    return Scope(
        frozenset(int(str(one)) for one in owners if one is not None),
        frozenset(int(str(one)) for one in received if one is not None),
        frozenset((named.outgoing,)) if named.outgoing is not None else frozenset(),
    )


def pending_of(store: Store, named: Named) -> list[dict[str, Any]]:
    """Given what a command names, return its mails that wait for the developer's word; a ticket has those of all its
    mails, a mail of ours is only itself."""
    tickets = frozenset((named.ticket,)) if named.ticket is not None else frozenset()
    mails = frozenset((named.mail,)) if named.mail is not None else frozenset()
    outgoing = frozenset((named.outgoing,)) if named.outgoing is not None else frozenset()
    return store.undoing.pending(Scope(tickets, mails, outgoing))


def find_steps(store: Store, scope: Scope, before: Picture) -> list[Step]:
    """Given a scope and how it stood before a command, return what takes the command back, in the order to do it."""
    after = store.undoing.picture(replace(scope, outgoing=scope.outgoing | frozenset(before.letters)))
    steps: list[Step] = []
    for row, letter in after.letters.items():
        was = before.letters.get(row)
        if was is None:
            steps.append({"do": "stop", "row": row})
        elif was["state"] != letter["state"]:
            steps.append({"do": "letter", "row": row, "was": dict(was)})
    steps += [{"do": "entry", "key": key} for key in sorted(after.entries - before.entries)]
    for number, offer in after.offers.items():
        if before.offers.get(number, offer) != offer:
            steps.append({"do": "offer", "number": number, "was": before.offers[number]})
    for number, ticket in after.tickets.items():
        old = before.tickets.get(number)
        if old is None:
            continue
        if ticket.minutes_done != old.minutes_done:
            steps.append({"do": "count", "number": number, "minutes": ticket.minutes_done - old.minutes_done})
        terms = {name: value for name, value in old.terms.items() if value != ticket.terms[name]}
        if terms:
            versions = {"from": old.version, "version": ticket.version}
            steps.append({"do": "ticket", "number": number, **versions, "terms": terms})
    steps += [
        {"do": "handled", "mail": mail}
        for mail, at in after.handled.items()
        if at is not None and before.handled.get(mail) is None
    ]
    return steps


def refs_of(scope: Scope, steps: list[Step]) -> tuple[str, ...]:
    """Given a scope and the steps that take a command back, return the refs of everything it touched."""
    found = [str(number) for number in sorted(scope.tickets)]
    found += [f"m{number}" for number in sorted(scope.mails)]
    found += [f"o{number}" for number in sorted(scope.outgoing)]
    found += [f"o{step['row']}" for step in steps if "row" in step]
    return tuple(dict.fromkeys(found))


def leaves_at(undo: dict[str, Any] | None, delay: timedelta, now: datetime) -> datetime | None:
    """Given what takes a command back, the undo window and now, return when the mail leaves that it is about; None
    where it is about none."""
    about_mail = undo is not None and any(step["do"] in _OF_MAILS for step in undo["steps"])
    return now + delay if about_mail else None


def undo_of(line: str, refs: tuple[str, ...], steps: list[Step]) -> dict[str, Any] | None:
    """Given how a command was written, what it touched and how it is taken back, return its undo, or None."""
    return {"line": line, "refs": list(refs), "steps": steps} if steps else None
