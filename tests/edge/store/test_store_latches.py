"""Latched loops and the breaker, as rows; and the story they are told from."""

from datetime import timedelta

import pytest

from tests.edge.stores import ADA, BOB, DAY, HOUR, MINUTE, NOW, SECOND, add, arrive, claim, decide, make_mail, question
from triagebot.core.desk import Limits
from triagebot.edge.store import Store

WEEK = 7 * DAY


def latch(store: Store, sender: str = ADA, thread: int | None = 5, mode: str = "live", at: timedelta = SECOND) -> int:
    """Given a sender and a thread, latch them and return the row."""
    with store.transaction():
        return store.latches.latch(sender, thread, mode, "two mails", NOW + at, NOW + at + WEEK)  # type: ignore[arg-type]


def test_a_latch_holds_for_its_conversation(store: Store) -> None:
    """Of this sender, in this thread and mode, until its time; a new conversation is another one."""
    row = latch(store)
    held = store.latches.of_sender(ADA, "live", NOW + HOUR)
    assert (held.holds(5), held.holds(6), held.holds(None)) == (row, None, None)
    assert store.latches.of_sender(BOB, "live", NOW + HOUR).holds(5) is None
    assert store.latches.of_sender(ADA, "shadow", NOW + HOUR).holds(5) is None
    assert store.latches.of_sender(ADA, "live", NOW + SECOND + WEEK).holds(5) is None


def test_a_latched_sender_is_latched_everywhere(store: Store) -> None:
    """Without a thread a latch holds in every conversation, and goes before that of one."""
    one, everywhere = latch(store), latch(store, thread=None)
    held = store.latches.of_sender(ADA, "live", NOW + HOUR)
    assert one != everywhere
    assert [held.holds(thread) for thread in (5, 6, None)] == [everywhere] * 3


def test_a_further_sign_prolongs_the_same_row(store: Store) -> None:
    """Until it has ended or was released: then a new one begins, which says since when."""
    row = latch(store)
    assert latch(store, at=DAY) == row
    assert store.latches.of_sender(ADA, "live", NOW + WEEK + HOUR).holds(5) == row
    with store.transaction():
        assert store.latches.release(row, NOW + 2 * DAY)
    again = latch(store, at=2 * DAY + HOUR)
    assert again != row
    assert latch(store, at=20 * DAY) not in (row, again)


def test_a_release_is_remembered_and_happens_once(store: Store) -> None:
    """What was written before it is no sign any more; what has ended cannot be released."""
    row = latch(store)
    with store.transaction():
        assert not store.latches.release(row, NOW + 2 * WEEK)
        assert store.latches.release(row, NOW + HOUR)
        assert not store.latches.release(row, NOW + HOUR)
        assert not store.latches.release(99, NOW + HOUR)
    held = store.latches.of_sender(ADA, "live", NOW + 2 * HOUR)
    assert (held.holds(5), held.released_at) == (None, NOW + HOUR)


def test_each_mode_has_its_breaker(store: Store) -> None:
    """Open until released; what the desk had sent is then counted anew, in that mode alone."""
    for mode in ("live", "shadow"):
        add(store, mode, mode=mode)
    with store.transaction():
        live = store.latches.open_breaker("live", "too many", NOW)
        shadow = store.latches.open_breaker("shadow", "too many", NOW)
    assert store.latches.open_breakers() == {"live": live, "shadow": shadow}
    with store.transaction():
        assert store.latches.release(live, NOW + 9 * WEEK)
    assert store.latches.open_breakers() == {"shadow": shadow}
    counted = [store.facts.tally(question(mode=mode), None, Limits(), NOW) for mode in ("live", "shadow")]
    assert [(one.desk_day, one.sender_day) for one in counted] == [(0, 1), (1, 1)]


def test_the_list_has_what_holds(store: Store) -> None:
    """The breaker first; each with how many mails it silenced and the last one's subject."""
    row, ended = latch(store), latch(store, BOB, at=-2 * WEEK)
    with store.transaction():
        breaker = store.latches.open_breaker("live", "too many", NOW)
        for subject in ("One", "Two"):
            store.latches.silence(row, subject)
    listed = store.latches.listing(NOW + HOUR)
    assert [(one["id"], one["silenced"], one["last_subject"]) for one in listed] == [(breaker, 0, ""), (row, 2, "Two")]
    assert ended not in [one["id"] for one in listed]


def test_the_story_has_both_sides(store: Store) -> None:
    """What a person approved and what left by itself in this mode, without what was dropped; the oldest first."""
    add(store, "two", now=NOW + MINUTE, thread=4, subject="Re: B")
    add(store, "one", thread=3, subject="Re: A")
    add(store, "person", now=NOW + HOUR, outgoing="approved", thread=3, subject="Yes")
    add(store, "watched", mode="shadow")
    add(store, "other", sender_key=BOB)
    add(store, "digest", outgoing="digest")
    dropped = add(store, "dropped")
    assert dropped is not None
    with store.transaction():
        assert store.outbox.change(dropped, ["queued"], "dropped", NOW, NOW)
    told = store.facts.told(ADA, "live", NOW)
    assert [(one.subject, one.thread, one.automatic) for one in told] == [
        ("Re: A", 3, True),
        ("Re: B", 4, True),
        ("Yes", 3, False),
    ]
    assert told[0].at == NOW
    assert store.facts.told(ADA, "live", NOW + SECOND) == told[1:]


@pytest.mark.parametrize("most", [1, 2, 9])
def test_what_was_heard_are_mails_once_each(store: Store, most: int) -> None:
    """The newest so many, the oldest of them first; a copy of a mail is no other, the mail in question is none."""
    arrive(store, 1, 2, 3, 4, received=NOW)
    for number, pending in enumerate(claim(store)):
        decide(store, pending.id, make_mail(f"<{number}@client.test>", f"content {number % 3}"), thread=number)
    heard = store.facts.heard(question(mail_id=99), NOW, most)
    assert [one.thread for one in heard] == {1: [3], 2: [2, 3], 9: [3, 1, 2]}[most]
    assert store.facts.heard(question(mail_id=99, sender_key=BOB), NOW, most) == ()
    assert store.facts.heard(question(mail_id=99), NOW + SECOND, most) == ()
    assert 3 not in [one.thread for one in store.facts.heard(question(mail_id=4), NOW, most)]


def test_the_developers_steps_allow_one_mail_each(store: Store) -> None:
    """A state the developer changed in the thread's ticket counts; what triagebot or the client did does not."""
    add(store, "one", thread=5)
    insert = "INSERT INTO event (at, ticket, outbox, who, what, why) VALUES ('', ?, ?, ?, 'closed', '')"
    ticket = (
        "INSERT INTO ticket (thread, tier, kind, subject, text, minutes, state, opened_at, changed_at)"
        " VALUES (?, 'none', 'work', '', '', 5, 'new', '', '') RETURNING id"
    )
    with store.transaction():
        (mine,) = store._connection.execute(ticket, (5,)).fetchone()
        (other,) = store._connection.execute(ticket, (6,)).fetchone()
        for values in (
            (mine, None, "triagebot"),
            (mine, None, ADA),
            (other, None, "developer"),
            (mine, 1, "developer"),
        ):
            store._connection.execute(insert, values)
        assert store.facts.tally(question(), 5, Limits(), NOW).changes == 0
        store._connection.execute(insert, (mine, None, "developer"))
    assert store.facts.tally(question(), 5, Limits(), NOW).changes == 1


def test_a_text_is_counted_for_its_domain(store: Store) -> None:
    """From any address of the domain, in this mode, for its time; other texts and domains are others."""
    add(store, "one", body_key="body")
    add(store, "two", body_key="", domain="other.test")

    def repeated(**values: object) -> bool:
        return store.facts.tally(question(sender_key=BOB, **values), None, Limits(), NOW + HOUR).same_body

    assert repeated()
    assert not repeated(body_key="another")
    assert not repeated(domain="other.test")
    assert not repeated(mode="shadow")
    limits = Limits(same_body=timedelta(0))
    assert not store.facts.tally(question(sender_key=BOB), None, limits, NOW).same_body
