"""What a digest showed and in which version: used once, revoked by a newer one, changed by whatever matters."""

from dataclasses import replace

import pytest

from tests.edge.stores import DAY, HOUR, NOW, TICK, add, arrive, claim, decide, make_mail
from triagebot.core.decision import TicketPlan
from triagebot.edge.store import Store
from triagebot.edge.store.digests.digests import NewDigest, Ref
from triagebot.edge.store.work.tickets import NewTicket

FIRST = NewDigest("aaaaaaaa", "digest", "digest 2026-11-23", "<dg.1@desk.test>", NOW, NOW + 14 * DAY)
SECOND = NewDigest("bbbbbbbb", "digest", "digest 2026-11-24", "<dg.2@desk.test>", NOW + DAY, NOW + 15 * DAY)


def register(store: Store, digest: NewDigest, *refs: Ref) -> int:
    """Given a digest and what it shows, register it and return its number."""
    with store.transaction():
        store.digests.register(digest, refs)
    found = store.digests.find(digest.code)
    assert found is not None
    return found.id


def run(store: Store, sql: str, *values: object) -> None:
    """Change the database behind its back."""
    with store.transaction():
        store._connection.execute(sql, values)


def test_a_digest_is_found_again(store: Store) -> None:
    """By its 40-bit id and by its Message-ID, with what it showed."""
    number = register(store, FIRST, Ref("12", "v1", shown=True), Ref("m4", "held"))
    for found in (store.digests.find("aaaaaaaa"), store.digests.find_by_message_id("<dg.1@desk.test>")):
        assert found is not None
        assert (found.id, found.kind, found.made_at, found.expires_at) == (number, "digest", NOW, NOW + 14 * DAY)
    assert store.digests.refs_of(number) == [Ref("12", "v1", shown=True), Ref("m4", "held")]
    assert store.digests.find("zzzzzzzz") is None
    assert store.digests.find_by_message_id("<dg.9@desk.test>") is None


def test_one_cause_has_one_digest(store: Store) -> None:
    """What a second one would show is not registered either."""
    number = register(store, FIRST, Ref("12", "v1"))
    register(store, replace(FIRST, made_at=NOW + HOUR), Ref("13", "v1"))
    assert store.digests.refs_of(number) == [Ref("12", "v1")]


def test_each_item_is_used_once(store: Store) -> None:
    """By the first answer; another item of the same digest, or the same of another digest, is a matter of its own."""
    one, two = register(store, FIRST, Ref("12", "v1"), Ref("13", "v1")), register(store, SECOND, Ref("12", "v1"))
    with store.transaction():
        assert store.digests.use(one, "12", 40, NOW)
        assert not store.digests.use(one, "12", 40, NOW)
        assert not store.digests.use(one, "12", 41, NOW + DAY)
        assert store.digests.use(one, "13", 41, NOW)
        assert store.digests.use(two, "12", 41, NOW)
        assert not store.digests.use(one, "99", 41, NOW)


def use_and_fail(store: Store, number: int) -> None:
    """A command that uses its item and then cannot be carried out."""
    with store.step():
        assert store.digests.use(number, "12", 40, NOW)
        raise ValueError("refused")


def test_a_use_that_is_undone_was_none(store: Store) -> None:
    """A command that fails gives back what it would have used."""
    number = register(store, FIRST, Ref("12", "v1"))
    with store.transaction():
        with pytest.raises(ValueError, match="refused"):
            use_and_fail(store, number)
        assert store.digests.use(number, "12", 41, NOW)


def test_a_newer_digest_revokes(store: Store) -> None:
    """Only for what it shows."""
    one = register(store, FIRST, Ref("12", "v1"), Ref("13", "v1"))
    two = register(store, SECOND, Ref("12", "v1"))
    assert store.digests.newer_than(one, "12") == NOW + DAY
    assert store.digests.newer_than(one, "13") is None
    assert store.digests.newer_than(two, "12") is None


def test_answers_are_known_again(store: Store) -> None:
    """By their id wherever they come, by their words in answer to the same digest."""
    one, two = register(store, FIRST), register(store, SECOND)
    with store.transaction():
        store.digests.take_answer(one, 40, "<a@dev.test>", "words", NOW)
    assert store.digests.came_before("<a@dev.test>") == 40
    assert store.digests.came_before("<b@dev.test>") is None
    assert store.digests.said_before(one, "words") == 40
    assert store.digests.said_before(two, "words") is None
    assert store.digests.said_before(one, "other") is None


def test_digests_are_counted_by_kind(store: Store) -> None:
    """Those of a kind since a moment."""
    register(store, FIRST)
    register(store, replace(SECOND, kind="explanation"))
    assert store.digests.count_since("explanation", NOW + DAY) == 1
    assert store.digests.count_since("explanation", NOW + DAY + TICK) == 0
    assert store.digests.count_since("digest", NOW) == 1


@pytest.fixture
def filled(store: Store) -> Store:
    """Mail 1 with ticket 1 and draft 1, mail 2 in the same thread."""
    arrive(store, 1, 2)
    for pending in claim(store):
        decide(store, pending.id, make_mail(f"<{pending.id}@client.test>", f"key {pending.id}"), state="planned")
    with store.transaction():
        store.tickets.open(
            NewTicket(
                TicketPlan("work", 30, "planned", None), "retainer", "Phone", "My phone", 1, 1, "bakery", "a@b.test"
            ),
            NOW,
        )
    run(store, "UPDATE mail SET ticket = 1 WHERE id = 1")
    add(store, "draft", mode="draft", mail=1, ticket=1, thread=1)
    return store


CHANGES: dict[str, tuple[str, set[str]]] = {
    "the ticket is changed": ("UPDATE ticket SET version = version + 1", {"1"}),
    "its state is": ("UPDATE ticket SET state = 'done'", {"1"}),
    "a mail joins it": ("UPDATE mail SET ticket = 1 WHERE id = 2", {"1"}),
    "the client writes in the thread": (
        "INSERT INTO mail (inbox, folder, uidvalidity, uid, received_at, size, recorded_at, state, thread)"
        " VALUES ('support', 'INBOX', 7, 9, '', 1, '', 'held', 1)",
        {"m1", "o1"},
    ),
    "the mail is dealt with": ("UPDATE mail SET handled_at = 'now' WHERE id = 1", {"m1"}),
    "the mail is decided anew": ("UPDATE mail SET state = 'held' WHERE id = 1", {"m1"}),
    "the draft is another": ("UPDATE outbox_raw SET raw = x'00'", {"1", "m1", "o1"}),
    "the draft is dropped": ("UPDATE outbox SET state = 'dropped'", {"1", "m1", "o1"}),
    "the draft has left": ("UPDATE outbox SET state = 'sent'", {"1", "m1", "o1"}),
    "the draft is filed": ("UPDATE outbox SET state = 'drafted'", set()),
    "a machine writes": (
        "INSERT INTO mail (inbox, folder, uidvalidity, uid, received_at, size, recorded_at, state, thread)"
        " VALUES ('support', 'INBOX', 7, 9, '', 1, '', 'suppressed', 1)",
        set(),
    ),
    "something else happens": ("UPDATE mail SET subject = 'x' WHERE id = 2", set()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_makes_another_version(filled: Store, change: str) -> None:
    """Everything a command could be wrong about, and nothing else."""
    refs = ("1", "m1", "o1")
    before = {ref: filled.digests.version_of(ref) for ref in refs}
    assert all(before.values())
    sql, changed = CHANGES[change]
    run(filled, sql)
    assert {ref for ref in refs if filled.digests.version_of(ref) != before[ref]} == changed


@pytest.mark.parametrize("state", ["queued", "sending", "retry", "sent"])
def test_a_mail_on_its_way_is_one_version(filled: Store, state: str) -> None:
    """It leaves by itself between digest and answer."""
    run(filled, "UPDATE outbox SET state = 'queued'")
    before = [filled.digests.version_of(ref) for ref in ("1", "m1", "o1")]
    run(filled, "UPDATE outbox SET state = ?", state)
    assert [filled.digests.version_of(ref) for ref in ("1", "m1", "o1")] == before


def test_what_is_not_there_has_no_version(store: Store) -> None:
    """Nor does it ever match one."""
    assert [store.digests.version_of(ref) for ref in ("1", "m1", "o1")] == ["", "", ""]


@pytest.mark.parametrize("undo", [None, {"steps": [{"do": "stop", "row": 7}]}])
def test_a_line_is_logged(store: Store, undo: dict[str, object] | None) -> None:
    """With all that is known of it."""
    with store.transaction():
        number = store.commands.add(
            "done",
            "It is.",
            NOW,
            line="12 ok",
            verb="ok",
            ref="12",
            digest=3,
            mail=40,
            undo=undo,
            undo_until=NOW + HOUR,
        )
    (row,) = store.privacy.read("command", [number])
    expected = {
        "line": "12 ok",
        "verb": "ok",
        "ref": "12",
        "digest": 3,
        "mail": 40,
        "outcome": "done",
        "said": "It is.",
    }
    assert {name: row[name] for name in expected} == expected
    assert [one.undo for one in store.undoing.last()] == ([undo] if undo else [])
