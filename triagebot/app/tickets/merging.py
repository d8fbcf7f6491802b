"""Two tickets that are one matter, and one that is two: merging and splitting, each the other's undoing."""

from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.tickets.agenda import replan
from triagebot.app.tickets.handling import DEVELOPER, Outcome, find_case
from triagebot.core.decision import TicketPlan
from triagebot.core.errors import StoreError
from triagebot.core.names import say_name
from triagebot.core.phrase import Value, say
from triagebot.edge.store import Store
from triagebot.edge.store.work.changes import Case, Joined
from triagebot.edge.store.work.tickets import NewTicket

_MINUTES = 30


def merge(store: Store, view: DeskView, kept: int, gone: int, now: datetime, version: int | None = None) -> Outcome:
    """Given two tickets of one client, let the second be part of the first: one date, the earlier one. Raise
    StoreError."""
    found = store.changes.find(gone)
    if found is not None and found.merged_into == kept:
        sentence = say("Ticket {gone} is part of {kept} already.", gone=gone, kept=kept)
        return Outcome(kept, find_case(store, kept).state, (sentence,), changed=False)
    one, other = find_case(store, kept, version), find_case(store, gone)
    if kept == gone:
        raise StoreError(say("ticket {kept} cannot be merged with itself; name two tickets", kept=kept))
    if one.client != other.client or (one.client is None and one.sender_key != other.sender_key):
        raise StoreError(
            say(
                "tickets {kept} and {gone} are of different people; what one asked the other must not hear",
                kept=kept,
                gone=gone,
            )
        )
    for case in (one, other):
        if case.state in ("done", "closed"):
            raise StoreError(
                say(
                    "ticket {number} is {state}; only open ones are merged (`{number} reopen`)",
                    number=case.id,
                    state=say_name(case.state),
                )
            )
    store.changes.merge(one, other, DEVELOPER, now)
    replan(store, view, now)
    after = find_case(store, kept)
    undo = f"undo {kept}"
    about: dict[str, Value] = {"gone": gone, "kept": kept, "undo": undo}
    if after.promise is None:
        return Outcome(
            kept, after.state, (say("Ticket {gone} is part of ticket {kept} now. To undo: `{undo}`", **about),)
        )
    return Outcome(
        kept,
        after.state,
        (
            say(
                "Ticket {gone} is part of ticket {kept} now, promised for {day}. To undo: `{undo}`",
                day=after.promise,
                **about,
            ),
        ),
    )


def split(store: Store, view: DeskView, number: int, mail: int, now: datetime, version: int | None = None) -> Outcome:
    """Given a ticket and one of its mails, make the mail a ticket of its own: the one it was merged from as it was, or
    a new one, and its conversation apart. Raise StoreError."""
    case = find_case(store, number, version)
    gone = store.changes.merged_with(number, mail)
    if gone is not None:
        return unmerge(store, view, number, gone, now)
    mails = store.changes.mails_of(number)
    found = next((one for one in mails if one.id == mail), None)
    if found is None:
        raise StoreError(
            say(
                "mail {mail} is not of ticket {number}; `triagebot ticket show {number}` lists its mails",
                mail=mail,
                number=number,
            )
        )
    if found.id == case.mail or len(mails) == 1:
        raise StoreError(
            say("ticket {number} was made from mail {mail}; split off one of the others", mail=mail, number=number)
        )
    apart = _open_apart(store, case, found, mails, now)
    replan(store, view, now)
    return Outcome(
        apart,
        "new",
        (
            say(
                "Mail {mail} is ticket {number} now, and it is your turn; what answers it follows it there.",
                mail=mail,
                number=apart,
            ),
        ),
    )


def unmerge(store: Store, view: DeskView, kept: int, gone: int, now: datetime) -> Outcome:
    """Given a ticket and one that was merged into it, make them two again, as they were. Raise StoreError."""
    other = store.changes.find(gone)
    if other is None or other.merged_into != kept:
        raise StoreError(say("ticket {gone} is not part of ticket {kept}", gone=gone, kept=kept))
    store.changes.unmerge(find_case(store, kept), other, DEVELOPER, now)
    replan(store, view, now)
    state = find_case(store, gone).state
    return Outcome(
        gone, state, (say("Ticket {gone} is one of its own again: {state}.", gone=gone, state=say_name(state)),)
    )


def _open_apart(store: Store, case: Case, mail: Joined, mails: list[Joined], now: datetime) -> int:
    """Open a ticket for a mail. In the ticket's own conversation only the mail leaves it, and answers to the mail
    from now on; a conversation that had joined as a repeat leaves whole."""
    own = mail.thread is None or mail.thread == case.thread
    thread = mail.id if own else mail.thread or mail.id
    plan = TicketPlan(mail.kind or case.kind, _MINUTES, "new")
    new = NewTicket(
        plan=plan,
        tier=case.tier,
        subject=mail.subject or "(no subject)",
        text=f"{mail.subject}\n{mail.new_text}",
        mail=mail.id,
        thread=thread,
        client=case.client,
        sender_key=case.sender_key,
        reason=mail.reason,
    )
    number = store.tickets.open(new, now)
    store.changes.set_source(number, "split")
    if own and mail.message_id and mail.thread is not None:
        store.threads.begin_apart(mail.message_id, mail.thread, thread)
    for one in mails if not own else [mail]:
        if one.thread == mail.thread:
            store.changes.give(one.id, number, thread)
    store.tickets.tell(case.id, DEVELOPER, "split", f"mail {mail.id} is ticket {number} now", now)
    return number
