"""What was received and sent before, as the caps and the threads need it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.edge.stores import (
    ADA,
    BOB,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    TICK,
    add,
    arrive,
    claim,
    decide,
    due,
    make_mail,
    question,
    tally,
)
from triagebot.core.decision import AuthState
from triagebot.core.desk import Limits, Mode
from triagebot.edge.store import Store


@pytest.mark.parametrize(
    ("field", "window"),
    [("sender_day", DAY), ("sender_week", 7 * DAY), ("visitor_answered", 30 * DAY)],
)
def test_a_window_ends_to_the_moment(store: Store, field: str, window: timedelta) -> None:
    """A mail sent exactly a day (week, thirty days) ago counts, one a moment older does not."""
    add(store, "one")
    assert bool(getattr(tally(store, NOW + window), field))
    assert not getattr(tally(store, NOW + window + TICK), field)


@pytest.mark.parametrize(
    ("field", "window"), [("desk_10_minutes", 10 * MINUTE), ("desk_day", DAY), ("domain_day", DAY)]
)
def test_a_counter_counts_whole_minutes(store: Store, field: str, window: timedelta) -> None:
    """The minute a window begins in counts whole: never less than was sent, at most a minute more."""
    for cause in ("one", "two"):
        add(store, cause)
    begin = NOW.replace(second=0, microsecond=0)
    assert getattr(tally(store, NOW + window), field) == 2
    assert getattr(tally(store, begin + window + MINUTE - TICK), field) == 2
    assert getattr(tally(store, begin + window + MINUTE), field) == 0


def test_answers_are_remembered_for_their_time(store: Store) -> None:
    """By name, of this sender alone."""
    limits = Limits(same_answer=2 * DAY)
    add(store, "one", answers=("dns", "ssl"))
    add(store, "two", answers=("invoice",), sender_key=BOB)
    add(store, "three", now=NOW + DAY, answers=("mail",))
    facts = store.facts
    assert facts.tally(question(), None, limits, NOW + 2 * DAY).answers == {"dns", "ssl", "mail"}
    assert facts.tally(question(), None, limits, NOW + 2 * DAY + TICK).answers == {"mail"}


@pytest.mark.parametrize("state", ["answered", "acknowledged", "planned", "merged", "held", "suppressed"])
def test_the_same_text_counts_if_it_was_dealt_with(store: Store, state: str) -> None:
    """A mail that was held back got no answer, so its repetition is not a repetition."""
    arrive(store, 1, 2)
    one, other = claim(store)
    assert decide(store, one.id, make_mail(), body="same", state=state)
    asked = question(mail_id=other.id, body_key="same")
    heard = state not in ("held", "suppressed")
    assert store.facts.tally(asked, None, Limits(), NOW + DAY).same_body is heard
    assert not store.facts.tally(asked, None, Limits(), NOW + DAY + TICK).same_body
    for changed in (replace(asked, sender_key=BOB), replace(asked, body_key="other"), replace(asked, mail_id=one.id)):
        assert not store.facts.tally(changed, None, Limits(), NOW).same_body


def test_a_thread_has_its_count(store: Store) -> None:
    """Automatic mails of this thread only, and never those of none."""
    add(store, "one", thread=5)
    add(store, "two", thread=6)
    add(store, "three")
    add(store, "four", thread=5, outgoing="approved")
    assert [tally(store, thread=thread).thread for thread in (5, 6, 7, None)] == [1, 1, 0, 0]


@pytest.mark.parametrize("mode", ["shadow", "draft", "live"])
def test_each_mode_counts_for_itself(store: Store, mode: Mode) -> None:
    """A desk that has only been watching starts with fresh caps when it goes live."""
    add(store, "one", mode=mode, thread=5, answers=("dns",))
    for asked in ("shadow", "draft", "live"):
        found = tally(store, thread=5, mode=asked)
        counts = (
            found.sender_day,
            found.sender_week,
            found.thread,
            found.domain_day,
            found.desk_day,
            found.desk_10_minutes,
        )
        assert counts == ((1,) * 6 if asked == mode else (0,) * 6)
        assert found.answers == ({"dns"} if asked == mode else set())


def test_a_contact_form_has_its_own_count(store: Store) -> None:
    """What a form's visitors get is counted for the form, and only for mails that come by it."""
    add(store, "one", form="form@site.test")
    add(store, "two", form="other@site.test")
    asked = store.facts.tally(question(form="form@site.test"), None, Limits(), NOW)
    assert (asked.form_day, asked.visitor_answered, tally(store).form_day) == (1, True, 0)


def test_other_mails_than_automatic_ones_count_for_nothing(store: Store) -> None:
    """What a person approved is no machine's mail."""
    add(store, "one", outgoing="approved", thread=5)
    add(store, "two", outgoing="digest", thread=5)
    found = tally(store, thread=5)
    assert (found.sender_day, found.thread, found.desk_day, found.domain_day) == (0, 0, 0, 0)


def test_a_dropped_mail_does_not_stand_in_the_way(store: Store) -> None:
    """The client never got it."""
    row = add(store, "one", thread=5)
    assert row is not None
    with store.transaction():
        store.outbox.change(row, ["queued"], "dropped", NOW, NOW)
    found = tally(store, thread=5)
    assert (found.sender_day, found.thread) == (0, 0)


def test_a_mail_under_way_counts(store: Store) -> None:
    """Caps hold from the decision on, not from the delivery."""
    add(store, "one", thread=5)
    assert len(due(store)) == 1
    assert tally(store, thread=5).thread == 1


def test_the_same_mail_twice_and_the_same_id_twice_differ(store: Store) -> None:
    """Equal content is a duplicate of the first; an equal id with other content is a reused id (safety.md F.1)."""
    arrive(store, 1, 2)
    one, other = claim(store)
    assert decide(store, one.id, make_mail("<a@client.test>", "first"))
    same = question(mail_id=other.id, message_id="<a@client.test>", content_key="first")
    assert (store.facts.duplicate_of(same), store.facts.id_reused(same)) == (one.id, False)
    reused = replace(same, content_key="second")
    assert (store.facts.duplicate_of(reused), store.facts.id_reused(reused)) == (None, True)
    fresh = replace(reused, message_id="")
    assert (store.facts.duplicate_of(fresh), store.facts.id_reused(fresh)) == (None, False)


def test_what_was_sent_lately_is_known(store: Store) -> None:
    """To a sender automatically; to the moment."""
    add(store, "one")
    auto = store.facts.auto_sent_since
    assert (auto(ADA, NOW), auto(ADA, NOW + TICK), auto(BOB, NOW - HOUR), auto("", NOW)) == (True, False, False, False)


@pytest.mark.parametrize(
    ("auth", "proven", "alerted"),
    [
        ("pass", True, ("bakery",)),
        ("pass", False, ("bakery",)),
        ("fail", True, ()),
        ("fail", False, ("bakery", "cafe")),
        ("weak", True, ()),
        ("unknown", False, ("bakery", "cafe")),
    ],
)
def test_claims_alert_once_for_all_and_never_instead_of_proof(
    store: Store, auth: AuthState, proven: bool, alerted: tuple[str, ...]
) -> None:
    """D.3: a forged emergency of one client silences those of others, but no proven one; to the moment."""
    arrive(store, 1)
    (one,) = claim(store)
    assert decide(store, one.id, make_mail(), auth=auth)
    add(store, "alert", outgoing="alert", client="bakery", sender_key="", mail=one.id)
    told = store.facts.alerted_since
    assert tuple(who for who in ("bakery", "cafe") if told(who, NOW, proven=proven)) == alerted
    assert not told("bakery", NOW + TICK, proven=proven)
