"""Mails of ours that wait for the developer's word, each shown whole: what is approved is what was read."""

from triagebot.app.desk.view import DeskView
from triagebot.app.digest.mails import NO_TEXT, quote_of, say_matches, say_subject
from triagebot.core.digest.content import Item, Shown
from triagebot.core.digest.order import Matter
from triagebot.core.outgoing.compose import plain_text
from triagebot.core.phrase import Words, say
from triagebot.core.reading.text import strip_prefixes
from triagebot.edge.store import Store
from triagebot.edge.store.digests.matters import Pending
from triagebot.edge.store.digests.undoing import Scope


def list_drafts(store: Store, view: DeskView) -> list[Matter]:
    """Given the store and the desk, return each draft that waits for a word, with the mail it answers."""
    return [
        Matter(_item(store, draft, view), view.calendar.local(draft.created_at).date())
        for draft in store.matters.pending()
    ]


def _item(store: Store, draft: Pending, view: DeskView) -> Item:
    newer = store.outbox.newer_mail(draft.id)
    lines: list[Words] = []
    if draft.mail is not None:
        lines = [say("mail {number}: an answer waits for your word", number=draft.mail), *say_matches(draft.rules)]
    if newer is not None:
        lines.append(say("the client has written since (mail {number}): read that first", number=newer))
    if view.desk.inbox_of_answers is None:
        lines.append(f"triagebot outbox approve {draft.id}")
    return Item(
        say(
            "{who}: {subject}",
            who=view.desk.name_of(draft.client, draft.recipient),
            subject=say_subject(strip_prefixes(draft.subject)),
        ),
        tuple(lines),
        quote_of(draft.asked),
        ref=_ref(store, draft),
        commands=(NO_TEXT, "no") if newer is not None else ("ok", NO_TEXT, "no"),
        tone="warn" if newer is not None or draft.kind == "emergency" else "calm",
        shown=Shown(draft.recipient, draft.subject, plain_text(draft.raw)),
    )


def _ref(store: Store, draft: Pending) -> str:
    """The ticket or the mail it answers, where no other draft stands for that; else the draft itself."""
    if draft.ticket is not None:
        alone = len(store.undoing.pending(Scope(tickets=frozenset((draft.ticket,))))) == 1
        return str(draft.ticket) if alone and draft.ticket_state not in (None, "closed") else f"o{draft.id}"
    return f"o{draft.id}" if draft.mail is None else f"m{draft.mail}"
