"""Which UIDs have a row: every one, whatever happens to its mail on the server."""

from datetime import timedelta

from tests.edge.stores import DAY, NOW, arrive, claim, decide, make_mail
from triagebot.core.folder import UNDATED
from triagebot.core.proof import Comparison
from triagebot.edge.store import Store
from triagebot.edge.store.received.folders import GONE
from triagebot.edge.store.received.mails import MOST_RAW, Envelope

PLACE = ("support", "INBOX", 7)


def test_uids_of_all_sizes_and_mails_without_a_date_have_rows(store: Store) -> None:
    """The highest UID there can be is one like any other, and so is a mail of unknown size and date."""
    highest = 2**32 - 1
    arrive(store, 1, 2**31, highest)
    with store.transaction():
        store.mails.record_arrivals(*PLACE, [(2, 0, UNDATED)], NOW)
        assert store.mails.open_folder(*PLACE, NOW).listed_uid == highest
    assert [(one.uid, one.received_at == UNDATED) for one in claim(store)] == [
        (1, False), (2, True), (2**31, False), (highest, False),
    ]  # fmt: skip


def test_known_uids_are_told_by_folder(store: Store) -> None:
    """Rows of the asked range of this folder and UIDVALIDITY only."""
    arrive(store, 4, uidvalidity=6)
    arrive(store, 1, 2, 3, 9)
    with store.transaction():
        state = store.mails.find_folder(*PLACE)
        assert state
        assert (state.rescan, state.listed_uid) == (True, 9)
        assert store.mails.find_folder("support", "Other", 7) is None
        assert store.mails.known_between(*PLACE, 1, 4).uids == {1, 2, 3}
        assert store.mails.known_between("other", "INBOX", 7, 1, 4).uids == frozenset()
        assert (store.mails.count_rows(*PLACE), store.mails.count_rows("support", "INBOX", 6)) == (4, 1)


def test_a_mail_that_is_there_again_is_decided_after_all(store: Store) -> None:
    """Gone is the only end that is taken back; a decided mail stays decided."""
    arrive(store, 1, 2, 3)
    assert decide(store, claim(store)[0].id, make_mail())
    with store.transaction():
        store.mails.end_gone(*PLACE, [1, 2], NOW)
        assert store.mails.known_between(*PLACE, 1, 9).gone == {2}
        assert store.mails.find(2)["problem"] == GONE  # type: ignore[index]
        store.mails.reopen(*PLACE, [1, 2, 3])
        assert store.mails.pending_uids(*PLACE) == [2, 3]
        assert store.mails.known_between(*PLACE, 1, 9).gone == frozenset()
    assert [(one.uid, one.attempts) for one in claim(store)] == [(2, 1)]


def test_numbers_that_come_back_leave_no_mail_behind(store: Store) -> None:
    """When a server goes from one UIDVALIDITY to another and back, what was pending is pending under the numbers it
    gives now, and under no others; what was decided stays so."""
    arrive(store, 1, 2)
    assert decide(store, claim(store)[0].id, make_mail())
    arrive(store, 1, 2, uidvalidity=8)
    assert store.mails.pending_uids(*PLACE) == []
    with store.transaction():
        assert not store.mails.open_folder(*PLACE, NOW + DAY).rescan
        assert store.mails.pending_uids("support", "INBOX", 8) == []
        assert store.mails.pending_uids(*PLACE) == [2]
        assert store.mails.renumbered(NOW - DAY) == [("support", "INBOX", NOW.replace(microsecond=0))]
        assert store.mails.renumbered(NOW + DAY) == []
    assert store.mails.count_states() == {"answered": 1, "history": 2, "pending": 1}


def test_a_parked_mail_keeps_its_beginning_and_its_names(store: Store) -> None:
    """It is shown with author and subject; of its bytes so many are kept as make no database burst."""
    arrive(store, 1, 2)
    with store.transaction():
        store.mails.park(1, "begun 3 times", Envelope("<1@a.test>", "ann@a.test", "Hi"), bytes(MOST_RAW + 1), NOW)
        store.mails.park(2, "withheld", Envelope(), b"", NOW)
        store.mails.park(1, "again", Envelope(), b"", NOW)
    first, second = store.mails.find(1), store.mails.find(2)
    assert first
    assert second
    named = (first["state"], first["problem"], first["sender"], first["subject"], first["message_id"])
    assert named == ("unreadable", "begun 3 times", "ann@a.test", "Hi", "<1@a.test>")
    assert (first["raw"], second["raw"]) == (bytes(MOST_RAW), None)


def test_a_mail_nobody_has_tried_yet_is_work(store: Store) -> None:
    """In this folder alone; one that was begun is not, until its attempt is taken back."""
    arrive(store, 1)
    with store.transaction():
        assert store.mails.has_unbegun(*PLACE)
        assert not store.mails.has_unbegun("support", "Other", 7)
    (one,) = claim(store)
    with store.transaction():
        assert not store.mails.has_unbegun(*PLACE)
        store.mails.unclaim([one.id])
        assert store.mails.has_unbegun(*PLACE)


def test_how_news_are_met_is_told_by_inbox(store: Store) -> None:
    """The folder that was met last speaks for its inbox; one that was never watched says nothing."""
    arrive(store, 1)
    with store.transaction():
        store.mails.open_folder("other", "INBOX", 1, NOW)
        store.mails.set_watched(*PLACE, "a look every minute")
        store.mails.open_folder("support", "INBOX", 8, NOW + DAY)
        store.mails.set_watched("support", "INBOX", 8, "IDLE")
        assert store.mails.watched() == {"support": "IDLE"}


def test_the_last_comparison_of_each_folder(store: Store) -> None:
    """What was found last is told, for this folder of this inbox alone."""
    first = Comparison(NOW, *PLACE, 3, 2, 1, 0)
    last = Comparison(NOW + timedelta(hours=1), *PLACE, 3, 3, 0, 4)
    with store.transaction():
        assert store.reconciliations.last("support", "INBOX") is None
        for one in (first, last, Comparison(NOW, "other", "INBOX", 7, 9, 9, 0, 0)):
            store.reconciliations.add(one)
        assert store.reconciliations.last("support", "INBOX") == last
