"""What the digest reads: no more than it shows, nothing that still waits left out, never by going through all mail."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.edge.stores import DAY, NOW, SECOND, add
from triagebot.core.proof import STATES
from triagebot.edge.store import Store

MAIL = (
    "INSERT INTO mail (inbox, folder, uidvalidity, uid, received_at, size, recorded_at, state, decided_at, new_text,"
    " ticket, codes, verdict) VALUES ('box', 'INBOX', 1, ?, 'x', 1, ?, ?, ?, 'words', ?, ?, ?)"
)


def arrive(
    store: Store, uid: int, state: str = "held", ago: timedelta = SECOND, ticket: int | None = None, codes: str = ""
) -> int:
    """Given a UID, a state, how long ago it was decided, a ticket and codes, add a mail; return its number."""
    at = (NOW - ago).isoformat(timespec="microseconds")
    verdict = "capped" if codes else "ok"
    row = store._connection.execute(f"{MAIL} RETURNING id", (uid, at, state, at, ticket, codes, verdict)).fetchone()
    return int(row[0])


def plans(store: Store, read: Callable[[], object]) -> list[str]:
    """Given what reads, return how SQLite goes about each of its queries."""
    queries: list[str] = []
    store._connection.set_trace_callback(queries.append)
    read()
    store._connection.set_trace_callback(None)
    explained = (store._connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall() for query in queries)
    return [step[3] for steps in explained for step in steps]


@pytest.mark.parametrize(
    "read",
    [
        lambda store: store.mails.count_states(NOW - DAY),
        lambda store: store.mails.count_others(STATES),
        lambda store: store.matters.came(NOW - DAY),
        lambda store: store.matters.unhandled(NOW, 20),
        lambda store: store.matters.pending(),
        lambda store: store.matters.tickets_in("new", 40),
        lambda store: store.matters.last_words([1, 2]),
        lambda store: store.latches.silenced_mails(NOW - DAY),
        lambda store: store.canaries.mails(NOW - DAY),
        lambda store: store.ledger.priced_jobs(),
    ],
    ids=["states", "others", "came", "unhandled", "pending", "tickets", "words", "silenced", "canaries", "prices"],
)
def test_nothing_is_read_from_end_to_end(store: Store, read: Callable[[Store], object]) -> None:
    """No query goes through a table that grows with the mail, nor through an index of all of it."""
    for uid in range(1, 9):
        arrive(store, uid)
    steps = plans(store, lambda: read(store))
    scans = [step for step in steps if re.match(r"SCAN (mail|ticket|outbox|event|outbox_raw)\b", step)]
    assert steps
    assert [step for step in scans if "ticket_fixed" not in step] == []


def test_of_very_many_mails_the_last_come(store: Store) -> None:
    """In their order; the others that still wait are found by what comes before them."""
    ids = [arrive(store, uid, ago=DAY - uid * SECOND) for uid in range(1, 11)]
    came = store.matters.came(NOW - DAY, 4)
    assert [mail.id for mail in came] == ids[6:]
    old, number = store.matters.unhandled(came[0].decided_at, 3, came[0].id)
    assert ([mail.id for mail in old], number) == (ids[:3], 6)


def test_mails_of_one_moment_are_found_once(store: Store) -> None:
    """Of those decided together with the first that came, the others are the ones with a lower number."""
    ids = [arrive(store, uid, ago=DAY) for uid in range(1, 6)]
    came = store.matters.came(NOW - DAY, 2)
    old, number = store.matters.unhandled(came[0].decided_at, 9, came[0].id)
    assert ([mail.id for mail in (*old, *came)], number) == (ids, 3)


def test_only_what_still_waits_is_unhandled(store: Store) -> None:
    """Not what has a ticket, was answered, was dealt with, or was silenced as a loop."""
    waiting = arrive(store, 1)
    arrive(store, 2, "answered")
    arrive(store, 3, ticket=7)
    arrive(store, 4, "suppressed")
    arrive(store, 5, codes="ping-pong")
    unreadable, done = arrive(store, 6, "unreadable"), arrive(store, 7)
    store.mails.set_handled(done, NOW)
    assert [mail.id for mail in store.matters.unhandled(NOW, 20)[0]] == [waiting, unreadable]


def test_states_that_are_none_are_counted(store: Store) -> None:
    """Whatever somebody wrote into the database from outside, between or after the known ones."""
    for uid, state in enumerate(("held", "aaa", "gone", "gone", "zzz", "pending"), 1):
        arrive(store, uid, state)
    assert store.mails.count_others(STATES) == {"aaa": 1, "gone": 2, "zzz": 1}
    assert store.mails.count_states(NOW - DAY) == {"aaa": 1, "gone": 2, "held": 1, "pending": 1, "zzz": 1}


def test_what_waits_for_a_word(store: Store) -> None:
    """Answers in Drafts, and letters wherever they are kept; not what shadow only wrote down, nor what was approved."""
    add(store, "shadow answer", mode="shadow")
    draft = add(store, "draft answer", mode="draft")
    letter = add(store, "letter", mode="shadow", outgoing="approved")
    add(store, "alert", mode="draft", outgoing="alert")
    done = add(store, "approved", mode="draft", outgoing="approved")
    with store.transaction():
        store.outbox.approve(done or 0, NOW, NOW, NOW + DAY)
    assert [one.id for one in store.matters.pending()] == [draft, letter]
