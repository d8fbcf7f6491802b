"""Rows of outgoing mails: one for a cause, sent once, in doubt told so."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.edge.stores import DAY, HOUR, NOW, SECOND, TICK, add, due, states, tally
from triagebot.core.desk import Mode
from triagebot.edge.store import Store, open_store


def test_one_cause_has_one_mail(store: Store) -> None:
    """A second row for it is never made, and is not counted for the caps."""
    row = add(store, "one")
    assert row is not None
    assert add(store, "one", message_id="<other@desk.test>") is None
    assert add(store, "two", message_id="<one@desk.test>") is None
    assert states(store) == {"queued": 1}
    assert tally(store).desk_day == 1
    assert store.outbox.raw(row) == b"raw one"


@pytest.mark.parametrize(("mode", "state"), [("live", "queued"), ("draft", "draft"), ("shadow", "shadow")])
def test_only_a_live_mail_is_ever_sent(store: Store, mode: Mode, state: str) -> None:
    """Drafts go to the Drafts folder, shadow mails nowhere."""
    add(store, "one", mode=mode)
    assert states(store) == {state: 1}
    assert len(due(store)) == (mode == "live")
    assert [row[1] for row in store.outbox.drafts("support", 10)] == ["<one@desk.test>"] * (mode == "draft")


def test_a_mail_is_claimed_when_it_is_due(store: Store) -> None:
    """Not a moment before, for its own inbox only, and with its bytes."""
    add(store, "one", due=NOW + SECOND)
    assert due(store, NOW + SECOND - TICK) == []
    assert due(store, NOW + SECOND, inbox="other") == []
    with store.transaction():
        (one,) = store.outbox.claim("support", 8, NOW + SECOND, NOW + HOUR)
    assert (one.raw, one.attempts, one.message_id, one.expires_at) == (b"raw one", 1, "<one@desk.test>", NOW + DAY)


def test_two_connections_never_claim_the_same_mail(path: Path, store: Store) -> None:
    """Each row goes to exactly one of them."""
    for number in range(40):
        add(store, str(number))

    def claim_all(_: int) -> list[int]:
        with closing(open_store(path)) as own:
            mine: list[int] = []
            while some := due(own, limit=3):
                mine += some
            return mine

    with ThreadPoolExecutor(4) as threads:
        claimed = [row for rows in threads.map(claim_all, range(4)) for row in rows]
    assert sorted(claimed) == sorted(set(claimed)) == list(range(1, 41))


def test_after_a_crash_nothing_is_sent_that_may_have_been_taken(store: Store) -> None:
    """Before the final dot a mail is tried again, after it it is ambiguous; the rest is left alone."""
    for cause in ("waiting", "begun", "maybe", "sent"):
        add(store, cause, due=NOW + (DAY if cause == "waiting" else timedelta()))
    begun, maybe, sent = due(store)
    with store.transaction():
        store.outbox.begin_transfer(maybe)
        store.outbox.begin_transfer(sent)
        store.outbox.finish(sent, "sent", "250 OK", NOW)
    with store.transaction():
        assert store.outbox.recover(NOW) == (1, 1)
    assert states(store) == {"ambiguous": 1, "queued": 1, "retry": 1, "sent": 1}
    assert due(store) == [begun]
    with store.transaction():
        assert store.outbox.recover(NOW) == (1, 0)


def test_a_mail_that_is_tried_again_starts_with_a_clean_phase(store: Store) -> None:
    """A doubt about an attempt that was refused is no doubt about the next one."""
    add(store, "one")
    (row,) = due(store)
    with store.transaction():
        store.outbox.begin_transfer(row)
        store.outbox.postpone(row, "451 later", NOW)
    assert due(store) == [row]
    with store.transaction():
        assert store.outbox.recover(NOW) == (1, 0)


@pytest.mark.parametrize(("counted", "state", "attempts"), [(True, "retry", 2), (False, "queued", 1)])
def test_a_postponed_mail_waits(store: Store, counted: bool, state: str, attempts: int) -> None:
    """An attempt that is not the mail's fault is not counted."""
    add(store, "one")
    (row,) = due(store)
    with store.transaction():
        store.outbox.postpone(row, "later", NOW + HOUR, counted=counted)
    assert states(store) == {state: 1}
    assert store.outbox.next_due("support") == NOW + HOUR
    assert due(store, NOW + HOUR - TICK) == []
    with store.transaction():
        (one,) = store.outbox.claim("support", 8, NOW + HOUR, NOW + DAY)
    assert one.attempts == attempts


def test_a_finished_mail_is_over(store: Store) -> None:
    """It is never due again, and the listing has the server's words."""
    add(store, "one")
    (row,) = due(store)
    assert store.outbox.is_due("support", NOW)
    with store.transaction():
        store.outbox.finish(row, "failed", "550 no such user", NOW)
    assert due(store, NOW + 30 * DAY) == []
    assert not store.outbox.is_due("support", NOW + 30 * DAY)
    assert store.outbox.next_due("support") is None
    assert [(one["answer"], one["state"]) for one in store.outbox.listing(["failed"])] == [
        ("550 no such user", "failed")
    ]


def test_a_state_is_changed_only_from_where_it_is_expected(store: Store) -> None:
    """`outbox retry` on a mail the daemon has sent meanwhile does nothing (compare and set)."""
    add(store, "one")
    (row,) = due(store)
    with store.transaction():
        assert not store.outbox.change(row, ["failed", "ambiguous"], "queued", NOW, NOW + DAY)
        store.outbox.finish(row, "ambiguous", "lost", NOW)
        assert store.outbox.change(row, ["failed", "ambiguous"], "queued", NOW + HOUR, NOW + DAY)
    assert due(store, NOW + HOUR) == [row]
