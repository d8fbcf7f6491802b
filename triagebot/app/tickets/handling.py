"""What a person does to tickets, for the command line and for answers to the digest alike.

Each function works inside the caller's transaction, changes nothing or all of it, makes the plan of the coming hours
anew, and returns what to tell the developer. Each raises StoreError with one sentence when it cannot be done.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from triagebot.app.desk.view import DeskView
from triagebot.app.money.ledger import Booking, book_minutes
from triagebot.app.tickets.agenda import replan
from triagebot.core.decision import TicketPlan, TicketState
from triagebot.core.desk import Tier
from triagebot.core.errors import StoreError
from triagebot.core.files.problem import propose
from triagebot.core.names import say_name
from triagebot.core.phrase import ENGLISH, Phrase, Value, Words, say
from triagebot.core.reading.address import sender_key
from triagebot.core.rules.rule import DEMAND, Kind
from triagebot.core.tickets.ticket import forbid_change
from triagebot.core.tickets.work import plan_work
from triagebot.edge.store import Store
from triagebot.edge.store.work.changes import Case
from triagebot.edge.store.work.tickets import NewTicket

DEVELOPER = "developer"
_TWICE = timedelta(minutes=1)
_FAR = timedelta(days=730)
_MEANINGS: dict[TicketState, Phrase] = {
    "doing": say("Ticket {number} is being worked on."),
    "closed": say("Ticket {number} is closed."),
    "new": say("Ticket {number} is open again: it is your turn."),
    "planned": say("Ticket {number} is open again and in the plan."),
    "waiting-client": say("Ticket {number} waits for the client; its minutes are free until they write."),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did to a ticket: sentences for the developer, and whether anything changed. `tell_client`: the
    date the client was told before, when there is a new one that they must hear of."""

    ticket: int
    state: TicketState
    sentences: tuple[Words, ...]
    changed: bool = True
    promise: date | None = None
    tell_client: date | None = None

    @property
    def text(self) -> str:
        """The sentences in English."""
        return " ".join(map(ENGLISH.speak, self.sentences))


Change = Callable[[Store, DeskView, datetime], Outcome]


def find_case(store: Store, number: int, version: int | None = None) -> Case:
    """Given a ticket's number, and the version that was looked at if it matters, return it. Raise StoreError."""
    case = store.changes.find(number)
    if case is None:
        raise StoreError(say("there is no ticket {number}; see `triagebot tickets --all`", number=number))
    if case.merged_into is not None:
        kept = case.merged_into
        raise StoreError(say("ticket {number} is part of ticket {kept}; use that number", number=number, kept=kept))
    if version is not None and version != case.version:
        raise StoreError(
            say("ticket {number} was changed since; look at it (`triagebot ticket show {number}`)", number=number)
        )
    return case


def open_call(
    store: Store,
    view: DeskView,
    client: str,
    matter: str,
    now: datetime,
    *,
    minutes: int = 30,
    kind: Kind = "work",
    promise: date | None = None,
) -> Outcome:
    """Given a client's id (or anybody's address) and what they asked for on the phone, open a ticket, promised for a
    date or for the honest one. Raise StoreError."""
    known, person, tier = _find_caller(view, client)
    matter = " ".join(matter.split())
    if not matter or minutes < 1 or kind not in DEMAND:
        kinds = ", ".join(DEMAND)
        raise StoreError(
            say("say what is to be done, in a minute or more, and as one of the kinds {kinds}", kinds=kinds)
        )
    again = store.changes.called_lately(known, person, matter, now - _TWICE)
    if again is not None:
        raise StoreError(say("that is ticket {number}, opened within the last minute; nothing was done", number=again))
    today = view.calendar.local(now).date()
    if promise is not None:
        _check_day(view, promise, today)
    plan = plan_work(kind, minutes, "planned", tier, view.calendar, store.slots.booked(today), now)
    if promise is not None:
        plan = TicketPlan(kind, minutes, "planned", promise, (), promise, plan.answer_due and promise)
    new = NewTicket(plan=plan, tier=tier, subject=matter, text=matter, client=known, sender_key=person)
    number = store.tickets.open(new, now)
    store.changes.set_source(number, "call")
    replan(store, view, now)
    about: dict[str, Value] = {"number": number, "client": client, "minutes": minutes}
    if plan.promise is not None:
        sentence = say("Ticket {number} for {client}, {minutes} minutes; tell them {day}.", day=plan.promise, **about)
    else:
        sentence = say(
            "Ticket {number} for {client}, {minutes} minutes; no support hour has room for it within two years.",
            **about,
        )
    return Outcome(number, plan.state, (sentence,), promise=plan.promise)


def start(store: Store, view: DeskView, number: int, now: datetime, version: int | None = None) -> Outcome:
    """Given a ticket, note that it is being worked on. Raise StoreError."""
    return _put(store, view, find_case(store, number, version), "doing", "being worked on", now)


def finish(
    store: Store,
    view: DeskView,
    number: int,
    now: datetime,
    minutes: int | None = None,
    note: str = "",
    version: int | None = None,
) -> Outcome:
    """Given a ticket and how long it took, note that it is done and book the minutes, once. Raise StoreError or
    LedgerError, and then nothing is done."""
    case = find_case(store, number, version)
    if case.state == "done":
        if minutes:
            raise StoreError(
                say(
                    "ticket {number} is done already; for more minutes: {number} {minutes}m what was done",
                    number=number,
                    minutes=minutes,
                )
            )
        return Outcome(number, "done", (say("Ticket {number} is done already.", number=number),), changed=False)
    _check_state(case, "done")
    store.changes.set_state(case, "done", DEVELOPER, note or "done", now)
    store.changes.set_answered(number, now)
    sentences: list[Words] = [
        say("Ticket {number} is done; the client's thanks, or `{number} close`, ends it.", number=number)
    ]
    if minutes and case.client is None:
        sentences.append(note_minutes(store, case, minutes, now))
    elif minutes:
        key = f"ticket {number} done {case.version}"
        booking = Booking(key, case.client or "", minutes, note or case.subject or f"ticket {number}", number)
        sentences.append(book_minutes(store, view, booking, now).sentence)
    elif not case.minutes_done:
        sentences.append(say("No minutes are booked for it; if there were some: `{number} 25m`", number=number))
    replan(store, view, now)
    return Outcome(number, "done", tuple(sentences))


def note_minutes(store: Store, case: Case, minutes: int, now: datetime) -> Phrase:
    """Given a ticket of nobody's and minutes worked on it, count them there, and return a sentence about that."""
    store.ledger.count_minutes(case.id, minutes, now)
    return say(
        "{minutes} minutes are noted; nobody is billed, since {person} is no client.",
        minutes=minutes,
        person=case.sender_key,
    )


def move(store: Store, view: DeskView, number: int, day: date, now: datetime, version: int | None = None) -> Outcome:
    """Given a ticket and a local date, promise it for that date. Only a person moves a promise. Raise StoreError."""
    case = find_case(store, number, version)
    if case.state in ("done", "closed"):
        raise StoreError(
            say(
                "ticket {number} is {state}; there is nothing to move (`{number} reopen`)",
                number=number,
                state=say_name(case.state),
            )
        )
    _check_day(view, day, view.calendar.local(now).date())
    if case.promise == day:
        sentence = say("Ticket {number} is promised for {day} already.", number=number, day=day)
        return Outcome(number, case.state, (sentence,), changed=False)
    before = f"from {case.promise} to {day}" if case.promise else f"to {day}"
    store.changes.set_promise(case, day, DEVELOPER, before, now)
    replan(store, view, now)
    sentences = [say("Ticket {number} is promised for {day} now.", number=number, day=day)]
    if case.promise is not None:
        sentences.append(say("The client was told {day}: tell them the new date.", day=case.promise))
    return Outcome(number, case.state, tuple(sentences), promise=day, tell_client=case.promise)


def hold(store: Store, view: DeskView, number: int, now: datetime, version: int | None = None) -> Outcome:
    """Given a ticket that cannot go on without the client, let it wait for them. Raise StoreError."""
    return _put(store, view, find_case(store, number, version), "waiting-client", "waits for the client", now)


def close(
    store: Store, view: DeskView, number: int, now: datetime, why: str = "closed by hand", version: int | None = None
) -> Outcome:
    """Given a ticket, end it; its coming slots are free. Raise StoreError."""
    case = find_case(store, number, version)
    outcome = _put(store, view, case, "closed", why, now)
    if outcome.changed:
        store.slots.free(number, view.calendar.local(now).date())
    return outcome


def reopen(store: Store, view: DeskView, number: int, now: datetime, version: int | None = None) -> Outcome:
    """Given a ticket that is done or closed, take it up again, with the promise it had. Raise StoreError."""
    case = find_case(store, number, version)
    if case.state not in ("done", "closed"):
        sentence = say("Ticket {number} is open: {state}.", number=number, state=say_name(case.state))
        return Outcome(number, case.state, (sentence,), changed=False)
    state: TicketState = "planned" if case.promise or case.due else "new"
    return _put(store, view, case, "planned" if case.state == "done" else state, "reopened", now)


def _put(store: Store, view: DeskView, case: Case, state: TicketState, why: str, now: datetime) -> Outcome:
    sentence = replace(_MEANINGS[state], values=(("number", case.id),))
    if case.state == state:
        said = say("Ticket {number} is {state} already.", number=case.id, state=say_name(state))
        return Outcome(case.id, state, (said,), changed=False)
    _check_state(case, state)
    store.changes.set_state(case, state, DEVELOPER, why, now)
    replan(store, view, now)
    return Outcome(case.id, state, (sentence,))


def _check_state(case: Case, state: TicketState) -> None:
    if why := forbid_change(case.id, case.state, state):
        raise StoreError(why)


def _check_day(view: DeskView, day: date, today: date) -> None:
    if day < today:
        raise StoreError(say("{day} has passed; promise a day to come", day=day))
    if day - today > _FAR:
        raise StoreError(say("{day} is more than two years away; promise a day within them", day=day))
    if not view.calendar.is_open(day):
        following = next(iter(view.calendar.open_days(day, 366)), None)
        if following is None:
            raise StoreError(say("there is no support hour on {day}", day=day))
        raise StoreError(say("there is no support hour on {day}; the next one is {next}", day=day, next=following))


def _find_caller(view: DeskView, client: str) -> tuple[str | None, str, Tier]:
    known = view.desk.client_by_id(client)
    if known is not None:
        return known.id, sender_key(known.addresses[0]) if known.addresses else "", known.tier
    if "@" in client:
        key = sender_key(client)
        owner = next((one for one in view.desk.client if key in map(sender_key, one.addresses)), None)
        return (owner.id, key, owner.tier) if owner else (None, key, "none")
    mend = propose(client, [one.id for one in view.desk.client]) or "; write a client's id, or an address"
    raise StoreError(say("there is no client {client}{mend}", client=f"'{client}'", mend=mend))
