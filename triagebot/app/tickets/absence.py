"""Absences in daily use: announced by files or a command, they move dates that were told, and clients hear of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.desk.view import DeskView
from triagebot.app.outgoing.answers import recipient_code
from triagebot.app.outgoing.letters import post, write_to_client
from triagebot.app.render import render_reply
from triagebot.app.tickets.agenda import make_plan, replan
from triagebot.core.decision import Moved, ReplyPlan, ReplyValues
from triagebot.core.desk import Absence, Mode, Tier
from triagebot.core.hours.absence import Promise, Shift, find_shifts, name_absence, say_matter
from triagebot.core.modes import stricter
from triagebot.core.outgoing.compose import ComposeError, Draft
from triagebot.core.outgoing.retry import expires_at
from triagebot.core.reading.text import reply_subject
from triagebot.edge.replies import ReplyError
from triagebot.edge.store import Store
from triagebot.edge.store.work.promises import Told
from triagebot.edge.store.work.slots import Owed

_MARK = "absence/"
_PART = "chore absence"


@dataclass(frozen=True, slots=True)
class MovedTicket:
    """A ticket whose date was moved, and where its client was written to (None: was told nothing by a mail). `is_told`
    is False where the mail with the date before has not left."""

    ticket: Owed
    shift: Shift
    told: Told | None
    is_told: bool = True


def move_promises(store: Store, snapshot: Snapshot, key: bytes, now: datetime) -> tuple[MovedTicket, ...]:
    """Given the store inside a transaction and the desk as its files are now, move the dates that new absences make
    impossible, write to each client once, and plan anew. Return what was moved.

    What cannot be put into words (a reply file is missing) stays as it was told, and the health of the desk says so.
    """
    today = snapshot.calendar.local(now).date()
    coming = [absence for absence in snapshot.calendar.hour.absences if absence.last >= today]
    known = set(store.health.names_done(_MARK))
    fresh = [absence for absence in coming if name_absence(absence) not in known]
    for name in known - {name_absence(absence) for absence in coming}:
        store.health.forget(name)
    if not fresh and len(known) == len(coming):
        return ()
    shifts = _find_shifts(store, snapshot, fresh, now) if fresh else ()
    try:
        with store.step():
            moved = _move(store, snapshot, shifts, fresh, key, now)
            for absence in fresh:
                store.health.do_once(name_absence(absence), now)
    except (ReplyError, ComposeError) as error:
        store.health.fails(_PART, f"dates that an absence moves were not moved: {error}", now)
        moved = ()
    else:
        store.health.ends(_PART)
    replan(store, snapshot, now)
    return moved


def _find_shifts(
    store: Store, view: DeskView, fresh: Sequence[Absence], now: datetime
) -> tuple[tuple[Owed, Shift], ...]:
    """Compare the plan with the new absences to the one there would be without them."""
    hour = view.calendar.hour
    kept = tuple(absence for absence in hour.absences if absence not in fresh)
    without = replace(view, calendar=replace(view.calendar, hour=replace(hour, absences=kept)))
    plan, before = make_plan(store, view, now), make_plan(store, without, now)
    ends, ends_before = plan.agenda.finish_of(), before.agenda.finish_of()
    promises = [_promise(ticket, ticket.promise, ends, ends_before) for ticket in plan.owed.values() if ticket.promise]
    return tuple((plan.owed[shift.ticket], shift) for shift in find_shifts(promises, fresh, view.calendar, now))


def _promise(ticket: Owed, told: date, ends: Mapping[int, date], ends_before: Mapping[int, date]) -> Promise:
    number = ticket.ticket
    answered = ticket.answered_at is not None
    return Promise(number, told, ticket.due, ticket.answer_due, answered, ends.get(number), ends_before.get(number))


def _move(
    store: Store,
    snapshot: Snapshot,
    shifts: Iterable[tuple[Owed, Shift]],
    fresh: Sequence[Absence],
    key: bytes,
    now: datetime,
) -> tuple[MovedTicket, ...]:
    why = ", ".join(f"{absence.first} to {absence.last}" for absence in fresh)
    people: dict[str, list[MovedTicket]] = {}
    for ticket, shift in shifts:
        if not store.promises.move(shift.ticket, shift.before, shift.after, shift.due, shift.answer_due, now):
            continue
        what = f"date moved from {shift.before} to {shift.after or 'none'}"
        store.tickets.tell(shift.ticket, "triagebot", what, f"absence {why}", now)
        one = MovedTicket(ticket, shift, _where_to(store, snapshot, ticket))
        people.setdefault(ticket.client or ticket.sender_key, []).append(one)
    for several in people.values():
        _write(store, snapshot, [one for one in several if one.told is not None], key, now, fresh[0])
    return tuple(one for several in people.values() for one in several)


def _where_to(store: Store, view: DeskView, ticket: Owed) -> Told | None:
    """Where the client was told the date; one who called was told too, and has an address."""
    told = store.promises.told(ticket.ticket)
    client = view.desk.client_by_id(ticket.client or "")
    if not told.address and told.source != "mail" and client is not None and client.addresses:
        told = replace(told, address=client.addresses[0])
    return told if told.address and view.desk.inbox else None


def draft_moved(
    store: Store, snapshot: Snapshot, shift: Shift, key: bytes, now: datetime, *, is_told: bool = True
) -> int | None:
    """Given the store inside a transaction and a date that a person moved, which the client knows or not, write the
    mail that tells them the new one, for the Drafts folder. Return its row, or None when there is nobody who was told
    by a mail. Raise ReplyError or ComposeError."""
    ticket = next((one for one in store.slots.owed() if one.ticket == shift.ticket), None)
    told = _where_to(store, snapshot, ticket) if ticket is not None else None
    if ticket is None or told is None:
        return None
    return _write(store, snapshot, [MovedTicket(ticket, shift, told, is_told)], key, now)


def _write(
    store: Store,
    snapshot: Snapshot,
    moved: Sequence[MovedTicket],
    key: bytes,
    now: datetime,
    absence: Absence | None = None,
) -> int | None:
    """One mail to a client about all of its dates, in the thread of the first. Return its row. Without an absence a
    person moved them, and looks at the mail or has approved it."""
    if not moved:
        return None
    first, told, desk = moved[0], moved[0].told, snapshot.desk
    assert told is not None  # noqa: S101 - only those are given
    plan = _plan_mail(snapshot, moved, told, absence)
    if absence is None:
        plan = replace(plan, mode=stricter(plan.mode, "draft"))
    cause = "moved " + " ".join(f"{one.ticket.ticket} {one.shift.before} {one.shift.after}" for one in moved)
    if absence is None:  # a person may move it there, back, and there again
        cause += f" {now.isoformat()}"
    draft = _draft(snapshot, plan, told, cause, key, now)
    due = now + plan.delay
    return post(
        store,
        draft,
        key,
        "auto",
        told.inbox or desk.inbox[0].id,
        plan.mode,
        cause,
        now,
        due,
        expires_at("approved", due),
        ticket=first.ticket.ticket,
        thread=told.thread,
        client=first.ticket.client,
        sender_key=told.sender_key,
        answers=("moved",),
        recipient_code=recipient_code(draft.to, desk, key),
    )


def _draft(snapshot: Snapshot, plan: ReplyPlan, told: Told, cause: str, key: bytes, now: datetime) -> Draft:
    automatic = plan.mode == "live"
    words = render_reply(plan, snapshot.replies, automatic=automatic)
    parents = (told.message_id,) if told.message_id else ()
    if automatic:
        return write_to_client(snapshot, key, "auto", cause, plan.to, words, parents, now, "auto-generated")
    return write_to_client(snapshot, key, "approved", cause, plan.to, words, parents, now)


def _plan_mail(snapshot: Snapshot, moved: Sequence[MovedTicket], told: Told, absence: Absence | None) -> ReplyPlan:
    """The client's own subject may be echoed to a known client; to all others it is the fixed one."""
    desk, ticket = snapshot.desk, moved[0].ticket
    client = desk.client_by_id(ticket.client or "")
    wanted = (client.language if client else "", told.language, desk.desk.language)
    values = ReplyValues(
        desk_name=desk.desk.name,
        desk_address=desk.desk.address,
        tier=ticket.tier,
        booking=desk.booking,
        client_name=client.name if client else "",
        promise=moved[0].shift.after,
        absence=absence,
        moved=tuple(
            Moved(
                say_matter(one.ticket.subject) if client else "",
                one.shift.before if one.is_told else None,
                one.shift.after,
            )
            for one in moved
        ),
    )
    return ReplyPlan(
        answers=(),
        closing="moved",
        languages=tuple(dict.fromkeys(language for language in wanted if language)),
        to=told.address,
        subject=reply_subject(ticket.subject) if client and len(moved) == 1 else "",
        mode=_mode(snapshot, ticket.tier),
        values=values,
        delay=desk.outbox.approved_delay,
    )


def _mode(view: DeskView, tier: Tier) -> Mode:
    settings = view.desk.desk
    return stricter(settings.absence_mode, settings.tier_modes.get(tier, settings.mode))
