"""Gathering the digest from the database: its sections in their order, each left out when empty."""

from collections.abc import Collection, Sequence
from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.digest.hour import gather_hours
from triagebot.app.digest.mails import answered_item, is_kept, list_mails, mail_item, needs_you, ref_of
from triagebot.app.digest.money import gather_monthly
from triagebot.app.digest.needs import gather_needs
from triagebot.app.digest.notices import gather_notices
from triagebot.app.digest.quiet import gather_suppressed
from triagebot.app.digest.shadow import gather_shadow
from triagebot.app.digest.waiting import gather_waiting
from triagebot.app.money.unbooked import gather_offer_items
from triagebot.app.safety.proof import say_proof
from triagebot.app.tickets.agenda import make_plan
from triagebot.core.digest.content import Digest, Item, Section
from triagebot.core.phrase import Words, say, say_many
from triagebot.edge.store import Store
from triagebot.edge.store.digests.matters import Arrived

_MOST = 40
"""So many mails of one section are shown, the newest; the others are counted."""


def gather_digest(
    store: Store,
    snapshot: DeskView,
    now: datetime,
    since: datetime,
    due: datetime | None = None,
    *,
    pictures: bool = True,
) -> Digest:
    """Given the store, the desk, now and the moment of the last digest, return the digest of what came since. `due` is
    when it was to leave; None for one that somebody asked for. Without `pictures` none is drawn."""
    plan = make_plan(store, snapshot, now)
    mails = list_mails(store, snapshot, store.matters.came(since))
    needs = gather_needs(store, snapshot, plan, mails, since, now)
    shown = {item.ref for item in needs.items}
    sections = (
        needs,
        *gather_hours(store, snapshot, plan, now),
        Section(say("Minutes to book"), gather_offer_items(store, snapshot)),
        *_gather_dealt_with(mails, shown, snapshot),
        gather_waiting(store, snapshot, shown),
        gather_suppressed(store, snapshot, mails, since),
        *gather_shadow(store, snapshot, now, since),
        *gather_monthly(store, snapshot, now),
        *_gather_week(store, snapshot, now, pictures=pictures),
    )
    return Digest(
        title=_say_title(needs, snapshot, now),
        proof=say_proof(store, snapshot, now, since),
        notices=gather_notices(store, snapshot, now, since, due),
        sections=sections,
        day=snapshot.calendar.local(now).date(),
    )


def _gather_week(store: Store, view: DeskView, now: datetime, *, pictures: bool) -> tuple[Section, ...]:
    if not view.calendar.is_first_of_week(view.calendar.local(now).date()):
        return ()
    from triagebot.app.digest.weekly import gather_weekly  # late: four days of five it is not needed, nor what it reads

    return gather_weekly(store, view, now, pictures=pictures)


def _say_title(needs: Section, view: DeskView, now: datetime) -> Words:
    """The heading, and the subject of the mail: how much there is to decide, and the date."""
    desk, day = view.desk.desk.name, view.calendar.local(now).date()
    count = len(needs.items) + needs.more
    if count == 0:
        return say("{desk}: nothing to decide, {day}", desk=desk, day=day)
    return say_many("{desk}: {count} needs you, {day}", "{desk}: {count} need you, {day}", count, desk=desk, day=day)


def _gather_dealt_with(mails: Sequence[Arrived], shown: Collection[str], view: DeskView) -> tuple[Section, ...]:
    """What the desk did by itself, and what it only wrote down because of its mode; not what is shown above."""
    others = [mail for mail in mails if not needs_you(mail) and ref_of(mail) not in shown]
    answered = [mail for mail in others if mail.state in ("answered", "acknowledged")]
    kept = [mail for mail in answered if mail.answer == "shadow"]
    gone = [mail for mail in answered if not is_kept(mail)]
    planned = [mail for mail in others if mail.state in ("planned", "merged")]
    return (
        _section(say("Answered for you"), [answered_item(mail, view) for mail in gone]),
        _section(say("Would be answered (shadow mode)"), [answered_item(mail, view) for mail in kept]),
        _section(say("Planned"), [mail_item(mail, view) for mail in planned]),
    )


def _section(heading: Words, items: Sequence[Item]) -> Section:
    return Section(heading, tuple(items[-_MOST:]), more=max(0, len(items) - _MOST))
