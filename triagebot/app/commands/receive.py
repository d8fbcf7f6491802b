"""Taking in an answer to the digest: is it believed, what does it say, and what comes of each line (safety.md E).

All of it is part of the transaction that decides the mail: the answer is used up, its commands take effect and the mail
that confirms them waits in the outbox, or nothing of that happened.
"""

import logging
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from triagebot.app.arrived import Arrived
from triagebot.app.desk.snapshot import Snapshot
from triagebot.core.commands.belief import Doubt, find_doubt, is_older
from triagebot.core.commands.lines import read_commands
from triagebot.core.commands.token import Claim, code_of, find_claims, is_genuine
from triagebot.core.decision import Decision, MailState, Step
from triagebot.core.mail import Mail
from triagebot.core.outgoing.compose import plain_text
from triagebot.core.outgoing.identity import loop_code, own_id_kind
from triagebot.core.reading.address import sender_key
from triagebot.core.rules.fold import fold
from triagebot.edge.store import Store
from triagebot.edge.store.digests.digests import KnownDigest
from triagebot.edge.store.received.mails import Identity

log = logging.getLogger(__name__)
ANSWER = "answer"
"""The last step of the trail of a mail that answers a digest, or pretends to."""
_RETURNED = ("bounce", "report")


def take_answer(
    store: Store, arrived: Arrived, decision: Decision, snapshot: Snapshot, key: bytes, now: datetime
) -> Decision | None:
    """Given the store inside a transaction, a mail and what would be decided about it, carry out what it commands if it
    is the developer's answer to a digest. Return how it was decided instead; None for a mail that is no such answer.

    One that only pretends to be an answer does nothing: it is held, or suppressed when a machine sent it or when it
    came before, and the reason is written down.
    """
    mail = arrived.mail
    if decision.guard.verdict in _RETURNED or _is_ours(mail, key):
        return None
    claims = find_claims(mail, key, snapshot.desk.own_addresses)
    if not claims:
        return None
    digest = _find_digest(store, claims, key, snapshot.desk.desk.developer[0])
    doubt = _doubt(store, arrived, decision, digest, snapshot, now)
    if doubt is not None or digest is None:
        return _ignore(store, arrived, decision, digest, doubt or _UNKNOWN, now)
    # Late, since all that commands need is much to load, and few mails are answers.
    from triagebot.app.commands.confirm import confirm
    from triagebot.app.commands.run import run_commands

    store.digests.take_answer(digest.id, arrived.row, _name(mail), _body_key(mail), now)
    said = read_commands(mail.content.text, snapshot.calendar.local(now).date(), _shown_lines(store, digest))
    results = run_commands(store, snapshot, key, said, digest, arrived.row, now)
    told = confirm(store, snapshot, key, arrived.inbox, mail, digest, results, now)
    done = sum(result.outcome == "done" for result in results)
    log.info("mail=%d digest=%s lines=%d done=%d", arrived.row, digest.code, len(results), done)
    why = f"an answer to the {digest.kind} of {digest.made_at:%Y-%m-%d}: {done} of {len(results)} lines done"
    if not told:
        why += "; not confirmed, since too many answers of this day did nothing"
        return _write_down(store, arrived, _with_problem(mail, why), decision, "held", why, now)
    # What he wrote is in the log of commands; the digest he quotes, and the clients in it, are not kept again.
    kept = replace(mail, content=replace(mail.content, text="", new_text=""))
    return _write_down(store, arrived, kept, decision, "merged", why, now)


_UNKNOWN = Doubt(
    "token", "its token is not one this desk made, or was altered, or belongs to a mail that is not known any more"
)


def _is_ours(mail: Mail, key: bytes) -> bool:
    """Our own digest or confirmation, come back to a desk whose address is the developer's."""
    marked = loop_code(key) in mail.headers.all("x-triagebot-loop")
    return marked or bool(mail.message_id and own_id_kind(key, mail.message_id))


def _find_digest(store: Store, claims: tuple[Claim, ...], key: bytes, developer: str) -> KnownDigest | None:
    """The digest that the surest of the claims names which is proven: by its token's MAC, or by the one in its id."""
    for claim in claims:
        if claim.message_id:
            digest = store.digests.find_by_message_id(claim.message_id)
        else:
            code = code_of(claim.token)
            digest = store.digests.find(code) if code is not None else None
            if digest is not None and not is_genuine(key, claim.token, digest.expires_at, developer):
                digest = None
        if digest is not None:
            return digest
    return None


def _doubt(
    store: Store,
    arrived: Arrived,
    decision: Decision,
    digest: KnownDigest | None,
    snapshot: Snapshot,
    now: datetime,
) -> Doubt | None:
    mail = arrived.mail
    found = find_doubt(mail, arrived.authentication, decision.guard, snapshot.desk.desk.developer)
    if found is not None:
        return found
    if digest is None:
        return _UNKNOWN
    if arrived.backfill or arrived.rescan:
        return Doubt("again", "it was found while the mailbox was read again, and may have been carried out before")
    if now >= digest.expires_at:
        return Doubt(
            "expired", f"the mail it answers expired on {digest.expires_at:%Y-%m-%d}; answer the newest digest"
        )
    if is_older(mail, digest.made_at):
        return Doubt("older", f"it was written before the mail it answers ({digest.made_at:%Y-%m-%d}), about another")
    before = store.digests.came_before(_name(mail))
    if before is not None:
        return Doubt("replay", f"it came and was carried out before (mail {before})", quiet=True)
    before = store.digests.said_before(digest.id, _body_key(mail))
    if before is not None:
        return Doubt("replay", f"another mail said the same and was carried out (mail {before})")
    return None


def _ignore(
    store: Store, arrived: Arrived, decision: Decision, digest: KnownDigest | None, doubt: Doubt, now: datetime
) -> Decision:
    """Nothing happens, and that is written down: in the program's log, in that of commands, and with the mail."""
    why = f"an answer to the digest that was not believed: {doubt.why}"
    log.warning("mail=%d answer not believed: %s", arrived.row, doubt.code)
    store.commands.add("ignored", why, now, digest=digest.id if digest else None, mail=arrived.row)
    state: MailState = "suppressed" if doubt.quiet else "held"
    if arrived.backfill and decision.state == "history":
        state = "history"
    return _write_down(store, arrived, _with_problem(arrived.mail, why), decision, state, why, now)


def _write_down(
    store: Store, arrived: Arrived, mail: Mail, decision: Decision, state: MailState, why: str, now: datetime
) -> Decision:
    """The mail ends in a state of its own: no reply, no ticket and no alert come of it."""
    kept = Decision(
        guard=decision.guard,
        sender=decision.sender,
        language=decision.language,
        state=state,
        trail=(*decision.trail, Step(ANSWER, state, why)),
    )
    address = decision.sender.address
    identity = Identity(_body_key(arrived.mail), sender_key(address) if address else "", arrived.row)
    store.mails.decide(arrived.row, mail, kept, identity, None, None, now)
    return kept


def _with_problem(mail: Mail, why: str) -> Mail:
    return replace(mail, content=replace(mail.content, problem=why))


def _name(mail: Mail) -> str:
    """What a mail is known by when it comes again: its id, or where it has none, all of it."""
    return mail.message_id or mail.content_key


def _body_key(mail: Mail) -> str:
    return sha256(" ".join(fold(mail.content.text).split()).encode("utf-8", "replace")).hexdigest()


def _shown_lines(store: Store, digest: KnownDigest) -> tuple[str, ...]:
    """The digest's own lines in their order, which a mail program may repeat without any mark."""
    row = store.outbox.find_by_message_id(digest.message_id)
    raw = store.privacy.bytes_of(row["id"]) if row is not None else None
    return tuple(line.strip() for line in plain_text(raw).splitlines() if line.strip()) if raw else ()
