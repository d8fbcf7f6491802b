"""What the watchdog remembers, canaries that are sent and come back, and mails that wait when the clock is set."""

from datetime import timedelta

from tests.edge.stores import DAY, HOUR, MINUTE, NOW, SECOND, add, arrive, claim, decide, due, make_mail
from triagebot.core.hours.overdue import Owed
from triagebot.core.watch import Alarm, Canary, Part
from triagebot.edge.store import Store

TOLD = Alarm("inbox support", "gone", NOW, told_at=NOW + MINUTE, gone_at=NOW + HOUR, sending=True)


def test_alarms_are_kept_as_they_are(store: Store) -> None:
    """What is kept is found again, field for field, and what is not kept is gone."""
    fresh = Alarm("disk", "full", NOW)
    with store.transaction():
        store.alarms.keep([TOLD, fresh])
    assert store.alarms.all() == [fresh, TOLD]
    with store.transaction():
        store.alarms.keep([TOLD])
    assert store.alarms.all() == [TOLD]


def test_an_alert_is_paged_once(store: Store) -> None:
    """Live alerts that nobody was given yet, not older than asked for, with their bytes."""
    add(store, "old", NOW - HOUR, outgoing="alert", subject="Old", due=NOW - HOUR)
    add(store, "shadow", outgoing="alert", mode="shadow")
    add(store, "answer")
    row = add(store, "alert", outgoing="alert", subject="Down")
    assert row is not None
    assert store.alarms.unpaged(NOW, NOW + HOUR) == [(row, "Down", b"raw alert")]
    with store.transaction():
        store.alarms.set_paged(row, NOW)
    assert store.alarms.unpaged(NOW, NOW + HOUR) == []


def test_a_canary_is_back_when_its_mail_is_decided(store: Store) -> None:
    """Found by its Message-ID; a dropped one does not count; other mail is no canary."""
    add(store, "cn.1", NOW, outgoing="canary")
    add(store, "cn.2", NOW + HOUR, outgoing="canary", inbox="other")
    add(store, "cn.3", NOW + HOUR, outgoing="canary")
    add(store, "answer")
    with store.transaction():
        store.outbox.change(3, ("queued",), "dropped", NOW, NOW + DAY)
    arrive(store, 1, 2)
    first, second = claim(store)
    assert store.canaries.since(NOW) == [Canary("support", NOW), Canary("other", NOW + HOUR)]
    decide(store, first.id, make_mail("<cn.1@desk.test>"), state="suppressed")
    decide(store, second.id, make_mail("<2@client.test>", "other"))
    assert store.canaries.since(NOW) == [Canary("support", NOW, NOW), Canary("other", NOW + HOUR)]
    assert store.canaries.since(NOW + SECOND) == [Canary("other", NOW + HOUR)]
    assert store.canaries.last_made("support") == NOW + HOUR
    assert store.canaries.last_made("nobody") is None


def test_a_canary_that_was_maybe_sent_worries_nobody(store: Store) -> None:
    """Only mails to others wait for a person's look."""
    for cause, outgoing in (("1", "canary"), ("2", "auto"), ("3", "digest")):
        row = add(store, cause, outgoing=outgoing)
        assert row is not None
        with store.transaction():
            store.outbox.finish(row, "ambiguous", "maybe sent", NOW)
    assert store.health.count_ambiguous() == 2


def test_a_jump_is_no_part_that_fails(store: Store) -> None:
    """The last one is kept with its moment, and no part of the desk is in trouble for it."""
    assert store.health.last_jump() is None
    with store.transaction():
        store.health.note_jump("forward", NOW + 2 * DAY)
        store.health.note_jump("back", NOW)
    assert store.health.last_jump() == Part("clock", problem="back", since=NOW)
    assert store.health.parts() == []


def test_a_refused_login_is_remembered_as_one(store: Store) -> None:
    """Until the part works again, or fails for another reason."""
    with store.transaction():
        store.health.fails("inbox support", "refused", NOW, refused=True)
    assert store.health.parts() == [Part("inbox support", None, "refused", NOW, refused=True)]
    with store.transaction():
        store.health.fails("inbox support", "gone", NOW + HOUR)
    assert store.health.parts() == [Part("inbox support", None, "gone", NOW)]
    with store.transaction():
        store.health.fails("inbox support", "refused", NOW + HOUR, refused=True)
        store.health.works("inbox support", NOW + DAY)
    assert store.health.parts() == [Part("inbox support", NOW + DAY)]


def test_a_clock_that_is_set_back_holds_no_mail_up(store: Store) -> None:
    """Retries keep their distance and their end by the new clock; what was due stays due."""
    first, second = add(store, "waits"), add(store, "due")
    assert first is not None
    assert second is not None
    assert due(store) == [first, second]
    with store.transaction():
        store.outbox.postpone(first, "451", NOW + 5 * MINUTE)
        store.outbox.postpone(second, "421", NOW - DAY * 3, counted=False)
    set_back = NOW - 2 * DAY
    assert due(store, set_back) == [second]
    with store.transaction():
        assert store.health.turn_back(-2 * DAY, set_back) == 1
    assert due(store, set_back + 5 * MINUTE - SECOND) == []
    assert due(store, set_back + 5 * MINUTE) == [first]


def test_mails_from_the_future_leave_at_once(store: Store) -> None:
    """The clock was set back while nothing ran: what it made ahead of now does not wait for that moment again."""
    add(store, "ahead", NOW + 2 * DAY, due=NOW + 2 * DAY)
    add(store, "delayed", NOW, due=NOW + HOUR)
    assert due(store) == []
    with store.transaction():
        assert store.health.turn_back_if_ahead(NOW) == 1
    assert due(store) == [1]


def test_what_waits_is_counted_from_its_row(store: Store) -> None:
    """The oldest mail without a decision, by when it was met here and not by its own date."""
    assert store.health.oldest_pending() is None
    arrive(store, 1, received=NOW - timedelta(days=9))
    assert store.health.oldest_pending() == NOW
    assert store.health.owed_to_retainers() == []


def test_work_owed_to_retainers_is_found(store: Store) -> None:
    """Open work of retainer clients, not what waits for them and not that of others."""
    rows = [("retainer", "planned", "2026-11-24"), ("retainer", "new", None), ("retainer", "waiting-client", None)]
    rows += [("retainer", "closed", None), ("one-off", "new", None)]
    with store.transaction():
        for tier, state, promise in rows:
            store._connection.execute(
                "INSERT INTO ticket (tier, kind, subject, text, minutes, state, promise, opened_at, changed_at)"
                " VALUES (?, 'work', '', '', 10, ?, ?, ?, '')",
                (tier, state, promise, NOW.isoformat(timespec="microseconds")),
            )
    assert sorted(store.health.owed_to_retainers(), key=str) == sorted(
        [Owed(NOW, (NOW + DAY).date()), Owed(NOW)], key=str
    )
