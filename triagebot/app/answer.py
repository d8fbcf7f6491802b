"""What a mail is answered: decision, words and bytes; neither database nor server is touched."""

from dataclasses import dataclass, replace
from datetime import datetime

from triagebot.app.desk.snapshot import Snapshot
from triagebot.app.render import Rendered, render_reply
from triagebot.core.decision import Authentication, Decision, ReplyPlan, Sender, Step
from triagebot.core.facts import Facts
from triagebot.core.mail import Mail
from triagebot.core.outgoing.compose import ComposeError, Draft, compose
from triagebot.core.outgoing.identity import make_message_id
from triagebot.core.tickets.consent import take_back, withdraw
from triagebot.core.triage import triage
from triagebot.edge.replies import ReplyError


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision with its reply in words and in bytes; both None where nothing is sent."""

    decision: Decision
    rendered: Rendered | None = None
    draft: Draft | None = None
    raw: bytes = b""


def answer_mail(
    mail: Mail,
    authentication: Authentication,
    facts: Facts,
    snapshot: Snapshot,
    key: bytes,
    now: datetime,
    sender: Sender | None = None,
    *,
    keep: bool = False,
) -> Answer:
    """Given a mail, what is known and the desk, return the decision and the reply. Touches nothing.

    A reply file that cannot be filled in never loses the mail: it is held, and the trail says why. A draft is
    written as the developer would send it, without the marks and words of an automatic mail (safety.md B); with
    `keep` one of shadow mode too, so that it can be approved as it is.
    """
    decision = triage(mail, authentication, facts, snapshot.book, now, sender)
    if decision.reply is None:
        return Answer(decision)
    try:
        automatic = decision.reply.mode == "live" or (decision.reply.mode == "shadow" and not keep)
        rendered = render_reply(decision.reply, snapshot.replies, automatic=automatic)
        draft = _draft(mail, decision.reply, rendered, snapshot, key, now, automatic=automatic)
        raw = compose(draft, key)
    except (ReplyError, ComposeError) as error:
        step = Step("reply.text", "held", str(error))
        ticket, turn = withdraw(decision.ticket), take_back(decision.turn)
        trail = (*decision.trail, step)
        return Answer(replace(decision, reply=None, ticket=ticket, turn=turn, state="held", trail=trail))
    return Answer(decision, rendered, draft, raw)


def _draft(
    mail: Mail,
    plan: ReplyPlan,
    rendered: Rendered,
    snapshot: Snapshot,
    key: bytes,
    now: datetime,
    *,
    automatic: bool,
) -> Draft:
    desk = snapshot.desk
    own = {address.lower(): address for address in desk.own_addresses}
    written_to = (own.get(address.spec.lower()) for address in mail.to)
    from_address = next((address for address in written_to if address), desk.desk.address)
    kind = "auto" if automatic else "approved"
    return Draft(
        message_id=make_message_id(key, kind, mail.content_key, from_address.rpartition("@")[2]),
        from_name=desk.desk.name,
        from_address=from_address,
        to=plan.to,
        subject=rendered.subject,
        date=now.astimezone(snapshot.book.calendar.zone),
        text=rendered.text,
        html=rendered.html,
        language=rendered.language,
        parents=(*mail.references, mail.message_id) if mail.message_id else (),
        automatic="auto-replied" if automatic else "",
    )
