"""Comparing a folder with the database: every UID the server lists must have a row (safety.md F.1, design.md 3.1)."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

from triagebot.app.access.connection import open_mailbox
from triagebot.app.desk.view import DeskView
from triagebot.app.intake.folder import describe_all, record_arrivals, record_gone, select_folder
from triagebot.app.safety.proof import gather_gaps, say_proof
from triagebot.core.desk import Inbox
from triagebot.core.errors import ServerError, StoreError
from triagebot.core.folder import Listed
from triagebot.core.phrase import ENGLISH
from triagebot.core.proof import Comparison
from triagebot.edge.imap import Mailbox
from triagebot.edge.store import Store, open_store, open_store_to_read
from triagebot.edge.store.received.folders import Known

Ask = Callable[[Callable[[Store], Any]], Any]
"""Runs a job in a transaction of the database and returns its result."""

_AT_ONCE = 5000
"""UIDs that are compared in one job, so that nobody waits long for the database."""


def compare_folder(
    mailbox: Mailbox, place: tuple[str, str, int], listed_uid: int, ask: Ask, now: datetime
) -> Comparison:
    """Given a folder that is selected, the last UID that was listed of it, the database and now, compare them.

    What the server has and the database does not know gets a row at once, and so a decision with the next look; so
    does a mail that had been gone and is there again. Pending mails that are gone get their end. Raise ServerError.
    """
    there = [uid for uid in mailbox.list_after(0) if uid <= listed_uid]
    matched = 0
    unknown: list[int] = []
    again: list[int] = []
    for start in range(0, len(there), _AT_ONCE):
        piece = there[start : start + _AT_ONCE]
        known = ask(partial(_find_known, place, piece))
        unknown += [uid for uid in piece if uid not in known.uids]
        again += [uid for uid in piece if uid in known.gone]
        matched += sum(uid in known.uids for uid in piece)
    arrivals = describe_all(mailbox, unknown)
    vanished = _find_vanished(mailbox, place, set(there), listed_uid, ask)
    write_down = partial(_write_down, place, len(there), matched, arrivals, again, vanished, now)
    comparison: Comparison = ask(write_down)
    return comparison


def _find_known(place: tuple[str, str, int], uids: list[int], store: Store) -> Known:
    return store.mails.known_between(*place, uids[0], uids[-1])


def _find_vanished(
    mailbox: Mailbox, place: tuple[str, str, int], there: set[int], listed_uid: int, ask: Ask
) -> list[int]:
    """Pending mails that are on the server neither in its list nor when asked for by their UID: some servers leave a
    mail out for a moment."""
    missing = [uid for uid in ask(lambda store: store.mails.pending_uids(*place)) if uid not in there]
    missing = [uid for uid in missing if uid <= listed_uid]
    still = mailbox.find(missing)
    return [uid for uid in missing if uid not in still]


def _write_down(
    place: tuple[str, str, int],
    on_server: int,
    matched: int,
    arrivals: list[Listed],
    again: list[int],
    vanished: list[int],
    now: datetime,
    store: Store,
) -> Comparison:
    rows = store.mails.count_rows(*place)
    record_arrivals(store, place, arrivals, now)
    store.mails.reopen(*place, again)
    record_gone(store, place, vanished)
    missing = len(arrivals) + len(again)
    comparison = Comparison(now, *place, on_server, matched - len(again), missing, rows - matched)
    store.reconciliations.add(comparison)
    return comparison


def reconcile_desk(view: DeskView, now: datetime) -> dict[str, Any]:
    """Given a desk and now, compare each inbox over a connection of its own, also while the daemon runs. Return what
    was found, the proof of all mails, and why it does not hold where it does not.

    Raise SecretError, ServerError, or StoreError when the daemon has not looked into it yet.
    """
    with closing(open_store_to_read(view.data / "triagebot.db")):
        pass  # a command never makes the database: only the daemon knows when the desk began
    with closing(open_store(view.data / "triagebot.db")) as store:

        def ask(job: Callable[[Store], Any]) -> Any:
            with store.transaction():
                return job(store)

        found = []
        for inbox in view.desk.inbox:
            with closing(open_mailbox(inbox.imap, view)) as mailbox:
                found.append(_reconcile_inbox(mailbox, inbox, ask, now))
        return {
            "inboxes": [asdict(one) | {"at": one.at.isoformat(timespec="seconds")} for one in found],
            "proof": ENGLISH.speak(say_proof(store, view, now, None)),
            "problems": [ENGLISH.speak(gap) for gap in gather_gaps(store, view, now)],
        }


def _reconcile_inbox(mailbox: Mailbox, inbox: Inbox, ask: Ask, now: datetime) -> Comparison:
    selected = select_folder(mailbox, inbox)
    place = (inbox.id, inbox.folder, selected.uidvalidity)
    state = ask(lambda store: store.mails.find_folder(*place))
    if state is None and ask(lambda store: store.mails.watched()).get(inbox.id):
        raise ServerError(f"inbox {inbox.id}: the server renumbered {inbox.folder}; the daemon reads it anew first")
    if state is None:
        raise StoreError(f"inbox {inbox.id}: {inbox.folder} was never read; start `triagebot run` first")
    return compare_folder(mailbox, place, state.listed_uid, ask, now)
