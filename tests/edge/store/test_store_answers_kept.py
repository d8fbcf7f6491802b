"""The end of what answers to digests leave behind: words go with their class or their person, what was done stays."""

import pytest

from tests.edge.stores import ADA, DAY, NOW, TICK, add, arrive, claim, decide, make_mail
from triagebot.core.decision import TicketPlan
from triagebot.core.person import Person
from triagebot.edge.store import Store
from triagebot.edge.store.digests.digests import NewDigest, Ref
from triagebot.edge.store.upkeep.retention import PARTS, Part
from triagebot.edge.store.work.tickets import NewTicket

PART = {part.label: part for part in PARTS}
LINES, DIGESTS = PART["lines of your answers to digests"], PART["digests that cannot be answered any more"]
WHO = Person((ADA,), frozenset({ADA}))
UNDO = {"line": "1 ok", "refs": ["1"], "steps": []}


def end(store: Store, part: Part, before: object) -> int:
    """Given a part and a moment, end what is past it; return how many rows that was."""
    keys = store.keeping.past(part, before).keys  # type: ignore[arg-type]
    with store.transaction():
        store.keeping.end(part, keys)
    return len(keys)


def command(store: Store, ref: str, mail: int | None = None) -> int:
    """Log a command about something, with words of a client in it; return its number."""
    with store.transaction():
        return store.commands.add(
            "done", f"Sent to {ADA}", NOW, line='1 send "Dear Ada"', verb="send", ref=ref, mail=mail, undo=UNDO
        )


def read(store: Store, number: int) -> dict[str, object]:
    """Return a row of the log."""
    return store.privacy.read("command", [number])[0]


def test_a_line_loses_its_words_and_keeps_what_was_done(store: Store) -> None:
    """Right at its time; verb, ref, outcome and date stay, and it is not ended twice."""
    number = command(store, "1", 40)
    before = read(store, number)
    assert end(store, LINES, NOW) == 0
    assert end(store, LINES, NOW + TICK) == 1
    after = read(store, number)
    assert {name for name in after if after[name] != before[name]} == {"line", "said", "undo"}
    assert (after["line"], after["said"], after["undo"]) == ("", "", None)
    assert end(store, LINES, NOW + TICK) == 0


def test_an_expired_digest_goes_with_all_it_showed(store: Store) -> None:
    """Its items, and the ids and words by which answers to it were known; the log of commands stays."""
    with store.transaction():
        store.digests.register(
            NewDigest("aaaaaaaa", "digest", "digest 1", "<dg.1@desk.test>", NOW, NOW + 14 * DAY), [Ref("1", "v1")]
        )
        store.digests.take_answer(1, 40, "<a@dev.test>", "words", NOW)
    number = command(store, "1", 40)
    assert end(store, DIGESTS, NOW + 14 * DAY) == 0
    assert end(store, DIGESTS, NOW + 14 * DAY + TICK) == 1
    for table in ("digest", "digest_item", "digest_answer"):
        assert store._connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert read(store, number)["line"] != ""


def test_a_confirmation_shows_nothing_of_the_day(store: Store) -> None:
    """What was decided after the last digest has been shown to nobody, whatever was confirmed since."""
    for cause, at in (("digest 2026-11-23", NOW), ("confirmation x", NOW + DAY), ("explanation y", NOW + 2 * DAY)):
        row = add(store, cause, at, outgoing="digest")
        with store.transaction():
            store.outbox.finish(row or 0, "sent", "250", at)
    assert store.keeping.told_until() == NOW


@pytest.fixture
def known(store: Store) -> tuple[Store, dict[str, int]]:
    """A person with mail 1, ticket 1 and mail 1 of ours, somebody else with mail 2, and a command about each."""
    arrive(store, 1, 2)
    one, two = claim(store)
    decide(store, one.id, make_mail("<1@client.test>", "one"), ADA)
    decide(store, two.id, make_mail("<2@other.test>", "two"), "eve@other.test", thread=2)
    plan = TicketPlan("work", 30, "planned", None)
    with store.transaction():
        store.tickets.open(NewTicket(plan, "none", "Phone", "My phone", 1, 1, None, ADA), NOW)
        for mail in (1, 2):
            store._connection.execute(
                "INSERT INTO agreement (mail, rule, verdict, why, at) VALUES (?, 'links', 'no', 'said Ada', '')",
                (mail,),
            )
    add(store, "answer", mail=1)
    return store, {ref: command(store, ref) for ref in ("1", "m1", "o1", "m2", "o2", "")}


def test_an_export_holds_commands_about_the_person(known: tuple[Store, dict[str, int]]) -> None:
    """By ticket, received mail and mail of ours; nothing about others."""
    store, numbers = known
    held = store.privacy.find(WHO, ())
    assert held.commands == tuple(sorted(numbers[ref] for ref in ("1", "m1", "o1")))
    assert held.agreements == (1,)
    tables = dict(held.tables())
    assert [row["ref"] for row in store.privacy.read("command", tables["command"])] == ["1", "m1", "o1"]
    assert [row["why"] for row in store.privacy.read("agreement", tables["agreement"])] == ["said Ada"]


def test_commands_of_others_may_mention_them(known: tuple[Store, dict[str, int]]) -> None:
    """An erasure tells of what it does not touch."""
    store, numbers = known
    assert set(store.privacy.mentions(WHO)["command"]) == set(numbers.values())


def test_an_erasure_takes_the_words(known: tuple[Store, dict[str, int]]) -> None:
    """That something was done, when, and how well a rule fitted stays; others' commands stay whole."""
    store, numbers = known
    with store.transaction():
        for step in store.erasure.steps(store.privacy.find(WHO, ())):
            store.erasure.do(step)
    words = {ref: read(store, number)["line"] for ref, number in numbers.items()}
    assert {ref for ref, line in words.items() if line} == {"m2", "o2", ""}
    assert read(store, numbers["1"])["outcome"] == "done"
    assert [row["why"] for row in store.privacy.read("agreement", [1, 2])] == ["", "said Ada"]
