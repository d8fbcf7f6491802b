"""Bringing mails that have a row but no decision from the server to the reading line, batch by batch."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from triagebot.app.intake.arrival import BEGINNING
from triagebot.app.intake.folder import BATCH_MAILS, Folder, check_space, park, record_gone, record_history
from triagebot.app.intake.line import Desktop, ReadingLine
from triagebot.core.errors import ServerError, ServerRefusal, StoreError
from triagebot.edge.fault import crash_at
from triagebot.edge.store.received.mails import MOST_ATTEMPTS, Pending

log = logging.getLogger(__name__)

BATCH_BYTES = 8_000_000


@dataclass(slots=True)
class _Trouble:
    """How often a mail was not handed out; how often although the connection had handed out others, and since when on
    the monotonic clock."""

    tries: int = 0
    blamed: int = 0
    since: float = 0


class Fetcher:
    """Fetches while the line reads. It outlives connections, and remembers which mails the server did not hand out:
    those come last, so that none keeps the others waiting, and are given up when that lasts for `patience` seconds
    although the server hands out others."""

    def __init__(self, line: ReadingLine, desktop: Desktop, ended: Callable[[], bool], patience: float) -> None:
        self._line = line
        self._desktop = desktop
        self._ended = ended
        self._patience = patience
        self._begun: list[int] = []
        self._troubles: dict[int, _Trouble] = {}
        self._served = False

    def connected(self) -> None:
        """A new connection has to show anew that it hands mails out."""
        self._served = False

    def work_through(self, folder: Folder, mark: Callable[[], None]) -> None:
        """Fetch what has no decision yet; reading and deciding go on meanwhile. `mark` is called after each batch."""
        after, done = 0, 0
        later: list[Pending] = []
        while not self._ended():
            pending = self._claim(folder, after)
            if not pending:
                break
            after = pending[-1].uid
            later += (one for one in pending if one.id in self._troubles)
            self._take(folder, [one for one in pending if one.id not in self._troubles])
            done += len(pending)
            if done >= BATCH_MAILS:
                log.info("inbox=%s taken=%d", folder.inbox.id, done)
            mark()
        for one in sorted(later, key=lambda one: self._troubles[one.id].tries):
            if not self._ended():
                self._take(folder, [one])
        self._line.finish()
        self._begun = [row for row in self._begun if row in self._troubles]  # no attempt of theirs counts

    def end_attempts(self) -> None:
        """Mails that wait although nothing ended the daemon over them have not failed."""
        try:
            self._desktop.database.call(lambda store: store.mails.unclaim(self._begun))
        except StoreError as error:
            log.warning("problem=%r", str(error))

    def _claim(self, folder: Folder, after: int) -> list[Pending]:
        """Claim the next mails; attempts that a lost server or a full disk ended are taken back before the first."""
        check_space(self._desktop.snapshot().data)
        ended = [] if after else self._begun
        pending = self._desktop.database.call(partial(folder.claim, after=after, ended=ended))
        self._begun = [*(self._begun if after else ()), *(one.id for one in pending)]
        return pending

    def _take(self, folder: Folder, pending: list[Pending]) -> None:
        """Mails that were begun before are worked on alone: when one ends the daemon, no other is blamed."""
        alone = bool(pending) and pending[0].attempts > 1
        if alone:
            self._line.finish()
        for batch in _by_size(pending):
            self._fetch(folder, batch)
        if alone:
            self._line.finish()

    def _fetch(self, folder: Folder, batch: list[Pending]) -> None:
        mailbox, limits = folder.mailbox, self._desktop.snapshot().desk.limits
        old: list[Pending] = []
        whole: list[Pending] = []
        huge: list[Pending] = []
        for one in batch:
            if self._is_withheld(one) or (one.attempts > MOST_ATTEMPTS and not folder.is_history(one)):
                self._park(folder, one)
            elif folder.is_history(one):
                old.append(one)
            else:
                (huge if one.size > limits.mail_bytes else whole).append(one)
        if headers := self._obtain(folder, old, mailbox.fetch_headers):
            self._desktop.database.call(lambda store: record_history(store, headers, limits))
        if mails := self._obtain(folder, whole, mailbox.fetch):
            self._line.put(mails, folder.state)
        if mails := self._obtain(folder, huge, partial(mailbox.fetch_beginnings, most=BEGINNING)):
            self._line.put(mails, folder.state)

    def _obtain(
        self, folder: Folder, wanted: list[Pending], fetch: Callable[[list[int]], dict[int, bytes]]
    ) -> list[tuple[Pending, bytes]]:
        """What the server hands out of the mails that are wanted; each of the others has its end or is asked for
        again."""
        if not wanted:
            return []
        try:
            found = fetch([one.uid for one in wanted])
            crash_at("F1")
        except ServerRefusal:
            if len(wanted) > 1:  # one of them may be broken on the server: the others are not
                return [pair for one in wanted for pair in self._obtain(folder, [one], fetch)]
            self._note_trouble(wanted)
            if not self._served:
                raise
            return []
        except ServerError:
            self._note_trouble(wanted)
            raise
        self._served = self._served or bool(found)
        self._look_for(folder, [one for one in wanted if one.uid not in found])
        handed = [(one, found[one.uid]) for one in wanted if one.uid in found]
        for one, _ in handed:
            self._troubles.pop(one.id, None)
        return handed

    def _look_for(self, folder: Folder, missing: list[Pending]) -> None:
        """A mail that is not handed out is gone when the server does not list it either; else it is asked for again
        with the next look. (Dovecot describes one that is gone as a mail of the year 1970.)"""
        if not missing:
            return
        listed = folder.mailbox.find([one.uid for one in missing])
        self._note_trouble([one for one in missing if one.uid in listed])
        gone = [one for one in missing if one.uid not in listed]
        self._desktop.database.call(lambda store: record_gone(store, folder.place, [one.uid for one in gone]))
        for one in gone:
            self._troubles.pop(one.id, None)

    def _note_trouble(self, mails: list[Pending]) -> None:
        for one in mails:
            trouble = self._troubles.setdefault(one.id, _Trouble())
            trouble.tries += 1
            if self._served:
                trouble.blamed += 1
                trouble.since = trouble.since or time.monotonic()

    def _is_withheld(self, mail: Pending) -> bool:
        """Often and long enough, while others were handed out: it is the mail and not the server."""
        trouble = self._troubles.get(mail.id)
        if trouble is None or trouble.blamed <= MOST_ATTEMPTS:
            return False
        return time.monotonic() - trouble.since >= self._patience

    def _park(self, folder: Folder, mail: Pending) -> None:
        if self._is_withheld(mail):
            tries = self._troubles.pop(mail.id).tries
            raw, why = b"", f"the server did not hand it out in {tries} tries; look for it with your mail program"
        else:
            why = f"begun {MOST_ATTEMPTS} times without an end; read it in your mail program"
            raw = folder.mailbox.fetch_beginnings([mail.uid], BEGINNING).get(mail.uid, b"")
        limits = self._desktop.snapshot().desk.limits
        log.warning("inbox=%s mail=%d uid=%d unreadable: %s", folder.inbox.id, mail.id, mail.uid, why)
        self._desktop.database.call(partial(park, row=mail.id, why=why, raw=raw, limits=limits))


def _by_size(pending: list[Pending]) -> list[list[Pending]]:
    """Split so that one fetch stays under BATCH_BYTES."""
    batches: list[list[Pending]] = []
    size = 0
    for one in pending:
        if not batches or size + one.size > BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(one)
        size += one.size
    return batches
