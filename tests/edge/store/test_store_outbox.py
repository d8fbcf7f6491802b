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


def test_what_is_too_old_is_not_sent(store: Store) -> None:
    """An answer of last week surprises more than none: it has failed, with what stood in its way."""
    add(store, "one")
    (row,) = due(store)
    with store.transaction():
        store.outbox.postpone(row, "451 later", NOW + HOUR)
    assert due(store, NOW + DAY) == []
    (failed,) = store.outbox.listing(["failed"])
    assert failed["answer"] == "gave up, it could not be sent in time: 451 later"


def test_a_suppressed_address_gets_nothing(store: Store) -> None:
    """Neither what waited when its mail came back, nor what is added later, of whatever class; others are sent."""
    for cause, code in (("first", "ada"), ("waiting", "ada"), ("other", "bob")):
        add(store, cause, recipient_code=code, due=NOW + (HOUR if cause == "waiting" else timedelta()))
    first, other = due(store)
    with store.transaction():
        store.outbox.finish(first, "failed", "550 5.1.1 no such user", NOW)
        assert store.suppressions.suppress_recipient(first, "550 5.1.1 no such user", NOW)
        assert not store.suppressions.suppress_recipient(first, "once more", NOW)
        store.outbox.finish(other, "sent", "250 OK", NOW)
    add(store, "later", recipient_code="ada", outgoing="approved")
    assert due(store, NOW + HOUR) == []
    assert states(store) == {"failed": 3, "sent": 1}
    assert all(
        "outbox unsuppress ada@client.test" in str(row["answer"]) for row in store.outbox.listing(["failed"])[1:]
    )
    with store.transaction():
        assert store.suppressions.has("ada")
        assert store.suppressions.release("ada")
        assert not store.suppressions.release("ada")
    add(store, "after", recipient_code="ada")
    assert len(due(store, NOW + HOUR)) == 1


def test_a_mail_without_a_code_suppresses_nothing(store: Store) -> None:
    """Digests, alerts and whatever goes to the desk itself must always leave."""
    row = add(store, "digest", outgoing="digest")
    assert row is not None
    with store.transaction():
        assert not store.suppressions.suppress_recipient(row, "550 5.1.1", NOW)
    assert store.suppressions.listing() == []
    assert due(store) == [row]


def test_an_ambiguous_mail_is_looked_up_and_sent_once_more(store: Store) -> None:
    """Approved mails and digests only, some time after the doubt arose, and a second doubt is left to a person."""
    for number, kind in enumerate(("auto", "approved", "digest", "alert")):
        add(store, str(number), outgoing=kind)
    rows = sorted(due(store))
    with store.transaction():
        for row in rows:
            store.outbox.finish(row, "ambiguous", "maybe sent", NOW)
    assert store.outbox.to_look_up("support", NOW, 10) == []
    found = store.outbox.to_look_up("support", NOW + TICK, 10)
    assert found == [(rows[1], "<1@desk.test>"), (rows[2], "<2@desk.test>")]
    assert store.outbox.to_look_up("other", NOW + TICK, 10) == []
    with store.transaction():
        store.outbox.found_in_sent(rows[1], NOW)
        store.outbox.resend(rows[2], NOW)
        store.outbox.resend(rows[1], NOW)
    assert due(store) == [rows[2]]
    with store.transaction():
        store.outbox.finish(rows[2], "ambiguous", "maybe sent", NOW)
        store.outbox.resend(rows[2], NOW)
    assert store.outbox.to_look_up("support", NOW + DAY, 10) == []
    assert states(store) == {"ambiguous": 3, "sent": 1}


def test_a_retry_by_hand_is_the_second_copy(store: Store) -> None:
    """What a person sends again after a doubt is not sent a third time by itself."""
    add(store, "one", outgoing="digest")
    (row,) = due(store)
    with store.transaction():
        store.outbox.finish(row, "ambiguous", "maybe sent", NOW)
        assert store.outbox.change(row, ["ambiguous"], "queued", NOW, NOW + DAY)
    assert due(store) == [row]
    with store.transaction():
        store.outbox.finish(row, "ambiguous", "maybe sent", NOW)
    assert store.outbox.to_look_up("support", NOW + DAY, 10) == []


@pytest.mark.parametrize("filed_first", [True, False], ids=["filed-before", "filed-after"])
def test_the_copy_of_an_approved_draft_is_to_be_removed(store: Store, filed_first: bool) -> None:
    """Also when it was being filed in the very moment of approval: that must not undo the approval (G.2)."""
    row = add(store, "one", mode="draft")
    assert row is not None
    with store.transaction():
        if filed_first:
            store.outbox.set_drafted(row, "in Drafts", NOW)
        assert store.outbox.approve(row, NOW, NOW + HOUR, NOW + DAY)
        if not filed_first:
            store.outbox.set_drafted(row, "in Drafts", NOW)
    assert states(store) == {"queued": 1}
    assert store.outbox.drafts_to_remove("support", 10) == [(row, "<one@desk.test>")]
    assert store.outbox.drafts_to_remove("other", 10) == []
    with store.transaction():
        store.outbox.set_draft_removed(row)
    assert store.outbox.drafts_to_remove("support", 10) == []


def test_only_what_is_kept_can_be_approved(store: Store) -> None:
    """Of two approvals at once the second finds nothing to approve; neither is a queued mail or an alert."""
    add(store, "kept", mode="shadow")
    add(store, "queued")
    add(store, "alert", mode="shadow", outgoing="alert")
    with store.transaction():
        approved = [store.outbox.approve(row, NOW, NOW, NOW + DAY) for row in (1, 1, 2, 3)]
    assert approved == [True, False, False, False]
