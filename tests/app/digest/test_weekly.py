"""The week in the digest: on its first support day, with what real mails and real work were, in words and pictures."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.app.books import at, book, books, open_ticket
from tests.app.quick_desks import MINUTE, QuickDesk, quick_desk, write
from triagebot.app.digest.painter import draw_all
from triagebot.app.digest.weekly import gather_weekly
from triagebot.app.money.ledger import settle_all
from triagebot.app.tickets.handling import close, finish
from triagebot.core.digest.content import Section, Table
from triagebot.core.digest.drawing import Bars
from triagebot.core.phrase import ENGLISH, Words

MONDAY = "2026-11-23"
FLORIST = """
[[client]]
id = "florist"
name = "Rita's Flowers"
addresses = ["rita@florist.example"]
tier = "one-off"
"""
NO_PILLOW = "raise ImportError('Pillow is broken here')"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[QuickDesk]:
    """A desk whose plans began in August; the zone is Warsaw."""
    with books(tmp_path / "desk") as opened:
        yield opened


def gather(desk: QuickDesk, now: str) -> tuple[Section, ...]:
    """Given a moment, return the sections of the week."""
    return gather_weekly(desk.store, desk.snapshot, at(now))


def said(words: Words) -> str:
    """Given words, return them in English."""
    return ENGLISH.speak(words)


def rows(section: Section) -> list[tuple[str, ...]]:
    """Given a section, return the rows of its table."""
    assert isinstance(section.table, Table)
    assert {len(row) for row in section.table.rows} == {len(section.table.columns)}
    return [tuple(map(said, row)) for row in section.table.rows]


def end(desk: QuickDesk, number: int, now: str) -> None:
    """Given a ticket, do and close it."""
    with desk.store.transaction():
        finish(desk.store, desk.snapshot, number, at(now))
        close(desk.store, desk.snapshot, number, at(now))


def test_reasons_of_real_mails(tmp_path: Path) -> None:
    """Mails are counted under their reasons in the week they came; those of Monday are of the next one."""
    with quick_desk(tmp_path / "desk", clients=FLORIST) as desk:
        for number, (day, text) in enumerate(
            (
                ("2026-11-10", "Where are the permalinks?"),
                ("2026-11-16", "Where are the permalinks?"),
                ("2026-11-18", "Please change the phone number."),
                ("2026-11-19", "Something only a person understands"),
                ("2026-11-22", "Where do I find the permalinks of my blog?"),
                (MONDAY, "Where are the permalinks?"),
            )
        ):
            desk.receive(write("rita@florist.example", f"Matter {number}", text), at(day))
        reasons, *_ = gather(desk, MONDAY)
    assert said(reasons.items[0].title) == (
        "4 requests from Monday 16 November 2026 to Sunday 22 November 2026; 2 of them the desk answered by itself."
    )
    assert rows(reasons) == [
        ("howto/permalinks", "new", "2", "3", "0"),
        ("(not recognised)", "", "1", "1", "0"),
        ("work/small", "", "1", "1", "0"),
    ]
    assert reasons.picture is not None
    assert said(reasons.picture.words).endswith("howto/permalinks: 2, (not recognised): 1, work/small: 1")


def test_a_desk_in_shadow_says_would(tmp_path: Path) -> None:
    """Where nothing is sent, nothing was answered."""
    with quick_desk(tmp_path / "desk", clients=FLORIST, mode="shadow") as desk:
        desk.receive(write("rita@florist.example"), at("2026-11-18"))
        [reasons] = gather(desk, MONDAY)
    assert said(reasons.items[0].title).endswith("1 of them the desk would have answered by itself.")


def test_many_reasons_are_one_row(desk: QuickDesk) -> None:
    """Eight reasons are named, the most frequent ones; the others are counted together."""
    with desk.store.transaction():
        for number in range(12):
            for copy in range(12 - number):
                desk.rows(
                    "INSERT INTO mail (inbox, folder, uidvalidity, uid, received_at, size, recorded_at, state, reason)"
                    " VALUES ('box0', 'INBOX', 7, ?, ?, 1, '', 'held', ?)",
                    100 * number + copy,
                    "2026-11-18T12:00:00.000000+00:00",
                    f"shop/matter-{number:02}",
                )
    reasons, *_ = gather(desk, MONDAY)
    table = rows(reasons)
    assert [row[0] for row in table[:8]] == [f"shop/matter-{number:02}" for number in range(8)]
    assert table[8:] == [("4 others", "", "10", "10", "0")]
    assert sum(int(row[2]) for row in table) == 78


def test_minutes_and_promises(desk: QuickDesk) -> None:
    """What was worked stands beside what plans give for those days, what was promised beside what was kept."""
    kept, late, _never = (
        open_ticket(desk, "bakery", day="2026-11-12", promise=day, reason="work/small-change")
        for day in ("2026-11-17", "2026-11-18", "2026-11-19")
    )
    book(desk, "bakery", 45, "2026-11-17", ticket=kept)
    book(desk, "shop", 30, "2026-11-22")
    book(desk, "shop", 90, "2026-11-11")
    end(desk, kept, "2026-11-17T22:30")
    end(desk, late, "2026-11-19T06:00")
    with desk.store.transaction():
        settle_all(desk.store, desk.snapshot, at("2026-11-22"))
    minutes, promises = gather(desk, MONDAY)
    assert said(minutes.items[0].title) == "75 minutes worked. Plans give 98 for these days."
    assert [said(line) for line in minutes.items[0].lines] == ["30 of them on no ticket."]
    assert rows(minutes)[0] == ("2026-09-28", "0", "57"), "the first days are September's, of a grant before them"
    assert rows(minutes)[-2:] == [("2026-11-09", "90", "98"), ("2026-11-16", "75", "98")]
    assert said(promises.items[0].title) == "3 promises were for that week: 1 kept, 2 broken."
    assert promises.items[0].tone == "warn"
    assert rows(promises)[-2:] == [("2026-11-09", "0", "0", "0"), ("2026-11-16", "3", "1", "2")]
    assert len(rows(minutes)) == len(rows(promises)) == 8


def test_the_week_is_the_desks(desk: QuickDesk) -> None:
    """A promise of Sunday is kept until Sunday's end in Warsaw, also when the clock was set back that day."""
    kept, late = (open_ticket(desk, "bakery", day="2026-10-20", promise="2026-10-25") for _ in range(2))
    end(desk, kept, "2026-10-25T22:59")
    end(desk, late, "2026-10-25T23:01")
    [promises] = gather(desk, "2026-10-26")
    assert rows(promises)[-1] == ("2026-10-19", "2", "1", "1")


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-11-22", False),
        ("2026-11-22T22:59", False),
        ("2026-11-22T23:01", True),
        ("2026-11-23T22:59", True),
        ("2026-11-24", False),
        ("2026-11-27", False),
        ("2026-11-28", False),
    ],
)
def test_once_a_week(desk: QuickDesk, now: str, told: bool) -> None:
    """The week is told on its first support day in the desk's zone, and on no other."""
    book(desk, "shop", 30, "2026-11-11")
    assert bool(gather(desk, now)) is told


def test_after_days_away(tmp_path: Path) -> None:
    """When the desk is closed on Monday and Tuesday, Wednesday tells the week; a week away tells nothing."""
    away = '\n[support_hour]\nabsences = [{ from = 2026-11-23, to = 2026-11-24, note = "Trip" }]\n'
    with quick_desk(tmp_path / "desk", clients=FLORIST, more=away) as desk:
        desk.receive(write("rita@florist.example"), at("2026-11-18"))
        told = [bool(gather(desk, f"2026-11-{day}")) for day in (23, 24, 25, 26)]
    assert told == [False, False, True, False]


def test_nothing_to_tell(desk: QuickDesk) -> None:
    """A desk where nothing has happened has no week, and no child process is started for it."""
    assert gather(desk, MONDAY) == ()


def test_pictures_are_drawn_elsewhere(desk: QuickDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each section has a picture that can be decoded, and drawing it brings no library into this process."""
    book(desk, "shop", 30, "2026-11-18")
    open_ticket(desk, "bakery", day="2026-11-12", promise="2026-11-17")
    for name in [name for name in sys.modules if name.split(".")[0] == "PIL"]:
        monkeypatch.delitem(sys.modules, name)
    sections = gather(desk, MONDAY)
    assert "PIL" not in sys.modules
    assert [section.picture.name for section in sections if section.picture] == ["week-1.png", "week-2.png"]
    for section in sections:
        assert section.picture is not None
        assert section.picture.png.startswith(b"\x89PNG\r\n\x1a\n")
        assert len(section.picture.png) < 15 * 1024


def test_a_picture_comes_whole_out_of_the_child() -> None:
    """What the child has drawn is a PNG of the size it says."""
    (drawn,), problem = draw_all((Bars((("howto/menus", 3),)),))
    assert problem == ""
    with Image.open(BytesIO(drawn.png)) as image:
        assert image.size == (2 * drawn.width, 2 * drawn.height)


def test_without_pictures_the_words_remain(
    desk: QuickDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where pictures cannot be drawn the digest comes all the same, with its tables, and the log says why."""
    book(desk, "shop", 30, "2026-11-18")
    broken = tmp_path / "broken" / "PIL"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text(NO_PILLOW, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(broken.parent))
    [minutes] = gather(desk, MONDAY)
    assert (minutes.picture, len(rows(minutes))) == (None, 8)
    assert "The pictures of the week are left out, drawing them failed: Pillow is broken here" in caplog.text


def test_every_contact_is_in_the_table(desk: QuickDesk) -> None:
    """However mails fall into eight weeks, the table's weeks add up to what is said."""
    moment = at("2026-09-26")
    with desk.store.transaction():
        for number in range(400):
            desk.rows(
                "INSERT INTO mail (inbox, folder, uidvalidity, uid, received_at, size, recorded_at, state, reason)"
                " VALUES ('box0', 'INBOX', 7, ?, ?, 1, '', ?, ?)",
                number,
                f"{moment + number * 213 * MINUTE:%Y-%m-%dT%H:%M:%S.%f}+00:00",
                ("answered", "held", "merged")[number % 3],
                f"a/{number % 5}",
            )
    [reasons] = gather(desk, MONDAY)
    first, until = at("2026-11-15T23:00"), at("2026-11-22T23:00")
    came = [number for number in range(400) if first <= moment + number * timedelta(minutes=213) < until]
    assert sum(int(row[2]) for row in rows(reasons)) == sum(number % 3 != 2 for number in came)
    assert said(reasons.items[0].title).endswith(
        f"{sum(number % 3 == 0 for number in came)} of them the desk answered by itself."
    )
