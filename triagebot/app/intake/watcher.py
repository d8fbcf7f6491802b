"""Watching one inbox: every UID becomes a row, every row a decision, and only then the server is touched."""

import logging
import random
import threading
import time
from datetime import UTC, datetime

from triagebot.app.access.connection import open_mailbox
from triagebot.app.intake.errands import Errands
from triagebot.app.intake.fetching import Fetcher
from triagebot.app.intake.folder import Folder, check_space, select_folder
from triagebot.app.intake.line import Desktop, ReadingLine
from triagebot.app.intake.lookout import Lookout, Rhythm
from triagebot.app.intake.reconcile import compare_folder
from triagebot.app.intake.sentbox import Sentbox
from triagebot.core.desk import Inbox
from triagebot.core.errors import LoginRefused, SecretError, ServerError, StoreError, TriagebotError
from triagebot.core.proof import is_comparison_due
from triagebot.edge.imap import Mailbox

log = logging.getLogger(__name__)

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
LOGIN_PAUSE = 60.0
STORE_PAUSE = 10.0
STEADY_SECONDS = 60
"""A connection that lives this long ends the growing of pauses; one that breaks at once does not."""


class Watcher(threading.Thread):
    """One blocking thread per inbox. Its state is the database's; a crash or a dead server costs nothing."""

    def __init__(self, inbox: Inbox, desktop: Desktop, *, once: bool = False, rhythm: Rhythm | None = None) -> None:
        super().__init__(name=f"inbox {inbox.id}", daemon=True)
        self._inbox = inbox
        self._desktop = desktop
        self._once = once
        self._mailbox: Mailbox | None = None
        self._line = ReadingLine(inbox, desktop)
        rhythm = rhythm or Rhythm()
        self._fetcher = Fetcher(self._line, desktop, self._ended, rhythm.patience)
        self._errands = Errands(inbox, desktop)
        self._sentbox = Sentbox(inbox, desktop, self._ended, rhythm.sent)
        self._lookout = Lookout(rhythm, self._ended, self._sleep)
        self._retired = False
        self._hurry = threading.Event()
        self._pause = FIRST_PAUSE
        self._alive_at = time.monotonic()
        self._how = ""
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
                self._lookout.idling = False
                self.disconnect()
            if self._once or self._ended():
                break
            self._rest()
        self._line.stop()
        self._fetcher.end_attempts()

    def hurry(self) -> None:
        """End a pause now, and make the next one short: what was wrong may have been mended."""
        self._pause = FIRST_PAUSE
        self._sentbox.hurry()
        self._hurry.set()

    def retire(self) -> None:
        """End after the current step: the daemon stops, or the config names this inbox differently now."""
        self._retired = True
        self._hurry.set()
        if self._lookout.idling:
            self.disconnect()

    def _rest(self) -> None:
        seconds, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        self._sleep(seconds * random.uniform(0.5, 1.5))

    def _sleep(self, seconds: float) -> bool:
        """Sleep, and return whether somebody ended it."""
        woken = self._hurry.wait(seconds)
        if not self._retired:
            self._hurry.clear()
        return woken

    def _ended(self) -> bool:
        """Every loop asks this between two steps, so that it is the sign of life as well."""
        self._alive_at = time.monotonic()
        return self._retired or self._desktop.stopping.is_set()

    def hangs(self, seconds: float) -> bool:
        """Given how long a step may take, return whether this thread is connected and gave no sign of life for longer:
        a server that says nothing, or a library that waits for ever (field.md 12)."""
        return self._mailbox is not None and time.monotonic() - self._alive_at > seconds

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
        refused = isinstance(error, LoginRefused | SecretError)
        try:
            self._desktop.database.call(
                lambda store: store.health.fails(self._part, str(error), _now(), refused=refused)
            )
        except StoreError as worse:
            if str(worse) != str(error):
                log.warning("inbox=%s problem=%r", self._inbox.id, str(worse))

    def _connect_and_watch(self) -> None:
        folder, connected = self._connect(), time.monotonic()
        while True:
            self._pass(folder)
            if self.failure:
                log.info("inbox=%s works again", self._inbox.id)
            self.failure = ""
            if time.monotonic() - connected > STEADY_SECONDS:
                self._pause = FIRST_PAUSE
            if self._once or self._ended():
                return
            self._wait(folder)
            if self._ended():
                return

    def _connect(self) -> Folder:
        inbox, database = self._inbox, self._desktop.database
        mailbox = self._mailbox = open_mailbox(inbox.imap, self._desktop.snapshot())
        self._line.settle()
        self._fetcher.connected()
        self._errands.prepare(mailbox)
        self._sentbox.connected()
        selected = select_folder(mailbox, inbox)
        if inbox.keyword and not selected.keywords and not inbox.done:
            log.warning("inbox=%s the server keeps no keywords; %s is not set", inbox.id, inbox.keyword)
        place = (inbox.id, inbox.folder, selected.uidvalidity)
        state = database.call(lambda store: store.mails.open_folder(*place, _now()))
        if state.rescan and state.listed_uid == 0:
            log.warning("inbox=%s the server renumbered %s: what is in it is recorded anew", inbox.id, inbox.folder)
        log.info("inbox=%s connected folder=%s exists=%d", inbox.id, inbox.folder, selected.exists)
        return Folder(mailbox, inbox, selected, state)

    def _pass(self, folder: Folder) -> None:
        """One look at the folder: list, record, fetch, decide, mark."""
        database = self._desktop.database
        check_space(self._desktop.snapshot().data)
        if arrivals := folder.list_new():
            database.call(lambda store: folder.record(store, arrivals))
            folder.listed_uid = arrivals[-1].uid
        self._sentbox.look(folder)  # before deciding: what the developer answered meanwhile is not answered again
        self._work_through(folder)
        self._errands.run(folder)
        if self._compare(folder):
            self._work_through(folder)
        database.call(lambda store: store.health.works(self._part, _now()))

    def _work_through(self, folder: Folder) -> None:
        self._fetcher.work_through(folder, lambda: self._end_batch(folder))

    def _end_batch(self, folder: Folder) -> None:
        """In a long backlog each batch proves that the inbox works."""
        self._errands.mark(folder)
        self._desktop.database.note(lambda store: store.health.works(self._part, _now()))

    def _compare(self, folder: Folder) -> bool:
        """Compare the folder with the database, once a night. Return whether mails had been missed."""
        database, calendar, now = self._desktop.database, self._desktop.snapshot().calendar, _now()
        last = database.call(lambda store: store.reconciliations.last(self._inbox.id, self._inbox.folder))
        before = calendar.local(last.at) if last and last.uidvalidity == folder.uidvalidity else None
        if self._ended() or not is_comparison_due(before, calendar.local(now)):
            return False
        found = compare_folder(folder.mailbox, folder.place, folder.listed_uid, database.call, now)
        tell = log.warning if found.missing else log.info
        tell(
            "inbox=%s compared with the server: there=%d known=%d missing=%d gone=%d",
            self._inbox.id,
            found.on_server,
            found.known,
            found.missing,
            found.gone,
        )
        return bool(found.missing)

    def _wait(self, folder: Folder) -> None:
        how = self._lookout.how(folder.mailbox)
        if how != self._how:
            log.info("inbox=%s watched by %s", self._inbox.id, how)
            self._desktop.database.call(lambda store: store.mails.set_watched(*folder.place, how))
            self._how = how
        self._lookout.wait(folder, lambda: self._has_errands(folder))

    def _has_errands(self, folder: Folder) -> bool:
        return self._sentbox.is_due() or self._desktop.database.call(
            lambda store: store.mails.has_unbegun(*folder.place) or self._errands.are_waiting(store)
        )


def _now() -> datetime:
    return datetime.now(UTC)
