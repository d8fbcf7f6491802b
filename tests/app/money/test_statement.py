"""Monthly statements: read by an accountant's eyes, drafted once, never sent by themselves."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.app.books import TABLES, at, book, books
from tests.app.digests import show_digest
from tests.app.money.test_invoice import GOLDEN, OCTOBER, play
from tests.app.quick_desks import QuickDesk, open_desk
from triagebot.app.chores import do_due_chores
from triagebot.app.database import Database
from triagebot.app.money.statement import draft_statements, read_last_statement, read_statement
from triagebot.app.outgoing.outbox import approve_mail, change_outbox
from triagebot.app.render import Rendered
from triagebot.core.errors import LedgerError, StoreError
from triagebot.core.money.month import Month

SECOND_NOVEMBER = "2026-11-02T04:00"
"""The first of November 2026 is a Sunday."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk after an autumn of work of every kind."""
    with books(tmp_path / "desk") as opened:
        play(opened)
        yield opened


def draft(desk: QuickDesk, now: str) -> int:
    """Do the chore of a moment; return how many statements it drafted."""
    with desk.store.transaction():
        return draft_statements(desk.store, desk.snapshot, desk.key, at(now))


def drafts(desk: QuickDesk) -> list[tuple[str, str]]:
    """Return client and state of each statement in the outbox."""
    return desk.rows("SELECT client, state FROM outbox WHERE class = 'approved' ORDER BY id")


def mail(desk: QuickDesk, client: str) -> str:
    """Given a client, return the text of its last statement."""
    [(row,)] = desk.rows("SELECT max(id) FROM outbox WHERE client = ?", client)
    body = message_from_bytes(desk.store.outbox.raw(row), policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_golden(desk: QuickDesk) -> None:
    """October of a client with work, an adjustment and a duty, in text and HTML, is the one that was read by an
    accountant's eyes; so is that of one whose minutes were not enough."""
    bakery = read_statement(desk.snapshot, "bakery", OCTOBER, at("2026-11-02"))
    florist = read_statement(desk.snapshot, "florist", OCTOBER, at("2026-11-02"))
    assert show(bakery) + "\n" + show(florist) == (GOLDEN / "statement.txt").read_text("utf-8")
    assert bakery.html + florist.html == (GOLDEN / "statement.html").read_text("utf-8")


def show(statement: Rendered) -> str:
    """Given a statement, return it as the command prints it."""
    return f"Subject: {statement.subject}\n\n{statement.text}"


def test_words_of_notes_are_no_markup(desk: QuickDesk) -> None:
    """What somebody wrote into a note is shown as it is, in a table's cell, in text and HTML."""
    bakery = read_statement(desk.snapshot, "bakery", Month(2026, 9), at("2026-11-02"))
    assert "gallery; photos | captions" in bakery.text
    florist = read_statement(desk.snapshot, "florist", OCTOBER, at("2026-11-02"))
    assert "opening hours &lt;script&gt;" in florist.html


def test_in_the_clients_language(tmp_path: Path) -> None:
    """With a statement.md in the client's language, its words, dates and month are of that language."""
    tables = TABLES.replace('plan = "care"\nsince = 2026-03-01', 'plan = "care"\nsince = 2026-03-01\nlanguage = "pl"')
    with books(tmp_path / "desk", tables=tables) as desk:
        polish = tmp_path / "desk" / "replies" / "pl"
        polish.mkdir()
        (polish / "statement.md").write_text(
            "Subject: Minuty, {{ statement.month }}\n\n{{ statement.last_day }}: {{ statement.closing }}\n", "utf-8"
        )
        with open_desk(desk.config) as later:
            said = read_last_statement(later.snapshot, "bakery", at("2026-11-02"))
            assert (said.subject, said.text, said.language) == ("Minuty, październik 2026", "31 paź 2026: 540\n", "pl")
            english = read_last_statement(later.snapshot, "florist", at("2026-11-02"))
            assert english.subject == "Your support minutes in October 2026"


def test_drafted_on_the_first_support_day(desk: QuickDesk) -> None:
    """The drafts are made on the first support day of the month, once each, and wait for a person."""
    assert draft(desk, "2026-11-01T09:00") == 0
    assert draft(desk, SECOND_NOVEMBER) == 2
    assert drafts(desk) == [("bakery", "draft"), ("florist", "draft")]
    assert [draft(desk, f"2026-11-{day:02}") for day in (2, 3, 20, 30)] == [0, 0, 0, 0]
    assert draft(desk, "2026-12-01") == 2, "yoga has no address of its own, only a domain"
    text = mail(desk, "bakery")
    assert "November 2026" in text


def test_never_sent_by_itself(desk: QuickDesk) -> None:
    """In no mode is a statement queued; it carries no mark of an automatic mail and counts for no limit."""
    draft(desk, SECOND_NOVEMBER)
    (desk.snapshot.data / "key").write_bytes(desk.key)
    assert desk.store.outbox.next_due("box0") is None
    assert desk.rows("SELECT count(*) FROM counter") == [(0,)]
    row = desk.rows("SELECT id FROM outbox WHERE client = 'bakery'")[0][0]
    raw = desk.store.outbox.raw(row)
    assert b"Auto-Submitted" not in raw
    assert b"Message-ID: <ap." in raw
    assert approve_mail(desk.snapshot, row, at(SECOND_NOVEMBER), anyway=False) == "2026-11-02 05:10"
    assert drafts(desk) == [("bakery", "queued"), ("florist", "draft")]
    with pytest.raises(StoreError, match="was approved before"):
        approve_mail(desk.snapshot, row, at(SECOND_NOVEMBER), anyway=False)
    assert draft(desk, "2026-11-03") == 0


def test_made_anew_while_it_waits(desk: QuickDesk) -> None:
    """Minutes booked late change a statement that still waits; one that was dropped or sent stays so."""
    draft(desk, SECOND_NOVEMBER)
    book(desk, "bakery", 10, "2026-10-31", "phone call", now="2026-11-02")
    assert draft(desk, "2026-11-03") == 1
    assert drafts(desk) == [("bakery", "dropped"), ("florist", "draft"), ("bakery", "draft")]
    assert "phone call" in mail(desk, "bakery")
    row = desk.rows("SELECT max(id) FROM outbox")[0][0]
    change_outbox(desk.snapshot, row, ("draft",), "dropped", at("2026-11-03"))
    book(desk, "bakery", 11, "2026-10-31", "another call", now="2026-11-03")
    assert draft(desk, "2026-11-04") == 0


def test_a_shadow_desk_keeps_them(tmp_path: Path) -> None:
    """In shadow mode nothing is put into Drafts; the statement can be read and approved all the same."""
    with books(tmp_path / "desk", mode="shadow") as desk:
        assert draft(desk, SECOND_NOVEMBER) == 3 - 1
        assert {state for _, state in drafts(desk)} == {"shadow"}


def test_switched_off(tmp_path: Path) -> None:
    """`statements = false` drafts none."""
    with books(tmp_path / "desk", tables="\n[invoice]\nstatements = false\n" + TABLES) as desk:
        assert draft(desk, SECOND_NOVEMBER) == 0


def test_nobody_to_state_to(desk: QuickDesk) -> None:
    """A client without a plan gets none; a name that is no client is told."""
    assert draft(desk, SECOND_NOVEMBER) == 2
    with pytest.raises(LedgerError, match="there is no client"):
        read_statement(desk.snapshot, "bakerry", OCTOBER, at("2026-11-02"))


def test_the_chores(desk: QuickDesk) -> None:
    """The daemon's daily work settles the month and drafts the statements, each once a day, and says that it works."""
    asyncio.run(_do_chores(desk, at("2026-11-02T03:01")))
    assert desk.store.ledger.find("grant/bakery/2026-11") is not None
    assert drafts(desk) == [("bakery", "draft"), ("florist", "draft")]
    parts = {part.name: part.problem for part in desk.store.health.parts()}
    assert (parts["chore ledger"], parts["chore statements"]) == ("", "")


def test_the_digest_tells(desk: QuickDesk) -> None:
    """Drafts that wait stand in the digest with how to send them, until they are; on the month's first support day
    alone it names the plans that are overdrawn or idle, with what can be done."""
    draft(desk, SECOND_NOVEMBER)
    book(desk, "bakery", 500, "2026-11-02", now="2026-11-02T06:00")
    told = show_digest(desk.store, desk.snapshot, at("2026-11-02"), at("2026-11-01"))
    row = desk.rows("SELECT id FROM outbox WHERE client = 'bakery'")[0][0]
    assert f"[o{row}] Bakery Nowak: Your support minutes in October 2026" in told
    assert "To: jan@bakery.example" in told
    assert "Bakery Nowak, Care: overdrawn by 365 minutes" in told
    change_outbox(desk.snapshot, row, ("draft",), "dropped", at("2026-11-02"))
    told = show_digest(desk.store, desk.snapshot, at("2026-11-03"), at("2026-11-02"))
    assert "jan@bakery.example" not in told
    assert "To: rita@florist.example" in told
    assert "overdrawn" not in told


def test_a_missing_text_is_told(desk: QuickDesk) -> None:
    """Without statement.md the chore fails with a sentence, drafts nothing, and tries again the next day."""
    file = desk.config.parent / "replies" / "en" / "statement.md"
    text = file.read_text("utf-8")
    file.unlink()
    with open_desk(desk.config) as later:
        asyncio.run(_do_chores(later, at("2026-11-02T03:01")))
        (part,) = (part for part in later.store.health.parts() if part.name == "chore statements")
        assert part.problem == (
            "statements failed: replies/en/statement.md is missing;"
            " copy it from a desk that `triagebot init DIR` writes"
        )
        assert drafts(later) == []
    file.write_text(text, "utf-8")
    with open_desk(desk.config) as later:
        asyncio.run(_do_chores(later, at("2026-11-03T03:01")))
        assert len(drafts(later)) == 2


async def _do_chores(desk: QuickDesk, now: datetime) -> None:
    (desk.snapshot.data / "key").write_bytes(desk.key)
    database = Database(desk.snapshot.data / "triagebot.db")
    await asyncio.to_thread(database.start)
    try:
        await do_due_chores(database, desk.snapshot, desk.key, now)
    finally:
        await asyncio.to_thread(database.stop)
