"""The copies of a person's mails on the mail server, as far as the database knows them (safety.md H, F.1)."""

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from triagebot.app.access.connection import open_mailbox
from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Inbox, Limits
from triagebot.core.person import Person
from triagebot.core.reading.headers import message_ids, read_headers, read_sender
from triagebot.edge.imap import Mailbox
from triagebot.edge.store.rows import instant

_AT_ONCE = 100
_TWO = 2

Progress = Callable[[str], None]


def remove_copies(view: DeskView, person: Person, rows: Sequence[dict[str, Any]], tell: Progress) -> int:
    """Given the rows of a person's mails, remove their copies in the watched folders and in `done`; `tell` is given a
    line for each step. Return how many. Raise ServerError, SecretError or StoreError; what was removed stays removed.
    """
    removed = 0
    for inbox in view.desk.inbox:
        here = [row for row in rows if row["inbox"] == inbox.id]
        if not here:
            continue
        with closing(open_mailbox(inbox.imap, view)) as mailbox:
            removed += _remove_watched(mailbox, inbox, here, tell)
            if inbox.done and mailbox.has_folder(inbox.done):
                removed += _remove_done(mailbox, inbox, person, here, tell)
    return removed


def _remove_watched(mailbox: Mailbox, inbox: Inbox, rows: Sequence[dict[str, Any]], tell: Progress) -> int:
    """By UID, and only when size and folder number are still those the database has."""
    selected = mailbox.select(inbox.folder, writable=True)
    known = {
        row["uid"]: row["size"]
        for row in rows
        if row["folder"] == inbox.folder and row["uidvalidity"] == selected.uidvalidity
    }
    there = mailbox.find(sorted(known))
    found = [one.uid for one in mailbox.describe(sorted(there)) if one.size == known[one.uid] or not known[one.uid]]
    return _remove(mailbox, found, f"{inbox.id}: {inbox.folder}", tell)


def _remove_done(mailbox: Mailbox, inbox: Inbox, person: Person, rows: Sequence[dict[str, Any]], tell: Progress) -> int:
    """The server gave moved mails new UIDs. Two of three must fit: who wrote it, its Message-ID, its size and date.
    They are compared here: nothing received goes into a command (safety.md F.1)."""
    mailbox.select(inbox.done, writable=True)
    ids = {row["message_id"] for row in rows if row["message_id"]}
    shapes = {(row["size"], instant(row["received_at"])) for row in rows}
    found = []
    listed = mailbox.list_after(0)
    for start in range(0, len(listed), _AT_ONCE):
        uids = listed[start : start + _AT_ONCE]
        alike = {one.uid for one in mailbox.describe(uids) if (one.size, one.received_at) in shapes}
        for uid, raw in mailbox.fetch_headers(uids).items():
            block = read_headers(raw, Limits())
            written = any(person.owns(address.spec) for address in read_sender(block).addresses)
            named = not ids.isdisjoint(message_ids(block.first("message-id")))
            if written + named + (uid in alike) >= _TWO:
                found.append(uid)
    return _remove(mailbox, found, f"{inbox.id}: {inbox.done}", tell)


def _remove(mailbox: Mailbox, uids: Sequence[int], where: str, tell: Progress) -> int:
    for start in range(0, len(uids), _AT_ONCE):
        mailbox.remove(uids[start : start + _AT_ONCE])
        tell(f"{where}: {min(start + _AT_ONCE, len(uids))} of {len(uids)} mails removed")
    return len(uids)
