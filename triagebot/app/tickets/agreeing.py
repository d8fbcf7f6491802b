"""What the desk would have answered, compared with what the developer answered himself: one verdict for each rule that
made the answer. Jobs inside a transaction of whoever calls."""

from collections.abc import Iterator
from datetime import datetime

from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.render import render_answer
from triagebot.core.agreement import Verdict, choose_rules, compare
from triagebot.core.decision import ReplyValues
from triagebot.core.outgoing.compose import plain_text
from triagebot.core.reading.headers import read_headers
from triagebot.core.rules.rule import Rule
from triagebot.edge.replies import ReplyError
from triagebot.edge.store import Store
from triagebot.edge.store.digests.agreements import Kept
from triagebot.edge.store.received.sentmails import SentMail


def compare_answers(store: Store, number: int, sent: SentMail, thread: int, snapshot: Snapshot, now: datetime) -> None:
    """Given a mail of the developer's to a client (its number, its words and its thread), compare it with the answer
    the desk has kept for that client, if there is one, and write down for each rule whether they say the same.

    An answer that is only a closing ("it is planned for …") says nothing that could be compared.
    """
    kept = store.agreements.find_kept(sent.answers, thread, sent.sent_at)
    if kept is None:
        return
    verdicts: list[tuple[str, Verdict]] = []
    for rule in choose_rules(kept.rules, kept.answers, snapshot.book.rules.rules):
        verdict = compare(_say_answer(rule, kept, snapshot), sent.text) if rule.reply in kept.answers else None
        if verdict is not None:
            verdicts.append((rule.id, verdict))
    store.agreements.compared(kept.mail, verdicts, number, now)


def _say_answer(rule: Rule, kept: Kept, snapshot: Snapshot) -> str:
    """The rule's own part of the kept answer, as its file says now; the whole answer where that cannot be had."""
    desk = snapshot.desk
    client = desk.client_by_id(kept.client or "")
    values = ReplyValues(
        desk_name=desk.desk.name,
        desk_address=desk.desk.address,
        tier=kept.tier,
        booking=desk.booking,
        plans=desk.plan,
        client_name=client.name if client else "",
        vendors=desk.vendors_of(client, rule.vendor),
    )
    for language in _languages(kept, snapshot):
        try:
            return render_answer(rule.reply, values, snapshot.replies, language)
        except ReplyError:
            continue
    return plain_text(kept.raw)


def _languages(kept: Kept, snapshot: Snapshot) -> Iterator[str]:
    """The language the answer is written in, then those it may have been."""
    written = read_headers(kept.raw, snapshot.desk.limits).first("content-language").strip()
    yield from dict.fromkeys(filter(None, (written, kept.language, snapshot.desk.desk.language)))
