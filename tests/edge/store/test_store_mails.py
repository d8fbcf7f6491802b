"""Rows of received mails: every one the server shows, each decided once."""

from tests.edge.stores import ADA, DAY, NOW, arrive, claim, decide, make_mail
from triagebot.edge.store import Store
from triagebot.edge.store.received.mails import Envelope, FolderState

START = NOW.replace(microsecond=0)


def test_every_uid_has_one_row(store: Store) -> None:
    """However often the server shows it; UIDs of another folder or UIDVALIDITY are others."""
    arrive(store, 1, 2, 3)
    arrive(store, 2, 3, 4)
    assert store.mails.count_states() == {"pending": 4}
    assert [one.uid for one in claim(store)] == [1, 2, 3, 4]
    with store.transaction():
        store.mails.record_arrivals("support", "Junk", 7, [(1, 100, NOW)], NOW)
        store.mails.record_arrivals("other", "INBOX", 7, [(1, 100, NOW)], NOW)
    assert store.mails.count_states() == {"pending": 6}


def test_a_known_uid_keeps_what_is_known(store: Store) -> None:
    """A rescan changes neither state nor size of a mail that has a row."""
    arrive(store, 1)
    assert decide(store, claim(store)[0].id, make_mail())
    with store.transaction():
        store.mails.record_arrivals("support", "INBOX", 7, [(1, 999, NOW + DAY)], NOW)
    row = store.mails.find(1)
    assert row is not None
    assert (row["state"], row["size"]) == ("answered", 100)


def test_the_first_sight_of_a_folder_counts_from_the_first_start(store: Store) -> None:
    """In whole seconds, as INTERNALDATE is written; a later start changes nothing."""
    with store.transaction():
        assert store.mails.start_inbox("support", NOW) == START
        assert store.mails.start_inbox("support", NOW + DAY) == START
        assert store.mails.open_folder("support", "INBOX", 7, NOW + DAY) == FolderState(START, False, 0)


def test_a_folder_remembers_how_far_it_was_listed(store: Store) -> None:
    """The highest UID with a row, which never goes back."""
    arrive(store, 1, 9)
    arrive(store, 5)
    with store.transaction():
        assert store.mails.open_folder("support", "INBOX", 7, NOW).listed_uid == 9
        assert store.mails.open_folder("support", "Other", 7, NOW).listed_uid == 0


def test_a_renumbered_folder_is_read_anew(store: Store) -> None:
    """Its mails count as old from now on, and what was pending under the old numbers has its end."""
    arrive(store, 1, 2)
    assert decide(store, claim(store)[0].id, make_mail())
    later = NOW + DAY
    with store.transaction():
        state = store.mails.open_folder("support", "INBOX", 8, later)
    assert state == FolderState(later.replace(microsecond=0), True, 0)
    assert store.mails.count_states() == {"answered": 1, "history": 1}
    assert claim(store) == []
    with store.transaction():
        assert store.mails.open_folder("support", "INBOX", 8, later + DAY) == state
        assert not store.mails.open_folder("support", "INBOX", 7, later).rescan


def test_another_folder_is_not_renumbered_with_it(store: Store) -> None:
    """A new folder of the same inbox leaves the pending mails of the first alone."""
    arrive(store, 1)
    with store.transaction():
        store.mails.open_folder("support", "Other", 99, NOW)
        store.mails.open_folder("second", "INBOX", 99, NOW)
    assert store.mails.count_states() == {"pending": 1}


def test_a_claim_counts_the_attempt_and_unclaiming_takes_it_back(store: Store) -> None:
    """A mail that ends the daemon is counted each time; a lost connection is not the mail's fault."""
    arrive(store, 1, 2)
    first = claim(store)
    assert [(one.uid, one.attempts) for one in first] == [(1, 1), (2, 1)]
    with store.transaction():
        store.mails.unclaim([one.id for one in first])
    assert [(one.uid, one.attempts) for one in claim(store)] == [(1, 1), (2, 1)]


def test_a_mail_that_was_begun_before_is_claimed_alone(store: Store) -> None:
    """When it ends the daemon again no other mail is blamed (safety.md F.2, poison counter)."""
    arrive(store, 1, 2, 3)
    assert len(claim(store)) == 3
    assert [(one.uid, one.attempts) for one in claim(store)] == [(1, 2)]
    assert [(one.uid, one.attempts) for one in claim(store, after=1)] == [(2, 2)]
    arrive(store, 4)
    assert [(one.uid, one.attempts) for one in claim(store, after=3)] == [(4, 1)]


def test_a_decided_mail_is_not_unclaimed(store: Store) -> None:
    """Its counter tells how it went."""
    arrive(store, 1)
    (one,) = claim(store)
    assert decide(store, one.id, make_mail())
    with store.transaction():
        store.mails.unclaim([one.id])
    row = store.mails.find(one.id)
    assert row is not None
    assert row["attempts"] == 1


def test_a_mail_is_decided_once(store: Store) -> None:
    """The second decision changes nothing and is told so, also after an end without a decision."""
    arrive(store, 1, 2, 3)
    first, second, third = claim(store)
    assert decide(store, first.id, make_mail())
    assert not decide(store, first.id, make_mail("<2@client.test>"), state="planned")
    with store.transaction():
        store.mails.end(second.id, "unreadable", "too large", NOW)
        store.mails.end(first.id, "unreadable", "too large", NOW)
        store.mails.end_history(third.id, Envelope("", ADA, "Hi"), NOW)
        store.mails.end_history(first.id, Envelope("", ADA, "Hi"), NOW)
    assert not decide(store, second.id, make_mail())
    assert store.mails.count_states() == {"answered": 1, "history": 1, "unreadable": 1}
    assert claim(store) == []


def test_only_decided_mails_are_marked_and_only_once(store: Store) -> None:
    """History stays untouched on the server: the desk never met it."""
    arrive(store, 1, 2, 3)
    first, second, _ = claim(store)
    assert decide(store, first.id, make_mail())
    with store.transaction():
        store.mails.end_history(second.id, Envelope("", ADA, "Hi"), NOW)
        assert store.mails.unmarked("support", "INBOX", 7, 10) == [(first.id, 1)]
        assert store.mails.unmarked("support", "INBOX", 8, 10) == []
        store.mails.set_marked([first.id])
        assert store.mails.unmarked("support", "INBOX", 7, 10) == []
