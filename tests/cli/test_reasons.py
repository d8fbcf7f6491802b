"""`triagebot reasons` as it is typed: a table, JSON, and what cannot be a period."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.quick_desks import DAY, quick_desk, write
from tests.cli.test_commands import invoke
from triagebot.app.money.ledger import Booking, book_minutes

FLORIST = """
[[client]]
id = "florist"
name = "Rita's Flowers"
addresses = ["rita@florist.example"]
tier = "one-off"
"""
SETTINGS = 'timezone = "Asia/Tokyo"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A desk in Tokyo that was asked twice this week and four times long ago, and worked on one of it."""
    now = datetime.now(UTC)
    with quick_desk(tmp_path / "desk", clients=FLORIST, settings=SETTINGS) as desk:
        for number, age in enumerate((80, 70, 60, 5, 3)):
            desk.receive(write("rita@florist.example", f"Permalinks {number}"), now - age * DAY)
        desk.receive(write("rita@florist.example", "Phone", "Please change the phone number."), now - 2 * DAY)
        [(ticket,)] = desk.rows("SELECT id FROM ticket WHERE kind = 'work'")
        with desk.store.transaction():
            on_it = Booking("1", "florist", 25, "phone", ticket, billing="courtesy")
            on_none = Booking("2", "florist", 25, "phone", billing="courtesy")
            for booking in (on_it, on_none):
                book_minutes(desk.store, desk.snapshot, booking, now)
        return desk.config


def test_json(config: Path) -> None:
    """Each reason has its figures, the most frequent first; the period is in the desk's days, today counts."""
    today = (datetime.now(UTC) + timedelta(hours=9)).date()
    assert invoke(config, "reasons", "--json").object == {
        "first": (today - timedelta(days=89)).isoformat(),
        "last": today.isoformat(),
        "minutes_without_ticket": 25,
        "reasons": [
            {
                "reason": "howto/permalinks",
                "count": 5,
                "answered_by_itself": 5,
                "share": 100,
                "minutes": 0,
                "trend": "",
            },
            {
                "reason": "work/small",
                "count": 1,
                "answered_by_itself": 0,
                "share": 0,
                "minutes": 25,
                "trend": "",
            },
        ],
    }


def test_a_shorter_period(config: Path) -> None:
    """What came before the period does not count, and what is new in its later half is said to be."""
    found = invoke(config, "reasons", "--since", "30d", "--json").object["reasons"]
    assert [(one["reason"], one["count"], one["trend"]) for one in found] == [
        ("howto/permalinks", 2, "new"),
        ("work/small", 1, ""),
    ]
    assert invoke(config, "reasons", "--since", "1h", "--json").object["reasons"] == [
        {"reason": "work/small", "count": 0, "answered_by_itself": 0, "share": None, "minutes": 25, "trend": ""}
    ]


def test_a_table(config: Path) -> None:
    """For people it is a table whose numbers stand under each other."""
    lines = invoke(config, "reasons").out.splitlines()
    head, first, second = lines[1:4]
    assert lines[0].startswith("Reasons from 20")
    assert head.split() == ["reason", "requests", "by", "itself", "minutes", "trend"]
    assert first.split() == ["howto/permalinks", "5", "100", "%", "0"]
    assert second.split() == ["work/small", "1", "0", "%", "25"]
    assert head.index("requests") + len("requests") == first.index(" 5 ") + 2 == second.index(" 1 ") + 2
    assert lines[-1] == "25 minutes were worked on no ticket."


def test_nobody_wrote(tmp_path: Path) -> None:
    """An empty desk says so."""
    with quick_desk(tmp_path / "desk") as desk:
        config = desk.config
    assert invoke(config, "reasons").out.startswith("Nobody wrote since 20")
    assert invoke(config, "reasons", "--json").object["reasons"] == []


@pytest.mark.parametrize("since", ["soon", "-3d", "90", "99999d"])
def test_no_period(config: Path, since: str) -> None:
    """What is no duration is refused with how one is written."""
    said = invoke(config, "reasons", "--since", since)
    assert said.status == 2
    assert "--since" in said.err
    assert "duration" in said.err
