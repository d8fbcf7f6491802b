"""Watching one inbox: every UID becomes a row, every row a decision, and only then the server is touched."""

import logging
import random
import threading
import time
from datetime import UTC, datetime
from functools import partial

from triagebot.app.intake.folder import (
    BATCH_MAILS,
    Folder,
    park,
    record_gone,
    record_history,
    set_drafted,
    set_marked,
)
from triagebot.app.intake.line import Desktop, ReadingLine
from triagebot.core.desk import Inbox, Limits
from triagebot.core.errors import LoginRefused, SecretError, ServerError, StoreError, TriagebotError
from triagebot.edge.imap import Mailbox
from triagebot.edge.secrets import read_secret
from triagebot.edge.store.mails import MOST_ATTEMPTS, Pending
from triagebot.edge.tls import make_context

log = logging.getLogger(__name__)

BATCH_BYTES = 8_000_000
IDLE_SECONDS = 9 * 60
"""IDLE is renewed long before the half hour of RFC 2177: dead connections are met sooner."""
POLL_SECONDS = 60
TICK_SECONDS = 1.0
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
LOGIN_PAUSE = 60.0
STORE_PAUSE = 10.0
STEADY_SECONDS = 60
"""A connection that lives this long ends the growing of pauses; one that breaks at once does not."""


class Watcher(threading.Thread):
    """One blocking thread per inbox. Its state is the database's; a crash or a dead server costs nothing."""

    def __init__(self, inbox: Inbox, desktop: Desktop, *, once: bool = False) -> None:
        super().__init__(name=f"inbox {inbox.id}", daemon=True)
        self._inbox = inbox
        self._desktop = desktop
        self._once = once
        self._mailbox: Mailbox | None = None
        self._line = ReadingLine(inbox, desktop)
        self._retired = False
        self._idling = False
        self._hurry = threading.Event()
        self._pause = FIRST_PAUSE
        self._begun: list[int] = []
        self.failure = ""

    @property
    def _part(self) -> str:
        return f"inbox {self._inbox.id}"

    def run(self) -> None:
        """Pass after pass until told to stop; after an error, again with a growing, jittered pause."""
        self._line.start()
        while not self._ended():
            try:
                self._connect_and_watch()
            except TriagebotError as error:
                self._report(error)
            except Exception as error:
                log.exception("inbox=%s", self._inbox.id)
                self._report(ServerError(f"inbox {self._inbox.id} cannot be watched: {error}"))
            finally:
                self._idling = False
                self.disconnect()
            if self._once or self._ended():
                break
            self._rest()
        self._line.stop()
        self._end_attempts()

    def hurry(self) -> None:
        """End a pause now, and make the next one short: what was wrong may have been mended."""
        self._pause = FIRST_PAUSE
        self._hurry.set()

    def retire(self) -> None:
        """End after the current step: the daemon stops, or the config names this inbox differently now."""
        self._retired = True
        self._hurry.set()
        if self._idling:
            self.disconnect()

    def _rest(self) -> None:
        seconds, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        self._sleep(seconds * random.uniform(0.5, 1.5))

    def _sleep(self, seconds: float) -> None:
        self._hurry.wait(seconds)
        if not self._retired:
            self._hurry.clear()

    def _end_attempts(self) -> None:
        """Mails that wait although nothing ended the daemon over them have not failed."""
        try:
            self._desktop.database.call(lambda store: store.mails.unclaim(self._begun))
        except StoreError as error:
            log.warning("inbox=%s problem=%r", self._inbox.id, str(error))

    def _ended(self) -> bool:
        return self._retired or self._desktop.stopping.is_set()

    def disconnect(self) -> None:
        """Close the connection; also called from another thread to end a hanging read."""
        mailbox, self._mailbox = self._mailbox, None
        if mailbox is not None:
            mailbox.close()

    def _report(self, error: TriagebotError) -> None:
        """Tell it once, in the log and in the status, however often it is tried again."""
        if self._ended():
            return
        if isinstance(error, LoginRefused | SecretError):
            self._pause = max(self._pause, LOGIN_PAUSE)
        if isinstance(error, StoreError):
            self._pause = min(self._pause, STORE_PAUSE)
        if str(error) != self.failure:
            log.warning("inbox=%s problem=%r", self._inbox.id, str(error))
        self.failure = str(error)
        try:
            self._desktop.database.call(lambda store: store.health.fails(self._part, str(error), _now()))
        except StoreError as worse:
            if str(worse) != str(error):
                log.warning("inbox=%s problem=%r", self._inbox.id, str(worse))

    def _connect_and_watch(self) -> None:
        inbox, directory = self._inbox, self._desktop.snapshot().directory
        password = read_secret(inbox.imap.password, directory)
        context = make_context(inbox.imap.ca, directory) if inbox.imap.security != "none" else None
        mailbox, connected = Mailbox(inbox.imap, password, context), time.monotonic()
        self._mailbox = mailbox
        self._line.settle()
        if inbox.done:
            mailbox.ensure_folder(inbox.done)
        selected = mailbox.select(inbox.folder, writable=bool(inbox.done or inbox.keyword))
        if inbox.keyword and not selected.keywords and not inbox.done:
            log.warning("inbox=%s the server keeps no keywords; %s is not set", inbox.id, inbox.keyword)
        state = self._desktop.database.call(
            lambda store: store.mails.open_folder(inbox.id, inbox.folder, selected.uidvalidity, _now())
        )
        folder = Folder(mailbox, inbox, selected.uidvalidity, state, selected.keywords)
        log.info("inbox=%s connected folder=%s exists=%d", inbox.id, inbox.folder, selected.exists)
        while True:
            self._pass(folder)
            if self.failure:
                log.info("inbox=%s works again", inbox.id)
            self.failure = ""
            if time.monotonic() - connected > STEADY_SECONDS:
                self._pause = FIRST_PAUSE
            if self._once or self._ended():
                return
            self._wait(folder)
            if self._ended():
                return

    def _pass(self, folder: Folder) -> None:
        """One look at the folder: list, record, fetch, decide, mark."""
        database = self._desktop.database
        listed = folder.mailbox.list_after(folder.listed_uid)
        if listed:
            arrivals = list(folder.mailbox.describe(listed))
            database.call(lambda store: folder.record(store, arrivals))
            folder.listed_uid = max(listed)
        self._work_through(folder)
        self._mark(folder)
        self._file_drafts(folder)
        database.call(lambda store: store.health.works(self._part, _now()))

    def _work_through(self, folder: Folder) -> None:
        """Fetch what has no decision yet, batch by batch; reading and deciding go on meanwhile."""
        limits = self._desktop.snapshot().desk.limits
        after, done = 0, 0
        while not self._ended():
            pending = self._claim(folder, after)
            if not pending:
                break
            after = pending[-1].uid
            alone = pending[0].attempts > 1
            if alone:
                self._line.finish()
            for batch in _by_size(pending):
                self._fetch(folder, batch, limits)
            if alone:
                self._line.finish()
            done += len(pending)
            if done >= BATCH_MAILS:
                log.info("inbox=%s taken=%d", folder.inbox.id, done)
            self._mark(folder)
        self._line.finish()
        self._begun = []

    def _claim(self, folder: Folder, after: int) -> list[Pending]:
        """Claim the next mails; attempts that a lost server or a full disk ended are taken back before the first."""
        ended = [] if after else self._begun
        pending = self._desktop.database.call(partial(folder.claim, after=after, ended=ended))
        self._begun = [*(self._begun if after else ()), *(one.id for one in pending)]
        return pending

    def _fetch(self, folder: Folder, batch: list[Pending], limits: Limits) -> None:
        state, mailbox, database = folder.state, folder.mailbox, self._desktop.database
        old = [one for one in batch if one.received_at < state.since and not state.rescan]
        if old:
            headers = mailbox.fetch_headers([one.uid for one in old])
            database.call(lambda store: record_history(store, old, headers, limits))
        parked = [one for one in batch if one.attempts > MOST_ATTEMPTS or one.size > limits.mail_bytes]
        for one in parked:
            problem = _why_parked(one, limits.mail_bytes)
            head = mailbox.fetch_headers([one.uid]).get(one.uid)
            database.call(partial(park, row=one.id, why=problem, raw=head))
        skipped = {one.id for one in (*old, *parked)}
        wanted = [one for one in batch if one.id not in skipped]
        if not wanted:
            return
        found = mailbox.fetch([one.uid for one in wanted])
        gone = [one.id for one in wanted if one.uid not in found]
        if gone:
            database.call(lambda store: record_gone(store, gone))
        self._line.put([(one, found[one.uid]) for one in wanted if one.uid in found], state)

    def _mark(self, folder: Folder) -> None:
        """Flag or move what is decided; on the server only what the config asks for."""
        inbox, mailbox = folder.inbox, folder.mailbox
        if not inbox.done and not (inbox.keyword and folder.keywords):
            return
        database = self._desktop.database
        while rows := database.call(folder.unmarked):
            uids = [uid for _, uid in rows]
            if inbox.keyword and folder.keywords:
                mailbox.mark(uids, inbox.keyword)
            if inbox.done:
                mailbox.move(uids, inbox.done)
            ids = [row for row, _ in rows]
            database.call(partial(set_marked, rows=ids))

    def _file_drafts(self, folder: Folder) -> None:
        """Put mails in draft mode into the Drafts folder, once: our own Message-ID tells whether one is there."""
        inbox, mailbox, database = folder.inbox, folder.mailbox, self._desktop.database
        drafts = database.call(lambda store: store.outbox.drafts(inbox.id, BATCH_MAILS))
        if not drafts:
            return
        target = inbox.drafts or mailbox.find_folder("drafts")
        if not target:
            raise ServerError(f"inbox {inbox.id}: no Drafts folder was found; name it with `drafts`")
        for row, message_id, raw in drafts:
            if not mailbox.has_message(target, message_id):
                mailbox.append(target, raw, ["\\Draft", "\\Seen"])
            database.call(partial(set_drafted, row=row, folder=target))
        mailbox.select(inbox.folder, writable=bool(inbox.done or inbox.keyword))

    def _wait(self, folder: Folder) -> None:
        """Until the server has news, the connection is due for renewal, a draft waits or the daemon stops.

        The folder is opened anew first: mail that came while the last look was under way was announced in
        answers nobody reads, and would otherwise not be met before the next renewal.
        """
        mailbox = folder.mailbox
        if folder.has_moved_on():
            return
        if not mailbox.can_idle():
            self._sleep(POLL_SECONDS)
            mailbox.poll()
            return
        mailbox.start_idle()
        end = time.monotonic() + IDLE_SECONDS
        self._idling = True
        while not self._ended() and time.monotonic() < end:
            if mailbox.wait(TICK_SECONDS) or self._line.drafted.is_set():
                break
        self._idling = False
        self._line.drafted.clear()
        mailbox.stop_idle()


def _by_size(pending: list[Pending]) -> list[list[Pending]]:
    """Split so that one fetch stays under BATCH_BYTES."""
    batches: list[list[Pending]] = [[]]
    size = 0
    for one in pending:
        if batches[-1] and size + one.size > BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(one)
        size += one.size
    return batches


def _why_parked(pending: Pending, most_bytes: int) -> str:
    if pending.size > most_bytes:
        return f"larger than limits.mail_bytes ({pending.size} bytes); read it in your mail program"
    return f"begun {MOST_ATTEMPTS} times without an end; read it in your mail program"


def _now() -> datetime:
    return datetime.now(UTC)
