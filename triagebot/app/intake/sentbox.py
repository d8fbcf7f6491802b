"""The Sent folder of an inbox: what the developer answers in any mail program is seen there, once a minute."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from triagebot.app.intake.arrival import BEGINNING, Trust, read_raw
from triagebot.app.intake.folder import Folder
from triagebot.app.intake.line import Desktop
from triagebot.app.tickets.written import take_own_copy, take_written
from triagebot.core.desk import Inbox
from triagebot.core.errors import ServerRefusal, TriagebotError
from triagebot.core.folder import UNDATED, Listed
from triagebot.core.mail import Mail
from triagebot.core.outgoing.identity import own_id_kind
from triagebot.core.reading.headers import message_ids, read_headers
from triagebot.core.tickets.written import is_machine_made
from triagebot.edge.imap import Mailbox
from triagebot.edge.store import Store
from triagebot.edge.store.received.sentmails import Seen

log = logging.getLogger(__name__)

_BATCH = 20


class Sentbox:
    """Looks into one inbox's Sent folder over the watcher's connection. What the server refuses there is told and
    tried again with the next look; mail is read all the same. The first look of all only remembers where Sent ends."""

    def __init__(self, inbox: Inbox, desktop: Desktop, ended: Callable[[], bool], seconds: float) -> None:
        """Given an inbox, what the threads share, whether to end, and the seconds between two looks."""
        self._inbox = inbox
        self._desktop = desktop
        self._ended = ended
        self._seconds = seconds
        self._looked: float | None = None
        self._name: str | None = None
        self._told: str | None = None

    def connected(self) -> None:
        """A new connection looks at once, and asks anew which folder it is."""
        self._name = None
        self._looked = None

    def hurry(self) -> None:
        """From any thread: let the next look be due now."""
        self._looked = None

    def is_due(self) -> bool:
        """Return whether it is time for a look."""
        return self._looked is None or time.monotonic() - self._looked >= self._seconds

    def look(self, folder: Folder) -> None:
        """Given the watched folder, take in what is new in Sent, if it is time to, and open the folder again."""
        if not self.is_due():
            return
        self._looked = time.monotonic()
        try:
            if self._take_new(folder.mailbox):
                folder.select()
            self._tell("")
        except ServerRefusal as error:
            folder.select()
            self._tell(str(error))

    def _take_new(self, mailbox: Mailbox) -> bool:
        """Return whether another folder is open now."""
        name = self._find(mailbox)
        if not name or name == self._inbox.folder:
            return False
        uidvalidity, uidnext = mailbox.glance(name)
        place = (self._inbox.id, name)
        seen = self._desktop.database.call(lambda store: store.sent_mails.seen(*place))
        if seen is None:
            log.info("inbox=%s answers are looked for in %s", self._inbox.id, name)
            self._desktop.database.call(partial(_see, place=(*place, uidvalidity), uid=uidnext - 1))
            return False
        if seen.uidvalidity == uidvalidity and uidnext <= seen.uid + 1:
            return False
        self._read(mailbox, name, seen)
        return True

    def _find(self, mailbox: Mailbox) -> str:
        if self._name is None:
            self._name = self._inbox.sent or mailbox.find_folder("sent")
            if not self._name:
                log.info("inbox=%s has no Sent folder; name it with `sent`", self._inbox.id)
        return self._name

    def _read(self, mailbox: Mailbox, name: str, seen: Seen) -> None:
        selected = mailbox.select(name, writable=False)
        renumbered = selected.uidvalidity != seen.uidvalidity
        if renumbered:  # the ids of mails tell which ones are known; a day more, because the server's day may differ
            uids = mailbox.list_since((seen.looked_at - timedelta(days=1)).date())
        else:
            uids = mailbox.list_after(seen.uid)
        place = (self._inbox.id, name, selected.uidvalidity)
        for start in range(0, len(uids), _BATCH):
            if self._ended():
                return
            self._read_batch(mailbox, place, uids[start : start + _BATCH], renumbered=renumbered)
        self._desktop.database.call(partial(_see, place=place, uid=max([selected.uidnext - 1, *uids])))

    def _read_batch(self, mailbox: Mailbox, place: tuple[str, str, int], uids: list[int], *, renumbered: bool) -> None:
        """Copies of our own mails are known by their ids alone; only the others are fetched whole."""
        snapshot, key = self._desktop.snapshot(), self._desktop.key
        described = {one.uid: one for one in mailbox.describe(uids)}
        headers = mailbox.fetch_headers(uids)
        own: dict[int, str] = {}
        for uid, head in headers.items():
            block = read_headers(head, snapshot.desk.limits)
            message_id = next(iter(message_ids(block.first("message-id"))), "")
            if own_id_kind(key, message_id) is not None:
                own[uid] = message_id
            elif renumbered and not message_id:
                del described[uid]  # it may be known: nobody can tell
        for uid in uids:
            if uid not in described or uid not in headers or self._ended():
                continue
            sent_at = described[uid].received_at
            if uid in own:
                job = partial(take_own_copy, message_id=own[uid], sent_at=sent_at, view=snapshot, now=_now())
                self._do(uid, job)
            else:
                self._take(mailbox, place, described[uid])
            if not renumbered:
                self._desktop.database.call(partial(_see, place=place, uid=uid))

    def _take(self, mailbox: Mailbox, place: tuple[str, str, int], listed: Listed) -> None:
        limits = self._desktop.snapshot().desk.limits
        huge = listed.size > limits.mail_bytes
        found = mailbox.fetch_beginnings([listed.uid], BEGINNING) if huge else mailbox.fetch([listed.uid])
        raw = found.get(listed.uid)
        if raw is None:
            return
        snapshot, desktop = self._desktop.snapshot(), self._desktop
        sent_at = _now() if listed.received_at == UNDATED else listed.received_at
        mail, _ = read_raw(raw, sent_at, snapshot.desk, Trust.of(self._inbox), desktop.reader, listed.size)
        if is_machine_made(mail):
            return
        self._do(listed.uid, partial(self._take_in, place=(*place, listed.uid), mail=mail))

    def _take_in(self, store: Store, place: tuple[str, str, int, int], mail: Mail) -> None:
        taken = take_written(store, place, mail, self._desktop.snapshot(), self._desktop.key, _now())
        if taken is not None:
            log.info("inbox=%s sent uid=%d is an %s ticket=%s", self._inbox.id, place[3], taken.role, taken.ticket)

    def _do(self, uid: int, job: Callable[[Store], None]) -> None:
        """Run a job; a mail that cannot be taken in is told in the log and keeps no other from being seen."""
        try:
            self._desktop.database.call(job)
        except TriagebotError:
            raise
        except Exception:
            log.exception("inbox=%s sent uid=%d could not be taken in", self._inbox.id, uid)

    def _tell(self, problem: str) -> None:
        if problem == self._told:
            return
        part, now, self._told = f"sent {self._inbox.id}", _now(), problem
        if problem:
            log.warning("inbox=%s problem=%r", self._inbox.id, problem)
            self._desktop.database.call(lambda store: store.health.fails(part, problem, now))
        else:
            self._desktop.database.call(lambda store: store.health.works(part, now))


def _see(store: Store, place: tuple[str, str, int], uid: int) -> None:
    store.sent_mails.set_seen(*place, uid, _now())


def _now() -> datetime:
    return datetime.now(UTC)
