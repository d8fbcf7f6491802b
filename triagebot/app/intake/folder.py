"""A folder being watched: what the server and the database know of it, and the rows of mails that get no decision."""

from dataclasses import dataclass
from datetime import UTC, datetime

from triagebot.core.desk import Inbox, Limits
from triagebot.core.errors import ServerError
from triagebot.core.reading.headers import decode_words, message_ids, read_headers, read_sender
from triagebot.edge.imap import Listed, Mailbox, Selected
from triagebot.edge.store import Store
from triagebot.edge.store.mails import FolderState, Pending

BATCH_MAILS = 50


@dataclass(slots=True)
class Folder:
    """A selected folder: what the server and the database know of it."""

    mailbox: Mailbox
    inbox: Inbox
    uidvalidity: int
    state: FolderState
    keywords: bool
    listed_uid: int = -1
    uidnext: int = -1

    def __post_init__(self) -> None:
        self.listed_uid = self.state.listed_uid

    def select(self) -> Selected:
        return self.mailbox.select(self.inbox.folder, writable=bool(self.inbox.done or self.inbox.keyword))

    def has_moved_on(self) -> bool:
        """Whether mail arrived since the last look. Raise ServerError when the server renumbered the folder."""
        selected = self.select()
        if selected.uidvalidity != self.uidvalidity:
            raise ServerError(f"inbox {self.inbox.id}: the server renumbered {self.inbox.folder}; it is read anew")
        before, self.uidnext = self.uidnext, selected.uidnext
        return selected.uidnext > max(self.listed_uid + 1, before)

    def record(self, store: Store, arrivals: list[Listed]) -> None:
        rows = [(one.uid, one.size, one.received_at) for one in arrivals]
        store.mails.record_arrivals(self.inbox.id, self.inbox.folder, self.uidvalidity, rows, _now())

    def claim(self, store: Store, after: int, ended: list[int]) -> list[Pending]:
        store.mails.unclaim(ended)
        return store.mails.claim(self.inbox.id, self.inbox.folder, self.uidvalidity, BATCH_MAILS, after)

    def unmarked(self, store: Store) -> list[tuple[int, int]]:
        return store.mails.unmarked(self.inbox.id, self.inbox.folder, self.uidvalidity, 500)


def record_history(store: Store, old: list[Pending], headers: dict[int, bytes], limits: Limits) -> None:
    """Old mail is known by its headers, so that answers to it find their thread; its text stays on the server."""
    now = _now()
    for one in old:
        block = read_headers(headers.get(one.uid, b""), limits)
        message_id = next(iter(message_ids(block.first("message-id"))), "")
        sender = next((address.spec for address in read_sender(block).addresses), "")
        store.mails.end_history(one.id, message_id, sender, decode_words(block.first("subject")), now)


def park(store: Store, row: int, why: str, raw: bytes | None) -> None:
    store.mails.end(row, "unreadable", why, _now(), raw)


def set_marked(store: Store, rows: list[int]) -> None:
    store.mails.set_marked(rows)


def set_drafted(store: Store, row: int, folder: str) -> None:
    store.outbox.finish(row, "drafted", f"in {folder}", _now())


def record_gone(store: Store, gone: list[int]) -> None:
    now = _now()
    for row in gone:
        store.mails.end(row, "history", "moved or deleted by a person before it could be read", now)


def _now() -> datetime:
    return datetime.now(UTC)
