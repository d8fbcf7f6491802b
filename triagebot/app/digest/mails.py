"""Received mails as the digest shows them: who wrote what, what the desk made of it, and what can be said to that."""

import json
from collections.abc import Iterable, Iterator, Sequence

from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Desk
from triagebot.core.digest.content import Item, Tone
from triagebot.core.digest.order import Matter
from triagebot.core.names import say_name
from triagebot.core.phrase import Words, list_words, say
from triagebot.core.reading.address import sender_key
from triagebot.core.silences import say_silence
from triagebot.core.tickets.offered import ASSENT
from triagebot.core.tickets.written import staff_of
from triagebot.core.whys import say_why
from triagebot.edge.store import Store
from triagebot.edge.store.digests.matters import Arrived

_QUOTE_LINES = 6
"""So much of a mail is quoted; the rest is in the mailbox."""
NO_TEXT = 'send "…"'
"""How an answer of one's own is begun: as it stands it says nothing, and nothing is sent."""
NO_PRICE = "quote 3h …"
"""How a quote is begun: a whole line with a sample price would be an offer that one tap sends."""
_CHECKS, _PROOF = ("guard.", "limits."), "guard.authentication"
_OF_MACHINES = ("never", "bounce", "report")
_USUAL = ("new", "planned")
_FROM_ITS_HEADING = ("answered", "acknowledged", "planned", "held", "suppressed")
_KEPT = ("shadow", "draft", "drafted")


def list_mails(store: Store, view: DeskView, mails: Iterable[Arrived]) -> list[Arrived]:
    """Given mails, return those the developer does not know of: neither his own nor the desk's mails to itself."""
    found = list(mails)
    canaries = store.canaries.mails(min(mail.decided_at for mail in found)) if found else set()
    return [mail for mail in found if mail.id not in canaries and not _is_own(mail, view.desk)]


def _is_own(mail: Arrived, desk: Desk) -> bool:
    return bool(mail.state == "merged" and mail.sender and sender_key(mail.sender) in staff_of(desk))


def needs_you(mail: Arrived) -> bool:
    """Given a mail, return whether it asks for the developer: held and unreadable mail, work without a place in a
    support hour, and what clients wrote to an estimate."""
    if mail.handled:
        return False
    if mail.state == "merged":
        return mail.ticket_state in ("waiting-client", "new", "doing")
    if mail.state == "history":
        return mail.auth == "pass"  # it came while the desk was down for too long to be answered by itself
    return mail.state in ("held", "unreadable") or mail.ticket_state == "new"


def ref_of(mail: Arrived) -> str:
    """Given a mail, return what a command names it by: its ticket, while that is open, else the mail itself."""
    return str(mail.ticket) if mail.ticket and mail.ticket_state not in (None, "closed") else f"m{mail.id}"


def mail_matter(mail: Arrived, view: DeskView) -> Matter:
    """Given a mail that needs the developer, return it with why, and with its words."""
    quote = quote_of(mail.new_text)
    tone: Tone = "warn" if mail.kind == "emergency" else "calm"
    commands = () if mail.ticket else (NO_TEXT, "done") if mail.auth == "pass" else ("done",)
    ref = ref_of(mail)
    item = Item(_title(mail, view.desk), tuple(_lines(mail, ref)), quote, ref, commands, tone)
    return Matter(item, view.calendar.local(mail.decided_at).date())


def mail_item(mail: Arrived, view: DeskView, commands: tuple[str, ...] = ()) -> Item:
    """Given a mail that was dealt with and what can be said to that, return it with the words that decided it."""
    ref = ref_of(mail)
    return Item(_title(mail, view.desk), tuple(_lines(mail, ref)), ref=ref, commands=commands)


def answered_item(mail: Arrived, view: DeskView) -> Item:
    """Given a mail that was answered by itself, return it; what is said to it is said to that answer."""
    ref = f"m{mail.id}"
    return Item(_title(mail, view.desk), tuple(_lines(mail, ref)), ref=ref, commands=("no",))


def is_kept(mail: Arrived) -> bool:
    """Given a mail, return whether its answer was only written, and waits in shadow or Drafts."""
    return mail.answer in _KEPT


def name_sender(mail: Arrived, desk: Desk) -> Words:
    """Given a mail, return whose it is, as the developer knows them."""
    return desk.name_of(mail.client, mail.sender) or say("unknown sender")


def quote_of(text: str) -> str:
    """Given what somebody wrote, return so much of it as a digest quotes."""
    return "\n".join(text.splitlines()[:_QUOTE_LINES])


def say_subject(subject: str) -> Words:
    """Given a subject, return it, or that there is none."""
    return subject or say("(no subject)")


def _say_why(mail: Arrived, trail: Sequence[Sequence[str]]) -> Iterator[Words]:
    """Why it was not answered: what the checks found, else why there was no answer."""
    told = (_PROOF,) if _unproven(mail) else ()  # a line of its own says so
    found = [say_why(why) for step, _, why in trail if step.startswith(_CHECKS) and step not in told]
    if mail.codes and mail.verdict in _OF_MACHINES:
        yield say_silence(mail.codes)
    elif mail.codes and found:
        yield list_words(found, clauses=True)
    elif mail.codes and not _unproven(mail):
        yield mail.codes
    elif mail.state == "held":
        yield from [say_why(why) for step, verdict, why in trail if step == "reply" and verdict == "none"]


def say_matches(rules: str) -> Iterator[Words]:
    """Given the rules of a mail as they are written down, yield each with the words that made it match."""
    matches = json.loads(rules)
    if matches:
        yield "; ".join(f"{match['rule']} ({', '.join(match['words'])})" for match in matches)


def _title(mail: Arrived, desk: Desk) -> Words:
    return say("{who}: {subject}", who=name_sender(mail, desk), subject=say_subject(mail.subject))


def _unproven(mail: Arrived) -> str:
    """How badly its sender is proven, "" where he is."""
    return "" if mail.auth == "pass" else mail.auth or ""


def _lines(mail: Arrived, ref: str) -> Iterator[Words]:
    """What is known of it, without what its heading and its ref say."""
    joined = mail.state not in _FROM_ITS_HEADING
    if joined:
        yield say("mail {number}, {state}", number=mail.id, state=say_name(mail.state))
    yield from say_matches(mail.rules)
    if mail.ticket and (joined or ref != str(mail.ticket) or mail.ticket_state not in _USUAL):
        yield say("ticket {number}, {state}", number=mail.ticket, state=say_name(mail.ticket_state or ""))
    trail = json.loads(mail.trail)
    yield from (why for step, verdict, why in trail if step == ASSENT and verdict != "repeat")
    yield from _say_why(mail, trail)
    if unproven := _unproven(mail):
        yield say("NOT proven to come from {sender} ({state})", sender=mail.sender, state=say_name(unproven))
    yield from (str(told) for told in (mail.problem, mail.outsider) if told)
    if mail.state == "unreadable":
        command = f"triagebot explain {mail.id} --raw > mail-{mail.id}.eml"
        yield say("its bytes: {command}", command=command)
