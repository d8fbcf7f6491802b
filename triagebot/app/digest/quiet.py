"""What was left without an answer and needs nobody: counted, so that a wrong one is still seen."""

from collections.abc import Sequence
from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.digest.mails import mail_item, name_sender, say_subject
from triagebot.app.outgoing.silence import list_silenced
from triagebot.core.digest.content import Item, Section
from triagebot.core.phrase import ENGLISH, Words, say, say_many
from triagebot.core.silences import say_silence
from triagebot.edge.store import Store
from triagebot.edge.store.digests.matters import Arrived

_MOST = 5
"""More mails than this are told as one line for each reason."""
_EXAMPLES = 3


def gather_suppressed(store: Store, view: DeskView, mails: Sequence[Arrived], since: datetime) -> Section:
    """Given the store, the desk, the mails that came since a moment, and that moment, return the section about what
    was left unanswered."""
    suppressed = [mail for mail in mails if mail.state == "suppressed"]
    if len(suppressed) > _MOST:
        items = _collapse(suppressed, view)
    else:
        items = tuple(mail_item(mail, view) for mail in suppressed)
    return Section(say("Suppressed"), (*list_silenced(store, view, since), *items))


def _collapse(mails: Sequence[Arrived], view: DeskView) -> tuple[Item, ...]:
    """One item for each reason, that of the most mails first."""
    by_kind: dict[Words, list[Arrived]] = {}
    for mail in mails:
        by_kind.setdefault(say_silence(mail.codes) or mail.verdict or mail.state, []).append(mail)
    ranked = sorted(by_kind.items(), key=lambda one: (-len(one[1]), ENGLISH.speak(one[0])))
    return tuple(_reason_item(kind, found, view) for kind, found in ranked)


def _reason_item(kind: Words, mails: Sequence[Arrived], view: DeskView) -> Item:
    if len(mails) == 1:
        return mail_item(mails[0], view)
    title = say_many("{kind}: {count} mail", "{kind}: {count} mails", len(mails), kind=kind)
    examples = tuple(
        say(
            "mail {number}, {who}: {subject}",
            number=mail.id,
            who=name_sender(mail, view.desk),
            subject=say_subject(mail.subject),
        )
        for mail in mails[-_EXAMPLES:]
    )
    return Item(title, examples)
