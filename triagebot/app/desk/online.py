"""`triagebot check --online`: log in everywhere and look at what only the servers know."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime

from triagebot.app.access.connection import make_submission, open_mailbox
from triagebot.app.access.tokens import describe_signins
from triagebot.app.desk.found import Found
from triagebot.app.desk.roundtrip import check_by_mail
from triagebot.app.desk.snapshot import Snapshot
from triagebot.core.desk import Inbox
from triagebot.core.errors import TriagebotError
from triagebot.core.reading.headers import read_headers
from triagebot.core.sender.proposal import Proposal, propose_trust
from triagebot.edge.authentication import read_results
from triagebot.edge.imap import Mailbox

RECENT = 50


def check_servers(snapshot: Snapshot, tell: Callable[[str], None], *, by_mail: bool) -> Iterator[Found]:
    """Given a checked desk, yield what each of its servers says and, if asked for, what came of mails to itself.
    `tell` hears of the progress."""
    yield from check_online(snapshot)
    if by_mail:
        yield from check_by_mail(snapshot, tell)


def check_online(snapshot: Snapshot) -> Iterator[Found]:
    """Given a checked desk, yield what each of its servers says. Nothing is written anywhere."""
    for inbox in snapshot.desk.inbox:
        try:
            yield from _check_imap(inbox, snapshot)
        except TriagebotError as error:
            yield Found(f"inbox {inbox.id}", False, str(error))
        yield _check_smtp(inbox, snapshot)
    for one in describe_signins(snapshot, datetime.now(UTC)):
        lasts = f"signed in at {one['signed_in']}; it lasts until {one['ends'] or ''}{one['lasts'] or ''}"
        yield Found(f"sign-in {one['id']}", not one["problem"], one["problem"] or f"{one['account']} {lasts}")


def _check_imap(inbox: Inbox, snapshot: Snapshot) -> Iterator[Found]:
    where, server = f"inbox {inbox.id}", inbox.imap
    with closing(open_mailbox(server, snapshot)) as mailbox:
        selected = mailbox.select(inbox.folder, writable=False)
        yield Found(where, True, f"logged in ({server.security}), {inbox.folder} holds {selected.exists} mails")
        watch = "IDLE" if mailbox.can_idle() else "a look every minute (the server has no IDLE)"
        yield Found(where, True, f"new mail is noticed by {watch}")
        for use, named in (("sent", inbox.sent), ("drafts", inbox.drafts)):
            folder = named or mailbox.find_folder(use)
            text = f"the {use} folder is {folder}" if folder else f"no {use} folder was found; name it with `{use}`"
            yield Found(where, bool(folder), text)
        if inbox.keyword and not selected.keywords:
            yield Found(
                where, False, f"the server keeps no keywords, so {inbox.keyword} cannot be set; remove `keyword`"
            )
        yield _judge_trust(inbox, _look_at_recent(mailbox, snapshot))


def _look_at_recent(mailbox: Mailbox, snapshot: Snapshot) -> Proposal:
    recent = mailbox.list_after(0)[-RECENT:]
    blocks = (
        [read_headers(raw, snapshot.desk.limits) for raw in mailbox.fetch_headers(recent).values()] if recent else []
    )
    return propose_trust((block, read_results(block)) for block in blocks)


def _judge_trust(inbox: Inbox, proposal: Proposal) -> Found:
    where, seen = f"inbox {inbox.id}", f"{proposal.stamped} of {proposal.looked_at} recent mails"
    wanted = f"authserv_ids = {_toml(proposal.authserv_ids)}, trusted_mx = {_toml(proposal.trusted_mx)}"
    if not proposal.authserv_ids:
        effect = "nobody is answered" if not inbox.authserv_ids else "keep what you have only if you know it is right"
        return Found(
            where,
            bool(inbox.authserv_ids),
            f"no one server stamps Authentication-Results on most mail ({seen}); without it a forged sender cannot be"
            f" told from a real one: {effect}",
        )
    if not inbox.authserv_ids:
        text = f"authserv_ids is empty, so nobody is answered; your provider stamps {seen}: set {wanted}"
        return Found(where, False, text)
    if set(proposal.authserv_ids) <= set(inbox.authserv_ids) and set(proposal.trusted_mx) <= set(inbox.trusted_mx):
        return Found(where, True, f"authserv_ids fits {seen}")
    fits = any(one.startswith("*.") for one in (*inbox.authserv_ids, *inbox.trusted_mx))
    return Found(where, fits, f"recent mail ({seen}) suggests {wanted}")


def _toml(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def _check_smtp(inbox: Inbox, snapshot: Snapshot) -> Found:
    where, smtp = f"send {inbox.id}", inbox.smtp
    try:
        refusal = asyncio.run(make_submission(smtp, snapshot).check())
    except TriagebotError as error:
        return Found(where, False, str(error))
    if refusal is not None:
        return Found(
            where, False, f"SMTP {smtp.host}:{smtp.port}: {refusal.code or ''} {refusal.text}".replace("  ", " ")
        )
    return Found(where, True, f"logged in at {smtp.host}:{smtp.port} ({smtp.security})")
