"""`triagebot check --mail`: each inbox sends a mail to itself, which proves the whole path and shows what the provider
does to it on the way."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from triagebot.app.access.connection import make_submission, open_mailbox
from triagebot.app.desk.found import Found
from triagebot.app.desk.opening import writing
from triagebot.app.desk.stamps import judge_stamps, with_forged_results
from triagebot.app.desk.view import DeskView
from triagebot.app.health.canary import make_canary
from triagebot.app.outgoing.rows import plus_mark
from triagebot.core.desk import Inbox
from triagebot.core.errors import ServerError, StoreError, TriagebotError
from triagebot.core.outgoing.compose import compose
from triagebot.core.reading.headers import read_headers
from triagebot.edge.imap import Mailbox
from triagebot.edge.keys import read_key_or_throwaway

WAIT_SECONDS = 60.0
PAUSE_SECONDS = 2.0


@dataclass(slots=True)
class _Sent:
    """One of the two mails: where it went, and where it came back, if it did."""

    message_id: str
    recipient: str
    raw: bytes
    folder: str = ""
    head: bytes = b""
    seconds: float = 0.0


def check_by_mail(
    view: DeskView, tell: Callable[[str], None], wait_seconds: float = WAIT_SECONDS, pause: float = PAUSE_SECONDS
) -> Iterator[Found]:
    """Given a desk, who hears of the progress, and how long and in which steps to wait, yield what came of mails that
    each inbox sent to itself. They are answered by nobody."""
    key = read_key_or_throwaway(view.data / "key")
    for inbox in view.desk.inbox:
        try:
            yield from _check_inbox(inbox, view, key, tell, wait_seconds, pause)
        except TriagebotError as error:
            yield Found(f"mail {inbox.id}", False, str(error))


def _check_inbox(
    inbox: Inbox, view: DeskView, key: bytes, tell: Callable[[str], None], wait_seconds: float, pause: float
) -> Iterator[Found]:
    where, address = f"mail {inbox.id}", view.desk.address_of(inbox)
    token = secrets.token_hex(8)
    local, _, domain = address.rpartition("@")
    recipients = (address, f"{local}+c-{token}@{domain}")
    mails = [_write(inbox, view, address, recipient, key, token) for recipient in recipients]
    for mail in mails:
        asyncio.run(_send(inbox, view, address, mail))
    _wait_for(mails, inbox, view, tell, wait_seconds, pause)
    plain, plus = mails
    yield _judge_arrival(where, plain, wait_seconds)
    yield _judge_plus(where, plus, inbox, view)
    head = plain.head or plus.head
    if head:
        yield from judge_stamps(where, read_headers(head, view.desk.limits), inbox, token)


def _write(inbox: Inbox, view: DeskView, address: str, recipient: str, key: bytes, token: str) -> _Sent:
    cause = f"check {inbox.id} {token} {recipient}"
    draft = make_canary(view, address, recipient, key, cause, datetime.now(UTC))
    return _Sent(draft.message_id, recipient, with_forged_results(compose(draft, key), inbox, address, token))


async def _send(inbox: Inbox, view: DeskView, address: str, mail: _Sent) -> None:
    submission = make_submission(inbox.smtp, view)
    outcome = await submission.send(address, mail.recipient, mail.raw, _nothing)
    await submission.quit()
    if outcome.kind != "sent" and mail.recipient == address:
        said = f"{outcome.code or ''} {outcome.text}".strip()
        raise ServerError(f"SMTP {inbox.smtp.host}:{inbox.smtp.port} does not take a mail to {mail.recipient}: {said}")


async def _nothing() -> None:
    """Nothing is to be written down before such a mail leaves."""


def _wait_for(
    mails: list[_Sent], inbox: Inbox, view: DeskView, tell: Callable[[str], None], wait_seconds: float, pause: float
) -> None:
    """Look for the mails until all are back or the time is over."""
    began = time.monotonic()
    with closing(open_mailbox(inbox.imap, view)) as mailbox:
        folders = _folders(mailbox, inbox)
        while True:
            passed = time.monotonic() - began
            for mail in mails:
                if not mail.folder:
                    _look_for(mail, mailbox, folders, passed)
            missing = sum(not mail.folder for mail in mails)
            if not missing or passed >= wait_seconds:
                return
            tell(f"inbox {inbox.id}: {len(mails) - missing} of {len(mails)} mails to itself are back, {passed:.0f} s")
            time.sleep(pause)


def _folders(mailbox: Mailbox, inbox: Inbox) -> list[str]:
    """Where such a mail may lie: a daemon that runs moves it to `done`; a provider that takes it for spam elsewhere."""
    done = inbox.done if inbox.done and mailbox.has_folder(inbox.done) else ""
    named = (inbox.folder, done, mailbox.find_folder("junk"))
    return list(dict.fromkeys(name for name in named if name))


def _look_for(mail: _Sent, mailbox: Mailbox, folders: list[str], passed: float) -> None:
    for folder in folders:
        for uid in mailbox.find_message(folder, mail.message_id):
            mail.head = mailbox.fetch_headers([uid]).get(uid, b"")
            mail.folder, mail.seconds = folder, passed
            return


def _judge_arrival(where: str, mail: _Sent, wait_seconds: float) -> Found:
    if not mail.folder:
        text = f"the mail to {mail.recipient} did not come back within {wait_seconds:g} s: is that address this inbox?"
        return Found(where, False, text)
    return Found(where, True, f"a mail to {mail.recipient} came back into {mail.folder} after {mail.seconds:.0f} s")


def _judge_plus(where: str, mail: _Sent, inbox: Inbox, view: DeskView) -> Found:
    """Proved plus-addressing gives automatic mails an address of their own for bounces (safety.md B.1)."""
    shown = mail.recipient.partition("+")[0] + "+…@" + mail.recipient.rpartition("@")[2]
    works = mail.folder == inbox.folder or (bool(inbox.done) and mail.folder == inbox.done)
    try:
        with writing(view) as store:
            task = plus_mark(inbox.id)
            if works:
                store.health.do_once(task, datetime.now(UTC))
            else:
                store.health.forget(task)
        kept = "bounces are matched by it from now on" if works else "bounces are matched without it"
    except StoreError:
        kept = "check this again when the desk has run for the first time, so that it is remembered"
    if works:
        return Found(where, True, f"mail to {shown} arrives as well; {kept}")
    return Found(where, True, f"mail to {shown} does not arrive here; {kept}")
