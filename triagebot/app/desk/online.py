"""`triagebot check --online`: log in everywhere and look at what only the servers know."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from triagebot.app.desk.snapshot import Snapshot
from triagebot.core.desk import Inbox
from triagebot.core.errors import TriagebotError
from triagebot.core.reading.headers import read_headers
from triagebot.core.sender.proposal import Proposal, propose_trust
from triagebot.edge.authentication import read_results
from triagebot.edge.imap import Mailbox
from triagebot.edge.secrets import read_secret
from triagebot.edge.smtp import Submission
from triagebot.edge.tls import make_context

RECENT = 50


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at: where, whether it is good, and a sentence."""

    where: str
    good: bool
    text: str

    def __str__(self) -> str:
        return f"{'good' if self.good else 'MEND'}  {self.where}: {self.text}"


def check_online(snapshot: Snapshot) -> Iterator[Found]:
    """Given a checked desk, yield what each of its servers says. Nothing is written anywhere."""
    for inbox in snapshot.desk.inbox:
        try:
            yield from _check_imap(inbox, snapshot)
        except TriagebotError as error:
            yield Found(f"inbox {inbox.id}", False, str(error))
        yield _check_smtp(inbox, snapshot)


def _check_imap(inbox: Inbox, snapshot: Snapshot) -> Iterator[Found]:
    where, server = f"inbox {inbox.id}", inbox.imap
    password = read_secret(server.password, snapshot.directory)
    context = make_context(server.ca, snapshot.directory) if server.security != "none" else None
    with closing(Mailbox(server, password, context)) as mailbox:
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
        context = make_context(smtp.ca, snapshot.directory) if smtp.security != "none" else None
        submission = Submission(smtp, lambda: read_secret(smtp.password, snapshot.directory), context)
        refusal = asyncio.run(submission.check())
    except TriagebotError as error:
        return Found(where, False, str(error))
    if refusal is not None:
        return Found(
            where, False, f"SMTP {smtp.host}:{smtp.port}: {refusal.code or ''} {refusal.text}".replace("  ", " ")
        )
    return Found(where, True, f"logged in at {smtp.host}:{smtp.port} ({smtp.security})")
