"""A folder being watched: what the server and the database know of it, and the rows of mails that get no decision."""

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from triagebot.core.desk import Inbox, Limits
from triagebot.core.errors import ServerError, StoreError
from triagebot.core.folder import UNDATED, Listed, Selected
from triagebot.core.reading.headers import decode_words, message_ids, read_headers, read_sender
from triagebot.edge.imap import Mailbox
from triagebot.edge.store import DISK_FULL, Store
from triagebot.edge.store.received.folders import FolderState
from triagebot.edge.store.received.mails import Envelope, Pending

BATCH_MAILS = 50
LITTLE_SPACE = 1024 * 1024
"""Bytes below which SQLite may not be able to write a mail and its answer."""


@dataclass(slots=True)
class Folder:
    """A selected folder: what the server and the database know of it."""

    mailbox: Mailbox
    inbox: Inbox
    selected: Selected
    state: FolderState
    listed_uid: int = -1
    uidnext: int = -1

    def __post_init__(self) -> None:
        self.listed_uid = self.state.listed_uid

    @property
    def uidvalidity(self) -> int:
        return self.selected.uidvalidity

    @property
    def place(self) -> tuple[str, str, int]:
        """What the rows of its mails are found by."""
        return self.inbox.id, self.inbox.folder, self.selected.uidvalidity

    def select(self) -> Selected:
        """Open it again, after another folder or to hear what came. Raise ServerError when it was renumbered: no UID
        known so far may be used then."""
        selected = select_folder(self.mailbox, self.inbox)
        if selected.uidvalidity != self.uidvalidity:
            raise ServerError(f"inbox {self.inbox.id}: the server renumbered {self.inbox.folder}; it is read anew")
        return selected

    def has_moved_on(self) -> bool:
        """Whether mail arrived since the last look. Raise ServerError when the server renumbered the folder."""
        selected = self.select()
        before, self.uidnext = self.uidnext, selected.uidnext
        return selected.uidnext > max(self.listed_uid + 1, before)

    def list_new(self) -> list[Listed]:
        """Every UID above the last one listed. Of one that is gone already, or that the server tells nothing about,
        only the UID is known: it gets a row all the same."""
        return describe_all(self.mailbox, self.mailbox.list_after(self.listed_uid))

    def record(self, store: Store, arrivals: list[Listed]) -> None:
        record_arrivals(store, self.place, arrivals, _now())

    def claim(self, store: Store, after: int, ended: list[int]) -> list[Pending]:
        store.mails.unclaim(ended)
        return store.mails.claim(*self.place, BATCH_MAILS, after)

    def is_history(self, mail: Pending) -> bool:
        """Whether a mail was there before the desk; one without a date may not have been."""
        return mail.received_at < self.state.since and not self.state.rescan and mail.received_at != UNDATED


def select_folder(mailbox: Mailbox, inbox: Inbox) -> Selected:
    """Given a connection and an inbox, open its folder, for writing only if the config asks for it."""
    return mailbox.select(inbox.folder, writable=bool(inbox.done or inbox.keyword))


def describe_all(mailbox: Mailbox, uids: list[int]) -> list[Listed]:
    """Given UIDs, return each with what the server tells of it."""
    described = {one.uid: one for one in mailbox.describe(uids)}
    return [described.get(uid) or Listed(uid, 0, UNDATED) for uid in uids]


def record_arrivals(store: Store, place: tuple[str, str, int], arrivals: list[Listed], now: datetime) -> None:
    """Given mails the server lists, give each a row."""
    store.mails.record_arrivals(*place, [(one.uid, one.size, one.received_at) for one in arrivals], now)


def check_space(data: Path) -> None:
    """Given the directory of the database, raise StoreError when there is no room for another mail (field.md 13)."""
    if shutil.disk_usage(data).free < LITTLE_SPACE:
        raise StoreError(DISK_FULL)


def record_history(store: Store, headers: list[tuple[Pending, bytes]], limits: Limits) -> None:
    """Old mail is known by its headers, so that answers to it find their thread; its text stays on the server."""
    now = _now()
    for one, head in headers:
        store.mails.end_history(one.id, _read_envelope(head, limits), now)


def park(store: Store, row: int, why: str, raw: bytes, limits: Limits) -> None:
    """A mail that cannot be worked on keeps its bytes, and is shown with author and subject as far as they can be
    read (field.md 8)."""
    store.mails.park(row, why, _read_envelope(raw, limits), raw, _now())


def _read_envelope(raw: bytes, limits: Limits) -> Envelope:
    block = read_headers(raw, limits)
    return Envelope(
        message_id=next(iter(message_ids(block.first("message-id"))), ""),
        sender=next((address.spec for address in read_sender(block).addresses), ""),
        subject=decode_words(block.first("subject")),
    )


def record_gone(store: Store, place: tuple[str, str, int], uids: Collection[int]) -> None:
    """Mails that a person moved or deleted before they could be read have their end too."""
    store.mails.end_gone(*place, uids, _now())


def _now() -> datetime:
    return datetime.now(UTC)
