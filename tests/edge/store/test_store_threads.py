"""Rows of ids: every order of arrival gives the same threads, and nobody joins somebody else's."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.edge.stores import ADA, NOW, add, arrive, claim, decide, make_mail
from triagebot.edge.store import Store, open_store
from triagebot.edge.store.received.threads import OUTSIDER
from triagebot.edge.store.upkeep.retention import PARTS

US = ("client bakery", "address ada@client.test")
OTHERS = ("client cafe", "address bob@cafe.test")
Named = tuple[int, tuple[int, ...]]


def mark(number: int) -> str:
    """Given a number, return a Message-ID."""
    return f"<{number}@client.test>"


def take(store: Store, row: int, own: int, *named: int, parties: tuple[str, ...] = US) -> int:
    """Given a mail's row, its id and those it names, place it as deciding does; return its thread."""
    links = tuple(mark(one) for one in (own, *named))
    with store.transaction():
        thread = store.threads.place(parties, links) or row
        store.threads.record(parties, links, thread)
    return thread


def partition(store: Store) -> frozenset[frozenset[str]]:
    """Return which ids belong together."""
    groups: dict[int, set[str]] = {}
    for message_id, thread in store._connection.execute("SELECT message_id, thread FROM reference"):
        groups.setdefault(thread, set()).add(message_id)
    return frozenset(frozenset(group) for group in groups.values())


def expected(mails: list[Named]) -> frozenset[frozenset[str]]:
    """Given mails, return the partition they make: whatever is named together belongs together."""
    groups: list[set[str]] = []
    for own, named in mails:
        new = {mark(one) for one in (own, *named)}
        touching = [group for group in groups if group & new]
        groups = [group for group in groups if not group & new] + [new.union(*touching)]
    return frozenset(frozenset(group) for group in groups)


MAILS = st.lists(st.tuples(st.integers(0, 9), st.lists(st.integers(0, 12), max_size=3).map(tuple)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(MAILS, st.randoms(use_true_random=False))
def test_any_order_gives_the_same_threads(mails: list[Named], random: object) -> None:
    """Also where what is answered was never seen, or comes last (field.md 22)."""
    shuffled = list(mails)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for order in (mails, shuffled):
        with TemporaryDirectory() as directory:
            store = open_store(Path(directory) / "t.db")
            for row, (own, named) in enumerate(order, start=1):
                take(store, row, own, *named)
            assert partition(store) == expected(mails)
            store.close()


@settings(max_examples=60, deadline=None)
@given(MAILS, MAILS)
def test_a_stranger_who_names_ids_changes_nobodys_threads(ours: list[Named], theirs: list[Named]) -> None:
    """Whatever ids others name, among ours or not: our threads are what they would be without them (field.md 20)."""
    with TemporaryDirectory() as directory:
        store = open_store(Path(directory) / "t.db")
        mine = set()
        for row, (own, named) in enumerate(ours, start=1):
            mine.add(take(store, row, own, *named))
        before = store._connection.execute("SELECT * FROM reference WHERE party = ? ORDER BY 2", US[:1]).fetchall()
        for row, (own, named) in enumerate(theirs, start=100):
            assert take(store, row, own, *named, parties=OTHERS) not in mine
            assert take(store, row, own, *named, parties=()) == row
        after = store._connection.execute("SELECT * FROM reference WHERE party = ? ORDER BY 2", US[:1]).fetchall()
        assert after == before
        store.close()


def test_two_answers_to_a_mail_nobody_saw_are_one_thread(store: Store) -> None:
    """The id they both name holds the place of the mail."""
    assert take(store, 5, 1, 99) == 5
    assert take(store, 6, 2, 99) == 5


def test_a_mail_of_ours_is_known_to_whom_it_went(store: Store) -> None:
    """To the client or address it was written to, and to nobody else."""
    add(store, "ours", thread=4, client="bakery", sender_key=ADA)
    found = [store.threads.place(parties, ("<new@x.test>", "<ours@desk.test>")) for parties in (US, US[1:], OTHERS)]
    assert found == [4, 4, None]


def test_rows_follow_when_threads_become_one(store: Store) -> None:
    """Mails, answers and loops go along; the lower number is kept."""
    arrive(store, 1)
    assert decide(store, claim(store)[0].id, make_mail(mark(2)), thread=8)
    add(store, "ours", thread=8)
    with store.transaction():
        store.latches.latch(ADA, 8, "live", "why", NOW, NOW)
    assert take(store, 3, 1) == 3
    assert take(store, 8, 2) == 8
    assert take(store, 9, 3, 1, 2) == 3
    for table in ("mail", "outbox", "latch", "reference"):
        assert store._connection.execute(f"SELECT DISTINCT thread FROM {table}").fetchall() == [(3,)]


def test_what_was_set_apart_stays_apart(store: Store) -> None:
    """An answer that names the old conversation as well does not glue them together; the undoing does."""
    take(store, 1, 1)
    take(store, 2, 2, 1)
    with store.transaction():
        store.threads.begin_apart(mark(2), 1, 2)
    assert take(store, 3, 3, 2, 1) == 2
    assert take(store, 4, 4, 1) == 1
    with store.transaction():
        store.threads.end_apart(mark(2))
    assert take(store, 5, 5, 2, 1) == 1
    assert len(partition(store)) == 1


def test_an_outsider_is_written_down(store: Store) -> None:
    """Who names a conversation of others joins nothing, and is told about."""
    take(store, 1, 1)
    for mail, parents, thread in ((7, (mark(1),), 7), (8, (mark(1),), 1), (9, (mark(50),), 9), (10, (), 10)):
        with store.transaction():
            store.threads.note_outsider(mail, parents, thread, NOW)
    assert store._connection.execute("SELECT mail, what FROM event").fetchall() == [(7, OUTSIDER)]


def test_ids_end_with_the_words_of_their_mails(store: Store) -> None:
    """Each mail takes its own along, the last one of a thread all that the thread named; other threads stay."""
    arrive(store, 1, 2, 3)
    for row, own, thread in zip([one.id for one in claim(store)], (1, 2, 3), (1, 1, 3), strict=True):
        take(store, thread, own, *((1, 9) if thread == 1 else ()))
        assert decide(store, row, make_mail(mark(own), str(own)), thread=thread)
    (part,) = (one for one in PARTS if one.label == "mails of ended conversations")
    with store.transaction():
        store.keeping.end(part, [1])
    assert partition(store) == {frozenset((mark(2), mark(9))), frozenset((mark(3),))}
    with store.transaction():
        store.keeping.end(part, [2])
    assert partition(store) == {frozenset((mark(3),))}
