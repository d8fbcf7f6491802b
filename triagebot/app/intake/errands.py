"""What the desk does in the mailbox besides reading: marks, drafts, and looking a doubtful mail up in Sent."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from triagebot.app.intake.folder import BATCH_MAILS, Folder
from triagebot.app.intake.line import Desktop
from triagebot.core.desk import Inbox
from triagebot.core.errors import ServerRefusal
from triagebot.edge.fault import crash_at
from triagebot.edge.imap import Mailbox
from triagebot.edge.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Rows of outgoing mails with their Message-IDs: to be filed, to be taken away, to be looked up."""

    drafts: list[tuple[int, str, bytes]]
    stale: list[tuple[int, str]]
    doubtful: list[tuple[int, str]]

    @property
    def any(self) -> bool:
        return bool(self.drafts or self.stale or self.doubtful)


class Errands:
    """The errands of one inbox. One the server refuses is told and tried again later; mail is read all the same."""

    def __init__(self, inbox: Inbox, desktop: Desktop) -> None:
        self._inbox = inbox
        self._desktop = desktop
        self._problem = ""
        self._told: str | None = None

    @property
    def _part(self) -> str:
        return f"folders {self._inbox.id}"

    def are_waiting(self, store: Store) -> bool:
        """Given the store, return whether there is something to do at once: also what a command has just changed."""
        # What the server has just refused is asked for again with the next look.
        return not self._problem and self._gather(store, 1).any

    def _gather(self, store: Store, most: int) -> "_Waiting":
        outbox, inbox = store.outbox, self._inbox.id
        # Providers take a while to file a copy in Sent.
        settled = datetime.now(UTC) - self._desktop.snapshot().desk.outbox.look_up_after
        return _Waiting(
            outbox.drafts(inbox, most), outbox.drafts_to_remove(inbox, most), outbox.to_look_up(inbox, settled, most)
        )

    def prepare(self, mailbox: Mailbox) -> None:
        """Given a new connection, make the folder decided mails are moved to."""
        if self._inbox.done:
            self._attempt(lambda: mailbox.ensure_folder(self._inbox.done))

    def mark(self, folder: Folder) -> None:
        """Flag or move what is decided; on the server only what the config asks for."""
        if not self._problem:
            self._attempt(partial(self._mark, folder))

    def run(self, folder: Folder) -> None:
        """Mark, file drafts, take away those that are sent otherwise, look up what was maybe sent."""
        self._problem = ""
        self.mark(folder)
        waiting = self._desktop.database.call(lambda store: self._gather(store, BATCH_MAILS))
        if waiting.any:
            self._attempt(lambda: self._file_drafts(folder, waiting.drafts))
            self._attempt(lambda: self._remove_drafts(folder, waiting.stale))
            self._attempt(lambda: self._look_up(folder, waiting.doubtful))
            folder.select()
        if waiting.any or self._problem != self._told:
            self._tell()

    def _attempt(self, errand: Callable[[], None]) -> None:
        try:
            errand()
        except ServerRefusal as error:
            self._complain(str(error))

    def _complain(self, problem: str) -> None:
        if not self._problem and problem != self._told:
            log.warning("inbox=%s problem=%r", self._inbox.id, problem)
        self._problem = self._problem or problem

    def _tell(self) -> None:
        part, problem, now = self._part, self._problem, datetime.now(UTC)
        self._told = problem
        if problem:
            self._desktop.database.call(lambda store: store.health.fails(part, problem, now))
        else:
            self._desktop.database.call(lambda store: store.health.works(part, now))

    def _mark(self, folder: Folder) -> None:
        inbox, mailbox = folder.inbox, folder.mailbox
        keyword = inbox.keyword if folder.selected.keywords else ""
        if not inbox.done and not keyword:
            return
        if not folder.selected.writable:
            wishes = "`done` and `keyword`" if inbox.done and inbox.keyword else "`done`" if inbox.done else "`keyword`"
            self._complain(f"{inbox.folder} may only be read on this server; remove {wishes} from inbox {inbox.id}")
            return
        database = self._desktop.database
        while rows := database.call(lambda store: store.mails.unmarked(*folder.place, 500)):
            uids = [uid for _, uid in rows]
            crash_at("F10")
            if keyword:
                mailbox.mark(uids, keyword)
            if inbox.done:
                mailbox.move(uids, inbox.done)
            ids = [row for row, _ in rows]
            database.call(partial(_set_marked, rows=ids))

    def _file_drafts(self, folder: Folder, drafts: list[tuple[int, str, bytes]]) -> None:
        """Put mails in draft mode into the Drafts folder, once: our own Message-ID tells whether one is there."""
        target = self._drafts_folder(folder) if drafts else ""
        for row, message_id, raw in drafts:
            if not folder.mailbox.has_message(target, message_id):
                folder.mailbox.append(target, raw, ["\\Draft", "\\Seen"])
            self._desktop.database.call(partial(_set_drafted, row=row, folder=target))

    def _remove_drafts(self, folder: Folder, stale: list[tuple[int, str]]) -> None:
        """A mail that was approved, dropped or stopped must not lie in Drafts, where it would be sent by hand too."""
        target = self._drafts_folder(folder) if stale else ""
        for row, message_id in stale:
            crash_at("F10")
            if folder.mailbox.remove_message(target, message_id):
                log.info("inbox=%s outbox=%d its copy in %s is removed", self._inbox.id, row, target)
            else:
                log.warning(
                    "inbox=%s outbox=%d its copy stays in %s, because the server cannot remove a single mail (UIDPLUS);"
                    " delete it there, so that it is not sent twice",
                    self._inbox.id,
                    row,
                    target,
                )
            self._desktop.database.call(partial(_set_draft_removed, row=row))

    def _drafts_folder(self, folder: Folder) -> str:
        target = self._inbox.drafts or folder.mailbox.find_folder("drafts")
        if not target:
            raise ServerRefusal(f"inbox {self._inbox.id}: no Drafts folder was found; name it with `drafts`")
        return target

    def _look_up(self, folder: Folder, doubtful: list[tuple[int, str]]) -> None:
        """A mail a person approved, or a digest, that was maybe sent: a copy in Sent tells, and where there is none it
        is sent once more with the same bytes (safety.md G.2)."""
        sent = self._sent_folder(folder) if doubtful else ""
        for row, message_id in doubtful:
            found = bool(sent) and folder.mailbox.has_message(sent, message_id)
            log.info("inbox=%s outbox=%d %s", self._inbox.id, row, f"found in {sent}" if found else "sent once more")
            self._desktop.database.call(partial(_settle, row=row, found=found))
        if doubtful:
            self._desktop.decided()

    def _sent_folder(self, folder: Folder) -> str:
        """The Sent folder, or "" where there is none; one that is there but cannot be opened now is asked later."""
        named = self._inbox.sent
        if named and folder.mailbox.has_folder(named):
            return named
        return "" if named else folder.mailbox.find_folder("sent")


def _set_marked(store: Store, rows: list[int]) -> None:
    store.mails.set_marked(rows)


def _set_drafted(store: Store, row: int, folder: str) -> None:
    store.outbox.set_drafted(row, f"in {folder}", datetime.now(UTC))


def _set_draft_removed(store: Store, row: int) -> None:
    store.outbox.set_draft_removed(row)


def _settle(store: Store, row: int, *, found: bool) -> None:
    if found:
        store.outbox.found_in_sent(row, datetime.now(UTC))
    else:
        store.outbox.resend(row, datetime.now(UTC))
