"""The end of kept words: each class at its own time, rows and numbers stay, nothing that still needs a person goes."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from tests.edge.stores import DAY, NOW, TICK, add, arrive, claim, decide, make_mail, outgoing
from triagebot.core.decision import TicketPlan
from triagebot.edge.store import Store, open_store_to_read
from triagebot.edge.store.received.mails import Envelope
from triagebot.edge.store.upkeep.retention import PARTS, Part
from triagebot.edge.store.work.tickets import NewTicket

PART = {part.label: part for part in PARTS}
LATER = NOW + 100 * DAY


def past(store: Store, label: str, before: datetime = LATER) -> int:
    """Given a part's label and a moment, return how many rows are past it."""
    return len(store.keeping.past(PART[label], before).keys)


def end(store: Store, part: Part, before: datetime = LATER) -> None:
    """Given a part and a moment, end what is past it."""
    with store.transaction():
        store.keeping.end(part, store.keeping.past(part, before).keys)


def row(store: Store, table: str, key: int = 1) -> dict[str, object]:
    """Return a row."""
    return store.privacy.read(table, [key])[0]


def run(store: Store, sql: str, *values: object) -> None:
    """Change the database behind its back."""
    with store.transaction():
        store._connection.execute(sql, values)


def receive(store: Store, *states: str, thread: int = 1) -> None:
    """Given final states, receive a mail for each, decided at NOW."""
    arrive(store, *range(1, len(states) + 1))
    for pending, state in zip(claim(store), states, strict=True):
        decide(
            store, pending.id, make_mail(f"<{pending.id}@client.test>", f"key {pending.id}"), state=state, thread=thread
        )


@pytest.mark.parametrize(
    ("state", "label"),
    [
        ("suppressed", "automatic mail, lists, spam"),
        *((state, "mails of ended conversations") for state in ("answered", "planned", "held", "unreadable", "merged")),
    ],
)
def test_a_mail_loses_its_words_and_keeps_its_row(store: Store, state: str, label: str) -> None:
    """Right at its time, not a tick before, in its class alone; number, state, dates and the hash of the whole mail
    stay, so that it is accounted for and known again."""
    receive(store, state)
    before = row(store, "mail")
    assert past(store, label, NOW) == 0
    assert past(store, label, NOW + TICK) == 1
    assert sum(past(store, part.label) for part in PARTS) == 1
    end(store, PART[label])
    after = row(store, "mail")
    kept = {name for name in after if after[name] == before[name] and after[name] is not None}
    assert {"uid", "state", "received_at", "recorded_at", "decided_at", "content_key", "size", "thread"} <= kept
    assert not {"sender", "sender_key", "subject", "text", "new_text", "raw", "message_id", "body_key"} & kept
    assert past(store, label) == 0


def test_a_mail_before_the_desk_loses_its_headers(store: Store) -> None:
    """History known by its headers is a class of its own."""
    arrive(store, 1)
    with store.transaction():
        store.mails.end_history(1, Envelope("<a@client.test>", "ada@client.test", "Hi"), NOW)
    label = "headers of mail before the desk"
    assert [part.label for part in PARTS if past(store, part.label)] == [label]
    end(store, PART[label])
    assert (row(store, "mail")["sender"], row(store, "mail")["subject"]) == (None, None)


@pytest.mark.parametrize("state", ["new", "planned", "waiting-client", "doing", "done"])
def test_a_conversation_with_an_open_ticket_stays(store: Store, state: str) -> None:
    """However old: somebody is owed something."""
    receive(store, "planned")
    open_ticket(store, state)
    assert past(store, "mails of ended conversations") == 0
    assert past(store, "closed tickets") == 0
    run(store, "UPDATE ticket SET state = 'closed'")
    assert past(store, "mails of ended conversations") == 1


def open_ticket(store: Store, state: str = "planned") -> int:
    """Open a ticket of thread 1 with an event that names its sender."""
    plan = TicketPlan("work", 30, state, None)  # type: ignore[arg-type]
    with store.transaction():
        ticket = store.tickets.open(
            NewTicket(plan, "retainer", "Phone", "My phone", 1, 1, "bakery", "ada@client.test"), NOW
        )
        store.tickets.tell(ticket, "ada@client.test", "another mail joined", "Phone again", NOW)
    return ticket


@pytest.mark.parametrize("sign", ["mail", "answer", "ticket"])
def test_a_conversation_ends_with_its_last_word(store: Store, sign: str) -> None:
    """A later mail, answer or change of the ticket keeps the whole conversation."""
    receive(store, "answered", "answered")
    open_ticket(store)
    run(store, "UPDATE ticket SET state = 'closed'")
    before = NOW + 2 * DAY
    assert past(store, "mails of ended conversations", before) == 2
    late = (NOW + 3 * DAY).isoformat(timespec="microseconds")
    if sign == "mail":
        run(store, "UPDATE mail SET decided_at = ? WHERE id = 2", late)
    elif sign == "answer":
        add(store, "later", NOW + 3 * DAY, thread=1)
    else:
        run(store, "UPDATE ticket SET changed_at = ?", late)
    assert past(store, "mails of ended conversations", before) == 0


def test_a_closed_ticket_keeps_what_was_billed(store: Store) -> None:
    """Client, kind, minutes and dates stay when subject, text, sender and the words of its story go (field.md 69)."""
    ticket = open_ticket(store)
    run(store, "UPDATE ticket SET state = 'closed'")
    before = row(store, "ticket", ticket)
    end(store, PART["closed tickets"])
    after = row(store, "ticket", ticket)
    assert {name for name in after if after[name] != before[name]} == {"subject", "text", "sender_key"}
    assert (after["client"], after["kind"], after["minutes"]) == ("bakery", "work", 30)
    told = store._connection.execute("SELECT who, what, why FROM event").fetchall()
    assert told == [("triagebot", "opened as planned", ""), ("client", "another mail joined", "")]


@pytest.mark.parametrize("state", ["sent", "shadow", "drafted", "dropped", "returned", "stopped"])
def test_an_ended_mail_loses_its_bytes(store: Store, state: str) -> None:
    """What can be neither approved nor sent again afterwards is dropped, so that no command finds it without bytes."""
    add(store, "cause")
    run(store, "UPDATE outbox SET state = ?", state)
    end(store, PART["bytes of sent mails"])
    assert store.privacy.bytes_of(1) is None
    assert row(store, "outbox")["subject"] == ""
    assert row(store, "outbox")["state"] == ("sent" if state == "sent" else "dropped")
    assert add(store, "cause") is None


@pytest.mark.parametrize("state", ["queued", "retry", "sending", "draft", "failed", "ambiguous"])
def test_a_mail_that_waits_keeps_its_bytes(store: Store, state: str) -> None:
    """However old: it is to be sent, or a person has not said yet what becomes of it."""
    add(store, "cause")
    run(store, "UPDATE outbox SET state = ?", state)
    assert [part.label for part in PARTS if part.table == "outbox" and past(store, part.label)] == []


def test_traces_go_but_for_what_still_counts(store: Store) -> None:
    """Counters, ended latches, comparisons and marks of daily tasks go; a latch that holds, an open breaker, a mark
    that is made once for ever and the digests' own marks stay."""
    add(store, "cause")
    for kind, until, released in (
        ("a", NOW, None),
        ("b", LATER + DAY, None),
        ("c", None, NOW),
        ("breaker", None, None),
    ):
        stamps = [moment and moment.isoformat(timespec="microseconds") for moment in (NOW, until, released)]
        run(
            store,
            "INSERT INTO latch (kind, mode, reason, since, until, released_at) VALUES (?, 'live', '', ?, ?, ?)",
            kind,
            *stamps,
        )
    with store.transaction():
        for task in ("purge/2026-11-23", "digest/2026-11-23", "plus-addressing/support"):
            store.health.do_once(task, NOW)
    for part in PARTS:
        if part.name == "traces":
            end(store, part)
    kinds = [kind for (kind,) in store._connection.execute("SELECT kind FROM latch ORDER BY id")]
    tasks = [task for (task,) in store._connection.execute("SELECT task FROM done_once ORDER BY task")]
    assert (kinds, tasks) == (["b", "breaker"], ["digest/2026-11-23", "plus-addressing/support"])
    assert store._connection.execute("SELECT count(*) FROM counter").fetchone() == (0,)


def test_what_was_purged_is_not_in_the_files(store: Store) -> None:
    """Deleted words are overwritten, in the database and in its log of changes, without a rewrite of the file; the
    file becomes smaller."""
    big = "needle " * 20_000
    with store.transaction():
        store.outbox.add(outgoing("cause", raw=big.encode(), subject="needle in the subject", mode="shadow"), NOW)
    store.tidy()
    assert store.holds([b"needle"])
    size = store_size(store)
    end(store, PART["bytes of sent mails"])
    assert store.tidy()
    assert not store.holds([b"needle"])
    assert store_size(store) < size
    assert store.integrity() == "ok"


def store_size(store: Store) -> int:
    """Return the bytes of the database file."""
    pages, bytes_each = (
        store._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    return int(pages * bytes_each)


def test_the_log_of_changes_is_emptied_when_nobody_reads(store: Store, path: Path) -> None:
    """While somebody reads, `tidy` says that it could not."""
    add(store, "cause")
    with closing(open_store_to_read(path)) as reader:
        reader._connection.execute("BEGIN")
        assert reader.outbox.count_states() == {"queued": 1}
        add(store, "other")
        store._connection.execute("PRAGMA busy_timeout = 0")
        assert not store.tidy()
    assert store.tidy()
    assert path.with_name(f"{path.name}-wal").stat().st_size == 0
