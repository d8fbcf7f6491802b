"""Rows of the developer's own mails: how far Sent is looked through, and the end of their words."""

from datetime import datetime

from tests.edge.stores import DAY, HOUR, NOW
from triagebot.core.person import Person
from triagebot.edge.store import Store
from triagebot.edge.store.received.sentmails import Seen, SentMail
from triagebot.edge.store.upkeep.retention import PARTS

PART = next(part for part in PARTS if part.table == "sent_mail")


def add(store: Store, uid: int = 1, recipient: str = "jan@bakery.test", at: datetime = NOW) -> int:
    """Given a UID, a recipient and when it was sent, add a mail; return its number."""
    place = ("box", "Sent", 7, uid)
    mail = SentMail(place, at, f"<{uid}@desk.test>", "<1@bakery.test>", recipient, "Re: Menu", "Done.", minutes=25)
    with store.transaction():
        number = store.sent_mails.add(mail)
    assert number is not None
    return number


def see(store: Store, uidvalidity: int, uid: int) -> Seen | None:
    """Given a numbering and a UID, remember that Sent was looked through up to there; return what is known then."""
    with store.transaction():
        store.sent_mails.set_seen("box", "Sent", uidvalidity, uid, NOW)
    return store.sent_mails.seen("box", "Sent")


def test_a_sent_folder_is_never_looked_through_backwards(store: Store) -> None:
    """Within one numbering only a higher UID counts; a new numbering begins anew; folders do not mix."""
    assert store.sent_mails.seen("box", "Sent") is None
    assert see(store, 7, 10) == Seen(7, 10, NOW)
    assert see(store, 7, 4) == Seen(7, 10, NOW)
    assert see(store, 8, 2) == Seen(8, 2, NOW)
    assert store.sent_mails.seen("other", "Sent") is None


def test_a_place_has_one_row(store: Store) -> None:
    """A look that was broken off and made again adds nothing."""
    add(store)
    with store.transaction():
        again = SentMail(("box", "Sent", 7, 1), NOW, "<other@desk.test>", "", "", "", "")
        assert store.sent_mails.add(again) is None
    assert store.sent_mails.knows("<1@desk.test>")
    assert not store.sent_mails.knows("<other@desk.test>")


def test_an_offer_ends_once(store: Store) -> None:
    """Of two that book it at the same time, one does."""
    number = add(store)
    with store.transaction():
        store.sent_mails.attach(number, 1, None, "bakery", "open")
        assert [one.written for one in store.sent_mails.unbooked()] == [25]
        assert store.sent_mails.end_offer(number, "booked")
        assert not store.sent_mails.end_offer(number, "declined")
    assert store.sent_mails.unbooked() == []


def test_its_words_end_with_the_conversation(store: Store) -> None:
    """At their time, not before; what was worked stays."""
    number = add(store)
    assert store.keeping.past(PART, NOW).keys == ()
    aged = store.keeping.past(PART, NOW + HOUR)
    with store.transaction():
        store.keeping.end(PART, aged.keys)
    (row,) = store.privacy.read("sent_mail", [number])
    assert (row["recipient"], row["subject"], row["text"], row["message_id"]) == ("", "", "", None)
    assert (row["uid"], row["minutes"]) == (1, 25)
    assert store.keeping.past(PART, NOW + DAY).keys == ()


def test_who_is_forgotten_is_forgotten_there_too(store: Store) -> None:
    """Mails to the person, also in another spelling and among others, and no other ones."""
    mine, both, other = add(store), add(store, 2, "eva@x.test, Jan+shop@Bakery.test"), add(store, 3, "eva@x.test")
    held = store.privacy.find(Person(("jan@bakery.test",), frozenset({"jan@bakery.test"})), ())
    assert held.sent == (mine, both)
    with store.transaction():
        for step in store.erasure.steps(held):
            store.erasure.do(step)
    rows = {row["id"]: row["text"] for row in store.privacy.read("sent_mail", [mine, both, other])}
    assert rows == {mine: "", both: "", other: "Done."}
